# `make` alone prints the targets. Every target works from a clean clone; verify, preflight and progress need something deployed.

PYTHON ?= python3
CARGO  ?= cargo
ARCH   ?= x86_64

# The tests of the process mostly wait for each other's time-outs.
TEST_THREADS ?= 8

PACKAGED = $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)/lambda/cognito-user-migration/bootstrap

.DEFAULT_GOAL := help
.PHONY: help demo replay run test lint unit package e2e test-terraform verify preflight progress load fuzz bench bench-instructions clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## replay every sample event on this machine and print what each leads to
	@$(PYTHON) tools/demo.py

replay: ## replay one event: make replay EVENT=events/sign-in.json
	@$(PYTHON) tools/replay.py "$(EVENT)"

run: ## keep the local set-up running for experiments
	@$(PYTHON) tools/run.py

test: lint unit package ## everything that a fresh clone can check
	@$(PYTHON) tools/demo.py --packaged
	@$(PYTHON) tools/terraform_tests.py
	@$(PYTHON) tools/e2e.py --packaged --if-node

lint: ## formatting and clippy
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- --deny warnings

unit: ## the Rust tests: pure rules, the door to AWS, the real process under faults, load and hostile input
	RUST_TEST_THREADS=$(TEST_THREADS) $(CARGO) test --locked --workspace

package: ## build the zip for Lambda (ARCH=x86_64 or arm64)
	@$(PYTHON) tools/package.py $(ARCH)

e2e: ## real sign-ins to an emulated new pool that migrate real users
	@$(PYTHON) tools/e2e.py

test-terraform: ## the Terraform tests alone
	@$(PYTHON) tools/terraform_tests.py

verify: ## after `terraform apply`: prove the migration on the real account
	@$(PYTHON) tools/verify.py

preflight: ## after `terraform apply`: what would keep migrations from working (FUNCTION=name POOL=id)
	@$(PYTHON) tools/preflight.py $(if $(FUNCTION),--function "$(FUNCTION)") $(if $(POOL),--pool "$(POOL)")

progress: ## how far the migration is (FUNCTION=name SOURCE_POOL=id POOL=id)
	@$(PYTHON) tools/progress.py $(if $(FUNCTION),--function "$(FUNCTION)") $(if $(POOL),--pool "$(POOL)") $(if $(SOURCE_POOL),--source-pool "$(SOURCE_POOL)")

load: package ## 16 processes, 5,000 sign-ins, printed as figures
	FUNCTION_BINARY=$(PACKAGED) LOAD_PROCESSES=16 LOAD_SIGN_INS=5000 $(CARGO) test --locked --test load -- --nocapture

fuzz: ## 100,000 hostile inputs for each of 6 properties of the pure rooms, printed as figures
	FUZZ_CASES=100000 $(CARGO) test --locked --profile fuzz --test fuzz -- --nocapture

bench: ## speed beside a reference in Python, over TLS, printed as one table (about four minutes)
	@$(PYTHON) tools/bench.py

bench-instructions: ## instructions of a sign-in without the network, compared with the committed figure (needs valgrind)
	@$(PYTHON) tools/bench_instructions.py

clean: ## remove what was built and installed here
	$(CARGO) clean
	rm -rf .venv .local tests/e2e/node_modules

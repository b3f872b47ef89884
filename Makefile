# `make` alone prints the targets. Every target works from a clean clone; those of the operator's program need pools on AWS.

PYTHON ?= python3
CARGO  ?= cargo
# This machine's own: arm64 or x86_64.
ARCH   ?= $(subst aarch64,arm64,$(shell uname -m))
SYSTEM := $(shell uname -s)

ifneq ($(filter-out help,$(MAKECMDGOALS)),)
ifeq ($(shell command -v $(firstword $(CARGO)) 2>/dev/null),)
$(error $(firstword $(CARGO)) is not installed: https://rustup.rs)
endif
endif

# The tests of the process mostly wait, but some measure how long: no more of them at a time than the machine keeps up with.
TEST_THREADS ?= $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))
TOOL = @$(PYTHON) -m tools
# What FUNCTION=, POOL= and so on name: all that a target needs, so that two deployments are not mixed. Without any of them,
# what Terraform says of the demonstration that it has made.
given = $(FUNCTION)$(SOURCE_POOL)$(POOL)$(CLIENT)$(SETTINGS)$(PLANNED)
named = $(if $(given),$(or $($(1)),$(error Give $(1)= too)),$$(terraform -chdir=terraform output -raw $(2)))
needed = $(or $($(1)),$(error Give $(1)=, too))
function = --function "$(call named,FUNCTION,function_name)"
settings = $(if $(SETTINGS),--settings "$(SETTINGS)",$(function))
source = --source-pool "$(call named,SOURCE_POOL,source_user_pool_id)"
pool = --pool "$(call named,POOL,new_user_pool_id)"
planned = $(if $(PLANNED),--planned "$(PLANNED)",$(pool))
client = --client "$(call named,CLIENT,new_client_id)"
api = $(if $(given),,--api-url "$$(terraform -chdir=terraform output -raw invoke_url)")
out = --out "$(call needed,OUT)"
attribute = --attribute "$(call needed,ATTRIBUTE)"
name = -- "$(call needed,USER_NAME)"
# The command of the operator's program that has the name of the target, with these options. The build is shown.
define operate
@$(if $(given),true,terraform -chdir=terraform output -json function_name >/dev/null 2>&1) || \
  { echo "Nothing is deployed in terraform/: name what is deployed with the variables that \`make\` lists." >&2; exit 1; }
@$(CARGO) build --locked --package cognito-migration
@$(CARGO) run --quiet --locked --package cognito-migration -- $@ $(strip $(OPTIONS) $(foreach option,$(1),$($(option))))
endef

# Any other selection has other features, and most of the AWS SDK would be built once more (tools/build/cargo.py, too). For the
# first look at the project that is the shorter way: it leaves the operator's program out.
AS_TESTED = --workspace --test program
PACKAGED = $(CURDIR)/target/lambda/cognito-user-migration/bootstrap

.DEFAULT_GOAL := help
.PHONY: $(shell awk -F : '/^[a-z0-9-]+:/ { print $$1 }' $(MAKEFILE_LIST))

help: ## print this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## replay every sample event on this machine and print what each leads to
	$(CARGO) build --locked $(if $(FUNCTION_BINARY),$(AS_TESTED) --bin demo,--package cognito-user-migration --package testbed --bins)
	@$(or $(CARGO_TARGET_DIR),target)/debug/demo $(FUNCTION_BINARY)

replay: ## replay one event: make replay EVENT=events/sign-in.json
	$(TOOL) replay "$(EVENT)"

run: ## keep the local set-up running for experiments, until Ctrl-C
	$(TOOL) run

lab: ## the whole migration on one page of this machine, until Ctrl-C (needs Node.js)
	$(TOOL) lab

# The tests of the process run the packaged function: a build of the whole workspace has features that it does not have.
test: ## everything that a fresh clone can check; its end says what passed, failed and did not run
ifeq ($(SYSTEM),Linux)
	$(TOOL) in-turn "make lint" "make package" --then test-terraform "make unit FUNCTION_BINARY=$(PACKAGED)" \
	  test-drafts "test-pages --packaged" "e2e --packaged --if-node" "test-report --if-browser" test-tools \
	  "test-lab --packaged --if-browser" "test-example --packaged" "make demo FUNCTION_BINARY=$(PACKAGED)"
else
# The zip is for Linux: debug builds take its place where they can.
	$(TOOL) in-turn "make lint" "make unit" "make demo" "test-report --if-browser" "e2e --if-node" "test-lab --if-browser"
	@echo "This is not Linux. Left out: load, and what runs the zip (test-tools, test-pages, test-terraform, test-drafts)"
endif

# What needs the zip to run, or figures that only Linux tells, comes after this.
on-linux:
	@[ "$(SYSTEM)" = Linux ] || { echo "This needs Linux: the zip runs on no other system, and no other tells these figures." >&2; exit 1; }

# Clippy lints what it compiles for the tests, so that nothing is compiled twice. cargo clippy hands its arguments on in
# CLIPPY_ARGS, too. What a release is made of is compiled without it (tools/build/package.py).
test lint unit: export RUSTC_WORKSPACE_WRAPPER = clippy-driver
test lint unit: export CLIPPY_ARGS = --deny__CLIPPY_HACKERY__warnings
TESTS = $(CARGO) test --locked --workspace $(if $(filter Linux,$(SYSTEM)),,--exclude speed)

lint: ## formatting, clippy, the pages' form and links, licences of dependencies, ruff for the tools, the workflows
	$(CARGO) fmt --all --check
	$(TESTS) --all-targets --no-run
	$(TOOL) venv
	.venv/bin/ruff check --no-cache tools examples
	.venv/bin/ruff format --no-cache --check tools examples
	.venv/bin/rumdl check --no-cache .
	$(TOOL) lint-workflows
	$(TOOL) lint-dependencies

unit: ## the Rust tests: the rules, the calls to AWS, the real process under faults, load and hostile input
	RUST_TEST_THREADS=$(TEST_THREADS) $(TESTS)

package: ## build the zip for Lambda (ARCH=x86_64 or arm64, by default as this machine)
	$(TOOL) package $(ARCH)

e2e: ## sign-ins to an emulated destination pool that migrate users of an emulated source pool
	$(TOOL) e2e

test-terraform: on-linux package ## the Terraform tests alone
	$(TOOL) test-terraform

test-drafts: on-linux package ## the drafts of 50 source pools, applied to an emulated account (about three minutes)
	$(TOOL) test-drafts

test-report: ## the page of `survey --html` in Chromium or Chrome: widths, contrast, names, requests
	$(TOOL) test-report

install: ## put the operator's program, cognito-migration, into your PATH
	$(CARGO) install --locked --path crates/cli

# The operator's program. FUNCTION=, SOURCE_POOL=, POOL= and CLIENT= name what is deployed: a function by name or ARN, the others
# by id. SETTINGS= is a file in the place of a function, PLANNED= the folder of a draft. OPTIONS= holds other options.
draft: ## the Terraform files of a new pool (SOURCE_POOL=, OUT=)
	$(call operate,source out)

preflight: ## after `terraform apply`: what would keep migrations from working (FUNCTION=, POOL=)
	$(call operate,function pool)

survey: ## who will move at a sign-in, who will not, and why (FUNCTION= or SETTINGS=, SOURCE_POOL=, POOL= or PLANNED=)
	$(call operate,settings source planned)

verify: ## after `terraform apply`: prove the migration on the real account (FUNCTION=, SOURCE_POOL=, POOL=, CLIENT=)
	$(call operate,function source pool client api)

explain: ## why a user cannot sign in (FUNCTION= or SETTINGS=, SOURCE_POOL=, POOL=, USER_NAME=)
	$(call operate,settings source pool name)

progress: ## how far the migration is (FUNCTION=, SOURCE_POOL=, POOL=)
	$(call operate,function source pool)

stragglers: ## files from which Cognito imports users who have not moved (FUNCTION= or SETTINGS=, SOURCE_POOL=, POOL=, OUT=)
	$(call operate,settings source pool out)

retire: ## count source users who have moved; OPTIONS="--apply" disables them (FUNCTION= or SETTINGS=, SOURCE_POOL=, POOL=)
	$(call operate,settings source pool)

restore: ## count disabled source users who have moved; OPTIONS="--apply" enables them (as for retire)
	$(call operate,settings source pool)

subs: ## which user of the source pool each user of the destination pool was (POOL=, ATTRIBUTE=, OUT=)
	$(call operate,pool attribute out)

load: on-linux package ## 16 processes, 5,000 sign-ins, printed as figures
	FUNCTION_BINARY=$(PACKAGED) LOAD_PROCESSES=16 LOAD_SIGN_INS=5000 $(CARGO) test --locked --test timing load:: -- --nocapture

fuzz: ## 100,000 hostile inputs for each of 6 properties of the rules and of the reader of events, printed as figures
	PROPTEST_CASES=100000 $(CARGO) test --locked --profile fuzz --test fuzz -- --nocapture

mutants: ## mutation tests of crates/rules and crates/insight: every change of a rule must break a test (needs cargo-mutants; a build for each of about 1,600 changes)
	$(CARGO) mutants --package rules --package insight --no-shuffle --output target -- --lib

bench: on-linux ## speed beside a reference in Python, over TLS, printed as a table (about five minutes)
	$(TOOL) bench

bench-instructions: on-linux ## instructions of a sign-in without the network, compared with the committed figure (needs valgrind)
	$(TOOL) bench-instructions

clean: ## remove what was built and installed here
	$(CARGO) clean
	rm -rf target/lambda .venv .local tests/e2e/node_modules examples/app/node_modules tools/lab/page/node_modules

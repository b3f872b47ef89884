"""The operator's program, for what Terraform has deployed: builds it and becomes it.

Function, pools and app client are those of Terraform's outputs unless they are given. Every other option goes to the
program as it is; `--help` after `--` shows them.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from tools.base import terraform
from tools.base.processes import Processes
from tools.build import cargo

# Terraform's output for each option of a command.
NEEDED = {
    "verify": {
        "--function": "function_name",
        "--pool": "new_user_pool_id",
        "--client": "new_client_id",
        "--source-pool": "source_user_pool_id",
    },
}
# Those without which the command does less.
WANTED = {"verify": {"--api-url": "invoke_url"}}


def main() -> int:
    command = sys.argv[0].split()[-1]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument(
        "--outputs", type=Path, help="file with what `terraform output -json` printed; default: ask terraform"
    )
    parser.add_argument("--program", type=Path, help="the built program; default: cargo builds it")
    arguments, given = parser.parse_known_args()
    given = [argument for argument in given if argument != "--"]
    options = [] if "--help" in given else from_terraform(command, given, arguments.outputs)
    program = str(arguments.program or build())
    # Not a child: a signal must reach the program, and wait for it.
    os.execv(program, [program, command, *options, *given])


def from_terraform(command: str, given: list[str], file: Path | None) -> list[str]:
    """The options that are not given."""
    said = {argument.partition("=")[0] for argument in given}
    needed = {option: name for option, name in NEEDED[command].items() if option not in said}
    if not needed:
        return []
    outputs = terraform.outputs(dict.fromkeys(needed.values()), file)
    wanted = {option: name for option, name in WANTED[command].items() if option not in said}
    found = {option: outputs.get(name) for option, name in {**needed, **wanted}.items()}
    return [argument for option, value in found.items() if value for argument in (option, value)]


def build() -> Path:
    # Unoptimized: it waits for AWS anyhow, and is built in a fraction of the time.
    with Processes() as processes:
        return cargo.executables(processes, "build", "--package", cargo.OPERATORS_PROGRAM)[cargo.OPERATORS_PROGRAM]

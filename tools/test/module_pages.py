"""The README of each Terraform module: its tables of inputs and outputs are made from the module's files.

`make test-terraform` compares them; with UPDATE_PAGES=1 in the environment it writes them. What stands above the tables
is written by hand, and its example must set variables that exist, and all that are needed.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import hcl2

from tools import ROOT, Failure

TERRAFORM = ROOT / "terraform"
MADE = "<!-- From here on made from the code: UPDATE_PAGES=1 make test-terraform -->\n"


def check() -> None:
    """A Failure for the first page that is not what the code says, unless it is to be written."""
    for module in [TERRAFORM, *sorted((TERRAFORM / "modules").iterdir())]:
        page = module / "README.md"
        found = page.read_text(encoding="utf-8")
        inputs, outputs = _blocks(module, "variable"), _blocks(module, "output")
        by_hand = found.partition(MADE)[0]
        _check_example(page, by_hand, inputs)
        wanted = "\n".join([by_hand + MADE, *_inputs(inputs), "", *_outputs(outputs), ""])
        if found == wanted:
            continue
        if os.environ.get("UPDATE_PAGES") != "1":
            name = page.relative_to(ROOT)
            raise Failure(f"{name} is not what the code says: UPDATE_PAGES=1 make test-terraform writes it")
        page.write_text(wanted, encoding="utf-8")


def _blocks(module: Path, kind: str) -> dict[str, dict[str, Any]]:
    blocks = [block for file in sorted(module.glob("*.tf")) for block in _read(file.read_text("utf-8")).get(kind, [])]
    return {name: body for block in blocks for name, body in sorted(block.items())}


def _read(text: str) -> dict[str, Any]:
    how = hcl2.SerializationOptions(with_comments=False, preserve_heredocs=False, strip_string_quotes=True)
    return hcl2.loads(text, serialization_options=how)


def _check_example(page: Path, text: str, inputs: dict[str, dict[str, Any]]) -> None:
    for example in text.split("```hcl\n")[1:]:
        for block in _read(example.partition("```")[0]).get("module", []):
            for module in block.values():
                given = {name for name in module if name != "source" and not name.startswith("__")}
                needed = {name for name, body in inputs.items() if "default" not in body}
                wrong = sorted((given - inputs.keys()) | (needed - given))
                if wrong:
                    name = page.relative_to(ROOT)
                    raise Failure(f"the example of {name} has or lacks variables: {', '.join(wrong)}")


def _inputs(inputs: dict[str, dict[str, Any]]) -> list[str]:
    rows = [
        f"| `{name}` | `{body['type'].removeprefix('${').removesuffix('}')}` | {_default(body)} | {_sentence(body)} |"
        for name, body in sorted(inputs.items())
    ]
    return ["## Inputs", "", "| name | type | default | |", "|---|---|---|---|", *rows]


def _outputs(outputs: dict[str, dict[str, Any]]) -> list[str]:
    rows = [f"| `{name}` | {_sentence(body)} |" for name, body in sorted(outputs.items())]
    return ["## Outputs", "", "| name | |", "|---|---|", *rows]


def _default(body: dict[str, Any]) -> str:
    if "default" not in body:
        return "needed"
    return "none" if body["default"] is None else f"`{json.dumps(body['default'])}`"


def _sentence(body: dict[str, Any]) -> str:
    text = body["description"].replace('\\"', '"')
    return " ".join(re.sub(r"[|*<]", r"\\\g<0>", text).split())

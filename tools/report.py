"""A preflight's report as a table for a terminal. Standard library only."""

from __future__ import annotations

import textwrap
from typing import Any

from terminal import BOLD, DIM, GREEN, RED, YELLOW, paint, width

MARKS = {"ok": ("✓", GREEN), "warn": ("!", YELLOW), "fail": ("✗", RED), "skipped": ("–", DIM)}


def report_lines(report: dict[str, Any]) -> list[str]:
    """One line for each check, with what to do below it; then both pools' users and the verdict."""
    checks = report["checks"]
    column = max(len(check["id"]) for check in checks) + 2
    lines = []
    for check in checks:
        mark, style = MARKS.get(check["status"], ("?", RED))
        detail = textwrap.wrap(check["detail"], max(width() - column - 12, 30)) or [""]
        fix = textwrap.wrap("→ " + check["fix"], max(width() - column - 12, 30)) if check["fix"] else []
        lines.append(f"{paint(mark, style)} {check['id']:<{column}}{paint(check['status'].ljust(9), style)} {detail[0]}")
        lines += [" " * (column + 12) + line for line in detail[1:]]
        lines += [" " * (column + 12) + paint(line, BOLD) for line in fix]
    source, destination = (_number(report["users"][pool]) for pool in ("source", "destination"))
    lines.append(f"Users, as the pools estimate them: {source} in the source pool, {destination} in the new pool.")
    failed = [check["id"] for check in checks if check["status"] == "fail"]
    if report["ok"]:
        lines.append(paint("Nothing keeps migrations from working.", GREEN))
    else:
        lines.append(paint("Migrations will fail: " + ", ".join(failed), BOLD, RED))
    return lines


def _number(users: int | None) -> str:
    return "an unknown number" if users is None else f"{users:,}"

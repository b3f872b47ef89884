"""make demo: replays every sample event against a source pool on this machine and shows what the function answers."""

from __future__ import annotations

import json
import sys
import textwrap
import time
from itertools import zip_longest
from typing import Any

from tools.base.processes import Processes
from tools.base.terminal import BOLD, DIM, GREEN, RED, YELLOW, paint, width
from tools.stage import local_aws, settings
from tools.stage.function import Answer
from tools.stage.local import arguments_parser, set_up
from tools.stage.scenarios import Played, Replay, Scenario

# Narrower than this, attributes stand below their event.
LEAST_ATTRIBUTE_COLUMN = 44
STORED = "what the destination pool would store"
COLUMNS = ["event", "outcome", "reason", "source pool", "  ms"]
GOOD = ("allowed", "finished", "migrated", "not_marked", "reported")
LOOK_AT_IT = ("rejected", "source_user_already_disabled")
OUTCOME_STYLE = {**dict.fromkeys(GOOD, GREEN), **dict.fromkeys(LOOK_AT_IT, YELLOW), "failed": RED}


def main() -> int:
    parser = arguments_parser(__doc__)
    parser.set_defaults(set=[])
    arguments = parser.parse_args()
    local_aws.isolate()
    replay = Replay.read()
    with Processes() as processes:
        functions = set_up(processes, replay, arguments, {scenario.source for scenario in replay.scenarios})
        print("\n".join(settings.in_force(replay.settings, [])))
        started = time.monotonic()
        table = Table(replay.scenarios)
        table.head()
        failures = {}
        reports = []
        for scenario in replay.scenarios:
            played = replay.play(scenario, functions[scenario.source])
            table.row(scenario, played)
            log = played.answer.log
            if log.get("outcome") == "reported":
                reports.append(played.answer.event)
            if played.differences:
                failures[scenario.name] = [*played.differences, "log: " + json.dumps(log, ensure_ascii=False)]
        seconds = time.monotonic() - started
    for report in reports:
        print("\n" + paint("What the preflight reports:", BOLD))
        print("\n".join(_report_lines(report)))
    for name, lines in failures.items():
        print("\n" + paint(f"{name} is not as expected:", BOLD, RED))
        print("\n".join("  " + line for line in lines))
    summarize(replay.scenarios, len(failures), seconds)
    return 1 if failures else 0


def _report_lines(report: dict[str, Any]) -> list[str]:
    """A line for each check, and what to do below it."""
    lines = []
    for check in report["checks"]:
        lines.append(f"{check['id']:<20}{check['status']:<9}{check['detail']}")
        lines += [" " * 29 + paint(check["fix"], BOLD)] if check["fix"] else []
    return lines


class Table:
    def __init__(self, scenarios: list[Scenario]):
        reasons = [scenario.expected.get("reason", "") for scenario in scenarios]
        names = [scenario.name for scenario in scenarios]
        cells = [names, OUTCOME_STYLE, reasons, [], []]
        self.widths = [max(map(len, [title, *column])) for title, column in zip(COLUMNS, cells)]
        used = len("✓ ") + sum(self.widths) + 2 * len(self.widths)
        self.beside = width() - used >= LEAST_ATTRIBUTE_COLUMN
        self.indent = used if self.beside else 4

    def head(self) -> None:
        cells = self._cells(COLUMNS, *[[BOLD]] * len(COLUMNS))
        print(f"\n  {cells}{paint(STORED, BOLD)}" if self.beside else f"\n  {cells.rstrip()}\n    {paint(STORED, DIM)}")

    def row(self, scenario: Scenario, played: Played) -> None:
        answer = played.answer
        outcome = str(answer.log.get("outcome"))
        milliseconds = f"{answer.log['duration_ms']:4.0f}" if "duration_ms" in answer.log else ""
        reason = str(answer.log.get("reason") or "")
        style = OUTCOME_STYLE.get(outcome, RED)
        cells = self._cells([scenario.name, outcome, reason, scenario.source, milliseconds], [], [style])
        mark = paint("✗", BOLD, RED) if played.differences else paint("✓", GREEN)
        stored = self._stored(answer) if played.afterwards is None else self._wrapped(_told(played.afterwards))
        print(f"{mark} {cells}{stored.pop(0) if self.beside and stored else ''}".rstrip())
        for line in stored:
            print(" " * self.indent + line)
        sys.stdout.flush()

    def _cells(self, cells: list[str], *styles: list[str]) -> str:
        """Pads each cell to its column, then paints it: colours have no width."""
        padded = [cell.ljust(columns) for cell, columns in zip(cells, self.widths)]
        return "".join(paint(cell, *style) + "  " for cell, style in zip_longest(padded, styles, fillvalue=[]))

    def _stored(self, answer: Answer) -> list[str]:
        """What Cognito would make of the answer, wrapped to the space there is."""
        if answer.error is not None:
            return textwrap.wrap(answer.error, width() - self.indent)
        if answer.log.get("outcome") != "migrated":
            return []
        response = answer.event["response"]
        standard_first = sorted(response["userAttributes"].items(), key=lambda item: (":" in item[0], item[0]))
        words = [f"{name}={value}" for name, value in standard_first]
        return self._wrapped([*words, f"(status {response['finalUserStatus'] or 'RESET_REQUIRED'})"])

    def _wrapped(self, words: list[str]) -> list[str]:
        """Lines of these words, which may hold spaces and are kept in one piece."""
        text = " ".join(word.replace(" ", "\u00a0") for word in words)
        lines = textwrap.wrap(text, width() - self.indent, break_on_hyphens=False, break_long_words=False)
        return [paint(line.replace("\u00a0", " "), DIM) for line in lines]


def _told(afterwards: dict[str, Any]) -> list[str]:
    """What both pools know of a user after the post-migration steps."""
    words = []
    for user in afterwards["new_pool"].values():
        words += [f"{name}={value}" for name, value in user["attributes"].items()]
        words.append("groups=" + ",".join(user["groups"]))
    for user in afterwards["old_pool"].values():
        words.append(f"(source user {'enabled' if user['enabled'] else 'disabled'})")
    return words


def summarize(scenarios: list[Scenario], failed: int, seconds: float) -> None:
    elsewhere = [scenario for scenario in scenarios if scenario.source == "stub"]
    if elsewhere:
        print("\nReplayed against the project's own stub of the pools, because moto cannot show them as Cognito does:")
        for scenario in elsewhere:
            print(f"  {scenario.name}: {scenario.expected['why']}")
    print(f"\n{len(scenarios)} events replayed in {seconds:.1f} s")
    print(f"demo: {len(scenarios) - failed} passed, {failed} failed")

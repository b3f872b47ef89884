"""make demo: replays every sample event against an old pool on this machine and shows what the function answers."""

from __future__ import annotations

import sys

import bootstrap

if __name__ == "__main__":
    bootstrap.enter()

import argparse
import json
import textwrap
import time
from itertools import zip_longest
from typing import Any

import boto3

import local_aws
from function import Answer
from old_pool import region
from processes import Processes
from scenarios import Replay, Scenario
from report import report_lines
from stage import add_packaged_option, finish, set_up
from terminal import BOLD, DIM, GREEN, RED, YELLOW, paint, width

# Narrower than this, attributes stand below their event.
LEAST_ATTRIBUTE_COLUMN = 44
STORED = "what the new pool would store"
OUTCOME_STYLE = {
    "allowed": GREEN, "finished": GREEN, "migrated": GREEN, "not_marked": GREEN, "reported": GREEN, "rejected": YELLOW,
    "failed": RED}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_packaged_option(parser)
    arguments = parser.parse_args()
    local_aws.isolate()
    started = time.monotonic()
    replay = Replay.read()
    with Processes() as processes:
        sources = {scenario.source for scenario in replay.scenarios}
        functions = set_up(processes, replay, sources, packaged=arguments.packaged)
        table = Table(replay.scenarios)
        table.head()
        failures = {}
        reports = []
        for scenario in replay.scenarios:
            function = functions[scenario.source]
            answer = function.invoke(scenario.path)
            differences = scenario.differences(answer)
            afterwards = None
            if "afterwards" in scenario.expected:
                afterwards = _look_at(function.pool.endpoint, replay, scenario.expected["afterwards"])
                differences += scenario.differences_afterwards(afterwards)
            table.row(scenario, answer, afterwards, good=not differences)
            if answer.log.get("outcome") == "reported":
                reports.append(answer.event)
            if differences:
                failures[scenario.name] = [*differences, "log: " + json.dumps(answer.log, ensure_ascii=False)]
    for report in reports:
        print("\n" + paint("What the preflight reports of both pools:", BOLD))
        print("\n".join(report_lines(report)))
    for name, lines in failures.items():
        print("\n" + paint(f"{name} is not as expected:", BOLD, RED))
        print("\n".join("  " + line for line in lines))
    summarize(replay.scenarios, len(failures), time.monotonic() - started)
    return 1 if failures else 0


def _look_at(endpoint: str, replay: Replay, users_of: dict[str, Any]) -> dict[str, Any]:
    """What the pools at `endpoint` hold of the users of `users_of`, as far as it asks: see `afterwards` in events/README.md."""
    pools = {"old_pool": replay.source_pool["pool_id"], "new_pool": replay.new_pool["pool_id"]}
    found: dict[str, Any] = {}
    for pool, users in users_of.items():
        cognito = boto3.client("cognito-idp", endpoint_url=endpoint, region_name=region(pools[pool]))
        found[pool] = {}
        for name, fields in users.items():
            who = {"UserPoolId": pools[pool], "Username": name}
            user = cognito.admin_get_user(**who)
            attributes = {attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"]}
            groups = cognito.admin_list_groups_for_user(**who)["Groups"]
            held = {
                "attributes": {wanted: attributes.get(wanted) for wanted in fields.get("attributes", [])},
                "enabled": user["Enabled"],
                "groups": [group["GroupName"] for group in groups],
            }
            found[pool][name] = {field: held[field] for field in fields}
    return found


class Table:
    def __init__(self, scenarios: list[Scenario]):
        reasons = [scenario.expected.get("reason", "") for scenario in scenarios]
        names = [scenario.name for scenario in scenarios]
        self.widths = [max(map(len, names)), max(map(len, OUTCOME_STYLE)), max(map(len, reasons)), len("old pool"), len("  ms")]
        used = len("✓ ") + sum(self.widths) + 2 * len(self.widths)
        self.beside = width() - used >= LEAST_ATTRIBUTE_COLUMN
        self.indent = used if self.beside else 4

    def head(self) -> None:
        titles = ["event", "outcome", "reason", "old pool", "  ms"]
        cells = self._cells(titles, *[[BOLD]] * len(titles))
        print(f"\n  {cells}{paint(STORED, BOLD)}" if self.beside else f"\n  {cells.rstrip()}\n    {paint(STORED, DIM)}")

    def row(self, scenario: Scenario, answer: Answer, afterwards: dict[str, Any] | None, good: bool) -> None:
        outcome = str(answer.log.get("outcome"))
        milliseconds = "%4.0f" % answer.log["duration_ms"] if "duration_ms" in answer.log else ""
        reason = str(answer.log.get("reason") or "")
        style = OUTCOME_STYLE.get(outcome, RED)
        cells = self._cells([scenario.name, outcome, reason, scenario.source, milliseconds], [], [style])
        mark = paint("✓", GREEN) if good else paint("✗", BOLD, RED)
        stored = self._stored(answer) if afterwards is None else self._wrapped(_told(afterwards))
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
    """What both pools hold of a user whose migration is finished."""
    words = []
    for user in afterwards["new_pool"].values():
        words += [f"{name}={value}" for name, value in user["attributes"].items()]
        words.append("groups=" + ",".join(user["groups"]))
    for user in afterwards["old_pool"].values():
        words.append(f"(old account {'enabled' if user['enabled'] else 'disabled'})")
    return words


def summarize(scenarios: list[Scenario], failed: int, seconds: float) -> None:
    elsewhere = [scenario for scenario in scenarios if scenario.source == "stub"]
    if elsewhere:
        print("\nReplayed against the project's own stub of the pools, because moto cannot show them as Cognito does:")
        for scenario in elsewhere:
            print(f"  {scenario.name}: {scenario.expected['why']}")
    print(f"\n{len(scenarios)} events in {seconds:.1f} s\ndemo: {len(scenarios) - failed} passed, {failed} failed")


if __name__ == "__main__":
    finish(main, "The demo could not go on")

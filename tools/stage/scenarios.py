"""The sample events and what events/expected.json says that each must lead to."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tools import ROOT
from tools.stage import local_aws
from tools.stage.function import Answer, LocalFunction

EVENTS = ROOT / "events"


@dataclass
class Scenario:
    name: str
    path: Path
    event: Any
    expected: dict[str, Any]

    @property
    def source(self) -> str:
        return self.expected["source"]

    def differences(self, answer: Answer) -> list[str]:
        """A line-by-line comparison of what was expected and what came; empty if they agree."""
        outcome, reason = self.expected["outcome"], self.expected.get("reason")
        if outcome == "reported" and answer.error is None:
            return self._differences_of_report(answer)
        answered = self.event
        if outcome == "migrated":
            answered = dict(self.event, response=dict(self.event["response"], **self.expected["response"]))
        expected = {"outcome": outcome, "reason": reason, "answer": answered}
        came = {"outcome": answer.log.get("outcome"), "reason": answer.log.get("reason"), "answer": answer.event}
        error = self.expected.get("error")
        if error is not None:
            # What is shown of an error is a sentence around both.
            text = answer.error or ""
            expected["answer"] = f"{error['errorType']}: {error['errorMessage']}"
            came["answer"] = (
                expected["answer"] if all(part in text for part in error.values()) else text or answer.event
            )
            return _difference(expected, came)
        if outcome == "finished":
            expected["missing_groups"] = self.expected["missing_groups"]
            came["missing_groups"] = answer.log.get("missing_groups")
        if answer.error is not None:
            expected["answer"], came["answer"] = "an event", answer.error
        return _difference(expected, came)

    def _differences_of_report(self, answer: Answer) -> list[str]:
        checks = answer.event.get("checks", [])
        found = {check["id"]: check["status"] for check in checks if check["status"] != "ok"}
        came = {"outcome": answer.log.get("outcome"), "report": {"ok": answer.event.get("ok"), "findings": found}}
        expected = {"outcome": "reported", "report": self.expected["report"]}
        difference = _difference(expected, came)
        report = [f"{check['id']}: {check['detail']} {check['fix']}" for check in checks if check["status"] != "ok"]
        return [*difference, *report] if difference else []


@dataclass
class Played:
    answer: Answer
    # What both pools know after the event, where `afterwards` is expected.
    afterwards: dict[str, Any] | None
    # From what is expected.
    differences: list[str]


@dataclass
class Replay:
    """All of events/expected.json."""

    settings: dict[str, str]
    source_pool: dict[str, Any]
    scenarios: list[Scenario]

    @property
    def destination_pool(self) -> dict[str, Any]:
        """The destination pool, to which users have migrated."""
        return self.source_pool["neighbours"][0]

    @staticmethod
    def read() -> Replay:
        document = sample("expected")
        scenarios = []
        for name, expected in document["events"].items():
            path = EVENTS / (name + ".json")
            scenarios.append(Scenario(name, path, _read(path), expected))
        return Replay(document["settings"], document["source_pool"], scenarios)

    def play(self, scenario: Scenario, function: LocalFunction) -> Played:
        answer = function.invoke(scenario.path)
        differences, afterwards = scenario.differences(answer), None
        if "afterwards" in scenario.expected:
            afterwards = self._look_at(function.endpoint, scenario.expected["afterwards"])
            differences += _difference(scenario.expected["afterwards"], afterwards)
        return Played(answer, afterwards, differences)

    def _look_at(self, endpoint: str, users_of: dict[str, Any]) -> dict[str, Any]:
        """What the pools at `endpoint` know of those users: see `afterwards` in events/README.md."""
        pools = {"old_pool": self.source_pool["pool_id"], "new_pool": self.destination_pool["pool_id"]}
        found: dict[str, Any] = {}
        for pool, users in users_of.items():
            cognito = boto3.client("cognito-idp", endpoint_url=endpoint, region_name=local_aws.region_of(pools[pool]))
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


def sample(name: str) -> Any:
    """The event of that name, to be changed at will."""
    return _read(EVENTS / f"{name}.json")


def masked(value: Any) -> Any:
    """An event as a person may see it on a screen: made up or not, no password is shown."""
    if isinstance(value, dict):
        return {
            key: "********" if key == "password" or (key == "request" and isinstance(item, str)) else masked(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [masked(item) for item in value]
    return value


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _difference(expected: Any, came: Any) -> list[str]:
    """The lines in which they differ, because all of an event would hide these few; empty if they agree."""
    if came == expected:
        return []
    lines = list(difflib.unified_diff(_lines(expected), _lines(came), "expected", "came", lineterm="", n=1))
    return lines or ["they differ in something that is not shown"]


def _lines(value: Any) -> list[str]:
    return json.dumps(masked(value), indent=2, ensure_ascii=False, sort_keys=True).splitlines()

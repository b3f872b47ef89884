"""The alarms keep what they are: what a plan makes of a state in which they have their former addresses."""

from __future__ import annotations

import json
from typing import Any

MODULE = "modules/monitoring"
FUNCTION = "former"
LOG_GROUP = f"/aws/lambda/{FUNCTION}"
# All alarms: the one for idle hours too.
VARIABLES = [f"-var=function_name={FUNCTION}", f"-var=log_group={LOG_GROUP}", "-var=idle_alarm_hours=48"]
TYPE = "aws_cloudwatch_metric_alarm"
NOW = "alarm"
# The resource of each alarm before all of them became one, and its key there.
OWN_RESOURCES: dict[str, tuple[str, int | str | None]] = {
    "blocked-by-risk": ("blocked_by_risk", None),
    "errors": ("errors", None),
    "idle": ("idle", 0),
    "misconfigured": ("misconfigured", None),
    "rejected": ("rejected", None),
    "resets": ("resets", None),
    "slow": ("slow", None),
    "source-unavailable": ("source_unavailable", None),
    "throttles": ("throttles", None),
}
# Two of them were in another one before.
FORMER = {
    "a resource for each alarm": OWN_RESOURCES,
    "Lambda's alarms in one": {**OWN_RESOURCES, "errors": ("lambda", "errors"), "throttles": ("lambda", "throttles")},
}


def with_former_addresses(state: str, former: dict[str, tuple[str, int | str | None]]) -> str:
    """This state as an apply of that time has left it."""
    read = json.loads(state)
    resources, own = [], {}
    for resource in read["resources"]:
        if (resource["type"], resource["name"]) != (TYPE, NOW):
            resources.append(resource)
            continue
        for instance in resource["instances"]:
            name, key = former[instance.pop("index_key")]
            moved = instance if key is None else {"index_key": key, **instance}
            own.setdefault(name, {**resource, "name": name, "instances": []})["instances"].append(moved)
    return json.dumps({**read, "resources": [*resources, *own.values()]})


def moves(former: dict[str, tuple[str, int | str | None]]) -> dict[str, str]:
    """Each address now, and where it is moved from."""
    return {_address(NOW, alarm): _address(*old) for alarm, old in former.items()}


def moved(plan: dict[str, Any]) -> dict[str, str]:
    """The same as the plan says it."""
    changes = plan["resource_changes"]
    return {change["address"]: change["previous_address"] for change in changes if "previous_address" in change}


def changed(plan: dict[str, Any]) -> list[str]:
    """What the plan would create, change or destroy."""
    planned = [(change["address"], change["change"]["actions"]) for change in plan["resource_changes"]]
    return [f"{address}: {', '.join(actions)}" for address, actions in planned if actions != ["no-op"]]


def _address(name: str, key: int | str | None) -> str:
    return f"{TYPE}.{name}" if key is None else f"{TYPE}.{name}[{json.dumps(key)}]"

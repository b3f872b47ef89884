"""States in which the alarms have their former addresses. A plan must keep every alarm as it is."""

from __future__ import annotations

import json

MODULE = "modules/monitoring"
FUNCTION = "former"
LOG_GROUP = f"/aws/lambda/{FUNCTION}"
# All alarms: the one for idle hours too.
VARIABLES = [f"-var=function_name={FUNCTION}", f"-var=log_group={LOG_GROUP}", "-var=idle_alarm_hours=48"]
NOW = ("aws_cloudwatch_metric_alarm", "alarm")
# Those that had a resource each before all of them became one, and those of them that were in another one before.
LAMBDAS = {"errors", "throttles"}
ALARMS = LAMBDAS | {"blocked-by-risk", "idle", "misconfigured", "rejected", "resets", "slow", "source-unavailable"}


def former_states(state: str) -> dict[str, str]:
    """The state with a resource for each alarm, as it was first; and with Lambda's alarms in one, as it was then."""
    return {
        "a resource for each alarm": _with_former_addresses(state, set()),
        "Lambda's alarms in one": _with_former_addresses(state, LAMBDAS),
    }


def _with_former_addresses(state: str, in_one: set[str]) -> str:
    read = json.loads(state)
    others = [each for each in read["resources"] if (each["type"], each["name"]) != NOW]
    alarms = next(each for each in read["resources"] if each not in others)
    own: dict[str, dict] = {}
    for instance in alarms["instances"]:
        alarm = instance.pop("index_key")
        name, key = alarm.replace("-", "_"), {"index_key": 0} if alarm == "idle" else {}
        if alarm in in_one or alarm not in ALARMS:
            name, key = "lambda" if alarm in in_one else NOW[1], {"index_key": alarm}
        own.setdefault(name, {**alarms, "name": name, "instances": []})["instances"].append({**key, **instance})
    return json.dumps({**read, "resources": [*others, *own.values()]})

"""The stage of the lab: both pools, the function between them, and what it did."""

from __future__ import annotations

import json
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import boto3

from tools.base.processes import Processes
from tools.build.cargo import STUB, function_and_test_bed
from tools.lab import people
from tools.stage import destination_pool, node, source_pool
from tools.stage.app import PACKAGE as APP
from tools.stage.destination_pool import DestinationPool
from tools.stage.front import Calls, Front, Reply, Request, forward
from tools.stage.function import HostedFunction
from tools.stage.reasons import in_words

REGION = "eu-west-1"
FLOW = "ALLOW_ADMIN_USER_PASSWORD_AUTH"
# cognito-local takes an unchanged event for a success, so rejections are answered as errors.
SETTINGS = {
    # A sign-in that leaves nothing to do is logged at this level only.
    "AWS_LAMBDA_LOG_LEVEL": "DEBUG",
    "ATTRIBUTE_MAP": json.dumps({"sub": "custom:legacy_sub", "custom:*": "custom:*"}),
    "COPY_GROUPS": "*",
    "MIGRATION_MARK": "custom:migration",
    "ON_REJECT": "error",
    "SRC_CLIENT_ID": "1lab2lab3lab4lab5lab6lab7l",
    "SRC_CLIENT_SECRET": "made-up-secret-of-the-lab",
    "SRC_USER_POOL_ID": f"{REGION}_LabSource",
}
SWITCHES = {"ON_MFA": "refuse", "ON_TEMPORARY_PASSWORD": "refuse", "PASSWORD_POLICY": ""}
# The log line follows the answer at once; on a busy machine it may take a moment.
LOG_SECONDS = 10.0
ENTRIES = 20


class Pools(Front):
    """One address for both pools, which notes what the function writes to users of the destination pool.

    On AWS a pool's Region leads to it; here the function knows a single endpoint for all of Cognito.
    """

    def __init__(self, source: str, destination: str) -> None:
        super().__init__()
        self._source, self._destination = source, destination
        self.written: list[Request] = []

    def answer(self, request: Request) -> Reply:
        if request.headers.get("X-Amz-Target", "").endswith(".AdminUpdateUserAttributes"):
            self.written.append(request)
        # Every id that cognito-local gives to a pool begins with this.
        is_local = re.search(rb'"UserPoolId":\s*"local_', request.body)
        return forward(self._destination if is_local else self._source, request)


class Stage(Front):
    """Stands where Lambda is for cognito-local: hands each event to the function, and notes what the function did."""

    def __init__(self, processes: Processes, packaged: bool, held: ExitStack):
        super().__init__()
        held.enter_context(self)
        for package in (destination_pool.PACKAGE, APP):
            node.install(processes, package)
        executables = function_and_test_bed(processes, packaged)
        self.function = HostedFunction(processes, executables)
        triggers = ("PostAuthentication", "PreSignUp", "UserMigration")
        self.pool = DestinationPool(
            processes, self.url, dict.fromkeys(triggers, self.function.name), ["legacy_sub", "migration", "plan"]
        )
        for group in people.GROUPS:
            self.pool.make_group(group)
        client = {"id": SETTINGS["SRC_CLIENT_ID"], "secret": SETTINGS["SRC_CLIENT_SECRET"], "flows": [FLOW]}
        pool = {"pool_id": SETTINGS["SRC_USER_POOL_ID"], "clients": [client]}
        pool.update(groups=people.GROUPS, users=people.USERS)
        endpoint = source_pool.start_stub(processes, executables[STUB], pool)
        self.source = boto3.client("cognito-idp", endpoint_url=endpoint, region_name=REGION)
        both = self._both = held.enter_context(Pools(endpoint, self.pool.endpoint))
        self._calls = held.enter_context(Calls())
        self._endpoint = self._calls.to(both.url)
        self.switches = dict(SWITCHES)
        # Newest first.
        self.entries: list[dict[str, Any]] = []
        # The message of the last error that the function answered with; None after an answer.
        self.error: str | None = None
        # Whether the next migration is one by a password reset.
        self.resets = False
        self._lock = threading.Lock()
        # A process ends with the thread that started it (Linux), and the thread of a request is short-lived.
        self._starter = ThreadPoolExecutor(1)
        self.deploy({})

    def settings(self) -> dict[str, str]:
        """Those in force. The client's secret is not shown."""
        known = {name: value for name, value in SETTINGS.items() if name != "SRC_CLIENT_SECRET"}
        return {**known, **self.switches}

    def deploy(self, changed: dict[str, str]) -> None:
        """Starts the function anew, with these settings changed."""
        with self._lock:
            self.switches.update(changed)
            set_ones = {name: value for name, value in self.switches.items() if value}
            self._starter.submit(self.function.deploy, {**SETTINGS, **set_ones}, self._endpoint).result()

    def answer(self, request: Request) -> Reply:
        """Lambda's Invoke API."""
        event = json.loads(request.body)
        by_reset = self.resets and event["triggerSource"] == "UserMigration_Authentication"
        if by_reset:
            event["triggerSource"] = "UserMigration_ForgotPassword"
            del event["request"]["password"]
        error, payload = self._invoke(event)
        answer = json.loads(payload)
        self.error = answer["errorMessage"] if error else None
        if by_reset and not error:
            # What Cognito makes of such an answer.
            answer["response"]["finalUserStatus"] = "RESET_REQUIRED"
        headers = {"X-Amz-Function-Error": error} if error else {}
        return Reply(200, headers, json.dumps(answer).encode())

    def write_once_more(self) -> None:
        """After a sign-in: cognito-local has written its older copy of the user over what the function wrote."""
        while self._both.written:
            forward(self.pool.endpoint, self._both.written.pop(0))

    def _invoke(self, event: dict[str, Any]) -> tuple[str | None, bytes]:
        with self._lock:
            self._calls.taken()
            seen = len(self.function.log())
            answer = self.function.invoke(json.dumps(event).encode())
            line = self._line_after(seen)
            asked = self._calls.taken()
        entry = {name: line.get(name, "") for name in ("outcome", "reason", "duration_ms", "request_id", "message")}
        entry["why"] = in_words(entry["reason"]) if entry["reason"] else ""
        if not line:
            ended = not self.function.running()
            entry.update(outcome="no answer" if ended else "no line in the log")
            entry["why"] = "The process of the function has ended." if ended else ""
        at = time.strftime("%H:%M:%S")
        self.entries.insert(0, {"at": at, "trigger": event["triggerSource"], "calls": asked, **entry})
        del self.entries[ENTRIES:]
        return answer

    def _line_after(self, seen: int) -> dict[str, Any]:
        """The line that the function has logged about the invocation; empty if it has ended."""
        deadline = time.monotonic() + LOG_SECONDS
        while len(log := self.function.log()) <= seen and self.function.running() and time.monotonic() < deadline:
            time.sleep(0.02)
        return log[seen] if len(log) > seen else {}

    def users(self) -> dict[str, list[dict[str, Any]]]:
        """Both pools as they are now."""
        moved = self._users(self.pool.cognito, self.pool.id)
        subs = {user["legacy_sub"] for user in moved}
        source = self._users(self.source, SETTINGS["SRC_USER_POOL_ID"])
        return {"source": [{**user, "moved": user["sub"] in subs} for user in source], "destination": moved}

    @staticmethod
    def _users(cognito: Any, pool_id: str) -> list[dict[str, Any]]:
        found = []
        for user in cognito.list_users(UserPoolId=pool_id)["Users"]:
            attributes = {each["Name"]: each["Value"] for each in user["Attributes"]}
            who = {"UserPoolId": pool_id, "Username": user["Username"]}
            groups = cognito.admin_list_groups_for_user(**who)["Groups"]
            found.append(
                {
                    "sub": attributes.get("sub", user["Username"]),
                    "name": attributes.get("email", user["Username"]),
                    "status": user["UserStatus"],
                    "enabled": user["Enabled"],
                    "groups": sorted(group["GroupName"] for group in groups),
                    "factors": cognito.admin_get_user(**who).get("UserMFASettingList", []),
                    "mark": attributes.get("custom:migration", ""),
                    "legacy_sub": attributes.get("custom:legacy_sub", ""),
                }
            )
        return sorted(found, key=lambda user: user["name"])

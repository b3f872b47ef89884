"""The operator's program on this machine, and both pools as it meets them."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tools import Failure
from tools.base.processes import READY_SECONDS
from tools.stage.destination_pool import DestinationPool
from tools.stage.front import BothPools, Reply, Request, forward, json_reply

# Of a pool's attributes, those that no import file has a column for; and the columns that are no attributes.
NOT_IMPORTED = {"identities", "sub"}
IMPORT_ONLY = ["cognito:mfa_enabled", "cognito:username"]


class PoolsOfAnOperator(BothPools):
    """Lends cognito-local what an operator asks of it: GetCSVHeader, how many users it has, and their `sub`."""

    def __init__(self, source: str, pool: DestinationPool):
        super().__init__(source, pool.endpoint)
        self._pool = pool

    def answer(self, request: Request) -> Reply:
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        if json.loads(request.body)["UserPoolId"] != self._pool.id:
            return super().answer(request)
        if operation == "GetCSVHeader":
            columns = [name for name in self._pool.schema() if name not in NOT_IMPORTED]
            return json_reply({"UserPoolId": self._pool.id, "CSVHeader": columns + IMPORT_ONLY})
        reply = forward(self._pool.endpoint, request)
        answer = json.loads(reply.body)
        if operation == "DescribeUserPool":
            answer["UserPool"]["EstimatedNumberOfUsers"] = self._pool.number_of_users()
        for user in answer.get("Users", []):
            # As in Cognito, where such a pool makes up the user names.
            user["Attributes"].append({"Name": "sub", "Value": user["Username"]})
        return json_reply(answer, reply.status)


class OperatorsProgram:
    """The program for a source pool, whose settings these are, and a destination pool."""

    def __init__(self, binary: Path, pools: PoolsOfAnOperator, settings: dict[str, str], destination: str):
        self._binary = str(binary)
        self._environment = {**os.environ, **settings, "AWS_ENDPOINT_URL": pools.url}
        self._pools = {"--source-pool": settings["SRC_USER_POOL_ID"], "--pool": destination}

    def run(self, command: str, *options: str, pools: tuple[str, ...] = ("--source-pool", "--pool")) -> dict[str, Any]:
        """What the program answers."""
        named = [argument for name in pools for argument in (name, self._pools[name])]
        ran = subprocess.run(
            [self._binary, command, *named, *options, "--format", "json"],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=READY_SECONDS,
        )
        if ran.returncode != 0:
            raise Failure(f"cognito-migration {command} ended with status {ran.returncode}:\n{ran.stdout}{ran.stderr}")
        return json.loads(ran.stdout)


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file with a header."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))

"""The source pool on this machine: moto, an emulator of AWS that is not ours, or the tests' own stub."""

from __future__ import annotations

import json
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tools.base.processes import Process, Processes, free_port
from tools.stage.local_aws import MADE_UP_KEYS

PASSWORD = "Made-up-Passw0rd!"

User = dict[str, Any]


def made_up_user(number: int, name: str, status: str = "CONFIRMED", **more: Any) -> User:
    """A user as the stub takes one. The attributes that are given come on top."""
    email = f"{name}@example.com"
    attributes = {"email": email, "email_verified": "true", "name": name.capitalize(), "custom:plan": "gold"}
    attributes.update(more.pop("attributes", {}))
    sub = f"{number:08d}-0000-4000-8000-{number:012d}"
    known = {"username": email, "sub": sub, "password": PASSWORD, "status": status, "enabled": True}
    return {**known, "attributes": attributes, **more}


@dataclass
class Moto:
    process: Process
    endpoint: str

    def client(self, service: str, region: str, **options: Any) -> Any:
        return boto3.client(service, endpoint_url=self.endpoint, region_name=region, **options)


def start_moto(processes: Processes) -> Moto:
    """Starts moto and returns at once, so that its start costs no time while something else is built."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)]
    return Moto(processes.start("moto", command), f"http://127.0.0.1:{port}")


def wait_for_moto(processes: Processes, moto: Moto) -> None:
    processes.wait_until(moto.process, lambda: _answers(moto.endpoint + "/moto-api/"))


def start_stub(processes: Processes, binary: Path, source_pool: dict[str, Any]) -> str:
    """Starts the stub with this state and returns its address."""
    keys = [{name.removeprefix("AWS_").lower(): value for name, value in MADE_UP_KEYS.items()}]
    state = processes.directory / "source-pool.json"
    state.write_text(json.dumps({"credentials": keys, **source_pool}), encoding="utf-8")
    process = processes.start("source pool stub", [str(binary), str(state)])
    processes.wait_until(process, process.has_printed_a_line)
    return f"http://127.0.0.1:{process.first_line()['port']}"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False

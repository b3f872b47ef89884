"""The source pool on this machine: moto, an emulator of AWS, or the tests' own stub where moto is not like Cognito."""

from __future__ import annotations

import json
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tools import ROOT
from tools.base.processes import Process, Processes, free_port

# The made-up code is enough: moto hands out a secret and accepts any code while a user sets up an authenticator app.
ANY_CODE = "000000"


@dataclass
class Moto:
    process: Process
    endpoint: str

    def client(self, service: str, region: str, **options: Any) -> Any:
        return boto3.client(service, endpoint_url=self.endpoint, region_name=region, **options)


def start_moto(processes: Processes) -> Moto:
    """Starts moto and returns at once, so that its start costs no time while something else is built."""
    port = free_port()
    command = [sys.executable, "-m", "tools.stage.moto_server", "--host", "127.0.0.1", "--port", str(port)]
    return Moto(processes.start("moto", command, directory=ROOT), f"http://127.0.0.1:{port}")


def wait_for_moto(processes: Processes, moto: Moto) -> None:
    processes.wait_until(moto.process, lambda: _answers(moto.endpoint + "/moto-api/"))


def start_stub(processes: Processes, binary: Path, source_pool: dict[str, Any]) -> str:
    """Starts the stub with this state and returns its address."""
    state = processes.directory / "source-pool.json"
    state.write_text(json.dumps(source_pool), encoding="utf-8")
    process = processes.start("source pool stub", [str(binary), str(state)])
    processes.wait_until(process, process.has_printed_a_line)
    return f"http://127.0.0.1:{process.first_line()['port']}"


def fill(cognito: Any, source_pool: dict[str, Any]) -> dict[str, str]:
    """Makes the pool, its app client and its users in moto; returns the settings with which the function finds them.

    moto chooses the ids of pools and clients itself.
    """
    named = source_pool.get("description", {}).get("UsernameConfiguration")
    pool_id = cognito.create_user_pool(
        PoolName="source",
        MfaConfiguration="OPTIONAL",
        Schema=_custom_attributes(source_pool),
        **({"UsernameConfiguration": named} if named else {}),
    )["UserPool"]["Id"]
    wanted = source_pool["clients"][0]
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="migration",
        GenerateSecret="secret" in wanted,
        ExplicitAuthFlows=wanted["flows"],
    )["UserPoolClient"]
    for group in source_pool.get("groups", []):
        cognito.create_group(UserPoolId=pool_id, GroupName=group)
    for user in source_pool["users"]:
        _create_user(cognito, pool_id, client["ClientId"], user)
    settings = {"SRC_USER_POOL_ID": pool_id, "SRC_CLIENT_ID": client["ClientId"]}
    if "ClientSecret" in client:
        settings["SRC_CLIENT_SECRET"] = client["ClientSecret"]
    return settings


def _create_user(cognito: Any, pool_id: str, client_id: str, user: dict[str, Any]) -> None:
    name, password, status = user["username"], user["password"], user["status"]
    who = {"UserPoolId": pool_id, "Username": name}
    attributes = [{"Name": key, "Value": value} for key, value in user["attributes"].items()]

    if status == "UNCONFIRMED":
        cognito.sign_up(ClientId=client_id, Username=name, Password=password, UserAttributes=attributes)
    else:
        cognito.admin_create_user(**who, MessageAction="SUPPRESS", UserAttributes=attributes)
        cognito.admin_set_user_password(**who, Password=password, Permanent=status != "FORCE_CHANGE_PASSWORD")
    # Only an emulator allows this; with a known sub the expected attributes can be compared to the last one.
    cognito.admin_update_user_attributes(**who, UserAttributes=[{"Name": "sub", "Value": user["sub"]}])

    for group in user.get("groups", []):
        cognito.admin_add_user_to_group(**who, GroupName=group)

    preferred = user.get("preferred_mfa")
    if "SOFTWARE_TOKEN_MFA" in user.get("mfa", []):
        _set_up_authenticator_app(cognito, who, client_id, password)
        setting = {"Enabled": True, "PreferredMfa": preferred == "SOFTWARE_TOKEN_MFA"}
        cognito.admin_set_user_mfa_preference(**who, SoftwareTokenMfaSettings=setting)
    if "SMS_MFA" in user.get("mfa", []):
        setting = {"Enabled": True, "PreferredMfa": preferred == "SMS_MFA"}
        cognito.admin_set_user_mfa_preference(**who, SMSMfaSettings=setting)

    if status == "RESET_REQUIRED":
        cognito.admin_reset_user_password(**who)
    if not user["enabled"]:
        cognito.admin_disable_user(**who)


def _set_up_authenticator_app(cognito: Any, who: dict[str, str], client_id: str, password: str) -> None:
    signed_in = cognito.admin_initiate_auth(
        UserPoolId=who["UserPoolId"],
        ClientId=client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": who["Username"], "PASSWORD": password},
    )
    token = signed_in["AuthenticationResult"]["AccessToken"]
    cognito.associate_software_token(AccessToken=token)
    cognito.verify_software_token(AccessToken=token, UserCode=ANY_CODE)


def _custom_attributes(source_pool: dict[str, Any]) -> list[dict[str, Any]]:
    """Those of the pool's users."""
    names = {name for user in source_pool["users"] for name in user["attributes"] if name.startswith("custom:")}
    return [{"Name": name[len("custom:") :], "AttributeDataType": "String", "Mutable": True} for name in sorted(names)]


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False

"""The environment in which everything runs here: no trace of the user's own AWS account, made-up keys instead."""

from __future__ import annotations

import os

# Emulators take any keys; these visibly belong to no account.
MADE_UP_KEYS = {"AWS_ACCESS_KEY_ID": "MADEUPACCESSKEYID000", "AWS_SECRET_ACCESS_KEY": "made-up-secret-access-key"}
NO_OTHER_KEYS = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


def isolate() -> None:
    """Removes the user's AWS settings from this process and from all that it starts.

    Nothing here may ever reach a real account, and a profile or a proxy of the user's must not change a result.
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(MADE_UP_KEYS, **NO_OTHER_KEYS)
    loopback = "127.0.0.1,localhost"
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), loopback]))


def function_environment(settings: dict[str, str], endpoint: str, runtime_api: str) -> dict[str, str]:
    """The whole environment of the function: what Lambda would give it, its settings, and the emulator as its AWS."""
    return {
        **MADE_UP_KEYS,
        **NO_OTHER_KEYS,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        "AWS_LAMBDA_FUNCTION_NAME": "cognito-user-migration",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        # The function's own Region, that of the destination pool; the source pool's is in its id.
        "AWS_REGION": "eu-central-1",
        **settings,
    }

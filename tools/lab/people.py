"""The made-up users of the lab, and what a click on each of them types."""

from __future__ import annotations

from typing import Any

PASSWORD = "Made-up-Passw0rd!"
WRONG_PASSWORD = "Not-the-Passw0rd!"
WEAK_PASSWORD = "Short-1!"
PHONE = {"phone_number": "+491555000001", "phone_number_verified": "true"}

User = dict[str, Any]


def _user(number: int, name: str, status: str = "CONFIRMED", **more: Any) -> User:
    email = f"{name}@example.com"
    attributes = {"email": email, "email_verified": "true", "name": name.capitalize(), "custom:plan": "gold"}
    attributes.update(more.pop("attributes", {}))
    sub = f"{number:08d}-0000-4000-8000-{number:012d}"
    known = {"username": email, "sub": sub, "password": PASSWORD, "status": status, "enabled": True}
    return {**known, "attributes": attributes, **more}


USERS = [
    _user(1, "ada", groups=["editors"]),
    _user(2, "ben"),
    _user(3, "cleo", enabled=False),
    _user(4, "dora", mfa=["SOFTWARE_TOKEN_MFA"], preferred_mfa="SOFTWARE_TOKEN_MFA"),
    _user(5, "emil", mfa=["SMS_MFA"], preferred_mfa="SMS_MFA", attributes=PHONE),
    _user(6, "fay", "FORCE_CHANGE_PASSWORD"),
    _user(7, "gus", password=WEAK_PASSWORD),
    _user(8, "hana", groups=["editors", "readers"]),
]
GROUPS = ["editors", "readers"]

# In the order of the page: what is tried, the name and the password that a click types, and what to look for.
TRIES = [
    ("Right password", "ada@example.com", PASSWORD, "moves at once"),
    ("Wrong password", "ben@example.com", WRONG_PASSWORD, "stays"),
    ("Disabled user", "cleo@example.com", PASSWORD, "stays"),
    ("Authenticator app", "dora@example.com", PASSWORD, "as ON_MFA says"),
    ("Code by text message", "emil@example.com", PASSWORD, "as ON_MFA says"),
    ("Temporary password", "fay@example.com", PASSWORD, "as the setting says"),
    ("Weak password", "gus@example.com", WEAK_PASSWORD, "as PASSWORD_POLICY says"),
    ("Address in upper case", "HANA@EXAMPLE.COM", PASSWORD, "moves as hana@example.com"),
]

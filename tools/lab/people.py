"""The made-up users of the lab, and what a click on each of them types."""

from __future__ import annotations

from tools.stage.source_pool import PASSWORD, made_up_user

WRONG_PASSWORD = "Not-the-Passw0rd!"
WEAK_PASSWORD = "Short-1!"
PHONE = {"phone_number": "+491555000001", "phone_number_verified": "true"}

USERS = [
    made_up_user(1, "ada", groups=["editors"]),
    made_up_user(2, "ben"),
    made_up_user(3, "cleo", enabled=False),
    made_up_user(4, "dora", mfa=["SOFTWARE_TOKEN_MFA"], preferred_mfa="SOFTWARE_TOKEN_MFA"),
    made_up_user(5, "emil", mfa=["SMS_MFA"], preferred_mfa="SMS_MFA", attributes=PHONE),
    made_up_user(6, "fay", "FORCE_CHANGE_PASSWORD"),
    made_up_user(7, "gus", password=WEAK_PASSWORD),
    made_up_user(8, "hana", groups=["editors", "readers"]),
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

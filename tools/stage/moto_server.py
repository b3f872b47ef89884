"""moto's server, with two things that it lacks.

- Tokens name the `sub` to which a user's attribute was set. moto puts an id of its own into them.
- Whoever has the attribute `identities` is a user of an identity provider. moto has no such status.
"""

from __future__ import annotations

from typing import Any

from moto.cognitoidp.models import CognitoIdpUser
from moto.server import main

update_attributes = CognitoIdpUser.update_attributes


def update_all(user: CognitoIdpUser, attributes: list[dict[str, Any]]) -> None:
    update_attributes(user, attributes)
    user.id = user.attribute_lookup["sub"]
    if "identities" in user.attribute_lookup:
        user.status = "EXTERNAL_PROVIDER"


CognitoIdpUser.update_attributes = update_all

if __name__ == "__main__":
    main()

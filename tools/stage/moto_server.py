"""moto's server, with tokens that name the `sub` to which a user's attribute was set.

In Cognito the two always agree. moto puts an id of its own into the tokens, whatever the attribute is set to.
"""

from __future__ import annotations

from typing import Any

from moto.cognitoidp.models import CognitoIdpUser
from moto.server import main

update_attributes = CognitoIdpUser.update_attributes


def update_attributes_and_id(user: CognitoIdpUser, attributes: list[dict[str, Any]]) -> None:
    update_attributes(user, attributes)
    user.id = user.attribute_lookup["sub"]


CognitoIdpUser.update_attributes = update_attributes_and_id

if __name__ == "__main__":
    main()

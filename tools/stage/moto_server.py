"""moto's server, with three things that it lacks.

- A challenge names its user, as Cognito's do. moto's name none, so only users who type their user name could pass.
- Tokens name the `sub` to which a user's attribute was set. moto puts an id of its own into them.
- A user with the attribute `identities` is a user of an identity provider. moto has no such status.
"""

from __future__ import annotations

from typing import Any

from moto.cognitoidp.models import CognitoIdpBackend, CognitoIdpUser
from moto.server import main

update_attributes = CognitoIdpUser.update_attributes


def update_all(user: CognitoIdpUser, attributes: list[dict[str, Any]]) -> None:
    update_attributes(user, attributes)
    user.id = user.attribute_lookup["sub"]
    if "identities" in user.attribute_lookup:
        user.status = "EXTERNAL_PROVIDER"


CognitoIdpUser.update_attributes = update_all

initiate_as_admin = CognitoIdpBackend.admin_initiate_auth


def name_the_user(backend: CognitoIdpBackend, user_pool_id: str, *others: Any, **named: Any) -> dict[str, Any]:
    answer = initiate_as_admin(backend, user_pool_id, *others, **named)
    if "ChallengeName" in answer:
        parameters = named["auth_parameters"] if "auth_parameters" in named else others[-1]
        user = backend.admin_get_user(user_pool_id, parameters["USERNAME"])
        answer["ChallengeParameters"]["USER_ID_FOR_SRP"] = user.username
    return answer


CognitoIdpBackend.admin_initiate_auth = name_the_user

if __name__ == "__main__":
    main()

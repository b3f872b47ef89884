"""Sign-in with the AWS SDK for Python: the password itself is sent."""


def sign_in(cognito, client_id, username, password):
    """The tokens, or "reset-required": then forgot_password sends a code. Anything else is raised."""
    try:
        answer = cognito.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username.strip(), "PASSWORD": password},
            ClientId=client_id,
        )
    except cognito.exceptions.PasswordResetRequiredException:
        return "reset-required"
    return answer["AuthenticationResult"]

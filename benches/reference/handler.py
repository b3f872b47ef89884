"""The migration trigger as it is usually written, for Lambda's managed Python runtime: the reference of `make bench` and of
README's table.

It finds the user if it is told by which attribute, signs in, then reads the profile. Its clients are made once, at start, as AWS advises; for a role in another account the
credentials are asked for in each invocation, as AWS's examples do.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html
"""

import os

import boto3

POOL = os.environ["SRC_USER_POOL_ID"]
CLIENT = os.environ["SRC_CLIENT_ID"]
ROLE = os.environ.get("SRC_ROLE_ARN")
LOOKUP = os.environ.get("SRC_LOOKUP")

if ROLE:
    sts = boto3.client("sts")
else:
    own_cognito = boto3.client("cognito-idp")


def cognito():
    if not ROLE:
        return own_cognito
    credentials = sts.assume_role(RoleArn=ROLE, RoleSessionName="user-migration")["Credentials"]
    return boto3.client(
        "cognito-idp",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )


def name_of(client, typed):
    if not LOOKUP:
        return typed
    return client.list_users(UserPoolId=POOL, Filter=f'{LOOKUP} = "{typed}"')["Users"][0]["Username"]


def handler(event, context):
    if event["triggerSource"] == "UserMigration_Authentication":
        client = cognito()
        username = name_of(client, event["userName"])
        client.admin_initiate_auth(
            UserPoolId=POOL,
            ClientId=CLIENT,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": event["request"]["password"]},
        )
        user = client.admin_get_user(UserPoolId=POOL, Username=username)
        event["response"]["userAttributes"] = {
            attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"] if attribute["Name"] != "sub"
        }
        event["response"]["finalUserStatus"] = "CONFIRMED"
        event["response"]["messageAction"] = "SUPPRESS"
    return event

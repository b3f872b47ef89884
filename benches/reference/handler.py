"""The reference of `make bench`: the migration trigger as it is usually written, for Lambda's managed Python runtime.

It signs in, then reads the profile. Its clients are made once, at start, as AWS advises; for a role in another account the
credentials are asked for in each invocation, as AWS's examples do.
https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html
"""

import os

import boto3

POOL = os.environ["SRC_USER_POOL_ID"]
CLIENT = os.environ["SRC_CLIENT_ID"]
ROLE = os.environ.get("SRC_ROLE_ARN")

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


def handler(event, context):
    if event["triggerSource"] == "UserMigration_Authentication":
        client = cognito()
        client.admin_initiate_auth(
            UserPoolId=POOL,
            ClientId=CLIENT,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": event["userName"], "PASSWORD": event["request"]["password"]},
        )
        user = client.admin_get_user(UserPoolId=POOL, Username=event["userName"])
        event["response"]["userAttributes"] = {
            attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"] if attribute["Name"] != "sub"
        }
        event["response"]["finalUserStatus"] = "CONFIRMED"
        event["response"]["messageAction"] = "SUPPRESS"
    return event

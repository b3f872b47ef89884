// Sign-in with the AWS SDK for JavaScript v3: the password itself is sent.

import {
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  PasswordResetRequiredException,
} from "@aws-sdk/client-cognito-identity-provider";

// AWS_REGION names the Region.
const cognito = new CognitoIdentityProviderClient({});

/** The tokens, or "reset-required": then ForgotPassword sends a code. Anything else is thrown. */
export async function signIn(clientId, username, password) {
  const request = new InitiateAuthCommand({
    AuthFlow: "USER_PASSWORD_AUTH",
    AuthParameters: { USERNAME: username.trim(), PASSWORD: password },
    ClientId: clientId,
  });
  try {
    return (await cognito.send(request)).AuthenticationResult;
  } catch (error) {
    if (error instanceof PasswordResetRequiredException) return "reset-required";
    throw error;
  }
}

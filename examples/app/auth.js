// Sign-in with Amplify (JavaScript v6) for an app whose users migrate while they sign in.
//
// Each function returns one word, upon which the app chooses the next page. What is not foreseen is thrown.

import { Amplify } from "aws-amplify";
import * as auth from "aws-amplify/auth";

// Sends the password itself: without it nobody migrates. Once everybody has moved: "USER_SRP_AUTH".
const AUTH_FLOW = "USER_PASSWORD_AUTH";

let authFlowType;

/** `userPoolEndpoint` only for an emulator; `authFlow` for an app that fetches its settings when it starts. */
export function configure({ userPoolId, userPoolClientId, userPoolEndpoint, authFlow = AUTH_FLOW }) {
  Amplify.configure({ Auth: { Cognito: { userPoolId, userPoolClientId, userPoolEndpoint } } });
  authFlowType = authFlow;
}

/** "signed-in", "code-sent" (go on with confirmPasswordReset), "rejected", or Amplify's name of another next step. */
export async function signIn(username, password) {
  return outcome(async () => {
    const { isSignedIn, nextStep } = await auth.signIn({ username, password, options: { authFlowType } });
    if (isSignedIn) return "signed-in";
    // Amplify's name for PasswordResetRequiredException: the code is still to be asked for.
    if (nextStep.signInStep === "RESET_PASSWORD") return requestPasswordReset(username);
    return nextStep.signInStep;
  });
}

/** For "Forgot your password?" too. "code-sent", or "rejected" where the app client reveals who has no account. */
export async function requestPasswordReset(username) {
  return outcome(async () => {
    await auth.resetPassword({ username });
    return "code-sent";
  });
}

/** "password-changed", "wrong-code" or "weak-password". */
export async function confirmPasswordReset(username, confirmationCode, newPassword) {
  return outcome(async () => {
    await auth.confirmResetPassword({ username, confirmationCode, newPassword });
    return "password-changed";
  });
}

/** "password-changed", "rejected" (the old password is wrong) or "weak-password". */
export async function changePassword(oldPassword, newPassword) {
  return outcome(async () => {
    await auth.updatePassword({ oldPassword, newPassword });
    return "password-changed";
  });
}

/** "account-exists" (offer the sign-in), "weak-password", or Amplify's name of the next step. */
export async function signUp(username, password) {
  return outcome(async () => {
    const { nextStep } = await auth.signUp({ username, password });
    return nextStep.signUpStep;
  });
}

/** The claims of the ID token, or undefined if nobody is signed in. Amplify refreshes tokens that have expired. */
export async function currentUser({ refresh = false } = {}) {
  const { tokens } = await auth.fetchAuthSession({ forceRefresh: refresh });
  return tokens?.idToken.payload;
}

export async function signOut() {
  await auth.signOut();
}

const OUTCOMES = {
  CodeMismatchException: "wrong-code",
  ExpiredCodeException: "wrong-code",
  InternalErrorException: "unavailable",
  InvalidPasswordException: "weak-password",
  LimitExceededException: "too-many-tries",
  NetworkError: "unavailable",
  NotAuthorizedException: "rejected",
  PasswordHistoryPolicyViolationException: "weak-password",
  TooManyRequestsException: "too-many-tries",
  UnexpectedLambdaException: "unavailable",
  UserNotFoundException: "rejected",
  UsernameExistsException: "account-exists",
};

// What the migration function says, with Cognito's own words around it.
const SENTENCES = {
  "An account with this sign-in already exists. Please sign in.": "account-exists",
  "Incorrect username or password.": "rejected",
  "Sign-in is temporarily unavailable. Please try again.": "unavailable",
};

async function outcome(act) {
  try {
    return await act();
  } catch (error) {
    const found =
      error.name === "UserLambdaValidationException"
        ? Object.entries(SENTENCES).find(([sentence]) => error.message.includes(sentence))?.[1]
        : OUTCOMES[error.name];
    if (found === undefined) throw error;
    return found;
  }
}

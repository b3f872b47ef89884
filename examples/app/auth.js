// Sign-in with Amplify (JavaScript v6) for an app whose users migrate while they sign in.
//
// Each function returns one word, upon which the app chooses the next page. What is not foreseen is thrown.

import { Amplify } from "aws-amplify";
import * as auth from "aws-amplify/auth";

// Sends the password itself: without it no user migrates. Once all users have moved: "USER_SRP_AUTH".
const AUTH_FLOW = "USER_PASSWORD_AUTH";

let authFlowType;

/** `userPoolEndpoint` only for an emulator; `authFlow` for an app that fetches its settings when it starts. */
export function configure({ userPoolId, userPoolClientId, userPoolEndpoint, authFlow = AUTH_FLOW }) {
  Amplify.configure({ Auth: { Cognito: { userPoolId, userPoolClientId, userPoolEndpoint } } });
  authFlowType = authFlow;
}

/** "signed-in", "code-sent" (go on with confirmPasswordReset), "rejected", or Amplify's name of another next step. */
export async function signIn(username, password) {
  return outcomeFor(username, async (name) => {
    const { isSignedIn, nextStep } = await auth.signIn({ username: name, password, options: { authFlowType } });
    if (isSignedIn) return "signed-in";
    // Amplify's name for PasswordResetRequiredException: the code is still to be asked for.
    if (nextStep.signInStep === "RESET_PASSWORD") return requestPasswordReset(name);
    return nextStep.signInStep;
  });
}

/** For "Forgot your password?" too. "code-sent", or "rejected" where the app client reveals who has no account. */
export async function requestPasswordReset(username) {
  return outcomeFor(username, async (name) => {
    await auth.resetPassword({ username: name });
    return "code-sent";
  });
}

/** "password-changed", "wrong-code" or "weak-password". */
export async function confirmPasswordReset(username, confirmationCode, newPassword) {
  return outcomeFor(username, async (name) => {
    await auth.confirmResetPassword({ username: name, confirmationCode, newPassword });
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
  return outcomeFor(username, async (name) => {
    const { nextStep } = await auth.signUp({ username: name, password });
    return nextStep.signUpStep;
  });
}

/** The claims of the ID token, or undefined if no user is signed in. Amplify refreshes tokens that have expired. */
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
  InvalidLambdaResponseException: "unavailable",
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

// What the migration function says, with Cognito's own words around it. It comes as UserLambdaValidationException and,
// at a sign-in, as UserNotFoundException, which without one of these sentences means a wrong name or password.
const SENTENCES = {
  "An account with this sign-in already exists. Please sign in.": "account-exists",
  "Incorrect username or password.": "rejected",
  "Sign-in is temporarily unavailable. Please try again.": "unavailable",
};

// Cognito's words where the function did not start, was not called or gave no answer.
const NO_ANSWER = /UserMigration (?:failed with error|invocation failed)|Exception migrating user/;

// What Cognito takes for a user name at all, and what it says of a name that does not fit the pool.
const NAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u;
const NO_NAME = /Value at 'username'|Username (?:should|cannot) be|Invalid (?:email address|phone number) format/i;
const NO_SCHEMA = /Attributes did not conform to the schema/;

// Telephones add a blank to a name that they complete. Cognito calls no trigger for such a name.
async function outcomeFor(typed, act) {
  const name = typed.trim();
  return NAME.test(name) ? outcome(() => act(name)) : "not-a-name";
}

async function outcome(act) {
  try {
    return await act();
  } catch (error) {
    const found = meaning(error.name, String(error.message));
    if (found === undefined) throw error;
    return found;
  }
}

function meaning(name, message) {
  const sentence = Object.keys(SENTENCES).find((each) => message.includes(each));
  if (sentence !== undefined) return SENTENCES[sentence];
  if (NO_ANSWER.test(message)) return "unavailable";
  if (name === "InvalidParameterException" && NO_NAME.test(message)) return "not-a-name";
  // The password was right, and the pool cannot create the user.
  if (name === "UserNotFoundException" && (NO_NAME.test(message) || NO_SCHEMA.test(message))) return "unavailable";
  return OUTCOMES[name];
}

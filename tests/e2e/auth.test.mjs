// What examples/app/auth.js makes of names and of errors, with Amplify itself. An endpoint answers each request
// with the error at hand. `make e2e` runs it.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import * as app from "../../examples/app/auth.js";

const UNAVAILABLE = "Sign-in is temporarily unavailable. Please try again.";
const REJECTED = "Incorrect username or password.";
const ACCOUNT_EXISTS = "An account with this sign-in already exists. Please sign in.";
const PASSWORD = "Made-up-Passw0rd!";

const requests = [];
let error = {};

const server = createServer(async (request, response) => {
  const operation = request.headers["x-amz-target"].split(".").at(-1);
  requests.push({ operation, ...JSON.parse(Buffer.concat(await request.toArray())) });
  response.writeHead(400, { "content-type": "application/x-amz-json-1.1" });
  response.end(JSON.stringify({ __type: error.name, message: error.message }));
});

before(async () => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const userPoolEndpoint = `http://127.0.0.1:${server.address().port}`;
  app.configure({ userPoolId: "eu-west-1_Made0Up00", userPoolClientId: "madeupclient", userPoolEndpoint });
});

after(() => server.close());

const CALLS = {
  signIn: (name) => app.signIn(name, PASSWORD),
  requestPasswordReset: (name) => app.requestPasswordReset(name),
  confirmPasswordReset: (name) => app.confirmPasswordReset(name, "123456", PASSWORD),
  signUp: (name) => app.signUp(name, PASSWORD),
};

async function answered(name, message, call = CALLS.signIn) {
  error = { name, message };
  return call("ana@example.com").catch((thrown) => `thrown: ${thrown.name}`);
}

test("the function's sentences count under any name of the error", async () => {
  const names = ["UserNotFoundException", "UserLambdaValidationException", "NotAuthorizedException", "SomethingNew"];
  for (const name of names) {
    for (const [sentence, word] of [
      [UNAVAILABLE, "unavailable"],
      [REJECTED, "rejected"],
      [ACCOUNT_EXISTS, "account-exists"],
    ]) {
      for (const call of Object.values(CALLS)) {
        const message = `UserMigration failed with error ${sentence}.`;
        assert.equal(await answered(name, message, call), word, `${name}: ${sentence}`);
      }
    }
  }
});

test("a function that gives no answer is an outage, and no wrong password", async () => {
  for (const message of [
    "UserMigration failed with error RequestId: 00000000-0000-4000-8000-000000000000 Error: Runtime exited.",
    "UserMigration invocation failed due to error AccessDeniedException.",
    "Exception migrating user in app client madeupclient",
  ]) {
    for (const name of ["UserNotFoundException", "UserLambdaValidationException", "NotAuthorizedException"]) {
      assert.equal(await answered(name, message), "unavailable", `${name}: ${message}`);
    }
  }
});

test("a user whom the pool cannot create did not type a wrong password", async () => {
  for (const message of [
    "Attributes did not conform to the schema: birthdate: Invalid birth date",
    "Invalid phone number format.",
    "Username cannot be of email format, since user pool is configured for email alias.",
  ]) {
    assert.equal(await answered("UserNotFoundException", message), "unavailable", message);
  }
});

test("without such a sentence the name of the error counts", async () => {
  for (const [name, message, word] of [
    ["UserNotFoundException", "User does not exist.", "rejected"],
    ["NotAuthorizedException", "Incorrect username or password", "rejected"],
    ["LimitExceededException", "Attempt limit exceeded, please try after some time.", "too-many-tries"],
    ["InvalidLambdaResponseException", "Unrecognizable lambda output", "unavailable"],
    // Of a trigger of your own.
    ["UserLambdaValidationException", "PreSignUp failed with error Only for members.", undefined],
    ["SomethingNew", "Something new.", undefined],
  ]) {
    assert.equal(await answered(name, message), word ?? `thrown: ${name}`, message);
  }
});

test("blanks around a name are not sent", async () => {
  error = { name: "UserNotFoundException", message: "User does not exist." };
  for (const [operation, call] of Object.entries(CALLS)) {
    requests.length = 0;
    await call(" \tana@example.com \u00a0");
    const [request] = requests;
    assert.equal(request.AuthParameters?.USERNAME ?? request.Username, "ana@example.com", operation);
  }
});

test("what cannot be a name is not sent at all", async () => {
  requests.length = 0;
  for (const typed of ["", "   ", "ana maria", "ana\u200b@example.com", "a".repeat(129)]) {
    for (const call of Object.values(CALLS)) assert.equal(await call(typed), "not-a-name", JSON.stringify(typed));
  }
  assert.deepEqual(requests, []);
});

test("a name that the pool does not take has its own word, and nothing else that is invalid has it", async () => {
  const name = "InvalidParameterException";
  for (const message of [
    "1 validation error detected: Value at 'username' failed to satisfy constraint",
    "Username should be an email.",
    "Username should be either an email or a phone number.",
    "Username cannot be of email format, since user pool is configured for email alias.",
    "Invalid phone number format.",
    "Invalid email address format.",
  ]) {
    assert.equal(await answered(name, message), "not-a-name", message);
  }
  for (const message of [
    "USER_PASSWORD_AUTH flow not enabled for this client",
    "Cannot reset password for the user as there is no registered/verified email or phone_number",
  ]) {
    assert.equal(await answered(name, message), `thrown: ${name}`, message);
  }
});

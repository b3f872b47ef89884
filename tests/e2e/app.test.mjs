// Apps sign in to the destination pool of `make e2e`, which runs this: with Amplify, and with AWS's SDK. E2E names the
// pool and the users, none of whom has moved.

import assert from "node:assert/strict";
import { test } from "node:test";

import * as app from "../../examples/app/auth.js";
import * as sdk from "../../examples/app/sdk.js";

const { settings, owner, guest, late, others, sub, code, old, wrong, chosen } = JSON.parse(process.env.E2E);
const SHORT = "short";

test("a user moves with Amplify, refreshes the tokens, changes the password and signs out", async () => {
  app.configure(settings);
  assert.equal(await app.signUp(owner, old), "account-exists", "the user can still migrate");
  assert.equal(await app.signIn(owner, wrong), "rejected");
  assert.equal(await app.signIn(owner, old), "signed-in");
  const before = await app.currentUser();
  assert.equal(before["custom:legacy_sub"], sub, "the ID token is that of the migrated user");
  await app.currentUser({ refresh: true });
  assert.notEqual((await app.currentUser()).jti, before.jti, "the ID token is another one");
  assert.equal(await app.changePassword(old, SHORT), "weak-password");
  assert.equal(await app.changePassword(wrong, chosen), "rejected");
  assert.equal(await app.changePassword(old, chosen), "password-changed");
  await app.signOut();
  assert.equal(await app.currentUser(), undefined, "no user is signed in");
  assert.equal(await app.signIn(owner, old), "rejected");
  assert.equal(await app.signIn(owner, chosen), "signed-in");
  await app.signOut();
  assert.equal(await app.signUp(owner, old), "account-exists", "the user has moved");
});

test("a user who is migrated with RESET_REQUIRED chooses a password", async () => {
  assert.equal(await app.signIn(guest, old), "code-sent");
  assert.equal(await app.confirmPasswordReset(guest, "000000", chosen), "wrong-code");
  assert.equal(await app.confirmPasswordReset(guest, code, SHORT), "weak-password");
  assert.equal(await app.confirmPasswordReset(guest, code, chosen), "password-changed");
  assert.equal(await app.signIn(guest, chosen), "signed-in");
  await app.signOut();
});

test("with the AWS SDK a user gets tokens, or is told to reset the password", async () => {
  assert.ok((await sdk.signIn(settings.userPoolClientId, others[0], old)).AccessToken);
  assert.equal(await sdk.signIn(settings.userPoolClientId, others[1], old), "reset-required");
});

test("SRP migrates no user: the stand-in for Cognito says no to it", async () => {
  app.configure({ ...settings, authFlow: "USER_SRP_AUTH" });
  assert.equal(await app.signIn(late, old), "rejected");
});

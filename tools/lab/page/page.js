// The page of `make lab`. The app on it is examples/app/auth.js, as it is.

import * as app from "../../../examples/app/auth.js";

// What this page shows for each word of the app. Another word is Amplify's name of a next step.
const SHOWN = {
  "account-exists": ["mind", "An account with this address exists already. Please sign in."],
  "code-sent": ["mind", "A code is on its way. Type it below, with a new password."],
  "not-a-name": ["mind", "This is not an e-mail address."],
  "password-changed": ["good", "The password is changed. Sign in with the new one."],
  rejected: ["mind", "Incorrect username or password."],
  "signed-in": ["good", "Signed in."],
  "too-many-tries": ["mind", "Too many tries. Please wait a moment."],
  unavailable: ["bad", "Sign-in is unavailable at the moment. Please try again."],
  "weak-password": ["mind", "This password is too weak. Choose another one."],
  "wrong-code": ["mind", "This code is wrong, or too old."],
};
const OUTCOMES = { allowed: "good", finished: "good", not_marked: "good", migrated: "good", rejected: "mind", failed: "bad", "no answer": "bad" };
const POLL = 1000;

const byId = (id) => document.getElementById(id);
let state;
let latest = "";

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

async function ask(path, body) {
  const answer = await fetch(path, body && { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.text();
}

async function refresh() {
  let text;
  try {
    text = await ask("/api/state");
  } catch {
    showFunction("bad", "The lab itself has ended.", " Start it again with make lab.");
    latest = "";
    return;
  }
  if (text === latest) return;
  const first = state === undefined;
  latest = text;
  state = JSON.parse(text);
  if (first) begin();
  showPools();
  showLog();
  showSettings();
  showRunning();
}

function begin() {
  const { endpoint, pool, client, region } = state.app;
  app.configure({ userPoolId: pool, userPoolClientId: client, userPoolEndpoint: endpoint });
  byId("made-up-code").textContent = state.code;
  byId("tries").replaceChildren(...state.tries.map(tryButton));
  const own = { Endpoint: endpoint, "User pool id": pool, "App client id": client, Region: region };
  byId("own").replaceChildren(...Object.entries(own).flatMap(([name, value]) => copyable(name, value)));
}

function tryButton({ title, name, password, expect }) {
  const button = element(
    "button",
    { type: "button" },
    element("span", { textContent: title }),
    element("span", { className: "id", textContent: password }),
    element("span", { className: "hint", textContent: `${name}: ${expect}` }),
  );
  button.addEventListener("click", () => {
    byId("name").value = name;
    byId("password").value = password;
    act("signIn");
  });
  return element("li", {}, button);
}

function copyable(name, value) {
  const button = element("button", { type: "button", textContent: "Copy" });
  button.setAttribute("aria-label", `Copy: ${name}`);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(value);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
  const content = element("dd", {}, element("span", { className: "id", textContent: value }), button);
  return [element("dt", { textContent: name }), content];
}

// The app.

const ACTS = {
  signIn: () => app.signIn(byId("name").value, byId("password").value),
  forgot: () => app.requestPasswordReset(byId("name").value),
  signUp: () => app.signUp(byId("name").value, byId("password").value),
  confirm: () => app.confirmPasswordReset(byId("name").value, byId("code").value, byId("new-password").value),
  signOut: () => app.signOut(),
};

let busy = false;

async function act(name) {
  if (busy) return;
  busy = true;
  show("", "Please wait …", "");
  try {
    // Amplify signs in no second user beside the first.
    if (name === "signIn") await app.signOut();
    const word = await ACTS[name]();
    showResult(word);
  } catch (error) {
    show("bad", "The app did not foresee this.", `${error.name}: ${error.message}`);
  } finally {
    busy = false;
  }
  await Promise.all([showUser(), refresh()]);
}

function showResult(word) {
  byId("reset").hidden = !(word === "code-sent" || (!byId("reset").hidden && ["wrong-code", "weak-password"].includes(word)));
  if (word === undefined) return show("", "Signed out.", "");
  const [kind, sentence] = SHOWN[word] ?? ["mind", "The next step is the app's own: this page ends here."];
  show(kind, sentence, `The app's word for it: ${word}`);
  if (word === "code-sent") byId("code").focus();
}

function show(kind, sentence, hint) {
  const result = byId("result");
  result.className = `result ${kind}`;
  result.replaceChildren(
    element("p", {}, element("b", { textContent: sentence })),
    element("p", { className: "hint", textContent: hint }),
  );
}

async function showUser() {
  const claims = await app.currentUser();
  byId("signed-in").hidden = claims === undefined;
  const shown = ["email", "name", "sub", "custom:legacy_sub", "cognito:groups"].filter((name) => claims?.[name]);
  byId("claims").replaceChildren(
    ...shown.flatMap((name) => [
      element("dt", { textContent: name }),
      element("dd", { className: "id", textContent: String(claims[name]) }),
    ]),
  );
}

// Both pools.

function showPools() {
  const { source, destination } = state.users;
  const known = new Set([...byId("destination").children].map((card) => card.dataset.sub));
  const first = byId("source").childElementCount === 0;
  const moved = source.filter((user) => user.moved).length;
  byId("source").replaceChildren(...source.map(card));
  byId("destination").replaceChildren(...destination.map(card));
  if (destination.length === 0) {
    const text = "No user yet. A user appears here at the first sign-in that migrates.";
    byId("destination").append(element("li", { className: "empty", textContent: text }));
  }
  byId("count-source").textContent = `${source.length - moved} still here only, ${moved} moved`;
  byId("count-destination").textContent = `${destination.length}`;
  if (first || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const user of destination.filter((each) => !known.has(each.sub))) move(user);
}

function card(user) {
  const facts = [
    user.groups.length > 0 && `groups: ${user.groups.join(", ")}`,
    user.factors.length > 0 && `second factor: ${user.factors.join(", ")}`,
    user.mark && `mark: ${user.mark}`,
  ].filter(Boolean);
  const status = user.enabled ? user.status : `${user.status}, disabled`;
  const made = element(
    "li",
    { className: user.moved ? "moved" : "" },
    element(
      "div",
      { className: "name" },
      element("span", { textContent: user.name }),
      user.moved ? element("span", { className: "tag good", textContent: "moved" }) : "",
    ),
    element("p", { className: "hint", textContent: [status, ...facts].join(" · ") }),
  );
  made.dataset.sub = user.sub;
  return made;
}

/** From where the user was to where the user is now. */
function move(user) {
  const find = (list, sub) => [...byId(list).children].find((each) => each.dataset.sub === sub);
  const [from, to] = [find("source", user.legacy_sub), find("destination", user.sub)];
  if (from === undefined) return;
  const [before, after] = [from.getBoundingClientRect(), to.getBoundingClientRect()];
  const start = `translate(${before.x - after.x}px, ${before.y - after.y}px)`;
  to.animate([{ transform: start, opacity: 0.5 }, { transform: "none", opacity: 1 }], { duration: 900, easing: "ease-in-out" });
}

// The function.

function showLog() {
  byId("log").replaceChildren(...state.log.map(row));
  byId("log-empty").hidden = state.log.length > 0;
}

function row(entry) {
  const outcome = element("span", { className: `tag ${OUTCOMES[entry.outcome] ?? "mind"}`, textContent: entry.outcome });
  const why = [outcome, ` ${entry.why || entry.message} `, element("code", { textContent: entry.reason })];
  // May be broken behind the underscore.
  const [trigger, ...source] = entry.trigger.split(/(?<=_)/);
  const took = entry.duration_ms === "" ? "–" : `${Math.round(entry.duration_ms)} ms`;
  why.push(element("div", { className: "hint", textContent: counted(entry.calls) }));
  const cells = [
    ["Time", "time", entry.at],
    ["Trigger", "", element("span", {}, trigger, element("wbr"), ...source)],
    ["Outcome", "", element("span", {}, ...why)],
    ["Took", "number", took],
    ["Calls", "number", entry.calls.length],
    ["Request id", "id request", entry.request_id || "–"],
  ];
  return element(
    "tr",
    {},
    ...cells.map(([label, className, content]) => {
      const cell = element("td", { className }, content);
      cell.dataset.label = label;
      return cell;
    }),
  );
}

function counted(calls) {
  const times = (name) => calls.filter((each) => each === name).length;
  return [...new Set(calls)].map((name) => (times(name) > 1 ? `${name} ×${times(name)}` : name)).join(", ");
}

function showSettings() {
  const form = byId("settings");
  if (form.childElementCount === 0) form.append(...state.switches.map(switchOf));
  for (const { name, value } of state.switches) byId(name).value = value;
  byId("in-force").replaceChildren(
    ...Object.entries(state.settings).flatMap(([name, value]) => [
      element("dt", { className: "id", textContent: name }),
      element("dd", { className: "id", textContent: value || "not set" }),
    ]),
  );
}

function switchOf({ name, values }) {
  const select = element("select", { id: name }, ...values.map((value) => new Option(value || "not set", value)));
  select.addEventListener("change", () => deploy({ [name]: select.value }));
  const label = element("label", { textContent: name, htmlFor: name });
  return element("div", {}, label, select);
}

async function deploy(changed) {
  showFunction("", "The function is starting", "");
  latest = "";
  await ask("/api/settings", changed);
  await refresh();
}

function showRunning() {
  const process = state.running;
  if (process !== null) return showFunction("good", "The function is running", `process ${process}`);
  const again = element("button", { type: "button", textContent: "Start it again" });
  again.addEventListener("click", () => deploy({}));
  showFunction("bad", "The function is gone:", "its process has ended", again);
}

function showFunction(kind, word, more, ...rest) {
  const status = byId("function");
  status.className = `function ${kind}`;
  status.replaceChildren(element("b", { textContent: word }), element("span", { textContent: more }), ...rest);
}

byId("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  act(event.submitter?.dataset.act ?? "signIn");
});
byId("reset").addEventListener("submit", (event) => {
  event.preventDefault();
  act("confirm");
});
byId("sign-out").addEventListener("click", () => act("signOut"));

async function poll() {
  if (!document.hidden) await refresh();
  setTimeout(poll, POLL);
}
poll();

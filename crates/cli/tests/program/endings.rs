//! The results of users: a survey predicts for each user what two sign-ins through the real function lead to.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use testbed::source_pool::{State, User};

use crate::{
    replay::{Replay, surveyed},
    strict_pool::{StrictPool, Style},
    support::*,
};

const STYLES: [Style; 8] = [
    Style::Names,
    Style::Aliases(&["email"]),
    Style::Aliases(&["phone_number"]),
    Style::Aliases(&["preferred_username"]),
    Style::Aliases(&["email", "phone_number"]),
    Style::Attributes(&["email"]),
    Style::Attributes(&["phone_number"]),
    Style::Attributes(&["email", "phone_number"]),
];

/// How users sign in to the source pool.
const SOURCE_STYLES: [&[&str]; 2] = [&[], &["email", "phone_number", "preferred_username"]];

/// Users of every kind whom a destination pool takes, refuses or locks out. `?`: the contact is not verified.
const USERS: [&str; 12] = [
    "own@example.com email=own@example.com",
    "doubtful@example.com email?=doubtful@example.com",
    "old@example.com email=new@example.com",
    "plain email=plain@example.com phone_number=+15550101",
    "+15550102 phone_number=+15550102",
    "+15550103 phone_number?=+15550103",
    "Upper email=Upper@example.com",
    "unproven email?=unproven@example.com phone_number?=+15550104",
    "reset email=reset@example.com status=RESET_REQUIRED",
    "long email=long@example.com custom:a=longer-than-it-may-be",
    "petted email=petted@example.com preferred_username=pet",
    "bare",
];

fn users() -> Vec<User> {
    let user = |text: &str| {
        let mut words = text.split(' ');
        let username = words.next().expect("a name");
        let user = User::new(username, &password_of(username));
        let pairs = words.map(|word| word.split_once('=').expect("a value"));
        pairs.fold(user, |user, (name, value)| match name.strip_suffix('?') {
            _ if name == "status" => user.with_status(value),
            Some(contact) => user.with(contact, value),
            None => user
                .with(name, value)
                .with(&format!("{name}_verified"), "true"),
        })
    };
    USERS.map(user).into()
}

/// One set of settings and one way of signing in to the source pool.
#[derive(Clone, Copy, Debug)]
struct Case {
    source: &'static [&'static str],
    username: &'static str,
    lookup: &'static str,
}

impl Case {
    fn settings(self) -> [(&'static str, &'static str); 3] {
        [
            ("DST_USERNAME", self.username),
            ("SRC_LOOKUP", self.lookup),
            ("ATTRIBUTE_MAP", r#"{"custom:*":"custom:*"}"#),
        ]
    }

    fn state(self, destination: &StrictPool) -> State {
        let mut state = two_pools(users());
        let members = json!({
            "AliasAttributes": self.source, "UsernameConfiguration": {"CaseSensitive": true},
            "SchemaAttributes": texts(&["custom:a"]),
        });
        describe_source(&mut state, members);
        state.sign_in_with = self.source.iter().map(|&name| name.to_owned()).collect();
        describe_destination(&mut state, destination.description());
        state
    }

    /// The names by which the user signs in to the source pool, or the value that is looked up.
    fn names(self, user: &User) -> Vec<String> {
        let held = |name: &str| user.attributes.get(name).cloned();
        if self.lookup != "none"
            && let Some(value) = held(self.lookup)
        {
            return vec![value];
        }
        let is_proven = |name: &str| {
            name == "preferred_username"
                || held(&format!("{name}_verified")).as_deref() == Some("true")
        };
        let aliases = self.source.iter().filter(|name| is_proven(name));
        let mut names = vec![user.username.clone()];
        names.extend(aliases.filter_map(|name| held(name)));
        names
    }
}

/// What the function answers when a user types this name at two sign-ins, with a password reset where one is due.
async fn response(replay: &Replay, typed: &str, password: &str) -> Value {
    let signed_in = replay.sign_in(typed, password).await;
    let response = signed_in.response()["response"].take();
    match response["userAttributes"].is_null() {
        true => replay.forgot_password(typed).await.response()["response"].take(),
        false => response,
    }
}

/// Where such a user ends up.
fn ending(pool: &StrictPool, name: &str, response: &Value) -> &'static str {
    // The name can be another user's.
    if response["userAttributes"].is_null() {
        return "stays";
    }
    match pool.create(&pool.handed_over(name), response) {
        Err(_) => "refused",
        Ok(created) if !pool.finds(&created, name) => "locked_out",
        Ok(created) if created.must_reset => "moves_after_reset",
        Ok(_) => "moves",
    }
}

/// The results, best first.
const RESULTS: [&str; 5] = [
    "moves",
    "moves_after_reset",
    "stays",
    "refused",
    "locked_out",
];

/// Compares the results of a case before every destination pool.
async fn compare(case: Case, counts: &mut BTreeMap<String, usize>) {
    let strict = |style, case_sensitive| StrictPool {
        style,
        case_sensitive,
        longest: 5,
    };
    let pool = started(case.state(&strict(Style::Names, false))).await;
    let replay = Replay::start(&pool, &case.settings()).await;
    // Many destination pools put the same question.
    let mut responses = HashMap::new();
    let with_case = |style| [(style, false), (style, true)];
    for (style, case_sensitive) in STYLES.into_iter().flat_map(with_case) {
        let destination = strict(style, case_sensitive);
        let pool = started(case.state(&destination)).await;
        let surveyed = surveyed(&pool, "endings", &case.settings()).await;
        for user in users() {
            let mut endings = vec![];
            for name in case.names(&user) {
                let asked = (destination.handed_over(&name), password_of(&user.username));
                if !responses.contains_key(&asked) {
                    let response = response(&replay, &asked.0, &asked.1).await;
                    responses.insert(asked.clone(), response);
                }
                endings.push(ending(&destination, &name, &responses[&asked]));
            }
            let best = RESULTS.into_iter().find(|result| endings.contains(result));
            let found = &surveyed[&user.sub()][0];
            assert_eq!(
                Some(found.as_str()),
                best,
                "{case:?} {destination:?} {user:?}: {endings:?}"
            );
            *counts.entry(found.clone()).or_default() += 1;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_end_up_where_the_survey_says() {
    let mut counts = BTreeMap::new();
    for source in SOURCE_STYLES {
        for username in ["none", "username", "sub"] {
            for lookup in ["none", "email", "phone_number", "preferred_username"] {
                let case = Case {
                    source,
                    username,
                    lookup,
                };
                compare(case, &mut counts).await;
            }
        }
    }
    // Every result occurs often.
    assert_eq!(counts.len(), RESULTS.len(), "{counts:?}");
    assert!(counts.values().all(|count| *count >= 20), "{counts:?}");
}

//! The results of users: a survey predicts for each user what two sign-ins through the real function lead to.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use testbed::{
    function::Setup,
    runtime::{Host, InvocationAnswer},
    source_pool::{SourcePoolStub, State, User},
};

use crate::{
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

/// Users of every kind whom a destination pool takes, refuses or locks out.
fn users() -> Vec<User> {
    let named = |username: &str| User::new(username, &password_of(username));
    let with_email = |user: User, email: &str, verified: &str| {
        user.with("email", email).with("email_verified", verified)
    };
    let with_number = |user: User, number: &str, verified: &str| {
        user.with("phone_number", number)
            .with("phone_number_verified", verified)
    };
    vec![
        with_email(named("own@example.com"), "own@example.com", "true"),
        with_email(
            named("doubtful@example.com"),
            "doubtful@example.com",
            "false",
        ),
        with_email(named("old@example.com"), "new@example.com", "true"),
        with_number(
            with_email(named("plain"), "plain@example.com", "true"),
            "+15550101",
            "true",
        ),
        with_number(named("+15550102"), "+15550102", "true"),
        with_number(named("+15550103"), "+15550103", "false"),
        with_email(named("Upper"), "Upper@example.com", "true"),
        with_number(
            with_email(named("unproven"), "unproven@example.com", "false"),
            "+15550104",
            "false",
        ),
        with_email(named("reset"), "reset@example.com", "true").with_status("RESET_REQUIRED"),
        with_email(named("long"), "long@example.com", "true").with("custom:a", "too long for it"),
        with_email(named("petted"), "petted@example.com", "true").with("preferred_username", "pet"),
        named("bare"),
    ]
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
        state.description.extend([
            ("AliasAttributes".into(), json!(self.source)),
            (
                "UsernameConfiguration".into(),
                json!({"CaseSensitive": true}),
            ),
            (
                "SchemaAttributes".into(),
                json!([{
                    "Name": "custom:a", "AttributeDataType": "String", "Mutable": true,
                    "StringAttributeConstraints": {"MinLength": "0", "MaxLength": "100"},
                }]),
            ),
        ]);
        state.sign_in_with = self.source.iter().map(|&name| name.to_owned()).collect();
        if let Value::Object(description) = destination.description() {
            state.neighbours[0].description.extend(description);
        }
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

/// A function, asked as a destination pool asks it. Answers are kept: many pools put the same question.
struct Asked {
    host: Host,
    answers: HashMap<String, Value>,
}

impl Asked {
    async fn answer(&mut self, trigger: &str, typed: &str, request: Value) -> Value {
        let event = json!({
            "version": "1", "triggerSource": trigger, "region": "eu-central-1", "userPoolId": DESTINATION,
            "userName": typed, "callerContext": {"clientId": "7newclient"}, "request": request,
            "response": {"userAttributes": null},
        });
        let key = event.to_string();
        if let Some(answer) = self.answers.get(&key) {
            return answer.clone();
        }
        let InvocationAnswer::Response(payload) = self.host.invoke(&event).await.answer else {
            panic!("no answer to {key}");
        };
        let answer: Value = serde_json::from_slice(&payload).expect("JSON");
        self.answers.insert(key, answer["response"].clone());
        answer["response"].clone()
    }

    /// Where a user ends up who types this name at two sign-ins, with a password reset where one is due.
    async fn ending(&mut self, pool: &StrictPool, user: &User, name: &str) -> &'static str {
        let typed = pool.handed_over(name);
        let password = json!({"password": password_of(&user.username)});
        let mut response = self
            .answer("UserMigration_Authentication", &typed, password)
            .await;
        if response["userAttributes"].is_null() {
            response = self
                .answer("UserMigration_ForgotPassword", &typed, json!({}))
                .await;
        }
        // The name can be another user's.
        if response["userAttributes"].is_null() {
            return "stays";
        }
        match pool.create(&typed, &response) {
            Err(_) => "refused",
            Ok(created) if !pool.finds(&created, name) => "locked_out",
            Ok(created) if created.must_reset => "moves_after_reset",
            Ok(_) => "moves",
        }
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

/// The results of a survey by `sub`, and what it counts.
async fn surveyed(case: Case, destination: &StrictPool, name: &str) -> HashMap<String, String> {
    let pool = SourcePoolStub::start(case.state(destination))
        .await
        .expect("a loopback port");
    let csv = folder(name).join("users.csv");
    let csv = csv.display().to_string();
    let mut arguments = vec!["survey".to_owned(), "--csv".to_owned(), csv.clone()];
    for (name, value) in case.settings() {
        arguments.extend(["--set".to_owned(), format!("{name}={value}")]);
    }
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let said = run(&pool, &arguments).await;
    assert_eq!(said.status, Some(0), "{said:?}");
    let text = std::fs::read_to_string(csv).expect("the file");
    let lines = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect::<Vec<_>>());
    lines
        .map(|line| (line[0].to_owned(), line[1].to_owned()))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn users_end_up_where_the_survey_says() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (number, source) in SOURCE_STYLES.into_iter().enumerate() {
        for username in ["none", "username", "sub"] {
            for lookup in ["none", "email", "phone_number", "preferred_username"] {
                let case = Case {
                    source,
                    username,
                    lookup,
                };
                let strict = |style, case_sensitive| StrictPool {
                    style,
                    case_sensitive,
                    longest: 5,
                };
                let pool = SourcePoolStub::start(case.state(&strict(Style::Names, false)))
                    .await
                    .expect("a loopback port");
                let host = Host::start().await.expect("a loopback port");
                let setup = Setup::new(function()).using(&pool).with("METRICS", "none");
                let settings = case.settings();
                let setup = settings
                    .iter()
                    .fold(setup, |setup, (name, value)| setup.with(name, value));
                let running = setup
                    .start(&host)
                    .await
                    .unwrap_or_else(|refused| panic!("{refused}"));
                let mut asked = Asked {
                    host,
                    answers: HashMap::new(),
                };
                for (style, case_sensitive) in STYLES
                    .into_iter()
                    .flat_map(|style| [(style, false), (style, true)])
                {
                    let destination = strict(style, case_sensitive);
                    let folder = format!("ending-{number}-{username}-{lookup}");
                    let surveyed = surveyed(case, &destination, &folder).await;
                    for user in users() {
                        let mut endings = vec![];
                        for name in case.names(&user) {
                            endings.push(asked.ending(&destination, &user, &name).await);
                        }
                        let best = RESULTS.into_iter().find(|result| endings.contains(result));
                        let found = surveyed.get(&user.sub()).map(String::as_str);
                        assert_eq!(
                            found, best,
                            "{case:?} {destination:?} {user:?}: {endings:?}"
                        );
                        *counts
                            .entry(best.unwrap_or_default().to_owned())
                            .or_default() += 1;
                    }
                }
                running.end().await;
            }
        }
    }
    // Every result occurs often.
    assert_eq!(counts.len(), RESULTS.len(), "{counts:?}");
    assert!(counts.values().all(|count| *count >= 20), "{counts:?}");
}

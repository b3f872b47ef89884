//! The predictions of a survey, compared with the real function for users of every kind.

use std::collections::HashMap;

use serde_json::{Value, json};
use testbed::{
    function::Setup,
    runtime::Host,
    source_pool::{Client, SourcePoolStub, State, User},
};

use crate::support::*;

/// Users of each case: enough that every reason for which users stay comes up, which is counted. The rules themselves are
/// proven in `rules`, and the results of a survey in `endings`.
const USERS: usize = 120;

const STATUSES: [&str; 9] = [
    "CONFIRMED",
    "UNCONFIRMED",
    "RESET_REQUIRED",
    "FORCE_CHANGE_PASSWORD",
    "EXTERNAL_PROVIDER",
    "ARCHIVED",
    "COMPROMISED",
    "UNKNOWN",
    "SUSPENDED",
];

/// Settings, and pools to which they matter.
#[derive(Clone, Copy, Default)]
struct Case {
    variables: &'static [(&'static str, &'static str)],
    source_regards_case: bool,
    destination_regards_case: bool,
    mfa: Option<&'static str>,
    /// The attribute with which users sign in to the source pool instead of a user name.
    username_attribute: Option<&'static str>,
    hides_users: bool,
    readable: Option<&'static [&'static str]>,
}

const PLAIN: Case = Case {
    variables: &[],
    source_regards_case: false,
    destination_regards_case: false,
    mfa: None,
    username_attribute: None,
    hides_users: false,
    readable: None,
};

/// Both pools' regard for case, from "the source pool's, the destination pool's".
const fn case(variables: &'static [(&'static str, &'static str)], cases: (bool, bool)) -> Case {
    Case {
        variables,
        source_regards_case: cases.0,
        destination_regards_case: cases.1,
        ..PLAIN
    }
}

const CASES: [Case; 24] = [
    PLAIN,
    case(&[("ON_FORGOT_PASSWORD", "ignore")], (true, false)),
    case(&[("ON_TEMPORARY_PASSWORD", "reset")], (true, true)),
    case(
        &[
            ("RESET_CONTACTS", "email"),
            ("DST_USERNAME", "sub"),
            ("MIGRATION_MARK", "custom:mark"),
        ],
        (false, false),
    ),
    case(
        &[
            ("RESET_CONTACTS", "phone_number"),
            ("ON_TEMPORARY_PASSWORD", "reset"),
        ],
        (false, false),
    ),
    case(&[("SRC_LOOKUP", "email")], (false, false)),
    case(
        &[("SRC_LOOKUP", "email"), ("ON_TEMPORARY_PASSWORD", "reset")],
        (true, false),
    ),
    case(&[("SRC_LOOKUP", "email")], (true, true)),
    case(&[("SRC_LOOKUP", "phone_number")], (true, false)),
    case(&[("SRC_LOOKUP", "preferred_username")], (true, false)),
    case(
        &[
            ("SRC_LOOKUP", "preferred_username"),
            ("ON_FORGOT_PASSWORD", "ignore"),
        ],
        (true, true),
    ),
    case(&[], (true, false)),
    Case {
        hides_users: true,
        ..case(&[("SRC_LOOKUP", "phone_number")], (true, false))
    },
    Case {
        hides_users: true,
        ..case(&[("DST_USERNAME", "username")], (true, false))
    },
    Case {
        readable: Some(&["email", "email_verified", "custom:tenant"]),
        ..case(
            &[
                ("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH"),
                ("ON_TEMPORARY_PASSWORD", "reset"),
            ],
            (true, true),
        )
    },
    Case {
        readable: Some(&["phone_number", "phone_number_verified", "custom:tenant"]),
        ..case(
            &[
                ("SRC_PROFILE", "id_token"),
                (
                    "ATTRIBUTE_MAP",
                    r#"{"custom:*":"custom:*","sub":"custom:legacy"}"#,
                ),
            ],
            (true, true),
        )
    },
    case(
        &[
            ("ATTRIBUTE_MAP", r#"{"email":null}"#),
            ("ON_TEMPORARY_PASSWORD", "reset"),
        ],
        (true, true),
    ),
    case(
        &[
            (
                "ATTRIBUTE_MAP",
                r#"{"custom:tenant":"email","phone_number":"custom:phone"}"#,
            ),
            (
                "STATIC_ATTRIBUTES",
                r#"{"locale":"de","email_verified":"false"}"#,
            ),
        ],
        (true, true),
    ),
    Case {
        mfa: Some("ON"),
        ..PLAIN
    },
    Case {
        mfa: Some("ON"),
        ..case(&[("ON_MFA", "sms")], (false, false))
    },
    Case {
        mfa: Some("ON"),
        ..case(
            &[("ON_MFA", "reset"), ("RESET_CONTACTS", "email")],
            (false, false),
        )
    },
    Case {
        mfa: Some("ON"),
        ..case(
            &[("ON_MFA", "drop"), ("ON_TEMPORARY_PASSWORD", "reset")],
            (false, false),
        )
    },
    Case {
        mfa: Some("OPTIONAL"),
        ..case(
            &[(
                "PASSWORD_POLICY",
                r#"{"minimumLength":8,"requireSymbols":true}"#,
            )],
            (false, false),
        )
    },
    Case {
        username_attribute: Some("email"),
        ..case(&[], (false, false))
    },
];

/// Numbers that look random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let high = usize::try_from(self.0 >> 33).expect("31 bits");
        high % end
    }

    fn one_of<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        texts[self.below(texts.len())]
    }
}

impl Case {
    fn lookup(&self) -> Option<&'static str> {
        self.variables
            .iter()
            .find(|(name, _)| *name == "SRC_LOOKUP")
            .map(|(_, value)| *value)
    }

    fn has_tokens_that_vouch(&self) -> bool {
        self.readable.is_some()
    }

    /// A random user.
    fn user(&self, number: usize, numbers: &mut Numbers) -> User {
        // Of each two, some differ in the case of the name only.
        let name = match numbers.below(4) {
            0 if self.source_regards_case => format!("Twin{}", number / 2),
            1 if self.source_regards_case && number % 2 == 1 => format!("twin{}", number / 2),
            2 if self.username_attribute.is_none() => format!("n{number}@example.com"),
            _ => format!("u{number}"),
        };
        let username = match self.username_attribute {
            Some(_) => format!("id-{number}"),
            None => name.clone(),
        };
        let statuses = if self.has_tokens_that_vouch() {
            5
        } else {
            STATUSES.len()
        };
        let status = match numbers.below(3) {
            0 => "CONFIRMED",
            _ => STATUSES[numbers.below(statuses)],
        };
        let mut user = User::new(&username, &password_of(&username)).with_status(status);
        user.enabled = numbers.below(8) > 0;
        if status == "EXTERNAL_PROVIDER" {
            user.password = None;
        }
        let may_share = self.username_attribute.is_none();
        let email = match numbers.below(6) {
            0 => None,
            1 if may_share => Some(format!("Shared{}@example.com", numbers.below(40))),
            2 if may_share => Some(format!("shared{}@example.com", numbers.below(40))),
            3 if may_share => Some(format!("no address {number}")),
            4 if self.destination_regards_case || self.lookup() == Some("email") => {
                Some(format!("Own{number}@example.com"))
            }
            _ => Some(format!("own{number}@example.com")),
        };
        if let Some(email) = email {
            user = user.with("email", &email).with(
                "email_verified",
                numbers.one_of(&["true", "true", "false", "True"]),
            );
        }
        let phone_number = match numbers.below(4) {
            0 => None,
            1 => Some(format!("+4915550{}", numbers.below(40))),
            _ => Some(format!("+49155501{number:05}")),
        };
        if let Some(phone_number) = phone_number {
            let verified = numbers.one_of(&["true", "true", "false"]);
            user = user
                .with("phone_number", &phone_number)
                .with("phone_number_verified", verified);
        }
        match numbers.below(4) {
            0 => user = user.with("preferred_username", &format!("Pet{}", numbers.below(60))),
            1 => user = user.with("preferred_username", &format!("pet{}", numbers.below(60))),
            2 => user = user.with("preferred_username", &format!("own-pet-{number}")),
            _ => {}
        }
        if numbers.below(2) == 0 {
            user = user.with(
                "custom:tenant",
                numbers.one_of(&["", "t", "tenant@example.com"]),
            );
        }
        if self.mfa == Some("ON") && user.status != "FORCE_CHANGE_PASSWORD" {
            user = user.with_challenge("SOFTWARE_TOKEN_MFA");
            if numbers.below(2) == 0 {
                user.mfa = vec!["SOFTWARE_TOKEN_MFA".into()];
            }
        }
        user
    }

    fn state(&self, seed: u64) -> State {
        let mut numbers = Numbers(seed);
        let mut users: Vec<_> = (0..USERS)
            .map(|number| self.user(number, &mut numbers))
            .collect();
        let mut names = std::collections::HashSet::new();
        users.retain(|user| names.insert(user.username.clone()));
        let mut state = two_pools(users);
        let case = |regards: bool| json!({"CaseSensitive": regards});
        state.description.insert(
            "UsernameConfiguration".into(),
            case(self.source_regards_case),
        );
        let destination = &mut state.neighbours[0].description;
        destination.insert(
            "UsernameConfiguration".into(),
            case(self.destination_regards_case),
        );
        state
            .description
            .insert("MfaConfiguration".into(), json!(self.mfa.unwrap_or("OFF")));
        if let Some(attribute) = self.username_attribute {
            state
                .description
                .insert("UsernameAttributes".into(), json!([attribute]));
            state.sign_in_with = vec![attribute.into()];
        }
        let client: &mut Client = &mut state.clients[0];
        client.prevent_user_existence_errors = self.hides_users;
        client.readable = self
            .readable
            .map(|names| names.iter().map(|&name| name.to_owned()).collect());
        state
    }

    /// What the destination pool hands over when this user signs in.
    fn typed(&self, user: &User) -> String {
        let held = |name: &str| user.attributes.get(name).filter(|value| !value.is_empty());
        let looked_up = self.lookup().and_then(|name| {
            held(name)
                .filter(|value| name != "email" || value.contains('@') && !value.contains(' '))
        });
        let in_source = self.username_attribute.and_then(held);
        let typed = looked_up.or(in_source).unwrap_or(&user.username);
        match self.destination_regards_case {
            true => typed.clone(),
            false => typed.to_lowercase(),
        }
    }
}

fn event(trigger: &str, username: &str, request: Value) -> Value {
    json!({
        "version": "1", "triggerSource": trigger, "region": "eu-central-1", "userPoolId": DESTINATION,
        "userName": username, "callerContext": {"clientId": "7newclient"}, "request": request,
        "response": {"userAttributes": null},
    })
}

/// What the function made of a user, and of whom it spoke.
type Answered = (String, Option<String>);

/// What the real function does with each of these users at a sign-in with the right password and at a reset.
async fn replayed(case: &Case, pool: &SourcePoolStub, users: &[User]) -> Vec<[Answered; 2]> {
    let host = Host::start().await.expect("a loopback port");
    let setup = Setup::new(function())
        .using(pool)
        .with("METRICS", "none")
        .with("AWS_LAMBDA_LOG_LEVEL", "DEBUG");
    let setup = case
        .variables
        .iter()
        .fold(setup, |setup, (name, value)| setup.with(name, value));
    let running = setup
        .start(&host)
        .await
        .unwrap_or_else(|refused| panic!("{refused}"));
    let mut ids = vec![];
    for user in users {
        let typed = case.typed(user);
        let password = user.password.as_deref().unwrap_or("Other-Users-9");
        let sign_in = event(
            "UserMigration_Authentication",
            &typed,
            json!({"password": password}),
        );
        let reset = event("UserMigration_ForgotPassword", &typed, json!({}));
        let sign_in = host.invoke(&sign_in).await.request_id;
        ids.push([sign_in, host.invoke(&reset).await.request_id]);
    }
    let is_whole = |output: &testbed::function::ProcessOutput| {
        let last = ids
            .last()
            .map(|[_, last]| last.as_str())
            .unwrap_or_default();
        output.stdout().contains(last)
    };
    running.output_with(is_whole).await;
    let output = running.end().await.output;
    let mut answers: HashMap<String, Answered> = HashMap::new();
    for line in output.lines() {
        let text = |name: &str| line[name].as_str().map(str::to_owned);
        if let (Some(id), Some(outcome)) = (text("request_id"), text("outcome")) {
            answers.insert(id, (text("reason").unwrap_or(outcome), text("source_sub")));
        }
    }
    let answered = |id: &String| {
        answers
            .get(id)
            .cloned()
            .unwrap_or_else(|| panic!("{id}: {}", output.all()))
    };
    ids.iter()
        .map(|[sign_in, reset]| [answered(sign_in), answered(reset)])
        .collect()
}

/// What a survey foresees for each `sub`.
async fn foreseen(case: &Case, pool: &SourcePoolStub, name: &str) -> HashMap<String, [String; 2]> {
    let csv = folder(name).join("users.csv");
    let mut arguments = vec![
        "survey".to_owned(),
        "--csv".to_owned(),
        csv.display().to_string(),
    ];
    for (name, value) in case.variables {
        arguments.extend(["--set".to_owned(), format!("{name}={value}")]);
    }
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let said = run(pool, &arguments).await;
    assert_eq!(said.status, Some(0), "{said:?}");
    let text = std::fs::read_to_string(csv).expect("the file");
    text.lines()
        .skip(1)
        .map(|line| {
            let fields: Vec<_> = line.split(',').map(str::to_owned).collect();
            (fields[0].clone(), [fields[2].clone(), fields[3].clone()])
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_function_does_with_each_user_what_the_survey_foresees() {
    let mut replays = tokio::task::JoinSet::new();
    let mut compared = 0;
    let mut outcomes = std::collections::BTreeMap::new();
    for (number, case) in CASES.into_iter().enumerate() {
        replays.spawn(async move {
            let state = case.state(number as u64 + 1);
            let users = state.users.clone();
            let pool = SourcePoolStub::start(state).await.expect("a loopback port");
            let foreseen = foreseen(&case, &pool, &format!("prediction-{number}")).await;
            let replayed = replayed(&case, &pool, &users).await;
            (number, users, foreseen, replayed)
        });
        // More than cores: each waits for its answers.
        while replays.len() >= 4 || number + 1 == CASES.len() && !replays.is_empty() {
            let (number, users, foreseen, replayed) = replays
                .join_next()
                .await
                .expect("a case")
                .expect("it ended");
            assert_eq!(foreseen.len(), users.len());
            for (user, answers) in users.iter().zip(replayed) {
                let predicted = &foreseen[&user.sub()];
                for (column, (answered, about)) in answers.into_iter().enumerate() {
                    let is_other = about.is_some_and(|sub| sub != user.sub());
                    let expected = match user.status.as_str() {
                        // These users have no password. Whatever the function says, it does not migrate them.
                        "EXTERNAL_PROVIDER" => {
                            assert!(
                                answered != "migrated" || is_other,
                                "case {number}: {user:?}"
                            );
                            "external_provider"
                        }
                        // The name belongs to another user, so this line does not apply.
                        _ if is_other => "user_not_found",
                        _ => &answered,
                    };
                    assert_eq!(
                        predicted[column], expected,
                        "case {number}, column {column}: {user:?}"
                    );
                    *outcomes.entry(predicted[column].clone()).or_insert(0) += 1;
                }
                compared += 1;
            }
        }
    }
    assert_eq!(outcomes.len(), 13, "{compared} users: {outcomes:?}");
    assert!(outcomes.values().all(|count| *count >= 20), "{outcomes:?}");
}

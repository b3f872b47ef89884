//! The predictions of a survey, compared with the real function for users of every kind.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::json;
use testbed::source_pool::{SourcePoolStub, State, User};
use tokio::task::JoinSet;

use crate::{
    replay::{Replay, surveyed},
    support::*,
};

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

/// Settings, in capital letters, and pools to which they matter. `from_case` and `to_case`: the source pool and the
/// destination pool regard the case of names. `by`: the attribute with which users sign in to the source pool instead of a
/// user name. `readable`: the attributes that the app client reads.
const CASES: [&str; 24] = [
    "",
    "ON_FORGOT_PASSWORD=ignore from_case",
    "ON_TEMPORARY_PASSWORD=reset from_case to_case",
    "RESET_CONTACTS=email DST_USERNAME=sub MIGRATION_MARK=custom:mark",
    "RESET_CONTACTS=phone_number ON_TEMPORARY_PASSWORD=reset",
    "SRC_LOOKUP=email",
    "SRC_LOOKUP=email ON_TEMPORARY_PASSWORD=reset from_case",
    "SRC_LOOKUP=email from_case to_case",
    "SRC_LOOKUP=phone_number from_case",
    "SRC_LOOKUP=preferred_username from_case",
    "SRC_LOOKUP=preferred_username ON_FORGOT_PASSWORD=ignore from_case to_case",
    "from_case",
    "SRC_LOOKUP=phone_number from_case hides_users",
    "DST_USERNAME=username from_case hides_users",
    "SRC_AUTH_FLOW=USER_PASSWORD_AUTH ON_TEMPORARY_PASSWORD=reset from_case to_case readable=email,email_verified,custom:tenant",
    r#"SRC_PROFILE=id_token ATTRIBUTE_MAP={"custom:*":"custom:*","sub":"custom:legacy"} from_case to_case readable=phone_number,phone_number_verified,custom:tenant"#,
    r#"ATTRIBUTE_MAP={"email":null} ON_TEMPORARY_PASSWORD=reset from_case to_case"#,
    r#"ATTRIBUTE_MAP={"custom:tenant":"email","phone_number":"custom:phone"} STATIC_ATTRIBUTES={"locale":"de","email_verified":"false"} from_case to_case"#,
    "mfa=ON",
    "ON_MFA=sms mfa=ON",
    "ON_MFA=reset RESET_CONTACTS=email mfa=ON",
    "ON_MFA=drop ON_TEMPORARY_PASSWORD=reset mfa=ON",
    r#"PASSWORD_POLICY={"minimumLength":8,"requireSymbols":true} mfa=OPTIONAL"#,
    "by=email",
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

/// One of [`CASES`].
#[derive(Clone, Copy)]
struct Case(&'static str);

impl Case {
    fn is(self, word: &str) -> bool {
        self.0.split(' ').any(|known| known == word)
    }

    fn value(self, name: &str) -> Option<&'static str> {
        let mut pairs = self.0.split(' ').filter_map(|word| word.split_once('='));
        pairs
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    fn settings(self) -> Vec<(&'static str, &'static str)> {
        let pairs = self.0.split(' ').filter_map(|word| word.split_once('='));
        pairs
            .filter(|(name, _)| name.starts_with(char::is_uppercase))
            .collect()
    }

    /// A random user.
    fn user(self, number: usize, numbers: &mut Numbers) -> User {
        // Of each two, some differ in the case of the name only.
        let name = match numbers.below(4) {
            0 if self.is("from_case") => format!("Twin{}", number / 2),
            1 if self.is("from_case") && number % 2 == 1 => format!("twin{}", number / 2),
            2 if self.value("by").is_none() => format!("n{number}@example.com"),
            _ => format!("u{number}"),
        };
        let username = match self.value("by") {
            Some(_) => format!("id-{number}"),
            None => name.clone(),
        };
        // Only a user with one of the first statuses gets tokens.
        let statuses = self.value("readable").map_or(STATUSES.len(), |_| 5);
        let status = match numbers.below(3) {
            0 => "CONFIRMED",
            _ => STATUSES[numbers.below(statuses)],
        };
        let mut user = User::new(&username, &password_of(&username)).with_status(status);
        user.enabled = numbers.below(8) > 0;
        if status == "EXTERNAL_PROVIDER" {
            user.password = None;
        }
        let may_share = self.value("by").is_none();
        let email = match numbers.below(6) {
            0 => None,
            1 if may_share => Some(format!("Shared{}@example.com", numbers.below(40))),
            2 if may_share => Some(format!("shared{}@example.com", numbers.below(40))),
            3 if may_share => Some(format!("no address {number}")),
            4 if self.is("to_case") || self.value("SRC_LOOKUP") == Some("email") => {
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
        if self.value("mfa") == Some("ON") && user.status != "FORCE_CHANGE_PASSWORD" {
            user = user.with_challenge("SOFTWARE_TOKEN_MFA");
            if numbers.below(2) == 0 {
                user.mfa = vec!["SOFTWARE_TOKEN_MFA".into()];
            }
        }
        user
    }

    fn state(self, seed: u64) -> State {
        let mut numbers = Numbers(seed);
        let mut users: Vec<_> = (0..USERS)
            .map(|number| self.user(number, &mut numbers))
            .collect();
        let mut names = HashSet::new();
        users.retain(|user| names.insert(user.username.clone()));
        let mut state = two_pools(users);
        let regards = |word| json!({"CaseSensitive": self.is(word)});
        let mfa = self.value("mfa").unwrap_or("OFF");
        let members =
            json!({"UsernameConfiguration": regards("from_case"), "MfaConfiguration": mfa});
        describe_source(&mut state, members);
        let members = json!({"UsernameConfiguration": regards("to_case")});
        describe_destination(&mut state, members);
        if let Some(attribute) = self.value("by") {
            describe_source(&mut state, json!({"UsernameAttributes": [attribute]}));
            state.sign_in_with = vec![attribute.into()];
        }
        let client = &mut state.clients[0];
        client.prevent_user_existence_errors = self.is("hides_users");
        let readable = self.value("readable");
        client.readable = readable.map(|names| names.split(',').map(str::to_owned).collect());
        state
    }

    /// What the destination pool hands over when this user signs in.
    fn typed(self, user: &User) -> String {
        let held = |name: &str| user.attributes.get(name).filter(|value| !value.is_empty());
        let looked_up = self.value("SRC_LOOKUP").and_then(|name| {
            held(name)
                .filter(|value| name != "email" || value.contains('@') && !value.contains(' '))
        });
        let in_source = self.value("by").and_then(held);
        let typed = looked_up.or(in_source).unwrap_or(&user.username);
        match self.is("to_case") {
            true => typed.clone(),
            false => typed.to_lowercase(),
        }
    }
}

/// What the function made of a user, and of whom it spoke.
type Answered = (String, Option<String>);

/// What the real function does with each of these users at a sign-in with the right password and at a reset.
async fn replayed(case: Case, pool: &SourcePoolStub, users: &[User]) -> Vec<[Answered; 2]> {
    let settings = [case.settings(), vec![("AWS_LAMBDA_LOG_LEVEL", "DEBUG")]].concat();
    let replay = Replay::start(pool, &settings).await;
    let mut ids = vec![];
    for user in users {
        let typed = case.typed(user);
        let password = user.password.as_deref().unwrap_or("Other-Users-9");
        let sign_in = replay.sign_in(&typed, password).await;
        let reset = replay.forgot_password(&typed).await;
        ids.push([sign_in, reset].map(|outcome| outcome.request_id));
    }
    let last = ids.last().map(|[_, last]| last.clone());
    let mut answers: HashMap<String, Answered> = HashMap::new();
    for line in replay.log_with(&last.unwrap_or_default()).await {
        let text = |name: &str| line[name].as_str().map(str::to_owned);
        if let (Some(id), Some(outcome)) = (text("request_id"), text("outcome")) {
            answers.insert(id, (text("reason").unwrap_or(outcome), text("source_sub")));
        }
    }
    let mut answered = |id: String| answers.remove(&id).expect("a line about each invocation");
    ids.into_iter().map(|ids| ids.map(&mut answered)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_function_does_with_each_user_what_the_survey_foresees() {
    let mut replays = JoinSet::new();
    let mut outcomes: BTreeMap<_, usize> = BTreeMap::new();
    for (number, case) in CASES.into_iter().map(Case).enumerate() {
        replays.spawn(async move {
            let state = case.state(number as u64 + 1);
            let users = state.users.clone();
            let pool = started(state).await;
            let folder = format!("prediction-{number}");
            let foreseen = surveyed(&pool, &folder, &case.settings()).await;
            let replayed = replayed(case, &pool, &users).await;
            (case, users, foreseen, replayed)
        });
        // More than cores: each waits for its answers.
        while replays.len() >= 4 || number + 1 == CASES.len() && !replays.is_empty() {
            let ended = replays.join_next().await.expect("a case");
            let (case, users, foreseen, replayed) = ended.expect("it ended");
            assert_eq!(foreseen.len(), users.len());
            for (user, answers) in users.iter().zip(replayed) {
                let predicted = &foreseen[&user.sub()][1..];
                for (predicted, (answered, about)) in predicted.iter().zip(answers) {
                    let is_other = about.is_some_and(|sub| sub != user.sub());
                    let expected = match user.status.as_str() {
                        // These users have no password. Whatever the function says, it does not migrate them.
                        "EXTERNAL_PROVIDER" => {
                            assert!(answered != "migrated" || is_other, "{}: {user:?}", case.0);
                            "external_provider"
                        }
                        // The name belongs to another user, so this line does not apply.
                        _ if is_other => "user_not_found",
                        _ => &answered,
                    };
                    assert_eq!(predicted, expected, "{}: {user:?}", case.0);
                    *outcomes.entry(predicted.clone()).or_default() += 1;
                }
            }
        }
    }
    assert_eq!(outcomes.len(), 13, "{outcomes:?}");
    assert!(outcomes.values().all(|count| *count >= 20), "{outcomes:?}");
}

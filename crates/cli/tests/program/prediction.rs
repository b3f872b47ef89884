//! The predictions of a survey, compared with the real function and a destination pool for users of every kind.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use testbed::source_pool::{SourcePoolStub, State, User};

use crate::{
    replay::{Replay, surveyed},
    strict_pool::StrictPool,
    support::*,
};

/// Users of every kind whom a destination pool takes, refuses or locks out. `?`: the contact is not verified.
const USERS: [&str; 24] = [
    "own@example.com email=own@example.com",
    "doubtful@example.com email?=doubtful@example.com",
    "old@example.com email=new@example.com",
    "plain email=plain@example.com phone_number=+15550101",
    "+15550102 phone_number=+15550102",
    "+15550103 phone_number?=+15550103",
    "Upper email=Upper@example.com",
    "unproven email?=unproven@example.com phone_number?=+15550104",
    "long email=long@example.com custom:a=longer-than-it-may-be",
    "petted email=petted@example.com preferred_username=own-pet",
    "doubtful2@example.com email?=doubtful2@example.com",
    "+15550107 phone_number?=+15550107",
    "bare",
    "odd email=odd@example.com email_verified=True",
    "off email=off@example.com enabled=false",
    "tenant1 email=tenant1@example.com custom:tenant=t",
    "tenant2 email=tenant2@example.com custom:tenant=tenant@example.com",
    // They share a name or an address.
    "Twin email=twin1@example.com",
    "twin email=twin2@example.com",
    "shared1 email=Shared@example.com phone_number=+15550105",
    "shared2 email=shared@example.com phone_number=+15550105",
    "pet1 email=pet1@example.com preferred_username=Pet",
    "pet2 email=pet2@example.com preferred_username=pet",
    "no-address email=no-address",
];

/// A user of each status has a verified contact, another one has none.
const STATUSES: &str = "CONFIRMED UNCONFIRMED RESET_REQUIRED FORCE_CHANGE_PASSWORD EXTERNAL_PROVIDER ARCHIVED COMPROMISED UNKNOWN SUSPENDED";

/// Settings, in capital letters, and pools to which they matter. `from_case` and `to_case`: the source pool and the
/// destination pool regard the case of names. `by`: the attribute with which users sign in to the source pool instead of a
/// user name; `aliases` is every one beside the user name. `readable`: the attributes that the app client reads.
const CASES: [&str; 35] = [
    "",
    "ON_FORGOT_PASSWORD=ignore from_case",
    "ON_TEMPORARY_PASSWORD=reset from_case to_case",
    "RESET_CONTACTS=email DST_USERNAME=sub MIGRATION_MARK=custom:a",
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
    r#"ATTRIBUTE_MAP={"custom:tenant":"email","phone_number":"custom:a"} STATIC_ATTRIBUTES={"locale":"de","email_verified":"false"} from_case to_case"#,
    "mfa=ON",
    "ON_MFA=sms mfa=ON",
    "ON_MFA=reset RESET_CONTACTS=email mfa=ON",
    "ON_MFA=drop ON_TEMPORARY_PASSWORD=reset mfa=ON",
    r#"PASSWORD_POLICY={"minimumLength":8,"requireSymbols":true} mfa=OPTIONAL"#,
    "by=email",
    r#"ATTRIBUTE_MAP={"custom:a":"custom:a"}"#,
    r#"ATTRIBUTE_MAP={"custom:a":"custom:a"} DST_USERNAME=username SRC_LOOKUP=email from_case"#,
    r#"ATTRIBUTE_MAP={"custom:a":"custom:a"} DST_USERNAME=sub SRC_LOOKUP=email from_case to_case"#,
    "DST_USERNAME=username SRC_LOOKUP=phone_number from_case",
    "DST_USERNAME=sub SRC_LOOKUP=phone_number from_case",
    "DST_USERNAME=sub SRC_LOOKUP=phone_number to_case",
    "DST_USERNAME=sub SRC_LOOKUP=preferred_username from_case to_case",
    "by=aliases from_case",
    "DST_USERNAME=username by=aliases from_case to_case",
    "DST_USERNAME=sub by=aliases from_case",
    "DST_USERNAME=sub SRC_LOOKUP=email by=aliases from_case to_case",
];

/// The attributes by which users of the destination pool sign in: beside their user name, and in the place of one.
const STYLES: [[&[&str]; 2]; 8] = [
    [&[], &[]],
    [&["email"], &[]],
    [&["phone_number"], &[]],
    [&["preferred_username"], &[]],
    [&["email", "phone_number"], &[]],
    [&[], &["email"]],
    [&[], &["phone_number"]],
    [&[], &["email", "phone_number"]],
];

const ALIASES: [&str; 3] = ["email", "phone_number", "preferred_username"];

/// The results, best first.
const RESULTS: &str = "moves moves_after_reset stays refused locked_out";

/// A user from one of the lines of [`USERS`].
fn user_of(text: &str) -> User {
    let mut words = text.split(' ');
    let username = words.next().expect("a name");
    let user = User::new(username, &password_of(username));
    let pairs = words.map(|word| word.split_once('=').expect("a value"));
    pairs.fold(user, |user, (name, value)| match name {
        "status" => user.with_status(value),
        "enabled" => user.disabled(),
        "email" | "phone_number" => user
            .with(name, value)
            .with(&format!("{name}_verified"), "true"),
        _ => user.with(name.trim_end_matches('?'), value),
    })
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

    fn users(self) -> Vec<User> {
        let of_status = |status: &str| {
            let name = status.to_lowercase();
            [
                format!("{name} status={status} email={name}@example.com"),
                format!("{name}-2 status={status}"),
            ]
        };
        let statuses = STATUSES.split(' ').flat_map(of_status);
        // Only a user with one of the first statuses gets tokens.
        let statuses = statuses.take(self.value("readable").map_or(18, |_| 10));
        let mut users: Vec<_> = USERS
            .map(str::to_owned)
            .into_iter()
            .chain(statuses)
            .map(|text| user_of(&text))
            .collect();
        users.retain(|user| self.is("from_case") || user.username != "Twin");
        if self.value("by").is_some() {
            // In such a pool no two users share an address, and one without user names keeps addresses in lower case.
            users.retain(|user| user.username != "shared1");
            users.retain(|user| self.is("by=aliases") || user.username != "Upper");
        }
        for (number, user) in users.iter_mut().enumerate() {
            if !self.is("from_case") {
                user.username = user.username.to_lowercase();
            }
            if self.value("by") == Some("email") {
                user.username = format!("id-{number}");
            }
            if user.status == "EXTERNAL_PROVIDER" {
                user.password = None;
            }
            if self.value("mfa") == Some("ON") && user.status != "FORCE_CHANGE_PASSWORD" {
                *user = user.clone().with_challenge("SOFTWARE_TOKEN_MFA");
                let listed = ["SOFTWARE_TOKEN_MFA".to_owned()];
                user.mfa = listed.into_iter().skip(number % 2).collect();
            }
        }
        users
    }

    fn state(self, destination: &StrictPool) -> State {
        let mut state = two_pools(self.users());
        let mut members = json!({
            "UsernameConfiguration": {"CaseSensitive": self.is("from_case")},
            "MfaConfiguration": self.value("mfa").unwrap_or("OFF"),
            "SchemaAttributes": texts(&["custom:a", "custom:tenant"]),
        });
        let (member, names) = match self.value("by") {
            Some("aliases") => ("AliasAttributes", &ALIASES[..]),
            Some(_) => ("UsernameAttributes", &ALIASES[..1]),
            None => ("AliasAttributes", &[][..]),
        };
        members[member] = json!(names);
        state.sign_in_with = names.iter().map(|&name| name.to_owned()).collect();
        describe_source(&mut state, members);
        describe_destination(&mut state, destination.description());
        let client = &mut state.clients[0];
        client.prevent_user_existence_errors = self.is("hides_users");
        let readable = self.value("readable");
        client.readable = readable.map(|names| names.split(',').map(str::to_owned).collect());
        state
    }

    /// The names by which the user signs in to the source pool, or the value that is looked up.
    fn names(self, user: &User) -> Vec<String> {
        let held = |name: &str| user.attributes.get(name).cloned();
        let lookup = self.value("SRC_LOOKUP");
        if let Some(value) = lookup.and_then(held)
            && (lookup != Some("email") || value.contains('@'))
        {
            return vec![value];
        }
        let is_proven = |name: &&str| {
            let flag = held(&format!("{name}_verified")).unwrap_or_default();
            *name == "preferred_username" || flag.eq_ignore_ascii_case("true")
        };
        let username = user.username.clone();
        match self.value("by") {
            Some("aliases") => {
                let aliases = ALIASES.into_iter().filter(is_proven).filter_map(held);
                [username].into_iter().chain(aliases).collect()
            }
            Some(attribute) => vec![held(attribute).unwrap_or(username)],
            None => vec![username],
        }
    }
}

/// What the function makes of a sign-in with the right password, and of a reset: the outcome and the response.
type Answers = [(String, Value); 2];

/// The answers to each name of each user.
async fn replayed(
    case: Case,
    pool: &SourcePoolStub,
    destination: &StrictPool,
) -> Vec<Vec<(String, Answers)>> {
    let settings = [case.settings(), vec![("AWS_LAMBDA_LOG_LEVEL", "DEBUG")]].concat();
    let replay = Replay::start(pool, &settings).await;
    let users = case.users();
    let mut asked = vec![];
    for (number, user) in users.iter().enumerate() {
        for name in case.names(user) {
            let typed = destination.handed_over(&name);
            let password = user.password.as_deref().unwrap_or("Other-Users-9");
            let sign_in = replay.sign_in(&typed, password).await;
            let reset = replay.forgot_password(&typed).await;
            asked.push((number, name, [sign_in, reset]));
        }
    }
    let [_, last] = &asked.last().expect("a user").2;
    let log = replay.log_with(&last.request_id).await;
    let mut answers: Vec<_> = users.iter().map(|_| vec![]).collect();
    for (number, name, outcomes) in asked {
        let of_user = outcomes.map(|outcome| {
            let is_about = |line: &&Value| {
                line["request_id"] == *outcome.request_id && line["outcome"].is_string()
            };
            let line = log
                .iter()
                .find(is_about)
                .expect("a line about each invocation");
            let text = |name: &str| line[name].as_str().map(str::to_owned);
            let word = text("reason").or(text("outcome")).expect("an outcome");
            // The name can belong to another user. Then the answer does not apply.
            match text("source_sub").is_some_and(|sub| sub != users[number].sub()) {
                true => ("user_not_found".to_owned(), Value::Null),
                false => (word, outcome.response()["response"].take()),
            }
        });
        answers[number].push((name, of_user));
    }
    answers
}

/// Where a user ends up, who types this name at two sign-ins, with a password reset where one is due.
fn ending(pool: &StrictPool, name: &str, answers: &Answers) -> &'static str {
    let responses = answers.iter().map(|(_, response)| response);
    let mut migrating = responses.filter(|response| !response["userAttributes"].is_null());
    let Some(response) = migrating.next() else {
        return "stays";
    };
    match pool.create(&pool.handed_over(name), response) {
        Err(_) => "refused",
        Ok(created) if !pool.finds(&created, name) => "locked_out",
        Ok(created) if created.must_reset => "moves_after_reset",
        Ok(_) => "moves",
    }
}

/// Compares a case before several destination pools, and gives every result and outcome.
async fn compared(number: usize, case: Case) -> Vec<String> {
    let pool_of = |[aliases, attributes]: [&'static [&'static str]; 2]| StrictPool {
        aliases,
        attributes,
        case_sensitive: case.is("to_case"),
        longest: 5,
    };
    let any = pool_of(STYLES[0]);
    let source = started(case.state(&any)).await;
    let replayed = replayed(case, &source, &any).await;
    let mut found = vec![];
    for style in STYLES {
        let destination = pool_of(style);
        let pool = started(case.state(&destination)).await;
        let surveyed = surveyed(&pool, &format!("prediction-{number}"), &case.settings()).await;
        for (user, answers) in case.users().iter().zip(&replayed) {
            let row = format!("{}, {style:?}: {user:?}", case.0);
            let endings = answers
                .iter()
                .map(|(name, answers)| ending(&destination, name, answers));
            let endings: Vec<_> = endings.collect();
            let best = RESULTS.split(' ').find(|result| endings.contains(result));
            let predicted = &surveyed[&user.sub()];
            assert_eq!(Some(&*predicted[0]), best, "{row}");
            // Of several names the best one counts.
            if let [(_, answers)] = &answers[..] {
                let outcomes = answers.iter().map(|(outcome, _)| match &*user.status {
                    // These users have no password. Whatever the function says, it does not migrate them.
                    "EXTERNAL_PROVIDER" if outcome != "migrated" => "external_provider",
                    _ => outcome,
                });
                assert!(
                    predicted[1..].iter().eq(outcomes),
                    "{row}: {predicted:?} {answers:?}"
                );
            }
            found.extend_from_slice(predicted);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_function_and_the_pool_do_with_each_user_what_the_survey_foresees() {
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    // More at a time than there are cores: each waits for its answers.
    let every_fourth = |first: usize| async move {
        let mut found = vec![];
        for number in (first..CASES.len()).step_by(4) {
            found.extend(compared(number, Case(CASES[number])).await);
        }
        found
    };
    let comparing: Vec<_> = (0..4)
        .map(|first| tokio::spawn(every_fourth(first)))
        .collect();
    for found in comparing {
        for word in found.await.expect("it ended") {
            *counts.entry(word).or_default() += 1;
        }
    }
    // Every result and every outcome occurs often.
    assert_eq!(counts.len(), 5 + 13, "{counts:?}");
    assert!(counts.values().all(|count| *count >= 20), "{counts:?}");
}

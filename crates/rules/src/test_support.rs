//! Made-up settings, pools, app clients and users for the tests of this crate, and of `insight`, which includes this file.
//!
//! Several values are one text: `NAME=value` or names, separated by blanks.

use std::collections::BTreeMap;

use rules::{
    attributes::Mapping,
    checks::{Answer, CheckId},
    evidence::{Identity, ListedUser, PoolMfa, UserStatus},
    outcome::{Cause, Failure},
    password::PasswordPolicy,
    pool::{AppClient, DataType, Recovery, SchemaAttribute, UserPoolDescription},
    protocol::{Check, Status, Why},
    sensitive::Sensitive,
    settings::Settings,
};

pub(crate) const SOURCE: &str = "eu-west-1_Source1";
pub(crate) const SECRET: &str = "hunter2-hunter2";
pub(crate) const ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:user-migration";

pub(crate) fn names(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

pub(crate) fn pairs<T: FromIterator<(String, String)>>(text: &str) -> T {
    let pairs = text.split_whitespace();
    pairs
        .map(|pair| pair.split_once('=').expect("NAME=value"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The least settings with these variables added.
pub(crate) fn settings(variables: &str) -> Settings {
    let least = format!(
        "SRC_USER_POOL_ID={SOURCE} SRC_CLIENT_ID=1client SRC_CLIENT_SECRET={SECRET} {variables}"
    );
    let all: BTreeMap<String, String> = pairs(&least);
    Settings::read(|name| all.get(name).cloned()).unwrap()
}

/// The mapping with these entries of `ATTRIBUTE_MAP`, of which an empty one drops its attribute, and with these static
/// attributes.
pub(crate) fn mapping(entries: &str, fixed: &str) -> Mapping {
    let mut renamed: BTreeMap<String, String> = pairs(entries);
    Mapping {
        copy_custom: renamed.remove("custom:*").is_some(),
        renamed: renamed
            .into_iter()
            .map(|(from, to)| (from, Some(to).filter(|to| !to.is_empty())))
            .collect(),
        fixed: pairs(fixed),
        ..Mapping::default()
    }
}

/// The value with this change of it.
pub(crate) fn changed<T>(mut value: T, change: impl FnOnce(&mut T)) -> T {
    change(&mut value);
    value
}

pub(crate) fn identity(username: &str, attributes: &str) -> Identity {
    Identity {
        username: username.to_owned(),
        attributes: pairs(attributes),
    }
}

pub(crate) fn listed(username: &str, attributes: &str) -> ListedUser {
    ListedUser {
        identity: identity(username, attributes),
        enabled: true,
        status: UserStatus::Confirmed,
        last_modified: None,
    }
}

pub(crate) fn attribute(name: &str) -> SchemaAttribute {
    SchemaAttribute {
        name: name.to_owned(),
        required: false,
        mutable: true,
        data_type: DataType::String,
        minimum: None,
        maximum: None,
    }
}

pub(crate) fn text(name: &str, minimum: i128, maximum: i128) -> SchemaAttribute {
    let limits = (Some(minimum), Some(maximum));
    changed(attribute(name), |it| (it.minimum, it.maximum) = limits)
}

/// A pool in which users sign in with their user name.
pub(crate) fn pool() -> UserPoolDescription {
    UserPoolDescription {
        deletion_protected: true,
        sends_sms: true,
        temporary_password_days: 7,
        ..UserPoolDescription::default()
    }
}

/// A pool in which users sign in with their e-mail address.
pub(crate) fn pool_by_email() -> UserPoolDescription {
    let mut pool = pool();
    pool.users = 5;
    pool.schema = vec![text("sub", 1, 2048), text("email", 0, 2048)];
    pool.schema.push(text("custom:tenant", 0, 256));
    pool.username_attributes = names("email");
    pool.mfa = PoolMfa::Optional;
    pool.passwords = PasswordPolicy {
        minimum_length: 8,
        require_lowercase: true,
        require_numbers: true,
        ..PasswordPolicy::default()
    };
    pool.recovery = vec![Recovery::VerifiedEmail, Recovery::VerifiedPhoneNumber];
    pool.verified_before_update = names("email");
    pool
}

pub(crate) fn client() -> AppClient {
    AppClient {
        id: "1client".to_owned(),
        name: "app".to_owned(),
        secret: Some(Sensitive::new(SECRET)),
        admin_password_flow: true,
        user_password_flow: true,
        prevents_user_existence_errors: true,
        readable: None,
        writable: Some(names("email name")),
    }
}

pub(crate) fn fails<T>(cause: Cause) -> Answer<T> {
    Err(Failure::new(cause, "SomeCall", "SomeCode"))
}

/// `good`, and a failure for each cause that a check distinguishes.
pub(crate) fn answers<T: Clone>(good: &T) -> Vec<Answer<T>> {
    use Cause::{Busy, Credentials, NotAllowed, NotFound};
    let failed = [NotAllowed, NotFound, Credentials, Busy].map(fails);
    [Ok(good.clone())].into_iter().chain(failed).collect()
}

/// Each of `all`, with each of these values in its place.
pub(crate) fn with_each<T: Clone, V>(
    all: &[T],
    values: impl IntoIterator<Item = V> + Clone,
    put: impl Fn(&mut T, V),
) -> Vec<T> {
    let with = |it: &T, value| changed(it.clone(), |it| put(it, value));
    let each = |it| values.clone().into_iter().map(move |value| (it, value));
    let pairs = all.iter().flat_map(each);
    pairs.map(|(it, value)| with(it, value)).collect()
}

/// Every combination of demands on a password, with three lengths.
pub(crate) fn password_policies() -> Vec<PasswordPolicy> {
    let demanded = |bits: u8| PasswordPolicy {
        minimum_length: 0,
        require_lowercase: bits & 1 != 0,
        require_uppercase: bits & 2 != 0,
        require_numbers: bits & 4 != 0,
        require_symbols: bits & 8 != 0,
    };
    let all: Vec<_> = (0..16).map(demanded).collect();
    with_each(&all, [0, 6, 9], |it, length| it.minimum_length = length)
}

/// The checks that are not `ok`, as `STATUS id`, separated by commas, without the pool of the id.
pub(crate) fn found(checks: &[Check]) -> String {
    let bad = checks.iter().filter(|check| check.status != Status::Ok);
    let bad = bad.map(|check| {
        let id = check.id.trim_start_matches("destination.");
        format!("{:?} {}", check.status, id.trim_start_matches("source."))
    });
    bad.collect::<Vec<_>>().join(", ")
}

pub(crate) fn check(checks: &[Check], id: CheckId) -> &Check {
    checks.iter().find(|check| id.is(check)).unwrap()
}

/// Asserts that a check says this: words between which `|` stands.
#[track_caller]
fn assert_text(check: &Check, words: &str) {
    let text = format!("{} {}", check.detail, check.fix);
    for word in words.split('|') {
        assert!(text.contains(word), "{word} is not in {check:?}");
    }
}

/// Asserts the status of a check, and that it says this.
#[track_caller]
pub(crate) fn assert_says(checks: &[Check], id: CheckId, status: &Status, words: &str) {
    let check = check(checks, id);
    assert_eq!(check.status, *status, "{words}: {check:?}");
    assert_text(check, words);
}

/// Asserts that these checks find this and nothing else, and that the worst of it says this.
#[track_caller]
pub(crate) fn assert_finds(checks: &[Check], expected: &str, words: &str) {
    assert_eq!(found(checks), expected, "{words}: {checks:#?}");
    assert_helps(checks);
    let by_weight = [Status::Fail, Status::Warn, Status::Skipped];
    let first = |status: &Status| checks.iter().find(|check| check.status == *status);
    if let Some(worst) = by_weight.iter().find_map(first) {
        assert_text(worst, words);
    }
}

/// Asserts that each check that is not `ok` has a fix, that a skipped one names its cause or a fix, and that no secret is
/// shown.
#[track_caller]
pub(crate) fn assert_helps(checks: &[Check]) {
    for check in checks {
        assert!(!check.detail.is_empty(), "{checks:#?}");
        for text in [&check.detail, &check.fix] {
            assert!(!text.contains(SECRET), "{checks:#?}");
        }
        let is_ok = check.status == Status::Ok;
        assert_eq!(check.fix.is_empty(), is_ok, "{check:?} of {checks:#?}");
        let is_skipped = check.status == Status::Skipped;
        assert_eq!(is_skipped, check.why.is_some(), "{check:?}");
        let has = |words: &str| check.fix.contains(words);
        let helps = match check.why {
            None => true,
            Some(Why::NoPermission) => has("cognito-idp:"),
            Some(Why::NoAnswer) => {
                has("Try again") || has("SRC_USER_POOL_ID") || has("SRC_CLIENT_ID")
            }
            Some(Why::WaitsForFunction) => has("--function NAME") || has("Name the function"),
            Some(Why::NotNeeded) => check.detail.contains("With these settings"),
            // It names the cause itself, not another skipped check.
            Some(Why::OtherCheck) => checks.iter().any(|cause| {
                let explains = !cause.fix.is_empty() && !cause.fix.starts_with("See ");
                explains && check.fix == format!("See {}.", cause.id)
            }),
            Some(Why::Later(_)) => false,
        };
        assert!(helps, "{check:?} of {checks:#?}");
    }
}

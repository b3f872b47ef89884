//! Tests of the checks: a table of single faults, and every combination of answers.

mod source;

use std::{collections::BTreeMap, time::Duration};

use strum::VariantArray as _;

use super::*;
use crate::{
    evidence::PoolMfa,
    outcome::{Cause, Failure},
    password::PasswordPolicy,
    pool::{AppClient, DataType, Recovery, SchemaAttribute, UserPoolDescription},
    protocol::{PreflightReport, Status, Users, is_ok},
    sensitive::Sensitive,
    settings::{ClientSecret, Settings},
};

const SOURCE: &str = "eu-west-1_Source1";
const SECRET: &str = "hunter2-hunter2";
const POLICY: PasswordPolicy = PasswordPolicy {
    minimum_length: 8,
    require_lowercase: true,
    require_uppercase: false,
    require_numbers: true,
    require_symbols: false,
};
const STORED: &str = "arn:aws:secretsmanager:eu-west-3:111122223333:secret:client-AbCdEf";
const ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:user-migration";

/// The minimal settings with these variables added.
fn settings(variables: &[(&str, &str)]) -> Settings {
    let mut all = BTreeMap::from([
        ("SRC_USER_POOL_ID", SOURCE),
        ("SRC_CLIENT_ID", "1client"),
        ("SRC_CLIENT_SECRET", SECRET),
    ]);
    all.extend(variables.iter().copied());
    Settings::read(|name| all.get(name).map(|value| (*value).to_owned())).unwrap()
}

fn failure(cause: Cause) -> Failure {
    Failure::new(cause, "SomeCall", "SomeCode")
}

/// `good`, and a failure for each cause that a check distinguishes.
fn answers<T: Clone>(good: &T) -> Vec<Answer<T>> {
    let causes = [
        Cause::NotAllowed,
        Cause::NotFound,
        Cause::Credentials,
        Cause::Busy,
    ];
    let failed = causes.map(|cause| Err(failure(cause)));
    [Ok(good.clone())].into_iter().chain(failed).collect()
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn text(name: &str, minimum: i128, maximum: i128) -> SchemaAttribute {
    SchemaAttribute {
        name: name.to_owned(),
        required: false,
        mutable: true,
        data_type: DataType::String,
        minimum: Some(minimum),
        maximum: Some(maximum),
    }
}

/// A pool in which users sign in with their e-mail address.
fn pool() -> UserPoolDescription {
    UserPoolDescription {
        users: 5,
        schema: vec![
            text("sub", 1, 2048),
            text("email", 0, 2048),
            text("custom:tenant", 0, 256),
        ],
        username_attributes: strings(&["email"]),
        mfa: PoolMfa::Optional,
        passwords: POLICY,
        recovery: vec![Recovery::VerifiedEmail, Recovery::VerifiedPhoneNumber],
        verified_before_update: strings(&["email"]),
        deletion_protected: true,
        sends_sms: true,
        temporary_password_days: 7,
        ..UserPoolDescription::default()
    }
}

fn client() -> AppClient {
    AppClient {
        id: "1client".to_owned(),
        name: "app".to_owned(),
        secret: Some(Sensitive::new(SECRET)),
        admin_password_flow: true,
        user_password_flow: true,
        prevents_user_existence_errors: true,
        readable: None,
        writable: Some(strings(&["email", "name"])),
    }
}

fn report(checks: Vec<Check>) -> PreflightReport {
    let users = Users {
        source: Some(5),
        destination: None,
    };
    PreflightReport::new(checks, users)
}

/// The checks that are not `ok`, as `STATUS id`, separated by commas.
fn found(checks: &[Check]) -> String {
    let bad: Vec<_> = checks
        .iter()
        .filter(|check| check.status != Status::Ok)
        .map(|check| format!("{} {}", name(&check.status), check.id))
        .collect();
    bad.join(", ")
}

fn name(status: &Status) -> &'static str {
    match status {
        Status::Ok => "Ok",
        Status::Warn => "Warn",
        Status::Fail => "Fail",
        Status::Skipped => "Skipped",
        Status::Later(_) => "Later",
    }
}

fn check(checks: &[Check], id: CheckId) -> &Check {
    checks.iter().find(|check| id.is(check)).unwrap()
}

/// Asserts that each check that is not `ok` has a fix, that a skipped one names its cause or a fix, and that no secret is
/// shown.
#[track_caller]
fn assert_helps(checks: &[Check]) {
    for check in checks {
        assert!(!check.detail.is_empty(), "{checks:#?}");
        for text in [&check.detail, &check.fix] {
            assert!(!text.contains(SECRET), "{checks:#?}");
        }
        let is_ok = check.status == Status::Ok;
        assert_eq!(check.fix.is_empty(), is_ok, "{check:?} of {checks:#?}");
        let skipped = check.status == Status::Skipped;
        let points = check.why == Some(Why::OtherCheck);
        assert_eq!(
            points,
            skipped && check.fix.starts_with("See "),
            "{check:?}"
        );
        if let Some(id) = check.fix.strip_prefix("See ").filter(|_| points) {
            let id = id.strip_suffix('.').unwrap();
            let points = |other: &Check| other.id == id && other.status != Status::Ok;
            let cause = checks.iter().find(|other| points(other));
            // A skipped check names the cause itself, not another skipped check.
            assert!(
                cause.is_some_and(|cause| cause.id != check.id && !cause.fix.starts_with("See ")),
                "{check:?} of {checks:#?}"
            );
        } else if skipped {
            let says = [
                "cognito-idp:",
                "Name the function",
                "--function NAME",
                "Try again",
                "SRC_USER_POOL_ID",
                "SRC_CLIENT_ID",
            ];
            assert!(
                says.iter().any(|words| check.fix.contains(words)),
                "{check:?}"
            );
        }
    }
}

#[test]
fn every_check_has_one_name_and_those_of_the_source_pool_stand_in_one_report() {
    let names: Vec<_> = CheckId::VARIANTS.iter().map(|id| id.name()).collect();
    for (place, name) in names.iter().enumerate() {
        assert!(name.contains('.'), "{name}");
        assert_eq!(names.iter().position(|other| other == name), Some(place));
    }
    let settings = settings(&[]);
    let reported = super::source(&settings, &source::facts());
    let reported: Vec<_> = reported.into_iter().map(|check| check.id).collect();
    assert_eq!(reported, names[..reported.len()]);
}

#[test]
fn a_report_is_answered_under_the_names_of_its_contract() {
    let mut facts = source::facts();
    facts.round_trip = Some(Duration::from_millis(800));
    facts.client = Err(failure(Cause::NotFound));
    facts.probe_sign_in = None;
    let checks = super::source(&settings(&[]), &facts);
    let report = report(checks);
    assert!(!report.ok);
    assert_eq!(report.ids(&Status::Fail), "source.client");
    assert_eq!(report.ids(&Status::Warn), "time.source");
    assert_eq!(report.ids(&Status::Skipped), "source.flow,source.secret");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(
        serde_json::from_value::<PreflightReport>(json.clone()).unwrap(),
        report
    );
    assert_eq!(json["ok"], false);
    assert_eq!(json["users"], serde_json::json!({"source": 5}));
    assert_eq!(
        json["checks"][0],
        serde_json::json!({
            "id": "source.credentials", "status": "ok", "detail": "The function has credentials of its own.", "fix": "",
        })
    );
    let flow = &json["checks"][3];
    assert_eq!(
        (&flow["status"], &flow["why"]),
        (&"skipped".into(), &"other_check".into())
    );
    let statuses: Vec<_> = json["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| &check["status"])
        .collect();
    for status in ["ok", "warn", "fail", "skipped"] {
        assert!(statuses.iter().any(|said| *said == status), "{status}");
    }
}

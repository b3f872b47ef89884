//! The report on the source pool: one broken setting, one finding; and no other pool is asked. Which facts lead to which
//! finding is proven in `crates/rules`.

use std::time::Duration;

use rules::protocol::{Check, PreflightReport, Status};
use serde_json::{Value, json};
use testbed::{
    runtime::{FUNCTION_ARN, InvocationOutcome, InvocationRequest},
    source_pool::{Fault, Operation, POOL_ID, State, StubRole, Target, Times},
};

use crate::support::*;

const STORED: [(&str, &str); 2] = [
    ("SRC_CLIENT_SECRET", ""),
    ("SRC_CLIENT_SECRET_ARN", SECRET_ARN),
];
const AS_ROLE: (&str, &str) = ("SRC_ROLE_ARN", ROLE);
const EXTERNAL: (&str, &str) = ("SRC_EXTERNAL_ID", "external-id-7");

const IDS: &str = "source.credentials,source.pool,source.client,source.flow,source.secret,source.read,source.lookup,\
    source.attributes,source.mfa,time.source";

const COPIED: [&str; 4] = ["sub", "email", "email_verified", "custom:tenant"];

fn can_read(state: &mut State, attributes: &[&str]) {
    let readable = attributes.iter().map(|&name| name.to_owned());
    state.clients[0].readable = Some(readable.collect());
}

/// A source pool that fits [`with`], and a destination pool that may not be asked.
fn in_order() -> State {
    let mut state = confidential();
    can_read(&mut state, &COPIED);
    let role = StubRole::new(ROLE).with_external_id(EXTERNAL.1);
    state.roles.push(role);
    let schema = COPIED.map(|name| json!({"Name": name, "AttributeDataType": "String"}));
    let schema = ("SchemaAttributes".to_owned(), json!(schema));
    state.description.extend([schema]);
    state.neighbours = vec![new_pool(vec![])];
    state
}

fn event() -> Value {
    json!({"triggerSource": "Migration_Preflight"})
}

fn report(outcome: &InvocationOutcome) -> PreflightReport {
    serde_json::from_value(outcome.response()).expect("a report")
}

/// A function with these settings, and what every test here sets. Of two values for one variable the later counts.
async fn with(state: State, more: Variables<'_>) -> Bed {
    let custom = r#"{"custom:tenant": "custom:tenant"}"#;
    let all = [("SRC_CLIENT_SECRET", SECRET), ("ATTRIBUTE_MAP", custom)];
    Bed::with(state, &[&all, more].concat()).await
}

/// The checks that are not `ok`.
fn findings(report: &PreflightReport) -> Vec<&Check> {
    let checks = report.checks.iter();
    checks.filter(|it| it.status != Status::Ok).collect()
}

/// A preflight must find nothing.
async fn finds_nothing(bed: &Bed) {
    let report = report(&bed.invoke(&event()).await);
    assert!(findings(&report).is_empty(), "{report:?}");
}

#[tokio::test]
async fn with_all_in_order_every_check_is_ok_and_only_the_source_pool_is_asked() {
    const QUESTIONS: &str = "AdminInitiateAuth InitiateAuth AdminGetUser ListUsers DescribeUserPool \
        DescribeUserPoolClient GetUserPoolMfaConfig PublicKeys GetSecretValue AssumeRole";
    // Whatever is set, and whatever pool the event names.
    let of_destination = json!({"triggerSource": "Migration_Preflight", "userPoolId": NEW_POOL});
    let marked = [BY_EMAIL, MARKED, DISABLE, ("ON_REJECT", "error")];
    for (more, event, typed) in [
        (&[][..], event(), ANA),
        (&[PUBLIC, AS_ROLE, EXTERNAL], event(), ANA),
        (&[STORED[0], STORED[1], AS_ROLE, EXTERNAL], event(), ANA),
        (&marked, of_destination, ADDRESS),
    ] {
        let bed = with(in_order(), more).await;
        // As where the account's quota is used up for a moment: that is no finding.
        bed.pool
            .fail(Operation::DescribeUserPool, Fault::Throttled, Times::ONCE);
        let outcome = bed.invoke(&event).await;
        let report = report(&outcome);
        assert!(report.ok);
        assert_eq!(report.ids(&Status::Ok), IDS, "{more:?}");
        assert_eq!(outcome.response()["users"], json!({"source": 1}));
        let expected = json!({
            "trigger": "Migration_Preflight", "outcome": "reported", "failed_checks": "", "warned_checks": "",
            "source_users": 1,
        });
        bed.logs(&outcome, &expected).await;
        for request in bed.pool.received() {
            let (name, body) = (request.operation.name(), &request.body);
            let is_question = QUESTIONS.split_whitespace().any(|known| known == name);
            assert!(is_question, "{name} changes something");
            assert!(!body.to_string().contains(NEW_POOL), "{body}");
            // No name is that of a user.
            for place in ["/AuthParameters/USERNAME", "/Username", "/Filter"] {
                let name = body.pointer(place).and_then(Value::as_str);
                assert!(name.is_none_or(|name| name.contains("nobody-")), "{body}");
            }
        }
        // The same function still migrates.
        bed.migrates(&sign_in_event(typed, PASSWORD)).await;
    }
}

fn deny(state: &mut State, operation: &str) {
    state.denied.push(format!("{operation} {POOL_ID}"));
}

/// One for each kind of answer of the source pool: the check that fails, the setting that the fix names, and its value.
const BROKEN: [(&str, &str, &str); 5] = [
    ("time.source", "TIME_BUDGET_MS", "150"),
    ("source.credentials", "SRC_EXTERNAL_ID", "another"),
    ("source.pool", "SRC_USER_POOL_ID", "eu-west-1_Nowhere1"),
    ("source.client", "SRC_CLIENT_ID", "5nosuchclient"),
    ("source.secret", "SRC_CLIENT_SECRET", "another-secret"),
];
/// What a permission is missing for. What cannot be seen is skipped and names the action; the rest is still found out.
const DENIED: [(&str, &str, &str, Variables<'static>); 6] = [
    ("source.flow", "fail", "AdminInitiateAuth", &[]),
    ("source.read", "fail", "AdminGetUser", &[]),
    // Only the sign-up guard could need it.
    ("source.read", "skipped", "AdminGetUser", GUARD_ALONE),
    ("source.lookup", "fail", "ListUsers", &[BY_EMAIL]),
    ("source.mfa", "fail", "GetUserPoolMfaConfig", &[]),
    ("source.pool", "skipped", "DescribeUserPool", &[]),
];
const GUARD_ALONE: Variables<'static> = &[PUBLIC, ("ON_FORGOT_PASSWORD", "ignore")];

#[tokio::test]
async fn each_broken_setting_is_found_alone_with_a_fix_that_names_it() {
    for (id, variable, value) in BROKEN {
        let mut state = in_order();
        state.latency_ms = 80;
        let variables = [AS_ROLE, EXTERNAL, (variable, value)];
        finds_one(id, "fail", &[variable], &with(state, &variables).await).await;
    }
    for (id, status, operation, variables) in DENIED {
        let mut state = in_order();
        deny(&mut state, operation);
        let names = [&format!("cognito-idp:{operation}"), POOL_ID];
        let bed = with(state, variables).await;
        let report = finds_one(id, status, &names, &bed).await;
        // The time is measured in any case: without profiles, with a request that opens the connection and a second one.
        let passed = report.ids(&Status::Ok);
        assert!(passed.ends_with(",time.source"), "{operation}: {passed}");
        let opened = if operation == "AdminGetUser" { 2 } else { 0 };
        assert_eq!(bed.pool.count(Operation::PublicKeys), opened);
    }
    let mut state = in_order();
    can_read(&mut state, &COPIED[..3]);
    let bed = with(state, &[PUBLIC]).await;
    finds_one("source.attributes", "warn", &["SRC_CLIENT_ID"], &bed).await;
}

/// The preflight must find this, with a fix that names that.
async fn finds_one(id: &str, status: &str, names: &[&str], bed: &Bed) -> PreflightReport {
    let outcome = bed.invoke(&event()).await;
    let report = report(&outcome);
    let mut found = findings(&report);
    // What is not known because of the finding comes with it.
    let because = format!("See {id}.");
    found.retain(|check| check.fix != because);
    let [check] = found.as_slice() else {
        panic!("{id} {names:?}: one finding was expected, not {found:#?}");
    };
    let found = (check.id.as_str(), json!(check.status));
    assert_eq!(found, (id, json!(status)), "{names:?}");
    let is_named = |name: &&str| check.fix.contains(*name);
    assert!(names.iter().all(is_named), "{names:?}: {check:?}");
    assert_ne!(check.detail, "", "{check:?}");
    // A check that was not made for want of a permission is no pass.
    let is_ok = status == "warn" || (status, id) == ("skipped", "source.read");
    assert_eq!(report.ok, is_ok, "{id} {names:?}");
    let message = match (is_ok, status) {
        (true, _) => "The preflight found nothing that keeps migrations from working",
        (false, "fail") => "The preflight found what keeps migrations from working",
        (false, _) => "The preflight could not make every check",
    };
    let listed = |listed| if status == listed { id } else { "" };
    let expected = json!({
        "message": message, "failed_checks": listed("fail"), "warned_checks": listed("warn"),
    });
    bed.logs(&outcome, &expected).await;
    // Whatever is broken, nothing secret is shown.
    for shown in [outcome.answer.text(), bed.function.output().all()] {
        assert_hidden(&bed.pool.confidential(), &shown);
    }
    report
}

/// Flow, client and secret show in the sign-in of a user who does not exist, too.
#[tokio::test]
async fn the_source_client_is_judged_without_being_described() {
    let cases: [(Change, &str); 4] = [
        (|_| {}, ""),
        (|it| it.clients[0].flows.clear(), "source.flow"),
        (|it| it.clients[0].secret = None, "source.secret"),
        (|it| it.clients[0].id = "5another".into(), "source.client"),
    ];
    for (change, failed) in cases {
        let mut state = in_order();
        deny(&mut state, "DescribeUserPoolClient");
        change(&mut state);
        let bed = with(state, &[]).await;
        let outcome = bed.invoke(&event()).await;
        bed.logs(&outcome, &json!({"failed_checks": failed})).await;
        assert!(!failed.is_empty() || findings(&report(&outcome)).is_empty());
    }
}

/// A made-up name handed on by the source pool's own trigger could come back to this function.
#[tokio::test]
async fn no_sign_in_is_tried_at_a_source_pool_that_migrates_users_itself() {
    let mut state = in_order();
    let triggers = json!({"UserMigration": FUNCTION_ARN});
    state.description.insert("LambdaConfig".into(), triggers);
    let bed = with(state, &[]).await;
    finds_nothing(&bed).await;
    assert_eq!(bed.pool.count(Operation::AdminInitiateAuth), 0);
}

/// A connection or a role that was good an hour ago says nothing about now.
#[tokio::test]
async fn each_preflight_makes_connections_and_assumes_the_role_anew() {
    let bed = with(in_order(), &[AS_ROLE, EXTERNAL]).await;
    for time in 1..=2 {
        let connections = bed.pool.server().accepted_connections();
        finds_nothing(&bed).await;
        assert!(bed.pool.server().accepted_connections() > connections);
        assert_eq!(bed.pool.count(Operation::AssumeRole), time);
    }
    // The role no longer trusts the function; credentials for it are still valid.
    bed.pool.change(|state| state.roles.clear());
    finds_one("source.credentials", "fail", &["SRC_ROLE_ARN"], &bed).await;
}

/// In Lambda's own time limit for this function, whatever hangs; and where Secrets Manager cannot be asked, only the checks
/// that need a sign-in are not known.
#[tokio::test]
async fn a_source_that_hangs_or_fails_leaves_a_report_in_time() {
    const MANAGER: &str = "Secrets Manager in eu-central-1";
    let secret = || Target::Only(Operation::GetSecretValue);
    for (target, fault, id, names) in [
        (Target::Any, Fault::NeverAnswers, "source.pool", ""),
        (secret(), Fault::NeverAnswers, "source.secret", MANAGER),
        (secret(), Fault::InternalError, "source.secret", MANAGER),
        (
            secret(),
            Fault::AccessDenied,
            "source.secret",
            "the function's own role",
        ),
    ] {
        let is_secret = target == secret();
        let bed = with(in_order(), if is_secret { &STORED } else { &[] }).await;
        bed.always_fail(target, fault);
        let limit = Duration::from_secs(3);
        let invocation = InvocationRequest::from(&event()).with_deadline(limit);
        let outcome = bed.host.invoke(invocation).await;
        assert!(outcome.duration < limit, "{:?}", outcome.duration);
        bed.logs(&outcome, &json!({"failed_checks": id})).await;
        let report = report(&outcome);
        let found = findings(&report);
        assert!(!is_secret || found.len() == 1, "{found:#?}");
        assert!(found[0].fix.contains(names), "{:?}", found[0]);
    }
}

//! The report on the source pool: one broken setting, one finding; and no other pool is asked.

use std::time::{Duration, Instant};

use rules::protocol::{Check, PreflightReport, Status, Why};
use serde_json::{Value, json};
use testbed::{
    runtime::{FUNCTION_ARN, InvocationOutcome, InvocationRequest},
    source_pool::{
        CLIENT_ID, Client, Fault, NeighbourPool, Operation, POOL_ID, State, StubRole, Target, Times,
    },
};
use tokio::task::JoinSet;

use crate::support::*;

const DESTINATION_POOL: &str = "eu-west-1_NewPool01";
const SECRET: &str = "k8s3cr3tOfTheSourceClient1234567890abcdefghijklmnop";
/// In another Region than the source pool.
const ARN: &str = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:source/client-AbCdEf";
const STORED: [(&str, &str); 2] = [("SRC_CLIENT_SECRET", ""), ("SRC_CLIENT_SECRET_ARN", ARN)];
const ROLE: &str = "arn:aws:iam::444455556666:role/source-reader";
const PUBLIC: (&str, &str) = ("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH");

const IDS: [&str; 10] = [
    "source.credentials",
    "source.pool",
    "source.client",
    "source.flow",
    "source.secret",
    "source.read",
    "source.lookup",
    "source.attributes",
    "source.mfa",
    "time.source",
];

const COPIED: [&str; 8] = [
    "sub",
    "email",
    "name",
    "phone_number",
    "email_verified",
    "phone_number_verified",
    "custom:tenant",
    "custom:age",
];

/// A source pool that fits [`settings`], and a destination pool that may not be asked.
fn in_order() -> State {
    let mut state = anas_pool();
    let client = Client::new(CLIENT_ID).with_secret(SECRET);
    state.clients = vec![client.with_readable(&COPIED)];
    state.store(ARN, SECRET);
    let schema = COPIED.map(|name| json!({"Name": name, "AttributeDataType": "String"}));
    state
        .description
        .insert("SchemaAttributes".into(), json!(schema));
    state.neighbours = vec![NeighbourPool {
        pool_id: DESTINATION_POOL.into(),
        clients: vec![Client::new("7newclient").with_secret("s3cr3tOfTheNewPoolsClient")],
        ..NeighbourPool::default()
    }];
    state
}

/// The settings of a test: these, and what every test here sets. Of two values for one variable the later counts.
fn settings<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let custom = r#"{"custom:tenant": "custom:tenant", "custom:age": "custom:age"}"#;
    [
        &[("SRC_CLIENT_SECRET", SECRET), ("ATTRIBUTE_MAP", custom)],
        more,
    ]
    .concat()
}

fn event() -> Value {
    json!({"triggerSource": "Migration_Preflight"})
}

fn report(outcome: &InvocationOutcome) -> PreflightReport {
    serde_json::from_value(outcome.response()).expect("a report")
}

/// The checks that are not `ok`.
fn findings(report: &PreflightReport) -> Vec<&Check> {
    let checks = report.checks.iter();
    let found = checks.filter(|check| check.status != Status::Ok);
    found
        .inspect(|check| assert_ne!(check.detail, "", "{check:?}"))
        .collect()
}

#[tokio::test]
async fn with_all_in_order_every_check_is_ok_and_only_the_source_pool_is_asked() {
    let role = [("SRC_ROLE_ARN", ROLE), ("SRC_EXTERNAL_ID", "external-id-7")];
    // Whatever is set, and whatever pool the event names.
    let marked = [
        ("SRC_LOOKUP", "email"),
        ("MIGRATION_MARK", "custom:migration"),
        ("COPY_GROUPS", "*"),
        ("SOURCE_USER", "disable"),
        ("ON_REJECT", "error"),
    ];
    let of_destination =
        json!({"triggerSource": "Migration_Preflight", "userPoolId": DESTINATION_POOL});
    for (more, event) in [
        (vec![], event()),
        (vec![PUBLIC], event()),
        (role.to_vec(), event()),
        ([&role[..], &[PUBLIC]].concat(), event()),
        (STORED.to_vec(), event()),
        ([&role[..], &STORED].concat(), event()),
        (marked.to_vec(), of_destination),
    ] {
        let mut state = in_order();
        if more.contains(&role[0]) {
            state = state.with_role(StubRole::new(ROLE).with_external_id("external-id-7"));
        }
        let bed = Bed::with(state, &settings(&more)).await;
        let outcome = bed.invoke(&event).await;
        let report = report(&outcome);
        assert!(report.ok);
        assert_eq!(report.ids(&Status::Ok), IDS.join(","), "{more:?}");
        assert_eq!(outcome.response()["users"], json!({"source": 1}));

        let line = bed.log_of(&outcome).await;
        for (name, value) in [
            ("trigger", json!("Migration_Preflight")),
            ("outcome", json!("reported")),
            ("failed_checks", json!("")),
            ("warned_checks", json!("")),
            ("source_users", json!(1)),
        ] {
            assert_eq!(line[name], value, "{line}");
        }
        for request in bed.pool.received() {
            let body = &request.body;
            assert!(!body.to_string().contains(DESTINATION_POOL), "{body}");
            match request.operation {
                Operation::AdminInitiateAuth | Operation::InitiateAuth => {
                    is_made_up(&body["AuthParameters"]["USERNAME"]);
                }
                Operation::AdminGetUser => is_made_up(&body["Username"]),
                Operation::ListUsers => {
                    let filter = body["Filter"].as_str().expect("a filter");
                    assert!(filter.contains("\"nobody-"), "{filter}");
                }
                Operation::DescribeUserPool
                | Operation::DescribeUserPoolClient
                | Operation::GetUserPoolMfaConfig
                | Operation::PublicKeys
                | Operation::GetSecretValue
                | Operation::AssumeRole => {}
                other => panic!("{other} changes something, or is no question"),
            }
        }
        // The same function still migrates.
        let event = sign_in_event("ana.kowalczyk", PASSWORD);
        if !more.contains(&("SRC_LOOKUP", "email")) {
            migrated(&bed.invoke(&event).await, &event);
        }
    }
}

/// A made-up name.
#[track_caller]
fn is_made_up(name: &Value) {
    let name = name.as_str().expect("a name");
    assert!(name.starts_with("nobody-"), "{name}");
}

/// A thing that is broken, and what the report must say of it: the check, its status and what the fix must name.
struct Breakage {
    what: &'static str,
    finding: (&'static str, &'static str, &'static str),
    variables: &'static [(&'static str, &'static str)],
    change: fn(&mut State),
}

fn broken(
    what: &'static str,
    finding: (&'static str, &'static str, &'static str),
    variables: &'static [(&'static str, &'static str)],
    change: fn(&mut State),
) -> Breakage {
    Breakage {
        what,
        finding,
        variables,
        change,
    }
}

fn deny(state: &mut State, operation: &str) {
    state.denied = vec![format!("{operation} {POOL_ID}")];
}

/// Those that need the longest first.
fn breakages() -> Vec<Breakage> {
    const ADMIN_ALONE: [&str; 1] = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"];
    const PUBLIC_ALONE: [&str; 1] = ["ALLOW_USER_PASSWORD_AUTH"];
    let unchanged: fn(&mut State) = |_| {};
    let role = |it: &mut State| it.roles = vec![StubRole::new(ROLE).with_external_id("id-7")];
    vec![
        broken(
            "little time",
            ("time.source", "warn", "TIME_BUDGET_MS"),
            &[("TIME_BUDGET_MS", "3000")],
            |it| it.latency_ms = 600,
        ),
        broken(
            "too little time",
            ("time.source", "fail", "TIME_BUDGET_MS"),
            &[("TIME_BUDGET_MS", "150")],
            |it| it.latency_ms = 80,
        ),
        broken(
            "a role that trusts no other",
            ("source.credentials", "fail", "SRC_ROLE_ARN"),
            &[("SRC_ROLE_ARN", ROLE)],
            unchanged,
        ),
        broken(
            "a wrong external id",
            ("source.credentials", "fail", "SRC_EXTERNAL_ID"),
            &[("SRC_ROLE_ARN", ROLE), ("SRC_EXTERNAL_ID", "id-8")],
            role,
        ),
        broken(
            "credentials that are not known",
            ("source.credentials", "fail", "SRC_ROLE_ARN"),
            &[],
            |it| it.credentials.clear(),
        ),
        broken(
            "a source pool that does not exist",
            ("source.pool", "fail", "SRC_USER_POOL_ID"),
            &[("SRC_USER_POOL_ID", "eu-west-1_Nowhere1")],
            unchanged,
        ),
        broken(
            "an app client that does not exist",
            ("source.client", "fail", "SRC_CLIENT_ID"),
            &[("SRC_CLIENT_ID", "5nosuchclient")],
            unchanged,
        ),
        broken(
            "the admin flow is off",
            ("source.flow", "fail", "SRC_AUTH_FLOW"),
            &[],
            |it| it.clients[0] = it.clients[0].clone().with_flows(&PUBLIC_ALONE),
        ),
        broken(
            "the public flow is off",
            ("source.flow", "fail", "ALLOW_USER_PASSWORD_AUTH"),
            &[PUBLIC],
            |it| it.clients[0] = it.clients[0].clone().with_flows(&ADMIN_ALONE),
        ),
        broken(
            "AdminInitiateAuth is not allowed",
            ("source.flow", "fail", "cognito-idp:AdminInitiateAuth"),
            &[],
            |it| deny(it, "AdminInitiateAuth"),
        ),
        broken(
            "another secret",
            ("source.secret", "fail", "SRC_CLIENT_SECRET"),
            &[("SRC_CLIENT_SECRET", "another-secret")],
            unchanged,
        ),
        broken(
            "no secret where the app client has one",
            ("source.secret", "fail", "SRC_CLIENT_SECRET"),
            &[("SRC_CLIENT_SECRET", "")],
            unchanged,
        ),
        broken(
            "a secret where the app client has none",
            ("source.secret", "fail", "SRC_CLIENT_SECRET"),
            &[],
            |it| it.clients[0].secret = None,
        ),
        broken(
            "a stored secret that is not the app client's",
            ("source.secret", "fail", ARN),
            &STORED,
            |it| it.store(ARN, "another-secret"),
        ),
        broken(
            "a stored secret that may not be read",
            (
                "source.secret",
                "fail",
                "secretsmanager:GetSecretValue on arn:",
            ),
            &STORED,
            |it| it.denied = vec![format!("GetSecretValue {ARN}")],
        ),
        broken(
            "a stored secret that may not be read, by a function that may not describe either",
            ("source.secret", "fail", "the function's own role"),
            &STORED,
            |it| {
                let describe = format!("DescribeUserPoolClient {POOL_ID}");
                it.denied = vec![format!("GetSecretValue {ARN}"), describe];
            },
        ),
        broken(
            "a stored secret that does not exist",
            ("source.secret", "fail", "SRC_CLIENT_SECRET_ARN"),
            &STORED,
            |it| it.secrets.clear(),
        ),
        broken(
            "a stored secret that is no text",
            ("source.secret", "fail", "plain string"),
            &STORED,
            |it| it.store(ARN, "\n"),
        ),
        broken(
            "AdminGetUser is not allowed",
            ("source.read", "fail", "cognito-idp:AdminGetUser"),
            &[],
            |it| deny(it, "AdminGetUser"),
        ),
        broken(
            "AdminGetUser is not allowed, and only the sign-up guard could need it",
            ("source.read", "skipped", "cognito-idp:AdminGetUser"),
            &[PUBLIC, ("ON_FORGOT_PASSWORD", "ignore")],
            |it| deny(it, "AdminGetUser"),
        ),
        broken(
            "ListUsers is not allowed",
            ("source.lookup", "fail", "cognito-idp:ListUsers"),
            &[("SRC_LOOKUP", "email")],
            |it| deny(it, "ListUsers"),
        ),
        broken(
            "a look-up by a name that users give themselves",
            ("source.lookup", "fail", "SRC_LOOKUP"),
            &[("SRC_LOOKUP", "preferred_username")],
            unchanged,
        ),
        broken(
            "GetUserPoolMfaConfig is not allowed",
            ("source.mfa", "fail", "cognito-idp:GetUserPoolMfaConfig"),
            &[],
            |it| deny(it, "GetUserPoolMfaConfig"),
        ),
        broken(
            "second factors of all users, under the default",
            ("source.mfa", "warn", "ON_MFA"),
            &[],
            |it| {
                it.description
                    .extend([("MfaConfiguration".to_owned(), json!("ON"))])
            },
        ),
        // What cannot be seen is skipped and names the action; the rest is still found out.
        broken(
            "DescribeUserPool is not allowed",
            ("source.pool", "skipped", "cognito-idp:DescribeUserPool"),
            &[],
            |it| deny(it, "DescribeUserPool"),
        ),
        broken(
            "an attribute that the app client may not read",
            ("source.attributes", "warn", "SRC_CLIENT_ID"),
            &[PUBLIC],
            |it| it.clients[0] = it.clients[0].clone().with_readable(&COPIED[..6]),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_broken_setting_is_found_alone_with_a_fix_that_names_it() {
    let mut breakages = breakages().into_iter();
    let mut running: JoinSet<()> = breakages.by_ref().take(4).map(check).collect();
    while let Some(checked) = running.join_next().await {
        checked.expect("the report names the breakage");
        if let Some(breakage) = breakages.next() {
            running.spawn(check(breakage));
        }
    }
}

async fn check(breakage: Breakage) {
    let Breakage { what, .. } = breakage;
    let (id, status, names) = breakage.finding;
    let mut state = in_order();
    (breakage.change)(&mut state);
    let bed = Bed::with(state, &settings(breakage.variables)).await;
    let outcome = bed.invoke(&event()).await;
    let report = report(&outcome);
    let mut found = findings(&report);
    // What is not known because of the finding comes with it.
    let because = format!("See {id}.");
    found.retain(|check| check.fix != because);
    let [check] = found.as_slice() else {
        panic!("{what}: one finding was expected, not {found:#?}");
    };
    let fix = &check.fix;
    assert_eq!(
        (check.id.as_str(), json!(check.status)),
        (id, json!(status)),
        "{what}"
    );
    assert!(fix.contains(names), "{what}: {names} is not in {fix:?}");
    if names.starts_with("cognito-idp:") {
        assert!(fix.contains(POOL_ID), "{what}: {fix:?} names no pool");
    }
    // A check that was not made for want of a permission is no pass.
    let is_good =
        |check: &Check| check.status != Status::Fail && check.why != Some(Why::NoPermission);
    let is_ok = report.checks.iter().all(is_good);
    let may_be_skipped = id == "source.read";
    assert_eq!(
        is_ok,
        status == "warn" || (status == "skipped" && may_be_skipped),
        "{what}"
    );
    assert_eq!(report.ok, is_ok, "{what}");
    let line = bed.log_of(&outcome).await;
    let message = match (is_ok, status) {
        (true, _) => "The preflight found nothing that keeps migrations from working",
        (false, "fail") => "The preflight found what keeps migrations from working",
        (false, _) => "The preflight could not make every check",
    };
    assert_eq!(line["message"], message, "{what}: {line}");
    for (name, listed) in [("failed_checks", "fail"), ("warned_checks", "warn")] {
        let ids = if status == listed { id } else { "" };
        assert_eq!(line[name], ids, "{what}: {line}");
    }
    // Whatever is broken, nothing secret is shown.
    let (answer, output) = (outcome.answer.text(), bed.function.end().await.output.all());
    for text in bed.pool.confidential() {
        assert!(!answer.contains(&text), "{what}: {text} in {answer}");
        assert!(!output.contains(&text), "{what}: {text} in {output}");
    }
}

/// Flow, client and secret show in the sign-in of a user who does not exist, too.
#[tokio::test]
async fn the_source_client_is_judged_without_being_described() {
    type Change = fn(&mut State);
    let cases: [(Change, &str); 4] = [
        (|_| {}, ""),
        (|state| state.clients[0].flows.clear(), "source.flow"),
        (|state| state.clients[0].secret = None, "source.secret"),
        (
            |state| state.clients[0].id = "5another".into(),
            "source.client",
        ),
    ];
    for (change, failed) in cases {
        let mut state = in_order();
        deny(&mut state, "DescribeUserPoolClient");
        change(&mut state);
        let bed = Bed::with(state, &settings(&[])).await;
        let outcome = bed.invoke(&event()).await;
        let line = bed.log_of(&outcome).await;
        let report = report(&outcome);
        assert_eq!(line["failed_checks"], failed, "{report:?}");
        let is_good = findings(&report).is_empty();
        assert_eq!(is_good, failed.is_empty(), "{report:?}");
    }
}

/// The first request opens the connection, and the second one is timed.
#[tokio::test]
async fn the_time_is_measured_without_permission_to_read_profiles_too() {
    let mut state = in_order();
    deny(&mut state, "AdminGetUser");
    let bed = Bed::with(state, &settings(&[])).await;
    bed.pool.forget();
    let report = report(&bed.invoke(&event()).await);
    assert_eq!(bed.pool.count(Operation::PublicKeys), 2);
    let passed = report.ids(&Status::Ok);
    assert!(passed.ends_with(",time.source"), "{passed}");
}

/// A made-up name handed on by the source pool's own trigger could come back to this function.
#[tokio::test]
async fn no_sign_in_is_tried_at_a_source_pool_that_migrates_users_itself() {
    let mut state = in_order();
    let triggers = json!({"UserMigration": FUNCTION_ARN});
    state.description.insert("LambdaConfig".into(), triggers);
    let bed = Bed::with(state, &settings(&[])).await;
    assert!(findings(&report(&bed.invoke(&event()).await)).is_empty());
    assert_eq!(bed.pool.count(Operation::AdminInitiateAuth), 0);
}

/// A connection or a role that was good an hour ago says nothing about now.
#[tokio::test]
async fn each_preflight_makes_connections_and_assumes_the_role_anew() {
    let state = in_order().with_role(StubRole::new(ROLE));
    let bed = Bed::with(state, &settings(&[("SRC_ROLE_ARN", ROLE)])).await;
    for time in 1..=2 {
        let connections = bed.pool.server().accepted_connections();
        assert!(findings(&report(&bed.invoke(&event()).await)).is_empty());
        assert!(bed.pool.server().accepted_connections() > connections);
        assert_eq!(bed.pool.count(Operation::AssumeRole), time);
    }
    // The role no longer trusts the function; credentials for it are still valid.
    bed.pool.change(|state| state.roles.clear());
    let line = bed.log_of(&bed.invoke(&event()).await).await;
    assert_eq!(line["failed_checks"], "source.credentials");
}

#[tokio::test]
async fn a_preflight_takes_less_than_three_seconds_at_100_ms_per_call() {
    let mut state = in_order().with_role(StubRole::new(ROLE));
    state.latency_ms = 100;
    let bed = Bed::with(state, &settings(&[("SRC_ROLE_ARN", ROLE)])).await;
    let outcome = bed.invoke(&event()).await;
    assert!(findings(&report(&outcome)).is_empty());
    assert!(
        outcome.duration < Duration::from_secs(3),
        "{:?}",
        outcome.duration
    );
}

/// In Lambda's own time limit for this function, whatever hangs.
#[tokio::test]
async fn a_pool_that_hangs_leaves_a_report_in_time() {
    let bed = Bed::with(in_order(), &settings(&[])).await;
    bed.pool
        .fail(Target::Any, Fault::NeverAnswers, Times::Forever);
    let started = Instant::now();
    let invocation = InvocationRequest::from(&event()).with_deadline(Duration::from_secs(3));
    let outcome = bed.host.invoke(invocation).await;
    assert!(started.elapsed() < Duration::from_secs(3));
    let line = bed.log_of(&outcome).await;
    assert_eq!(line["failed_checks"], "source.pool");
}

/// And only the checks that need a sign-in are not known.
#[tokio::test]
async fn secrets_manager_that_cannot_be_asked_is_one_finding() {
    let bed = Bed::with(in_order(), &settings(&STORED)).await;
    for fault in [Fault::InternalError, Fault::NeverAnswers] {
        bed.pool
            .fail(Operation::GetSecretValue, fault, Times::Forever);
        let invocation = InvocationRequest::from(&event()).with_deadline(Duration::from_secs(3));
        let report = report(&bed.host.invoke(invocation).await);
        let found = findings(&report);
        let [check] = found.as_slice() else {
            panic!("{found:#?}");
        };
        assert_eq!(
            (check.id.as_str(), &check.status),
            ("source.secret", &Status::Fail)
        );
        assert!(
            check.fix.contains("Secrets Manager in eu-central-1"),
            "{check:?}"
        );
        bed.pool.recover();
    }
    assert!(findings(&report(&bed.invoke(&event()).await)).is_empty());
}

/// Throttled once, as with the quotas of a busy account: it tries again.
#[tokio::test]
async fn a_passing_fault_is_not_a_finding() {
    let bed = Bed::with(in_order(), &settings(&[])).await;
    for operation in [
        Operation::DescribeUserPool,
        Operation::DescribeUserPoolClient,
        Operation::AdminGetUser,
        Operation::AdminInitiateAuth,
    ] {
        bed.pool.fail(operation, Fault::Throttled, Times::ONCE);
    }
    assert!(findings(&report(&bed.invoke(&event()).await)).is_empty());
}

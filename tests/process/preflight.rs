//! The report on the source pool: one broken setting, one finding; and no other pool is asked.

use std::time::Duration;

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

const IDS: &str = "source.credentials,source.pool,source.client,source.flow,source.secret,source.read,source.lookup,\
    source.attributes,source.mfa,time.source";

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

/// A source pool that fits [`with`], and a destination pool that may not be asked.
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

fn event() -> Value {
    json!({"triggerSource": "Migration_Preflight"})
}

fn report(outcome: &InvocationOutcome) -> PreflightReport {
    serde_json::from_value(outcome.response()).expect("a report")
}

/// A function with these settings, and what every test here sets. Of two values for one variable the later counts.
async fn with(state: State, more: Variables<'_>) -> Bed {
    let custom = r#"{"custom:tenant": "custom:tenant", "custom:age": "custom:age"}"#;
    let all = [("SRC_CLIENT_SECRET", SECRET), ("ATTRIBUTE_MAP", custom)];
    Bed::with(state, &[&all, more].concat()).await
}

/// The report of a preflight that must find nothing.
async fn finds_nothing(bed: &Bed) -> PreflightReport {
    let report = report(&bed.invoke(&event()).await);
    assert!(findings(&report).is_empty(), "{report:?}");
    report
}

/// The preflight must find that this one check fails.
async fn finds(bed: &Bed, id: &str) {
    let outcome = bed.invoke(&event()).await;
    bed.logs(&outcome, &json!({"failed_checks": id})).await;
}

/// The checks that are not `ok`.
fn findings(report: &PreflightReport) -> Vec<&Check> {
    let checks = report.checks.iter();
    let found = checks.filter(|check| check.status != Status::Ok);
    found
        .inspect(|check| assert_ne!(check.detail, "", "{check:?}"))
        .collect()
}

/// What a preflight may ask.
const QUESTIONS: [Operation; 10] = [
    Operation::AdminInitiateAuth,
    Operation::InitiateAuth,
    Operation::AdminGetUser,
    Operation::ListUsers,
    Operation::DescribeUserPool,
    Operation::DescribeUserPoolClient,
    Operation::GetUserPoolMfaConfig,
    Operation::PublicKeys,
    Operation::GetSecretValue,
    Operation::AssumeRole,
];

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
        ([&role[..], &[PUBLIC]].concat(), event()),
        ([&role[..], &STORED].concat(), event()),
        (marked.to_vec(), of_destination),
    ] {
        let mut state = in_order();
        if more.contains(&role[0]) {
            state = state.with_role(StubRole::new(ROLE).with_external_id("external-id-7"));
        }
        let bed = with(state, &more).await;
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
            let (operation, body) = (request.operation, &request.body);
            assert!(
                QUESTIONS.contains(&operation),
                "{operation} changes something"
            );
            assert!(!body.to_string().contains(DESTINATION_POOL), "{body}");
            // No name is that of a user.
            for place in ["/AuthParameters/USERNAME", "/Username", "/Filter"] {
                let name = body.pointer(place).and_then(Value::as_str);
                assert!(name.is_none_or(|name| name.contains("nobody-")), "{body}");
            }
        }
        // The same function still migrates.
        let typed = match more.contains(&("SRC_LOOKUP", "email")) {
            true => "ana.kowalczyk@example.com",
            false => ANA,
        };
        bed.migrates(&sign_in_event(typed, PASSWORD)).await;
    }
}

/// What the report must say of a breakage: the check, its status and what the fix must name. And the settings and changes
/// that break it.
type Breakage = ([&'static str; 3], Variables<'static>, fn(&mut State));

fn deny(state: &mut State, operation: &str) {
    state.denied.push(format!("{operation} {POOL_ID}"));
}

/// One for each kind of answer of the source pool, and each status; those that need the longest first. Which facts lead to
/// which finding is proven in `crates/rules`.
const BREAKAGES: &[Breakage] = &[
    (
        ["time.source", "fail", "TIME_BUDGET_MS"],
        &[("TIME_BUDGET_MS", "150")],
        |it| it.latency_ms = 80,
    ),
    (
        ["source.credentials", "fail", "SRC_EXTERNAL_ID"],
        &[("SRC_ROLE_ARN", ROLE), ("SRC_EXTERNAL_ID", "id-8")],
        |it| it.roles = vec![StubRole::new(ROLE).with_external_id("id-7")],
    ),
    (
        ["source.pool", "fail", "SRC_USER_POOL_ID"],
        &[("SRC_USER_POOL_ID", "eu-west-1_Nowhere1")],
        |_| {},
    ),
    (
        ["source.client", "fail", "SRC_CLIENT_ID"],
        &[("SRC_CLIENT_ID", "5nosuchclient")],
        |_| {},
    ),
    (
        ["source.secret", "fail", "SRC_CLIENT_SECRET"],
        &[("SRC_CLIENT_SECRET", "another-secret")],
        |_| {},
    ),
    // By a function that may not describe the client either.
    (
        ["source.secret", "fail", "the function's own role"],
        &STORED,
        |it| {
            it.denied = vec![format!("GetSecretValue {ARN}")];
            deny(it, "DescribeUserPoolClient");
        },
    ),
    (
        ["source.attributes", "warn", "SRC_CLIENT_ID"],
        &[PUBLIC],
        |it| it.clients[0] = it.clients[0].clone().with_readable(&COPIED[..6]),
    ),
];

/// What a permission is missing for. What cannot be seen is skipped and names the action; the rest is still found out.
const DENIALS: &[(&str, &str, &str, Variables<'static>)] = &[
    ("source.flow", "fail", "AdminInitiateAuth", &[]),
    ("source.read", "fail", "AdminGetUser", &[]),
    // Only the sign-up guard could need it.
    ("source.read", "skipped", "AdminGetUser", GUARD_ALONE),
    ("source.lookup", "fail", "ListUsers", LOOK_UP),
    ("source.mfa", "fail", "GetUserPoolMfaConfig", &[]),
    ("source.pool", "skipped", "DescribeUserPool", &[]),
];
const GUARD_ALONE: Variables<'static> = &[PUBLIC, ("ON_FORGOT_PASSWORD", "ignore")];
const LOOK_UP: Variables<'static> = &[("SRC_LOOKUP", "email")];

#[tokio::test(flavor = "multi_thread")]
async fn each_broken_setting_is_found_alone_with_a_fix_that_names_it() {
    let broken = BREAKAGES.iter().map(|(finding, variables, change)| {
        let mut state = in_order();
        change(&mut state);
        let [id, status, names] = *finding;
        (id, status, names.to_owned(), *variables, state)
    });
    let denied = DENIALS.iter().map(|(id, status, operation, variables)| {
        let mut state = in_order();
        deny(&mut state, operation);
        let names = format!("cognito-idp:{operation}");
        (*id, *status, names, *variables, state)
    });
    let mut rows = broken.chain(denied);
    let mut running: JoinSet<()> = rows.by_ref().take(4).map(check).collect();
    while let Some(checked) = running.join_next().await {
        checked.expect("the report names the breakage");
        if let Some(row) = rows.next() {
            running.spawn(check(row));
        }
    }
}

type Row = (
    &'static str,
    &'static str,
    String,
    Variables<'static>,
    State,
);

async fn check((id, status, names, variables, state): Row) {
    let what = format!("{id} {status} {names}");
    let bed = with(state, variables).await;
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
    let found = (check.id.as_str(), json!(check.status));
    assert_eq!(found, (id, json!(status)), "{what}");
    assert!(fix.contains(&names), "{what}: {names} is not in {fix:?}");
    if names.starts_with("cognito-idp:") {
        assert!(fix.contains(POOL_ID), "{what}: {fix:?} names no pool");
    }
    // A check that was not made for want of a permission is no pass.
    let is_good =
        |check: &Check| check.status != Status::Fail && check.why != Some(Why::NoPermission);
    let is_ok = report.checks.iter().all(is_good);
    let may_be_skipped = id == "source.read";
    let expected = status == "warn" || (status == "skipped" && may_be_skipped);
    assert_eq!((is_ok, report.ok), (expected, expected), "{what}");
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
        (|it| it.clients[0].flows.clear(), "source.flow"),
        (|it| it.clients[0].secret = None, "source.secret"),
        (|it| it.clients[0].id = "5another".into(), "source.client"),
    ];
    for (change, failed) in cases {
        let mut state = in_order();
        deny(&mut state, "DescribeUserPoolClient");
        change(&mut state);
        let bed = with(state, &[]).await;
        finds(&bed, failed).await;
        if failed.is_empty() {
            finds_nothing(&bed).await;
        }
    }
}

/// The first request opens the connection, and the second one is timed.
#[tokio::test]
async fn the_time_is_measured_without_permission_to_read_profiles_too() {
    let mut state = in_order();
    deny(&mut state, "AdminGetUser");
    let bed = with(state, &[]).await;
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
    let bed = with(state, &[]).await;
    finds_nothing(&bed).await;
    assert_eq!(bed.pool.count(Operation::AdminInitiateAuth), 0);
}

/// A connection or a role that was good an hour ago says nothing about now.
#[tokio::test]
async fn each_preflight_makes_connections_and_assumes_the_role_anew() {
    let state = in_order().with_role(StubRole::new(ROLE));
    let bed = with(state, &[("SRC_ROLE_ARN", ROLE)]).await;
    for time in 1..=2 {
        let connections = bed.pool.server().accepted_connections();
        finds_nothing(&bed).await;
        assert!(bed.pool.server().accepted_connections() > connections);
        assert_eq!(bed.pool.count(Operation::AssumeRole), time);
    }
    // The role no longer trusts the function; credentials for it are still valid.
    bed.pool.change(|state| state.roles.clear());
    finds(&bed, "source.credentials").await;
}

/// In Lambda's own time limit for this function, whatever hangs.
#[tokio::test]
async fn a_pool_that_hangs_leaves_a_report_in_time() {
    let bed = with(in_order(), &[]).await;
    bed.pool
        .fail(Target::Any, Fault::NeverAnswers, Times::Forever);
    let invocation = InvocationRequest::from(&event()).with_deadline(Duration::from_secs(3));
    let outcome = bed.host.invoke(invocation).await;
    let took = outcome.duration;
    assert!(took < Duration::from_secs(3), "{took:?}");
    let expected = json!({"failed_checks": "source.pool"});
    bed.logs(&outcome, &expected).await;
}

/// And only the checks that need a sign-in are not known.
#[tokio::test]
async fn secrets_manager_that_cannot_be_asked_is_one_finding() {
    let bed = with(in_order(), &STORED).await;
    for fault in [Fault::InternalError, Fault::NeverAnswers] {
        bed.always_fail(Operation::GetSecretValue, fault);
        let invocation = InvocationRequest::from(&event()).with_deadline(Duration::from_secs(3));
        let report = report(&bed.host.invoke(invocation).await);
        let found = findings(&report);
        let [check] = found.as_slice() else {
            panic!("{found:#?}");
        };
        let found = (check.id.as_str(), &check.status);
        assert_eq!(found, ("source.secret", &Status::Fail));
        let fix = &check.fix;
        assert!(fix.contains("Secrets Manager in eu-central-1"), "{fix}");
        bed.pool.recover();
    }
    finds_nothing(&bed).await;
}

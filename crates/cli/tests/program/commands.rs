//! The answers and the calls of each command.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant, SystemTime},
};

use nix::sys::signal::Signal;
use rules::{
    checks::CheckId,
    protocol::{Check, PreflightReport, Status, Why},
};
use serde_json::{Value, json};
use strum::VariantArray as _;
use testbed::{
    function::Setup,
    runtime::{FUNCTION_ARN, Host},
    source_pool::{
        CLIENT_ID, Client, Fault, Operation, POOL_ID, SourcePoolStub, State, Times, User,
    },
};

use crate::support::*;

/// Changes the pools of a row.
type Change = fn(&mut State);

async fn pools(users: Vec<User>) -> SourcePoolStub {
    started(two_pools(users)).await
}

const JSON: [&str; 2] = ["--format", "json"];

/// Runs a command for programs.
async fn answer(pool: &SourcePoolStub, arguments: &[&str]) -> Value {
    run(pool, &[arguments, &JSON].concat()).await.json()
}

#[tokio::test]
async fn a_survey_counts_outcomes_and_findings_and_writes_nothing_personal() {
    let pool = pools(vec![
        user("Ana"),
        user("bo").with("email_verified", "false"),
        user("cem").disabled(),
        user("fay").with_status("FORCE_CHANGE_PASSWORD"),
        user("gus_x")
            .with_status("EXTERNAL_PROVIDER")
            .with("email", "ana@example.com"),
    ])
    .await;
    let csv = folder("survey").join("users.csv");
    let survey = [&["survey", "--csv", text(&csv)], &JSON[..]].concat();
    let said = run(&pool, &survey).await;
    said.good();
    let mut told = said.json();
    let others = told["other_settings"].take();
    let reset = json!({
        "set": {"ON_TEMPORARY_PASSWORD": "reset"}, "result": {"moves": 2, "moves_after_reset": 1, "stays": 2},
    });
    assert!(
        others
            .as_array()
            .is_some_and(|others| others.contains(&reset)),
        "{others}"
    );
    assert_eq!(
        told,
        json!({
            "other_settings": null, "source_pool": POOL_ID, "destination_pool": DESTINATION, "users": 5,
            "result": {"moves": 2, "stays": 3},
            "sign_in": {"migrated": 2, "user_disabled": 1, "temporary_password": 1, "external_provider": 1},
            "forgot_password": {
                "migrated": 1, "no_verified_contact": 1, "user_disabled": 1, "temporary_password": 1, "external_provider": 1,
            },
            "findings": {"no_contact": 1, "federated_twin": 1},
        })
    );
    let written = own_file(&csv);
    let [ana, bo] = ["Ana", "bo"].map(|name| user(name).sub());
    let start = format!(
        "sub,result,sign_in,forgot_password,findings\n{ana},moves,migrated,migrated,federated_twin\n{bo},moves,migrated,no_verified_contact,no_contact\n"
    );
    assert!(written.starts_with(&start), "{written}");
    assert_eq!(written.lines().count(), 6);
    assert_no_secret(&pool, &[&written, &said.stdout]);
    // No active user is made, and nothing changes.
    let allowed = [
        Operation::ListUsers,
        Operation::DescribeUserPool,
        Operation::DescribeUserPoolClient,
    ];
    assert_eq!(operations(&pool), BTreeSet::from(allowed));
    // A file of an earlier run stays.
    run(&pool, &survey).await.refuses(1, &["exists"]);
    assert_eq!(own_file(&csv), written);
}

/// Users choose their names, and a spreadsheet runs what looks like a formula.
#[tokio::test]
async fn user_names_are_written_where_they_are_asked_for_and_none_is_a_formula() {
    let names = ["ana,\"x", "=1+1", "+491555000001", "-x", "@x", "'x", "x=1"];
    let pool = pools(names.map(user).into()).await;
    let csv = folder("usernames").join("users.csv");
    let said = run(&pool, &["survey", "--csv", text(&csv), "--usernames"]).await;
    said.good();
    let written = own_file(&csv);
    let written: Vec<_> = written
        .lines()
        .filter_map(|line| line.split_once(",,"))
        .map(|(_, name)| name)
        .collect();
    let expected = [
        "\"ana,\"\"x\"",
        "'=1+1",
        "'+491555000001",
        "'-x",
        "'@x",
        "'x",
        "x=1",
    ];
    assert_eq!(written, expected);
}

#[tokio::test]
async fn all_pages_are_read_at_the_pace_that_is_set_and_throttling_is_waited_out() {
    let users = (0..150).map(|number| user(&format!("u{number}"))).collect();
    let pool = pools(users).await;
    pool.fail(Operation::ListUsers, Fault::Throttled, Times::N(4));
    let told = answer(&pool, &["survey"]).await;
    assert_eq!(told["sign_in"], json!({"migrated": 150}));
    assert_eq!(pool.count(Operation::ListUsers), 4 + 3);
    pool.forget();
    let started = Instant::now();
    run(&pool, &["survey", "--rate", "2"]).await.good();
    // From the start and not from page to page: a machine that is busy may hand one page over late, and the next in time.
    let took = pool.received_of(Operation::ListUsers)[2].at - started;
    assert!(took >= Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn the_table_tells_what_a_list_cannot_show_and_what_holds_for_all() {
    fn mfa(state: &mut State, mfa: &str) {
        let description = &mut state.description;
        description.insert("MfaConfiguration".into(), json!(mfa));
    }
    let rows: [(Change, &[&str]); 6] = [
        (
            |state| mfa(state, "OFF"),
            &[
                "2 users",
                "user_disabled",
                "asks no user for a second factor",
            ],
        ),
        (
            |state| mfa(state, "OPTIONAL"),
            &["A list shows no second factor", "source_trigger_refused"],
        ),
        (
            |state| mfa(state, "ON"),
            &["asks all users for a second factor"],
        ),
        (
            |state| state.clients[0].flows.clear(),
            &[
                "Every sign-in fails: the app client of the source pool does not allow ADMIN_USER_PASSWORD_AUTH.",
            ],
        ),
        // The old pool signs in by user name, the new one by e-mail address, and `SRC_LOOKUP` is not set.
        (
            |state| addresses(state),
            &[
                "0 of 2 users will sign in, and again, without calling you.",
                "SRC_LOOKUP=email: 1 more move, 1 fewer are refused",
            ],
        ),
        (
            |state| state.users.clear(),
            &["\n\nThe source pool has no users.\n"],
        ),
    ];
    for (change, parts) in rows {
        let mut state = two_pools(vec![user("ana"), user("bo").disabled()]);
        change(&mut state);
        let said = run(&started(state).await, &["survey"]).await;
        said.good();
        said.shows(parts);
    }
}

/// Lets the users of the destination pool sign in by e-mail address only.
fn addresses(state: &mut State) {
    let description = &mut state.neighbours[0].description;
    description.insert("UsernameAttributes".into(), json!(["email"]));
}

#[tokio::test]
async fn a_temporary_password_that_has_expired_is_found_and_its_user_stays() {
    let now = SystemTime::UNIX_EPOCH
        .elapsed()
        .expect("a clock")
        .as_secs_f64();
    let temporary = |(name, days): (&str, Option<f64>)| User {
        last_modified: days.map(|days| now - days * 86_400.0),
        ..user(name).with_status("FORCE_CHANGE_PASSWORD")
    };
    let users = [("old", Some(8.0)), ("new", Some(6.0)), ("undated", None)];
    let pool = pools(users.map(temporary).into()).await;
    let told = answer(&pool, &["survey", "--set", "ON_TEMPORARY_PASSWORD=reset"]).await;
    assert_eq!(told["result"], json!({"moves_after_reset": 2, "stays": 1}));
    assert_eq!(told["findings"], json!({"temporary_password_expired": 1}));
}

#[tokio::test]
async fn an_interrupted_search_leaves_no_file() {
    let mut state = two_pools((0..200).map(|number| user(&format!("u{number}"))).collect());
    let description = &mut state.neighbours[0].description;
    description.insert("AutoVerifiedAttributes".into(), json!(["email"]));
    let pool = started(state).await;
    let folder = folder("interrupted");
    let csv = folder.join("users.csv");
    for (command, signal) in [
        (["survey", "--csv", text(&csv)], Signal::SIGINT),
        (["survey", "--html", text(&csv)], Signal::SIGTERM),
        (["stragglers", "--out", text(&folder)], Signal::SIGHUP),
    ] {
        pool.forget();
        let slowly = [&command[..], &["--rate", "1"]].concat();
        let said = interrupted(&pool, &slowly, (Operation::ListUsers, 2), signal).await;
        said.refuses(
            1,
            &["cognito-migration: Interrupted. Nothing was changed.\n"],
        );
        assert_eq!(names(&folder), BTreeSet::new(), "{signal}");
    }
}

/// The promise is 300 bytes a user.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_grows_by_at_most_300_bytes_a_user() {
    let pools = |users| two_pools((0..users).map(|n| user(&format!("u{n}"))).collect());
    let each = bytes_a_user("survey", pools, |_| {
        vec!["--set".into(), "SRC_LOOKUP=email".into()]
    });
    let each = each.await;
    assert!(each <= 300, "{each}");
}

/// A preflight for programs.
async fn report(pool: &SourcePoolStub, options: &[&str]) -> PreflightReport {
    let said = run(pool, &[&["preflight"], &JSON[..], options].concat()).await;
    reported(&said)
}

fn reported(said: &Said) -> PreflightReport {
    let report: PreflightReport = serde_json::from_str(&said.stdout).expect("a report");
    assert_eq!(said.status, Some(i32::from(!report.ok)), "{said:?}");
    assert_eq!(report.checks.len(), CheckId::VARIANTS.len());
    report
}

fn check(report: &PreflightReport, id: CheckId) -> &Check {
    let mut checks = report.checks.iter();
    checks.find(|check| id.is(check)).expect("the check")
}

/// Pools with an app client and a trigger in the destination pool.
fn with_trigger(users: Vec<User>) -> State {
    let mut state = two_pools(users);
    let destination = &mut state.neighbours[0];
    destination.clients.push(Client::new("7newclient"));
    let trigger = json!({"UserMigration": FUNCTION_ARN});
    destination
        .description
        .insert("LambdaConfig".into(), trigger);
    state
}

#[tokio::test]
async fn a_preflight_without_a_function_judges_both_pools_as_the_operator_and_says_what_waits() {
    let mut state = two_pools(vec![user("ana")]);
    // The mailbox of a reset code is the second factor, too.
    state.neighbours[0].description.extend([
        ("MfaConfiguration".to_owned(), json!("OPTIONAL")),
        ("EmailMfaConfiguration".to_owned(), json!({})),
    ]);
    let pool = started(state).await;
    let report = report(&pool, &[]).await;
    for (id, status, why) in [
        (
            CheckId::SourceCredentials,
            Status::Skipped,
            Some(Why::WaitsForFunction),
        ),
        (
            CheckId::TimeSource,
            Status::Skipped,
            Some(Why::WaitsForFunction),
        ),
        (CheckId::DestinationPool, Status::Ok, None),
        (CheckId::DestinationTrigger, Status::Fail, None),
        (CheckId::DestinationRecovery, Status::Warn, None),
        (CheckId::PoolsSame, Status::Ok, None),
    ] {
        let check = check(&report, id);
        assert_eq!((&check.status, &check.why), (&status, &why), "{check:?}");
    }
    let client = check(&report, CheckId::SourceClient);
    let asked = format!("Asked as the operator: {CLIENT_ID} exists.");
    assert!(client.detail.starts_with(&asked), "{client:?}");
    let told = answer(&pool, &["preflight"]).await;
    assert_eq!(told["users"], json!({"source": 1, "destination": 0}));
    let said = run(&pool, &["preflight"]).await;
    said.shows(&["judged: destination.trigger"]);
}

#[tokio::test]
async fn a_preflight_with_a_trigger_and_a_client_is_good() {
    let pool = started(with_trigger(vec![user("ana")])).await;
    let said = run(&pool, &["preflight", "--function-arn", FUNCTION_ARN]).await;
    said.good();
    // The app client tells who exists, and the function was not asked.
    said.shows(&[
        "No check failed. Read the warnings: destination.clients\n5 checks wait for the function: \
         source.credentials, source.secret, source.read, source.lookup, time.source\n",
    ]);
    // Without the ARN it is not known whether that is the function.
    assert_eq!(pool.count(Operation::GetUserPoolMfaConfig), 0);
    let report = report(&pool, &[]).await;
    let trigger = check(&report, CheckId::DestinationTrigger);
    assert_eq!((report.ok, &trigger.status), (true, &Status::Skipped));
}

/// What may not be looked at is not in order, although nothing fails.
#[tokio::test]
async fn a_preflight_that_may_not_look_is_not_good_and_names_the_permission() {
    let mut state = with_trigger(vec![user("ana")]);
    state.denied = vec![format!("DescribeUserPoolClient {POOL_ID}")];
    let pool = started(state).await;
    let of_function = ["--function-arn", FUNCTION_ARN];
    let report = report(&pool, &of_function).await;
    let client = check(&report, CheckId::SourceClient);
    assert_eq!(
        (report.ok, &client.why),
        (false, &Some(Why::NoPermission)),
        "{client:?}"
    );
    let said = run(&pool, &[&["preflight"], &of_function[..]].concat()).await;
    said.shows(&[
        "cognito-idp:DescribeUserPoolClient",
        "Whether migrations will work is not known",
        "Not checked for want of a permission: source.client, source.flow",
    ]);
}

/// A deployed function with a secret in its environment, and the program that is told its name.
#[tokio::test]
async fn a_deployed_function_gives_its_settings_and_its_report_but_no_secret() {
    const SECRET: &str = "made-up-secret-of-the-client";
    let mut state = with_trigger(vec![
        user("ana"),
        user("bo").with_status("FORCE_CHANGE_PASSWORD"),
    ]);
    state.clients[0] = state.clients[0].clone().with_secret(SECRET);
    let pool = started(state).await;
    let host = Host::start().await.expect("a loopback port");
    let setup = Setup::new(function())
        .using(&pool)
        .with("SRC_CLIENT_SECRET", SECRET)
        .with("ON_TEMPORARY_PASSWORD", "reset");
    host.deploy(setup.variables());
    let running = setup
        .start(&host)
        .await
        .unwrap_or_else(|refused| panic!("{refused}"));
    let run = async |arguments: &[&str]| {
        let mut program = program(&pool);
        program
            .env_remove("SRC_CLIENT_ID")
            .env(
                "AWS_ENDPOINT_URL_LAMBDA",
                format!("http://{}", host.address()),
            )
            .args(arguments)
            .args(["--pool", DESTINATION])
            .args(JSON);
        let said = said(&mut program).await;
        assert!(!format!("{said:?}").contains(SECRET), "{said:?}");
        said
    };
    for name in ["user-migration", FUNCTION_ARN] {
        let report = reported(&run(&["preflight", "--function", name]).await);
        let is_good = |check: &Check| [Status::Ok, Status::Warn].contains(&check.status);
        assert!(report.ok && report.checks.iter().all(is_good), "{report:?}");
    }
    assert_eq!(host.invocations(), 2);
    let survey = ["survey", "--function", "user-migration"];
    let said = run(&survey).await;
    assert_eq!(said.json()["sign_in"], json!({"migrated": 2}), "{said:?}");
    let said = run(&[&survey[..], &["--set", "ON_TEMPORARY_PASSWORD=refuse"]].concat()).await;
    let refused = json!({"migrated": 1, "temporary_password": 1});
    assert_eq!(said.json()["sign_in"], refused, "{said:?}");
    assert_eq!(host.invocations(), 2);
    let said = run(&["survey", "--function", "another"]).await;
    said.refuses(1, &["The function another does not exist"]);
    running.end().await;
}

#[tokio::test]
async fn explain_says_what_will_happen_and_why() {
    let mut state = two_pools(vec![
        user("ana").with_mfa(&["SMS_MFA"]),
        user("bo").with_status("UNCONFIRMED"),
        user("cem"),
        user("dora").with_mfa(&["SOFTWARE_TOKEN_MFA"]),
        user("eve").with("email_verified", "false"),
        user("fay").with("email", "both@example.com"),
        user("gus").with("email", "both@example.com"),
        user("hal"),
        user("ivy").with("email_verified", "false"),
    ]);
    state
        .description
        .insert("MfaConfiguration".into(), json!("OPTIONAL"));
    let destination = &mut state.neighbours[0];
    destination
        .description
        .insert("AliasAttributes".into(), json!(["email"]));
    let stranger = user("stranger")
        .with("email", "hal@example.com")
        .with("email_verified", "false");
    destination.users = vec![user("cem"), stranger];
    // AdminGetUser would take it for a user name.
    let sub = user("bo").sub();
    let pool = started(state).await;
    let by_email = ["SRC_LOOKUP=email", "DST_USERNAME=username"];
    for (name, settings, part) in [
        ("Ana", &[][..], "is rejected: mfa_refused"),
        ("bo", &[], "never confirmed"),
        ("cem", &[], "has moved"),
        ("x-x", &[], "no user has this name"),
        (
            "dora",
            &[],
            "second factors: SOFTWARE_TOKEN_MFA (cannot be carried over)",
        ),
        (
            "eve@example.com",
            &by_email,
            "users have this address, and none of them has verified it",
        ),
        (
            "both@example.com",
            &by_email,
            "several users have this name or address",
        ),
        ("none@example.com", &by_email, "no user has this name"),
        (
            "hal@example.com",
            &by_email,
            "Another user of the destination pool has this name or address",
        ),
        (
            "ana@example.com",
            &["SRC_LOOKUP=email", "ON_MFA=drop"],
            "The user cannot be created: the destination pool refuses the answer, because its users have aliases",
        ),
        (
            "ivy",
            &[],
            "The user is created, and signs in again under the same name.",
        ),
    ] {
        let settings = settings.iter().flat_map(|&setting| ["--set", setting]);
        let arguments: Vec<_> = ["explain", name].into_iter().chain(settings).collect();
        let said = run(&pool, &arguments).await;
        said.good();
        said.shows(&[part]);
        assert_no_secret(&pool, &[&said.stdout]);
    }
    let refused = json!(["mfa_refused", "mfa_refused", "sms", null]);
    let unconfirmed = json!(["not_confirmed", "not_confirmed", "none", null]);
    let moved = json!(["migrated", "migrated", "none", "CONFIRMED"]);
    let unknown = json!(["user_not_found", "user_not_found", null, null]);
    for (name, wanted) in [
        ("Ana", &refused),
        ("bo", &unconfirmed),
        ("cem", &moved),
        ("x-x", &unknown),
        (&sub, &unknown),
    ] {
        let told = answer(&pool, &["explain", name]).await;
        let (source, moved) = (&told["source"], &told["moved"]);
        let found = [
            &told["sign_in"],
            &told["forgot_password"],
            &source["second_factor"],
            &moved["status"],
        ];
        assert_eq!(&json!(found), wanted, "{told}");
    }
    let asked = operations(&pool);
    for write in [
        Operation::AdminUpdateUserAttributes,
        Operation::AdminDisableUser,
        Operation::AdminInitiateAuth,
    ] {
        assert!(!asked.contains(&write), "{write:?}");
    }
}

#[tokio::test]
async fn progress_compares_the_pools() {
    let mut state = two_pools((0..4).map(|number| user(&format!("u{number}"))).collect());
    state.neighbours[0].users.push(user("u0"));
    let pool = started(state).await;
    let told = answer(&pool, &["progress"]).await;
    assert_eq!(told["users"], json!({"source": 4, "destination": 1}));
    // Who is in the destination pool may have signed up there.
    let unknown = (&Value::Null, Some(&Value::Null));
    assert_eq!((&told["share"], told.get("left")), unknown);
    let said = run(&pool, &["progress"]).await;
    said.shows(&["stragglers"]);
    assert!(!said.stdout.contains('%'), "{said:?}");
}

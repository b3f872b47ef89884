//! The answers and the calls of each command.

use std::{
    path::Path,
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
    runtime::FUNCTION_ARN,
    source_pool::{CLIENT_ID, Client, Operation, POOL_ID, SourcePoolStub, State, User},
};

use crate::{replay::Replay, support::*};

async fn pools(users: Vec<User>) -> SourcePoolStub {
    started(two_pools(users)).await
}

/// Runs a command line for a person.
async fn shown(pool: &SourcePoolStub, line: &str) -> Said {
    run_in(pool, Path::new(""), line).await
}

/// Runs a command line for a program.
async fn answer(pool: &SourcePoolStub, line: &str) -> Value {
    shown(pool, &format!("{line} --format json")).await.json()
}

#[tokio::test]
async fn a_survey_counts_outcomes_and_findings_and_writes_nothing_personal() {
    let now = SystemTime::UNIX_EPOCH.elapsed().expect("a clock");
    let temporary = |name: &str, days: Option<f64>| User {
        last_modified: days.map(|days| now.as_secs_f64() - days * 86_400.0),
        ..user(name).with_status("FORCE_CHANGE_PASSWORD")
    };
    let pool = pools(vec![
        user("Ana"),
        user("bo").with("email_verified", "false"),
        user("cem").disabled(),
        temporary("dora", Some(8.0)),
        temporary("eve", Some(6.0)),
        temporary("fay", None),
        user("gus_x")
            .with_status("EXTERNAL_PROVIDER")
            .with("email", "ana@example.com"),
    ])
    .await;
    let folder = folder("survey");
    let line = "survey --format json --csv FOLDER/users.csv";
    let said = run_in(&pool, &folder, line).await;
    said.good();
    let mut told = said.json();
    let others = told["other_settings"].take();
    let reset = json!({
        "set": {"ON_TEMPORARY_PASSWORD": "reset"}, "result": {"moves": 2, "moves_after_reset": 2, "stays": 3},
    });
    let others = others.as_array().expect("a list");
    assert!(others.contains(&reset), "{others:?}");
    assert_eq!(
        told,
        json!({
            "other_settings": null, "source_pool": POOL_ID, "destination_pool": DESTINATION, "users": 7,
            "result": {"moves": 2, "stays": 5},
            "sign_in": {"migrated": 2, "user_disabled": 1, "temporary_password": 3, "external_provider": 1},
            "forgot_password": {
                "migrated": 1, "no_verified_contact": 1, "user_disabled": 1, "temporary_password": 3, "external_provider": 1,
            },
            "findings": {"no_contact": 1, "federated_twin": 1, "temporary_password_expired": 1},
        })
    );
    let written = own_file(&folder.join("users.csv"));
    let [ana, bo] = ["Ana", "bo"].map(sub);
    let start = format!(
        "sub,result,sign_in,forgot_password,findings\n{ana},moves,migrated,migrated,federated_twin\n{bo},moves,migrated,no_verified_contact,no_contact\n"
    );
    assert!(written.starts_with(&start), "{written}");
    assert_eq!(written.lines().count(), 8);
    assert_no_secret(&pool, &[&written, &said.stdout]);
}

/// Users choose their names, and a spreadsheet runs what looks like a formula.
#[tokio::test]
async fn user_names_are_written_where_they_are_asked_for_and_none_is_a_formula() {
    const NAMES: [(&str, &str); 7] = [
        ("ana,\"x", "\"ana,\"\"x\""),
        ("=1+1", "'=1+1"),
        ("+491555000001", "'+491555000001"),
        ("-x", "'-x"),
        ("@x", "'@x"),
        ("'x", "'x"),
        ("x=1", "x=1"),
    ];
    let pool = pools(NAMES.map(|(name, _)| user(name)).into()).await;
    let folder = folder("usernames");
    let line = "survey --csv FOLDER/users.csv --usernames";
    run_in(&pool, &folder, line).await.good();
    let written = own_file(&folder.join("users.csv"));
    let written = written
        .lines()
        .filter_map(|line| Some(line.split_once(",,")?.1));
    assert!(written.eq(NAMES.map(|(_, name)| name)));
}

#[tokio::test]
async fn the_table_tells_what_a_list_cannot_show_and_what_holds_for_all() {
    for row in [
        "OFF → 2 users",
        "OFF → user_disabled",
        "OFF → asks no user for a second factor",
        "OPTIONAL → A list shows no second factor",
        "OPTIONAL → source_trigger_refused",
        "ON → asks all users for a second factor",
        "no flow → Every sign-in fails: the app client of the source pool does not allow ADMIN_USER_PASSWORD_AUTH.",
        "addresses → 0 of 2 users will sign in, and again, without calling you.",
        "addresses → SRC_LOOKUP=email: 1 more move, 1 fewer are refused",
        "no users → \n\nThe source pool has no users.\n",
    ] {
        let (pools, part) = row.split_once(" → ").expect("an arrow");
        let mut state = two_pools(vec![user("ana"), user("bo").disabled()]);
        match pools {
            "no flow" => state.clients[0].flows.clear(),
            "no users" => state.users.clear(),
            // The old pool signs in by user name, the new one by e-mail address, and `SRC_LOOKUP` is not set.
            "addresses" => {
                describe_destination(&mut state, json!({"UsernameAttributes": ["email"]}))
            }
            mfa => describe_source(&mut state, json!({"MfaConfiguration": mfa})),
        }
        let said = shown(&started(state).await, "survey").await;
        said.good();
        said.shows(&[part]);
    }
}

#[tokio::test]
async fn an_interrupted_search_leaves_no_file() {
    let mut state = two_pools((0..200).map(|number| user(&format!("u{number}"))).collect());
    describe_destination(&mut state, json!({"AutoVerifiedAttributes": ["email"]}));
    let pool = started(state).await;
    let folder = folder("interrupted");
    for (line, signal) in [
        ("survey --csv FOLDER/users.csv --rate 1", Signal::SIGINT),
        ("survey --html FOLDER/page.html --rate 1", Signal::SIGTERM),
        ("stragglers --out FOLDER --rate 1", Signal::SIGHUP),
    ] {
        pool.forget();
        let started = Instant::now();
        let listed = (Operation::ListUsers, 2);
        let said = interrupted((&pool, &folder), line, listed, signal).await;
        // The pace that was set: the first call of a pool is its description.
        let took = pool.received_of(Operation::ListUsers)[1].at - started;
        assert!(took >= Duration::from_secs(1), "{took:?}");
        said.refuses(
            1,
            &["cognito-migration: Interrupted. Nothing was changed.\n"],
        );
        assert_eq!(names(&folder), "", "{signal}");
    }
}

/// A preflight for programs.
async fn report(pool: &SourcePoolStub, options: &str) -> PreflightReport {
    reported(&shown(pool, &format!("preflight --format json {options}")).await)
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

/// Gives the destination pool its trigger.
fn set_trigger(state: &mut State) {
    let trigger = json!({"LambdaConfig": {"UserMigration": FUNCTION_ARN}});
    describe_destination(state, trigger);
}

#[tokio::test]
async fn a_preflight_without_a_function_judges_both_pools_as_the_operator_and_says_what_waits() {
    let mut state = two_pools(vec![user("ana")]);
    state.neighbours[0].clients.push(Client::new("7newclient"));
    let pool = started(state).await;
    let bad = report(&pool, "").await;
    let trigger = check(&bad, CheckId::DestinationTrigger);
    assert_eq!((bad.ok, &trigger.status), (false, &Status::Fail));
    let waits = check(&bad, CheckId::SourceCredentials);
    let why = (&waits.status, &waits.why);
    assert_eq!(why, (&Status::Skipped, &Some(Why::WaitsForFunction)));
    let client = check(&bad, CheckId::SourceClient);
    let asked = format!("Asked as the operator: {CLIENT_ID} exists.");
    assert!(client.detail.starts_with(&asked), "{client:?}");
    let told = answer(&pool, "preflight").await;
    assert_eq!(told["users"], json!({"source": 1, "destination": 0}));
    let said = shown(&pool, "preflight").await;
    said.shows(&["judged: destination.trigger"]);
    pool.change(set_trigger);
    let of_function = format!("--function-arn {FUNCTION_ARN}");
    let said = shown(&pool, &format!("preflight {of_function}")).await;
    said.good();
    // The app client tells who exists, and the function was not asked.
    said.shows(&[
        "No check failed. Read the warnings: destination.clients\n5 checks wait for the function: \
         source.credentials, source.secret, source.read, source.lookup, time.source\n",
    ]);
    assert_eq!(pool.count(Operation::GetUserPoolMfaConfig), 0);
    // The mailbox of a reset code is the second factor, too.
    let mailbox = json!({"MfaConfiguration": "OPTIONAL", "EmailMfaConfiguration": {}});
    pool.change(|state| describe_destination(state, mailbox));
    // Without the ARN it is not known whether that is the function.
    let good = report(&pool, "").await;
    let recovery = &check(&good, CheckId::DestinationRecovery).detail;
    assert!(recovery.contains("EmailMfaConfiguration"), "{recovery}");
    let trigger = check(&good, CheckId::DestinationTrigger);
    assert_eq!((good.ok, &trigger.status), (true, &Status::Skipped));
    // What may not be looked at is not in order, although nothing fails.
    pool.change(|state| state.denied = vec![format!("DescribeUserPoolClient {POOL_ID}")]);
    let report = report(&pool, &of_function).await;
    let client = check(&report, CheckId::SourceClient);
    let denied = (false, &Some(Why::NoPermission));
    assert_eq!((report.ok, &client.why), denied, "{client:?}");
    let said = shown(&pool, &format!("preflight {of_function}")).await;
    said.shows(&[
        "cognito-idp:DescribeUserPoolClient",
        "Whether migrations will work is not known",
        "Not checked for want of a permission: source.client, source.flow",
    ]);
}

/// A deployed function with a secret in its environment, and the program that is told its name.
#[tokio::test]
async fn a_deployed_function_gives_its_settings_and_its_report_but_no_secret() {
    let bo = user("bo").with_status("FORCE_CHANGE_PASSWORD");
    let mut state = two_pools(vec![user("ana"), bo]);
    state.neighbours[0].clients.push(Client::new("7newclient"));
    set_trigger(&mut state);
    state.clients[0] = state.clients[0].clone().with_secret(SECRET);
    let pool = started(state).await;
    let settings = [
        ("SRC_CLIENT_SECRET", SECRET),
        ("ON_TEMPORARY_PASSWORD", "reset"),
    ];
    let function = Replay::start(&pool, &settings).await;
    let endpoint = format!("http://{}", function.host.address());
    let run = async |line: &str| {
        let mut program = program(&pool);
        program
            .env_remove("SRC_CLIENT_ID")
            .env("AWS_ENDPOINT_URL_LAMBDA", &endpoint)
            .args(line.split(' '))
            .args(["--pool", DESTINATION, "--format", "json"]);
        said(&mut program).await
    };
    for name in ["user-migration", FUNCTION_ARN] {
        let report = reported(&run(&format!("preflight --function {name}")).await);
        let is_good = |check: &Check| [Status::Ok, Status::Warn].contains(&check.status);
        assert!(report.ok && report.checks.iter().all(is_good), "{report:?}");
    }
    let survey = "survey --function user-migration";
    let told = run(survey).await.json();
    assert_eq!(told["sign_in"], json!({"migrated": 2}));
    let set = run(&format!("{survey} --set ON_TEMPORARY_PASSWORD=refuse")).await;
    let refused = json!({"migrated": 1, "temporary_password": 1});
    assert_eq!(set.json()["sign_in"], refused);
    assert_eq!(function.host.invocations(), 2);
    let said = run("survey --function another").await;
    said.refuses(1, &["The function another does not exist"]);
}

const EXPLAINED: [&str; 11] = [
    "explain Ana → is rejected: mfa_refused",
    "explain bo → never confirmed",
    "explain cem → has moved",
    "explain x-x → no user has this name",
    "explain dora → second factors: SOFTWARE_TOKEN_MFA (cannot be carried over)",
    "explain eve@example.com --set SRC_LOOKUP=email --set DST_USERNAME=username → users have this address, and none of them has verified it",
    "explain both@example.com --set SRC_LOOKUP=email --set DST_USERNAME=username → several users have this name or address",
    "explain none@example.com --set SRC_LOOKUP=email --set DST_USERNAME=username → no user has this name",
    "explain hal@example.com --set SRC_LOOKUP=email --set DST_USERNAME=username → Another user of the destination pool has this name or address",
    "explain ana@example.com --set SRC_LOOKUP=email --set ON_MFA=drop → The user cannot be created: the destination pool refuses the answer, because its users have aliases",
    "explain ivy → The user is created, and signs in again under the same name.",
];

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
    describe_source(&mut state, json!({"MfaConfiguration": "OPTIONAL"}));
    describe_destination(&mut state, json!({"AliasAttributes": ["email"]}));
    let stranger = user("stranger")
        .with("email", "hal@example.com")
        .with("email_verified", "false");
    state.neighbours[0].users = vec![user("cem"), stranger];
    let pool = started(state).await;
    for row in EXPLAINED {
        let (line, part) = row.split_once(" → ").expect("an arrow");
        let said = shown(&pool, line).await;
        said.good();
        said.shows(&[part]);
        assert_no_secret(&pool, &[&said.stdout]);
    }
    // AdminGetUser would take it for a user name.
    let sub = sub("bo");
    for (name, expected) in [
        ("Ana", json!(["mfa_refused", "sms", null])),
        ("cem", json!(["migrated", "none", "CONFIRMED"])),
        (&sub, json!(["user_not_found", null, null])),
    ] {
        let told = answer(&pool, &format!("explain {name}")).await;
        let (factor, moved) = (&told["source"]["second_factor"], &told["moved"]["status"]);
        assert_eq!(json!([told["sign_in"], factor, moved]), expected, "{told}");
        assert_eq!(told["forgot_password"], expected[0], "{told}");
    }
}

#[tokio::test]
async fn progress_compares_the_pools() {
    let mut state = two_pools((0..4).map(|number| user(&format!("u{number}"))).collect());
    state.neighbours[0].users.push(user("u0"));
    let pool = started(state).await;
    let told = answer(&pool, "progress").await;
    assert_eq!(told["users"], json!({"source": 4, "destination": 1}));
    // Who is in the destination pool may have signed up there.
    let unknown = (&Value::Null, Some(&Value::Null));
    assert_eq!((&told["share"], told.get("left")), unknown);
    let said = shown(&pool, "progress").await;
    said.shows(&["stragglers"]);
    assert!(!said.stdout.contains('%'), "{said:?}");
}

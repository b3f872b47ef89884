//! The answers and the calls of each command.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use rules::{
    checks::CheckId,
    protocol::{Check, PreflightReport, Status, Why},
};
use serde_json::json;
use strum::VariantArray as _;
use testbed::{
    function::Setup,
    runtime::{FUNCTION_ARN, Host},
    source_pool::{CLIENT_ID, Client, Fault, Operation, POOL_ID, SourcePoolStub, Times, User},
};

use crate::support::*;

async fn pools(users: Vec<User>) -> SourcePoolStub {
    SourcePoolStub::start(two_pools(users))
        .await
        .expect("a loopback port")
}

#[tokio::test]
async fn a_survey_counts_outcomes_and_findings_and_writes_nothing_personal() {
    let pool = pools(vec![
        user("Ana"),
        user("bo").with("email_verified", "false"),
        user("cem").disabled(),
        user("dora").with_status("UNCONFIRMED"),
        user("eve").with_status("RESET_REQUIRED"),
        user("fay").with_status("FORCE_CHANGE_PASSWORD"),
        user("gus_x")
            .with_status("EXTERNAL_PROVIDER")
            .with("email", "ana@example.com"),
        user("hal").with_status("COMPROMISED"),
    ])
    .await;
    let csv = folder("survey").join("users.csv");
    let file = csv.to_str().expect("a path of letters");
    let said = run(&pool, &["survey", "--format", "json", "--csv", file]).await;
    assert_eq!(
        (said.status, said.stderr.as_str()),
        (Some(0), ""),
        "{said:?}"
    );
    let mut told = said.json();
    let others = told["other_settings"].take();
    assert!(
        others
            .as_array()
            .is_some_and(|others| others.contains(&json!({
                "set": {"ON_TEMPORARY_PASSWORD": "reset"},
                "result": {"moves": 2, "moves_after_reset": 2, "stays": 4},
            }))),
        "{others}"
    );
    assert_eq!(
        told,
        json!({
            "other_settings": null,
            "source_pool": "eu-west-1_SourcePool",
            "destination_pool": DESTINATION,
            "users": 8,
            "result": {"moves": 2, "moves_after_reset": 1, "stays": 5},
            "sign_in": {
                "migrated": 2, "user_disabled": 1, "not_confirmed": 1, "password_reset_required": 1,
                "temporary_password": 1, "external_provider": 1, "unusable_status": 1,
            },
            "forgot_password": {
                "migrated": 2, "no_verified_contact": 1, "user_disabled": 1, "not_confirmed": 1,
                "temporary_password": 1, "external_provider": 1, "unusable_status": 1,
            },
            "findings": {"no_contact": 1, "federated_twin": 1},
        })
    );
    let written = fs::read_to_string(&csv).expect("the file");
    let ana = user("Ana").sub();
    let bo = user("bo").sub();
    assert!(written.starts_with(&format!(
        "sub,result,sign_in,forgot_password,findings\n{ana},moves,migrated,migrated,federated_twin\n{bo},moves,migrated,no_verified_contact,no_contact\n"
    )), "{written}");
    assert_eq!(written.lines().count(), 9);
    let mode = fs::metadata(&csv).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for text in pool.confidential() {
        assert!(
            !written.contains(&text) && !said.stdout.contains(&text),
            "{text}"
        );
    }
    // No active user is made, and nothing changes.
    let calls: BTreeSet<_> = pool.calls().into_iter().collect();
    let allowed = [
        Operation::ListUsers,
        Operation::DescribeUserPool,
        Operation::DescribeUserPoolClient,
    ];
    assert_eq!(calls, BTreeSet::from(allowed));
}

#[tokio::test]
async fn user_names_are_written_where_they_are_asked_for() {
    let pool = pools(vec![user("ana,\"x")]).await;
    let csv = folder("usernames").join("users.csv");
    let file = csv.to_str().expect("a path of letters");
    let said = run(&pool, &["survey", "--csv", file, "--usernames"]).await;
    assert_eq!(said.status, Some(0), "{said:?}");
    let written = fs::read_to_string(&csv).expect("the file");
    let sub = user("ana,\"x").sub();
    assert_eq!(
        written,
        format!(
            "sub,result,sign_in,forgot_password,findings,username\n{sub},moves,migrated,migrated,,\"ana,\"\"x\"\n"
        )
    );
    // A file of an earlier run stays.
    let said = run(&pool, &["survey", "--csv", file]).await;
    assert_eq!(said.status, Some(1));
    assert!(said.stderr.contains("exists"), "{said:?}");
    assert_eq!(fs::read_to_string(&csv).expect("the file"), written);
}

/// Users choose their names, and a spreadsheet runs what looks like a formula.
#[tokio::test]
async fn no_user_name_is_a_formula() {
    let names = ["=1+1", "+491555000001", "-x", "@x", "'x", "x=1", "ana"];
    let pool = pools(names.map(user).into()).await;
    let csv = folder("formulas").join("users.csv");
    let file = csv.to_str().expect("a path of letters");
    let said = run(&pool, &["survey", "--csv", file, "--usernames"]).await;
    assert_eq!(said.status, Some(0), "{said:?}");
    let written = fs::read_to_string(&csv).expect("the file");
    let names: Vec<_> = written
        .lines()
        .skip(1)
        .filter_map(|line| line.rsplit(',').next())
        .collect();
    let expected = ["'=1+1", "'+491555000001", "'-x", "'@x", "'x", "x=1", "ana"];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn all_pages_are_read_at_the_pace_that_is_set_and_throttling_is_waited_out() {
    let users = (0..150).map(|number| user(&format!("u{number}"))).collect();
    let pool = pools(users).await;
    pool.fail(Operation::ListUsers, Fault::Throttled, Times::N(4));
    let said = run(&pool, &["survey", "--format", "json"]).await;
    assert_eq!(said.json()["sign_in"], json!({"migrated": 150}), "{said:?}");
    assert_eq!(pool.count(Operation::ListUsers), 4 + 3);
    pool.forget();
    let started = Instant::now();
    let said = run(&pool, &["survey", "--format", "json", "--rate", "2"]).await;
    assert_eq!(said.status, Some(0));
    // From the start and not from page to page: a machine that is busy may hand one page over late, and the next in time.
    let took = pool.received_of(Operation::ListUsers)[2].at - started;
    assert!(took >= Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn the_table_is_for_people_and_tells_what_a_list_cannot_show() {
    let pool = pools(vec![user("ana"), user("bo").disabled()]).await;
    for (mfa, told) in [
        ("OFF", "asks no user for a second factor"),
        ("OPTIONAL", "A list shows no second factor"),
        ("ON", "asks all users for a second factor"),
    ] {
        pool.change(|state| {
            state
                .description
                .insert("MfaConfiguration".into(), json!(mfa));
        });
        let said = run(&pool, &["survey"]).await;
        assert_eq!(said.status, Some(0));
        for part in ["2 users", "user_disabled", told, "source_trigger_refused"] {
            assert!(said.stdout.contains(part), "{part}: {}", said.stdout);
        }
    }
}

#[tokio::test]
async fn an_interrupted_survey_leaves_no_file() {
    let pool = pools((0..200).map(|number| user(&format!("u{number}"))).collect()).await;
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        pool.forget();
        let folder = folder("interrupted");
        let csv = folder.join("users.csv");
        let mut command = program(&pool);
        command
            .args(["survey", "--source-pool", "eu-west-1_SourcePool"])
            .args(["--pool", DESTINATION, "--rate", "1", "--csv"])
            .arg(&csv);
        let child = command.spawn().expect("the program was built");
        while pool.count(Operation::ListUsers) == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let pid = i32::try_from(child.id().expect("it runs")).expect("a process id");
        kill(Pid::from_raw(pid), signal).expect("it runs");
        let output = child.wait_with_output().await.expect("it ends");
        assert_eq!(output.status.code(), Some(1), "{signal}");
        assert_eq!(
            String::from_utf8_lossy(&output.stderr),
            "cognito-migration: Interrupted. Nothing was changed.\n"
        );
        let left = fs::read_dir(&folder).expect("the folder").count();
        assert_eq!(left, 0, "{signal}");
    }
}

fn report(said: &Said) -> PreflightReport {
    let report: PreflightReport = serde_json::from_str(&said.stdout).expect("a report");
    assert_eq!(said.status, Some(i32::from(!report.ok)), "{said:?}");
    report
}

fn check(report: &PreflightReport, id: CheckId) -> &Check {
    let mut checks = report.checks.iter();
    checks.find(|check| id.is(check)).expect("the check")
}

#[tokio::test]
async fn a_preflight_without_a_function_judges_both_pools_as_the_operator_and_says_what_waits() {
    let pool = pools(vec![user("ana")]).await;
    let said = run(&pool, &["preflight", "--format", "json"]).await;
    let report = report(&said);
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
        (CheckId::PoolsSame, Status::Ok, None),
    ] {
        let check = check(&report, id);
        assert_eq!((&check.status, &check.why), (&status, &why), "{check:?}");
    }
    let client = check(&report, CheckId::SourceClient);
    let asked = format!("Asked as the operator: {CLIENT_ID} exists.");
    assert!(client.detail.starts_with(&asked), "{client:?}");
    assert_eq!(said.json()["users"], json!({"source": 1, "destination": 0}));
    assert!(!report.ok);
    assert_eq!(report.checks.len(), CheckId::VARIANTS.len());
    let said = run(&pool, &["preflight"]).await;
    assert!(
        said.stdout.contains("judged: destination.trigger"),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_preflight_with_a_trigger_and_a_client_is_good() {
    const ARN: &str = "arn:aws:lambda:eu-central-1:111122223333:function:mine";
    let mut state = two_pools(vec![user("ana")]);
    let destination = &mut state.neighbours[0];
    destination.clients.push(Client::new("7newclient"));
    destination
        .description
        .insert("LambdaConfig".into(), json!({"UserMigration": ARN}));
    let pool = SourcePoolStub::start(state).await.expect("a loopback port");
    let said = run(&pool, &["preflight", "--function-arn", ARN]).await;
    assert_eq!(said.status, Some(0), "{said:?}");
    // The app client tells who exists, and the function was not asked.
    let verdict = "No check failed. Read the warnings: destination.clients\n5 checks wait for the function: \
                   source.credentials, source.secret, source.read, source.lookup, time.source\n";
    assert!(said.stdout.contains(verdict), "{said:?}");
    // Without the ARN it is not known whether that is the function.
    assert_eq!(pool.count(Operation::GetUserPoolMfaConfig), 0);
    let said = run(&pool, &["preflight", "--format", "json"]).await;
    let report = report(&said);
    let trigger = check(&report, CheckId::DestinationTrigger);
    assert_eq!((report.ok, &trigger.status), (true, &Status::Skipped));
}

#[tokio::test]
async fn a_preflight_warns_of_reset_codes_in_the_mailbox_that_is_the_second_factor() {
    let mut state = two_pools(vec![user("ana")]);
    state.neighbours[0].description.extend([
        ("MfaConfiguration".to_owned(), json!("OPTIONAL")),
        ("EmailMfaConfiguration".to_owned(), json!({})),
    ]);
    let pool = SourcePoolStub::start(state).await.expect("a loopback port");
    let report = report(&run(&pool, &["preflight", "--format", "json"]).await);
    let recovery = check(&report, CheckId::DestinationRecovery);
    assert_eq!(recovery.status, Status::Warn, "{recovery:?}");
    assert!(
        recovery.detail.contains("EmailMfaConfiguration"),
        "{recovery:?}"
    );
}

/// What may not be looked at is not in order, although nothing fails.
#[tokio::test]
async fn a_preflight_that_may_not_look_is_not_good_and_names_the_permission() {
    const ARN: &str = "arn:aws:lambda:eu-central-1:111122223333:function:mine";
    let mut state = two_pools(vec![user("ana")]);
    let destination = &mut state.neighbours[0];
    destination.clients.push(Client::new("7newclient"));
    destination
        .description
        .insert("LambdaConfig".into(), json!({"UserMigration": ARN}));
    state.denied = vec![format!("DescribeUserPoolClient {POOL_ID}")];
    let pool = SourcePoolStub::start(state).await.expect("a loopback port");
    let said = run(
        &pool,
        &["preflight", "--function-arn", ARN, "--format", "json"],
    )
    .await;
    let report = report(&said);
    assert!(!report.ok);
    let client = check(&report, CheckId::SourceClient);
    assert_eq!(client.why, Some(Why::NoPermission), "{client:?}");
    let said = run(&pool, &["preflight", "--function-arn", ARN]).await;
    assert_eq!(said.status, Some(1));
    for words in [
        "cognito-idp:DescribeUserPoolClient",
        "Whether migrations will work is not known",
        "Not checked for want of a permission: source.client, source.flow",
    ] {
        assert!(said.stdout.contains(words), "{words}: {said:?}");
    }
}

/// A deployed function with a secret in its environment, and the program that is told its name.
#[tokio::test]
async fn a_deployed_function_gives_its_settings_and_its_report_but_no_secret() {
    const SECRET: &str = "made-up-secret-of-the-client";
    let mut state = two_pools(vec![
        user("ana"),
        user("bo").with_status("FORCE_CHANGE_PASSWORD"),
    ]);
    state.clients[0] = state.clients[0].clone().with_secret(SECRET);
    let destination = &mut state.neighbours[0];
    destination.clients.push(Client::new("7newclient"));
    let trigger = json!({"UserMigration": FUNCTION_ARN});
    destination
        .description
        .insert("LambdaConfig".into(), trigger);
    let pool = SourcePoolStub::start(state).await.expect("a loopback port");
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
        program.env_remove("SRC_CLIENT_ID");
        program.env(
            "AWS_ENDPOINT_URL_LAMBDA",
            format!("http://{}", host.address()),
        );
        let said = said(
            program
                .args(arguments)
                .args(["--pool", DESTINATION, "--format", "json"]),
        )
        .await;
        assert!(!format!("{said:?}").contains(SECRET), "{said:?}");
        said
    };
    for name in ["user-migration", FUNCTION_ARN] {
        let report = report(&run(&["preflight", "--function", name]).await);
        assert!(report.ok);
        assert_eq!(report.checks.len(), CheckId::VARIANTS.len());
        for check in &report.checks {
            assert!(
                [Status::Ok, Status::Warn].contains(&check.status),
                "{check:?}"
            );
        }
    }
    assert_eq!(host.invocations(), 2);
    let said = run(&["survey", "--function", "user-migration"]).await;
    assert_eq!(said.json()["sign_in"], json!({"migrated": 2}), "{said:?}");
    let said = run(&[
        "survey",
        "--function",
        "user-migration",
        "--set",
        "ON_TEMPORARY_PASSWORD=refuse",
    ])
    .await;
    assert_eq!(
        said.json()["sign_in"],
        json!({"migrated": 1, "temporary_password": 1}),
        "{said:?}"
    );
    assert_eq!(host.invocations(), 2);
    let said = run(&["survey", "--function", "another"]).await;
    assert_eq!(said.status, Some(1));
    assert!(
        said.stderr.contains("The function another does not exist"),
        "{said:?}"
    );
    running.end().await;
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

#[tokio::test]
async fn explain_says_what_will_happen_and_why() {
    let mut state = two_pools(vec![
        user("ana").with_mfa(&["SMS_MFA"]),
        user("bo").with_status("UNCONFIRMED"),
        user("cem"),
    ]);
    state
        .description
        .insert("MfaConfiguration".into(), json!("OPTIONAL"));
    state.neighbours[0].users.push(user("cem"));
    // AdminGetUser would take it for a user name.
    let sub = user("bo").sub();
    let pool = SourcePoolStub::start(state).await.expect("a loopback port");
    for (name, wanted, told) in [
        (
            "Ana",
            json!(["mfa_refused", "mfa_refused", "sms", null]),
            "is rejected: mfa_refused",
        ),
        (
            "bo",
            json!(["not_confirmed", "not_confirmed", "none", null]),
            "never confirmed",
        ),
        (
            "cem",
            json!(["migrated", "migrated", "none", "CONFIRMED"]),
            "has moved",
        ),
        (
            "unknown",
            json!(["user_not_found", "user_not_found", null, null]),
            "no user has this name",
        ),
        (
            &sub,
            json!(["user_not_found", "user_not_found", null, null]),
            "no user has this name",
        ),
    ] {
        let said = run(&pool, &["explain", "--format", "json", name]).await;
        let answer = said.json();
        assert_eq!(
            json!([
                answer["sign_in"],
                answer["forgot_password"],
                answer["source"]["second_factor"],
                answer["moved"]["status"]
            ]),
            wanted,
            "{said:?}"
        );
        let said = run(&pool, &["explain", name]).await;
        assert_eq!(said.status, Some(0));
        assert!(said.stdout.contains(told), "{said:?}");
        for text in pool.confidential() {
            // The name is in the arguments of the test, and a word of the answer by chance.
            assert!(
                text == "unknown" || !said.stdout.contains(&text),
                "{text}: {said:?}"
            );
        }
    }
    let writes = [
        Operation::AdminUpdateUserAttributes,
        Operation::AdminDisableUser,
        Operation::AdminInitiateAuth,
    ];
    assert!(pool.calls().iter().all(|call| !writes.contains(call)));
}

#[tokio::test]
async fn progress_compares_the_pools() {
    let mut state = two_pools((0..4).map(|number| user(&format!("u{number}"))).collect());
    state.neighbours[0].users.push(user("u0"));
    let pool = SourcePoolStub::start(state).await.expect("a loopback port");
    let said = run(&pool, &["progress", "--format", "json"]).await;
    let answer = said.json();
    assert_eq!(
        answer["users"],
        json!({"source": 4, "destination": 1}),
        "{said:?}"
    );
    // Who is in the destination pool may have signed up there.
    assert_eq!(
        (&answer["share"], answer.get("left")),
        (&json!(null), Some(&json!(null)))
    );
    let said = run(&pool, &["progress"]).await;
    assert!(
        !said.stdout.contains('%') && said.stdout.contains("stragglers"),
        "{said:?}"
    );
}

#[tokio::test]
async fn an_empty_pool_is_told_in_a_sentence() {
    let pool = pools(vec![]).await;
    let said = run(&pool, &["survey"]).await;
    assert!(
        said.stdout.ends_with("\n\nThe source pool has no users.\n"),
        "{said:?}"
    );
}

/// The old pool signs in by user name, the new one by e-mail address, and `SRC_LOOKUP` is not set.
/// Users with plain names and addresses, before a pool of addresses.
async fn plain_names_before_addresses(names: &[&str]) -> SourcePoolStub {
    let mut state = two_pools(names.iter().map(|name| user(name)).collect());
    state.neighbours[0]
        .description
        .insert("UsernameAttributes".into(), json!(["email"]));
    SourcePoolStub::start(state).await.expect("a loopback port")
}

#[tokio::test]
async fn plain_user_names_are_refused_by_a_pool_of_addresses_and_a_look_up_moves_them() {
    let names = ["user1", "user2", "user3", "user4", "user5", "user6"];
    let pool = plain_names_before_addresses(&names).await;
    let said = run(&pool, &["survey", "--format", "json"]).await;
    let told = said.json();
    assert_eq!(told["result"], json!({"refused": 6}));
    assert_eq!(told["sign_in"], json!({"migrated": 6}));
    assert_eq!(told["findings"]["name_refused"], 6);
    let lookup = json!({"set": {"SRC_LOOKUP": "email"}, "result": {"moves": 6}});
    let others = told["other_settings"].as_array();
    assert!(
        others.is_some_and(|others| others.contains(&lookup)),
        "{told}"
    );
    let said = run(&pool, &["survey"]).await;
    for text in [
        "0 of 6 users will sign in, and again, without calling you.",
        "SRC_LOOKUP=email: 6 more move, 6 fewer are refused",
    ] {
        assert!(said.stdout.contains(text), "{said:?}");
    }
    let said = run(
        &pool,
        &["survey", "--set", "SRC_LOOKUP=email", "--format", "json"],
    )
    .await;
    assert_eq!(said.json()["result"], json!({"moves": 6}));
}

#[tokio::test]
async fn explain_says_of_a_plain_user_name_that_a_pool_of_addresses_refuses_it() {
    let pool = plain_names_before_addresses(&["user1"]).await;
    let said = run(&pool, &["explain", "user1"]).await;
    let because = "The user cannot be created: the destination pool refuses the answer, because its users sign in by an \
                   address";
    assert!(said.stdout.contains(because), "{said:?}");
}

#[tokio::test]
async fn a_preflight_warns_of_plain_user_names_before_a_pool_of_addresses_and_names_the_look_up() {
    let pool = plain_names_before_addresses(&["user1"]).await;
    let report = run(&pool, &["preflight", "--format", "json"]).await.json();
    let checks = report["checks"].as_array().expect("checks");
    let check = checks
        .iter()
        .find(|check| check["id"] == "destination.username");
    let check = check.expect("the check");
    let fix = check["fix"].as_str().expect("a text");
    assert_eq!(check["status"], "warn", "{check}");
    assert!(fix.contains("SRC_LOOKUP"), "{check}");
}

#[tokio::test]
async fn a_flow_that_the_app_client_does_not_allow_is_said_above_the_table() {
    let mut state = two_pools(vec![user("ana")]);
    state.clients[0].flows.clear();
    let pool = SourcePoolStub::start(state).await.expect("a loopback port");
    let said = run(&pool, &["survey"]).await;
    let sentence = "Every sign-in fails: the app client of the source pool does not allow ADMIN_USER_PASSWORD_AUTH.";
    assert!(said.stdout.contains(sentence), "{said:?}");
}

#[tokio::test]
async fn explain_names_factors_other_users_and_why_a_name_means_no_user() {
    let mut state = two_pools(vec![
        user("ana").with_mfa(&["SOFTWARE_TOKEN_MFA"]),
        user("bo").with("email_verified", "false"),
        user("cem").with("email", "both@example.com"),
        user("dora").with("email", "both@example.com"),
        user("eve"),
    ]);
    state
        .description
        .insert("MfaConfiguration".into(), json!("OPTIONAL"));
    let destination = &mut state.neighbours[0];
    destination
        .description
        .insert("AliasAttributes".into(), json!(["email"]));
    let stranger = user("stranger")
        .with("email", "eve@example.com")
        .with("email_verified", "false");
    destination.users.push(stranger);
    let pool = SourcePoolStub::start(state).await.expect("a loopback port");
    let by_email = [
        "--set",
        "SRC_LOOKUP=email",
        "--set",
        "DST_USERNAME=username",
    ];
    for (name, variables, told) in [
        (
            "ana",
            &[][..],
            "second factors: SOFTWARE_TOKEN_MFA (cannot be carried over)",
        ),
        (
            "bo@example.com",
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
            "eve@example.com",
            &by_email,
            "Another user of the destination pool has this name or address",
        ),
        (
            "ana@example.com",
            &["--set", "SRC_LOOKUP=email", "--set", "ON_MFA=drop"],
            "The user cannot be created: the destination pool refuses the answer, because its users have aliases",
        ),
        (
            "bo",
            &[],
            "The user is created, and signs in again under the same name.",
        ),
    ] {
        let arguments = [&["explain", name][..], variables].concat();
        let said = run(&pool, &arguments).await;
        assert_eq!(said.status, Some(0), "{said:?}");
        assert!(said.stdout.contains(told), "{name}: {said:?}");
    }
}

#[tokio::test]
async fn a_temporary_password_that_has_expired_is_found_and_its_user_stays() {
    let temporary = |name: &str, last_modified| {
        let mut user = user(name).with_status("FORCE_CHANGE_PASSWORD");
        user.last_modified = last_modified;
        user
    };
    let now = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .expect("a clock")
        .as_secs_f64();
    let pool = pools(vec![
        temporary("old", Some(now - 8.0 * 86_400.0)),
        temporary("new", Some(now - 6.0 * 86_400.0)),
        temporary("undated", None),
    ])
    .await;
    let reset = [
        "survey",
        "--format",
        "json",
        "--set",
        "ON_TEMPORARY_PASSWORD=reset",
    ];
    let told = run(&pool, &reset).await.json();
    assert_eq!(told["result"], json!({"moves_after_reset": 2, "stays": 1}));
    assert_eq!(
        told["sign_in"],
        json!({"migrated": 2, "temporary_password": 1})
    );
    assert_eq!(told["findings"], json!({"temporary_password_expired": 1}));
}

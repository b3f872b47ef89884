//! The page gives each command exactly the permissions that it uses.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use testbed::source_pool::{Client, POOL_ID, SourcePoolStub, State};

use crate::support::*;

const PAGE: &str = include_str!("../../../../docs/operators-program.md");

/// The actions by the id of the pool.
type Actions = BTreeMap<String, BTreeSet<String>>;

/// What a command's row allows on the pools.
fn granted(command: &str) -> Actions {
    let (_, table) = PAGE.split_once("\n## Permissions\n").expect("a table");
    let row = table
        .lines()
        .find_map(|line| line.strip_prefix(&format!("| `{command}` |")));
    let mut cells = row.unwrap_or_else(|| panic!("{command}")).split('|');
    let actions = |cell: &str| {
        let quoted = cell.split('`').skip(1).step_by(2);
        quoted
            .map(|action| format!("cognito-idp:{action}"))
            .collect()
    };
    let of_pool = |pool: &str| (pool.to_owned(), actions(cells.next().expect("a cell")));
    let granted: Actions = [POOL_ID, DESTINATION].map(of_pool).into();
    granted
        .into_iter()
        .filter(|(_, actions)| !actions.is_empty())
        .collect()
}

fn pools() -> State {
    const MARK: &str = "custom:mark";
    let mut state = two_pools(vec![
        user("ana"),
        user("bo"),
        user("cem"),
        user("dora").disabled(),
    ]);
    let pool = &mut state.neighbours[0];
    pool.clients.push(Client {
        writable: Some(vec!["name".to_owned()]),
        ..Client::new("7newclient")
    });
    let moved = |name: &str| user(name).with(MARK, &format!("done/{}", user(name).sub()));
    let off = |name: &str| user(name).with(MARK, &format!("off/{}", user(name).sub()));
    pool.users = vec![moved("ana"), moved("bo"), off("dora")];
    pool.description.extend([
        // With MFA off nothing is asked about second factors.
        ("MfaConfiguration".to_owned(), json!("OPTIONAL")),
        ("AutoVerifiedAttributes".to_owned(), json!(["email"])),
        (
            "SchemaAttributes".to_owned(),
            json!([{"Name": MARK, "AttributeDataType": "String"}]),
        ),
    ]);
    state
}

#[tokio::test]
async fn the_page_grants_each_command_what_it_asks_of_the_pools() {
    let folder = folder("permissions");
    let path = |name: &str| folder.join(name).to_str().expect("letters").to_owned();
    let (out, subs) = (path(""), path("subs.csv"));
    let drafted = path("draft");
    let record = path("retired.txt");
    fn with_mark<'a>(options: &[&'a str]) -> Vec<&'a str> {
        [&["--set", "MIGRATION_MARK=custom:mark"][..], options].concat()
    }
    for (command, runs) in [
        (
            "preflight",
            vec![with_mark(&[
                "--set",
                "COPY_GROUPS=*",
                "--set",
                r#"ATTRIBUTE_MAP={"custom:*":"custom:*"}"#,
            ])],
        ),
        ("survey", vec![vec![]]),
        ("draft", vec![vec!["--out", &drafted]]),
        (
            "explain",
            vec![vec!["--set", "SRC_LOOKUP=email", "ana@example.com"]],
        ),
        ("progress", vec![vec![]]),
        ("stragglers", vec![vec!["--out", &out]]),
        (
            "retire",
            vec![
                with_mark(&["--apply"]),
                with_mark(&["--apply", "--delete", "--record", &record]),
            ],
        ),
        ("restore", vec![with_mark(&["--apply"])]),
        (
            "subs",
            vec![vec!["--attribute", "custom:mark", "--out", &subs]],
        ),
    ] {
        let pool = SourcePoolStub::start(pools())
            .await
            .expect("a loopback port");
        for options in runs {
            let mut program = program(&pool);
            program.args([command, "--pool", DESTINATION, "--rate", "1000"]);
            if command != "subs" {
                program.args(["--source-pool", POOL_ID]);
            }
            let said = said(program.args(options)).await;
            // Checks of a preflight may fail: there is no function.
            assert!(said.status == Some(0) || command == "preflight", "{said:?}");
        }
        let mut asked = Actions::new();
        for request in pool.received() {
            let pool = request.body["UserPoolId"]
                .as_str()
                .expect("a pool")
                .to_owned();
            let action = format!("cognito-idp:{}", request.operation);
            asked.entry(pool).or_default().insert(action);
        }
        assert_eq!(granted(command), asked, "{command}");
    }
}

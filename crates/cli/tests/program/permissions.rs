//! The page gives each command exactly the permissions that it uses.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use testbed::source_pool::{POOL_ID, State};

use crate::{retire::marked, support::*};

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
    let names = ["ana", "bo", "dora"];
    let marked = names.map(|name| marked(name, "off"));
    let mut state = both_pools(names.map(user).into(), marked.into());
    state.users[2].enabled = false;
    // With MFA off nothing is asked about second factors.
    describe_destination(&mut state, json!({"MfaConfiguration": "OPTIONAL"}));
    state
}

/// Each command, with what it needs besides the pools.
const COMMANDS: [&str; 10] = [
    r#"preflight POOLS --set MIGRATION_MARK=custom:mark --set COPY_GROUPS=* --set ATTRIBUTE_MAP={"custom:*":"custom:*"}"#,
    "survey POOLS",
    "draft POOLS --out FOLDER/draft",
    "explain POOLS --set SRC_LOOKUP=email ana@example.com",
    "progress POOLS",
    "stragglers POOLS --out FOLDER",
    "retire POOLS --set MIGRATION_MARK=custom:mark --apply",
    "retire POOLS --set MIGRATION_MARK=custom:mark --apply --delete --record FOLDER/retired",
    "restore POOLS --set MIGRATION_MARK=custom:mark --apply",
    "subs --pool eu-central-1_NewPool --attribute custom:mark --out FOLDER/subs.csv",
];

#[tokio::test]
async fn the_page_grants_each_command_what_it_asks_of_the_pools() {
    let folder = folder("permissions");
    let mut asked: BTreeMap<_, Actions> = BTreeMap::new();
    for line in COMMANDS {
        let pool = started(pools()).await;
        let command = line.split(' ').next().expect("a command");
        let said = said(program(&pool).args(words(line, &folder))).await;
        // Checks of a preflight may fail: there is no function.
        assert!(said.status == Some(0) || command == "preflight", "{said:?}");
        for request in pool.received() {
            let pool = request.body["UserPoolId"].as_str().expect("a pool");
            let action = format!("cognito-idp:{}", request.operation);
            let actions = asked.entry(command).or_default();
            actions.entry(pool.to_owned()).or_default().insert(action);
        }
    }
    for (command, asked) in asked {
        assert_eq!(granted(command), asked, "{command}");
    }
}

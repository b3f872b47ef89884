//! The report on both pools: one broken setting, one finding.

use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use testbed::{
    runtime::{FUNCTION_ARN, Invocation},
    source_pool::{
        CLIENT_ID, Client, Fault, NeighbourPool, Operation, POOL_ID, Role, State, Target, Times,
    },
};
use tokio::task::JoinSet;

use crate::support::*;

const NEW_POOL: &str = "eu-west-1_NewPool01";
const SECRET: &str = "k8s3cr3tOfTheSourceClient1234567890abcdefghijklmnop";
const ROLE: &str = "arn:aws:iam::444455556666:role/source-reader";

fn attribute(name: &str, least: u32, most: u32) -> Value {
    json!({
        "Name": name, "AttributeDataType": "String", "Required": false,
        "StringAttributeConstraints": {"MinLength": least.to_string(), "MaxLength": most.to_string()},
    })
}

fn number(name: &str, least: i64, most: i64) -> Value {
    json!({
        "Name": name, "AttributeDataType": "Number", "Required": false,
        "NumberAttributeConstraints": {"MinValue": least.to_string(), "MaxValue": most.to_string()},
    })
}

fn flag(name: &str) -> Value {
    json!({"Name": name, "AttributeDataType": "Boolean", "Required": false})
}

/// A pool in which people sign in with their e-mail address.
fn description() -> Map<String, Value> {
    let mut sub = attribute("sub", 1, 2048);
    sub["Required"] = json!(true);
    let described = json!({
        "UsernameAttributes": ["email"],
        "UsernameConfiguration": {"CaseSensitive": false},
        "MfaConfiguration": "OPTIONAL",
        "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
        "SchemaAttributes": [
            sub, attribute("email", 0, 2048), attribute("name", 0, 2048), attribute("phone_number", 0, 2048),
            flag("email_verified"), flag("phone_number_verified"),
            attribute("custom:tenant", 0, 256), number("custom:age", 0, 200),
        ],
    });
    described.as_object().expect("an object").clone()
}

fn new_pool(state: &mut State) -> &mut NeighbourPool {
    &mut state.neighbours[0]
}

fn member<'a>(description: &'a mut Map<String, Value>, name: &str) -> &'a mut Value {
    description.entry(name).or_insert(Value::Null)
}

/// Replaces an attribute of a pool, or adds it.
fn set_attribute(description: &mut Map<String, Value>, attribute: Value) {
    let schema = member(description, "SchemaAttributes");
    let schema = schema.as_array_mut().expect("an array");
    schema.retain(|known| known["Name"] != attribute["Name"]);
    schema.push(attribute);
}

/// Two pools that fit each other.
fn in_order() -> State {
    let mut state = anas_pool();
    state.clients = vec![Client::new(CLIENT_ID).with_secret(SECRET)];
    state.description = description();
    let mut app = Client::new("7newclient").with_flows(&["ALLOW_USER_PASSWORD_AUTH"]);
    app.name = Some("app".into());
    app.secret = Some("s3cr3tOfTheNewPoolsClient0987654321".into());
    app.prevent_user_existence_errors = true;
    let mut description = description();
    description.insert(
        "LambdaConfig".into(),
        json!({ "UserMigration": FUNCTION_ARN }),
    );
    description.insert("EstimatedNumberOfUsers".into(), json!(17));
    state.neighbours = vec![NeighbourPool {
        pool_id: NEW_POOL.into(),
        clients: vec![app],
        description,
        ..NeighbourPool::default()
    }];
    state
}

fn settings() -> Vec<(&'static str, &'static str)> {
    vec![
        ("SRC_CLIENT_SECRET", SECRET),
        (
            "ATTRIBUTE_MAP",
            r#"{"custom:tenant": "custom:tenant", "custom:age": "custom:age"}"#,
        ),
        ("STATIC_ATTRIBUTES", r#"{"locale": "en-GB"}"#),
    ]
}

fn event(user_pool_id: &str) -> Value {
    json!({"triggerSource": "Migration_Preflight", "userPoolId": user_pool_id})
}

/// A mark that fits, and the trigger that it needs.
fn mark(it: &mut Breakage) {
    it.set("MIGRATION_MARK", "custom:migration");
    it.new_pools_attribute(attribute("custom:migration", 0, 256));
    let triggers = json!({"UserMigration": FUNCTION_ARN, "PostAuthentication": FUNCTION_ARN});
    it.new_pool("LambdaConfig", triggers);
}

/// The checks that are not `ok`, as (id, status, detail, fix).
fn findings(report: &Value) -> Vec<(String, String, String, String)> {
    let text = |check: &Value, name: &str| check[name].as_str().expect(name).to_owned();
    report["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .map(|check| {
            (
                text(check, "id"),
                text(check, "status"),
                text(check, "detail"),
                text(check, "fix"),
            )
        })
        .filter(|(_, status, _, _)| status != "ok")
        .collect()
}

const IDS: [&str; 20] = [
    "source.credentials",
    "source.pool",
    "source.client",
    "source.flow",
    "source.secret",
    "source.read",
    "source.lookup",
    "source.attributes",
    "destination.pool",
    "destination.trigger",
    "destination.clients",
    "destination.schema",
    "destination.username",
    "destination.mfa",
    "destination.recovery",
    "destination.mark",
    "destination.groups",
    "pools.case",
    "pools.same",
    "time.source",
];

#[tokio::test]
async fn with_all_in_order_every_check_is_ok_and_nothing_was_changed() {
    for (flow, role) in [
        ("ADMIN_USER_PASSWORD_AUTH", ""),
        ("USER_PASSWORD_AUTH", ""),
        ("ADMIN_USER_PASSWORD_AUTH", ROLE),
        ("USER_PASSWORD_AUTH", ROLE),
    ] {
        let mut state = in_order();
        state.clients[0].readable = Some(readable());
        if !role.is_empty() {
            state = state.with_role(Role::new(ROLE).with_external_id("external-id-7"));
        }
        let mut variables = settings();
        variables.push(("SRC_AUTH_FLOW", flow));
        if !role.is_empty() {
            variables.extend([("SRC_ROLE_ARN", role), ("SRC_EXTERNAL_ID", "external-id-7")]);
        }
        let bed = Bed::with(state, &variables).await;
        let outcome = bed.invoke(&event(NEW_POOL)).await;
        let report = outcome.response();
        assert_eq!(findings(&report), [], "{flow} {role}");
        assert_eq!(report["ok"], true);
        assert_eq!(report["users"], json!({"source": 1, "destination": 17}));
        let ids: Vec<_> = report["checks"]
            .as_array()
            .expect("checks")
            .iter()
            .map(|check| check["id"].as_str().expect("an id"))
            .collect();
        assert_eq!(ids, IDS);

        let line = bed.log_of(&outcome).await;
        assert_eq!(line["trigger"], "Migration_Preflight", "{line}");
        assert_eq!(line["outcome"], "reported", "{line}");
        assert_eq!(line["failed_checks"], "", "{line}");

        for request in bed.pool.received() {
            let reads = [
                Operation::DescribeUserPool,
                Operation::DescribeUserPoolClient,
                Operation::ListUserPoolClients,
                Operation::AdminGetUser,
                Operation::PublicKeys,
                Operation::AssumeRole,
            ];
            let asked_about = match request.operation {
                Operation::AdminInitiateAuth | Operation::InitiateAuth => {
                    request.body["AuthParameters"]["USERNAME"].clone()
                }
                Operation::AdminGetUser => request.body["Username"].clone(),
                reading => {
                    assert!(reads.contains(&reading), "{reading}");
                    continue;
                }
            };
            let name = asked_about.as_str().expect("a name");
            assert!(name.starts_with("nobody-"), "{name}");
        }
        // The same function still migrates.
        bed.ana_signs_in_beside_locale().await;
    }
}

impl Bed {
    /// As [`Bed::ana_signs_in`], under the settings of this file.
    async fn ana_signs_in_beside_locale(&self) {
        let event = sign_in_event("ana.kowalczyk", PASSWORD);
        let response = migrated(&self.invoke(&event).await, &event);
        assert_eq!(response["userAttributes"]["locale"], "en-GB");
    }
}

fn readable() -> Vec<String> {
    [
        "sub",
        "email",
        "name",
        "phone_number",
        "email_verified",
        "phone_number_verified",
        "custom:tenant",
        "custom:age",
    ]
    .map(str::to_owned)
    .into()
}

/// A thing that is broken, and what the report must say of it.
struct Breakage {
    what: &'static str,
    id: &'static str,
    status: &'static str,
    /// What the fix must name.
    names: &'static str,
    variables: Vec<(&'static str, &'static str)>,
    event: Value,
    state: State,
}

fn broken(
    what: &'static str,
    (id, status, names): (&'static str, &'static str, &'static str),
    break_it: impl FnOnce(&mut Breakage),
) -> Breakage {
    let mut breakage = Breakage {
        what,
        id,
        status,
        names,
        variables: settings(),
        event: event(NEW_POOL),
        state: in_order(),
    };
    break_it(&mut breakage);
    breakage
}

impl Breakage {
    fn set(&mut self, name: &'static str, value: &'static str) {
        self.variables.retain(|(known, _)| *known != name);
        self.variables.push((name, value));
    }

    fn source(&mut self, member: &str, value: Value) {
        self.state.description.insert(member.into(), value);
    }

    fn new_pool(&mut self, member: &str, value: Value) {
        let description = &mut new_pool(&mut self.state).description;
        description.insert(member.into(), value);
    }

    fn new_pools_attribute(&mut self, attribute: Value) {
        set_attribute(&mut new_pool(&mut self.state).description, attribute);
    }

    fn lose_new_pools_attribute(&mut self, name: &str) {
        let schema = member(
            &mut new_pool(&mut self.state).description,
            "SchemaAttributes",
        );
        let schema = schema.as_array_mut().expect("an array");
        schema.retain(|known| known["Name"] != name);
    }
}

fn breakages() -> Vec<Breakage> {
    let required = |name: &str| {
        let mut attribute = attribute(name, 0, 2048);
        attribute["Required"] = json!(true);
        attribute
    };
    let mut all = vec![
        broken(
            "a role that trusts nobody",
            ("source.credentials", "fail", "SRC_ROLE_ARN"),
            |it| {
                it.set("SRC_ROLE_ARN", ROLE);
            },
        ),
        broken(
            "a wrong external id",
            ("source.credentials", "fail", "SRC_EXTERNAL_ID"),
            |it| {
                it.state = in_order().with_role(Role::new(ROLE).with_external_id("external-id-7"));
                it.set("SRC_ROLE_ARN", ROLE);
                it.set("SRC_EXTERNAL_ID", "external-id-8");
            },
        ),
        broken(
            "credentials that nobody knows",
            ("source.credentials", "fail", "SRC_ROLE_ARN"),
            |it| {
                it.state.credentials.clear();
            },
        ),
        broken(
            "a source pool that does not exist",
            ("source.pool", "fail", "SRC_USER_POOL_ID"),
            |it| {
                it.set("SRC_USER_POOL_ID", "eu-west-1_Nowhere1");
            },
        ),
        broken(
            "an app client that does not exist",
            ("source.client", "fail", "SRC_CLIENT_ID"),
            |it| {
                it.set("SRC_CLIENT_ID", "5nosuchclient");
            },
        ),
        broken(
            "the admin flow is off",
            ("source.flow", "fail", "SRC_AUTH_FLOW"),
            |it| {
                it.state.clients[0].flows = vec!["ALLOW_USER_PASSWORD_AUTH".into()];
            },
        ),
        broken(
            "the public flow is off",
            ("source.flow", "fail", "ALLOW_USER_PASSWORD_AUTH"),
            |it| {
                it.set("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH");
                it.state.clients[0].flows = vec!["ALLOW_ADMIN_USER_PASSWORD_AUTH".into()];
                it.state.clients[0].readable = Some(readable());
            },
        ),
        broken(
            "AdminInitiateAuth is not allowed",
            ("source.flow", "fail", "cognito-idp:AdminInitiateAuth"),
            |it| {
                it.state.denied = vec![format!("AdminInitiateAuth {POOL_ID}")];
            },
        ),
        broken(
            "another secret",
            ("source.secret", "fail", "SRC_CLIENT_SECRET"),
            |it| {
                it.set("SRC_CLIENT_SECRET", "another-secret");
            },
        ),
        broken(
            "no secret where there is one",
            ("source.secret", "fail", "SRC_CLIENT_SECRET"),
            |it| {
                it.set("SRC_CLIENT_SECRET", "");
            },
        ),
        broken(
            "a secret where there is none",
            ("source.secret", "fail", "SRC_CLIENT_SECRET"),
            |it| {
                it.state.clients[0].secret = None;
            },
        ),
        broken(
            "AdminGetUser is not allowed",
            ("source.read", "fail", "cognito-idp:AdminGetUser"),
            |it| {
                it.state.denied = vec![format!("AdminGetUser {POOL_ID}")];
            },
        ),
        broken(
            "ListUsers is not allowed",
            ("source.lookup", "fail", "cognito-idp:ListUsers"),
            |it| {
                it.set("SRC_LOOKUP", "email");
                it.state.denied = vec![format!("ListUsers {POOL_ID}")];
            },
        ),
        broken(
            "a mark that the new pool has no attribute for",
            ("destination.mark", "fail", "MIGRATION_MARK"),
            |it| {
                it.set("MIGRATION_MARK", "custom:unheard_of");
            },
        ),
        broken(
            "a mark that users can write",
            ("destination.mark", "fail", "WriteAttributes"),
            |it| {
                mark(it);
                let client = &mut it.state.neighbours[0].clients[0];
                client.writable = Some(vec!["name".into(), "custom:migration".into()]);
            },
        ),
        broken(
            "AdminGetUser is not allowed, and nothing but the sign-up guard needs it",
            ("source.read", "fail", "cognito-idp:AdminGetUser"),
            |it| {
                it.set("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH");
                it.set("ON_FORGOT_PASSWORD", "ignore");
                it.state.clients[0].readable = Some(readable());
                it.state.denied = vec![format!("AdminGetUser {POOL_ID}")];
                it.new_pool(
                    "LambdaConfig",
                    json!({"UserMigration": FUNCTION_ARN, "PreSignUp": FUNCTION_ARN}),
                );
            },
        ),
        broken(
            "a group that the new pool lacks",
            ("destination.groups", "warn", "COPY_GROUPS"),
            |it| {
                mark(it);
                it.set("COPY_GROUPS", "true");
                it.state.groups = vec!["admins".into()];
            },
        ),
        broken(
            "a mark, and no trigger after a sign-in",
            ("destination.mark", "warn", "PostAuthentication"),
            |it| {
                mark(it);
                it.new_pool("LambdaConfig", json!({"UserMigration": FUNCTION_ARN}));
            },
        ),
        broken(
            "an attribute that the client may not read",
            ("source.attributes", "warn", "SRC_CLIENT_ID"),
            |it| {
                it.set("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH");
                let mut readable = readable();
                readable.retain(|name| name != "custom:tenant");
                it.state.clients[0].readable = Some(readable);
            },
        ),
        broken(
            "a new pool that does not exist",
            ("destination.pool", "fail", "userPoolId"),
            |it| {
                it.event = event("eu-west-1_Nowhere1");
            },
        ),
        broken(
            "no new pool in the event",
            ("destination.pool", "fail", "userPoolId"),
            |it| {
                it.event = json!({"triggerSource": "Migration_Preflight"});
            },
        ),
        broken(
            "something else in the place of the new pool's id",
            ("destination.pool", "fail", "userPoolId"),
            |it| {
                it.event = event("evil.example.com/eu-west-1_a");
            },
        ),
        broken(
            "no trigger",
            ("destination.trigger", "fail", "user_migration"),
            |it| {
                it.new_pool("LambdaConfig", json!({}));
            },
        ),
        broken(
            "another function as trigger",
            ("destination.trigger", "fail", "user_migration"),
            |it| {
                it.new_pool(
                    "LambdaConfig",
                    json!({"UserMigration": format!("{FUNCTION_ARN}-2")}),
                );
            },
        ),
        broken(
            "an alias as trigger",
            ("destination.trigger", "warn", "user_migration"),
            |it| {
                it.new_pool(
                    "LambdaConfig",
                    json!({"UserMigration": format!("{FUNCTION_ARN}:live")}),
                );
            },
        ),
        broken(
            "no client with a password flow",
            ("destination.clients", "fail", "ALLOW_USER_PASSWORD_AUTH"),
            |it| {
                new_pool(&mut it.state).clients[0].flows = vec!["ALLOW_USER_SRP_AUTH".into()];
            },
        ),
        broken(
            "a client without a password flow",
            ("destination.clients", "warn", "ALLOW_USER_PASSWORD_AUTH"),
            |it| {
                let mut client = Client::new("8srpclient").with_flows(&["ALLOW_USER_SRP_AUTH"]);
                client.prevent_user_existence_errors = true;
                new_pool(&mut it.state).clients.push(client);
            },
        ),
        broken(
            "a client that tells who exists",
            ("destination.clients", "warn", "PreventUserExistenceErrors"),
            |it| {
                new_pool(&mut it.state).clients[0].prevent_user_existence_errors = false;
            },
        ),
        broken(
            "a mapped attribute is missing",
            ("destination.schema", "fail", "ATTRIBUTE_MAP"),
            |it| {
                it.lose_new_pools_attribute("custom:tenant");
            },
        ),
        broken(
            "a static attribute is missing",
            ("destination.schema", "fail", "STATIC_ATTRIBUTES"),
            |it| {
                it.set("STATIC_ATTRIBUTES", r#"{"custom:origin": "old pool"}"#);
            },
        ),
        broken(
            "a copied attribute is missing",
            ("destination.schema", "fail", "ATTRIBUTE_MAP"),
            |it| {
                it.set("ATTRIBUTE_MAP", r#"{"custom:*": "custom:*"}"#);
                set_attribute(&mut it.state.description, attribute("custom:plan", 0, 20));
            },
        ),
        broken(
            "a required attribute to which nothing is mapped",
            ("destination.schema", "fail", "ATTRIBUTE_MAP"),
            |it| {
                it.new_pools_attribute(required("custom:region"));
            },
        ),
        broken(
            "a required attribute that some users lack",
            ("destination.schema", "warn", "STATIC_ATTRIBUTES"),
            |it| {
                it.new_pools_attribute(required("name"));
            },
        ),
        broken(
            "an attribute that takes less",
            ("destination.schema", "warn", "ATTRIBUTE_MAP"),
            |it| {
                it.new_pools_attribute(attribute("custom:tenant", 0, 20));
            },
        ),
        broken(
            "a number of a narrower range",
            ("destination.schema", "warn", "ATTRIBUTE_MAP"),
            |it| {
                it.new_pools_attribute(number("custom:age", 18, 200));
            },
        ),
        broken(
            "a static value that is too long",
            ("destination.schema", "fail", "STATIC_ATTRIBUTES"),
            |it| {
                it.set(
                    "STATIC_ATTRIBUTES",
                    r#"{"custom:tenant": "somewhere", "locale": "en-GB"}"#,
                );
                it.new_pools_attribute(attribute("custom:tenant", 0, 4));
            },
        ),
        broken(
            "a name that the source pool does not know",
            ("destination.schema", "warn", "ATTRIBUTE_MAP"),
            |it| {
                it.set("ATTRIBUTE_MAP", r#"{"custom:tenent": "custom:tenant"}"#);
            },
        ),
        broken(
            "aliases without a user name",
            ("destination.username", "fail", "DST_USERNAME"),
            |it| {
                it.new_pool("UsernameAttributes", json!([]));
                it.new_pool("AliasAttributes", json!(["email"]));
            },
        ),
        broken(
            "a user name where the address is one",
            ("destination.username", "fail", "DST_USERNAME"),
            |it| {
                it.set("DST_USERNAME", "sub");
            },
        ),
        broken(
            "another user name than people type",
            ("destination.username", "warn", "DST_USERNAME"),
            |it| {
                it.new_pool("UsernameAttributes", json!([]));
                it.set("DST_USERNAME", "sub");
            },
        ),
        broken(
            "SMS MFA for a pool without MFA",
            ("destination.mfa", "fail", "ON_MFA"),
            |it| {
                it.set("ON_MFA", "sms");
                it.new_pool("MfaConfiguration", json!("OFF"));
            },
        ),
        broken(
            "MFA for users without a phone",
            ("destination.mfa", "warn", "MFA in the new pool"),
            |it| {
                it.new_pool("MfaConfiguration", json!("ON"));
            },
        ),
        broken(
            "a reset by an administrator alone",
            ("destination.recovery", "fail", "ON_FORGOT_PASSWORD"),
            |it| {
                it.new_pool(
                    "AccountRecoverySetting",
                    json!({"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]}),
                );
            },
        ),
        broken(
            "no verified address goes along",
            ("destination.recovery", "fail", "ATTRIBUTE_MAP"),
            |it| {
                it.set("ATTRIBUTE_MAP", r#"{"email_verified": null, "phone_number": null, "custom:tenant": "custom:tenant"}"#);
            },
        ),
        broken(
            "a recovery by what does not go along",
            ("destination.recovery", "fail", "ATTRIBUTE_MAP"),
            |it| {
                it.set(
                    "ATTRIBUTE_MAP",
                    r#"{"email_verified": null, "custom:tenant": "custom:tenant"}"#,
                );
            },
        ),
        broken(
            "a new pool that tells capitals apart",
            ("pools.case", "warn", "UsernameConfiguration"),
            |it| {
                it.new_pool("UsernameConfiguration", json!({"CaseSensitive": true}));
            },
        ),
        broken(
            "a source pool that tells capitals apart",
            ("pools.case", "warn", "SRC_USER_POOL_ID"),
            |it| {
                it.source("UsernameConfiguration", json!({"CaseSensitive": true}));
            },
        ),
        broken(
            "one pool for both",
            ("pools.same", "fail", "SRC_USER_POOL_ID"),
            |it| {
                it.event = event(POOL_ID);
                it.source("LambdaConfig", json!({"UserMigration": FUNCTION_ARN}));
                it.state.clients[0].prevent_user_existence_errors = true;
            },
        ),
        broken(
            "too little time",
            ("time.source", "fail", "TIME_BUDGET_MS"),
            |it| {
                it.set("TIME_BUDGET_MS", "150");
                it.state.latency_ms = 80;
            },
        ),
        broken(
            "little time",
            ("time.source", "warn", "TIME_BUDGET_MS"),
            |it| {
                it.set("TIME_BUDGET_MS", "900");
                it.state.latency_ms = 170;
            },
        ),
    ];
    // Those that need the longest to start with.
    all.reverse();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn each_broken_setting_is_found_alone_with_a_fix_that_names_it() {
    let mut breakages = breakages();
    assert!(breakages.len() >= 20);
    let mut running = JoinSet::new();
    while !breakages.is_empty() || !running.is_empty() {
        while running.len() < 4
            && let Some(breakage) = breakages.pop()
        {
            running.spawn(check(breakage));
        }
        running
            .join_next()
            .await
            .expect("something runs")
            .expect("the report names the breakage");
    }
}

async fn check(breakage: Breakage) {
    let Breakage {
        what,
        id,
        status,
        names,
        variables,
        event,
        state,
    } = breakage;
    let bed = Bed::with(state, &variables).await;
    let outcome = bed.invoke(&event).await;
    let report = outcome.response();
    let found = findings(&report);
    let said: Vec<_> = found
        .iter()
        .filter(|(_, status, _, _)| status != "skipped")
        .collect();
    let [(found_id, found_status, detail, fix)] = said.as_slice() else {
        panic!("{what}: one finding was expected, not {found:#?}");
    };
    assert_eq!(
        (found_id.as_str(), found_status.as_str()),
        (id, status),
        "{what}: {detail}"
    );
    assert!(fix.contains(names), "{what}: {names} is not in {fix:?}");
    assert_eq!(report["ok"], status != "fail", "{what}");
    let line = bed.log_of(&outcome).await;
    let listed = if status == "fail" {
        "failed_checks"
    } else {
        "warned_checks"
    };
    assert_eq!(line[listed], id, "{what}: {line}");
    // Whatever is broken, nothing secret is shown.
    let (answer, output) = (outcome.answer.text(), bed.function.end().await.output.all());
    for text in bed.pool.confidential() {
        // The emulated users are not asked about; their names can only be part of other words.
        assert!(!answer.contains(&text), "{what}: {text} in {answer}");
        assert!(!output.contains(&text), "{what}: {text} in {output}");
    }
}

/// Each of the calls denied in turn: what cannot be seen is skipped and names the action; the rest is still found out.
#[tokio::test]
async fn what_the_function_may_not_look_at_is_skipped_with_the_missing_action() {
    for (operation, pool_id, skipped) in [
        (
            "DescribeUserPool",
            POOL_ID,
            &["source.pool", "pools.case"][..],
        ),
        ("DescribeUserPoolClient", POOL_ID, &[]),
        (
            "DescribeUserPool",
            NEW_POOL,
            &[
                "destination.pool",
                "destination.trigger",
                "destination.schema",
                "destination.username",
                "destination.mfa",
                "destination.recovery",
                "pools.case",
            ],
        ),
        ("DescribeUserPoolClient", NEW_POOL, &["destination.clients"]),
        ("ListUserPoolClients", NEW_POOL, &["destination.clients"]),
    ] {
        let mut state = in_order();
        state.denied = vec![format!("{operation} {pool_id}")];
        let bed = Bed::with(state, &settings()).await;
        let report = bed.invoke(&event(NEW_POOL)).await.response();
        let found = findings(&report);
        let ids: Vec<_> = found.iter().map(|(id, _, _, _)| id.as_str()).collect();
        assert_eq!(ids, skipped, "{operation} {pool_id}");
        for (id, status, _, fix) in found {
            assert_eq!(status, "skipped", "{id}");
            assert!(
                fix.contains(&format!("cognito-idp:{operation}")) && fix.contains(pool_id),
                "{id}: {fix}"
            );
        }
        assert_eq!(report["ok"], true);
    }
}

/// Flow, client and secret show in the sign-in of somebody who does not exist, too.
#[tokio::test]
async fn the_source_client_is_judged_without_being_described() {
    type Change = fn(&mut State);
    let cases: [(&str, Change, &str); 4] = [
        ("", |_| {}, ""),
        (
            "the flow",
            |state| state.clients[0].flows.clear(),
            "source.flow",
        ),
        (
            "the secret",
            |state| state.clients[0].secret = None,
            "source.secret",
        ),
        (
            "the client",
            |state| state.clients[0].id = "5another".into(),
            "source.client",
        ),
    ];
    for (what, change, failed) in cases {
        let mut state = in_order();
        state.denied = vec![format!("DescribeUserPoolClient {POOL_ID}")];
        change(&mut state);
        let bed = Bed::with(state, &settings()).await;
        let outcome = bed.invoke(&event(NEW_POOL)).await;
        let line = bed.log_of(&outcome).await;
        assert_eq!(
            line["failed_checks"],
            failed,
            "{what}: {}",
            outcome.response()
        );
    }
}

/// A made-up name handed on by the source pool's own trigger could come back to this function.
#[tokio::test]
async fn nobody_signs_in_to_a_source_pool_that_migrates_users_itself() {
    let mut state = in_order();
    state.description.insert(
        "LambdaConfig".into(),
        json!({ "UserMigration": FUNCTION_ARN }),
    );
    let bed = Bed::with(state, &settings()).await;
    let report = bed.invoke(&event(NEW_POOL)).await.response();
    assert_eq!(findings(&report), []);
    assert_eq!(bed.pool.count(Operation::AdminInitiateAuth), 0);
}

#[tokio::test]
async fn a_preflight_takes_less_than_three_seconds_at_100_ms_per_call() {
    let mut state = in_order().with_role(Role::new(ROLE));
    state.latency_ms = 100;
    for number in 0..30 {
        let mut client = Client::new(&format!("client{number}"));
        client.prevent_user_existence_errors = true;
        new_pool(&mut state).clients.push(client);
    }
    let mut variables = settings();
    variables.push(("SRC_ROLE_ARN", ROLE));
    let bed = Bed::with(state, &variables).await;
    let outcome = bed.invoke(&event(NEW_POOL)).await;
    assert_eq!(findings(&outcome.response()), []);
    assert!(
        outcome.duration < Duration::from_secs(3),
        "{:?}",
        outcome.duration
    );
}

/// In Lambda's own time limit for this function, whatever hangs.
#[tokio::test]
async fn a_pool_that_hangs_leaves_a_report_in_time() {
    let bed = Bed::with(in_order(), &settings()).await;
    bed.pool
        .fail(Target::Any, Fault::NeverAnswers, Times::Forever);
    let started = Instant::now();
    let invocation = Invocation::from(&event(NEW_POOL)).with_deadline(Duration::from_secs(3));
    let outcome = bed.host.invoke(invocation).await;
    assert!(started.elapsed() < Duration::from_secs(3));
    let line = bed.log_of(&outcome).await;
    assert_eq!(line["failed_checks"], "source.pool,destination.pool");
}

/// Throttled once, as with the quotas of a busy account: it tries again.
#[tokio::test]
async fn a_passing_fault_is_not_a_finding() {
    let bed = Bed::with(in_order(), &settings()).await;
    for operation in Operation::DESCRIBING {
        bed.pool.fail(operation, Fault::Throttled, Times::ONCE);
    }
    let report = bed.invoke(&event(NEW_POOL)).await.response();
    assert_eq!(findings(&report), []);
}

/// What is configured to be answered as an error is a refusal; a report is none.
#[tokio::test]
async fn a_preflight_reports_where_refusals_are_errors_too() {
    let mut variables = settings();
    variables.push(("ON_REJECT", "error"));
    let bed = Bed::with(in_order(), &variables).await;
    let report = bed.invoke(&event(NEW_POOL)).await.response();
    assert_eq!(report["ok"], true);
}

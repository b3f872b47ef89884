//! A draft: the files, what leads to none, and the survey of the pool that it plans.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use testbed::source_pool::{Client, POOL_ID, SourcePoolStub, State};

use crate::support::*;

const SECRET: &str = "made-up-secret-of-the-client";

/// A source pool that knows its users by user name, with names that are not plain.
fn state() -> State {
    let mut state = two_pools(vec![
        user("ana"),
        user("bo").with("email_verified", "false"),
    ]);
    state.clients[0].name = Some("Größe ${x} \"quoted\"\nline".to_owned());
    state
        .clients
        .insert(0, Client::new("7secret").with_secret(SECRET));
    state.groups = vec!["editors".to_owned(), "press".to_owned()];
    state.description.extend([
        ("Name".to_owned(), json!("shop %{if}")),
        ("AutoVerifiedAttributes".to_owned(), json!(["email"])),
        (
            "SchemaAttributes".to_owned(),
            json!([
                {"Name": "email", "AttributeDataType": "String", "Mutable": true, "Required": true,
                 "StringAttributeConstraints": {"MinLength": "0", "MaxLength": "2048"}},
                {"Name": "custom:team", "AttributeDataType": "String", "Mutable": true},
            ]),
        ),
    ]);
    state
}

async fn draft(pool: &SourcePoolStub, out: &Path, options: &[&str]) -> Said {
    let mut program = program(pool);
    program.args(["--rate", "1000", "draft", "--source-pool", POOL_ID, "--out"]);
    said(program.arg(out).args(options)).await
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("letters")
        })
        .collect();
    names.sort();
    names
}

fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect(name)
}

#[tokio::test]
async fn a_draft_holds_all_that_a_new_pool_needs_and_no_secret() {
    let folder = folder("draft-new");
    let out = folder.join("new pool");
    let pool = SourcePoolStub::start(state())
        .await
        .expect("a loopback port");
    let modules = ["--sign-in", "email", "--module-source", "../modules"];
    let said = draft(&pool, &out, &modules).await;
    assert_eq!(
        (said.status, said.stderr.as_str()),
        (Some(0), ""),
        "{said:?}"
    );
    assert_eq!(
        names(&out),
        [
            "NOTES.md",
            "app_clients.tf",
            "destination_pool.tf",
            "groups.tf",
            "migration.tf",
            "planned.json",
            "settings.env",
        ]
    );
    // Nothing else is left beside it.
    assert_eq!(names(&folder), ["new pool"]);
    for name in names(&out) {
        assert!(!text(&out, &name).contains(SECRET), "{name}");
    }
    let destination = text(&out, "destination_pool.tf");
    for line in [
        "  name                     = \"shop %%{if}-new\"\n",
        "  username_attributes      = [\"email\"]\n",
        "    prevent_destroy = true\n",
        "    case_sensitive = false\n",
        "    pre_sign_up         = module.migration_function.function_arn\n",
    ] {
        assert!(destination.contains(line), "{line}: {destination}");
    }
    let clients = text(&out, "app_clients.tf");
    let name = r#"= "Größe $${x} \"quoted\"\nline""#;
    assert!(
        clients.contains(name) && clients.contains("generate_secret                      = true"),
        "{clients}"
    );
    let migration = text(&out, "migration.tf");
    for line in [
        "  source = \"../modules/migration-function\"\n",
        "  source = \"../modules/monitoring\"\n",
        "  src_lookup = \"email\"\n",
        "  copy_groups = \"editors,press\"\n",
        "  unverified_contacts = \"drop\"\n",
        "  attribute_map = { \"custom:*\" = \"custom:*\", \"sub\" = \"custom:legacy_sub\" }\n",
    ] {
        assert!(migration.contains(line), "{line}: {migration}");
    }
    assert!(!migration.contains("package_file"));
    // No user was read.
    let asked: Vec<_> = pool
        .received()
        .iter()
        .map(|request| request.operation.name())
        .collect();
    assert!(
        asked
            .iter()
            .all(|name| !name.contains("Users") && !name.starts_with("Admin")),
        "{asked:?}"
    );
    survey_of_the_planned_pool(&pool, &out).await;
}

/// The survey takes the folder in the place of the pool.
async fn survey_of_the_planned_pool(pool: &SourcePoolStub, out: &Path) {
    let settings = out.join("settings.env");
    let run = async |options: &[&str]| {
        let mut program = program(pool);
        program.args([
            "--rate",
            "1000",
            "--format",
            "json",
            "survey",
            "--source-pool",
            POOL_ID,
        ]);
        program.arg("--planned").arg(out).args(options);
        said(&mut program).await
    };
    let planned = run(&["--settings", settings.to_str().expect("letters")]).await;
    assert_eq!(planned.status, Some(0), "{planned:?}");
    let found = planned.json();
    assert_eq!(found["destination_pool"], Value::Null);
    // Only a verified address is looked up.
    assert_eq!(found["result"], json!({"moves": 1, "stays": 1}), "{found}");
    let both = run(&["--pool", DESTINATION]).await;
    assert_eq!(both.status, Some(2), "{both:?}");
    for (text, sentence) in [
        ("{}", "is not what `cognito-migration draft` wrote"),
        ("", "is not what `cognito-migration draft` wrote"),
    ] {
        fs::write(out.join("planned.json"), text).expect("a file");
        let said = run(&[]).await;
        assert!(
            said.status == Some(1) && said.stderr.contains(sentence),
            "{said:?}"
        );
    }
    fs::remove_file(out.join("planned.json")).expect("a file");
    let said = run(&[]).await;
    assert!(
        said.status == Some(1)
            && said
                .stderr
                .contains("planned.json cannot be read: it does not exist"),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_pool_that_exists_gets_the_function_and_nothing_else() {
    let folder = folder("draft-existing");
    let mut state = state();
    // No client fits: one is made, and its id is not known yet.
    state.clients.truncate(1);
    let description = &mut state.neighbours[0].description;
    description.insert("UsernameAttributes".to_owned(), json!(["email"]));
    let pool = SourcePoolStub::start(state).await.expect("a loopback port");
    let out = folder.join("draft");
    let said = draft(&pool, &out, &["--pool", DESTINATION, "--format", "json"]).await;
    assert_eq!(said.status, Some(0), "{said:?}");
    assert_eq!(
        said.json()["files"],
        json!(["migration.tf", "settings.env", "NOTES.md"])
    );
    assert_eq!(names(&out), ["NOTES.md", "migration.tf", "settings.env"]);
    let migration = text(&out, "migration.tf");
    for part in [
        "resource \"aws_cognito_user_pool_client\" \"migration_source\"",
        "src_client_id = aws_cognito_user_pool_client.migration_source.id",
        &format!(
            ":cognito-idp:eu-central-1:${{data.aws_caller_identity.current.account_id}}:userpool/{DESTINATION}\""
        ),
        "src_lookup = \"email\"",
    ] {
        assert!(migration.contains(part), "{part}: {migration}");
    }
    let settings = text(&out, "settings.env");
    assert!(settings.contains("\n# SRC_CLIENT_ID="), "{settings}");
    assert!(!settings.contains("MIGRATION_MARK="), "{settings}");
    let mut survey = program(&pool);
    survey.args([
        "survey",
        "--rate",
        "1000",
        "--pool",
        DESTINATION,
        "--settings",
    ]);
    let surveyed = crate::support::said(
        survey
            .arg(out.join("settings.env"))
            .env_remove("SRC_CLIENT_ID"),
    )
    .await;
    assert_eq!(surveyed.status, Some(0), "{surveyed:?}");
}

#[tokio::test]
async fn another_account_gets_its_own_folder() {
    let folder = folder("draft-account");
    let out = folder.join("draft");
    let mut state = state();
    state.clients.truncate(1);
    let pool = SourcePoolStub::start(state).await.expect("a loopback port");
    let role = "arn:aws:iam::111122223333:role/migration";
    let said = draft(&pool, &out, &["--source-role", role]).await;
    assert_eq!(said.status, Some(0), "{said:?}");
    assert_eq!(names(&out.join("source-account")), ["source_client.tf"]);
    let migration = text(&out, "migration.tf");
    for part in [
        "src_client_id = var.src_client_id",
        &format!("src_role_arn = \"{role}\""),
        "src_external_id = \"",
    ] {
        assert!(migration.contains(part), "{part}: {migration}");
    }
    let settings = text(&out, "settings.env");
    let external = settings
        .lines()
        .find_map(|line| line.strip_prefix("SRC_EXTERNAL_ID="));
    assert_eq!(external.expect("an id").len(), 32);
}

/// What must be denied, what the source pool says besides, the options, the status, and a part of the sentence.
type Bad = (
    &'static str,
    Value,
    &'static [&'static str],
    i32,
    &'static str,
);

#[tokio::test]
async fn a_draft_that_fails_leaves_no_folder() {
    let folder = folder("draft-bad");
    let of_source = |operation: &str| format!("{operation} {POOL_ID}");
    let odd = json!({"SchemaAttributes": [{"Name": "custom:odd", "AttributeDataType": "Shape"}]});
    let cases: [Bad; 13] = [
        (
            "DescribeUserPool",
            json!({}),
            &[],
            1,
            "not allowed DescribeUserPool on the source pool",
        ),
        (
            "DescribeUserPoolClient",
            json!({}),
            &[],
            1,
            "not allowed DescribeUserPoolClient on the source pool",
        ),
        (
            "ListUserPoolClients",
            json!({}),
            &[],
            1,
            "not allowed ListUserPoolClients on the source pool",
        ),
        (
            "ListGroups",
            json!({}),
            &[],
            1,
            "not allowed ListGroups on the source pool",
        ),
        (
            "ListResourceServers",
            json!({}),
            &[],
            1,
            "not allowed ListResourceServers on the source pool",
        ),
        (
            "GetUserPoolMfaConfig",
            json!({"MfaConfiguration": "ON"}),
            &[],
            1,
            "not allowed GetUserPoolMfaConfig on the source pool",
        ),
        (
            "",
            json!({"MfaConfiguration": "ON"}),
            &[],
            1,
            "demands a second factor, and none that Terraform can write is left",
        ),
        (
            "",
            odd,
            &[],
            1,
            "Terraform cannot express the attribute custom:odd of the source pool",
        ),
        (
            "",
            json!({}),
            &["--sign-in", "phone_number"],
            1,
            "cannot sign in by phone number",
        ),
        (
            "",
            json!({}),
            &["--sign-in", "nickname"],
            2,
            "invalid value 'nickname' for '--sign-in <STYLE>'",
        ),
        (
            "",
            json!({}),
            &["--source-role", "role"],
            2,
            "SRC_ROLE_ARN must be the ARN of a role",
        ),
        (
            "",
            json!({}),
            &["--module-source", "git::https://example.com/a.git"],
            2,
            "--module-source needs %s",
        ),
        (
            "",
            json!({}),
            &["--pool", "eu-west-1_Nowhere"],
            1,
            "The destination pool eu-west-1_Nowhere does not exist",
        ),
    ];
    for (denied, description, options, status, sentence) in cases {
        let mut state = state();
        state.denied.push(of_source(denied));
        state
            .description
            .extend(description.as_object().expect("members").clone());
        let pool = SourcePoolStub::start(state).await.expect("a loopback port");
        let said = draft(&pool, &folder.join("draft"), options).await;
        assert_eq!(said.status, Some(status), "{said:?}");
        assert!(said.stderr.contains(sentence), "{sentence}: {said:?}");
        assert_eq!(names(&folder), Vec::<String>::new(), "{sentence}");
    }
    let pool = SourcePoolStub::start(state())
        .await
        .expect("a loopback port");
    let mut program = program(&pool);
    program.args(["draft", "--source-pool", "eu-west-1_Nowhere", "--out"]);
    let said = said(program.arg(folder.join("draft"))).await;
    assert!(
        said.status == Some(1)
            && said
                .stderr
                .contains("The source pool eu-west-1_Nowhere does not exist"),
        "{said:?}"
    );
    assert_eq!(names(&folder), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_only_noted_may_be_denied() {
    let folder = folder("draft-denied");
    let mut state = state();
    for operation in ["ListIdentityProviders", "GetUserPoolMfaConfig"] {
        state.denied.push(format!("{operation} {POOL_ID}"));
    }
    let pool = SourcePoolStub::start(state).await.expect("a loopback port");
    let out = folder.join("draft");
    let said = draft(&pool, &out, &[]).await;
    assert_eq!(said.status, Some(0), "{said:?}");
    let notes = text(&out, "NOTES.md");
    for line in [
        "`IdentityProviders`: They may not be read",
        "`WebAuthnConfiguration`: It may not be read",
    ] {
        assert!(notes.contains(line), "{line}: {notes}");
    }
}

#[tokio::test]
async fn an_existing_folder_is_never_written_into() {
    let folder = folder("draft-exists");
    let pool = SourcePoolStub::start(state())
        .await
        .expect("a loopback port");
    let file = folder.join("file");
    fs::write(&file, "mine").expect("a file");
    let nowhere: PathBuf = folder.join("no/such/draft");
    for (out, sentence) in [
        (&folder, "exists: name another folder, or remove it."),
        (&file, "exists: name another folder, or remove it."),
        (&nowhere, "cannot be written: its folder does not exist."),
    ] {
        let said = draft(&pool, out, &[]).await;
        assert!(
            said.status == Some(1) && said.stderr.contains(sentence),
            "{said:?}"
        );
    }
    assert_eq!(names(&folder), ["file"]);
    assert_eq!(fs::read_to_string(file).expect("a file"), "mine");
}

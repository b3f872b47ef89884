//! Tests of the checks: tables of single faults.

use crate::described::AppClients;
use std::{collections::BTreeMap, mem::take};

use rules::{
    checks::{Answer, CheckId},
    evidence::PoolMfa,
    outcome::{Cause, Failure},
    password::PasswordPolicy,
    pool::{AppClient, DataType, Recovery, SchemaAttribute, Triggers, UserPoolDescription},
    protocol::{Status, Why},
    sensitive::Sensitive,
    settings::Settings,
};

use strum::VariantArray as _;

use super::*;

mod clients;
mod groups;
mod mark;
mod recovery;
mod trigger;
mod username;
mod writable;

const SOURCE: &str = "eu-west-1_Source1";
const DESTINATION: &str = "eu-west-1_New1";
const SECRET: &str = "hunter2-hunter2";
const POLICY: PasswordPolicy = PasswordPolicy {
    minimum_length: 8,
    require_lowercase: true,
    require_uppercase: false,
    require_numbers: true,
    require_symbols: false,
};
const ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:user-migration";

/// The minimal settings with these variables added.
fn settings(variables: &[(&str, &str)]) -> Settings {
    let mut all = BTreeMap::from([
        ("SRC_USER_POOL_ID", SOURCE),
        ("SRC_CLIENT_ID", "1client"),
        ("SRC_CLIENT_SECRET", SECRET),
    ]);
    all.extend(variables.iter().copied());
    Settings::read(|name| all.get(name).map(|value| (*value).to_owned())).unwrap()
}

fn failure(cause: Cause) -> Failure {
    Failure::new(cause, "SomeCall", "SomeCode")
}

/// `good`, and a failure for each cause that a check distinguishes.
fn answers<T: Clone>(good: &T) -> Vec<Answer<T>> {
    let causes = [
        Cause::NotAllowed,
        Cause::NotFound,
        Cause::Credentials,
        Cause::Busy,
    ];
    let failed = causes.map(|cause| Err(failure(cause)));
    [Ok(good.clone())].into_iter().chain(failed).collect()
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn text(name: &str, minimum: i128, maximum: i128) -> SchemaAttribute {
    SchemaAttribute {
        name: name.to_owned(),
        required: false,
        mutable: true,
        data_type: DataType::String,
        minimum: Some(minimum),
        maximum: Some(maximum),
    }
}

/// A pool in which users sign in with their e-mail address.
fn pool() -> UserPoolDescription {
    UserPoolDescription {
        users: 5,
        schema: vec![
            text("sub", 1, 2048),
            text("email", 0, 2048),
            text("custom:tenant", 0, 256),
        ],
        username_attributes: strings(&["email"]),
        mfa: PoolMfa::Optional,
        passwords: POLICY,
        recovery: vec![Recovery::VerifiedEmail, Recovery::VerifiedPhoneNumber],
        verified_before_update: strings(&["email"]),
        deletion_protected: true,
        sends_sms: true,
        temporary_password_days: 7,
        ..UserPoolDescription::default()
    }
}

fn client() -> AppClient {
    AppClient {
        id: "1client".to_owned(),
        name: "app".to_owned(),
        secret: Some(Sensitive::new(SECRET)),
        admin_password_flow: true,
        user_password_flow: true,
        prevents_user_existence_errors: true,
        readable: None,
        writable: Some(strings(&["email", "name"])),
    }
}

/// The checks that are not `ok`, as `STATUS id`, separated by commas.
fn found(checks: &[Check]) -> String {
    let bad: Vec<_> = checks
        .iter()
        .filter(|check| check.status != Status::Ok)
        .map(|check| format!("{} {}", name(&check.status), check.id))
        .collect();
    bad.join(", ")
}

fn name(status: &Status) -> &'static str {
    match status {
        Status::Ok => "Ok",
        Status::Warn => "Warn",
        Status::Fail => "Fail",
        Status::Skipped => "Skipped",
        Status::Later(_) => "Later",
    }
}

fn check(checks: &[Check], id: CheckId) -> &Check {
    checks.iter().find(|check| id.is(check)).unwrap()
}

/// Asserts that each check that is not `ok` has a fix, that a skipped one names its cause or a fix, and that no secret is
/// shown.
#[track_caller]
fn assert_helps(checks: &[Check]) {
    for check in checks {
        assert!(!check.detail.is_empty(), "{checks:#?}");
        for text in [&check.detail, &check.fix] {
            assert!(!text.contains(SECRET), "{checks:#?}");
        }
        let is_ok = check.status == Status::Ok;
        assert_eq!(check.fix.is_empty(), is_ok, "{check:?} of {checks:#?}");
        let skipped = check.status == Status::Skipped;
        let points = check.why == Some(Why::OtherCheck);
        assert_eq!(
            points,
            skipped && check.fix.starts_with("See "),
            "{check:?}"
        );
        if let Some(id) = check.fix.strip_prefix("See ").filter(|_| points) {
            let id = id.strip_suffix('.').unwrap();
            let points = |other: &Check| other.id == id && other.status != Status::Ok;
            let cause = checks.iter().find(|other| points(other));
            // A skipped check names the cause itself, not another skipped check.
            assert!(
                cause.is_some_and(|cause| cause.id != check.id && !cause.fix.starts_with("See ")),
                "{check:?} of {checks:#?}"
            );
        } else if skipped {
            let says = [
                "cognito-idp:",
                "Name the function",
                "--function NAME",
                "Try again",
                "SRC_USER_POOL_ID",
                "SRC_CLIENT_ID",
            ];
            assert!(
                says.iter().any(|words| check.fix.contains(words)),
                "{check:?}"
            );
        }
    }
}

const MARK: &str = "custom:migration";

/// Settings that need every check.
const ALL_USED: &[(&str, &str)] = &[
    ("ATTRIBUTE_MAP", r#"{"custom:tenant": "custom:tenant"}"#),
    ("MIGRATION_MARK", MARK),
    ("COPY_GROUPS", "*"),
];

const OLD_SUB: &[(&str, &str)] = &[
    ("ATTRIBUTE_MAP", r#"{"sub": "custom:old"}"#),
    // A user who can write one can write the other.
    ("MIGRATION_MARK", ""),
    ("COPY_GROUPS", ""),
];

fn facts() -> PoolsFacts {
    let groups = || Some(Ok(strings(&["admins", "staff"])));
    let mut destination = pool();
    destination.triggers = Triggers {
        user_migration: Some(ARN.to_owned()),
        pre_token_generation: None,
        pre_sign_up: None,
        post_authentication: Some(ARN.to_owned()),
        ..Triggers::default()
    };
    destination.schema.push(text(MARK, 0, 256));
    PoolsFacts {
        source: PoolFacts {
            id: SOURCE.to_owned(),
            pool: Ok(pool()),
            groups: groups(),
        },
        destination: PoolFacts {
            id: DESTINATION.to_owned(),
            pool: Ok(destination),
            groups: groups(),
        },
        clients: Ok(AppClients {
            listed: vec![AppClient {
                readable: Some(strings(&["email", "custom:old", "custom:tenant"])),
                ..client()
            }],
            more: false,
        }),
        source_clients: Some(Ok(AppClients {
            listed: vec![client()],
            more: false,
        })),
        email_mfa: Some(Ok(false)),
        function_arn: Some(ARN.to_owned()),
    }
}

#[test]
fn every_check_of_the_pools_stands_in_one_report() {
    let checks = super::pools(&settings(&[]), &facts());
    let ids: Vec<_> = checks.iter().map(|check| check.id.as_str()).collect();
    let of_pools = |id: &String| !id.starts_with("source.") && id != "time.source";
    let known = CheckId::VARIANTS.iter().map(|id| id.name());
    let known: Vec<_> = known.filter(of_pools).collect();
    assert_eq!(ids, known);
}

fn destination(facts: &mut PoolsFacts) -> &mut UserPoolDescription {
    facts.destination.pool.as_mut().unwrap()
}

fn source_pool(facts: &mut PoolsFacts) -> &mut UserPoolDescription {
    facts.source.pool.as_mut().unwrap()
}

fn clients(facts: &mut PoolsFacts) -> &mut AppClients {
    facts.clients.as_mut().unwrap()
}

fn without_password_flow(client: AppClient) -> AppClient {
    AppClient {
        user_password_flow: false,
        admin_password_flow: false,
        ..client
    }
}

fn only_client(facts: &mut PoolsFacts) -> &mut AppClient {
    &mut clients(facts).listed[0]
}

/// Replaces an attribute of a schema, or adds it.
fn set_attribute(pool: &mut UserPoolDescription, attribute: SchemaAttribute) {
    pool.schema.retain(|known| known.name != attribute.name);
    pool.schema.push(attribute);
}

fn required(attribute: SchemaAttribute) -> SchemaAttribute {
    SchemaAttribute {
        required: true,
        ..attribute
    }
}

/// Gives this answer to every question about the destination pool.
fn destination_fails(facts: &mut PoolsFacts, cause: Cause) {
    facts.destination.pool = Err(failure(cause));
    facts.destination.groups = Some(Err(failure(cause)));
    facts.clients = Err(failure(cause));
    facts.email_mfa = None;
}

fn source_fails(facts: &mut PoolsFacts, cause: Cause) {
    facts.source.pool = Err(failure(cause));
    facts.source.groups = Some(Err(failure(cause)));
    facts.source_clients = Some(Err(failure(cause)));
}

fn source_clients(facts: &mut PoolsFacts) -> &mut AppClients {
    facts.source_clients.as_mut().unwrap().as_mut().unwrap()
}

#[test]
fn nothing_is_found_where_all_is_in_order() {
    for variables in [ALL_USED, &[]] {
        let checks = pools(&settings(variables), &facts());
        assert_eq!(found(&checks), "", "{variables:?}: {checks:#?}");
    }
}

/// Each fault, with the finding and a word of the fix.
#[test]
fn one_broken_thing_is_one_finding_with_a_fix_that_names_it() {
    type Case = (
        &'static str,
        &'static [(&'static str, &'static str)],
        fn(&mut PoolsFacts),
        &'static str,
        &'static [&'static str],
    );
    const BEHIND_POOL: &str = "Skipped destination.trigger, Skipped destination.clients, Skipped destination.schema, \
                               Skipped destination.username, Skipped destination.mfa, Skipped destination.recovery, \
                               Skipped destination.password, Skipped destination.mark, Skipped destination.groups, Skipped pools.case, \
                               Skipped pools.writable";
    const NO_EMAIL: &[(&str, &str)] = &[(
        "ATTRIBUTE_MAP",
        r#"{"email": null, "email_verified": null}"#,
    )];
    #[rustfmt::skip]
    let cases: &[Case] = &[
        ("a destination pool that does not exist", &[], |facts| destination_fails(facts, Cause::NotFound),
         "Fail destination.pool, {pool}", &["id of the destination pool", "Region"]),
        ("a destination pool that cannot be reached", &[], |facts| destination_fails(facts, Cause::Unreachable),
         "Fail destination.pool, {pool}", &["Try again"]),
        ("a destination pool of which nothing may be looked at", &[],
         |facts| destination_fails(facts, Cause::NotAllowed), "Skipped destination.pool, {pool}",
         &["cognito-idp:DescribeUserPool ", DESTINATION]),
        ("a destination pool that may not be described", &[],
         |facts| facts.destination.pool = Err(failure(Cause::NotAllowed)),
         "Skipped destination.pool, Skipped destination.trigger, Skipped destination.schema, Skipped \
          destination.username, Skipped destination.mfa, Skipped destination.recovery, Skipped \
          destination.password, Skipped destination.mark, Skipped pools.case, Skipped pools.writable",
         &["cognito-idp:DescribeUserPool ", DESTINATION]),
        ("app clients that may not be looked at", &[], |facts| facts.clients = Err(failure(Cause::NotAllowed)),
         "Skipped destination.clients, Skipped destination.mark, Skipped pools.writable",
         &["cognito-idp:ListUserPoolClients", "cognito-idp:DescribeUserPoolClient", DESTINATION]),
        ("app clients that could not be asked for", &[], |facts| facts.clients = Err(failure(Cause::Busy)),
         "Fail destination.clients, Skipped destination.mark, Skipped pools.writable", &["Try again"]),
        ("a destination pool that a plan can delete", &[], |facts| destination(facts).deletion_protected = false,
         "Warn destination.pool", &["DeletionProtection", "deletion_protection"]),
        ("no trigger", &[], |facts| destination(facts).triggers.user_migration = None, "Fail destination.trigger",
         &["user_migration", "LambdaConfig.UserMigration", ARN]),
        ("another function as trigger", &[],
         |facts| destination(facts).triggers.user_migration = Some(format!("{ARN}-2")), "Fail destination.trigger",
         &["user_migration", ARN]),
        ("an alias as trigger", &[], |facts| destination(facts).triggers.user_migration = Some(format!("{ARN}:live")),
         "", &[]),
        ("an alias as both triggers", ALL_USED,
         |facts| {
             destination(facts).triggers.user_migration = Some(format!("{ARN}:live"));
             destination(facts).triggers.post_authentication = Some(format!("{ARN}:live"));
         },
         "", &[]),
        ("the alias that was named", ALL_USED,
         |facts| {
             facts.function_arn = Some(format!("{ARN}:live"));
             destination(facts).triggers.user_migration = Some(format!("{ARN}:live"));
             destination(facts).triggers.post_authentication = Some(format!("{ARN}:live"));
         },
         "", &[]),
        ("another alias than the one that was named", ALL_USED,
         |facts| {
             facts.function_arn = Some(format!("{ARN}:live"));
             destination(facts).triggers.user_migration = Some(format!("{ARN}:beta"));
             destination(facts).triggers.post_authentication = Some(format!("{ARN}:beta"));
         },
         "Warn destination.trigger, Warn destination.mark", &["user_migration", "live"]),
        ("the function itself, where an alias was named", ALL_USED,
         |facts| facts.function_arn = Some(format!("{ARN}:live")), "Warn destination.trigger, Warn destination.mark",
         &["user_migration", "live"]),
        ("an alias of another function after a sign-in", ALL_USED,
         |facts| destination(facts).triggers.post_authentication = Some(format!("{ARN}-2:live")),
         "Warn destination.mark", &["PostAuthentication", ARN]),
        ("a trigger, and the function is not named", &[], |facts| facts.function_arn = None,
         "Skipped destination.trigger", &["Name the function"]),
        ("no trigger, and the function is not named", &[],
         |facts| {
             facts.function_arn = None;
             destination(facts).triggers.user_migration = None;
         },
         "Fail destination.trigger", &["LambdaConfig.UserMigration"]),
        ("a mark, no trigger after a sign-in, and the function is not named", &[],
         |facts| {
             facts.function_arn = None;
             destination(facts).triggers.post_authentication = None;
         },
         "Skipped destination.trigger, Warn destination.mark", &["the function"]),
        ("no app client", &[], |facts| clients(facts).listed.clear(), "Fail destination.clients",
         &["ALLOW_USER_PASSWORD_AUTH"]),
        ("no app client with a password flow", &[],
         |facts| clients(facts).listed = vec![without_password_flow(client())],
         "Fail destination.clients", &["ALLOW_USER_PASSWORD_AUTH"]),
        ("an app client without a password flow beside another", &[],
         |facts| clients(facts).listed.push(without_password_flow(client())),
         "Warn destination.clients", &["ALLOW_USER_PASSWORD_AUTH"]),
        ("an app client with either flow", &[], |facts| only_client(facts).user_password_flow = false, "", &[]),
        ("an app client that tells who exists", &[], |facts| only_client(facts).prevents_user_existence_errors = false,
         "Warn destination.clients", &["PreventUserExistenceErrors"]),
        ("a copied attribute that the app may not read", &[],
         |facts| only_client(facts).readable = Some(strings(&["email"])),
         "Warn destination.clients", &["ReadAttributes"]),
        ("an app client that may read what is usual", &[], |facts| only_client(facts).readable = None,
         "Warn destination.clients", &["ReadAttributes"]),
        ("a static attribute that the app may not read", &[("STATIC_ATTRIBUTES", r#"{"custom:origin": "old pool"}"#)],
         |facts| set_attribute(destination(facts), text("custom:origin", 0, 20)),
         "Warn destination.clients", &["ReadAttributes"]),
        ("an old sub that no user can write", OLD_SUB, |facts| set_attribute(destination(facts), text("custom:old", 0, 40)),
         "", &[]),
        ("an old sub that users can write", OLD_SUB,
         |facts| {
             set_attribute(destination(facts), text("custom:old", 0, 40));
             only_client(facts).writable = Some(strings(&["custom:old"]));
         },
         "Warn destination.clients", &["WriteAttributes", "ATTRIBUTE_MAP"]),
        ("an old user name that users can write", &[("ATTRIBUTE_MAP", r#"{"username": "custom:old"}"#)],
         |facts| {
             set_attribute(destination(facts), text("custom:old", 0, 128));
             only_client(facts).writable = Some(strings(&["custom:old"]));
         },
         "Warn destination.clients", &["WriteAttributes", "ATTRIBUTE_MAP"]),
        ("an old sub, and an app client that says nothing", OLD_SUB,
         |facts| {
             set_attribute(destination(facts), text("custom:old", 0, 40));
             only_client(facts).writable = None;
         },
         "Warn destination.clients", &["WriteAttributes", "ATTRIBUTE_MAP"]),
        ("an address that users can change to one that they have not verified", &[],
         |facts| destination(facts).verified_before_update.clear(), "Warn destination.clients",
         &["AttributesRequireVerificationBeforeUpdate", "AutoVerifiedAttributes", "WriteAttributes"]),
        ("an address that the pool requires, and so every client may write", &[],
         |facts| {
             destination(facts).verified_before_update.clear();
             set_attribute(destination(facts), required(text("email", 0, 2048)));
             only_client(facts).writable = Some(strings(&["name"]));
         },
         "Warn destination.clients",
         &["AttributesRequireVerificationBeforeUpdate", "every app client may write what the pool requires"]),
        ("contacts that are shared in the source pool", &[], |facts| source_pool(facts).username_attributes.clear(),
         "Warn destination.username", &["UNVERIFIED_CONTACTS to drop", "unproven_copy"]),
        ("a preferred user name that the source pool does not keep unique", &[("DST_USERNAME", "username")],
         |facts| {
             destination(facts).username_attributes.clear();
             destination(facts).alias_attributes = strings(&["preferred_username"]);
         },
         "Fail destination.username", &["ATTRIBUTE_MAP", "preferred_username to null"]),
        ("a copied attribute that users of the source pool alone can write", &[],
         |facts| source_clients(facts).listed[0].writable = Some(strings(&["custom:tenant"])), "Warn pools.writable",
         &["ATTRIBUTE_MAP", "judge their values", "WriteAttributes"]),
        ("more app clients of the source pool than were looked at", &[], |facts| source_clients(facts).more = true,
         "Warn pools.writable", &["WriteAttributes"]),
        ("app clients of the source pool that may not be looked at", &[],
         |facts| facts.source_clients = Some(Err(failure(Cause::NotAllowed))), "Skipped pools.writable",
         &["cognito-idp:ListUserPoolClients", "cognito-idp:DescribeUserPoolClient", SOURCE]),
        ("a mapped attribute is missing", &[],
         |facts| { destination(facts).schema.retain(|known| known.name != "custom:tenant") },
         "Fail destination.schema", &["ATTRIBUTE_MAP", "STATIC_ATTRIBUTES"]),
        ("a static attribute is missing", &[("STATIC_ATTRIBUTES", r#"{"custom:origin": "old pool"}"#)], |_| {},
         "Fail destination.schema", &["STATIC_ATTRIBUTES"]),
        ("a copied attribute is missing", &[("ATTRIBUTE_MAP", r#"{"custom:*": "custom:*"}"#)],
         |facts| set_attribute(source_pool(facts), text("custom:plan", 0, 20)), "Fail destination.schema",
         &["ATTRIBUTE_MAP"]),
        ("a required attribute to which nothing is mapped", &[],
         |facts| set_attribute(destination(facts), required(text("custom:region", 0, 20))), "Fail destination.schema",
         &["ATTRIBUTE_MAP", "STATIC_ATTRIBUTES"]),
        ("a static value that is too long", &[("STATIC_ATTRIBUTES", r#"{"custom:tenant": "somewhere"}"#)],
         |facts| set_attribute(destination(facts), text("custom:tenant", 0, 4)), "Fail destination.schema",
         &["STATIC_ATTRIBUTES"]),
        ("a required attribute that some users lack", &[],
         |facts| set_attribute(destination(facts), required(text("name", 0, 2048))), "Warn destination.schema",
         &["STATIC_ATTRIBUTES"]),
        ("an attribute that takes less", &[], |facts| set_attribute(destination(facts), text("custom:tenant", 0, 20)),
         "Warn destination.schema", &["ATTRIBUTE_MAP"]),
        ("a name that the source pool does not know", &[("ATTRIBUTE_MAP", r#"{"custom:tenent": "custom:tenant"}"#)],
         |_| {}, "Warn destination.schema", &["ATTRIBUTE_MAP"]),
        ("aliases without a user name", &[],
         |facts| { let pool = destination(facts); pool.alias_attributes = take(&mut pool.username_attributes); },
         "Fail destination.username", &["DST_USERNAME"]),
        ("a user name where the address is one", &[("DST_USERNAME", "sub")], |_| {}, "Fail destination.username",
         &["DST_USERNAME"]),
        ("another user name than people type", &[("DST_USERNAME", "sub")],
         |facts| destination(facts).username_attributes.clear(), "Fail destination.username", &["DST_USERNAME"]),
        ("SMS MFA for a pool without MFA", &[("ON_MFA", "sms")], |facts| destination(facts).mfa = PoolMfa::Off,
         "Fail destination.mfa", &["MfaConfiguration", "ON_MFA to refuse or reset"]),
        ("MFA for users without a phone number", &[], |facts| destination(facts).mfa = PoolMfa::On, "Warn destination.mfa",
         &["MFA in the destination pool", "ON_MFA"]),
        ("a reset by an administrator alone", &[], |facts| destination(facts).recovery = vec![Recovery::AdminOnly],
         "Fail destination.recovery", &["AccountRecoverySetting", "ON_FORGOT_PASSWORD"]),
        ("no verified contact is copied", &[("ATTRIBUTE_MAP", r#"{"email_verified": null, "phone_number": null}"#)],
         |_| {}, "Fail destination.recovery", &["ATTRIBUTE_MAP", "ON_FORGOT_PASSWORD"]),
        ("a recovery by what is not copied", NO_EMAIL,
         |facts| destination(facts).recovery = vec![Recovery::VerifiedEmail], "Fail destination.recovery",
         &["ATTRIBUTE_MAP", "AccountRecoverySetting"]),
        ("a contact to which no codes go", &[], |facts| destination(facts).recovery = vec![Recovery::VerifiedEmail],
         "Warn destination.recovery", &["RESET_CONTACTS to email,", "AccountRecoverySetting"]),
        ("a contact to which no codes go, after a sign-in", &[("ON_FORGOT_PASSWORD", "ignore"), ("ON_MFA", "reset")],
         |facts| destination(facts).recovery = vec![Recovery::VerifiedPhoneNumber], "Warn destination.recovery",
         &["RESET_CONTACTS to phone_number,"]),
        ("only a contact to which no codes go", &[("RESET_CONTACTS", "phone_number")],
         |facts| destination(facts).recovery = vec![Recovery::VerifiedEmail], "Warn destination.recovery",
         &["RESET_CONTACTS to email,"]),
        ("a contact that is not made use of", &[("RESET_CONTACTS", "email")], |_| {}, "Warn destination.recovery",
         &["RESET_CONTACTS to email,phone_number."]),
        ("a contact that is not copied, and no other",
         &[("RESET_CONTACTS", "email"), ("ATTRIBUTE_MAP", r#"{"email": null}"#)], |_| {},
         "Fail destination.recovery", &["RESET_CONTACTS to phone_number."]),
        ("a code that would be due in the mailbox of the second factor", &[], |facts| facts.email_mfa = Some(Ok(true)),
         "Warn destination.recovery", &["verified phone number", "second factors"]),
        ("second factors that may not be looked at", &[], |facts| facts.email_mfa = Some(Err(failure(Cause::NotAllowed))),
         "Skipped destination.recovery", &["cognito-idp:GetUserPoolMfaConfig", DESTINATION]),
        ("second factors that could not be asked for", &[], |facts| facts.email_mfa = Some(Err(failure(Cause::Busy))),
         "Fail destination.recovery", &["Try again"]),
        ("a pool that does not say how it recovers", &[], |facts| destination(facts).recovery.clear(), "", &[]),
        ("passwords that the destination pool would refuse", &[],
         |facts| source_pool(facts).passwords = PasswordPolicy::default(), "Warn destination.password",
         &[r#"PASSWORD_POLICY to {"minimumLength":8,"requireLowercase":true,"requireUppercase":false,"requireNumbers":true,"requireSymbols":false}"#]),
        ("a source pool whose passwords are not known", &[],
         |facts| facts.source.pool = Err(failure(Cause::NotAllowed)),
         "Skipped destination.username, Skipped destination.password, Skipped pools.case",
         &["cognito-idp:DescribeUserPool", SOURCE]),
        ("a policy that demands less", &[("PASSWORD_POLICY", r#"{"minimumLength":8}"#)], |_| {},
         "Warn destination.password", &["PASSWORD_POLICY to {"]),
        ("a policy that demands more",
         &[("PASSWORD_POLICY", r#"{"minimumLength":9,"requireLowercase":true,"requireNumbers":true}"#)], |_| {},
         "Warn destination.password", &["PASSWORD_POLICY to {"]),
        ("a policy that demands something else",
         &[("PASSWORD_POLICY", r#"{"minimumLength":8,"requireLowercase":true,"requireSymbols":true}"#)], |_| {},
         "Warn destination.password", &["PASSWORD_POLICY to {"]),
        ("the pool's own policy",
         &[("PASSWORD_POLICY", r#"{"minimumLength":8,"requireLowercase":true,"requireNumbers":true}"#)],
         |facts| source_pool(facts).passwords = PasswordPolicy::default(), "", &[]),
        ("no attribute for the mark", &[("MIGRATION_MARK", "custom:unheard_of")], |_| {}, "Fail destination.mark",
         &["MIGRATION_MARK", "Mutable"]),
        ("an attribute that does not hold the mark", &[], |facts| set_attribute(destination(facts), text(MARK, 0, 45)),
         "Fail destination.mark", &["MIGRATION_MARK", "Mutable", "40 to 46 characters"]),
        ("a mark that users can write", &[], |facts| only_client(facts).writable = Some(strings(&["name", MARK])),
         "Fail destination.mark", &["MIGRATION_MARK", "WriteAttributes"]),
        ("a mark that users of an app client without a list can write", &[],
         |facts| only_client(facts).writable = None, "Fail destination.mark", &["MIGRATION_MARK", "WriteAttributes"]),
        ("a mark, and no trigger after a sign-in", &[], |facts| destination(facts).triggers.post_authentication = None,
         "Warn destination.mark", &["PostAuthentication", ARN, "MIGRATION_MARK"]),
        ("a mark, and more app clients than were looked at", &[], |facts| clients(facts).more = true,
         "Warn destination.mark", &["MIGRATION_MARK", "WriteAttributes"]),
        ("a group that the destination pool lacks", &[],
         |facts| facts.destination.groups = Some(Ok(strings(&["staff"]))), "Warn destination.groups", &["COPY_GROUPS"]),
        ("a source pool without groups", &[], |facts| facts.source.groups = Some(Ok(vec![])), "", &[]),
        ("a named group that the source pool lacks", &[("COPY_GROUPS", "staff,editors")], |_| {},
         "Warn destination.groups", &["COPY_GROUPS"]),
        ("a missing group that is not copied", &[("COPY_GROUPS", "staff")],
         |facts| facts.destination.groups = Some(Ok(strings(&["staff"]))), "", &[]),
        ("groups of the source pool that may not be listed", &[],
         |facts| facts.source.groups = Some(Err(failure(Cause::NotAllowed))), "Skipped destination.groups",
         &["cognito-idp:ListGroups", SOURCE]),
        ("groups of the destination pool that may not be listed", &[],
         |facts| facts.destination.groups = Some(Err(failure(Cause::NotAllowed))), "Skipped destination.groups",
         &["cognito-idp:ListGroups", DESTINATION]),
        ("groups of the destination pool that could not be asked for", &[],
         |facts| facts.destination.groups = Some(Err(failure(Cause::Busy))), "Fail destination.groups", &["Try again"]),
        ("a source pool that may not be looked at", &[], |facts| source_fails(facts, Cause::NotAllowed),
         "Skipped destination.username, Skipped destination.password, Skipped destination.groups, Skipped pools.case, \
          Skipped pools.writable",
         &["cognito-idp:DescribeUserPool", SOURCE]),
        ("a source pool of another account", &[], |facts| source_fails(facts, Cause::NotFound),
         "Skipped destination.username, Skipped destination.password, Skipped destination.groups, Skipped pools.case, \
          Skipped pools.writable", &["SRC_USER_POOL_ID"]),
        ("a source pool that cannot be reached", &[], |facts| source_fails(facts, Cause::Unreachable),
         "Skipped destination.username, Skipped destination.password, Skipped destination.groups, Skipped pools.case, \
          Skipped pools.writable", &["SRC_USER_POOL_ID"]),
        ("a destination pool that distinguishes case", &[], |facts| destination(facts).case_sensitive = true,
         "Warn pools.case", &["UsernameConfiguration"]),
        ("a source pool that distinguishes case", &[], |facts| source_pool(facts).case_sensitive = true,
         "Warn pools.case", &["SRC_LOOKUP", "SRC_USER_POOL_ID"]),
        ("a source pool that distinguishes case, and a look-up without", &[("SRC_LOOKUP", "phone_number")],
         |facts| { destination(facts).username_attributes.clear(); source_pool(facts).case_sensitive = true; }, "Warn pools.case", &["SRC_LOOKUP", "SRC_USER_POOL_ID"]),
        ("pools that distinguish case, and a look-up that does not", &[("SRC_LOOKUP", "preferred_username")],
         |facts| { destination(facts).case_sensitive = true; source_pool(facts).case_sensitive = true; },
         "Warn pools.case", &["SRC_USER_POOL_ID"]),
        ("pools that distinguish case, and a look-up of numbers", &[("SRC_LOOKUP", "phone_number")],
         |facts| { destination(facts).username_attributes.clear(); destination(facts).case_sensitive = true; source_pool(facts).case_sensitive = true; }, "", &[]),
        ("a source pool that distinguishes case, and a look-up", &[("SRC_LOOKUP", "email")],
         |facts| source_pool(facts).case_sensitive = true, "Warn pools.case", &["SRC_USER_POOL_ID"]),
        ("one pool for both", &[], |facts| facts.destination.id = SOURCE.to_owned(), "Fail pools.same",
         &["SRC_USER_POOL_ID"]),
    ];
    for (what, variables, break_it, expected, names) in cases {
        let mut facts = facts();
        break_it(&mut facts);
        let checks = pools(&settings(&[ALL_USED, variables].concat()), &facts);
        let expected = expected.replace("{pool}", BEHIND_POOL);
        assert_eq!(found(&checks), expected, "{what}: {checks:#?}");
        assert_helps(&checks);
        let fix = checks
            .iter()
            .find(|check| !check.fix.is_empty())
            .map_or("", |check| &check.fix);
        for name in *names {
            assert!(fix.contains(name), "{what}: {name} is not in {fix:?}");
        }
    }
}

/// Every answer about both pools, with every answer about groups, and with every one about app clients: no check looks at
/// groups and app clients.
#[test]
fn every_combination_of_answers_leads_to_a_report_that_helps() {
    let good = facts();
    let groups = answers(&strings(&["admins"])).into_iter().map(Some);
    let groups: Vec<_> = groups.chain([None]).collect();
    let mut others = vec![];
    for of_source in &groups {
        for of_destination in &groups {
            let mut facts = good.clone();
            facts.source.groups = of_source.clone();
            facts.destination.groups = of_destination.clone();
            others.push(facts);
        }
    }
    for clients in answers(good.clients.as_ref().unwrap()) {
        let source_clients = Some(clients.clone());
        others.push(PoolsFacts {
            clients,
            source_clients,
            ..good.clone()
        });
    }
    let settings = [settings(ALL_USED), settings(&[])];
    for source_pool in answers(&pool()) {
        for destination_pool in answers(good.destination.pool.as_ref().unwrap()) {
            for other in &others {
                let mut facts = other.clone();
                // The source pool answers all questions of it in one way.
                if let Err(failure) = &source_pool {
                    facts.source_clients = Some(Err(failure.clone()));
                }
                facts.source.pool = source_pool.clone();
                facts.destination.pool = destination_pool.clone();
                for settings in &settings {
                    assert_helps(&pools(settings, &facts));
                }
            }
        }
    }
}

/// An `ok` says why: "not needed" is not "compared".
#[test]
fn what_is_in_order_says_what_was_seen() {
    const IGNORE: &[(&str, &str)] = &[("ON_FORGOT_PASSWORD", "ignore")];
    type Seen<'a> = (
        CheckId,
        &'a [(&'a str, &'a str)],
        fn(&mut PoolsFacts),
        &'a str,
    );
    #[rustfmt::skip]
    let cases: &[Seen] = &[
        (CheckId::DestinationPool, &[], |_| {}, "eu-west-1_New1 exists, with about 5 users."),
        (CheckId::DestinationTrigger, &[], |_| {}, "does not guard sign-ups"),
        (CheckId::DestinationTrigger, &[], |facts| destination(facts).triggers.pre_sign_up = Some(format!("{ARN}-2")),
         "does not guard sign-ups"),
        (CheckId::DestinationTrigger, &[],
         |facts| destination(facts).triggers.pre_sign_up = Some(format!("{ARN}:live")), "It guards sign-ups too"),
        (CheckId::DestinationTrigger, &[],
         |facts| destination(facts).triggers.user_migration = Some(format!("{ARN}:live")), "user-migration:live to look"),
        (CheckId::DestinationClients, &[], |_| {}, "The app client allows"),
        (CheckId::DestinationClients, &[], |facts| clients(facts).listed.push(client()), "All 2 app clients allow"),
        (CheckId::DestinationClients, &[],
         |facts| { *clients(facts) = AppClients { listed: vec![client(), client()], more: true } },
         "The first 2 app clients allow"),
        (CheckId::DestinationSchema, &[], |_| {}, "fits the destination pool"),
        (CheckId::DestinationSchema, &[], |facts| source_fails(facts, Cause::NotAllowed), "nothing was compared"),
        (CheckId::DestinationMfa, &[], |facts| destination(facts).mfa = PoolMfa::Off, "MFA is off"),
        (CheckId::DestinationMfa, &[], |_| {}, "MFA is optional"),
        (CheckId::DestinationMfa, &[("STATIC_ATTRIBUTES", r#"{"phone_number": "+15550100"}"#)],
         |facts| destination(facts).mfa = PoolMfa::On, "every user has a phone number"),
        (CheckId::DestinationRecovery, IGNORE, |_| {}, "Not needed"),
        (CheckId::DestinationRecovery, &[], |_| {}, "go to email,phone_number."),
        (CheckId::DestinationRecovery, &[("RESET_CONTACTS", "email")],
         |facts| destination(facts).recovery = vec![Recovery::VerifiedEmail], "go to email."),
        (CheckId::DestinationPassword, &[], |_| {}, "at least as strict"),
        (CheckId::DestinationMark, &[], |_| {}, "Not needed"),
        (CheckId::DestinationMark, ALL_USED, |_| {}, "no user can write it"),
        (CheckId::DestinationGroups, ALL_USED, |_| {}, "Members get these groups: admins, staff."),
        (CheckId::DestinationGroups, ALL_USED, |facts| facts.source.groups = Some(Ok(vec![])), "No group is given"),
        (CheckId::DestinationGroups, &[], |facts| facts.source.groups = None, "Not needed"),
        (CheckId::PoolsCase, &[], |_| {}, "Neither pool"),
        (CheckId::PoolsCase, &[],
         |facts| { destination(facts).case_sensitive = true; source_pool(facts).case_sensitive = true; }, "Both pools"),
        (CheckId::PoolsSame, &[], |_| {}, "different pools"),
        (CheckId::PoolsWritable, &[], |facts| facts.source_clients = None, "Not needed"),
        (CheckId::PoolsWritable, &[], |_| {}, "Not needed"),
        (CheckId::PoolsWritable, ALL_USED, |_| {}, "Users can write no copied custom attribute"),
    ];
    for (id, variables, change, words) in cases {
        let mut facts = facts();
        change(&mut facts);
        let checks = pools(&settings(variables), &facts);
        let check = check(&checks, *id);
        assert_eq!(check.status, Status::Ok, "{check:?}");
        assert!(check.detail.contains(words), "{words} is not in {check:?}");
    }
}

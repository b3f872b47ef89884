//! The checks against facts: tables of what can be broken.

use std::{collections::BTreeMap, mem::take};

use rules::{
    checks::{Answer, Check, CheckId, Status, Why},
    evidence::PoolMfa,
    outcome::{Cause, Failure},
    password::PasswordPolicy,
    pool::{
        AppClient, AppClients, DataType, Recovery, SchemaAttribute, Triggers, UserPoolDescription,
    },
    sensitive::Sensitive,
    settings::Settings,
};

use strum::VariantArray as _;

use super::*;

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

/// The settings that these variables make of the least that is needed.
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

/// `good`, and every answer that a check tells apart from it.
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
        triggers: Triggers::default(),
        schema: vec![
            text("sub", 1, 2048),
            text("email", 0, 2048),
            text("custom:tenant", 0, 256),
        ],
        alias_attributes: vec![],
        username_attributes: strings(&["email"]),
        case_sensitive: false,
        mfa: PoolMfa::Optional,
        passwords: POLICY,
        recovery: vec![Recovery::VerifiedEmail, Recovery::VerifiedPhoneNumber],
        verified_before_update: strings(&["email"]),
        deletion_protected: true,
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

/// What is not in order, as `STATUS id`, separated by commas.
fn found(checks: &[Check]) -> String {
    let bad: Vec<_> = checks
        .iter()
        .filter(|check| check.status != Status::Ok)
        .map(|check| format!("{} {}", name(check.status), check.id.as_str()))
        .collect();
    bad.join(", ")
}

fn name(status: Status) -> &'static str {
    match status {
        Status::Ok => "Ok",
        Status::Warn => "Warn",
        Status::Fail => "Fail",
        Status::Skipped(_) => "Skipped",
    }
}

fn check(checks: &[Check], id: CheckId) -> &Check {
    checks.iter().find(|check| check.id == id).unwrap()
}

/// Whatever was found: what is not in order has a fix. What is skipped points to its cause, or says itself what to do.
/// No secret is shown.
#[track_caller]
fn assert_helps(checks: &[Check]) {
    for check in checks {
        assert!(!check.detail.is_empty(), "{checks:#?}");
        for text in [&check.detail, &check.fix] {
            assert!(!text.contains(SECRET), "{checks:#?}");
        }
        let is_ok = check.status == Status::Ok;
        assert_eq!(check.fix.is_empty(), is_ok, "{check:?} of {checks:#?}");
        let skipped = matches!(check.status, Status::Skipped(_));
        let points = check.status == Status::Skipped(Why::OtherCheck);
        assert_eq!(
            points,
            skipped && check.fix.starts_with("See "),
            "{check:?}"
        );
        if let Some(id) = check.fix.strip_prefix("See ").filter(|_| points) {
            let id = id.strip_suffix('.').unwrap();
            let points = |other: &Check| other.id.as_str() == id && other.status != Status::Ok;
            let cause = checks.iter().find(|other| points(other));
            // Nothing points further than to the cause.
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

/// Settings that use all that can be checked.
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
        function_arn: Some(ARN.to_owned()),
    }
}

#[test]
fn every_check_of_the_pools_stands_in_one_report() {
    let ids: Vec<_> = super::pools(&settings(&[]), &facts())
        .iter()
        .map(|check| check.id)
        .collect();
    let of_pools = |id: &CheckId| !id.as_str().starts_with("source.") && *id != CheckId::TimeSource;
    let known: Vec<_> = CheckId::VARIANTS.iter().copied().filter(of_pools).collect();
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

/// Every question about the destination pool is answered so.
fn destination_fails(facts: &mut PoolsFacts, cause: Cause) {
    facts.destination.pool = Err(failure(cause));
    facts.destination.groups = Some(Err(failure(cause)));
    facts.clients = Err(failure(cause));
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

/// One thing that is broken, what is found, and what the fix names.
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
         |facts| destination(facts).username_attributes.clear(), "Warn destination.username", &["DST_USERNAME"]),
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
         |facts| source_pool(facts).case_sensitive = true, "Warn pools.case", &["SRC_LOOKUP", "SRC_USER_POOL_ID"]),
        ("pools that distinguish case, and a look-up that does not", &[("SRC_LOOKUP", "preferred_username")],
         |facts| { destination(facts).case_sensitive = true; source_pool(facts).case_sensitive = true; },
         "Warn pools.case", &["SRC_USER_POOL_ID"]),
        ("pools that distinguish case, and a look-up of numbers", &[("SRC_LOOKUP", "phone_number")],
         |facts| { destination(facts).case_sensitive = true; source_pool(facts).case_sensitive = true; }, "", &[]),
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

#[test]
fn every_combination_of_answers_leads_to_a_report_that_helps() {
    let good = facts();
    let groups = answers(&strings(&["admins"])).into_iter().map(Some);
    let groups: Vec<_> = groups.chain([None]).collect();
    let settings = [settings(ALL_USED), settings(&[])];
    for source_pool in answers(&pool()) {
        for source_groups in &groups {
            for destination_pool in answers(good.destination.pool.as_ref().unwrap()) {
                for destination_groups in &groups {
                    for clients in answers(good.clients.as_ref().unwrap()) {
                        let mut facts = good.clone();
                        // The source pool answers all questions of it in one way.
                        let source = source_pool.as_ref().map(|_| clients.clone());
                        facts.source_clients =
                            Some(source.unwrap_or_else(|failure| Err(failure.clone())));
                        facts.source.pool = source_pool.clone();
                        facts.source.groups = source_groups.clone();
                        facts.destination.pool = destination_pool.clone();
                        facts.destination.groups = destination_groups.clone();
                        facts.clients = clients;
                        for settings in &settings {
                            assert_helps(&pools(settings, &facts));
                        }
                    }
                }
            }
        }
    }
}

/// What is `ok` says why: "not needed" is not "compared".
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
         |facts| destination(facts).mfa = PoolMfa::On, "everybody has a phone number"),
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

#[test]
fn each_app_client_is_named_for_what_is_wrong_with_it() {
    let mut facts = facts();
    let named = |name: &str| AppClient {
        name: name.to_owned(),
        ..client()
    };
    clients(&mut facts).listed = vec![
        AppClient {
            prevents_user_existence_errors: false,
            ..named("web")
        },
        without_password_flow(named("srp")),
        AppClient {
            user_password_flow: false,
            ..named("admin")
        },
    ];
    let checks = pools(&settings(&[]), &facts);
    let detail = &check(&checks, CheckId::DestinationClients).detail;
    assert_eq!(
        detail,
        "These app clients allow no password flow, so nobody is migrated through them: srp. \
         These app clients tell who exists (PreventUserExistenceErrors LEGACY): web."
    );
}

#[test]
fn groups_are_named_as_given_missing_and_unknown() {
    let mut facts = facts();
    facts.destination.groups = Some(Ok(strings(&["staff"])));
    let named = [ALL_USED, &[("COPY_GROUPS", "admins,staff,editors")]].concat();
    let checks = pools(&settings(&named), &facts);
    assert_eq!(
        check(&checks, CheckId::DestinationGroups).detail,
        "Members get these groups: staff. The destination pool lacks admins. The source pool has no group editors."
    );
}

#[test]
fn the_user_name_fits_the_kind_of_pool() {
    #[rustfmt::skip]
    let cases = [
        ("none", false, true, Status::Ok, "what people type: email."),
        ("none", true, false, Status::Fail, "alias email"),
        ("none", false, false, Status::Ok, "the user name that they type."),
        ("username", false, true, Status::Fail, "email is the user name"),
        ("username", true, false, Status::Ok, "is returned where an alias is typed"),
        ("username", false, false, Status::Warn, "another one than they type"),
        ("sub", false, true, Status::Fail, "email is the user name"),
        ("sub", true, false, Status::Ok, "is returned where an alias is typed"),
        ("sub", false, false, Status::Warn, "another one than they type"),
    ];
    for (setting, has_aliases, is_address, status, words) in cases {
        let mut facts = facts();
        let email = |exists: bool| if exists { strings(&["email"]) } else { vec![] };
        destination(&mut facts).alias_attributes = email(has_aliases);
        destination(&mut facts).username_attributes = email(is_address);
        let checks = pools(&settings(&[("DST_USERNAME", setting)]), &facts);
        let check = check(&checks, CheckId::DestinationUsername);
        assert_eq!(check.status, status, "{setting} {has_aliases} {is_address}");
        assert!(check.detail.contains(words), "{check:?}");
    }
}

#[test]
fn a_reset_needs_a_contact_that_is_copied_and_that_the_destination_pool_writes_to() {
    use Recovery::{AdminOnly, VerifiedEmail, VerifiedPhoneNumber};
    const NO_EMAIL: &str = r#"{"email": null}"#;
    const NO_FLAG: &str = r#"{"email_verified": null}"#;
    const NO_PHONE: &str = r#"{"phone_number": null}"#;
    const NEITHER: &str = r#"{"email": null, "phone_number_verified": null}"#;
    #[rustfmt::skip]
    let cases = [
        ("{}", vec![VerifiedEmail], Status::Warn, "no verified contact but phone_number,"),
        ("{}", vec![VerifiedPhoneNumber], Status::Warn, "no verified contact but email,"),
        ("{}", vec![], Status::Ok, "go to email,phone_number."),
        ("{}", vec![AdminOnly], Status::Fail, "only an administrator"),
        (NO_EMAIL, vec![VerifiedEmail], Status::Fail, "a contact that is not copied"),
        (NO_FLAG, vec![VerifiedEmail], Status::Fail, "a contact that is not copied"),
        (NO_EMAIL, vec![VerifiedEmail, VerifiedPhoneNumber], Status::Ok, "go to phone_number."),
        (NO_PHONE, vec![VerifiedEmail], Status::Ok, "go to email."),
        (NO_PHONE, vec![VerifiedPhoneNumber], Status::Fail, "a contact that is not copied"),
        (NO_PHONE, vec![], Status::Ok, "go to email."),
        (NO_EMAIL, vec![], Status::Ok, "go to phone_number."),
        (NO_EMAIL, vec![AdminOnly], Status::Fail, "only an administrator"),
        (NEITHER, vec![], Status::Fail, "No verified contact is copied"),
    ];
    for (map, recovery, status, words) in cases {
        let mut facts = facts();
        destination(&mut facts).recovery = recovery.clone();
        let checks = pools(&settings(&[("ATTRIBUTE_MAP", map)]), &facts);
        let check = check(&checks, CheckId::DestinationRecovery);
        assert_eq!(check.status, status, "{map} {recovery:?}: {check:?}");
        assert!(check.detail.contains(words), "{check:?}");
    }
}

#[test]
fn a_mark_must_fit_and_be_out_of_the_users_reach() {
    let number = SchemaAttribute {
        data_type: DataType::Number,
        minimum: None,
        maximum: None,
        ..text(MARK, 0, 0)
    };
    let immutable = SchemaAttribute {
        mutable: false,
        ..text(MARK, 0, 256)
    };
    let unlimited = SchemaAttribute {
        minimum: None,
        maximum: None,
        ..text(MARK, 0, 0)
    };
    #[rustfmt::skip]
    let cases = [
        (text(MARK, 0, 256), Some(&["email"]), Status::Ok),
        (text(MARK, 0, 256), None, Status::Fail),
        (unlimited, Some(&["name"]), Status::Ok),
        (text(MARK, 40, 46), Some(&["name"]), Status::Ok),
        (text(MARK, 41, 46), Some(&["name"]), Status::Fail),
        (text(MARK, 0, 45), Some(&["name"]), Status::Fail),
        (number, Some(&["name"]), Status::Fail),
        (immutable, Some(&["name"]), Status::Fail),
        (text(MARK, 0, 256), Some(&[MARK]), Status::Fail),
    ];
    for (attribute, writable, status) in cases {
        let mut facts = facts();
        set_attribute(destination(&mut facts), attribute.clone());
        clients(&mut facts).listed.push(AppClient {
            writable: writable.map(|names| strings(names)),
            ..client()
        });
        let checks = pools(&settings(ALL_USED), &facts);
        let check = check(&checks, CheckId::DestinationMark);
        assert_eq!(
            check.status, status,
            "{attribute:?} {writable:?}: {check:?}"
        );
    }
}

/// What keeps every post-migration step from running comes before what may be wrong with clients that were not seen.
#[test]
fn a_mark_is_not_vouched_for_beyond_the_app_clients_that_were_looked_at() {
    for (more, has_trigger, words) in [
        (false, true, "The mark fits, and"),
        (true, true, "Only the first 1 app clients"),
        (true, false, "no post-migration step runs"),
    ] {
        let mut facts = facts();
        clients(&mut facts).more = more;
        let triggers = &mut destination(&mut facts).triggers;
        triggers.post_authentication = has_trigger.then(|| ARN.to_owned());
        let checks = pools(&settings(ALL_USED), &facts);
        let detail = &check(&checks, CheckId::DestinationMark).detail;
        assert!(detail.contains(words), "{detail}");
    }
}

#[test]
fn a_mark_is_safe_from_users_only_where_no_app_client_lets_them_write_it() {
    let client = |name: &str, writable: Option<&[&str]>| AppClient {
        name: name.to_owned(),
        writable: writable.map(strings),
        ..clients(&mut facts()).listed[0].clone()
    };
    let none = client("none", Some(&[]));
    for (listed, expected) in [
        (vec![], None),
        (vec![none.clone(), client("b", Some(&["email"]))], None),
        (
            vec![none.clone(), client("b", Some(&["email", MARK]))],
            Some("b can write their own mark,"),
        ),
        (
            vec![none, client("b", None)],
            Some("b can write their own mark, because it sets no WriteAttributes,"),
        ),
    ] {
        let clients = AppClients {
            listed,
            more: false,
        };
        let check = written_mark(MARK, &clients);
        let Some(part) = expected else {
            assert_eq!(check, None, "{clients:?}");
            continue;
        };
        let check = check.unwrap();
        assert_eq!(
            (check.id, check.status),
            (CheckId::DestinationMark, Status::Fail)
        );
        assert!(check.detail.contains(part), "{}", check.detail);
    }
}

/// Who may change a sign-in address to one that was not verified, through which clients.
#[test]
fn a_sign_in_contact_is_open_where_a_client_may_write_it_and_the_pool_does_not_wait() {
    let fixed = SchemaAttribute {
        mutable: false,
        ..text("email", 0, 2048)
    };
    type Case<'a> = (
        &'a [&'a str],
        &'a [&'a str],
        Option<&'a [&'a str]>,
        Option<SchemaAttribute>,
        Option<&'a str>,
    );
    #[rustfmt::skip]
    let cases: &[Case] = &[
        // What the pool signs users in by, what waits, what the client may write, the schema of the address, what is open.
        (&["email"], &[], Some(&["email"]), None, Some("email")),
        (&["email"], &[], None, None, Some("email")),
        (&["email"], &[], Some(&["name"]), None, None),
        (&["email"], &[], Some(&["name"]), Some(required(text("email", 0, 2048))), Some("email")),
        (&["email"], &[], None, Some(fixed), None),
        (&["email"], &["email"], None, None, None),
        (&["email"], &["phone_number"], None, None, Some("email")),
        (&["email", "phone_number"], &["email"], None, None, Some("phone_number")),
        (&["email", "phone_number"], &[], None, None, Some("email, phone_number")),
        (&["preferred_username"], &[], None, None, None),
        (&[], &[], None, None, None),
    ];
    for (signs_in_by, waits, writable, address, open) in cases {
        for as_alias in [true, false] {
            let mut facts = facts();
            let pool = destination(&mut facts);
            pool.username_attributes.clear();
            let names = match as_alias {
                true => &mut pool.alias_attributes,
                false => &mut pool.username_attributes,
            };
            *names = strings(signs_in_by);
            pool.verified_before_update = strings(waits);
            if let Some(address) = address {
                set_attribute(pool, address.clone());
            }
            only_client(&mut facts).writable = writable.map(strings);
            let checks = pools(&settings(&[]), &facts);
            let check = check(&checks, CheckId::DestinationClients);
            let expected =
                open.map(|open| format!("sign in to the destination pool by {open}, and"));
            match expected {
                Some(words) => assert!(check.detail.contains(&words), "{check:?}"),
                None => assert!(
                    !check.detail.contains("sign in to the destination pool by"),
                    "{check:?}"
                ),
            }
        }
    }
}

/// Which names and contacts of the source pool more than one user can have, and the destination pool signs users in by.
#[test]
fn a_sign_in_name_that_the_source_pool_does_not_keep_unique_is_found() {
    const DROP: (&str, &str) = ("UNVERIFIED_CONTACTS", "drop");
    const NO_NAME: (&str, &str) = ("ATTRIBUTE_MAP", r#"{"preferred_username": null}"#);
    const OTHER_NAME: (&str, &str) = ("ATTRIBUTE_MAP", r#"{"preferred_username": "nickname"}"#);
    const INTO_NAME: (&str, &str) = ("ATTRIBUTE_MAP", r#"{"nickname": "preferred_username"}"#);
    const INTO_EMAIL: (&str, &str) = ("ATTRIBUTE_MAP", r#"{"custom:mail": "email"}"#);
    const SAME_EMAIL: (&str, &str) = ("STATIC_ATTRIBUTES", r#"{"email": "all@example.com"}"#);
    const NAME: &str = "preferred_username";
    type Case<'a> = (
        Option<(&'a str, &'a str)>,
        &'a [&'a str],
        &'a [&'a str],
        Status,
        &'a str,
    );
    #[rustfmt::skip]
    let cases: &[Case] = &[
        // The setting, the sign-in names of the source pool, those of the destination pool.
        (None, &[], &["email"], Status::Warn, "by email, and"),
        (None, &["email"], &["email"], Status::Ok, ""),
        (None, &["phone_number"], &["email", "phone_number"], Status::Warn, "by email, and"),
        (None, &[], &["email", "phone_number"], Status::Warn, "by email, phone_number, and"),
        (Some(DROP), &[], &["email"], Status::Ok, ""),
        (Some(INTO_EMAIL), &["email"], &["email"], Status::Warn, "by email, and"),
        (Some(SAME_EMAIL), &[], &["email"], Status::Ok, ""),
        (None, &[], &[NAME], Status::Fail, "by preferred_username"),
        (Some(DROP), &[], &[NAME], Status::Fail, "by preferred_username"),
        (None, &[NAME], &[NAME], Status::Ok, ""),
        (None, &[NAME], &[NAME, "email"], Status::Warn, "by email, and"),
        (Some(NO_NAME), &[], &[NAME], Status::Ok, ""),
        (Some(OTHER_NAME), &[], &[NAME], Status::Ok, ""),
        (Some(INTO_NAME), &[NAME], &[NAME], Status::Fail, "by preferred_username"),
    ];
    for (setting, of_source, of_destination, status, words) in cases {
        for as_alias in [true, false] {
            // preferred_username is an alias or nothing, and a pool has names of one kind.
            if !as_alias && of_destination.contains(&NAME) {
                continue;
            }
            let mut facts = facts();
            set_attribute(source_pool(&mut facts), text("custom:mail", 0, 256));
            source_pool(&mut facts).username_attributes.clear();
            source_pool(&mut facts).alias_attributes = strings(of_source);
            let pool = destination(&mut facts);
            pool.username_attributes.clear();
            match as_alias {
                true => pool.alias_attributes = strings(of_destination),
                false => pool.username_attributes = strings(of_destination),
            }
            let kind = ("DST_USERNAME", if as_alias { "username" } else { "none" });
            let variables: Vec<_> = setting.iter().copied().chain([kind]).collect();
            let checks = pools(&settings(&variables), &facts);
            let check = check(&checks, CheckId::DestinationUsername);
            assert_eq!(
                check.status, *status,
                "{setting:?} {of_destination:?}: {check:?}"
            );
            assert!(check.detail.contains(words), "{check:?}");
        }
    }
}

/// Nothing is asked for where nothing depends on the source pool.
#[test]
fn an_unknown_source_pool_leaves_the_user_name_judged_where_it_does_not_matter() {
    for (variables, status) in [
        (&[][..], Status::Skipped(Why::NoPermission)),
        (&[("UNVERIFIED_CONTACTS", "drop")], Status::Ok),
        (&[("ATTRIBUTE_MAP", r#"{"email": null}"#)], Status::Ok),
        (&[("DST_USERNAME", "sub")], Status::Fail),
    ] {
        let mut facts = facts();
        source_fails(&mut facts, Cause::NotAllowed);
        let checks = pools(&settings(variables), &facts);
        let check = check(&checks, CheckId::DestinationUsername);
        assert_eq!(check.status, status, "{variables:?}: {check:?}");
    }
}

#[test]
fn a_copied_attribute_is_trusted_where_only_users_of_the_source_pool_can_write_it() {
    const TENANT: &str = "custom:tenant";
    const ALL: &str = r#"{"custom:*": "custom:*"}"#;
    const SAME: &str = r#"{"custom:tenant": "custom:tenant"}"#;
    const RENAMED: &str = r#"{"custom:tenant": "custom:org"}"#;
    const INTO_NAME: &str = r#"{"custom:tenant": "nickname"}"#;
    type Case<'a> = (&'a str, Option<&'a [&'a str]>, Option<&'a [&'a str]>, bool);
    #[rustfmt::skip]
    let cases: &[Case] = &[
        // The map, what the client of the source pool lets write, what that of the destination pool does.
        (SAME, Some(&[TENANT]), Some(&["email"]), true),
        (SAME, None, Some(&["email"]), true),
        (SAME, None, None, false),
        (SAME, Some(&[TENANT]), Some(&[TENANT]), false),
        (SAME, Some(&["email"]), Some(&["email"]), false),
        (ALL, Some(&[TENANT]), Some(&["email"]), true),
        (ALL, Some(&["email"]), Some(&["email"]), false),
        (RENAMED, Some(&[TENANT]), Some(&[TENANT]), true),
        (RENAMED, Some(&[TENANT]), Some(&["custom:org"]), false),
        (INTO_NAME, Some(&[TENANT]), Some(&["email"]), true),
        // A required attribute can be written through every client.
        (r#"{"custom:tenant": "name"}"#, Some(&[TENANT]), Some(&["email"]), false),
        (r#"{"custom:staff": "custom:tenant"}"#, Some(&["email"]), Some(&["email"]), true),
        // No custom attribute of the source pool.
        (r#"{"nickname": "custom:tenant"}"#, Some(&["nickname"]), Some(&["email"]), false),
        (r#"{"custom:tenant": null}"#, Some(&[TENANT]), Some(&["email"]), false),
    ];
    for (map, of_source, of_destination, trusted) in cases {
        let mut facts = facts();
        set_attribute(
            source_pool(&mut facts),
            required(text("custom:staff", 0, 256)),
        );
        for attribute in [
            text("custom:org", 0, 256),
            text("custom:staff", 0, 256),
            required(text("name", 0, 2048)),
        ] {
            set_attribute(destination(&mut facts), attribute);
        }
        // Only what is tried differs.
        source_clients(&mut facts).listed[0].writable = of_source.map(strings);
        let staff = "custom:staff".to_owned();
        let mut writable = of_destination.map(strings);
        writable
            .iter_mut()
            .for_each(|names| names.push(staff.clone()));
        only_client(&mut facts).writable = writable;
        let checks = pools(&settings(&[("ATTRIBUTE_MAP", map)]), &facts);
        let check = check(&checks, CheckId::PoolsWritable);
        assert_eq!(
            check.status == Status::Warn,
            *trusted,
            "{map} {of_source:?} {of_destination:?}: {check:?}"
        );
        assert_eq!(check.status == Status::Ok, !trusted, "{check:?}");
    }
}

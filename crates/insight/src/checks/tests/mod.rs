//! Tests of the checks: tables of single faults.

use std::mem::take;

use rules::{
    checks::CheckId,
    evidence::PoolMfa,
    outcome::Cause,
    password::PasswordPolicy,
    pool::{AppClient, DataType, Recovery, SchemaAttribute, UserPoolDescription},
    protocol::Status,
};
use strum::VariantArray as _;

use super::*;
use crate::{described::AppClients, test_support::*};

mod clients;
mod mark;
mod trigger;
mod username;
mod writable;

const DESTINATION: &str = "eu-west-1_New1";
/// A version of the function, and another function.
const LIVE: &str = "arn:aws:lambda:eu-west-1:111122223333:function:user-migration:live";
const OTHER: &str = "arn:aws:lambda:eu-west-1:111122223333:function:user-migration-2";
const MARK: &str = "custom:migration";

/// Settings that need every check.
const ALL_USED: &str = r#"ATTRIBUTE_MAP={"custom:tenant":"custom:tenant"} MIGRATION_MARK=custom:migration COPY_GROUPS=*"#;

type Change = fn(&mut PoolsFacts);

fn facts() -> PoolsFacts {
    let groups = || Some(Ok(names("admins staff")));
    let clients = |client| {
        Ok(AppClients {
            listed: vec![client],
            more: false,
        })
    };
    let mut destination = pool_by_email();
    destination.triggers.user_migration = Some(ARN.to_owned());
    destination.triggers.post_authentication = Some(ARN.to_owned());
    destination.schema.push(text(MARK, 0, 256));
    PoolsFacts {
        source: PoolFacts {
            id: SOURCE.to_owned(),
            pool: Ok(pool_by_email()),
            groups: groups(),
        },
        destination: PoolFacts {
            id: DESTINATION.to_owned(),
            pool: Ok(destination),
            groups: groups(),
        },
        clients: clients(AppClient {
            readable: Some(names("email custom:old custom:tenant")),
            ..client()
        }),
        source_clients: Some(clients(client())),
        email_mfa: Some(Ok(false)),
        function_arn: Some(ARN.to_owned()),
    }
}

fn judged(variables: &str, change: impl FnOnce(&mut PoolsFacts)) -> Vec<Check> {
    let mut facts = facts();
    change(&mut facts);
    pools(&settings(variables), &facts)
}

fn new(facts: &mut PoolsFacts) -> &mut UserPoolDescription {
    facts.destination.pool.as_mut().unwrap()
}

fn old(facts: &mut PoolsFacts) -> &mut UserPoolDescription {
    facts.source.pool.as_mut().unwrap()
}

fn clients(facts: &mut PoolsFacts) -> &mut AppClients {
    facts.clients.as_mut().unwrap()
}

fn only_client(facts: &mut PoolsFacts) -> &mut AppClient {
    &mut clients(facts).listed[0]
}

fn old_clients(facts: &mut PoolsFacts) -> &mut AppClients {
    facts.source_clients.as_mut().unwrap().as_mut().unwrap()
}

fn without_password_flow(client: AppClient) -> AppClient {
    AppClient {
        user_password_flow: false,
        admin_password_flow: false,
        ..client
    }
}

/// The triggers by which the destination pool calls the function.
fn calls(facts: &mut PoolsFacts, arn: &str) {
    new(facts).triggers.user_migration = Some(arn.to_owned());
    new(facts).triggers.post_authentication = Some(arn.to_owned());
}

/// Replaces an attribute of a schema, or adds it.
fn set(pool: &mut UserPoolDescription, attribute: SchemaAttribute) {
    pool.schema.retain(|known| known.name != attribute.name);
    pool.schema.push(attribute);
}

/// Gives this answer to every question about the destination pool.
fn new_fails(facts: &mut PoolsFacts, cause: Cause) {
    facts.destination.pool = fails(cause);
    facts.destination.groups = Some(fails(cause));
    facts.clients = fails(cause);
    facts.email_mfa = None;
}

fn old_fails(facts: &mut PoolsFacts, cause: Cause) {
    facts.source.pool = fails(cause);
    facts.source.groups = Some(fails(cause));
    facts.source_clients = Some(fails(cause));
}

#[test]
fn every_check_of_the_pools_stands_in_one_report() {
    let checks = judged("", |_| {});
    let ids: Vec<_> = checks.iter().map(|check| check.id.as_str()).collect();
    let of_pools = |id: &String| !id.starts_with("source.") && id != "time.source";
    let known = CheckId::VARIANTS.iter().map(|id| id.name());
    let known: Vec<_> = known.filter(of_pools).collect();
    assert_eq!(ids, known);
}

#[test]
fn nothing_is_found_where_all_is_in_order() {
    for variables in [ALL_USED, ""] {
        assert_eq!(found(&judged(variables, |_| {})), "", "{variables}");
    }
}

/// Each fault, with the finding and words of the fix.
#[test]
fn one_broken_thing_is_one_finding_with_a_fix_that_names_it() {
    use Cause::{Busy, NotAllowed, NotFound, Unreachable};
    use Recovery::{AdminOnly, VerifiedEmail, VerifiedPhoneNumber};
    const BEHIND_NEW: &str = "Skipped destination.trigger, Skipped destination.clients, Skipped destination.schema, \
                              Skipped destination.username, Skipped destination.mfa, Skipped destination.recovery, \
                              Skipped destination.password, Skipped destination.mark, Skipped destination.groups, \
                              Skipped pools.case, Skipped pools.writable";
    const BEHIND_OLD: &str = "Skipped destination.username, Skipped destination.password, Skipped destination.groups, \
                              Skipped pools.case, Skipped pools.writable";
    // A user who can write the old sub can write the mark, which is judged elsewhere.
    const OLD_SUB: &str = r#"ATTRIBUTE_MAP={"sub":"custom:old"} MIGRATION_MARK= COPY_GROUPS="#;
    const STATIC: &str = r#"STATIC_ATTRIBUTES={"custom:origin":"old"}"#;
    const BY_NUMBER: &str = "SRC_LOOKUP=phone_number";
    /// An attribute for what tells users apart, which they can write or not.
    fn keeps_old(facts: &mut PoolsFacts, writable: Option<&str>) {
        set(new(facts), text("custom:old", 0, 128));
        only_client(facts).writable = writable.map(names);
    }
    #[rustfmt::skip]
    let cases: &[(&str, &str, Change, &str, &[&str])] = &[
        ("a destination pool that does not exist", "", |f| new_fails(f, NotFound), "Fail destination.pool, {new}",
         &["id of the destination pool", "Region"]),
        ("a destination pool that cannot be reached", "", |f| new_fails(f, Unreachable), "Fail destination.pool, {new}",
         &["Try again"]),
        ("a destination pool of which nothing may be looked at", "", |f| new_fails(f, NotAllowed),
         "Skipped destination.pool, {new}", &["cognito-idp:DescribeUserPool ", DESTINATION]),
        ("a destination pool that may not be described", "", |f| f.destination.pool = fails(NotAllowed),
         "Skipped destination.pool, Skipped destination.trigger, Skipped destination.schema, Skipped \
          destination.username, Skipped destination.mfa, Skipped destination.recovery, Skipped \
          destination.password, Skipped destination.mark, Skipped pools.case, Skipped pools.writable",
         &["cognito-idp:DescribeUserPool ", DESTINATION]),
        ("app clients that may not be looked at", "", |f| f.clients = fails(NotAllowed),
         "Skipped destination.clients, Skipped destination.mark, Skipped pools.writable",
         &["cognito-idp:ListUserPoolClients", "cognito-idp:DescribeUserPoolClient", DESTINATION]),
        ("app clients that could not be asked for", "", |f| f.clients = fails(Busy),
         "Fail destination.clients, Skipped destination.mark, Skipped pools.writable",
         &["could not be asked for", "Try again"]),
        ("a destination pool that a plan can delete", "", |f| new(f).deletion_protected = false,
         "Warn destination.pool", &["DeletionProtection", "deletion_protection"]),
        ("no trigger", "", |f| new(f).triggers.user_migration = None, "Fail destination.trigger",
         &["user_migration", "LambdaConfig.UserMigration", ARN]),
        ("another function as trigger", "", |f| new(f).triggers.user_migration = Some(OTHER.to_owned()),
         "Fail destination.trigger", &["user_migration", ARN]),
        ("an alias as both triggers", "", |f| calls(f, LIVE), "", &[]),
        ("the alias that was named", "", |f| { f.function_arn = Some(LIVE.to_owned()); calls(f, LIVE); }, "", &[]),
        ("another alias than the one that was named", "",
         |f| { f.function_arn = Some(LIVE.to_owned()); calls(f, &LIVE.replace("live", "beta")); },
         "Warn destination.trigger, Warn destination.mark", &["user_migration", "live"]),
        ("the function itself, where an alias was named", "", |f| f.function_arn = Some(LIVE.to_owned()),
         "Warn destination.trigger, Warn destination.mark", &["user_migration", "live"]),
        ("an alias of another function after a sign-in", "",
         |f| new(f).triggers.post_authentication = Some(format!("{OTHER}:live")), "Warn destination.mark",
         &["PostAuthentication", ARN]),
        ("a trigger, and the function is not named", "", |f| f.function_arn = None, "Skipped destination.trigger",
         &["Name the function"]),
        ("no trigger, and the function is not named", "",
         |f| { f.function_arn = None; new(f).triggers.user_migration = None; }, "Fail destination.trigger",
         &["LambdaConfig.UserMigration"]),
        ("a mark, no trigger after a sign-in, and the function is not named", "",
         |f| { f.function_arn = None; new(f).triggers.post_authentication = None; },
         "Skipped destination.trigger, Warn destination.mark", &["the function"]),
        ("no app client", "", |f| clients(f).listed.clear(), "Fail destination.clients", &["ALLOW_USER_PASSWORD_AUTH"]),
        ("no app client with a password flow", "", |f| clients(f).listed = vec![without_password_flow(client())],
         "Fail destination.clients", &["ALLOW_USER_PASSWORD_AUTH"]),
        ("an app client without a password flow beside another", "",
         |f| clients(f).listed.push(without_password_flow(client())), "Warn destination.clients",
         &["ALLOW_USER_PASSWORD_AUTH"]),
        ("an app client with either flow", "", |f| only_client(f).user_password_flow = false, "", &[]),
        ("an app client that tells who exists", "", |f| only_client(f).prevents_user_existence_errors = false,
         "Warn destination.clients", &["PreventUserExistenceErrors"]),
        ("a copied attribute that the app may not read", "", |f| only_client(f).readable = Some(names("email")),
         "Warn destination.clients", &["ReadAttributes"]),
        ("an app client that may read what is usual", "", |f| only_client(f).readable = None,
         "Warn destination.clients", &["ReadAttributes"]),
        ("a static attribute that the app may not read", STATIC, |f| set(new(f), text("custom:origin", 0, 20)),
         "Warn destination.clients", &["ReadAttributes"]),
        ("an old sub that no user can write", OLD_SUB, |f| keeps_old(f, Some("email")), "", &[]),
        ("an old sub that users can write", OLD_SUB, |f| keeps_old(f, Some("custom:old")), "Warn destination.clients",
         &["WriteAttributes", "ATTRIBUTE_MAP"]),
        ("an old user name that users can write", r#"ATTRIBUTE_MAP={"username":"custom:old"}"#,
         |f| keeps_old(f, Some("custom:old")), "Warn destination.clients", &["WriteAttributes", "ATTRIBUTE_MAP"]),
        ("an old sub, and an app client that says nothing", OLD_SUB, |f| keeps_old(f, None), "Warn destination.clients",
         &["WriteAttributes", "ATTRIBUTE_MAP"]),
        ("an address that users can change to one that they have not verified", "",
         |f| new(f).verified_before_update.clear(), "Warn destination.clients",
         &["AttributesRequireVerificationBeforeUpdate", "AutoVerifiedAttributes", "WriteAttributes"]),
        ("an address that the pool requires, and so every client may write", "",
         |f| {
             new(f).verified_before_update.clear();
             set(new(f), required(text("email", 0, 2048)));
             only_client(f).writable = Some(names("name"));
         },
         "Warn destination.clients",
         &["AttributesRequireVerificationBeforeUpdate", "every app client may write what the pool requires"]),
        ("contacts that are shared in the source pool", "", |f| old(f).username_attributes.clear(),
         "Warn destination.username", &["UNVERIFIED_CONTACTS to drop", "unproven_copy"]),
        ("a preferred user name that the source pool does not keep unique", "DST_USERNAME=username",
         |f| {
             new(f).username_attributes.clear();
             new(f).alias_attributes = names("preferred_username");
         },
         "Fail destination.username", &["ATTRIBUTE_MAP", "preferred_username to null"]),
        ("aliases without a user name", "", has_alias, "Fail destination.username",
         &["must not have the form of an alias", "DST_USERNAME"]),
        ("a user name where the address is one", "DST_USERNAME=sub", |_| {}, "Fail destination.username",
         &["DST_USERNAME"]),
        ("another user name than people type", "DST_USERNAME=sub", |f| new(f).username_attributes.clear(),
         "Fail destination.username", &["DST_USERNAME"]),
        ("a copied attribute that users of the source pool alone can write", "",
         |f| old_clients(f).listed[0].writable = Some(names("custom:tenant")), "Warn pools.writable",
         &["ATTRIBUTE_MAP", "judge their values", "WriteAttributes"]),
        ("more app clients of the source pool than were looked at", "", |f| old_clients(f).more = true,
         "Warn pools.writable", &["WriteAttributes"]),
        ("app clients of the source pool that may not be looked at", "",
         |f| f.source_clients = Some(fails(NotAllowed)), "Skipped pools.writable",
         &["cognito-idp:ListUserPoolClients", "cognito-idp:DescribeUserPoolClient", SOURCE]),
        ("a mapped attribute is missing, which the app may not read either", "",
         |f| { new(f).schema.retain(|known| known.name != "custom:tenant"); only_client(f).readable = Some(names("email")); },
         "Fail destination.schema", &["ATTRIBUTE_MAP", "STATIC_ATTRIBUTES"]),
        ("a required attribute to which nothing is mapped", "",
         |f| set(new(f), required(text("custom:region", 0, 20))), "Fail destination.schema",
         &["ATTRIBUTE_MAP", "STATIC_ATTRIBUTES"]),
        ("a static value that is too long", r#"STATIC_ATTRIBUTES={"custom:tenant":"somewhere"}"#,
         |f| set(new(f), text("custom:tenant", 0, 4)), "Fail destination.schema", &["STATIC_ATTRIBUTES"]),
        ("a required attribute that some users lack", "", |f| set(new(f), required(text("name", 0, 2048))),
         "Warn destination.schema", &["STATIC_ATTRIBUTES"]),
        ("an attribute that takes less", "", |f| set(new(f), text("custom:tenant", 0, 20)), "Warn destination.schema",
         &["ATTRIBUTE_MAP"]),
        ("a name that the source pool does not know", r#"ATTRIBUTE_MAP={"custom:tenent":"custom:tenant"}"#, |_| {},
         "Warn destination.schema", &["ATTRIBUTE_MAP"]),
        ("SMS MFA for a pool without MFA", "ON_MFA=sms", |f| new(f).mfa = PoolMfa::Off, "Fail destination.mfa",
         &["MfaConfiguration", "ON_MFA to refuse or reset"]),
        ("MFA for users without a phone number", "", |f| new(f).mfa = PoolMfa::On, "Warn destination.mfa",
         &["MFA in the destination pool", "ON_MFA"]),
        ("a reset by an administrator alone", "", |f| new(f).recovery = vec![AdminOnly], "Fail destination.recovery",
         &["only an administrator", "AccountRecoverySetting", "ON_FORGOT_PASSWORD"]),
        ("no verified contact is copied", r#"ATTRIBUTE_MAP={"email_verified":null,"phone_number":null}"#, |_| {},
         "Fail destination.recovery", &["ATTRIBUTE_MAP", "ON_FORGOT_PASSWORD"]),
        ("a recovery by what is not copied", r#"ATTRIBUTE_MAP={"email":null,"email_verified":null}"#,
         |f| new(f).recovery = vec![VerifiedEmail], "Fail destination.recovery",
         &["ATTRIBUTE_MAP", "AccountRecoverySetting"]),
        ("a contact to which no codes go", "", |f| new(f).recovery = vec![VerifiedEmail], "Warn destination.recovery",
         &["no verified contact but phone_number,", "RESET_CONTACTS to email,", "AccountRecoverySetting"]),
        ("a contact to which no codes go, after a sign-in", "ON_FORGOT_PASSWORD=ignore ON_MFA=reset",
         |f| new(f).recovery = vec![VerifiedPhoneNumber], "Warn destination.recovery",
         &["no verified contact but email,", "RESET_CONTACTS to phone_number,"]),
        ("only a contact to which no codes go", "RESET_CONTACTS=phone_number",
         |f| new(f).recovery = vec![VerifiedEmail], "Warn destination.recovery", &["RESET_CONTACTS to email,"]),
        ("a contact that is not made use of", "RESET_CONTACTS=email", |_| {}, "Warn destination.recovery",
         &["RESET_CONTACTS to email,phone_number."]),
        ("a contact that is not copied, and no other", r#"RESET_CONTACTS=email ATTRIBUTE_MAP={"email":null}"#, |_| {},
         "Fail destination.recovery", &["RESET_CONTACTS to phone_number."]),
        ("a code that would be due in the mailbox of the second factor", "", |f| f.email_mfa = Some(Ok(true)),
         "Warn destination.recovery", &["verified phone number", "second factors"]),
        ("second factors that may not be looked at", "", |f| f.email_mfa = Some(fails(NotAllowed)),
         "Skipped destination.recovery", &["cognito-idp:GetUserPoolMfaConfig", DESTINATION]),
        ("second factors that could not be asked for", "", |f| f.email_mfa = Some(fails(Busy)),
         "Fail destination.recovery", &["Try again"]),
        ("passwords that the destination pool would refuse", "", |f| old(f).passwords = PasswordPolicy::default(),
         "Warn destination.password", &[r#"PASSWORD_POLICY to {"minimumLength":8,"requireLowercase":true,"#,
         r#""requireUppercase":false,"requireNumbers":true,"requireSymbols":false}"#]),
        ("a source pool whose passwords are not known", "", |f| f.source.pool = fails(NotAllowed),
         "Skipped destination.username, Skipped destination.password, Skipped pools.case",
         &["cognito-idp:DescribeUserPool", SOURCE]),
        ("a policy that demands less", r#"PASSWORD_POLICY={"minimumLength":8}"#, |_| {}, "Warn destination.password",
         &["PASSWORD_POLICY to {"]),
        ("a policy that demands more",
         r#"PASSWORD_POLICY={"minimumLength":9,"requireLowercase":true,"requireNumbers":true}"#, |_| {},
         "Warn destination.password", &["PASSWORD_POLICY to {"]),
        ("a policy that demands something else",
         r#"PASSWORD_POLICY={"minimumLength":8,"requireLowercase":true,"requireSymbols":true}"#, |_| {},
         "Warn destination.password", &["PASSWORD_POLICY to {"]),
        ("the pool's own policy", r#"PASSWORD_POLICY={"minimumLength":8,"requireLowercase":true,"requireNumbers":true}"#,
         |f| old(f).passwords = PasswordPolicy::default(), "", &[]),
        ("no attribute for the mark", "MIGRATION_MARK=custom:unheard_of", |_| {}, "Fail destination.mark",
         &["MIGRATION_MARK", "Mutable"]),
        ("an attribute that does not hold the mark", "", |f| set(new(f), text(MARK, 0, 45)), "Fail destination.mark",
         &["MIGRATION_MARK", "Mutable", "40 to 46 characters"]),
        ("a mark that users can write", "", |f| only_client(f).writable = Some(names("name custom:migration")),
         "Fail destination.mark", &["app can write their own mark, and so claim", "MIGRATION_MARK", "WriteAttributes"]),
        ("a mark that users of an app client without a list can write", "", |f| only_client(f).writable = None,
         "Fail destination.mark", &["because it sets no WriteAttributes,", "MIGRATION_MARK"]),
        ("a mark, and no trigger after a sign-in", "", |f| new(f).triggers.post_authentication = None,
         "Warn destination.mark", &["PostAuthentication", ARN, "MIGRATION_MARK"]),
        ("a mark, and more app clients than were looked at", "", |f| clients(f).more = true, "Warn destination.mark",
         &["Only the first 1 app clients", "MIGRATION_MARK", "WriteAttributes"]),
        ("a group that the destination pool lacks", "", |f| f.destination.groups = Some(Ok(names("staff"))),
         "Warn destination.groups", &["COPY_GROUPS"]),
        ("a source pool without groups", "", |f| f.source.groups = Some(Ok(vec![])), "", &[]),
        ("a named group that the source pool lacks", "COPY_GROUPS=staff,editors", |_| {}, "Warn destination.groups",
         &["COPY_GROUPS"]),
        ("a missing group that is not copied", "COPY_GROUPS=staff",
         |f| f.destination.groups = Some(Ok(names("staff"))), "", &[]),
        ("groups of the source pool that may not be listed", "", |f| f.source.groups = Some(fails(NotAllowed)),
         "Skipped destination.groups", &["cognito-idp:ListGroups", SOURCE]),
        ("groups of the destination pool that may not be listed", "",
         |f| f.destination.groups = Some(fails(NotAllowed)), "Skipped destination.groups",
         &["cognito-idp:ListGroups", DESTINATION]),
        ("groups of the destination pool that could not be asked for", "",
         |f| f.destination.groups = Some(fails(Busy)), "Fail destination.groups", &["Try again"]),
        ("a source pool that may not be looked at", "", |f| old_fails(f, NotAllowed), "{old}",
         &["cognito-idp:DescribeUserPool", SOURCE]),
        ("a source pool that cannot be reached", "", |f| old_fails(f, Unreachable), "{old}", &["SRC_USER_POOL_ID"]),
        ("a destination pool that distinguishes case", "", |f| new(f).case_sensitive = true, "Warn pools.case",
         &["UsernameConfiguration"]),
        ("a source pool that distinguishes case", "", |f| old(f).case_sensitive = true, "Warn pools.case",
         &["SRC_LOOKUP", "SRC_USER_POOL_ID"]),
        ("a source pool that distinguishes case, and a look-up without", BY_NUMBER,
         |f| { new(f).username_attributes.clear(); old(f).case_sensitive = true; }, "Warn pools.case",
         &["SRC_LOOKUP", "SRC_USER_POOL_ID"]),
        ("pools that distinguish case, and a look-up that does not", "SRC_LOOKUP=preferred_username",
         |f| { new(f).case_sensitive = true; old(f).case_sensitive = true; }, "Warn pools.case", &["SRC_USER_POOL_ID"]),
        ("pools that distinguish case, and a look-up of numbers", BY_NUMBER,
         |f| { new(f).username_attributes.clear(); new(f).case_sensitive = true; old(f).case_sensitive = true; }, "",
         &[]),
        ("a source pool that distinguishes case, and a look-up", "SRC_LOOKUP=email", |f| old(f).case_sensitive = true,
         "Warn pools.case", &["SRC_USER_POOL_ID"]),
        ("one pool for both", "", |f| f.destination.id = SOURCE.to_owned(), "Fail pools.same", &["SRC_USER_POOL_ID"]),
    ];
    for (what, variables, change, expected, words) in cases {
        let expected = expected
            .replace("{new}", BEHIND_NEW)
            .replace("{old}", BEHIND_OLD);
        let checks = judged(&format!("{ALL_USED} {variables}"), change);
        assert_finds(what, &checks, &expected, words);
    }
}

/// Every answer about both pools, with every answer about groups, and with every one about app clients: no check looks at
/// groups and app clients.
#[test]
fn every_combination_of_answers_leads_to_a_report_that_helps() {
    type F = PoolsFacts;
    let all_groups = answers(&names("admins"))
        .into_iter()
        .map(Some)
        .chain([None]);
    let groups = || all_groups.clone().collect();
    let of_source = changes(groups(), |f: &mut F, groups| f.source.groups = groups);
    let of_destination = changes(groups(), |f: &mut F, it| f.destination.groups = it);
    // The source pool answers all questions of it in one way.
    let sources = changes(answers(&pool_by_email()), |f: &mut F, pool| {
        if let Err(failure) = &pool {
            f.source_clients = Some(Err(failure.clone()));
        }
        f.source.pool = pool;
    });
    let destinations = answers(new(&mut facts()));
    let destinations = changes(destinations, |f: &mut F, pool| f.destination.pool = pool);
    let clients = changes(answers(clients(&mut facts())), |f: &mut F, clients| {
        if f.source.pool.is_ok() {
            f.source_clients = Some(clients.clone());
        }
        f.clients = clients;
    });
    for variables in [ALL_USED, ""] {
        let settings = settings(variables);
        let judge = |facts: &_| assert_helps(&pools(&settings, facts));
        let with_groups = [&sources, &destinations, &of_source, &of_destination];
        judge_all(&facts(), &with_groups, &judge);
        judge_all(&facts(), &[&sources, &destinations, &clients], &judge);
    }
}

/// An `ok` says why: "not needed" is not "compared".
#[test]
fn a_check_says_what_was_seen() {
    use Cause::{Busy, NotAllowed};
    use CheckId::{
        DestinationClients, DestinationGroups, DestinationMark, DestinationMfa,
        DestinationPassword, DestinationPool, DestinationRecovery, DestinationSchema,
        DestinationTrigger, DestinationUsername, PoolsCase, PoolsSame, PoolsWritable,
    };
    use Recovery::{AdminOnly, VerifiedEmail, VerifiedPhoneNumber};
    use Status::{Fail, Skipped, Warn};
    const OK: Status = Status::Ok;
    const IGNORE: &str = "ON_FORGOT_PASSWORD=ignore";
    const RESET: &str = "ON_MFA=reset";
    const NO_EMAIL: &str = r#"ATTRIBUTE_MAP={"email":null}"#;
    const NO_PHONE: &str = r#"ATTRIBUTE_MAP={"phone_number":null}"#;
    const DROP: &str = "UNVERIFIED_CONTACTS=drop";
    const GUARDS_NOT: &str =
        "The user_migration trigger is the function. It does not guard sign-ups.";
    const VERSION: &str = "The user_migration trigger is a version or alias of the function. It does not guard sign-ups. \
                           What was looked at is the function without one: name \
                           arn:aws:lambda:eu-west-1:111122223333:function:user-migration:live to look at what the pool calls.";
    fn recovers_by(facts: &mut PoolsFacts, recovery: &[Recovery]) {
        new(facts).recovery = recovery.to_vec();
    }
    /// An app client that tells who exists, behind a pre authentication trigger.
    fn may_be_enabled(facts: &mut PoolsFacts) {
        new(facts).triggers.pre_authentication = Some(ARN.to_owned());
        only_client(facts).prevents_user_existence_errors = false;
    }
    fn only_staff(facts: &mut PoolsFacts) {
        facts.destination.groups = Some(Ok(names("staff")));
    }
    #[rustfmt::skip]
    let cases: &[(CheckId, Status, &str, Change, &str)] = &[
        (DestinationPool, OK, "", |_| {}, "eu-west-1_New1 exists, with about 5 users."),
        (DestinationTrigger, OK, "", |_| {}, GUARDS_NOT),
        (DestinationTrigger, OK, "", |f| new(f).triggers.pre_sign_up = Some(OTHER.to_owned()), GUARDS_NOT),
        (DestinationTrigger, OK, "", |f| new(f).triggers.pre_sign_up = Some(LIVE.to_owned()), "It guards sign-ups too"),
        (DestinationTrigger, OK, "", |f| new(f).triggers.user_migration = Some(LIVE.to_owned()), VERSION),
        // The first app clients are not all of them.
        (DestinationTrigger, OK, "", may_be_enabled, ""),
        (DestinationTrigger, Warn, "", |f| { may_be_enabled(f); clients(f).more = true; }, "pre_authentication"),
        (DestinationClients, OK, "", |_| {}, "The app client allows"),
        (DestinationClients, OK, "", |f| clients(f).listed.push(client()), "All 2 app clients allow"),
        (DestinationClients, OK, "", |f| { clients(f).listed.push(client()); clients(f).more = true; },
         "The first 2 app clients allow"),
        // What is missing because of the destination pool is told there; what is missing for another reason here.
        (DestinationClients, Fail, "", |f| { f.destination.pool = fails(NotAllowed); f.clients = fails(Busy); },
         "could not be asked for"),
        (DestinationClients, Skipped, "", |f| new_fails(f, Busy), "because of destination.pool"),
        (DestinationClients, Skipped, "", |f| { f.destination.pool = fails(Busy); f.clients = fails(NotAllowed); },
         "may not look at this"),
        (DestinationSchema, OK, "", |_| {}, "fits the destination pool"),
        (DestinationSchema, OK, "", |f| old_fails(f, NotAllowed), "nothing was compared"),
        // Each kind of pool, with each setting of the user name.
        (DestinationUsername, OK, "", |_| {}, "what users type: email."),
        (DestinationUsername, OK, "", |f| new(f).username_attributes.clear(), "the user name that they type."),
        (DestinationUsername, Fail, "DST_USERNAME=username", |_| {}, "DST_USERNAME returns another user name"),
        (DestinationUsername, Warn, "DST_USERNAME=username", has_alias, "created and locked out"),
        (DestinationUsername, Fail, "DST_USERNAME=username", |f| new(f).username_attributes.clear(),
         "DST_USERNAME returns another user name"),
        (DestinationUsername, Warn, "DST_USERNAME=sub", has_alias, "created and locked out"),
        // The old pool signs in by user name, the new one by e-mail address.
        (DestinationUsername, Warn, DROP, |f| old(f).username_attributes.clear(), "by a plain user name"),
        (DestinationUsername, Warn, DROP, |f| old(f).username_attributes.clear(), "Set SRC_LOOKUP to email."),
        (DestinationUsername, OK, "UNVERIFIED_CONTACTS=drop SRC_LOOKUP=email", |f| old(f).username_attributes.clear(),
         ""),
        // Where the source pool is not known, settings are judged that fail for all names.
        (DestinationUsername, Fail, "DST_USERNAME=sub", |f| old_fails(f, NotAllowed), ""),
        (DestinationUsername, Skipped, "DST_USERNAME=username", |f| old_fails(f, NotAllowed), ""),
        (DestinationMfa, OK, "", |f| new(f).mfa = PoolMfa::Off, "MFA is off"),
        (DestinationMfa, OK, "", |_| {}, "MFA is optional"),
        (DestinationMfa, OK, r#"STATIC_ATTRIBUTES={"phone_number":"+15550100"}"#, |f| new(f).mfa = PoolMfa::On,
         "every user has a phone number"),
        (DestinationRecovery, OK, IGNORE, |_| {}, "Not needed"),
        (DestinationRecovery, OK, "", |_| {}, "go to email,phone_number."),
        (DestinationRecovery, OK, "RESET_CONTACTS=email", |f| recovers_by(f, &[VerifiedEmail]), "go to email."),
        // Codes go to a contact that is copied, and that the destination pool writes to.
        (DestinationRecovery, OK, "", |f| recovers_by(f, &[]), "go to email,phone_number."),
        (DestinationRecovery, Fail, NO_EMAIL, |f| recovers_by(f, &[VerifiedEmail]), "a contact that is not copied"),
        (DestinationRecovery, Fail, r#"ATTRIBUTE_MAP={"email_verified":null}"#, |f| recovers_by(f, &[VerifiedEmail]),
         "a contact that is not copied"),
        (DestinationRecovery, OK, NO_EMAIL, |_| {}, "go to phone_number."),
        (DestinationRecovery, OK, NO_PHONE, |f| recovers_by(f, &[VerifiedEmail]), "go to email."),
        (DestinationRecovery, Fail, NO_PHONE, |f| recovers_by(f, &[VerifiedPhoneNumber]), "a contact that is not copied"),
        (DestinationRecovery, OK, NO_PHONE, |f| recovers_by(f, &[]), "go to email."),
        (DestinationRecovery, OK, NO_EMAIL, |f| recovers_by(f, &[]), "go to phone_number."),
        (DestinationRecovery, Fail, NO_EMAIL, |f| recovers_by(f, &[AdminOnly]), "only an administrator"),
        (DestinationRecovery, Fail, r#"ATTRIBUTE_MAP={"email":null,"phone_number_verified":null}"#,
         |f| recovers_by(f, &[]), "No verified contact is copied"),
        // A mailbox that is the second factor counts only where codes of a reset go to it.
        (DestinationRecovery, OK, NO_EMAIL, |f| { recovers_by(f, &[]); f.email_mfa = Some(Ok(true)); }, ""),
        (DestinationRecovery, OK, NO_EMAIL, |f| { recovers_by(f, &[]); f.email_mfa = Some(fails(NotAllowed)); }, ""),
        (DestinationRecovery, OK, IGNORE, |f| { recovers_by(f, &[]); f.email_mfa = Some(Ok(true)); }, ""),
        (DestinationRecovery, OK, "RESET_CONTACTS=phone_number",
         |f| { recovers_by(f, &[VerifiedPhoneNumber]); f.email_mfa = Some(Ok(true)); }, ""),
        (DestinationRecovery, Warn, RESET, |f| { recovers_by(f, &[]); f.email_mfa = Some(Ok(true)); }, ""),
        (DestinationRecovery, OK, RESET, |f| { recovers_by(f, &[]); f.email_mfa = None; }, ""),
        // What is known to fail is not left open.
        (DestinationRecovery, Fail, RESET, |f| { recovers_by(f, &[AdminOnly]); f.email_mfa = Some(fails(NotAllowed)); }, ""),
        (DestinationRecovery, Fail, r#"ATTRIBUTE_MAP={"phone_number":null} RESET_CONTACTS=phone_number"#,
         |f| f.email_mfa = Some(fails(NotAllowed)), ""),
        (DestinationPassword, OK, "", |_| {}, "at least as strict"),
        (DestinationMark, OK, "", |_| {}, "Not needed"),
        (DestinationMark, OK, ALL_USED, |_| {}, "The mark fits, and no user can write it"),
        // A mark must fit.
        (DestinationMark, OK, ALL_USED, |f| set(new(f), text(MARK, 40, 46)), ""),
        (DestinationMark, Fail, ALL_USED, |f| set(new(f), text(MARK, 41, 46)), ""),
        (DestinationMark, OK, ALL_USED, |f| set(new(f), attribute(MARK)), ""),
        (DestinationMark, Fail, ALL_USED,
         |f| set(new(f), SchemaAttribute { data_type: DataType::Number, ..attribute(MARK) }), ""),
        (DestinationMark, Fail, ALL_USED, |f| set(new(f), SchemaAttribute { mutable: false, ..attribute(MARK) }), ""),
        // What keeps every post-migration step from running comes before what may be wrong with clients that were not seen.
        (DestinationMark, Warn, ALL_USED, |f| { clients(f).more = true; new(f).triggers.post_authentication = None; },
         "no post-migration step runs"),
        (DestinationGroups, OK, ALL_USED, |_| {}, "Members get these groups: admins, staff."),
        (DestinationGroups, OK, ALL_USED, |f| f.source.groups = Some(Ok(vec![])), "No group is given"),
        (DestinationGroups, OK, "", |f| f.source.groups = None, "Not needed"),
        (DestinationGroups, Warn, "MIGRATION_MARK=custom:migration COPY_GROUPS=admins,staff,editors", only_staff,
         "Members get these groups: staff. The destination pool lacks admins. The source pool has no group editors."),
        (PoolsCase, OK, "", |_| {}, "Neither pool"),
        (PoolsCase, OK, "", |f| { new(f).case_sensitive = true; old(f).case_sensitive = true; }, "Both pools"),
        (PoolsSame, OK, "", |_| {}, "different pools"),
        (PoolsWritable, OK, "", |f| f.source_clients = None, "Not needed"),
        (PoolsWritable, OK, "", |_| {}, "Not needed"),
        (PoolsWritable, OK, ALL_USED, |_| {}, "Users can write no copied custom attribute"),
    ];
    for (id, status, variables, change, words) in cases {
        assert_says(&judged(variables, change), *id, status, words);
    }
}

/// The only sign-in name of the destination pool besides the user name is an alias.
fn has_alias(facts: &mut PoolsFacts) {
    new(facts).alias_attributes = take(&mut new(facts).username_attributes);
}

#[test]
fn each_setting_that_resets_passwords_needs_a_contact_for_codes() {
    #[rustfmt::skip]
    let cases = [
        ("", true),
        ("ON_FORGOT_PASSWORD=ignore", false),
        ("ON_FORGOT_PASSWORD=ignore ON_MFA=reset", true),
        ("ON_FORGOT_PASSWORD=ignore ON_TEMPORARY_PASSWORD=reset", true),
        (r#"ON_FORGOT_PASSWORD=ignore PASSWORD_POLICY={"minimumLength":9}"#, true),
    ];
    for (variables, may) in cases {
        let policy = settings(variables).policy;
        assert_eq!(recovery::may_ask_for_reset(&policy), may, "{variables}");
    }
}

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
mod trigger;
mod username;
mod writable;

/// Two aliases of the function, and another function.
const LIVE: &str = "arn:aws:lambda:eu-west-1:111122223333:function:user-migration:live";
const BETA: &str = "arn:aws:lambda:eu-west-1:111122223333:function:user-migration:beta";
const OTHER: &str = "arn:aws:lambda:eu-west-1:111122223333:function:user-migration-2";
const MARK: &str = "custom:migration";

/// Settings that need every check.
const ALL_USED: &str = r#"ATTRIBUTE_MAP={"custom:tenant":"custom:tenant"} MIGRATION_MARK=custom:migration COPY_GROUPS=*"#;

type Change = fn(&mut PoolsFacts);

fn facts() -> PoolsFacts {
    let of = |id: &str, pool| PoolFacts {
        id: id.to_owned(),
        pool: Ok(pool),
        groups: Some(Ok(names("admins staff"))),
    };
    let only = |client| AppClients {
        listed: vec![client],
        more: false,
    };
    let readable = names("email custom:old custom:tenant");
    let mut destination = pool_by_email();
    destination.triggers.user_migration = Some(ARN.to_owned());
    destination.triggers.post_authentication = Some(ARN.to_owned());
    destination.schema.push(text(MARK, 0, 256));
    PoolsFacts {
        source: of(SOURCE, pool_by_email()),
        destination: of("eu-west-1_New1", destination),
        clients: Ok(only(changed(client(), |it| it.readable = Some(readable)))),
        source_clients: Some(Ok(only(client()))),
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

fn without_password_flow(client: &mut AppClient) {
    client.user_password_flow = false;
    client.admin_password_flow = false;
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
    assert_eq!(found(&checks), "");
}

/// Each fault, with the finding and words of the fix.
#[test]
fn one_broken_thing_is_one_finding_with_a_fix_that_names_it() {
    use Cause::{Busy, NotAllowed, NotFound, Unreachable};
    use Recovery::{AdminOnly, VerifiedEmail, VerifiedPhoneNumber};
    const BEHIND_NEW: &str = "Skipped trigger, Skipped clients, Skipped schema, {mark}, {groups}";
    const UP_TO_MARK: &str =
        "Skipped username, Skipped mfa, Skipped recovery, Skipped password, Skipped mark";
    const GROUPS: &str = "Skipped groups, Skipped pools.case, Skipped pools.writable";
    // A user who can write the old sub can write the mark, which is judged elsewhere.
    const OLD_SUB: &str = r#"ATTRIBUTE_MAP={"sub":"custom:old"} MIGRATION_MARK= COPY_GROUPS="#;
    const OLD_NAME: &str = r#"ATTRIBUTE_MAP={"username":"custom:old"}"#;
    const STATIC: &str = r#"STATIC_ATTRIBUTES={"custom:origin":"old"}"#;
    const SHOWN_POLICY: &str = "PASSWORD_POLICY to {\"minimumLength\":8,\"requireLowercase\":true,\
                                \"requireUppercase\":false,\"requireNumbers\":true,\"requireSymbols\":false}";
    const OF_POOL: &str =
        r#"PASSWORD_POLICY={"minimumLength":8,"requireLowercase":true,"requireNumbers":true}"#;
    const BY_PHONE: &str = "RESET_CONTACTS=phone_number";
    const TO_NOTHING: &str = r#"RESET_CONTACTS=email ATTRIBUTE_MAP={"email":null}"#;
    const NO_CONTACT: &str = r#"ATTRIBUTE_MAP={"email_verified":null,"phone_number":null}"#;
    const BY_NUMBER: &str = "SRC_LOOKUP=phone_number";
    /// An attribute for what tells users apart, which they can write or not.
    fn keeps_old(facts: &mut PoolsFacts, writable: Option<&str>) {
        set(new(facts), text("custom:old", 0, 128));
        only_client(facts).writable = writable.map(names);
    }
    #[rustfmt::skip]
    let cases: &[(&str, Change, &str, &str)] = &[
        ("", |_| {}, "", ""),
        ("", |f| new_fails(f, NotFound), "Fail pool, {new}", "id of the destination pool|Region"),
        ("", |f| new_fails(f, Unreachable), "Fail pool, {new}", "Try again"),
        ("", |f| new_fails(f, NotAllowed), "Skipped pool, {new}", "DescribeUserPool |_New1"),
        // App clients and groups are judged without the pool.
        ("", |f| f.destination.pool = fails(NotAllowed), "Skipped pool, Skipped trigger, Skipped schema, {mark}, \
          Skipped pools.case, Skipped pools.writable", ""),
        ("", |f| f.clients = fails(NotAllowed), "Skipped clients, Skipped mark, Skipped pools.writable",
         "ListUserPoolClients|DescribeUserPoolClient|_New1"),
        ("", |f| f.clients = fails(Busy), "Fail clients, Skipped mark, Skipped pools.writable", "asked for|Try again"),
        ("", |f| new(f).deletion_protected = false, "Warn pool", "DeletionProtection|deletion_protection"),
        ("", |f| new(f).triggers.user_migration = None, "Fail trigger", "LambdaConfig.UserMigration|:user-migration"),
        ("", |f| new(f).triggers.user_migration = Some(OTHER.to_owned()), "Fail trigger", ":user-migration"),
        // An alias of the function is called, the one that was named or another one, or the function itself.
        ("", |f| calls(f, LIVE), "", ""),
        ("", |f| { f.function_arn = Some(LIVE.to_owned()); calls(f, LIVE); }, "", ""),
        ("", |f| { f.function_arn = Some(LIVE.to_owned()); calls(f, BETA); }, "Warn trigger, Warn mark", ":live"),
        ("", |f| f.function_arn = Some(LIVE.to_owned()), "Warn trigger, Warn mark", "user_migration|:live"),
        ("", |f| new(f).triggers.post_authentication = Some(format!("{OTHER}:live")), "Warn mark",
         "PostAuthentication|:user-migration"),
        ("", |f| f.function_arn = None, "Skipped trigger", "Name the function"),
        ("", |f| { f.function_arn = None; new(f).triggers.user_migration = None; }, "Fail trigger", "the function"),
        ("", |f| { f.function_arn = None; new(f).triggers.post_authentication = None; }, "Skipped trigger, Warn mark",
         "the function"),
        ("", |f| clients(f).listed.clear(), "Fail clients", "ALLOW_USER_PASSWORD_AUTH"),
        ("", |f| without_password_flow(only_client(f)), "Fail clients", "ALLOW_USER_PASSWORD_AUTH"),
        ("", |f| { clients(f).listed.push(client()); without_password_flow(only_client(f)); }, "Warn clients",
         "ALLOW_USER_PASSWORD_AUTH"),
        // Either flow is enough.
        ("", |f| only_client(f).user_password_flow = false, "", ""),
        ("", |f| only_client(f).prevents_user_existence_errors = false, "Warn clients", "PreventUserExistenceErrors"),
        ("", |f| only_client(f).readable = Some(names("email")), "Warn clients", "ReadAttributes"),
        ("", |f| only_client(f).readable = None, "Warn clients", "ReadAttributes"),
        (STATIC, |f| set(new(f), text("custom:origin", 0, 20)), "Warn clients", "ReadAttributes"),
        (OLD_SUB, |f| keeps_old(f, Some("email")), "", ""),
        (OLD_SUB, |f| keeps_old(f, Some("custom:old")), "Warn clients", "WriteAttributes|ATTRIBUTE_MAP"),
        (OLD_NAME, |f| keeps_old(f, Some("custom:old")), "Warn clients", "WriteAttributes|ATTRIBUTE_MAP"),
        (OLD_SUB, |f| keeps_old(f, None), "Warn clients", "WriteAttributes|ATTRIBUTE_MAP"),
        ("", |f| new(f).verified_before_update.clear(), "Warn clients",
         "AttributesRequireVerificationBeforeUpdate|AutoVerifiedAttributes|WriteAttributes"),
        // Every app client may write what the pool requires.
        ("", |f| { new(f).verified_before_update.clear(); set(new(f), required(text("email", 0, 2048))); },
         "Warn clients", "AttributesRequireVerificationBeforeUpdate|every app client may write what the pool requires"),
        ("", |f| old(f).username_attributes.clear(), "Warn username", "UNVERIFIED_CONTACTS to drop|unproven_copy"),
        ("DST_USERNAME=username", |f| { signs_in_by_name(f); new(f).alias_attributes = names("preferred_username"); },
         "Fail username", "ATTRIBUTE_MAP|preferred_username to null"),
        ("", has_alias, "Fail username", "must not have the form of an alias|DST_USERNAME"),
        ("DST_USERNAME=sub", |_| {}, "Fail username", "DST_USERNAME"),
        ("DST_USERNAME=sub", signs_in_by_name, "Fail username", "DST_USERNAME"),
        ("", |f| old_clients(f).listed[0].writable = Some(names("custom:tenant")), "Warn pools.writable",
         "ATTRIBUTE_MAP|judge their values|WriteAttributes"),
        ("", |f| old_clients(f).more = true, "Warn pools.writable", "WriteAttributes"),
        ("", |f| f.source_clients = Some(fails(NotAllowed)), "Skipped pools.writable",
         "ListUserPoolClients|DescribeUserPoolClient|_Source1"),
        // A missing attribute, which the app may not read either, is told once.
        ("", |f| { new(f).schema.remove(2); only_client(f).readable = Some(names("email")); }, "Fail schema",
         "ATTRIBUTE_MAP|STATIC_ATTRIBUTES"),
        ("", |f| set(new(f), required(text("custom:region", 0, 20))), "Fail schema", "ATTRIBUTE_MAP|STATIC_ATTRIBUTES"),
        (r#"STATIC_ATTRIBUTES={"custom:tenant":"somewhere"}"#, |f| set(new(f), text("custom:tenant", 0, 4)),
         "Fail schema", "STATIC_ATTRIBUTES"),
        ("", |f| set(new(f), required(text("name", 0, 2048))), "Warn schema", "STATIC_ATTRIBUTES"),
        ("", |f| set(new(f), text("custom:tenant", 0, 20)), "Warn schema", "ATTRIBUTE_MAP"),
        (r#"ATTRIBUTE_MAP={"custom:tenent":"custom:tenant"}"#, |_| {}, "Warn schema", "ATTRIBUTE_MAP"),
        ("ON_MFA=sms", |f| new(f).mfa = PoolMfa::Off, "Fail mfa", "MfaConfiguration|ON_MFA to refuse or reset"),
        ("", |f| new(f).mfa = PoolMfa::On, "Warn mfa", "MFA in the destination pool|ON_MFA"),
        ("", |f| new(f).recovery = vec![AdminOnly], "Fail recovery",
         "only an administrator|AccountRecoverySetting|ON_FORGOT_PASSWORD"),
        (NO_CONTACT, |_| {}, "Fail recovery", "ATTRIBUTE_MAP|ON_FORGOT_PASSWORD"),
        (r#"ATTRIBUTE_MAP={"email":null,"email_verified":null}"#, |f| new(f).recovery = vec![VerifiedEmail],
         "Fail recovery", "ATTRIBUTE_MAP|AccountRecoverySetting"),
        ("", |f| new(f).recovery = vec![VerifiedEmail], "Warn recovery",
         "no verified contact but phone_number,|RESET_CONTACTS to email,|AccountRecoverySetting"),
        ("ON_FORGOT_PASSWORD=ignore ON_MFA=reset", |f| new(f).recovery = vec![VerifiedPhoneNumber], "Warn recovery",
         "no verified contact but email,|RESET_CONTACTS to phone_number,"),
        (BY_PHONE, |f| new(f).recovery = vec![VerifiedEmail], "Warn recovery", "RESET_CONTACTS to email,"),
        ("RESET_CONTACTS=email", |_| {}, "Warn recovery", "RESET_CONTACTS to email,phone_number."),
        (TO_NOTHING, |_| {}, "Fail recovery", "RESET_CONTACTS to phone_number."),
        ("", |f| f.email_mfa = Some(Ok(true)), "Warn recovery", "verified phone number|second factors"),
        ("", |f| f.email_mfa = Some(fails(NotAllowed)), "Skipped recovery", "GetUserPoolMfaConfig|_New1"),
        ("", |f| f.email_mfa = Some(fails(Busy)), "Fail recovery", "Try again"),
        ("", |f| old(f).passwords = PasswordPolicy::default(), "Warn password", SHOWN_POLICY),
        ("", |f| f.source.pool = fails(NotAllowed), "Skipped username, Skipped password, Skipped pools.case",
         "DescribeUserPool|_Source1"),
        // A policy that demands less, more, and what the pool does.
        (r#"PASSWORD_POLICY={"minimumLength":8}"#, |_| {}, "Warn password", "PASSWORD_POLICY to {"),
        (OF_POOL, |f| new(f).passwords.minimum_length = 7, "Warn password", "PASSWORD_POLICY to {"),
        (OF_POOL, |f| old(f).passwords.minimum_length = 6, "", ""),
        ("MIGRATION_MARK=custom:unheard_of", |_| {}, "Fail mark", "MIGRATION_MARK|Mutable"),
        ("", |f| set(new(f), text(MARK, 0, 45)), "Fail mark", "MIGRATION_MARK|Mutable|40 to 46 characters"),
        ("", |f| only_client(f).writable = Some(names("name custom:migration")), "Fail mark",
         "app can write their own mark, and so claim|MIGRATION_MARK|WriteAttributes"),
        ("", |f| only_client(f).writable = None, "Fail mark", "because it sets no WriteAttributes,|MIGRATION_MARK"),
        ("", |f| new(f).triggers.post_authentication = None, "Warn mark", "PostAuthentication|MIGRATION_MARK"),
        ("", |f| clients(f).more = true, "Warn mark", "Only the first 1 app clients|MIGRATION_MARK|WriteAttributes"),
        ("", |f| f.destination.groups = Some(Ok(names("staff"))), "Warn groups", "COPY_GROUPS"),
        ("", |f| f.source.groups = Some(Ok(vec![])), "", ""),
        ("COPY_GROUPS=staff,editors", |_| {}, "Warn groups", "COPY_GROUPS"),
        ("COPY_GROUPS=staff", |f| f.destination.groups = Some(Ok(names("staff"))), "", ""),
        ("", |f| f.source.groups = Some(fails(NotAllowed)), "Skipped groups", "ListGroups|_Source1"),
        ("", |f| f.destination.groups = Some(fails(NotAllowed)), "Skipped groups", "ListGroups|_New1"),
        ("", |f| f.destination.groups = Some(fails(Busy)), "Fail groups", "Try again"),
        ("", |f| old_fails(f, NotAllowed), "{old}", "DescribeUserPool|_Source1"),
        ("", |f| old_fails(f, Unreachable), "{old}", "SRC_USER_POOL_ID"),
        ("", |f| new(f).case_sensitive = true, "Warn pools.case", "UsernameConfiguration"),
        ("", |f| old(f).case_sensitive = true, "Warn pools.case", "SRC_LOOKUP|SRC_USER_POOL_ID"),
        (BY_NUMBER, |f| { signs_in_by_name(f); old(f).case_sensitive = true; }, "Warn pools.case", "SRC_USER_POOL_ID"),
        ("SRC_LOOKUP=preferred_username", both_keep_case, "Warn pools.case", "SRC_USER_POOL_ID"),
        // Numbers have no case.
        (BY_NUMBER, |f| { signs_in_by_name(f); both_keep_case(f); }, "", ""),
        ("SRC_LOOKUP=email", |f| old(f).case_sensitive = true, "Warn pools.case", "SRC_USER_POOL_ID"),
        ("", |f| f.destination.id = SOURCE.to_owned(), "Fail pools.same", "SRC_USER_POOL_ID"),
    ];
    for (variables, change, expected, words) in cases {
        let expected = expected.replace("{new}", BEHIND_NEW);
        let expected = expected.replace("{old}", "Skipped username, Skipped password, {groups}");
        let expected = expected.replace("{groups}", GROUPS);
        let expected = expected.replace("{mark}", UP_TO_MARK);
        let checks = judged(&format!("{ALL_USED} {variables}"), change);
        assert_finds(&checks, &expected, words);
    }
}

/// Every answer about both pools, with every answer about groups, and with every one about app clients: no check looks at
/// groups and app clients.
#[test]
fn every_combination_of_answers_leads_to_a_report_that_helps() {
    let groups = answers(&names("admins")).into_iter().map(Some);
    let groups: Vec<_> = groups.chain([None]).collect();
    // The source pool answers all questions of it in one way.
    let all = with_each(&[facts()], answers(&pool_by_email()), |it, pool| {
        if let Err(failure) = &pool {
            it.source_clients = Some(Err(failure.clone()));
        }
        it.source.pool = pool;
    });
    let destinations = answers(new(&mut facts()));
    let pools_of = with_each(&all, destinations, |it, pool| it.destination.pool = pool);
    let clients = answers(clients(&mut facts()));
    let mut all = with_each(&pools_of, clients, |it, clients| {
        if it.source.pool.is_ok() {
            it.source_clients = Some(clients.clone());
        }
        it.clients = clients;
    });
    let with_groups = with_each(&pools_of, groups.clone(), |it, of| it.source.groups = of);
    all.extend(with_each(&with_groups, groups, |it, of| {
        it.destination.groups = of
    }));
    for settings in [settings(ALL_USED), settings("")] {
        all.iter()
            .for_each(|facts| assert_helps(&pools(&settings, facts)));
    }
}

/// An `ok` says why: "not needed" is not "compared".
#[test]
fn a_check_says_what_was_seen() {
    use Cause::{Busy, NotAllowed};
    use CheckId::*;
    use Recovery::{AdminOnly, VerifiedEmail, VerifiedPhoneNumber};
    use Status::{Fail, Skipped, Warn};
    const OK: Status = Status::Ok;
    const IGNORE: &str = "ON_FORGOT_PASSWORD=ignore";
    const RESET: &str = "ON_MFA=reset";
    const NO_PHONE: &str = r#"ATTRIBUTE_MAP={"phone_number":null}"#;
    const LOOKED_UP: &str = "UNVERIFIED_CONTACTS=drop SRC_LOOKUP=email";
    const NO_FLAG: &str = r#"ATTRIBUTE_MAP={"email_verified":null}"#;
    const GUARDS_NOT: &str =
        "The user_migration trigger is the function. It does not guard sign-ups.";
    const VERSION: &str = "The user_migration trigger is a version or alias of the function. It does not guard sign-ups. \
                           What was looked at is the function without one: name \
                           arn:aws:lambda:eu-west-1:111122223333:function:user-migration:live to look at what the pool calls.";
    fn recovers_by(facts: &mut PoolsFacts, recovery: &[Recovery]) {
        new(facts).recovery = recovery.to_vec();
    }
    /// Two contacts can be changed, one of which no app client can be kept from writing: the pool requires it.
    fn both_are_open(facts: &mut PoolsFacts) {
        new(facts).username_attributes = names(BOTH);
        new(facts).verified_before_update.clear();
        set(new(facts), required(text("phone_number", 0, 2048)));
        only_client(facts).writable = Some(names(BOTH));
        let two = changed(client(), |it| it.name = "two".to_owned());
        clients(facts).listed.push(two);
    }
    #[rustfmt::skip]
    let cases: &[(CheckId, Status, &str, Change, &str)] = &[
        (DestinationPool, OK, "", |_| {}, "eu-west-1_New1 exists, with about 5 users."),
        (DestinationTrigger, OK, "", |_| {}, GUARDS_NOT),
        (DestinationTrigger, OK, "", |f| new(f).triggers.pre_sign_up = Some(OTHER.to_owned()), GUARDS_NOT),
        (DestinationTrigger, OK, "", |f| new(f).triggers.pre_sign_up = Some(LIVE.to_owned()), "It guards sign-ups too"),
        (DestinationTrigger, OK, "", |f| new(f).triggers.user_migration = Some(LIVE.to_owned()), VERSION),
        // The first app clients are not all of them.
        (DestinationTrigger, Warn, "",
         |f| { new(f).triggers.pre_authentication = Some(ARN.to_owned()); *clients(f) = AppClients { listed: vec![], more: true }; },
         "pre_authentication"),
        (DestinationClients, OK, "", |_| {}, "The app client allows"),
        (DestinationClients, OK, "", |f| clients(f).listed.push(client()), "All 2 app clients allow"),
        (DestinationClients, OK, "", |f| { clients(f).listed.push(client()); clients(f).more = true; },
         "The first 2 app clients allow"),
        (DestinationClients, Warn, "", both_are_open, "by email, phone_number, and|: app, two.|Nothing else prevents"),
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
        (DestinationUsername, OK, "", signs_in_by_name, "the user name that they type."),
        (DestinationUsername, Fail, "DST_USERNAME=username", |_| {}, "DST_USERNAME returns another user name"),
        (DestinationUsername, Warn, "DST_USERNAME=username", has_alias, "created and locked out"),
        (DestinationUsername, Fail, "DST_USERNAME=username", signs_in_by_name, "DST_USERNAME returns another user name"),
        (DestinationUsername, Warn, "DST_USERNAME=sub", has_alias, "created and locked out"),
        // The old pool signs in by user name, the new one by e-mail address.
        (DestinationUsername, Warn, DROP, |f| old(f).username_attributes.clear(), "by a plain user name"),
        (DestinationUsername, Warn, DROP, |f| old(f).username_attributes.clear(), "Set SRC_LOOKUP to email."),
        (DestinationUsername, OK, LOOKED_UP, |f| old(f).username_attributes.clear(), ""),
        // Where the source pool is not known, settings are judged that fail for all names.
        (DestinationUsername, Fail, "DST_USERNAME=sub", |f| old_fails(f, NotAllowed), ""),
        (DestinationUsername, Skipped, "DST_USERNAME=username", |f| old_fails(f, NotAllowed), ""),
        (DestinationMfa, OK, "", |f| new(f).mfa = PoolMfa::Off, "MFA is off"),
        (DestinationMfa, OK, "", |_| {}, "MFA is optional"),
        (DestinationMfa, OK, r#"STATIC_ATTRIBUTES={"phone_number":"+15550100"}"#, |f| new(f).mfa = PoolMfa::On,
         "every user has a phone number"),
        (DestinationRecovery, OK, IGNORE, |_| {}, "Not needed"),
        // Other settings reset passwords too.
        (DestinationRecovery, OK, "ON_FORGOT_PASSWORD=ignore ON_TEMPORARY_PASSWORD=reset", |_| {}, "go to email"),
        (DestinationRecovery, OK, r#"ON_FORGOT_PASSWORD=ignore PASSWORD_POLICY={"minimumLength":9}"#, |_| {}, "go to"),
        (DestinationRecovery, OK, "", |_| {}, "go to email,phone_number."),
        (DestinationRecovery, OK, "RESET_CONTACTS=email", |f| recovers_by(f, &[VerifiedEmail]), "go to email."),
        // Codes go to a contact that is copied, and that the destination pool writes to.
        (DestinationRecovery, OK, "", |f| recovers_by(f, &[]), "go to email,phone_number."),
        (DestinationRecovery, Fail, NO_EMAIL, |f| recovers_by(f, &[VerifiedEmail]), "a contact that is not copied"),
        (DestinationRecovery, Fail, NO_FLAG, |f| recovers_by(f, &[VerifiedEmail]), "a contact that is not copied"),
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
        (DestinationMark, Fail, ALL_USED, |f| set(new(f), of_type(DataType::Number, attribute(MARK))), ""),
        (DestinationMark, Fail, ALL_USED, |f| set(new(f), SchemaAttribute { mutable: false, ..attribute(MARK) }), ""),
        // What keeps every post-migration step from running comes before what may be wrong with clients that were not seen.
        (DestinationMark, Warn, ALL_USED, |f| { clients(f).more = true; new(f).triggers.post_authentication = None; },
         "no post-migration step runs"),
        (DestinationGroups, OK, ALL_USED, |_| {}, "Members get these groups: admins, staff."),
        (DestinationGroups, OK, ALL_USED, |f| f.source.groups = Some(Ok(vec![])), "No group is given"),
        (DestinationGroups, OK, "", |f| f.source.groups = None, "Not needed"),
        (DestinationGroups, Warn, "MIGRATION_MARK=custom:migration COPY_GROUPS=admins,staff,editors",
         |f| f.destination.groups = Some(Ok(names("staff"))),
         "groups: staff. The destination pool lacks admins. The source pool has no group editors."),
        (PoolsCase, OK, "", |_| {}, "Neither pool"),
        (PoolsCase, OK, "", both_keep_case, "Both pools"),
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

/// The only sign-in name of the destination pool is the user name.
fn signs_in_by_name(facts: &mut PoolsFacts) {
    new(facts).username_attributes.clear();
}

fn both_keep_case(facts: &mut PoolsFacts) {
    new(facts).case_sensitive = true;
    old(facts).case_sensitive = true;
}

/// Another app client beside one that lets users write nothing.
#[test]
fn a_mark_is_safe_from_users_only_where_no_app_client_lets_them_write_it() {
    let found = |writable: Option<&str>| {
        let mut facts = facts();
        only_client(&mut facts).writable = Some(vec![]);
        let other = changed(client(), |it| it.writable = writable.map(names));
        clients(&mut facts).listed.push(other);
        let found = written_mark(MARK, clients(&mut facts));
        found.map(|check| (check.id, check.status))
    };
    let unsafe_mark = Some(("destination.mark".to_owned(), Status::Fail));
    assert_eq!(found(Some("email")), None);
    assert_eq!(found(Some("email custom:migration")), unsafe_mark);
    assert_eq!(found(None), unsafe_mark);
}

use std::slice::from_ref;

use super::*;
use crate::test_support::*;
use rules::pool::SchemaAttribute;

/// A pool with these attributes besides the standard ones.
fn with(schema: &[SchemaAttribute]) -> UserPoolDescription {
    changed(pool(), |it| it.schema = schema.to_vec())
}

#[test]
fn every_status_leads_where_the_function_leads() {
    use UserStatus::{Archived, ForceChangePassword, ResetRequired, Unconfirmed};
    const RESET: &str = "ON_TEMPORARY_PASSWORD=reset";
    const TEMPORARY: &str = "temporary_password temporary_password";
    #[rustfmt::skip]
    let cases = [
        (Unconfirmed, "not_confirmed not_confirmed", None),
        (ResetRequired, "password_reset_required migrated", None),
        (ForceChangePassword, TEMPORARY, Some("migrated temporary_password")),
        (Archived, "unusable_status unusable_status", None),
    ];
    for (status, expected, after_reset) in cases {
        let mut user = with_email("ana", "ana@example.com");
        user.status = status;
        let found = |variables, user: &_| foreseen(variables, &pool(), &pool(), from_ref(user));
        assert_eq!(found("", &user), [expected]);
        assert_eq!(found(PUBLIC, &user), [expected]);
        assert_eq!(found(RESET, &user), [after_reset.unwrap_or(expected)]);
        user.enabled = false;
        assert_eq!(found("", &user), ["user_disabled user_disabled"]);
    }
}

/// The name that a user types, and the others by which the source pool knows the user.
#[test]
fn a_user_has_the_names_by_which_the_source_pool_signs_in() {
    const PROVEN: &str = "email=a@b email_verified=true phone_number=+1 phone_number_verified=true";
    const UNPROVEN: &str = "email=a@b phone_number=+1 preferred_username=pet";
    let all = || aliases("email phone_number preferred_username");
    #[rustfmt::skip]
    let cases = [
        ("", pool(), PROVEN, "ana", ""),
        ("", all(), PROVEN, "ana", "a@b +1"),
        ("", all(), UNPROVEN, "ana", "pet"),
        ("", usernames("email phone_number"), PROVEN, "a@b", "+1"),
        ("", usernames("email phone_number"), "phone_number=+1", "+1", ""),
        (LOOKUP, all(), PROVEN, "a@b", ""),
        (LOOKUP, all(), "email=no-address phone_number=+1 phone_number_verified=true", "ana", "+1"),
    ];
    for (variables, source, attributes, name, others) in cases {
        let (settings, destination) = (settings(variables), pool());
        let plan = plan(&settings, &source, &destination);
        let user = user("ana", attributes);
        assert_eq!(plan.name_of(&user), name, "{variables} {attributes}");
        let found = plan.other_names_of(&user).join(" ");
        assert_eq!(found, others, "{variables} {attributes}");
    }
}

#[test]
fn a_sign_in_shows_what_the_client_may_read() {
    const TOKEN: &str = "SRC_PROFILE=id_token";
    const EMAIL: Option<&str> = Some("email email_verified");
    const OWN: Option<&str> = Some("custom:a");
    const LINKS: Option<&str> = Some("identities");
    const MAP: &str = r#"ATTRIBUTE_MAP={"custom:*":"custom:*","identities":"custom:links"}"#;
    const HELD: &str = "custom:a=x email=a@b email_verified=true identities=[]";
    for (variables, needed, readable, lacks) in [
        ("", "custom:a", None, false),
        (PUBLIC, "custom:a", None, true),
        (PUBLIC, "custom:a", EMAIL, true),
        (PUBLIC, "custom:a", OWN, false),
        (PUBLIC, "email", None, false),
        (PUBLIC, "email", EMAIL, false),
        (PUBLIC, "email", OWN, true),
        (TOKEN, "custom:a", OWN, false),
        (TOKEN, "custom:a", EMAIL, true),
        (TOKEN, "email", EMAIL, false),
        (PUBLIC, "custom:links", LINKS, false),
        (TOKEN, "custom:links", LINKS, true),
    ] {
        let settings = settings(&format!("{variables} {MAP}"));
        let client = changed(client(), |it| it.readable = readable.map(names));
        let (source, destination) = (pool(), with(&[required(attribute(needed))]));
        let mut plan = plan(&settings, &source, &destination);
        plan.client = Some(&client);
        let foreseen = plan.foresee("ana", &user("ana", HELD));
        assert_eq!(foreseen.sign_in, ForeseenOutcome::Migrated);
        let found = foreseen.findings.has(Finding::RequiredAttribute);
        assert_eq!(found, lacks, "{variables} {needed} {readable:?}");
    }
}

#[test]
fn a_second_factor_counts_where_the_pool_asks_for_it() {
    use PoolMfa::{Off, On, Optional};
    use SecondFactor::{None, Other, Sms};
    let user = user("ana", "email=a@b email_verified=true phone_number=+1");
    for (mfa, on_mfa, factor, sign_in, reset) in [
        (Off, "refuse", Sms, "migrated", "mfa_refused"),
        (Optional, "refuse", None, "migrated", "migrated"),
        (Optional, "refuse", Sms, "mfa_refused", "mfa_refused"),
        (Optional, "sms", Sms, "migrated", "migrated"),
        (Optional, "sms", Other, "mfa_refused", "mfa_refused"),
        (On, "sms", None, "mfa_refused", "mfa_refused"),
        (On, "reset", None, "migrated", "mfa_refused"),
        (On, "drop", None, "migrated", "migrated"),
    ] {
        let settings = settings(&format!("ON_MFA={on_mfa}"));
        let (source, destination) = (UserPoolDescription { mfa, ..pool() }, pool());
        let plan = plan(&settings, &source, &destination);
        let at_sign_in = plan.sign_in("ana", &user, factor);
        let answers = [at_sign_in, plan.forgot_password("ana", &user, factor)];
        let found = answers.map(|answer| answer.outcome().as_str());
        assert_eq!(found, [sign_in, reset], "{mfa:?} {on_mfa} {factor:?}");
    }
}

/// What the destination pool refuses, and what a migration leaves behind or unproven, at a sign-in and at a reset.
#[test]
fn what_an_operator_has_to_know_of_a_user_is_found() {
    use UserStatus::{Confirmed, ResetRequired};
    const FROM_CUSTOM: &str = r#"ATTRIBUTE_MAP={"custom:mail":"email"}"#;
    const OWNED: &str = "email=a@b email_verified=true";
    const CLAIMED: &str = "email=a@b email_verified=false";
    const PHONE: &str = "phone_number=+15550100 phone_number_verified=false";
    const LINKS: &str = r#"email=a@b email_verified=true identities=[{"userId":"1"}]"#;
    const WITH_PREFERRED: &str = "email=a@b email_verified=true preferred_username=pet";
    const SAME_NAME: &str = "email=a@b email_verified=true preferred_username=ana";
    const BY_EMAIL: &str = "SRC_LOOKUP=email DST_USERNAME=username";
    const OTHER: &str = "email=a@b email_verified=true phone_number=+15550101";
    const NO_CODE: &str = "migrated no_verified_contact no_contact";
    // A plain user name is no address.
    const UNPROVEN: &str = "migrated no_verified_contact unproven_copy name_refused";
    let by_email = || usernames("email");
    let short_name = || with(&[required(text("name", 2, 4))]);
    let needs_email = || with(&[required(attribute("email"))]);
    let preferred = || aliases("preferred_username");
    #[rustfmt::skip]
    let cases = [
        ("", pool(), short_name(), Confirmed, "email=a@b email_verified=true name=Ana", MOVES),
        ("", pool(), short_name(), Confirmed, "email=a@b email_verified=true name=Maria", "migrated migrated schema"),
        ("", pool(), short_name(), Confirmed, OWNED, "migrated migrated required_attribute"),
        // An unverified contact that stays behind is missing and gets no code, unless it is the name that is typed.
        ("", pool(), needs_email(), Confirmed, CLAIMED, NO_CODE),
        (DROP, pool(), needs_email(), Confirmed, CLAIMED, "migrated no_verified_contact required_attribute no_contact"),
        (DROP, by_email(), needs_email(), Confirmed, CLAIMED, NO_CODE),
        // A copy is unproven where the user has not verified what others can have too.
        ("", pool(), by_email(), Confirmed, CLAIMED, UNPROVEN),
        ("", pool(), by_email(), Confirmed, OWNED, "migrated migrated name_refused"),
        ("", by_email(), usernames("email phone_number"), Confirmed, PHONE, UNPROVEN),
        ("", pool(), by_email(), Confirmed, PHONE, "migrated no_verified_contact name_refused"),
        // What was mapped from elsewhere is no proven address, even where the source pool keeps addresses unique.
        (FROM_CUSTOM, by_email(), by_email(), Confirmed, "custom:mail=a@b", UNPROVEN),
        (FROM_CUSTOM, by_email(), by_email(), Confirmed, OWNED, MOVES),
        ("", pool(), usernames("phone_number"), ResetRequired, OTHER,
         "password_reset_required migrated unproven_copy name_refused"),
        ("", pool(), pool(), Confirmed, LINKS, "migrated migrated linked_identity"),
        ("", pool(), pool(), ResetRequired, LINKS, "password_reset_required migrated linked_identity"),
        // No migration, no finding.
        ("", pool(), pool(), UserStatus::Unconfirmed, LINKS, "not_confirmed not_confirmed"),
        ("", pool(), pool(), Confirmed, "email=a@b email_verified=true identities=[]", MOVES),
        ("", pool(), preferred(), Confirmed, WITH_PREFERRED, "migrated migrated preferred_username"),
        ("", pool(), preferred(), ResetRequired, WITH_PREFERRED, "password_reset_required migrated preferred_username"),
        ("", pool(), aliases("email"), Confirmed, WITH_PREFERRED, MOVES),
        ("", pool(), preferred(), Confirmed, OWNED, MOVES),
        ("", pool(), preferred(), Confirmed, SAME_NAME, "migrated migrated name_refused preferred_username"),
        // The user name is no attribute that the pool could lack.
        (BY_EMAIL, pool(), aliases("email"), Confirmed, OWNED, MOVES),
    ];
    for (variables, mut source, mut destination, status, attributes, expected) in cases {
        for pool in [&mut source, &mut destination] {
            pool.schema.push(attribute("custom:mail"));
        }
        let user = changed(user("ana", attributes), |it| it.status = status);
        let found = foreseen(variables, &source, &destination, &[user]);
        assert_eq!(found, [expected], "{variables} {attributes}");
    }
}

#[test]
fn a_user_who_is_migrated_comes_with_the_answer() {
    let settings = settings("SRC_LOOKUP=email DST_USERNAME=username");
    let pool = pool();
    let plan = plan(&settings, &pool, &pool);
    let user = with_email("ana", "Ana@example.com");
    let typed = plan.handed_over(plan.name_of(&user));
    let sign_in = plan.sign_in(&typed, &user, SecondFactor::None);
    let reset = plan.forgot_password(&typed, &user, SecondFactor::None);
    for answer in [sign_in, reset] {
        let Migration { user, contacts } = answer.migration().unwrap();
        assert_eq!(user.attributes["username"], "ana");
        assert_eq!(user.attributes["email"].to_lowercase(), typed);
        assert!(contacts.verified_email);
    }
}

#[test]
fn a_temporary_password_expires_where_the_list_has_dates() {
    let settings = settings("ON_TEMPORARY_PASSWORD=reset");
    let pool = pool();
    for (last_modified, expired_before, expected) in [
        (None, Some(100), "migrated"),
        (Some(99), None, "migrated"),
        (Some(100), Some(100), "migrated"),
        (Some(99), Some(100), "temporary_password"),
    ] {
        let mut plan = plan(&settings, &pool, &pool);
        plan.expired_before = expired_before;
        let mut user = with_email("ana", "ana@example.com");
        user.last_modified = last_modified;
        // A password that a user has set does not expire.
        let finding = Finding::TemporaryPasswordExpired;
        assert!(!plan.foresee("ana", &user).findings.has(finding));
        user.status = UserStatus::ForceChangePassword;
        let foreseen = plan.foresee("ana", &user);
        let is_expired = expected != "migrated";
        assert_eq!(foreseen.sign_in.as_str(), expected);
        assert_eq!(foreseen.findings.has(finding), is_expired);
        assert_eq!(foreseen.result == UserResult::Stays, is_expired);
    }
}

#[test]
fn an_alias_that_is_not_verified_locks_its_user_out_and_is_found() {
    let settings = settings("DST_USERNAME=username");
    let (source, destination) = (pool(), aliases("email"));
    let plan = plan(&settings, &source, &destination);
    for (verified, result) in [(true, UserResult::Moves), (false, UserResult::LockedOut)] {
        let attributes = format!("email=ana@example.com email_verified={verified}");
        let foreseen = plan.foresee("ana@example.com", &user("ana", &attributes));
        assert_eq!(foreseen.result, result);
        assert_ne!(foreseen.findings.has(Finding::AliasUnproven), verified);
    }
}

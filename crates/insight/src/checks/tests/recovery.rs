use super::*;

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
fn a_mailbox_that_is_the_second_factor_counts_only_where_codes_of_a_reset_go_to_it() {
    const NO_EMAIL: (&str, &str) = ("ATTRIBUTE_MAP", r#"{"email": null}"#);
    const IGNORE: (&str, &str) = ("ON_FORGOT_PASSWORD", "ignore");
    const BY_PHONE: &[Recovery] = &[Recovery::VerifiedPhoneNumber];
    let denied = || Some(Err(failure(Cause::NotAllowed)));
    let no_permission = Status::Skipped;
    for (variable, recovery, email_mfa, status) in [
        (NO_EMAIL, &[][..], Some(Ok(true)), Status::Ok),
        (NO_EMAIL, &[], denied(), Status::Ok),
        (IGNORE, &[], Some(Ok(true)), Status::Ok),
        (
            ("RESET_CONTACTS", "phone_number"),
            BY_PHONE,
            Some(Ok(true)),
            Status::Ok,
        ),
        (("ON_MFA", "reset"), &[], Some(Ok(true)), Status::Warn),
        (("ON_MFA", "reset"), &[], Some(Ok(false)), Status::Ok),
        (("ON_MFA", "reset"), &[], None, Status::Ok),
        (("ON_MFA", "reset"), &[], denied(), no_permission),
        // What is known to fail is not left open.
        (
            ("ON_MFA", "reset"),
            &[Recovery::AdminOnly],
            denied(),
            Status::Fail,
        ),
    ] {
        let mut facts = facts();
        destination(&mut facts).recovery = recovery.to_vec();
        facts.email_mfa = email_mfa.clone();
        let checks = pools(&settings(&[variable]), &facts);
        let check = check(&checks, CheckId::DestinationRecovery);
        assert_eq!(
            check.status, status,
            "{variable:?} {recovery:?} {email_mfa:?}: {check:?}"
        );
    }
}

#[test]
fn contacts_that_let_no_user_reset_are_told_before_second_factors_that_are_not_known() {
    let mut facts = facts();
    facts.email_mfa = Some(Err(failure(Cause::NotAllowed)));
    let none_is_set = [
        ("ATTRIBUTE_MAP", r#"{"phone_number": null}"#),
        ("RESET_CONTACTS", "phone_number"),
    ];
    let checks = pools(&settings(&none_is_set), &facts);
    let check = check(&checks, CheckId::DestinationRecovery);
    assert_eq!(check.status, Status::Fail, "{check:?}");
}

#[test]
fn each_setting_that_resets_passwords_needs_a_contact_for_codes() {
    const IGNORE: (&str, &str) = ("ON_FORGOT_PASSWORD", "ignore");
    for (variables, may) in [
        (&[IGNORE][..], false),
        (&[], true),
        (&[IGNORE, ("ON_MFA", "reset")], true),
        (&[IGNORE, ("ON_TEMPORARY_PASSWORD", "reset")], true),
        (
            &[IGNORE, ("PASSWORD_POLICY", r#"{"minimumLength": 9}"#)],
            true,
        ),
    ] {
        let policy = settings(variables).policy;
        assert_eq!(recovery::may_ask_for_reset(&policy), may, "{variables:?}");
    }
}

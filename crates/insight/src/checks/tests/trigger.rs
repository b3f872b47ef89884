use super::*;

#[test]
fn a_trigger_says_which_version_of_the_function_it_calls() {
    for (trigger, expected) in [
        (
            ARN.to_owned(),
            "The user_migration trigger is the function. It does not guard sign-ups.".to_owned(),
        ),
        (
            format!("{ARN}:live"),
            format!(
                "The user_migration trigger is a version or alias of the function. It does not guard sign-ups. What was \
                 looked at is the function without one: name {ARN}:live to look at what the pool calls."
            ),
        ),
    ] {
        let mut facts = facts();
        destination(&mut facts).triggers.user_migration = Some(trigger);
        let checks = pools(&settings(&[]), &facts);
        let check = check(&checks, CheckId::DestinationTrigger);
        assert_eq!((&check.status, &check.detail), (&Status::Ok, &expected));
    }
}

/// Neither hides that the function is not called, nor the other way round: operators look before they set the trigger.
#[test]
fn what_can_stop_a_migration_at_the_trigger_is_told_whatever_the_trigger_calls() {
    const BEFORE: &str = "arn:aws:lambda:eu-west-1:111122223333:function:before";
    const ENABLED: Option<&[bool]> = Some(&[true]);
    let settings = |welcome| settings(&[("WELCOME_MESSAGE", welcome)]);
    // (pre authentication trigger, app clients with ENABLED, WELCOME_MESSAGE, SMS), what is told.
    type Case<'a> = ((bool, Option<&'a [bool]>, &'a str, bool), &'a [&'a str]);
    #[rustfmt::skip]
    let cases: &[Case<'_>] = &[
        ((false, ENABLED, "none", false), &[]),
        ((true, ENABLED, "none", false), &[BEFORE]),
        ((true, Some(&[false, true]), "none", true), &[BEFORE]),
        ((true, Some(&[false]), "none", false), &[]),
        ((true, Some(&[]), "none", false), &[]),
        ((true, None, "none", false), &[BEFORE]),
        ((false, None, "none", false), &[]),
        ((false, ENABLED, "email", false), &[]),
        ((false, ENABLED, "sms", false), &["WELCOME_MESSAGE"]),
        ((false, ENABLED, "email,sms", false), &["WELCOME_MESSAGE"]),
        ((false, ENABLED, "sms", true), &[]),
        ((true, ENABLED, "sms", false), &[BEFORE, "WELCOME_MESSAGE"]),
    ];
    for (case @ (before, enabled, welcome, sms), told) in cases {
        for (trigger, alone) in [
            (Some(ARN.to_owned()), Status::Ok),
            (None, Status::Fail),
            (Some(BEFORE.to_owned()), Status::Fail),
        ] {
            let calls = trigger.clone();
            let mut facts = facts();
            let pool = destination(&mut facts);
            pool.triggers.user_migration = trigger;
            pool.triggers.pre_authentication = before.then(|| BEFORE.to_owned());
            pool.sends_sms = *sms;
            match enabled {
                Some(enabled) => {
                    clients(&mut facts).listed = enabled
                        .iter()
                        .map(|enabled| AppClient {
                            prevents_user_existence_errors: *enabled,
                            ..client()
                        })
                        .collect();
                }
                None => facts.clients = Err(failure(Cause::NotAllowed)),
            }
            let checks = pools(&settings(welcome), &facts);
            let check = check(&checks, CheckId::DestinationTrigger);
            let expected = match (alone, told) {
                (Status::Ok, [_, ..]) => Status::Warn,
                (alone, _) => alone,
            };
            assert_eq!(check.status, expected, "{case:?} {calls:?}: {check:?}");
            let says = |words: &str| check.detail.contains(words);
            assert_eq!(
                (says("pre_authentication"), says("WELCOME_MESSAGE")),
                (told.contains(&BEFORE), told.contains(&"WELCOME_MESSAGE")),
                "{case:?} {calls:?}: {check:?}"
            );
            let fixes = |words: &str| check.fix.contains(words);
            assert_eq!(
                (fixes("userNotFound"), fixes("SmsConfiguration")),
                (told.contains(&BEFORE), told.contains(&"WELCOME_MESSAGE")),
                "{case:?} {calls:?}: {check:?}"
            );
        }
    }
}

/// The first app clients are not all of them.
#[test]
fn app_clients_that_were_not_looked_at_can_be_enabled() {
    for (more, expected) in [(false, Status::Ok), (true, Status::Warn)] {
        let mut facts = facts();
        destination(&mut facts).triggers.pre_authentication = Some(ARN.to_owned());
        only_client(&mut facts).prevents_user_existence_errors = false;
        clients(&mut facts).more = more;
        let checks = pools(&settings(&[]), &facts);
        let check = check(&checks, CheckId::DestinationTrigger);
        assert_eq!(check.status, expected, "{check:?}");
    }
}

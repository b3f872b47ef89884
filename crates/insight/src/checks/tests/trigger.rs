use super::*;

/// Neither hides that the function is not called, nor the other way round: operators look before they set the trigger.
#[test]
fn what_can_stop_a_migration_at_the_trigger_is_told_whatever_the_trigger_calls() {
    const ENABLED: Option<&[bool]> = Some(&[true]);
    #[rustfmt::skip]
    let cases = [
        // A pre authentication trigger, app clients with ENABLED, WELCOME_MESSAGE, SMS: whether each of them is told.
        ((false, ENABLED, "none", false), (false, false)),
        ((true, Some(&[false, true]), "none", true), (true, false)),
        ((true, Some(&[false]), "none", false), (false, false)),
        ((true, Some(&[]), "none", false), (false, false)),
        ((true, None, "none", false), (true, false)),
        ((false, None, "email", false), (false, false)),
        ((false, ENABLED, "sms", false), (false, true)),
        ((false, ENABLED, "email,sms", false), (false, true)),
        ((false, ENABLED, "sms", true), (false, false)),
        ((true, ENABLED, "sms", false), (true, true)),
    ];
    for (case @ (before, enabled, welcome, sms), told) in cases {
        for trigger in [Some(ARN), None, Some(OTHER)] {
            let checks = judged(&format!("WELCOME_MESSAGE={welcome}"), |facts| {
                let pool = new(facts);
                pool.triggers.user_migration = trigger.map(str::to_owned);
                pool.triggers.pre_authentication = before.then(|| OTHER.to_owned());
                pool.sends_sms = sms;
                let enabled = enabled.map(|all| all.iter().copied());
                let tells = |is| changed(client(), |it| it.prevents_user_existence_errors = is);
                match enabled {
                    Some(enabled) => clients(facts).listed = enabled.map(tells).collect(),
                    None => facts.clients = fails(Cause::NotAllowed),
                }
            });
            let check = check(&checks, CheckId::DestinationTrigger);
            let expected = match (trigger, told) {
                (Some(ARN), (false, false)) => Status::Ok,
                (Some(ARN), _) => Status::Warn,
                _ => Status::Fail,
            };
            assert_eq!(check.status, expected, "{case:?} {trigger:?}: {check:?}");
            for (text, words) in [
                (&check.detail, ["pre_authentication", "WELCOME_MESSAGE"]),
                (&check.fix, ["userNotFound", "SmsConfiguration"]),
            ] {
                let found = words.map(|words| text.contains(words)).into();
                assert_eq!(told, found, "{case:?} {trigger:?}: {check:?}");
            }
        }
    }
}

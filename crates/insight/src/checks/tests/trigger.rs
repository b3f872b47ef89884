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
        assert_eq!((check.status, &check.detail), (Status::Ok, &expected));
    }
}

use super::*;

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

use super::*;

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

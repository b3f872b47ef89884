use super::*;
use crate::described::copies_custom;

#[test]
fn a_copied_attribute_is_trusted_where_only_users_of_the_source_pool_can_write_it() {
    const TENANT: Option<&str> = Some("custom:tenant");
    const EMAIL: Option<&str> = Some("email");
    const ALL: &str = r#"{"custom:*":"custom:*"}"#;
    const SAME: &str = r#"{"custom:tenant":"custom:tenant"}"#;
    const RENAMED: &str = r#"{"custom:tenant":"custom:org"}"#;
    const NO_CUSTOM: &str = r#"{"nickname":"custom:tenant"}"#;
    const DROPPED: &str = r#"{"custom:tenant":null}"#;
    #[rustfmt::skip]
    let cases = [
        // The map, what the client of the source pool lets write, what that of the destination pool does.
        (SAME, TENANT, EMAIL, true),
        (SAME, None, EMAIL, true),
        (SAME, None, None, false),
        (SAME, TENANT, TENANT, false),
        (SAME, EMAIL, EMAIL, false),
        (ALL, TENANT, EMAIL, true),
        (ALL, EMAIL, EMAIL, false),
        (RENAMED, TENANT, TENANT, true),
        (RENAMED, TENANT, Some("custom:org"), false),
        (r#"{"custom:tenant":"nickname"}"#, TENANT, EMAIL, true),
        // A required attribute can be written through every client.
        (r#"{"custom:tenant":"name"}"#, TENANT, EMAIL, false),
        (r#"{"custom:staff":"custom:tenant"}"#, EMAIL, EMAIL, true),
        // No custom attribute of the source pool.
        (NO_CUSTOM, Some("nickname"), EMAIL, false),
        (DROPPED, TENANT, EMAIL, false),
    ];
    for (map, of_source, of_destination, trusted) in cases {
        let checks = judged(&format!("ATTRIBUTE_MAP={map}"), |facts| {
            set(old(facts), required(text("custom:staff", 0, 256)));
            set(new(facts), text("custom:org", 0, 256));
            set(new(facts), text("custom:staff", 0, 256));
            set(new(facts), required(text("name", 0, 2048)));
            // Only what is tried differs.
            old_clients(facts).listed[0].writable = of_source.map(names);
            let with_staff = |writable| names(&format!("custom:staff {writable}"));
            only_client(facts).writable = of_destination.map(with_staff);
        });
        let status = if trusted { Status::Warn } else { Status::Ok };
        let found = &check(&checks, CheckId::PoolsWritable).status;
        assert_eq!(*found, status, "{map} {of_source:?} {of_destination:?}");
        // The app clients of the source pool matter only where a custom attribute is copied.
        let settings = settings(&format!("ATTRIBUTE_MAP={map}"));
        let copies = ![NO_CUSTOM, DROPPED].contains(&map);
        assert_eq!(
            copies_custom(&settings.destination.mapping),
            copies,
            "{map}"
        );
    }
}

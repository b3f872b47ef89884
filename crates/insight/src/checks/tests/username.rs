use super::*;

/// Which names and contacts of the source pool more than one user can have, and the destination pool signs users in by.
#[test]
fn a_sign_in_name_that_the_source_pool_does_not_keep_unique_is_found() {
    const NO_NAME: &str = r#"ATTRIBUTE_MAP={"preferred_username":null}"#;
    const OTHER_NAME: &str = r#"ATTRIBUTE_MAP={"preferred_username":"nickname"}"#;
    const INTO_NAME: &str = r#"ATTRIBUTE_MAP={"nickname":"preferred_username"}"#;
    const INTO_EMAIL: &str = r#"ATTRIBUTE_MAP={"custom:mail":"email"}"#;
    const SAME_EMAIL: &str = r#"STATIC_ATTRIBUTES={"email":"all@example.com"}"#;
    #[rustfmt::skip]
    let cases = [
        // The setting, the sign-in names of the source pool, those of the destination pool.
        ("", "", "email", Status::Warn, "by email, and"),
        ("", "email", "email", Status::Ok, ""),
        ("", "", "", Status::Ok, ""),
        (NO_EMAIL, "", "email", Status::Ok, ""),
        ("", "phone_number", "email phone_number", Status::Warn, "by email, and"),
        ("", "", "email phone_number", Status::Warn, "by email, phone_number, and"),
        (DROP, "", "email", Status::Ok, ""),
        (INTO_EMAIL, "email", "email", Status::Warn, "by email, and"),
        (SAME_EMAIL, "", "email", Status::Ok, ""),
        ("", "", PREFERRED, Status::Fail, "by preferred_username"),
        (DROP, "", PREFERRED, Status::Fail, "by preferred_username"),
        ("", PREFERRED, PREFERRED, Status::Ok, ""),
        ("", PREFERRED, "preferred_username email", Status::Warn, "by email, and"),
        (NO_NAME, "", PREFERRED, Status::Ok, ""),
        (OTHER_NAME, "", PREFERRED, Status::Ok, ""),
        (INTO_NAME, PREFERRED, PREFERRED, Status::Fail, "by preferred_username"),
    ];
    for (setting, of_source, of_destination, status, words) in cases {
        // preferred_username is an alias or nothing.
        let kinds = ["username", "none"].into_iter();
        for kind in kinds.take(2 - usize::from(of_destination.contains(PREFERRED))) {
            let checks = judged(&format!("{setting} DST_USERNAME={kind}"), |facts| {
                set(old(facts), text("custom:mail", 0, 256));
                old(facts).username_attributes.clear();
                old(facts).alias_attributes = names(of_source);
                new(facts).username_attributes = names(of_destination);
                if kind == "username" {
                    has_alias(facts);
                }
            });
            let check = check(&checks, CheckId::DestinationUsername);
            let what = format!("{setting} {of_source} {of_destination}: {check:?}");
            // The form of the names is judged beside it.
            let fails = check.status == Status::Fail;
            assert!(fails || status != Status::Fail, "{what}");
            let shared = ["several can have", "several users can have"];
            let is_shared = shared.iter().any(|words| check.detail.contains(words));
            assert_eq!(is_shared, status != Status::Ok, "{what}");
            assert!(check.detail.contains(words), "{what}");
        }
    }
}

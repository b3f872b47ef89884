use super::*;

#[test]
fn the_user_name_fits_the_kind_of_pool() {
    #[rustfmt::skip]
    let cases = [
        ("none", false, true, Status::Ok, "what people type: email."),
        ("none", true, false, Status::Fail, "alias email"),
        ("none", false, false, Status::Ok, "the user name that they type."),
        ("username", false, true, Status::Fail, "email is the user name"),
        ("username", true, false, Status::Ok, "is returned where an alias is typed"),
        ("username", false, false, Status::Warn, "another one than they type"),
        ("sub", false, true, Status::Fail, "email is the user name"),
        ("sub", true, false, Status::Ok, "is returned where an alias is typed"),
        ("sub", false, false, Status::Warn, "another one than they type"),
    ];
    for (setting, has_aliases, is_address, status, words) in cases {
        let mut facts = facts();
        let email = |exists: bool| if exists { strings(&["email"]) } else { vec![] };
        destination(&mut facts).alias_attributes = email(has_aliases);
        destination(&mut facts).username_attributes = email(is_address);
        let checks = pools(&settings(&[("DST_USERNAME", setting)]), &facts);
        let check = check(&checks, CheckId::DestinationUsername);
        assert_eq!(check.status, status, "{setting} {has_aliases} {is_address}");
        assert!(check.detail.contains(words), "{check:?}");
    }
}

/// Which names and contacts of the source pool more than one user can have, and the destination pool signs users in by.
#[test]
fn a_sign_in_name_that_the_source_pool_does_not_keep_unique_is_found() {
    const DROP: (&str, &str) = ("UNVERIFIED_CONTACTS", "drop");
    const NO_NAME: (&str, &str) = ("ATTRIBUTE_MAP", r#"{"preferred_username": null}"#);
    const OTHER_NAME: (&str, &str) = ("ATTRIBUTE_MAP", r#"{"preferred_username": "nickname"}"#);
    const INTO_NAME: (&str, &str) = ("ATTRIBUTE_MAP", r#"{"nickname": "preferred_username"}"#);
    const INTO_EMAIL: (&str, &str) = ("ATTRIBUTE_MAP", r#"{"custom:mail": "email"}"#);
    const SAME_EMAIL: (&str, &str) = ("STATIC_ATTRIBUTES", r#"{"email": "all@example.com"}"#);
    const NAME: &str = "preferred_username";
    type Case<'a> = (
        Option<(&'a str, &'a str)>,
        &'a [&'a str],
        &'a [&'a str],
        Status,
        &'a str,
    );
    #[rustfmt::skip]
    let cases: &[Case] = &[
        // The setting, the sign-in names of the source pool, those of the destination pool.
        (None, &[], &["email"], Status::Warn, "by email, and"),
        (None, &["email"], &["email"], Status::Ok, ""),
        (None, &["phone_number"], &["email", "phone_number"], Status::Warn, "by email, and"),
        (None, &[], &["email", "phone_number"], Status::Warn, "by email, phone_number, and"),
        (Some(DROP), &[], &["email"], Status::Ok, ""),
        (Some(INTO_EMAIL), &["email"], &["email"], Status::Warn, "by email, and"),
        (Some(SAME_EMAIL), &[], &["email"], Status::Ok, ""),
        (None, &[], &[NAME], Status::Fail, "by preferred_username"),
        (Some(DROP), &[], &[NAME], Status::Fail, "by preferred_username"),
        (None, &[NAME], &[NAME], Status::Ok, ""),
        (None, &[NAME], &[NAME, "email"], Status::Warn, "by email, and"),
        (Some(NO_NAME), &[], &[NAME], Status::Ok, ""),
        (Some(OTHER_NAME), &[], &[NAME], Status::Ok, ""),
        (Some(INTO_NAME), &[NAME], &[NAME], Status::Fail, "by preferred_username"),
    ];
    for (setting, of_source, of_destination, status, words) in cases {
        for as_alias in [true, false] {
            // preferred_username is an alias or nothing, and a pool has names of one kind.
            if !as_alias && of_destination.contains(&NAME) {
                continue;
            }
            let mut facts = facts();
            set_attribute(source_pool(&mut facts), text("custom:mail", 0, 256));
            source_pool(&mut facts).username_attributes.clear();
            source_pool(&mut facts).alias_attributes = strings(of_source);
            let pool = destination(&mut facts);
            pool.username_attributes.clear();
            match as_alias {
                true => pool.alias_attributes = strings(of_destination),
                false => pool.username_attributes = strings(of_destination),
            }
            let kind = ("DST_USERNAME", if as_alias { "username" } else { "none" });
            let variables: Vec<_> = setting.iter().copied().chain([kind]).collect();
            let checks = pools(&settings(&variables), &facts);
            let check = check(&checks, CheckId::DestinationUsername);
            assert_eq!(
                check.status, *status,
                "{setting:?} {of_destination:?}: {check:?}"
            );
            assert!(check.detail.contains(words), "{check:?}");
        }
    }
}

/// Nothing is asked for where nothing depends on the source pool.
#[test]
fn an_unknown_source_pool_leaves_the_user_name_judged_where_it_does_not_matter() {
    for (variables, status) in [
        (&[][..], Status::Skipped(Why::NoPermission)),
        (&[("UNVERIFIED_CONTACTS", "drop")], Status::Ok),
        (&[("ATTRIBUTE_MAP", r#"{"email": null}"#)], Status::Ok),
        (&[("DST_USERNAME", "sub")], Status::Fail),
    ] {
        let mut facts = facts();
        source_fails(&mut facts, Cause::NotAllowed);
        let checks = pools(&settings(variables), &facts);
        let check = check(&checks, CheckId::DestinationUsername);
        assert_eq!(check.status, status, "{variables:?}: {check:?}");
    }
}

use super::*;

/// The old pool signs in by user name, the new one by e-mail address, and `SRC_LOOKUP` is not set.
#[test]
fn plain_user_names_are_warned_of_where_the_new_pool_signs_in_by_address() {
    let mut facts = facts();
    source_pool(&mut facts).username_attributes.clear();
    let judged = |variables: &[(&str, &str)]| {
        let checks = pools(&settings(variables), &facts);
        check(&checks, CheckId::DestinationUsername).clone()
    };
    let warned = judged(&[("UNVERIFIED_CONTACTS", "drop")]);
    assert_eq!(warned.status, Status::Warn, "{warned:?}");
    assert!(warned.detail.contains("by a plain user name"), "{warned:?}");
    assert!(
        warned.fix.contains("Set SRC_LOOKUP to email."),
        "{warned:?}"
    );
    let mended = judged(&[("UNVERIFIED_CONTACTS", "drop"), ("SRC_LOOKUP", "email")]);
    assert_eq!(mended.status, Status::Ok, "{mended:?}");
}

#[test]
fn the_user_name_fits_the_kind_of_pool() {
    #[rustfmt::skip]
    let cases = [
        ("none", false, true, Status::Ok, "what users type: email."),
        ("none", true, false, Status::Fail, "must not have the form of an alias"),
        ("none", false, false, Status::Ok, "the user name that they type."),
        ("username", false, true, Status::Fail, "DST_USERNAME returns another user name"),
        ("username", true, false, Status::Warn, "created and locked out"),
        ("username", false, false, Status::Fail, "DST_USERNAME returns another user name"),
        ("sub", false, true, Status::Fail, "DST_USERNAME returns another user name"),
        ("sub", true, false, Status::Warn, "created and locked out"),
        ("sub", false, false, Status::Fail, "DST_USERNAME returns another user name"),
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
            // The form of the names is judged beside it.
            if *status == Status::Fail {
                assert_eq!(
                    check.status,
                    Status::Fail,
                    "{setting:?} {of_destination:?}: {check:?}"
                );
            }
            let is_shared = check.detail.contains("several can have")
                || check.detail.contains("several users can have");
            assert_eq!(
                is_shared,
                *status != Status::Ok,
                "{setting:?} {of_destination:?}: {check:?}"
            );
            assert!(check.detail.contains(words), "{check:?}");
        }
    }
}

#[test]
fn an_unknown_source_pool_leaves_only_settings_judged_that_fail_for_all_names() {
    for (variables, status, why) in [
        (&[][..], Status::Skipped, Some(Why::NoPermission)),
        (&[("DST_USERNAME", "sub")], Status::Fail, None),
    ] {
        let mut facts = facts();
        source_fails(&mut facts, Cause::NotAllowed);
        let checks = pools(&settings(variables), &facts);
        let check = check(&checks, CheckId::DestinationUsername);
        assert_eq!(check.status, status, "{variables:?}: {check:?}");
        assert_eq!(check.why, why, "{variables:?}: {check:?}");
    }
}

use super::*;

#[test]
fn each_app_client_is_named_for_what_is_wrong_with_it() {
    let mut facts = facts();
    let named = |name: &str| AppClient {
        name: name.to_owned(),
        ..client()
    };
    clients(&mut facts).listed = vec![
        AppClient {
            prevents_user_existence_errors: false,
            ..named("web")
        },
        without_password_flow(named("srp")),
        AppClient {
            user_password_flow: false,
            ..named("admin")
        },
        AppClient {
            admin_password_flow: false,
            ..named("user")
        },
    ];
    let checks = pools(&settings(&[]), &facts);
    let detail = &check(&checks, CheckId::DestinationClients).detail;
    assert_eq!(
        detail,
        "These app clients allow no password flow, so no user is migrated through them: srp. \
         These app clients tell who exists (PreventUserExistenceErrors LEGACY): web."
    );
}

/// Who may change a sign-in address to one that was not verified, through which clients.
#[test]
fn a_sign_in_contact_is_open_where_a_client_may_write_it_and_the_pool_does_not_wait() {
    let fixed = |name| SchemaAttribute {
        mutable: false,
        ..text(name, 0, 2048)
    };
    type Case<'a> = (
        &'a [&'a str],
        &'a [&'a str],
        Option<&'a [&'a str]>,
        Option<SchemaAttribute>,
        Option<&'a str>,
    );
    #[rustfmt::skip]
    let cases: &[Case] = &[
        // What the pool signs users in by, what waits, what the client may write, the schema of an attribute, what is open.
        (&["email"], &[], Some(&["email"]), None, Some("email")),
        (&["email"], &[], None, None, Some("email")),
        (&["email"], &[], Some(&["name"]), None, None),
        (&["email"], &[], Some(&["name"]), Some(required(text("email", 0, 2048))), Some("email")),
        (&["email"], &[], None, Some(fixed("email")), None),
        (&["email"], &[], None, Some(fixed("name")), Some("email")),
        (&["email"], &["email"], None, None, None),
        (&["email"], &["phone_number"], None, None, Some("email")),
        (&["email", "phone_number"], &["email"], None, None, Some("phone_number")),
        (&["email", "phone_number"], &[], None, None, Some("email, phone_number")),
        (&["preferred_username"], &[], None, None, None),
        (&[], &[], None, None, None),
    ];
    for (signs_in_by, waits, writable, address, open) in cases {
        for as_alias in [true, false] {
            let mut facts = facts();
            let pool = destination(&mut facts);
            pool.username_attributes.clear();
            let names = match as_alias {
                true => &mut pool.alias_attributes,
                false => &mut pool.username_attributes,
            };
            *names = strings(signs_in_by);
            pool.verified_before_update = strings(waits);
            if let Some(address) = address {
                set_attribute(pool, address.clone());
            }
            only_client(&mut facts).writable = writable.map(strings);
            let checks = pools(&settings(&[]), &facts);
            let check = check(&checks, CheckId::DestinationClients);
            let expected =
                open.map(|open| format!("sign in to the destination pool by {open}, and"));
            match expected {
                Some(words) => assert!(check.detail.contains(&words), "{check:?}"),
                None => assert!(
                    !check.detail.contains("sign in to the destination pool by"),
                    "{check:?}"
                ),
            }
        }
    }
}

fn named(name: &str, readable: &[&str], writable: &[&str]) -> AppClient {
    AppClient {
        name: name.to_owned(),
        readable: Some(strings(readable)),
        writable: Some(strings(writable)),
        ..client()
    }
}

#[test]
fn an_app_client_is_named_for_each_copied_attribute_that_it_may_not_read() {
    let mut facts = facts();
    set_attribute(destination(&mut facts), text("custom:old", 0, 40));
    clients(&mut facts).listed = vec![
        named("all", &["custom:old", "custom:tenant"], &[]),
        named("tenant", &["custom:tenant"], &[]),
    ];
    let map = r#"{"custom:tenant": "custom:tenant", "sub": "custom:old", "name": "nickname"}"#;
    let checks = pools(&settings(&[("ATTRIBUTE_MAP", map)]), &facts);
    let detail = &check(&checks, CheckId::DestinationClients).detail;
    assert_eq!(
        detail,
        "Some copied attributes are in no token of these app clients, which may not read them: custom:old (tenant)."
    );
    clients(&mut facts).listed.push(named("none", &[], &[]));
    let checks = pools(&settings(&[("ATTRIBUTE_MAP", map)]), &facts);
    let detail = &check(&checks, CheckId::DestinationClients).detail;
    assert!(
        detail.ends_with(": custom:old, custom:tenant (tenant, none)."),
        "{detail}"
    );
}

#[test]
fn contacts_and_app_clients_through_which_they_are_open_are_named_once() {
    let mut facts = facts();
    let pool = destination(&mut facts);
    pool.username_attributes = strings(&["email", "phone_number"]);
    pool.verified_before_update.clear();
    set_attribute(pool, required(text("phone_number", 0, 2048)));
    clients(&mut facts).listed = vec![
        named("both", &[], &["email", "phone_number"]),
        named("one", &[], &["email"]),
    ];
    let checks = pools(&settings(&[]), &facts);
    let check = check(&checks, CheckId::DestinationClients);
    for part in [" by email, phone_number, and", "see it: both, one."] {
        assert!(check.detail.contains(part), "{check:?}");
    }
    // One of them is required, so no app client can be kept from writing it.
    assert!(check.fix.contains("Nothing else prevents it"), "{check:?}");
}

/// What is missing because of the destination pool is told there; what is missing for another reason here.
#[test]
fn app_clients_that_are_not_known_say_why() {
    for (of_pool, of_clients, why) in [
        (None, Cause::Busy, "could not be asked for"),
        (
            Some(Cause::NotAllowed),
            Cause::Busy,
            "could not be asked for",
        ),
        (
            Some(Cause::Busy),
            Cause::Busy,
            "because of destination.pool",
        ),
        (Some(Cause::Busy), Cause::NotAllowed, "may not look at this"),
        (None, Cause::NotAllowed, "may not look at this"),
    ] {
        let mut facts = facts();
        if let Some(cause) = of_pool {
            facts.destination.pool = Err(failure(cause));
        }
        facts.clients = Err(failure(of_clients));
        let checks = pools(&settings(&[]), &facts);
        let check = check(&checks, CheckId::DestinationClients);
        assert!(check.detail.contains(why), "{of_pool:?}: {check:?}");
    }
}

use super::*;

fn named(name: &str, change: impl FnOnce(&mut AppClient)) -> AppClient {
    let mut client = changed(client(), change);
    client.name = name.to_owned();
    client
}

fn detail(checks: &[Check]) -> &str {
    &check(checks, CheckId::DestinationClients).detail
}

#[test]
fn each_app_client_is_named_for_what_is_wrong_with_it() {
    let checks = judged("", |facts| {
        clients(facts).listed = vec![
            named("web", |it| it.prevents_user_existence_errors = false),
            named("srp", without_password_flow),
            named("admin", |client| client.user_password_flow = false),
            named("user", |client| client.admin_password_flow = false),
        ];
    });
    assert_eq!(
        detail(&checks),
        "These app clients allow no password flow, so no user is migrated through them: srp. \
         These app clients tell who exists (PreventUserExistenceErrors LEGACY): web."
    );
}

/// Who may change a sign-in address to one that was not verified, through which clients.
#[test]
fn a_sign_in_contact_is_open_where_a_client_may_write_it_and_the_pool_does_not_wait() {
    let fixed = |name| changed(attribute(name), |it| it.mutable = false);
    #[rustfmt::skip]
    let cases = [
        // What the pool signs users in by, what waits, what the client may write, the schema of an attribute, what is open.
        (("email", "", Some("email")), None, Some("email")),
        (("email", "", None), None, Some("email")),
        (("email", "", Some("name")), None, None),
        (("email", "", Some("name")), Some(required(text("email", 0, 2048))), Some("email")),
        (("email", "", None), Some(fixed("email")), None),
        (("email", "", None), Some(fixed("name")), Some("email")),
        (("email", "email", None), None, None),
        (("email", "phone_number", None), None, Some("email")),
        ((BOTH, "email", None), None, Some("phone_number")),
        ((BOTH, "", None), None, Some("email, phone_number")),
        (("preferred_username", "", None), None, None),
        (("", "", None), None, None),
    ];
    for (case @ (signs_in_by, waits, writable), address, open) in cases {
        for as_alias in [true, false] {
            let checks = judged("", |facts| {
                let pool = new(facts);
                pool.username_attributes = names(signs_in_by);
                pool.verified_before_update = names(waits);
                address.iter().for_each(|it| set(pool, it.clone()));
                if as_alias {
                    has_alias(facts);
                }
                only_client(facts).writable = writable.map(names);
            });
            let found = detail(&checks).split_once("sign in to the destination pool by ");
            let found = found.and_then(|(_, rest)| rest.split_once(", and"));
            assert_eq!(found.map(|(contacts, _)| contacts), open, "{case:?}");
        }
    }
}

#[test]
fn an_app_client_is_named_for_each_copied_attribute_that_it_may_not_read() {
    const MAP: &str =
        r#"ATTRIBUTE_MAP={"custom:tenant":"custom:tenant","sub":"custom:old","name":"nickname"}"#;
    let reads = |name, readable| named(name, |client| client.readable = Some(names(readable)));
    let checks = judged(MAP, |facts| {
        set(new(facts), text("custom:old", 0, 40));
        let all = reads("all", "custom:old custom:tenant");
        clients(facts).listed = vec![all, reads("tenant", "custom:tenant"), reads("none", "")];
    });
    let expected = "Some copied attributes are in no token of these app clients, which may not read them: custom:old, \
                    custom:tenant (tenant, none).";
    assert_eq!(detail(&checks), expected);
}

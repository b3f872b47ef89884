use super::*;

#[test]
fn a_mark_must_fit_and_be_out_of_the_users_reach() {
    let number = SchemaAttribute {
        data_type: DataType::Number,
        minimum: None,
        maximum: None,
        ..text(MARK, 0, 0)
    };
    let immutable = SchemaAttribute {
        mutable: false,
        ..text(MARK, 0, 256)
    };
    let unlimited = SchemaAttribute {
        minimum: None,
        maximum: None,
        ..text(MARK, 0, 0)
    };
    #[rustfmt::skip]
    let cases = [
        (text(MARK, 0, 256), Some(&["email"]), Status::Ok),
        (text(MARK, 0, 256), None, Status::Fail),
        (unlimited, Some(&["name"]), Status::Ok),
        (text(MARK, 40, 46), Some(&["name"]), Status::Ok),
        (text(MARK, 41, 46), Some(&["name"]), Status::Fail),
        (text(MARK, 0, 45), Some(&["name"]), Status::Fail),
        (number, Some(&["name"]), Status::Fail),
        (immutable, Some(&["name"]), Status::Fail),
        (text(MARK, 0, 256), Some(&[MARK]), Status::Fail),
    ];
    for (attribute, writable, status) in cases {
        let mut facts = facts();
        set_attribute(destination(&mut facts), attribute.clone());
        clients(&mut facts).listed.push(AppClient {
            writable: writable.map(|names| strings(names)),
            ..client()
        });
        let checks = pools(&settings(ALL_USED), &facts);
        let check = check(&checks, CheckId::DestinationMark);
        assert_eq!(
            check.status, status,
            "{attribute:?} {writable:?}: {check:?}"
        );
    }
}

/// What keeps every post-migration step from running comes before what may be wrong with clients that were not seen.
#[test]
fn a_mark_is_not_vouched_for_beyond_the_app_clients_that_were_looked_at() {
    for (more, has_trigger, words) in [
        (false, true, "The mark fits, and"),
        (true, true, "Only the first 1 app clients"),
        (true, false, "no post-migration step runs"),
    ] {
        let mut facts = facts();
        clients(&mut facts).more = more;
        let triggers = &mut destination(&mut facts).triggers;
        triggers.post_authentication = has_trigger.then(|| ARN.to_owned());
        let checks = pools(&settings(ALL_USED), &facts);
        let detail = &check(&checks, CheckId::DestinationMark).detail;
        assert!(detail.contains(words), "{detail}");
    }
}

#[test]
fn a_mark_is_safe_from_users_only_where_no_app_client_lets_them_write_it() {
    let client = |name: &str, writable: Option<&[&str]>| AppClient {
        name: name.to_owned(),
        writable: writable.map(strings),
        ..clients(&mut facts()).listed[0].clone()
    };
    let none = client("none", Some(&[]));
    for (listed, expected) in [
        (vec![], None),
        (vec![none.clone(), client("b", Some(&["email"]))], None),
        (
            vec![none.clone(), client("b", Some(&["email", MARK]))],
            Some("b can write their own mark, and so claim"),
        ),
        (
            vec![none, client("b", None)],
            Some("b can write their own mark, because it sets no WriteAttributes,"),
        ),
    ] {
        let clients = AppClients {
            listed,
            more: false,
        };
        let check = written_mark(MARK, &clients);
        let Some(part) = expected else {
            assert_eq!(check, None, "{clients:?}");
            continue;
        };
        let check = check.unwrap();
        assert!(CheckId::DestinationMark.is(&check), "{check:?}");
        assert_eq!(check.status, Status::Fail);
        assert!(check.detail.contains(part), "{}", check.detail);
    }
}

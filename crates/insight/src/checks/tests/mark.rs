use super::*;

#[test]
fn a_mark_is_safe_from_users_only_where_no_app_client_lets_them_write_it() {
    #[rustfmt::skip]
    let cases = [
        (Some("email"), None),
        (Some("email custom:migration"), Some("b can write their own mark, and so claim")),
        (None, Some("b can write their own mark, because it sets no WriteAttributes,")),
    ];
    for (writable, expected) in cases {
        let client = |name: &str, writable| AppClient {
            name: name.to_owned(),
            writable,
            ..client()
        };
        let clients = AppClients {
            listed: vec![
                client("none", Some(vec![])),
                client("b", writable.map(names)),
            ],
            more: false,
        };
        let found = written_mark(MARK, &clients);
        assert_eq!(found.is_some(), expected.is_some(), "{writable:?}");
        if let (Some(check), Some(words)) = (found, expected) {
            assert_says(&[check], CheckId::DestinationMark, &Status::Fail, words);
        }
    }
    let no_clients = AppClients {
        listed: vec![],
        more: false,
    };
    assert_eq!(written_mark(MARK, &no_clients), None);
}

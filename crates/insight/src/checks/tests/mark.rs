use super::*;

#[test]
fn a_mark_is_safe_from_users_only_where_no_app_client_lets_them_write_it() {
    for (writable, status) in [
        (Some("email"), None),
        (Some("email custom:migration"), Some(Status::Fail)),
        (None, Some(Status::Fail)),
    ] {
        let client = |writable| AppClient {
            writable,
            ..client()
        };
        let clients = AppClients {
            listed: vec![client(Some(vec![])), client(writable.map(names))],
            more: false,
        };
        let found = written_mark(MARK, &clients);
        assert!(found.iter().all(|check| CheckId::DestinationMark.is(check)));
        assert_eq!(found.map(|check| check.status), status, "{writable:?}");
    }
}

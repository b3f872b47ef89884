use std::collections::BTreeMap;

use rules::{evidence::UserStatus, pool::UserPoolDescription};

use super::{
    cell::{birthday, is_in_seconds},
    filled::{MOST_BYTES, MOST_ROWS},
    form::{LONGEST_ROW, MFA, USER_NAME},
    *,
};
use crate::test_support::*;

const COLUMNS: &str = "name email email_verified phone_number phone_number_verified preferred_username birthdate \
                       updated_at custom:a address cognito:mfa_enabled cognito:username";

/// A destination pool, the settings, and what an import demands.
struct Case {
    settings: &'static str,
    destination: UserPoolDescription,
    form: ImportForm,
}

impl Case {
    fn row(&self, user: &ListedUser) -> Result<ImportRow, LeftOut> {
        self.made(user, false)
    }

    fn row_without_unwritable(&self, user: &ListedUser) -> Result<ImportRow, LeftOut> {
        self.made(user, true)
    }

    fn made(&self, user: &ListedUser, without_unwritable: bool) -> Result<ImportRow, LeftOut> {
        let (settings, source, form) = (settings(self.settings), pool(), &self.form);
        let plan = plan(&settings, &source, &self.destination);
        let import = Import { plan, form };
        match without_unwritable {
            true => import.row_without_unwritable(user),
            false => import.row(user),
        }
    }
}

/// The columns of an import that the pool with these verified contacts demands.
fn form(columns: &str, auto_verified: &str) -> ImportForm {
    ImportForm {
        columns: names(columns),
        auto_verified: names(auto_verified),
    }
}

fn into(destination: UserPoolDescription) -> Case {
    Case {
        settings: "",
        destination,
        form: form(COLUMNS, "email"),
    }
}

fn verifying(auto_verified: &str) -> Case {
    changed(into(pool()), |it| it.form = form(COLUMNS, auto_verified))
}

fn user(attributes: &str) -> ListedUser {
    with(attributes, &[])
}

/// A user with a verified address, unless these attributes say otherwise. The second ones can hold blanks.
fn with(attributes: &str, more: &[(&str, &str)]) -> ListedUser {
    let mut held: BTreeMap<String, String> = pairs("sub=7c7f email=ana@example.com");
    held.extend(pairs::<Vec<_>>(&format!(
        "email_verified=true {attributes}"
    )));
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    held.extend(more.iter().map(owned));
    let held = held.into_iter().collect();
    changed(listed("Ana", ""), |it| it.identity.attributes = held)
}

fn user_of(name: &str, value: &str) -> ListedUser {
    with("", &[(name, value)])
}

fn named(username: &str) -> ListedUser {
    changed(user(""), |it| it.identity.username = username.to_owned())
}

#[test]
fn a_row_has_every_column_in_the_order_of_the_header() {
    let case = into(pool());
    assert_eq!(case.form.header().unwrap(), COLUMNS.replace(' ', ","));
    assert!(COLUMNS.ends_with(&format!("{MFA} {USER_NAME}")));
    let user = with(
        "birthdate=1985-02-01 updated_at=1471453471 phone_number=+15550100 phone_number_verified=yes",
        &[("name", " Ana, Bo\u{a0}"), ("address", "  ")],
    );
    let row = case.row(&user).unwrap();
    let line = "Ana\\, Bo,ana@example.com,true,+15550100,false,,02/01/1985,1471453471,,,,ana";
    assert_eq!(row.line, line);
    assert_eq!(row.names, ["ana"]);
}

#[test]
fn a_header_that_cannot_be_written_is_none() {
    let header = |columns| form(columns, "").header();
    let escaped = header("custom:a,b cognito:username").unwrap();
    assert_eq!(escaped, "custom:a\\,b,cognito:username");
    assert_eq!(header("email"), None);
    assert_eq!(header("custom:a\" cognito:username"), None);
}

#[test]
fn only_enabled_users_with_a_password_are_imported() {
    use UserStatus::*;
    #[rustfmt::skip]
    let cases = [
        (Confirmed, true, "", Ok(())),
        (Confirmed, false, "", Err(LeftOut::UserDisabled)),
        (ResetRequired, true, "", Ok(())),
        (Unconfirmed, true, "", Err(LeftOut::NotConfirmed)),
        (ForceChangePassword, true, "", Err(LeftOut::TemporaryPassword)),
        (ForceChangePassword, true, "ON_TEMPORARY_PASSWORD=reset", Ok(())),
        (ExternalProvider, true, "", Err(LeftOut::ExternalProvider)),
        (ExternalProvider, false, "", Err(LeftOut::ExternalProvider)),
        (Archived, true, "", Err(LeftOut::UnusableStatus)),
        (Compromised, true, "", Err(LeftOut::UnusableStatus)),
        (Unknown, true, "", Err(LeftOut::UnusableStatus)),
        (Other, true, "", Err(LeftOut::UnusableStatus)),
    ];
    for (status, enabled, settings, expected) in cases {
        let case = changed(into(pool()), |it| it.settings = settings);
        let user = changed(user(""), |it| (it.status, it.enabled) = (status, enabled));
        let found = case.row(&user).map(drop);
        assert_eq!(found, expected, "{status:?} {enabled} {settings}");
    }
    assert_eq!(LeftOut::UserDisabled.as_str(), "user_disabled");
}

#[test]
fn a_user_whom_the_pool_would_not_take_is_left_out() {
    use LeftOut::*;
    const PHONE: &str = "email_verified=false phone_number=+15550100 phone_number_verified=true";
    let strict = || {
        let short = ["name", "custom:a", "custom:b"].map(|name| text(name, 0, 4));
        changed(into(pool()), |it| {
            it.settings = r#"ATTRIBUTE_MAP={"custom:*":"custom:*"}"#;
            it.destination.schema = short.to_vec();
            it.destination.schema[0].required = true;
        })
    };
    let longest = "ñ".repeat(128);
    #[rustfmt::skip]
    let cases = [
        // A contact that the pool verifies is proven. An address of blanks is none.
        (verifying("email"), user(""), Ok(())),
        (verifying("email"), user("email_verified=false"), Err(NoVerifiedContact)),
        (verifying("email"), user_of("email", "  "), Err(NoVerifiedContact)),
        (verifying("phone_number"), user(""), Err(NoVerifiedContact)),
        (verifying("phone_number"), user(PHONE), Ok(())),
        (verifying(BOTH), user(PHONE), Ok(())),
        (verifying(BOTH), user("email_verified=false"), Err(NoVerifiedContact)),
        (verifying("fax"), user(""), Err(NoVerifiedContact)),
        (verifying(""), user(""), Err(NoVerifiedContact)),
        // Attributes fit, and the import has a column for them.
        (strict(), user("name=Ana"), Ok(())),
        (strict(), user(""), Err(RequiredAttribute)),
        (strict(), user_of("name", " "), Err(RequiredAttribute)),
        (strict(), user("name=ñññññ"), Err(Schema)),
        (strict(), user_of("name", " ññññ "), Ok(())),
        (strict(), user("name=Ana custom:a=12345"), Err(Schema)),
        (strict(), user("name=Ana custom:b=1"), Err(Schema)),
        (strict(), user("name=Ana phone_number=1555"), Err(Schema)),
        (strict(), user("name=Ana email=ana"), Err(Schema)),
        // A user name can be written, is not too long, and has not the form of an alias.
        (into(pool()), named("ana bo"), Err(BlankInUserName)),
        (into(pool()), named("ana\tbo"), Err(BlankInUserName)),
        (into(pool()), named("ana\u{a0}bo"), Err(BlankInUserName)),
        (into(pool()), named("ana\\bo"), Err(UnwritableValue)),
        (into(pool()), named("ana,bo"), Ok(())),
        (into(pool()), named("ana@example.com"), Ok(())),
        (into(pool()), named("+15550100"), Ok(())),
        (into(pool()), named(&longest), Ok(())),
        (into(pool()), named(&format!("{longest}ñ")), Err(Schema)),
        (into(aliases("email")), named("ana@example.com"), Err(UserNameIsAlias)),
        (into(aliases("email")), named("+15550100"), Ok(())),
        (into(aliases("phone_number")), named("ana@example.com"), Ok(())),
        (into(aliases("phone_number")), named("+15550100"), Err(UserNameIsAlias)),
    ];
    for (case, user, expected) in cases {
        let found = case.row(&user).map(drop);
        assert_eq!(found, expected, "{:?} {user:?}", case.form);
    }
}

#[test]
fn the_name_is_the_one_that_a_migration_would_give() {
    const BY_USERNAME: &str = "DST_USERNAME=username";
    const LOOKUP_SUB: &str = "DST_USERNAME=sub SRC_LOOKUP=email";
    const PHONE: &str = "phone_number=+15550100";
    const PROVEN: &str = "phone_number=+15550100 phone_number_verified=true";
    let both = || usernames("phone_number email");
    #[rustfmt::skip]
    let cases = [
        ("", pool(), "", Ok("ana")),
        // Another name than the typed one is given only where an alias is typed.
        (BY_USERNAME, pool(), "", Ok("ana")),
        ("DST_USERNAME=sub", pool(), "", Ok("ana")),
        ("DST_USERNAME=username SRC_LOOKUP=email", pool(), "", Ok("Ana")),
        (LOOKUP_SUB, pool(), "", Ok("7c7f")),
        (LOOKUP_SUB, pool(), "sub=", Err(LeftOut::NoUserName)),
        ("", with_case(pool()), "", Ok("Ana")),
        (LOOKUP, with_case(pool()), "", Ok("ana@example.com")),
        // A pool with addresses for names makes up the names itself, whatever is set.
        (BY_USERNAME, both(), "", Ok("ana@example.com")),
        (BY_USERNAME, both(), PHONE, Ok("ana@example.com")),
        (BY_USERNAME, both(), PROVEN, Ok("+15550100")),
        (BY_USERNAME, usernames("phone_number"), PHONE, Ok("+15550100")),
        (BY_USERNAME, usernames("phone_number"), "", Err(LeftOut::NoUserName)),
    ];
    for (settings, destination, attributes, expected) in cases {
        let case = changed(into(destination), |it| it.settings = settings);
        let row = case.row(&user(attributes));
        let name = row.map(|row| row.line.rsplit(',').next().unwrap().to_owned());
        assert_eq!(name, expected.map(str::to_owned), "{settings} {attributes}");
    }
}

#[test]
fn the_names_are_those_that_no_other_user_may_have() {
    let user = user("email=Ana@example.com phone_number=+15550100 preferred_username=Queen");
    let all = aliases("email phone_number preferred_username");
    for (destination, expected) in [
        (pool(), "ana"),
        // The phone number is not proven, so it is no alias.
        (all, "ana ana@example.com queen"),
        (usernames("email phone_number"), "+15550100 ana@example.com"),
        (with_case(pool()), "Ana"),
    ] {
        let row = into(destination).row(&user).unwrap();
        assert_eq!(row.names, names(expected));
    }
    // An attribute that stays behind takes no name.
    let case = into(aliases("preferred_username"));
    let user = user_of("preferred_username", "a\"b");
    let row = case.row_without_unwritable(&user);
    assert_eq!(row.unwrap().names, ["ana"]);
}

#[test]
fn only_what_has_one_meaning_is_written() {
    let row = |name: &str| into(pool()).row(&user_of("name", name)).map(|row| row.line);
    for value in ["a", ",", ",,", "a, b", "O'Neil", "=1+1;#", "ñ漢🦀"] {
        let written = value.replace(',', "\\,");
        let rest = ",ana@example.com,true,,,,,,,,,ana";
        assert_eq!(row(value), Ok(format!("{written}{rest}")));
    }
    for c in "\\\"\n\r\t\0\u{7f}\u{85}\u{2028}\u{2029}\u{feff}".chars() {
        let found = row(&format!("a{c}b"));
        assert_eq!(found, Err(LeftOut::UnwritableValue), "{c:?}");
    }
}

#[test]
fn only_optional_attributes_stay_behind() {
    const UNWRITABLE: Result<(&str, &str), LeftOut> = Err(LeftOut::UnwritableValue);
    const BY_EMAIL: &str = "Ana,ana@example.com,true,,,,,,,,,ana";
    const BY_PHONE: &str = "Ana,,,+15550100,true,,,,,,,ana";
    const PHONE: &str = "phone_number=+15550100 phone_number_verified=true";
    const EMAIL: &str = "name=Ana email=a\"b@example.com";
    let with_phone = &format!("{EMAIL} {PHONE}");
    const LINES: &[(&str, &str)] = &[("address", "a\nb")];
    #[rustfmt::skip]
    let cases = [
        // Nothing has to stay behind.
        ("email", user("name=Ana"), Ok((BY_EMAIL, ""))),
        ("email", with("name=Ana", LINES), Ok((BY_EMAIL, "address"))),
        ("email", with("name=Ana preferred_username=a\\b", LINES), Ok((BY_EMAIL, "address preferred_username"))),
        // The pool requires it.
        ("email", user("name=\"Ana\""), UNWRITABLE),
        ("email", with("name=\"Ana\"", LINES), UNWRITABLE),
        // The contact that must be verified.
        ("email", user(EMAIL), UNWRITABLE),
        ("email", user(with_phone), UNWRITABLE),
        // Another contact is verified. The flag goes with its contact, and is not named.
        ("phone_number", user(with_phone), Ok((BY_PHONE, "email"))),
        ("email phone_number", with(with_phone, &[("email_verified", "false")]), Ok((BY_PHONE, "email"))),
        // Other reasons count as before.
        ("email", with("name=Ana birthdate=soon", LINES), Err(LeftOut::UnreadableDate)),
    ];
    for (auto_verified, user, expected) in cases {
        let mut case = verifying(auto_verified);
        case.destination.schema = vec![required(text("name", 0, 20))];
        let row = case.row_without_unwritable(&user);
        let row = row.map(|row| (row.line, row.left_behind));
        let expected = expected.map(|(line, left)| (line.to_owned(), names(left)));
        assert_eq!(row, expected, "{auto_verified} {user:?}");
        // Where an attribute stays behind, there is no row with it.
        if row.is_ok_and(|(_, left_behind)| !left_behind.is_empty()) {
            let whole = case.row(&user).map(drop);
            assert_eq!(whole, Err(LeftOut::UnwritableValue), "{user:?}");
        }
    }
    // The user name, by itself or as an attribute.
    for (destination, user) in [
        (pool(), named("a\"b")),
        (usernames("email"), user(with_phone)),
    ] {
        let case = changed(verifying("phone_number email"), |it| {
            it.destination = destination
        });
        let row = case.row_without_unwritable(&user);
        assert_eq!(row, Err(LeftOut::UnwritableValue));
    }
}

#[test]
fn dates_have_the_form_of_an_import() {
    let days = "1985-02-01 2024-02-29 2000-02-29 1999-12-31 0001-01-01";
    for held in days.split(' ') {
        let written = format!("{}/{}/{}", &held[5..7], &held[8..], &held[..4]);
        assert_eq!(birthday(held), Some(written), "{held}");
    }
    let none = "1900-02-29 2023-02-29 2023-04-31 2023-12-32 2023-00-01 2023-13-01 2023-01-00 0000-02-01 2023-1-01 \
                23-01-01 2023-01-01- 01/02/1985 +985-02-01 soon 1985-02-30";
    for held in none.split(' ') {
        assert_eq!(birthday(held), None, "{held}");
        let row = into(pool()).row(&user_of("birthdate", held));
        assert_eq!(row, Err(LeftOut::UnreadableDate), "{held}");
    }
    let (good, bad) = ("0 1471453471 99999999999", "1471453471000 -1 1.5");
    for held in good.split(' ').chain(bad.split(' ')) {
        let is_good = good.split(' ').any(|it| it == held);
        assert_eq!(is_in_seconds(held), is_good, "{held}");
        let row = into(pool()).row(&user_of("updated_at", held)).map(drop);
        let expected = is_good.then_some(()).ok_or(LeftOut::UnreadableDate);
        assert_eq!(row, expected, "{held}");
    }
}

#[test]
fn a_row_holds_fewer_than_sixteen_thousand_characters() {
    let numbered: Vec<_> = (0..9).map(|number| format!("custom:{number}")).collect();
    let mut case = into(pool());
    case.destination.schema = numbered.iter().map(|name| text(name, 0, 2048)).collect();
    case.settings = r#"ATTRIBUTE_MAP={"custom:*":"custom:*"}"#;
    case.form.columns.extend(numbered);
    let long = "x".repeat(2048);
    let full: String = (0..7).map(|it| format!("custom:{it}={long} ")).collect();
    let full = format!("{full}address={}", &long[..1200]);
    let row = |last: &str| case.row(&with(&full, &[("custom:8", last)]));
    let rest = row("").unwrap().line.len();
    let length = LONGEST_ROW - 1 - rest;
    let longest = row(&"x".repeat(length)).unwrap();
    assert_eq!(longest.line.len(), LONGEST_ROW - 1);
    assert_eq!(row(&"x".repeat(length + 1)), Err(LeftOut::RowTooLong));
    // A character beyond the first plane counts as two.
    let crabs = "🦀".repeat(length / 2);
    assert_eq!(row(&crabs).map(drop), Ok(()));
    assert_eq!(row(&format!("{crabs}🦀")), Err(LeftOut::RowTooLong));
}

#[test]
fn a_file_is_full_at_its_last_row_or_byte() {
    let mut filled = Filled::with_header("h");
    assert!((0..MOST_ROWS).all(|_| filled.add("x")));
    assert!(!filled.add("x"));
    let mut filled = Filled::with_header("h");
    let long = "x".repeat(MOST_BYTES - 2 - 1 - 2);
    assert!(filled.add(&long) && filled.add("x") && !filled.add(""));
}

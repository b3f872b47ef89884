use std::collections::BTreeSet;

use rules::{
    evidence::{Identity, UserStatus},
    pool::{DataType, SchemaAttribute, UserPoolDescription},
};
use strum::VariantArray as _;

use super::{
    cell::{birthday, is_in_seconds},
    filled::{MOST_BYTES, MOST_ROWS},
    form::{LONGEST_ROW, MFA, USER_NAME},
    *,
};
use crate::fixtures::{self, pool};

const COLUMNS: [&str; 12] = [
    "name",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "preferred_username",
    "birthdate",
    "updated_at",
    "custom:a",
    "address",
    MFA,
    USER_NAME,
];

/// Two pools, the settings, and what an import demands.
struct Case {
    settings: Vec<(&'static str, &'static str)>,
    source: UserPoolDescription,
    destination: UserPoolDescription,
    form: ImportForm,
}

impl Default for Case {
    fn default() -> Self {
        Case {
            settings: vec![],
            source: pool(false),
            destination: pool(false),
            form: ImportForm {
                columns: COLUMNS.map(str::to_owned).to_vec(),
                auto_verified: vec!["email".to_owned()],
            },
        }
    }
}

fn text(name: &str, required: bool, maximum: i128) -> SchemaAttribute {
    SchemaAttribute {
        name: name.to_owned(),
        required,
        mutable: true,
        data_type: DataType::String,
        minimum: Some(0),
        maximum: Some(maximum),
    }
}

impl Case {
    fn row(&self, user: &ListedUser) -> Result<ImportRow, LeftOut> {
        self.with_import(|import| import.row(user))
    }

    fn row_without_unwritable(&self, user: &ListedUser) -> Result<ImportRow, LeftOut> {
        self.with_import(|import| import.row_without_unwritable(user))
    }

    fn with_import<T>(&self, read: impl FnOnce(Import<'_>) -> T) -> T {
        let settings = fixtures::settings(&self.settings);
        read(Import {
            plan: Plan {
                settings: &settings,
                source: &self.source,
                client: None,
                destination: &self.destination,
                expired_before: None,
            },
            form: &self.form,
        })
    }
}

fn user(attributes: &[(&str, &str)]) -> ListedUser {
    let proven = [
        ("sub", "7c7f"),
        ("email", "ana@example.com"),
        ("email_verified", "true"),
    ];
    let kept = proven.iter().filter(|(name, _)| {
        let mut others = attributes.iter();
        !others.any(|(other, _)| other == name)
    });
    ListedUser {
        identity: Identity {
            username: "Ana".to_owned(),
            attributes: kept
                .chain(attributes)
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        },
        enabled: true,
        status: UserStatus::Confirmed,
        last_modified: None,
    }
}

fn named(username: &str) -> ListedUser {
    let mut user = user(&[]);
    user.identity.username = username.to_owned();
    user
}

#[test]
fn a_row_has_every_column_in_the_order_of_the_header() {
    let case = Case::default();
    assert_eq!(case.form.header().unwrap(), COLUMNS.join(","));
    let user = user(&[
        ("name", " Ana, Bo\u{a0}"),
        ("birthdate", "1985-02-01"),
        ("updated_at", "1471453471"),
        ("phone_number", "+15550100"),
        ("phone_number_verified", "yes"),
        ("address", "  "),
    ]);
    let row = case.row(&user).unwrap();
    assert_eq!(
        row.line,
        "Ana\\, Bo,ana@example.com,true,+15550100,false,,02/01/1985,1471453471,,,,ana"
    );
    assert_eq!(row.names, ["ana"]);
}

#[test]
fn a_header_that_cannot_be_written_is_none() {
    let header = |columns: &[&str]| {
        let columns = columns.iter().map(|&name| name.to_owned()).collect();
        let auto_verified = vec![];
        let form = ImportForm {
            columns,
            auto_verified,
        };
        form.header()
    };
    assert_eq!(
        header(&["custom:a,b", USER_NAME]).unwrap(),
        "custom:a\\,b,cognito:username"
    );
    assert_eq!(header(&["email"]), None);
    assert_eq!(header(&["custom:a\"", USER_NAME]), None);
}

#[test]
fn reasons_have_names() {
    assert_eq!(LeftOut::UserNameIsAlias.as_str(), "user_name_is_alias");
    let names: BTreeSet<_> = LeftOut::VARIANTS.iter().map(|it| it.as_str()).collect();
    assert_eq!(names.len(), LeftOut::VARIANTS.len());
}

#[test]
fn only_enabled_users_with_a_password_are_imported() {
    let mut seen = BTreeSet::new();
    for &status in UserStatus::VARIANTS {
        for enabled in [true, false] {
            for (settings, invited) in [
                (vec![], Err(LeftOut::TemporaryPassword)),
                (vec![("ON_TEMPORARY_PASSWORD", "reset")], Ok(())),
            ] {
                let expected = match (status, enabled) {
                    (UserStatus::ExternalProvider, _) => Err(LeftOut::ExternalProvider),
                    (_, false) => Err(LeftOut::UserDisabled),
                    (UserStatus::Confirmed | UserStatus::ResetRequired, true) => Ok(()),
                    (UserStatus::Unconfirmed, true) => Err(LeftOut::NotConfirmed),
                    (UserStatus::ForceChangePassword, true) => invited,
                    _ => Err(LeftOut::UnusableStatus),
                };
                let case = Case {
                    settings,
                    ..Case::default()
                };
                let user = ListedUser {
                    status,
                    enabled,
                    ..user(&[])
                };
                assert_eq!(case.row(&user).map(drop), expected, "{status:?} {enabled}");
                seen.extend(expected.err());
            }
        }
    }
    assert_eq!(seen.len(), 5);
}

#[test]
fn a_contact_that_the_pool_verifies_is_proven() {
    let email = |value| ("email_verified", value);
    let phone = [
        ("phone_number", "+15550100"),
        ("phone_number_verified", "true"),
    ];
    for (auto_verified, attributes, imported) in [
        (&["email"][..], vec![], true),
        (&["email"], vec![email("false")], false),
        (&["email"], vec![email("TRUE")], true),
        (&["email"], vec![email(" true")], false),
        (&["email"], vec![("email", ""), phone[0], phone[1]], false),
        (&["phone_number"], vec![], false),
        (
            &["phone_number"],
            vec![email("false"), phone[0], phone[1]],
            true,
        ),
        (
            &["email", "phone_number"],
            vec![email("false"), phone[0], phone[1]],
            true,
        ),
        (&["email", "phone_number"], vec![email("false")], false),
        (&["fax"], vec![], false),
        (&[], vec![], false),
    ] {
        let mut case = Case::default();
        case.form.auto_verified = auto_verified.iter().map(|&name| name.to_owned()).collect();
        let row = case.row(&user(&attributes)).map(drop);
        let expected = match imported {
            true => Ok(()),
            false => Err(LeftOut::NoVerifiedContact),
        };
        assert_eq!(row, expected, "{auto_verified:?} {attributes:?}");
    }
    // An address of blanks is none.
    let blank = user(&[("email", "  ")]);
    assert_eq!(Case::default().row(&blank), Err(LeftOut::NoVerifiedContact));
}

#[test]
fn what_does_not_fit_the_pool_is_left_out() {
    let mut case = Case {
        settings: vec![("ATTRIBUTE_MAP", r#"{"custom:*": "custom:*"}"#)],
        ..Case::default()
    };
    case.destination.schema = vec![
        text("name", true, 4),
        text("custom:a", false, 4),
        text("custom:b", false, 4),
    ];
    for (attributes, expected) in [
        (vec![("name", "Ana")], Ok(())),
        (vec![], Err(LeftOut::RequiredAttribute)),
        (vec![("name", " ")], Err(LeftOut::RequiredAttribute)),
        (vec![("name", "ñññññ")], Err(LeftOut::Schema)),
        (vec![("name", " ññññ ")], Ok(())),
        (
            vec![("name", "Ana"), ("custom:a", "12345")],
            Err(LeftOut::Schema),
        ),
        (
            vec![("name", "Ana"), ("custom:c", "1")],
            Err(LeftOut::Schema),
        ),
        // The pool has it, and the import has no column for it.
        (
            vec![("name", "Ana"), ("custom:b", "1")],
            Err(LeftOut::Schema),
        ),
        (
            vec![("name", "Ana"), ("phone_number", "1555")],
            Err(LeftOut::Schema),
        ),
        (
            vec![("name", "Ana"), ("email", "ana")],
            Err(LeftOut::Schema),
        ),
        (vec![("name", "Ana"), ("sub", "1")], Ok(())),
    ] {
        assert_eq!(
            case.row(&user(&attributes)).map(drop),
            expected,
            "{attributes:?}"
        );
    }
}

#[test]
fn the_name_is_the_one_that_a_migration_would_give() {
    let name = |case: &Case, user: &ListedUser| {
        let row = case.row(user)?;
        Ok(row.line.rsplit(',').next().unwrap().to_owned())
    };
    let by = |name: &'static str| Case {
        settings: vec![("DST_USERNAME", name)],
        ..Case::default()
    };
    let named_ana = |name: &str| Ok::<_, LeftOut>(name.to_owned());
    assert_eq!(name(&Case::default(), &user(&[])), named_ana("ana"));
    // Another name than the typed one is given only where an alias is typed.
    assert_eq!(name(&by("username"), &user(&[])), named_ana("ana"));
    assert_eq!(name(&by("sub"), &user(&[])), named_ana("ana"));
    let by_email = |name| {
        let mut case = by(name);
        case.settings.push(("SRC_LOOKUP", "email"));
        case
    };
    assert_eq!(name(&by_email("username"), &user(&[])), named_ana("Ana"));
    assert_eq!(name(&by_email("sub"), &user(&[])), named_ana("7c7f"));
    assert_eq!(
        name(&by_email("sub"), &user(&[("sub", "")])),
        Err(LeftOut::NoUserName)
    );
    let mut case = Case::default();
    case.destination.case_sensitive = true;
    assert_eq!(name(&case, &user(&[])), named_ana("Ana"));
    case.settings = vec![("SRC_LOOKUP", "email")];
    assert_eq!(name(&case, &user(&[])), named_ana("ana@example.com"));
    // A pool with addresses for names makes up the names itself, whatever is set.
    let mut case = by("username");
    case.destination.username_attributes = vec!["phone_number".to_owned(), "email".to_owned()];
    assert_eq!(name(&case, &user(&[])), named_ana("ana@example.com"));
    let phone = ("phone_number", "+15550100");
    assert_eq!(name(&case, &user(&[phone])), named_ana("ana@example.com"));
    let proven = [phone, ("phone_number_verified", "true")];
    assert_eq!(name(&case, &user(&proven)), named_ana("+15550100"));
    case.destination.username_attributes = vec!["phone_number".to_owned()];
    assert_eq!(name(&case, &user(&[phone])), named_ana("+15550100"));
    assert_eq!(name(&case, &user(&[])), Err(LeftOut::NoUserName));
}

#[test]
fn a_name_that_the_pool_refuses_is_left_out() {
    let mut case = Case::default();
    for (name, expected) in [
        ("ana bo", Err(LeftOut::BlankInUserName)),
        ("ana\tbo", Err(LeftOut::BlankInUserName)),
        ("ana\u{a0}bo", Err(LeftOut::BlankInUserName)),
        ("ana\\bo", Err(LeftOut::UnwritableValue)),
        ("ana,bo", Ok(())),
        ("ana@example.com", Ok(())),
        ("+15550100", Ok(())),
    ] {
        assert_eq!(case.row(&named(name)).map(drop), expected, "{name:?}");
    }
    assert_eq!(case.row(&named(&"ñ".repeat(128))).map(drop), Ok(()));
    assert_eq!(case.row(&named(&"ñ".repeat(129))), Err(LeftOut::Schema));
    for (alias, refused) in [("email", "ana@example.com"), ("phone_number", "+15550100")] {
        case.destination.alias_attributes = vec![alias.to_owned()];
        for name in ["ana@example.com", "+15550100"] {
            let expected = match name == refused {
                true => Err(LeftOut::UserNameIsAlias),
                false => Ok(()),
            };
            assert_eq!(case.row(&named(name)).map(drop), expected, "{alias} {name}");
        }
    }
}

#[test]
fn the_names_are_those_that_no_other_user_may_have() {
    let mut case = Case::default();
    let user = user(&[
        ("email", "Ana@example.com"),
        ("phone_number", "+15550100"),
        ("preferred_username", "Queen"),
    ]);
    let names = |case: &Case| case.row(&user).unwrap().names;
    let attributes = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(names(&case), ["ana"]);
    // The phone number is not proven, so it is no alias.
    case.destination.alias_attributes =
        attributes(&["email", "phone_number", "preferred_username"]);
    assert_eq!(names(&case), ["ana", "ana@example.com", "queen"]);
    case.destination.alias_attributes.clear();
    case.destination.username_attributes = attributes(&["email", "phone_number"]);
    assert_eq!(names(&case), ["+15550100", "ana@example.com"]);
    case.destination.username_attributes.clear();
    case.destination.case_sensitive = true;
    assert_eq!(names(&case), ["Ana"]);
}

#[test]
fn only_what_has_one_meaning_is_written() {
    let case = Case::default();
    let row = |name: &str| case.row(&user(&[("name", name)])).map(|row| row.line);
    for (value, written) in [
        ("a", "a"),
        (",", "\\,"),
        (",,", "\\,\\,"),
        ("a, b", "a\\, b"),
        ("O'Neil", "O'Neil"),
        ("=1+1;#", "=1+1;#"),
        ("ñ漢🦀", "ñ漢🦀"),
    ] {
        let line = row(value).unwrap();
        let rest = line
            .strip_prefix(written)
            .unwrap_or_else(|| panic!("{line}"));
        assert!(rest.starts_with(",ana@example.com,true,"), "{line}");
    }
    for c in [
        '\\', '"', '\n', '\r', '\t', '\0', '\u{7f}', '\u{85}', '\u{2028}', '\u{2029}', '\u{feff}',
    ] {
        assert_eq!(
            row(&format!("a{c}b")),
            Err(LeftOut::UnwritableValue),
            "{c:?}"
        );
    }
}

#[test]
fn only_optional_attributes_stay_behind() {
    let unwritable = || Err(LeftOut::UnwritableValue);
    let ana = ("name", "Ana");
    let quoted = ("name", "\"Ana\"");
    let lines = ("address", "a\nb");
    let phone = ("phone_number", "+15550100");
    let proven_phone = ("phone_number_verified", "true");
    let email = ("email", "a\"b@example.com");
    let unproven = ("email_verified", "false");
    let by_email = "Ana,ana@example.com,true,,,,,,,,,ana";
    let by_phone = "Ana,,,+15550100,true,,,,,,,ana";
    let schema = vec![text("name", true, 20)];
    for (auto_verified, attributes, expected) in [
        // Nothing has to stay behind.
        (&["email"][..], vec![ana], Ok((by_email, vec![]))),
        (
            &["email"],
            vec![ana, lines],
            Ok((by_email, vec!["address"])),
        ),
        (
            &["email"],
            vec![ana, lines, ("preferred_username", "a\\b")],
            Ok((by_email, vec!["address", "preferred_username"])),
        ),
        // The pool requires it.
        (&["email"], vec![quoted], unwritable()),
        (&["email"], vec![quoted, lines], unwritable()),
        // The contact that must be verified.
        (&["email"], vec![ana, email], unwritable()),
        (
            &["email"],
            vec![ana, email, phone, proven_phone],
            unwritable(),
        ),
        // Another contact is verified. The flag goes with its contact, and is not named.
        (
            &["phone_number"],
            vec![ana, email, phone, proven_phone],
            Ok((by_phone, vec!["email"])),
        ),
        (
            &["email", "phone_number"],
            vec![ana, email, unproven, phone, proven_phone],
            Ok((by_phone, vec!["email"])),
        ),
        // Other reasons count as before.
        (
            &["email"],
            vec![ana, lines, ("birthdate", "soon")],
            Err(LeftOut::UnreadableDate),
        ),
    ] {
        let mut case = Case::default();
        case.destination.schema.clone_from(&schema);
        case.form.auto_verified = auto_verified.iter().map(|&name| name.to_owned()).collect();
        let user = user(&attributes);
        let row = case.row_without_unwritable(&user);
        let row = row.as_ref().map_err(|reason| *reason).map(|row| {
            let left_behind: Vec<_> = row.left_behind.iter().map(String::as_str).collect();
            (row.line.as_str(), left_behind)
        });
        assert_eq!(row, expected, "{auto_verified:?} {attributes:?}");
        // Where an attribute stays behind, there is no row with it.
        if row.is_ok_and(|(_, left_behind)| !left_behind.is_empty()) {
            let whole = case.row(&user).map(drop);
            assert_eq!(whole, Err(LeftOut::UnwritableValue), "{attributes:?}");
        }
    }
    // The user name, by itself or as an attribute.
    let mut case = Case::default();
    let row = case.row_without_unwritable(&named("a\"b"));
    assert_eq!(row, Err(LeftOut::UnwritableValue));
    case.destination.username_attributes = vec!["email".to_owned()];
    case.form.auto_verified = vec!["phone_number".to_owned()];
    let row = case.row_without_unwritable(&user(&[email, phone, proven_phone]));
    assert_eq!(row, Err(LeftOut::UnwritableValue));
}

#[test]
fn an_attribute_that_stays_behind_takes_no_name() {
    let mut case = Case::default();
    case.destination.alias_attributes = vec!["preferred_username".to_owned()];
    let row = case.row_without_unwritable(&user(&[("preferred_username", "a\"b")]));
    assert_eq!(row.unwrap().names, ["ana"]);
}

#[test]
fn dates_have_the_form_of_an_import() {
    for (held, written) in [
        ("1985-02-01", Some("02/01/1985")),
        ("2024-02-29", Some("02/29/2024")),
        ("2000-02-29", Some("02/29/2000")),
        ("1999-12-31", Some("12/31/1999")),
        ("0001-01-01", Some("01/01/0001")),
        ("1900-02-29", None),
        ("2023-02-29", None),
        ("2023-04-31", None),
        ("2023-12-32", None),
        ("2023-00-01", None),
        ("2023-13-01", None),
        ("2023-01-00", None),
        ("0000-02-01", None),
        ("2023-1-01", None),
        ("23-01-01", None),
        ("2023-01-01-", None),
        ("01/02/1985", None),
        ("+985-02-01", None),
        ("soon", None),
    ] {
        assert_eq!(birthday(held).as_deref(), written, "{held}");
    }
    for (held, is_good) in [
        ("0", true),
        ("1471453471", true),
        ("99999999999", true),
        ("1471453471000", false),
        ("-1", false),
        ("1.5", false),
    ] {
        assert_eq!(is_in_seconds(held), is_good, "{held}");
        let case = Case::default();
        let row = case.row(&user(&[("updated_at", held)])).map(drop);
        let expected = is_good.then_some(()).ok_or(LeftOut::UnreadableDate);
        assert_eq!(row, expected, "{held}");
    }
    // The schema refuses the second one, too.
    for held in ["0000-02-01", "1985-02-30"] {
        let row = Case::default().row(&user(&[("birthdate", held)]));
        assert_eq!(row, Err(LeftOut::UnreadableDate), "{held}");
    }
}

#[test]
fn a_row_holds_fewer_than_sixteen_thousand_characters() {
    let mut case = Case {
        settings: vec![("ATTRIBUTE_MAP", r#"{"custom:*": "custom:*"}"#)],
        ..Case::default()
    };
    let names: Vec<_> = (0..9).map(|number| format!("custom:{number}")).collect();
    case.form.columns.extend(names.iter().cloned());
    case.destination.schema = names.iter().map(|name| text(name, false, 2048)).collect();
    let long = "x".repeat(2048);
    let row = |last: &str| {
        let (last_name, others) = names.split_last().unwrap();
        let mut attributes: Vec<_> = others[..7]
            .iter()
            .map(|name| (name.as_str(), long.as_str()))
            .collect();
        attributes.extend([("address", &long[..1200]), (last_name, last)]);
        case.row(&user(&attributes))
    };
    let rest = row("").unwrap().line.len();
    let length = LONGEST_ROW - 1 - rest;
    assert_eq!(
        row(&"x".repeat(length)).unwrap().line.len(),
        LONGEST_ROW - 1
    );
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

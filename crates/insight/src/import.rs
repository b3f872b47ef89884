//! The rows of the files from which Cognito imports users, and why somebody has none.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-using-import-tool.html>
//!
//! Whoever is imported gets what a migration would give. The form of the files is told in a page of prose, which does not
//! say what a backslash or a quotation mark means. Whoever holds one is left out: a row that is read in another way than it
//! was meant makes a wrong account, and nobody notices.

use crate::plan::Plan;
use crate::schema;
use std::collections::BTreeMap;

use strum::{IntoStaticStr, VariantArray};

use rules::{
    admission::{Admission, OnTemporaryPassword},
    attributes::{is_verified, is_verified_flag},
    evidence::{ListedUser, Profile, SecondFactor, Standing, UserStatus},
    sign_in_name::SignInName,
};

/// The column of the user's name.
const USER_NAME: &str = "cognito:username";
/// The column of the second factor. Empty, it takes the state that the pool demands.
const MFA: &str = "cognito:mfa_enabled";

/// A row holds at most so many characters, its end included.
const LONGEST_ROW: usize = 16_000;
/// A file holds at most so many rows, its header not counted.
const MOST_ROWS: usize = 500_000;
/// A file holds at most so many bytes: 100 MB in the narrowest sense.
const MOST_BYTES: usize = 100_000_000;
/// A user name has at most so many characters.
const LONGEST_USER_NAME: usize = 128;

/// Why a user of the source pool is in no import file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum LeftOut {
    /// The user signs in through an identity provider and has no password to reset.
    ExternalProvider,
    /// The user is disabled.
    UserDisabled,
    /// The user never confirmed the account.
    NotConfirmed,
    /// The user never replaced a temporary password, and `ON_TEMPORARY_PASSWORD` does not let that through.
    TemporaryPassword,
    /// The user's status is not one from which people are migrated.
    UnusableStatus,
    /// The user has proved no contact that the destination pool verifies.
    NoVerifiedContact,
    /// An attribute that the destination pool requires is missing.
    RequiredAttribute,
    /// The destination pool does not have an attribute, or does not take its value.
    Schema,
    /// Under these settings the user would have no name.
    NoUserName,
    /// The name holds a blank.
    BlankInUserName,
    /// The name looks like an alias of the destination pool, which such a pool refuses.
    UserNameIsAlias,
    /// A value cannot be written safely: it holds a backslash, a quotation mark, a line break or another control character.
    UnwritableValue,
    /// A birthday is none, or a time is not in seconds since 1970.
    UnreadableDate,
    /// The row would be too long.
    RowTooLong,
    /// Several users would have the same name or sign-in address in the destination pool.
    SameName,
    /// Somebody in the destination pool has the name or sign-in address.
    NameTaken,
}

impl LeftOut {
    /// The name under which the reason is written and counted.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What an import into a pool demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportForm {
    /// The columns, as GetCSVHeader names them.
    pub columns: Vec<String>,
    /// The contacts that the pool verifies by itself: `email`, `phone_number`.
    pub auto_verified: Vec<String>,
}

impl ImportForm {
    /// The first row; `None` if it cannot be written, or names no column of user names.
    pub fn header(&self) -> Option<String> {
        let names: Result<Vec<_>, _> = self.columns.iter().map(|name| written(name)).collect();
        let names = names.ok()?;
        self.has(USER_NAME).then(|| names.join(","))
    }

    fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|known| known == column)
    }
}

/// A row of an import file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRow {
    /// The row, without its end.
    pub line: String,
    /// The names and addresses that nobody else in the destination pool may have.
    pub names: Vec<String>,
}

/// An import of users of the source pool.
#[derive(Clone, Copy, Debug)]
pub struct Import<'a> {
    /// The settings and the pools.
    pub plan: Plan<'a>,
    /// What the import demands.
    pub form: &'a ImportForm,
}

impl Import<'_> {
    /// The row of a user, as far as no other user matters.
    pub fn row(&self, user: &ListedUser) -> Result<ImportRow, LeftOut> {
        self.may_be_imported(user)?;
        let (name, attributes) = self.as_migrated(user)?;
        let destination = self.plan.destination;
        let is_proven = |contact: &String| is_verified(&attributes, contact);
        if !self.form.auto_verified.iter().any(is_proven) {
            return Err(LeftOut::NoVerifiedContact);
        }
        if schema::lacks_required(&destination.schema, &attributes) {
            return Err(LeftOut::RequiredAttribute);
        }
        if !schema::takes(&destination.schema, &attributes)
            || !self.has_columns_and_forms(&attributes)
        {
            return Err(LeftOut::Schema);
        }
        let name = name.ok_or(LeftOut::NoUserName)?;
        self.check_name(&name)?;
        let values: Result<Vec<_>, _> = self
            .form
            .columns
            .iter()
            .map(|column| match column.as_str() {
                USER_NAME => written(&name),
                MFA => Ok(String::new()),
                column => cell(column, attributes.get(column).map_or("", String::as_str)),
            })
            .collect();
        let line = values?.join(",");
        // The reader may count as Java does.
        if line.encode_utf16().count() >= LONGEST_ROW {
            return Err(LeftOut::RowTooLong);
        }
        let aliases = destination.alias_attributes.iter().filter(|alias| {
            // An address is an alias only of whoever has proved it.
            alias.as_str() == SignInName::PreferredUsername.as_str() || is_proven(alias)
        });
        let unique = aliases.chain(&destination.username_attributes);
        let held = unique.filter_map(|name| attributes.get(name));
        let mut names: Vec<_> = held.map(|value| value.to_lowercase()).collect();
        names.push(self.plan.handed_over(&name));
        names.sort();
        names.dedup();
        Ok(ImportRow { line, names })
    }

    fn may_be_imported(&self, user: &ListedUser) -> Result<(), LeftOut> {
        if user.status == UserStatus::ExternalProvider {
            return Err(LeftOut::ExternalProvider);
        }
        if !user.enabled {
            return Err(LeftOut::UserDisabled);
        }
        match user.status {
            UserStatus::Confirmed | UserStatus::ResetRequired => Ok(()),
            UserStatus::Unconfirmed => Err(LeftOut::NotConfirmed),
            UserStatus::ForceChangePassword => {
                match self.plan.settings.policy.on_temporary_password {
                    OnTemporaryPassword::Reset => Ok(()),
                    OnTemporaryPassword::Refuse => Err(LeftOut::TemporaryPassword),
                }
            }
            UserStatus::Archived
            | UserStatus::Compromised
            | UserStatus::Unknown
            | UserStatus::ExternalProvider
            | UserStatus::Other => Err(LeftOut::UnusableStatus),
        }
    }

    /// The name and the attributes that the user would have after a migration.
    ///
    /// An import takes blanks off both ends of a value. So they are taken off before anything is judged. The flags stay as
    /// they are: the function does not take one with blanks for verified.
    fn as_migrated(
        &self,
        user: &ListedUser,
    ) -> Result<(Option<String>, BTreeMap<String, String>), LeftOut> {
        let trimmed = |(name, value): &(String, String)| {
            let value = match is_verified_flag(name) {
                true => value,
                false => value.trim(),
            };
            (name.clone(), value.to_owned())
        };
        let profile = Profile {
            username: user.username.clone(),
            standing: Standing::Reported {
                enabled: user.enabled,
                status: user.status,
            },
            attributes: user.attributes.iter().map(trimmed).collect(),
            // A list shows none.
            second_factor: SecondFactor::None,
        };
        let imported = Admission {
            final_status: None,
            enable_sms_mfa: false,
            is_proven: false,
        };
        let destination = &self.plan.settings.destination;
        let typed = self.plan.handed_over(self.plan.name_of(user));
        let migrated = destination.user(&profile, &typed, |_| Ok(imported));
        // Only a `sub` can be missing.
        let mut attributes = migrated.map_err(|_| LeftOut::NoUserName)?.attributes;
        for value in attributes.values_mut() {
            *value = value.trim().to_owned();
        }
        attributes.retain(|_, value| !value.is_empty());
        let returned = attributes.remove("username");
        let usernames = &self.plan.destination.username_attributes;
        let name = if usernames.is_empty() {
            Some(returned.unwrap_or(typed))
        } else {
            // Such a pool makes up the names itself. A proven address is the safer one.
            let mut held = usernames
                .iter()
                .filter(|name| attributes.contains_key(*name));
            let proven = held.clone().find(|name| is_verified(&attributes, name));
            proven
                .or_else(|| held.next())
                .and_then(|name| attributes.get(name).cloned())
        };
        Ok((name, attributes))
    }

    /// Whether each attribute has a column, and contacts have the form of one.
    fn has_columns_and_forms(&self, attributes: &BTreeMap<String, String>) -> bool {
        attributes.iter().all(|(name, value)| {
            self.form.has(name)
                && match name.as_str() {
                    "email" => SignInName::Email.has_form(value),
                    "phone_number" => SignInName::PhoneNumber.has_form(value),
                    _ => true,
                }
        })
    }

    fn check_name(&self, name: &str) -> Result<(), LeftOut> {
        if name.chars().any(char::is_whitespace) {
            return Err(LeftOut::BlankInUserName);
        }
        if name.chars().count() > LONGEST_USER_NAME {
            return Err(LeftOut::Schema);
        }
        let aliases = &self.plan.destination.alias_attributes;
        let looks_like = |alias: SignInName| {
            aliases.iter().any(|known| known == alias.as_str()) && alias.has_form(name)
        };
        if looks_like(SignInName::Email) || looks_like(SignInName::PhoneNumber) {
            return Err(LeftOut::UserNameIsAlias);
        }
        Ok(())
    }
}

/// The value of an attribute as its column takes it.
fn cell(column: &str, value: &str) -> Result<String, LeftOut> {
    match column {
        _ if value.is_empty() => Ok(String::new()),
        "birthdate" => birthday(value).ok_or(LeftOut::UnreadableDate),
        "updated_at" if !is_in_seconds(value) => Err(LeftOut::UnreadableDate),
        _ => written(value),
    }
}

/// A value in a row: without quotation marks, and with a backslash before each comma.
fn written(value: &str) -> Result<String, LeftOut> {
    let is_doubtful = |c: char| {
        // Unicode's own line ends, and the byte order mark.
        c.is_control() || matches!(c, '\\' | '"' | '\u{2028}' | '\u{2029}' | '\u{feff}')
    };
    match value.contains(is_doubtful) {
        true => Err(LeftOut::UnwritableValue),
        false => Ok(value.replace(',', "\\,")),
    }
}

/// A day as pools hold it (`yyyy-mm-dd`) in the form of an import (`mm/dd/yyyy`). The year 0, which stands for none, would
/// become a birthday two thousand years ago.
fn birthday(value: &str) -> Option<String> {
    let [year, month, day] = <[&str; 3]>::try_from(value.split('-').collect::<Vec<_>>()).ok()?;
    let number = |text: &str, digits: usize| {
        let is_number = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| text.parse::<u32>().ok()).flatten()
    };
    let (years, months, days) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
    let is_leap =
        years.is_multiple_of(4) && !years.is_multiple_of(100) || years.is_multiple_of(400);
    let most = match months {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    let is_day = years > 0 && (1..=most).contains(&days);
    is_day.then(|| format!("{month}/{day}/{year}"))
}

/// Whether this is a number of seconds since 1970. One with more digits counts milliseconds.
fn is_in_seconds(value: &str) -> bool {
    value.len() <= 11 && value.bytes().all(|b| b.is_ascii_digit())
}

/// How much an import file holds.
#[derive(Clone, Copy, Debug)]
pub struct Filled {
    rows: usize,
    bytes: usize,
}

impl Filled {
    /// A file that holds its header only.
    pub fn with_header(header: &str) -> Self {
        Filled {
            rows: 0,
            bytes: header.len() + 1,
        }
    }

    /// Adds a row if there is room for it.
    pub fn add(&mut self, line: &str) -> bool {
        let bytes = self.bytes + line.len() + 1;
        let has_room = self.rows < MOST_ROWS && bytes <= MOST_BYTES;
        if has_room {
            *self = Filled {
                rows: self.rows + 1,
                bytes,
            };
        }
        has_room
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use rules::{
        evidence::PoolMfa,
        password::PasswordPolicy,
        pool::{DataType, SchemaAttribute, Triggers, UserPoolDescription},
        settings::Settings,
    };

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
                source: pool(),
                destination: pool(),
                form: ImportForm {
                    columns: COLUMNS.map(str::to_owned).to_vec(),
                    auto_verified: vec!["email".to_owned()],
                },
            }
        }
    }

    fn pool() -> UserPoolDescription {
        UserPoolDescription {
            users: 0,
            triggers: Triggers::default(),
            schema: vec![],
            alias_attributes: vec![],
            username_attributes: vec![],
            case_sensitive: false,
            mfa: PoolMfa::Off,
            passwords: PasswordPolicy::default(),
            recovery: vec![],
            verified_before_update: vec![],
            deletion_protected: true,
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
            let settings = Settings::read_to_foresee(|name| {
                let known = self.settings.iter().find(|(known, _)| *known == name);
                let pool = (name == "SRC_USER_POOL_ID").then_some("eu-west-1_SourcePool");
                known.map(|(_, value)| *value).or(pool).map(str::to_owned)
            });
            let settings = settings.unwrap();
            let import = Import {
                plan: Plan {
                    settings: &settings,
                    source: &self.source,
                    client: None,
                    destination: &self.destination,
                },
                form: &self.form,
            };
            import.row(user)
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
            username: "Ana".to_owned(),
            enabled: true,
            status: UserStatus::Confirmed,
            attributes: kept
                .chain(attributes)
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        }
    }

    fn named(username: &str) -> ListedUser {
        ListedUser {
            username: username.to_owned(),
            ..user(&[])
        }
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
    fn the_names_are_those_that_nobody_else_may_have() {
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
            '\\', '"', '\n', '\r', '\t', '\0', '\u{7f}', '\u{85}', '\u{2028}', '\u{2029}',
            '\u{feff}',
        ] {
            assert_eq!(
                row(&format!("a{c}b")),
                Err(LeftOut::UnwritableValue),
                "{c:?}"
            );
        }
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
        let case = Case::default();
        let row = case.row(&user(&[("birthdate", "0000-02-01")]));
        assert_eq!(row, Err(LeftOut::UnreadableDate));
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
        let room = LONGEST_ROW - 1 - rest;
        assert_eq!(row(&"x".repeat(room)).unwrap().line.len(), LONGEST_ROW - 1);
        assert_eq!(row(&"x".repeat(room + 1)), Err(LeftOut::RowTooLong));
        // A character beyond the first plane counts as two.
        let crabs = "🦀".repeat(room / 2);
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
}

//! The rules of a destination pool, one row for each.

use rules::{
    admission::FinalUserStatus,
    migrated_user::WelcomeMessage,
    pool::{DataType, SchemaAttribute},
};

use super::*;

/// How users sign in to a destination pool.
#[derive(Clone, Copy, Debug)]
enum Style {
    /// User names only.
    Names,
    /// By user name and these aliases.
    Aliases(&'static [&'static str]),
    /// By these attributes instead of a user name.
    Addresses(&'static [&'static str]),
}

const EMAIL: &[&str] = &["email"];
const PHONE: &[&str] = &["phone_number"];
const BOTH: &[&str] = &["email", "phone_number"];

fn pool(style: Style) -> UserPoolDescription {
    let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let (alias_attributes, username_attributes) = match style {
        Style::Names => (vec![], vec![]),
        Style::Aliases(names) => (owned(names), vec![]),
        Style::Addresses(names) => (vec![], owned(names)),
    };
    UserPoolDescription {
        schema: vec![SchemaAttribute {
            name: "custom:a".to_owned(),
            required: false,
            mutable: true,
            data_type: DataType::String,
            minimum: None,
            maximum: Some(3),
        }],
        alias_attributes,
        username_attributes,
        deletion_protected: true,
        sends_sms: true,
        temporary_password_days: 7,
        ..UserPoolDescription::default()
    }
}

fn answer(attributes: &[(&str, &str)]) -> MigratedUser {
    MigratedUser {
        attributes: attributes
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        final_status: Some(FinalUserStatus::Confirmed),
        welcome_message: WelcomeMessage::None,
        force_alias_creation: false,
        enable_sms_mfa: false,
    }
}

const ANA: (&str, &str) = ("email", "ana@example.com");
const PROVEN: (&str, &str) = ("email_verified", "true");
const NUMBER: (&str, &str) = ("phone_number", "+15550100");
const PROVEN_NUMBER: (&str, &str) = ("phone_number_verified", "true");
const NAMED: (&str, &str) = ("username", "ana");
const OLD: (&str, &str) = ("email", "new@example.com");

const AGAIN: Acceptance = Acceptance::SignsInAgain;

fn no(refusal: Refusal) -> Acceptance {
    Acceptance::Refused(refusal)
}

#[test]
fn a_pool_takes_names_as_its_sign_in_style_demands() {
    use Refusal::{NameChanged, NameForm, NameIsAlias, NameIsPreferred, OtherAddress};
    use Style::{Addresses, Aliases, Names};
    for (style, typed, attributes, expected) in [
        (Names, "ana", &[ANA, PROVEN][..], AGAIN),
        (Names, "ana@example.com", &[ANA], AGAIN),
        (
            Names,
            "ana@example.com",
            &[ANA, PROVEN, NAMED],
            no(NameChanged),
        ),
        (Names, "ana", &[ANA, NAMED], AGAIN),
        (Addresses(EMAIL), "ana@example.com", &[ANA], AGAIN),
        (Addresses(EMAIL), "Ana@Example.com", &[ANA], AGAIN),
        (Addresses(EMAIL), "ana@example.com", &[], AGAIN),
        (Addresses(EMAIL), "ana", &[ANA, PROVEN], no(NameForm)),
        (Addresses(EMAIL), "+15550100", &[ANA, NUMBER], no(NameForm)),
        (
            Addresses(EMAIL),
            "ana@example.com",
            &[OLD, PROVEN],
            no(OtherAddress),
        ),
        (
            Addresses(EMAIL),
            "ana@example.com",
            &[ANA, PROVEN, NAMED],
            no(NameChanged),
        ),
        (Addresses(PHONE), "+15550100", &[NUMBER, ANA], AGAIN),
        (
            Addresses(PHONE),
            "ana@example.com",
            &[NUMBER, ANA],
            no(NameForm),
        ),
        (Addresses(BOTH), "+15550100", &[NUMBER, ANA], AGAIN),
        (Addresses(BOTH), "ana@example.com", &[NUMBER, ANA], AGAIN),
        (
            Addresses(BOTH),
            "+15550100",
            &[("phone_number", "+1")],
            no(OtherAddress),
        ),
        (Addresses(BOTH), "ana", &[NUMBER, ANA], no(NameForm)),
        (Aliases(EMAIL), "ana", &[ANA], AGAIN),
        (
            Aliases(EMAIL),
            "ana@example.com",
            &[ANA, PROVEN],
            no(NameIsAlias),
        ),
        (
            Aliases(EMAIL),
            "ana@example.com",
            &[ANA, PROVEN, NAMED],
            AGAIN,
        ),
        (
            Aliases(EMAIL),
            "ana@example.com",
            &[ANA, NAMED],
            Acceptance::LockedOut,
        ),
        (
            Aliases(EMAIL),
            "ana@example.com",
            &[ANA, PROVEN, ("username", "a@b")],
            no(NameIsAlias),
        ),
        (Aliases(EMAIL), "+15550100", &[ANA, NUMBER], AGAIN),
        (
            Aliases(EMAIL),
            "+15550100",
            &[ANA, NUMBER, NAMED],
            no(NameChanged),
        ),
        (
            Aliases(PHONE),
            "+15550100",
            &[NUMBER, PROVEN_NUMBER],
            no(NameIsAlias),
        ),
        (
            Aliases(PHONE),
            "+15550100",
            &[NUMBER, PROVEN_NUMBER, NAMED],
            AGAIN,
        ),
        (
            Aliases(PHONE),
            "+15550100",
            &[NUMBER, NAMED],
            Acceptance::LockedOut,
        ),
        (Aliases(PHONE), "ana@example.com", &[ANA], AGAIN),
        (
            Aliases(&["preferred_username"]),
            "ak",
            &[("preferred_username", "ak"), NAMED],
            AGAIN,
        ),
        (
            Aliases(&["preferred_username"]),
            "ak",
            &[("preferred_username", "ak")],
            no(NameIsPreferred),
        ),
        (
            Aliases(&["preferred_username"]),
            "ana",
            &[("preferred_username", "Ana")],
            no(NameIsPreferred),
        ),
        (
            // An address that is the preferred user name signs in by that, proven or not.
            Aliases(&["email", "preferred_username"]),
            "ana@example.com",
            &[ANA, ("preferred_username", "ana@example.com"), NAMED],
            AGAIN,
        ),
    ] {
        let found = of(&pool(style), typed, &answer(attributes));
        assert_eq!(found, expected, "{style:?} {typed} {attributes:?}");
    }
}

#[test]
fn a_pool_that_distinguishes_case_wants_the_typed_spelling() {
    for (style, attributes, refusal) in [
        (Style::Addresses(EMAIL), &[ANA][..], Refusal::OtherAddress),
        (
            Style::Aliases(EMAIL),
            &[ANA, PROVEN, NAMED],
            Refusal::NameChanged,
        ),
    ] {
        let mut pool = pool(style);
        assert_eq!(of(&pool, "Ana@example.com", &answer(attributes)), AGAIN);
        pool.case_sensitive = true;
        assert_eq!(of(&pool, "ana@example.com", &answer(attributes)), AGAIN);
        assert_eq!(
            of(&pool, "Ana@example.com", &answer(attributes)),
            no(refusal)
        );
    }
}

#[test]
fn a_user_name_has_at_most_128_characters_and_no_blank() {
    let names = pool(Style::Names);
    let long = "ä".repeat(128);
    assert_eq!(of(&names, &long, &answer(&[])), AGAIN);
    for typed in ["", "ana k", "ana\n", "ana\0", &format!("{long}a")] {
        let found = of(&names, typed, &answer(&[]));
        assert_eq!(found, no(Refusal::NameCharacters), "{typed}");
    }
}

#[test]
fn attributes_must_exist_and_fit_and_flags_need_their_contact() {
    for (attributes, refusal) in [
        (&[("custom:a", "abc")][..], None),
        (&[("custom:a", "abcd")], Some(Refusal::Schema)),
        (&[("custom:b", "a")], Some(Refusal::Schema)),
        (&[("birthdate", "1985-02-28")], None),
        (&[("birthdate", "1985-02-30")], Some(Refusal::Schema)),
        (&[("birthdate", "85-02-28")], Some(Refusal::Schema)),
        (&[("birthdate", "28.02.1985")], Some(Refusal::Schema)),
        (&[("birthdate", "+985-02-28")], Some(Refusal::Schema)),
        (&[("phone_number", "5550100")], Some(Refusal::Schema)),
        (&[("phone_number", "+1555 0100")], Some(Refusal::Schema)),
        (&[PROVEN], Some(Refusal::FlagWithoutContact)),
        (&[("email_verified", "false")], None),
        (&[NUMBER, PROVEN_NUMBER], None),
    ] {
        let expected = refusal.map_or(AGAIN, no);
        let found = of(&pool(Style::Names), "ana", &answer(attributes));
        assert_eq!(found, expected, "{attributes:?}");
    }
    // Cognito itself sets the address that was typed, and no other one.
    let found = |style| of(&pool(style), "ana@example.com", &answer(&[PROVEN]));
    assert_eq!(found(Style::Addresses(EMAIL)), AGAIN);
    assert_eq!(found(Style::Names), no(Refusal::FlagWithoutContact));
}

#[test]
fn codes_by_text_message_need_mfa_and_a_number() {
    for (mfa, attributes, expected) in [
        (PoolMfa::Off, &[NUMBER][..], no(Refusal::SmsMfa)),
        (PoolMfa::Optional, &[], no(Refusal::SmsMfa)),
        (PoolMfa::Optional, &[NUMBER], AGAIN),
        (PoolMfa::On, &[NUMBER], AGAIN),
    ] {
        let pool = UserPoolDescription {
            mfa,
            ..pool(Style::Names)
        };
        let answer = MigratedUser {
            enable_sms_mfa: true,
            ..answer(attributes)
        };
        assert_eq!(
            of(&pool, "ana", &answer),
            expected,
            "{mfa:?} {attributes:?}"
        );
    }
}

#[test]
fn only_the_name_that_the_pool_keeps_finds_the_user() {
    let finds = |name| finds(&pool(Style::Names), "ana", &answer(&[ANA]), name);
    assert!(finds("ana") && !finds("ana@example.com"));
}

#[test]
fn a_result_has_its_name_and_is_good_where_the_user_signs_in_again() {
    for (result, name, is_good) in [
        (UserResult::Moves, "moves", true),
        (UserResult::MovesAfterReset, "moves_after_reset", true),
        (UserResult::Stays, "stays", false),
        (UserResult::Refused(Refusal::Schema), "refused", false),
        (UserResult::LockedOut, "locked_out", false),
    ] {
        assert_eq!((result.as_str(), result.is_good()), (name, is_good));
    }
}

#[test]
fn each_refusal_says_why_in_words_of_its_own() {
    for refusal in Refusal::VARIANTS {
        let same = Refusal::VARIANTS
            .iter()
            .filter(|other| other.because() == refusal.because());
        assert_eq!(same.count(), 1, "{refusal:?}");
    }
}

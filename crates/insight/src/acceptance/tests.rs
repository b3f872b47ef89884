//! The rules of a destination pool, one row for each.

use rules::{admission::FinalUserStatus, migrated_user::WelcomeMessage};

use super::*;
use crate::test_support::*;

/// The pool's verdict on a user with these attributes who typed this name.
fn judged(pool: &UserPoolDescription, typed: &str, attributes: &str) -> Acceptance {
    let schema = vec![text("custom:a", 0, 3)];
    let pool = changed(pool.clone(), |it| it.schema = schema);
    of(&pool, typed, &answer(attributes))
}

fn answer(attributes: &str) -> MigratedUser {
    MigratedUser {
        attributes: pairs(attributes),
        final_status: Some(FinalUserStatus::Confirmed),
        welcome_message: WelcomeMessage::None,
        force_alias_creation: false,
        enable_sms_mfa: false,
    }
}

const ANA: &str = "ana@example.com";
const AGAIN: Acceptance = Acceptance::SignsInAgain;

fn no(refusal: Refusal) -> Acceptance {
    Acceptance::Refused(refusal)
}

#[test]
fn a_pool_takes_users_as_its_sign_in_style_demands() {
    use Acceptance::LockedOut;
    use Refusal::*;
    const MAIL: &str = "email=ana@example.com";
    const PROVEN: &str = "email=ana@example.com email_verified=true";
    const NAMED: &str = "email=ana@example.com email_verified=true username=ana";
    const NUMBER: &str = "phone_number=+15550100 email=ana@example.com";
    const PROVEN_NUMBER: &str = "phone_number=+15550100 phone_number_verified=true";
    let named = |attributes| format!("{attributes} username=ana");
    #[rustfmt::skip]
    let cases: &[(_, _, &str, _)] = &[
        (pool(), "ana", PROVEN, AGAIN),
        (pool(), ANA, MAIL, AGAIN),
        (pool(), ANA, NAMED, no(NameChanged)),
        (pool(), "ana", &named(MAIL), AGAIN),
        (usernames("email"), ANA, MAIL, AGAIN),
        (usernames("email"), "Ana@Example.com", MAIL, AGAIN),
        (usernames("email"), ANA, "", AGAIN),
        (usernames("email"), "ana", PROVEN, no(NameForm)),
        (usernames("email"), "+15550100", NUMBER, no(NameForm)),
        (usernames("email"), ANA, "email=new@example.com email_verified=true", no(OtherAddress)),
        (usernames("email"), ANA, NAMED, no(NameChanged)),
        (usernames("phone_number"), "+15550100", NUMBER, AGAIN),
        (usernames("phone_number"), ANA, NUMBER, no(NameForm)),
        (usernames(BOTH), "+15550100", NUMBER, AGAIN),
        (usernames(BOTH), ANA, NUMBER, AGAIN),
        (usernames(BOTH), "+15550100", "phone_number=+1", no(OtherAddress)),
        (usernames(BOTH), "ana", NUMBER, no(NameForm)),
        (aliases("email"), "ana", MAIL, AGAIN),
        (aliases("email"), ANA, PROVEN, no(NameIsAlias)),
        (aliases("email"), ANA, NAMED, AGAIN),
        (aliases("email"), ANA, &named(MAIL), LockedOut),
        (aliases("email"), ANA, &format!("{PROVEN} username=a@b"), no(NameIsAlias)),
        (aliases("email"), "+15550100", NUMBER, AGAIN),
        (aliases("email"), "+15550100", &named(NUMBER), no(NameChanged)),
        (aliases("phone_number"), "+15550100", PROVEN_NUMBER, no(NameIsAlias)),
        (aliases("phone_number"), "+15550100", &named(PROVEN_NUMBER), AGAIN),
        (aliases("phone_number"), "+15550100", &named(NUMBER), LockedOut),
        (aliases("phone_number"), ANA, MAIL, AGAIN),
        (aliases(PREFERRED), "ak", "preferred_username=ak username=ana", AGAIN),
        (aliases(PREFERRED), "ak", "preferred_username=ak", no(NameIsPreferred)),
        (aliases(PREFERRED), "ana", "preferred_username=Ana", no(NameIsPreferred)),
        // An address that is the preferred user name signs in by that, proven or not.
        (aliases("email preferred_username"), ANA, &named("email=ana@example.com preferred_username=ana@example.com"),
         AGAIN),
        // A pool that distinguishes case wants the typed spelling.
        (usernames("email"), "Ana@example.com", MAIL, AGAIN),
        (with_case(usernames("email")), ANA, MAIL, AGAIN),
        (with_case(usernames("email")), "Ana@example.com", MAIL, no(OtherAddress)),
        (aliases("email"), "Ana@example.com", NAMED, AGAIN),
        (with_case(aliases("email")), ANA, NAMED, AGAIN),
        (with_case(aliases("email")), "Ana@example.com", NAMED, no(NameChanged)),
        // Attributes must fit, and flags need their contact. Cognito itself sets the address that was typed, and no other one.
        (pool(), "ana", "custom:a=abc", AGAIN),
        (pool(), "ana", "custom:a=abcd", no(Schema)),
        (pool(), "ana", "email_verified=true", no(FlagWithoutContact)),
        (pool(), "ana", "email_verified=false", AGAIN),
        (pool(), "ana", PROVEN_NUMBER, AGAIN),
        (pool(), ANA, "email_verified=true", no(FlagWithoutContact)),
        (usernames("email"), ANA, "email_verified=true", AGAIN),
    ];
    for (pool, typed, attributes, expected) in cases {
        let found = judged(pool, typed, attributes);
        assert_eq!(found, *expected, "{typed} {attributes} {pool:?}");
    }
}

#[test]
fn a_user_name_has_at_most_128_characters_and_no_blank() {
    let long = "ä".repeat(128);
    assert_eq!(judged(&pool(), &long, ""), AGAIN);
    for typed in ["", "ana k", "ana\n", "ana\0", &format!("{long}a")] {
        let found = judged(&pool(), typed, "");
        assert_eq!(found, no(Refusal::NameCharacters), "{typed}");
    }
}

#[test]
fn codes_by_text_message_need_mfa_and_a_number() {
    let found = |mfa, attributes| {
        let pool = UserPoolDescription { mfa, ..pool() };
        let answer = changed(answer(attributes), |it| it.enable_sms_mfa = true);
        of(&pool, "ana", &answer)
    };
    const NUMBER: &str = "phone_number=+15550100";
    assert_eq!(found(PoolMfa::Off, NUMBER), no(Refusal::SmsMfa));
    assert_eq!(found(PoolMfa::Optional, ""), no(Refusal::SmsMfa));
    assert_eq!(found(PoolMfa::Optional, NUMBER), AGAIN);
    assert_eq!(found(PoolMfa::On, NUMBER), AGAIN);
}

#[test]
fn only_the_name_that_the_pool_keeps_finds_the_user() {
    let finds = |name| finds(&pool(), "ana", &answer("email=ana@example.com"), name);
    assert!(finds("ana") && !finds(ANA));
}

#[test]
fn a_result_has_its_name_and_is_good_where_the_user_signs_in_again() {
    use UserResult::{LockedOut, Moves, MovesAfterReset, Refused, Stays};
    let good = [Moves, MovesAfterReset].map(|it| (it.as_str(), it.is_good()));
    assert_eq!(good, [("moves", true), ("moves_after_reset", true)]);
    let bad = [Stays, Refused(Refusal::Schema), LockedOut];
    let bad = bad.map(|it| (it.as_str(), it.is_good()));
    assert_eq!(
        bad,
        ["stays", "refused", "locked_out"].map(|name| (name, false))
    );
}

#[test]
fn each_refusal_says_why_in_words_of_its_own() {
    for refusal in Refusal::VARIANTS {
        let all = Refusal::VARIANTS.iter();
        let same = all.filter(|other| other.because() == refusal.because());
        assert_eq!(same.count(), 1, "{refusal:?}");
    }
}

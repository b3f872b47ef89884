//! The tables of the rules, compared with the rules.

use std::collections::BTreeSet;

use rules::{
    admission::{Admission, FinalUserStatus, OnForgotPassword, OnTemporaryPassword, Policy},
    attributes::Contacts,
    evidence::{Challenge, PoolMfa, SecondFactor, Standing, UserStatus},
    outcome::Reason,
};
use strum::VariantArray as _;

use super::{between, owned, row, table};

const SECOND_FACTORS: &str = "docs/second-factors.md";
const MIGRATION: &str = "docs/migration.md";
/// The only standing that a second factor is asked of.
const CONFIRMED: Standing = Standing::Reported {
    enabled: true,
    status: UserStatus::Confirmed,
};

/// The decisions about users with every combination of contacts, in the words of the page.
fn said(decide: impl Fn(Contacts) -> Result<Admission, Reason>) -> BTreeSet<String> {
    let contacts = (0..8).map(|bits| Contacts {
        phone_number: bits & 1 != 0,
        verified_email: bits & 2 != 0,
        verified_phone_number: bits & 4 != 0,
    });
    let words = contacts.map(decide).flat_map(|decision| match decision {
        Err(reason) => vec!["rejected", reason.as_str()],
        Ok(admission) => {
            let status = admission.final_status.map(|status| match status {
                FinalUserStatus::Confirmed => "CONFIRMED",
                FinalUserStatus::ResetRequired => "RESET_REQUIRED",
            });
            let sms = admission.enable_sms_mfa.then_some("with SMS MFA");
            let words = [Some("migrated"), status, sms];
            words.into_iter().flatten().collect()
        }
    });
    owned(words)
}

/// The same of a password reset. That it needs a verified contact stands below the tables.
fn said_of_a_reset(
    standing: Standing,
    (factor, pool): (SecondFactor, PoolMfa),
    policy: Policy,
) -> BTreeSet<String> {
    said(|contacts| {
        let contacts = Contacts {
            verified_email: true,
            ..contacts
        };
        policy.admit_forgot_password(standing, factor, Some(pool), contacts)
    })
}

/// What a cell of a decision table says.
fn read(cell: &str) -> BTreeSet<String> {
    let phrases = ["migrated", "rejected", "with SMS MFA"].into_iter();
    let phrases = owned(phrases.filter(|phrase| cell.contains(phrase)));
    &between('`', cell) | &phrases
}

/// Each cell of a table whose rows begin with settings of `ON_MFA`, with one of these and the place of its column.
fn cells(head: &str) -> impl Iterator<Item = (Policy, usize, BTreeSet<String>)> {
    let rows = table(SECOND_FACTORS, head).into_iter().skip(1);
    rows.flat_map(|row| {
        let words = between('`', &row[0]).into_iter();
        words.flat_map(move |word| {
            let policy = Policy {
                on_mfa: word.parse().unwrap_or_else(|_| panic!("{word}")),
                ..Policy::default()
            };
            let cells: Vec<_> = row[1..].iter().map(|cell| read(cell)).collect();
            let cells = cells.into_iter().enumerate();
            cells.map(move |(column, cell)| (policy, column, cell))
        })
    })
}

#[test]
fn the_page_says_what_each_challenge_leads_to_under_each_setting() {
    const HEAD: &str = "`ON_MFA` | `SMS_MFA`";
    let heads = &table(SECOND_FACTORS, HEAD)[0][1..];
    let heads: Vec<_> = heads.iter().map(|head| between('`', head)).collect();
    let all: BTreeSet<_> = heads.iter().flatten().cloned().collect();
    let known = Challenge::VARIANTS.iter().filter(|challenge| {
        !matches!(challenge, Challenge::NewPasswordRequired | Challenge::Other)
    });
    let known: BTreeSet<_> = known.map(|challenge| *challenge as u8).collect();
    let named = all.iter().map(|name| Challenge::named(name) as u8);
    assert_eq!(named.collect::<BTreeSet<_>>(), known);
    let mut compared = 0;
    for (policy, column, cell) in cells(HEAD) {
        for name in &heads[column] {
            let expected = said(|contacts| {
                let proof = policy.proven_by_challenge(Challenge::named(name))?;
                policy.admit_sign_in(proof, false, CONFIRMED, contacts)
            });
            assert_eq!(cell, expected, "{policy:?} {name}");
            compared += 1;
        }
    }
    assert_eq!(compared, 4 * known.len());
    let row = row(MIGRATION, "the source pool answers", "`SMS_MFA`");
    assert_eq!(between('`', &row[0]), all);
}

#[test]
fn the_page_says_what_a_second_factor_leads_to_at_a_password_reset() {
    let mut compared = 0;
    for (policy, column, cell) in cells("`ON_MFA` | codes by text message, and nothing else") {
        let factor = [SecondFactor::Sms, SecondFactor::Other][column];
        let expected = said_of_a_reset(CONFIRMED, (factor, PoolMfa::Optional), policy);
        assert_eq!(cell, expected, "{policy:?} {factor:?}");
        compared += 1;
    }
    assert_eq!(compared, 4 * 2);
}

#[test]
fn the_page_says_what_each_status_leads_to_at_a_password_reset() {
    let rows = table(MIGRATION, "in the source pool");
    let others = row(MIGRATION, "in the source pool", "any status but ");
    for status in UserStatus::VARIANTS {
        let standing = Standing::Reported {
            enabled: true,
            status: *status,
        };
        let no_factor = (SecondFactor::None, PoolMfa::Off);
        let expected = said_of_a_reset(standing, no_factor, Policy::default());
        let name = status.as_str();
        if expected.contains("migrated") {
            assert!(between('`', &others[0]).contains(name), "{name}");
        } else {
            let own = rows.iter().find(|row| row[0] == format!("`{name}`"));
            let reason = &between('`', &own.unwrap_or(&others)[1]) | &owned(["rejected"]);
            assert_eq!(reason, expected, "{name}");
        }
    }
}

#[test]
fn the_page_says_whose_address_the_guard_keeps() {
    const ENABLED: &str = "an enabled user who is ";
    let row = row("docs/sign-up-guard.md", "in the source pool", ENABLED);
    let documented: BTreeSet<_> = row[0].split(';').map(|case| between('`', case)).collect();
    let policy = |on_forgot_password, on_temporary_password| Policy {
        on_forgot_password,
        on_temporary_password,
        ..Policy::default()
    };
    let (ignore, refuse) = (OnForgotPassword::Ignore, OnTemporaryPassword::Refuse);
    let (migrate, reset) = (OnForgotPassword::Migrate, OnTemporaryPassword::Reset);
    let settings = [
        (None, policy(ignore, refuse)),
        (Some("ON_FORGOT_PASSWORD=migrate"), policy(migrate, refuse)),
        (Some("ON_TEMPORARY_PASSWORD=reset"), policy(ignore, reset)),
    ];
    let case = |status: &UserStatus| {
        // The first setting that lets the user migrate is what it takes.
        let mut settings = settings.iter();
        let (needed, _) = settings.find(|(_, policy)| policy.could_migrate(true, *status))?;
        Some(owned([status.as_str()].into_iter().chain(*needed)))
    };
    let known = UserStatus::VARIANTS.iter().filter_map(case);
    assert_eq!(documented, known.collect());
}

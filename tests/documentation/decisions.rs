//! The tables of the rules, compared with the rules.

use std::{collections::BTreeSet, fs};

use rules::{
    admission::{Admission, FinalUserStatus, OnForgotPassword, OnMfa, OnTemporaryPassword, Policy},
    attributes::Contacts,
    evidence::{Challenge, PoolMfa, SecondFactor, Standing, UserStatus},
    outcome::Reason,
    protocol::Metric,
    settings::{self, Form},
};
use strum::VariantArray as _;

use super::{OPERATING, between, first_cells, owned, path, table};

const SECOND_FACTORS: &str = "docs/second-factors.md";
const MIGRATION: &str = "docs/migration.md";

/// Every combination of contacts.
fn all_contacts() -> impl Iterator<Item = Contacts> {
    (0..8).map(|bits| Contacts {
        phone_number: bits & 1 != 0,
        verified_email: bits & 2 != 0,
        verified_phone_number: bits & 4 != 0,
    })
}

fn enabled(status: UserStatus) -> Standing {
    Standing::Reported {
        enabled: true,
        status,
    }
}

/// A decision in the words of the page.
fn said(decision: Result<Admission, Reason>) -> Vec<&'static str> {
    match decision {
        Ok(admission) => {
            let status = admission.final_status.map(|status| match status {
                FinalUserStatus::Confirmed => "CONFIRMED",
                FinalUserStatus::ResetRequired => "RESET_REQUIRED",
            });
            let sms = admission.enable_sms_mfa.then_some("with SMS MFA");
            [Some("migrated"), status, sms]
                .into_iter()
                .flatten()
                .collect()
        }
        Err(reason) => vec!["rejected", reason.as_str()],
    }
}

/// What a cell of a decision table says.
fn read(cell: &str) -> BTreeSet<String> {
    let phrases = ["migrated", "rejected", "with SMS MFA"].into_iter();
    let phrases = owned(phrases.filter(|phrase| cell.contains(phrase)));
    &between('`', cell) | &phrases
}

/// The settings that a row of `ON_MFA` is about.
fn policies(cell: &str) -> Vec<Policy> {
    let of_word = |word: String| Policy {
        on_mfa: word.parse::<OnMfa>().unwrap_or_else(|_| panic!("{word}")),
        ..Policy::default()
    };
    between('`', cell).into_iter().map(of_word).collect()
}

#[test]
fn the_page_says_what_each_challenge_leads_to_under_each_setting() {
    let rows = table(SECOND_FACTORS, "`ON_MFA` | `SMS_MFA`");
    let heads: Vec<_> = rows[0][1..].iter().map(|head| between('`', head)).collect();
    let known = Challenge::VARIANTS.iter().filter(|challenge| {
        !matches!(challenge, Challenge::NewPasswordRequired | Challenge::Other)
    });
    let named = heads
        .iter()
        .flatten()
        .map(|name| Challenge::named(name) as u8);
    let known: BTreeSet<_> = known.map(|challenge| *challenge as u8).collect();
    assert_eq!(named.collect::<BTreeSet<_>>(), known);
    assert_eq!(rows.len(), 5);
    for row in &rows[1..] {
        for (cell, head) in row[1..].iter().zip(&heads) {
            let policies = policies(&row[0]);
            let each = |policy| head.iter().map(move |name| (policy, name));
            for (policy, name) in policies.iter().flat_map(each) {
                let decide = |contacts| {
                    let proof = policy.proven_by_challenge(Challenge::named(name))?;
                    policy.admit_sign_in(proof, false, enabled(UserStatus::Confirmed), contacts)
                };
                let expected = owned(all_contacts().flat_map(|contacts| said(decide(contacts))));
                assert_eq!(read(cell), expected, "{policy:?} {name}");
            }
        }
    }
    let table = table(MIGRATION, "the source pool answers");
    let row = table.iter().find(|row| row[0].contains("`SMS_MFA`"));
    let all: BTreeSet<_> = heads.into_iter().flatten().collect();
    assert_eq!(between('`', &row.unwrap()[0]), all);
}

#[test]
fn the_page_says_what_a_second_factor_leads_to_at_a_password_reset() {
    let rows = table(
        SECOND_FACTORS,
        "`ON_MFA` | codes by text message, and nothing else",
    );
    let mut settings = 0;
    for row in &rows[1..] {
        for policy in policies(&row[0]) {
            settings += 1;
            let factors = [SecondFactor::Sms, SecondFactor::Other];
            for (cell, factor) in row[1..].iter().zip(factors) {
                let standing = enabled(UserStatus::Confirmed);
                let pool = Some(PoolMfa::Optional);
                let decisions = all_contacts()
                    .map(|contacts| policy.admit_forgot_password(standing, factor, pool, contacts))
                    // That a contact is needed besides stands below the table.
                    .filter(|decision| *decision != Err(Reason::NoVerifiedContact));
                let expected = owned(decisions.flat_map(said));
                assert_eq!(read(cell), expected, "{policy:?} {factor:?}");
            }
        }
    }
    assert_eq!(settings, 4);
}

#[test]
fn the_page_says_what_each_status_leads_to_at_a_password_reset() {
    let rows = table(MIGRATION, "in the source pool");
    let others = rows
        .iter()
        .find(|row| row[0].starts_with("any status but "));
    let others = others.unwrap();
    let contacts = all_contacts().last().unwrap();
    for &status in UserStatus::VARIANTS {
        let (policy, factor) = (Policy::default(), SecondFactor::None);
        let off = Some(PoolMfa::Off);
        let decision = policy.admit_forgot_password(enabled(status), factor, off, contacts);
        let name = status.as_str();
        let own = rows.iter().find(|row| row[0] == format!("`{name}`"));
        match decision {
            Ok(_) => assert!(between('`', &others[0]).contains(name), "{name}"),
            Err(reason) => {
                let row = own.unwrap_or(others);
                assert_eq!(between('`', &row[1]), owned([reason.as_str()]), "{name}");
            }
        }
    }
}

#[test]
fn the_page_says_whose_address_the_guard_keeps() {
    let rows = table("docs/sign-up-guard.md", "in the source pool");
    let row = rows
        .iter()
        .find(|row| row[0].starts_with("an enabled user who is "));
    let cases = row.unwrap()[0].split(';');
    let documented: BTreeSet<_> = cases.map(|case| between('`', case)).collect();
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
    assert_eq!(
        documented,
        UserStatus::VARIANTS.iter().filter_map(case).collect()
    );
}

#[test]
fn the_page_names_every_attribute_by_which_users_are_looked_up() {
    let mut all = settings::ALL.iter();
    let lookup = all.find(|variable| variable.name == "SRC_LOOKUP").unwrap();
    let Form::OneOf { words, .. } = lookup.form else {
        panic!("it takes any text");
    };
    let named = first_cells("docs/sign-in-names.md", "`SRC_LOOKUP`");
    let words: Vec<_> = words.iter().filter(|word| **word != "none").collect();
    assert_eq!(named.iter().collect::<Vec<_>>(), words);
}

#[test]
fn the_page_names_every_metric_with_its_unit() {
    let metrics = Metric::VARIANTS.iter();
    let metrics = metrics.map(|metric| (metric.as_str().to_owned(), metric.unit().to_owned()));
    let rows = table(OPERATING, "metric");
    let documented = rows[1..].iter().flat_map(|row| {
        let names = between('`', &row[0]).into_iter();
        names.map(|name| (name, row[1].clone()))
    });
    assert_eq!(documented.collect::<BTreeSet<_>>(), metrics.collect());
}

#[test]
fn the_page_names_every_module_of_the_crates() {
    let rows = table("docs/architecture.md", "part");
    for (part, folder) in [
        ("crates/rules", "crates/rules/src"),
        ("crates/insight", "crates/insight/src"),
        ("crates/pools", "crates/pools/src"),
        ("crates/cli", "crates/cli/src"),
        ("src/", "src"),
    ] {
        let row = rows
            .iter()
            .find(|row| row[0].contains(&format!("`{part}`")));
        let named = between('`', &row.unwrap()[2]);
        for entry in fs::read_dir(path(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let name = name.trim_end_matches(".rs");
            let is_named = named.contains(name) || named.contains(&format!("{name}/"));
            let is_no_module = ["lib", "main", "test_support", "fixtures"].contains(&name);
            assert!(is_named || is_no_module, "{part}: {name}");
        }
    }
}

//! The tables of the rules, compared with the rules.

use std::collections::BTreeSet;

use insight::finding::Finding;
use rules::{
    admission::{Admission, FinalUserStatus, OnForgotPassword, OnMfa, OnTemporaryPassword, Policy},
    attributes::Contacts,
    evidence::{Challenge, PoolMfa, SecondFactor, Standing, UserStatus},
    outcome::Reason,
    protocol::Metric,
    settings::{self, Form},
};
use strum::VariantArray as _;

use super::{between, file, first_cells};

const SECOND_FACTORS: &str = "docs/second-factors.md";
const MIGRATION: &str = "docs/migration.md";

/// The table under the heading of this name: its head and its rows, by cells.
fn table(page: &str, heading: &str) -> Vec<Vec<String>> {
    let page = file(page);
    let (_, part) = page
        .split_once(&format!("\n## {heading}\n"))
        .unwrap_or_else(|| panic!("there is no {heading}"));
    let lines = part.lines().skip_while(|line| !line.starts_with('|'));
    let lines = lines.take_while(|line| line.starts_with('|'));
    let lines = lines.filter(|line| !line.starts_with("|---"));
    lines
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().to_owned()).collect()
        })
        .collect()
}

fn ticked(text: &str) -> Vec<String> {
    let mut words: Vec<_> = text
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    words.sort();
    words
}

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
fn said(decision: Result<Admission, Reason>) -> Vec<String> {
    match decision {
        Ok(admission) => {
            let status = admission.final_status.map(|status| match status {
                FinalUserStatus::Confirmed => "CONFIRMED".to_owned(),
                FinalUserStatus::ResetRequired => "RESET_REQUIRED".to_owned(),
            });
            let sms = admission.enable_sms_mfa.then(|| "with SMS MFA".to_owned());
            ["migrated".to_owned()]
                .into_iter()
                .chain(status)
                .chain(sms)
                .collect()
        }
        Err(reason) => vec!["rejected".to_owned(), reason.as_str().to_owned()],
    }
}

/// What a cell of a decision table says.
fn read(cell: &str) -> BTreeSet<String> {
    let phrases = ["migrated", "rejected", "with SMS MFA"];
    let phrases = phrases.into_iter().filter(|phrase| cell.contains(phrase));
    ticked(cell)
        .into_iter()
        .chain(phrases.map(str::to_owned))
        .collect()
}

/// The settings that a row of `ON_MFA` is about.
fn policies(cell: &str) -> Vec<Policy> {
    let on_mfa = |word: String| word.parse::<OnMfa>().unwrap_or_else(|_| panic!("{word}"));
    ticked(cell)
        .into_iter()
        .map(|word| Policy {
            on_mfa: on_mfa(word),
            ..Policy::default()
        })
        .collect()
}

#[test]
fn the_page_says_what_each_challenge_leads_to_under_each_setting() {
    let rows = table(SECOND_FACTORS, "At a sign-in");
    let factors: Vec<Vec<_>> = rows[0][1..]
        .iter()
        .map(|head| {
            ticked(head)
                .iter()
                .map(|name| Challenge::named(name))
                .collect()
        })
        .collect();
    let known = |challenge: &&Challenge| {
        !matches!(challenge, Challenge::NewPasswordRequired | Challenge::Other)
    };
    let mut named = factors.concat();
    named.sort_by_key(|challenge| *challenge as u8);
    assert_eq!(
        named,
        Challenge::VARIANTS
            .iter()
            .filter(known)
            .copied()
            .collect::<Vec<_>>()
    );
    assert_eq!(rows.len(), 5);
    for row in &rows[1..] {
        for (column, challenges) in factors.iter().enumerate() {
            let cell = &row[column + 1];
            let policies = policies(&row[0]);
            let each = policies
                .iter()
                .flat_map(|policy| challenges.iter().map(move |each| (policy, *each)));
            for (policy, challenge) in each {
                let expected: BTreeSet<_> = all_contacts()
                    .flat_map(|contacts| {
                        let proof = policy.proven_by_challenge(challenge);
                        said(proof.and_then(|proof| {
                            policy.admit_sign_in(
                                proof,
                                false,
                                enabled(UserStatus::Confirmed),
                                contacts,
                            )
                        }))
                    })
                    .collect();
                assert_eq!(read(cell), expected, "{policy:?} {challenge:?}");
            }
        }
    }
    let table = table(MIGRATION, "At a sign-in");
    let row = table
        .iter()
        .find(|row| row[0].contains("`SMS_MFA`"))
        .unwrap();
    assert_eq!(ticked(&row[0]), ticked(&rows[0][1..].join(" ")));
}

#[test]
fn the_page_says_what_a_second_factor_leads_to_at_a_password_reset() {
    let rows = table(SECOND_FACTORS, "At a password reset");
    let mut settings = 0;
    for row in &rows[1..] {
        for policy in policies(&row[0]) {
            settings += 1;
            for (cell, factor) in row[1..]
                .iter()
                .zip([SecondFactor::Sms, SecondFactor::Other])
            {
                let decide = |contacts| {
                    policy.admit_forgot_password(
                        enabled(UserStatus::Confirmed),
                        factor,
                        Some(PoolMfa::Optional),
                        contacts,
                    )
                };
                // That a contact is needed besides stands below the table.
                let decisions = all_contacts().map(decide);
                let decisions =
                    decisions.filter(|decision| *decision != Err(Reason::NoVerifiedContact));
                let expected: BTreeSet<_> = decisions.flat_map(said).collect();
                assert_eq!(read(cell), expected, "{policy:?} {factor:?}");
            }
        }
    }
    assert_eq!(settings, 4);
}

#[test]
fn the_page_says_what_each_status_leads_to_at_a_password_reset() {
    let rows = table(MIGRATION, "At a password reset");
    let contacts = Contacts {
        phone_number: true,
        verified_email: true,
        verified_phone_number: true,
    };
    for &status in UserStatus::VARIANTS {
        let decision = Policy::default().admit_forgot_password(
            enabled(status),
            SecondFactor::None,
            Some(PoolMfa::Off),
            contacts,
        );
        let own = rows
            .iter()
            .find(|row| row[0] == format!("`{}`", status.as_str()));
        let others = rows
            .iter()
            .find(|row| row[0].starts_with("any status but "))
            .unwrap();
        match decision {
            Ok(_) => assert!(
                ticked(&others[0]).contains(&status.as_str().to_owned()),
                "{status:?}"
            ),
            Err(reason) => assert_eq!(
                ticked(&own.unwrap_or(others)[1]),
                [reason.as_str()],
                "{status:?}"
            ),
        }
    }
}

#[test]
fn the_page_says_whose_address_the_guard_keeps() {
    let page = file("docs/sign-up-guard.md");
    let row = page
        .lines()
        .find(|line| line.starts_with("| an enabled user who is "))
        .unwrap();
    let cell = row.split('|').nth(1).unwrap();
    let documented: BTreeSet<_> = cell.split(';').map(ticked).collect();
    let policy = |on_forgot_password, on_temporary_password| Policy {
        on_forgot_password,
        on_temporary_password,
        ..Policy::default()
    };
    let (ignore, refuse) = (OnForgotPassword::Ignore, OnTemporaryPassword::Refuse);
    let settings = [
        (None, policy(ignore, refuse)),
        (
            Some("ON_FORGOT_PASSWORD=migrate"),
            policy(OnForgotPassword::Migrate, refuse),
        ),
        (
            Some("ON_TEMPORARY_PASSWORD=reset"),
            policy(ignore, OnTemporaryPassword::Reset),
        ),
    ];
    let mut expected = BTreeSet::new();
    for &status in UserStatus::VARIANTS {
        // The first setting that lets the user migrate is what it takes.
        let needed = settings
            .iter()
            .find(|(_, policy)| policy.could_migrate(true, status));
        if let Some((needed, _)) = needed {
            let mut words: Vec<_> = [status.as_str()]
                .into_iter()
                .chain(*needed)
                .map(str::to_owned)
                .collect();
            words.sort();
            expected.insert(words);
        }
    }
    assert_eq!(documented, expected);
}

#[test]
fn the_page_names_every_attribute_by_which_users_are_looked_up() {
    let variable = settings::ALL
        .iter()
        .find(|variable| variable.name == "SRC_LOOKUP")
        .unwrap();
    let Form::OneOf { words, .. } = variable.form else {
        panic!("it takes any text");
    };
    let words: Vec<_> = words.iter().filter(|word| **word != "none").collect();
    assert_eq!(
        first_cells("docs/sign-in-names.md", "`SRC_LOOKUP`")
            .iter()
            .collect::<Vec<_>>(),
        words
    );
}

#[test]
fn the_page_names_every_finding_of_a_survey() {
    let findings: Vec<_> = Finding::VARIANTS
        .iter()
        .map(|finding| finding.as_str())
        .collect();
    assert_eq!(first_cells("docs/survey.md", "finding"), findings);
}

#[test]
fn the_page_names_every_metric_with_its_unit() {
    let metrics: BTreeSet<_> = Metric::VARIANTS
        .iter()
        .map(|metric| (metric.as_str().to_owned(), metric.unit().to_owned()))
        .collect();
    let rows = table("docs/operating.md", "Metrics and alarms");
    let documented: BTreeSet<_> = rows[1..]
        .iter()
        .flat_map(|row| {
            between('`', &row[0])
                .into_iter()
                .map(|name| (name, row[1].clone()))
        })
        .collect();
    assert_eq!(documented, metrics);
}

#[test]
fn the_page_names_every_module_of_the_crates() {
    let rows = table("docs/architecture.md", "The parts");
    for (part, folder) in [
        ("crates/rules", "crates/rules/src"),
        ("crates/insight", "crates/insight/src"),
        ("crates/pools", "crates/pools/src"),
        ("crates/cli", "crates/cli/src"),
        ("src/", "src"),
    ] {
        let row = rows
            .iter()
            .find(|row| row[0].contains(&format!("`{part}`")))
            .unwrap();
        let named: BTreeSet<_> = between('`', &row[2])
            .into_iter()
            .map(|name| name.trim_end_matches('/').to_owned())
            .collect();
        for entry in std::fs::read_dir(super::path(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let name = name.trim_end_matches(".rs");
            if !["lib", "main", "test_support", "fixtures"].contains(&name) {
                assert!(named.contains(name), "{part}: {name}");
            }
        }
    }
}

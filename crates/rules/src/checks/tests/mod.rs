//! Tests of the checks: a table of single faults, and every combination of answers.

mod source;

use strum::VariantArray as _;

use super::*;
use crate::{
    protocol::{PreflightReport, Status, Users, is_ok},
    test_support::*,
};

#[test]
fn every_check_has_one_name_and_those_of_the_source_pool_stand_in_one_report() {
    let names: Vec<_> = CheckId::VARIANTS.iter().map(|id| id.name()).collect();
    for (place, name) in names.iter().enumerate() {
        assert!(name.contains('.'), "{name}");
        assert_eq!(names.iter().position(|other| other == name), Some(place));
    }
    let reported = super::source(&settings(""), &source::facts());
    let reported: Vec<_> = reported.into_iter().map(|check| check.id).collect();
    assert_eq!(reported, names[..reported.len()]);
}

#[test]
fn a_report_is_answered_under_the_names_of_its_contract() {
    let facts = SourceFacts {
        round_trip: Some(Duration::from_millis(800)),
        client: fails(Cause::NotFound),
        probe_sign_in: None,
        ..source::facts()
    };
    let users = Users {
        source: Some(5),
        destination: None,
    };
    let report = PreflightReport::new(super::source(&settings(""), &facts), users);
    assert!(!report.ok);
    assert_eq!(
        report.ids(&Status::Ok),
        "source.credentials,source.pool,source.read,source.lookup,source.attributes,source.mfa"
    );
    assert_eq!(report.ids(&Status::Fail), "source.client");
    assert_eq!(report.ids(&Status::Warn), "time.source");
    assert_eq!(report.ids(&Status::Skipped), "source.flow,source.secret");
}

//! The lists of the pages and of Terraform, compared with those of the code.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use cognito_user_migration::{
    telemetry::{self, Invocation},
    triggers::{Conclusion, Outcome, StepsDone},
};
use insight::{finding::Finding, open_questions::OpenQuestion};
use rules::{
    admission::FinalUserStatus,
    checks::CheckId,
    migrated_user::{MigratedUser, WelcomeMessage},
    outcome::{Cause, Failure, FailureClass, Reason},
    protocol::{Metric, PreflightReport, TriggerSource, Users},
    settings::{self, Form},
    steps::SourceUserIs,
};
use serde_json::Value;
use strum::VariantArray;

use super::{
    OPERATING, between, file, first_cells, keys, owned, prose, row, table,
    terraform::{ALARMS, MODULE, alarms, locals, queries},
};

/// The names of all that an enum has.
fn all<T: VariantArray>(name: fn(&T) -> String) -> BTreeSet<String> {
    T::VARIANTS.iter().map(name).collect()
}

#[test]
fn the_pages_and_terraform_list_what_the_code_has() {
    const EVENTS: &str = "events/README.md";
    const QUESTIONS: &str = "docs/assumptions.md";
    let lines = logged_lines();
    let outcomes = lines.iter().filter_map(|line| line["outcome"].as_str());
    let fields = lines.iter().flat_map(keys).collect();
    let mut reasons = all(|it: &Reason| it.as_str().into());
    reasons.append(&mut all(|it: &FailureClass| it.as_str().into()));
    let findings = all(|it: &Finding| it.as_str().into());
    let triggers = all(|it: &TriggerSource| it.as_str().into());
    let units = all(|it: &Metric| format!("{} {}", it.as_str(), it.unit()));
    let steps = all(|it: &OpenQuestion| it.id().into());
    let settings = owned(settings::ALL.map(|it| it.name));
    let mut variables = settings::ALL.iter();
    let lookup = variables.find(|it| it.name == "SRC_LOOKUP").unwrap();
    let Form::OneOf { words, .. } = lookup.form else {
        panic!("it takes any text");
    };
    let lookups = owned(words.iter().copied().filter(|word| *word != "none"));
    let expected: Value = serde_json::from_str(&file("events/expected.json")).unwrap();
    let events = expected["events"].as_object().unwrap().values();
    let events = events.flat_map(keys).collect();

    let trigger = &row(OPERATING, "field", "`trigger`")[1];
    let saved = &row(OPERATING, "part", "saved queries")[1];
    let metrics = &table(OPERATING, "metric")[1..];
    let metrics = metrics.iter().flat_map(|row| {
        let names = between('`', &row[0]).into_iter();
        names.map(move |name| format!("{name} {}", row[1]))
    });
    let questions = &table(QUESTIONS, "question")[1..];
    assert_eq!(questions.len(), steps.len(), "one question for each step");
    let answers = questions.iter().map(|row| {
        let answer = row.last().unwrap().strip_prefix("verify: `");
        let id = answer.and_then(|rest| rest.split('`').next());
        id.unwrap_or_else(|| panic!("no step of verify answers this: {row:?}"))
    });
    let sections = prose(ALARMS);
    let sections = sections.lines().filter_map(|line| line.strip_prefix("## "));
    let environment = keys(&locals(&format!("{MODULE}/main.tf"))["environment"]);
    let cells = |page, head| (page, head, first_cells(page, head).into_iter().collect());
    for ((page, list, named), known) in [
        (cells(OPERATING, "outcome"), owned(outcomes)),
        (cells(OPERATING, "field"), fields),
        (cells(OPERATING, "reason"), reasons),
        (cells("docs/survey.md", "finding"), findings),
        (cells("docs/sign-in-names.md", "`SRC_LOOKUP`"), lookups),
        (cells(EVENTS, "part"), keys(&expected)),
        (cells(EVENTS, "field"), events),
        ((OPERATING, "trigger", between('`', trigger)), triggers),
        ((OPERATING, "saved queries", between('"', saved)), queries()),
        ((OPERATING, "metric and unit", metrics.collect()), units),
        ((QUESTIONS, "what answers it", owned(answers)), steps),
        ((ALARMS, "section", owned(sections)), alarms()),
        ((MODULE, "environment", environment), settings),
    ] {
        assert_eq!(named, known, "{page}: {list}");
    }
}

#[test]
fn the_page_names_every_check_in_its_order() {
    let ids: Vec<_> = CheckId::VARIANTS.iter().map(|id| id.name()).collect();
    let of_source = first_cells(OPERATING, "check");
    let (source, others) = ids.split_at(of_source.len());
    assert_eq!(of_source, source);
    let page = file(OPERATING);
    let (_, part) = page
        .split_once("### Look at the destination pool\n")
        .unwrap();
    let mut named = between('`', part.split("\n- ").next().unwrap());
    named.retain(|word| word.contains('.'));
    assert_eq!(named, others.iter().cloned().collect());
}

/// A line of each outcome, with each field that it can have.
fn logged_lines() -> Vec<Value> {
    let user = MigratedUser {
        attributes: BTreeMap::new(),
        final_status: Some(FinalUserStatus::Confirmed),
        welcome_message: WelcomeMessage::None,
        force_alias_creation: false,
        enable_sms_mfa: false,
    };
    let users = Users {
        source: Some(1),
        destination: None,
    };
    let done = StepsDone {
        missing_groups: vec!["editors".to_owned()],
        source_user: SourceUserIs::Gone,
    };
    let failure = Failure {
        source_request_id: Some("id".to_owned()),
        ..Failure::new(Cause::Ended, "", "")
    };
    let all = [
        Outcome::Migrated(user),
        Outcome::Allowed,
        Outcome::NotMarked,
        Outcome::StepsDone(done),
        Outcome::SourceUserAlreadyDisabled,
        Outcome::Reported(PreflightReport::new(vec![], users)),
        Outcome::Stopped(Reason::NoPassword.into()),
        Outcome::Stopped(failure.into()),
    ];
    let invocation = Invocation {
        trigger: None,
        duration: Duration::ZERO,
        source_time: Duration::ZERO,
        request_id: "",
    };
    let line = |outcome| {
        // A new outcome belongs into the list above.
        match &outcome {
            Outcome::Migrated(_) | Outcome::Allowed | Outcome::NotMarked => {}
            Outcome::StepsDone(_) | Outcome::SourceUserAlreadyDisabled => {}
            Outcome::Reported(_) | Outcome::Stopped(_) => {}
        }
        let conclusion = Conclusion {
            outcome,
            source_sub: Some("0a1b2c3d-0000-4000-8000-00000000000f".to_owned()),
        };
        serde_json::to_value(telemetry::line(&invocation, &conclusion)).unwrap()
    };
    all.map(line).to_vec()
}

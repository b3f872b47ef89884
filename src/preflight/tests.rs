//! The checks against facts, as tables and over every combination of answers.

use std::collections::{BTreeMap, HashMap};

use super::{
    checks::report,
    report::{Report, Status},
    *,
};
use crate::{
    attributes::Mapping,
    aws::{DataType, Mfa, Recovery, SchemaAttribute},
    config::{DestinationUsername, Role},
    error::FailureClass,
    sensitive::Sensitive,
};

const ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:user-migration";
const SECRET: &str = "hunter2-hunter2";

fn settings() -> Settings {
    Settings {
        source: Source {
            user_pool_id: "eu-west-1_Source1".to_owned(),
            region: "eu-west-1".to_owned(),
            client_id: "1client".to_owned(),
            client_secret: Some(Sensitive::new(SECRET)),
            auth_flow: AuthFlow::AdminUserPassword,
            role: None,
        },
        policy: policy::Settings::default(),
        destination: Destination::default(),
        finishing: finish::Settings::default(),
        time_budget: Duration::from_millis(4500),
    }
}

fn text(name: &str, minimum: i128, maximum: i128) -> SchemaAttribute {
    SchemaAttribute {
        name: name.to_owned(),
        required: false,
        mutable: true,
        data_type: DataType::String,
        minimum: Some(minimum),
        maximum: Some(maximum),
    }
}

fn number(name: &str, minimum: Option<i128>, maximum: Option<i128>) -> SchemaAttribute {
    SchemaAttribute {
        data_type: DataType::Number,
        minimum,
        maximum,
        ..text(name, 0, 0)
    }
}

fn required(attribute: SchemaAttribute) -> SchemaAttribute {
    SchemaAttribute {
        required: true,
        ..attribute
    }
}

fn pool() -> UserPoolDescription {
    UserPoolDescription {
        users: 5,
        migration_trigger: None,
        sign_up_trigger: None,
        post_authentication_trigger: None,
        schema: vec![text("sub", 1, 2048), text("email", 0, 2048)],
        alias_attributes: vec![],
        username_attributes: vec!["email".to_owned()],
        case_sensitive: false,
        mfa: Mfa::Off,
        recovery: vec![Recovery::VerifiedEmail],
    }
}

fn client() -> AppClient {
    AppClient {
        id: "1client".to_owned(),
        name: "app".to_owned(),
        secret: Some(Sensitive::new(SECRET)),
        admin_password_flow: true,
        user_password_flow: true,
        prevents_user_existence_errors: true,
        readable: None,
        writable: None,
    }
}

fn facts() -> Facts {
    Facts {
        credentials: Ok(()),
        source: Ok(pool()),
        source_client: Ok(client()),
        profiles: Ok(()),
        user_lists: None,
        sign_in_of_nobody: Some(Ok(SignInOfNobody::Refused)),
        round_trip: Some(Duration::from_millis(40)),
        user_pool_id: Some("eu-west-1_New1".to_owned()),
        destination: Ok(UserPoolDescription {
            migration_trigger: Some(ARN.to_owned()),
            ..pool()
        }),
        destination_clients: Ok(vec![client()]),
        more_destination_clients: false,
        source_groups: None,
        destination_groups: None,
        function_arn: ARN.to_owned(),
        time_limit: Duration::from_millis(4800),
    }
}

/// What is not in order: each check with its status.
fn found(report: &Report) -> Vec<(&'static str, Status)> {
    report
        .checks
        .iter()
        .filter(|check| check.status != Status::Ok)
        .map(|check| (check.id, check.status))
        .collect()
}

fn mapping(pairs: &[(&str, Option<&str>)]) -> Mapping {
    Mapping {
        renamed: pairs
            .iter()
            .map(|(from, to)| ((*from).to_owned(), to.map(str::to_owned)))
            .collect(),
        ..Mapping::default()
    }
}

fn failure(code: &str) -> Failure {
    Failure {
        class: FailureClass::SourceUnavailable,
        operation: "DescribeUserPool",
        code: code.to_owned(),
        source_request_id: None,
    }
}

#[test]
fn nothing_is_found_where_all_is_in_order() {
    let report = report(&settings(), &facts());
    assert_eq!(found(&report), []);
    assert!(report.ok);
    assert_eq!(report.ids(Status::Fail), "");
    assert_eq!(report.checks.len(), 20);
}

#[test]
fn a_report_is_answered_under_the_names_of_its_contract() {
    let mut facts = facts();
    facts.destination = Err(Unanswered::NotAllowed);
    facts.source_client = Err(Unanswered::NotFound);
    facts.sign_in_of_nobody = None;
    let json = serde_json::to_value(report(&settings(), &facts)).unwrap();
    assert_eq!(json["ok"], false);
    assert_eq!(json["users"]["source"], 5);
    assert_eq!(json["users"]["destination"], serde_json::Value::Null);
    let statuses: Vec<_> = json["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["status"].as_str().unwrap())
        .collect();
    for status in ["ok", "fail", "skipped"] {
        assert!(statuses.contains(&status), "{status}");
    }
    let mut members: Vec<_> = json["checks"][0].as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["detail", "fix", "id", "status"]);
}

/// Whatever the doors answer, in every combination: what is not in order has a fix, what is skipped points to
/// something that is not in order or names the permission, and no secret is shown.
#[test]
fn every_combination_of_answers_leads_to_a_report_that_helps() {
    fn answers<T: Clone>(good: &T) -> Vec<Result<T, Unanswered>> {
        vec![
            Ok(good.clone()),
            Err(Unanswered::NotAllowed),
            Err(Unanswered::NotFound),
            Err(Unanswered::Credentials(failure(
                "UnrecognizedClientException",
            ))),
            Err(Unanswered::Failed(failure("Timeout"))),
        ]
    }
    let sign_ins: Vec<_> = [
        SignInOfNobody::Refused,
        SignInOfNobody::FlowOff,
        SignInOfNobody::SecretWrong,
        SignInOfNobody::LetIn,
    ]
    .into_iter()
    .map(|answer| Some(Ok(answer)))
    .chain([None])
    .chain(
        answers(&SignInOfNobody::Refused)
            .into_iter()
            .skip(1)
            .map(Some),
    )
    .collect();
    let profiles = answers(&());
    let destinations: Vec<_> = answers(&facts().destination.unwrap())
        .into_iter()
        .zip(answers(&vec![client()]))
        .collect();
    let mut cases = 0;
    for source in answers(&pool()) {
        for source_client in answers(&client()) {
            for profiles in &profiles {
                for sign_in_of_nobody in &sign_ins {
                    for (destination, destination_clients) in &destinations {
                        for auth_flow in [AuthFlow::AdminUserPassword, AuthFlow::UserPassword] {
                            let facts = Facts {
                                source: source.clone(),
                                source_client: source_client.clone(),
                                profiles: profiles.clone(),
                                sign_in_of_nobody: sign_in_of_nobody.clone(),
                                destination: destination.clone(),
                                destination_clients: destination_clients.clone(),
                                ..facts()
                            };
                            let mut settings = settings();
                            settings.source.auth_flow = auth_flow;
                            let report = report(&settings, &facts);
                            helps(&report, &facts);
                            cases += 1;
                        }
                    }
                }
            }
        }
    }
    assert_eq!(cases, 5 * 5 * 5 * 9 * 5 * 2);
}

#[track_caller]
fn helps(report: &Report, facts: &Facts) {
    let bad = found(report);
    assert_eq!(
        report.ok,
        bad.iter().all(|(_, status)| *status != Status::Fail)
    );
    for check in &report.checks {
        let shown = format!("{check:?} of {facts:?}");
        assert!(!shown.contains(SECRET));
        assert!(!check.detail.is_empty(), "{shown}");
        assert_eq!(check.fix.is_empty(), check.status == Status::Ok, "{shown}");
        if check.status == Status::Skipped {
            let points_on = check
                .fix
                .strip_prefix("See ")
                .and_then(|rest| rest.strip_suffix('.'));
            match points_on {
                Some(id) => assert!(
                    id != check.id && bad.iter().any(|(known, _)| *known == id),
                    "{shown}: {bad:?}"
                ),
                None => assert!(check.fix.contains("cognito-idp:"), "{shown}"),
            }
        }
    }
}

#[test]
fn a_role_that_cannot_be_assumed_fails_alone() {
    let mut settings = settings();
    settings.source.role = Some(Role {
        arn: "arn:aws:iam::444455556666:role/source".to_owned(),
        external_id: Some("hunter2".to_owned()),
    });
    let refused = Failure {
        operation: "AssumeRole",
        ..failure("AccessDenied")
    };
    let unanswered = Unanswered::from(refused.clone());
    assert!(matches!(unanswered, Unanswered::Credentials(_)));
    let facts = Facts {
        credentials: Err(refused),
        source: Err(unanswered.clone()),
        source_client: Err(unanswered.clone()),
        profiles: Err(unanswered),
        sign_in_of_nobody: None,
        round_trip: None,
        ..facts()
    };
    let report = report(&settings, &facts);
    assert_eq!(report.ids(Status::Fail), "source.credentials");
    assert!(!format!("{report:?}").contains("hunter2"));
}

/// A client can have two secrets, of which it shows one; a pool that does not check would let any past.
#[test]
fn a_secret_that_differs_from_the_shown_one_and_is_taken_is_warned_of() {
    let other = Some(Sensitive::new("another"));
    for (sign_in, expected) in [
        (Some(Ok(SignInOfNobody::Refused)), Status::Warn),
        (Some(Ok(SignInOfNobody::SecretWrong)), Status::Fail),
        (None, Status::Fail),
    ] {
        let mut facts = facts();
        facts.source_client = Ok(AppClient {
            secret: other.clone(),
            ..client()
        });
        facts.sign_in_of_nobody = sign_in;
        assert_eq!(
            found(&report(&settings(), &facts)),
            [("source.secret", expected)]
        );
    }
}

#[test]
fn a_pool_that_lets_anybody_in_fails() {
    let mut facts = facts();
    facts.sign_in_of_nobody = Some(Ok(SignInOfNobody::LetIn));
    assert_eq!(
        found(&report(&settings(), &facts)),
        [("source.flow", Status::Fail)]
    );
}

/// The schema of both pools, the mapping, and what is found in `destination.schema`.
#[test]
fn the_schema_is_compared_attribute_by_attribute() {
    use Status::{Fail, Ok as Good, Warn};
    let fixed = |name: &str, value: &str| Mapping {
        fixed: BTreeMap::from([(name.to_owned(), value.to_owned())]),
        ..Mapping::default()
    };
    let copy_all = Mapping {
        copy_custom: true,
        ..Mapping::default()
    };
    let a = "custom:a";
    let a_to_b = || mapping(&[(a, Some("custom:b"))]);
    let cases: Vec<(Mapping, Vec<SchemaAttribute>, Vec<SchemaAttribute>, Status)> = vec![
        // Custom attributes that nothing maps do not matter.
        (Mapping::default(), vec![text(a, 0, 9)], vec![], Good),
        (mapping(&[(a, None)]), vec![text(a, 0, 9)], vec![], Good),
        (mapping(&[(a, Some(a))]), vec![text(a, 0, 9)], vec![], Fail),
        (copy_all.clone(), vec![text(a, 0, 9)], vec![], Fail),
        (
            copy_all.clone(),
            vec![text(a, 0, 9)],
            vec![text(a, 0, 9)],
            Good,
        ),
        (copy_all, vec![], vec![text(a, 0, 9)], Good),
        (
            a_to_b(),
            vec![text(a, 0, 9)],
            vec![text("custom:b", 0, 9)],
            Good,
        ),
        (a_to_b(), vec![text(a, 0, 9)], vec![text(a, 0, 9)], Fail),
        (a_to_b(), vec![], vec![text("custom:b", 0, 9)], Warn),
        // Lengths: an empty value does not go along, so a least length of 1 is no narrower than 0.
        (
            a_to_b(),
            vec![text(a, 0, 9)],
            vec![text("custom:b", 1, 9)],
            Good,
        ),
        (
            a_to_b(),
            vec![text(a, 0, 9)],
            vec![text("custom:b", 2, 9)],
            Warn,
        ),
        (
            a_to_b(),
            vec![text(a, 0, 9)],
            vec![text("custom:b", 0, 8)],
            Warn,
        ),
        (
            a_to_b(),
            vec![text(a, 0, 9)],
            vec![text("custom:b", 0, 10)],
            Good,
        ),
        // A sub has 36 characters.
        (
            mapping(&[("sub", Some(a))]),
            vec![text("sub", 1, 2048)],
            vec![text(a, 0, 36)],
            Good,
        ),
        (
            mapping(&[("sub", Some(a))]),
            vec![text("sub", 1, 2048)],
            vec![text(a, 0, 35)],
            Warn,
        ),
        (mapping(&[("sub", Some(a))]), vec![], vec![], Fail),
        // Numbers, with and without limits.
        (
            a_to_b(),
            vec![number(a, Some(0), Some(9))],
            vec![number("custom:b", None, None)],
            Good,
        ),
        (
            a_to_b(),
            vec![number(a, None, Some(9))],
            vec![number("custom:b", Some(0), Some(9))],
            Warn,
        ),
        (
            a_to_b(),
            vec![number(a, Some(0), None)],
            vec![number("custom:b", Some(0), Some(9))],
            Warn,
        ),
        (
            a_to_b(),
            vec![number(a, Some(0), Some(9))],
            vec![number("custom:b", Some(0), Some(9))],
            Good,
        ),
        // A number can be written down, a text need not be a number.
        (
            a_to_b(),
            vec![number(a, Some(0), Some(9))],
            vec![text("custom:b", 0, 9)],
            Good,
        ),
        (
            a_to_b(),
            vec![text(a, 0, 9)],
            vec![number("custom:b", None, None)],
            Warn,
        ),
        // What is the same for everybody must fit.
        (fixed(a, "1234"), vec![], vec![text(a, 0, 4)], Good),
        (fixed(a, "12345"), vec![], vec![text(a, 0, 4)], Fail),
        (
            fixed(a, "4"),
            vec![],
            vec![number(a, Some(0), Some(4))],
            Good,
        ),
        (
            fixed(a, "5"),
            vec![],
            vec![number(a, Some(0), Some(4))],
            Fail,
        ),
        (
            fixed(a, "four"),
            vec![],
            vec![number(a, Some(0), Some(4))],
            Fail,
        ),
        (fixed(a, "x"), vec![], vec![], Fail),
        // What the new pool requires: of everybody, of some, of nobody.
        (fixed(a, "x"), vec![], vec![required(text(a, 0, 4))], Good),
        (
            Mapping::default(),
            vec![],
            vec![required(text(a, 0, 4))],
            Fail,
        ),
        (
            Mapping::default(),
            vec![],
            vec![required(text("name", 0, 4))],
            Warn,
        ),
        (
            Mapping::default(),
            vec![required(text("name", 0, 4))],
            vec![required(text("name", 0, 4))],
            Good,
        ),
        (
            mapping(&[("name", None)]),
            vec![required(text("name", 0, 4))],
            vec![required(text("name", 0, 4))],
            Fail,
        ),
        (
            mapping(&[("sub", Some("name"))]),
            vec![],
            vec![required(text("name", 0, 40))],
            Good,
        ),
        // Everybody signs in with an e-mail address.
        (
            Mapping::default(),
            vec![],
            vec![required(text("email", 0, 2048))],
            Good,
        ),
        (
            Mapping::default(),
            vec![],
            vec![required(text("sub", 1, 2048))],
            Good,
        ),
    ];
    for (number, (mapping, source, destination, expected)) in cases.into_iter().enumerate() {
        let mut settings = settings();
        settings.destination.mapping = mapping;
        let mut facts = facts();
        let described = |schema| UserPoolDescription { schema, ..pool() };
        facts.source = Ok(described(source));
        facts.destination = Ok(UserPoolDescription {
            migration_trigger: Some(ARN.to_owned()),
            ..described(destination)
        });
        let report = report(&settings, &facts);
        let check = report
            .checks
            .iter()
            .find(|check| check.id == "destination.schema")
            .unwrap();
        assert_eq!(check.status, expected, "case {number}: {check:?}");
    }
}

#[test]
fn without_the_sources_schema_only_what_is_named_is_judged() {
    let mut settings = settings();
    settings.destination.mapping = Mapping {
        copy_custom: true,
        ..mapping(&[("custom:a", Some("custom:b"))])
    };
    for (destination, expected) in [
        (vec![], Status::Fail),
        (vec![text("custom:b", 0, 1)], Status::Ok),
    ] {
        let mut facts = facts();
        facts.source = Err(Unanswered::NotAllowed);
        facts.destination = Ok(UserPoolDescription {
            schema: destination,
            ..pool()
        });
        let report = report(&settings, &facts);
        let check = report
            .checks
            .iter()
            .find(|check| check.id == "destination.schema")
            .unwrap();
        assert_eq!(check.status, expected, "{check:?}");
    }
}

#[test]
fn the_user_name_fits_the_kind_of_pool() {
    use DestinationUsername::{None as Nothing, Sub, Username};
    for (setting, aliases, attributes, expected) in [
        (Nothing, false, true, Status::Ok),
        (Nothing, true, false, Status::Fail),
        (Nothing, false, false, Status::Ok),
        (Username, false, true, Status::Fail),
        (Username, true, false, Status::Ok),
        (Username, false, false, Status::Ok),
        (Sub, false, true, Status::Fail),
        (Sub, true, false, Status::Ok),
        (Sub, false, false, Status::Warn),
    ] {
        let mut settings = settings();
        settings.destination.username = setting;
        let mut facts = facts();
        let email = |there: bool| {
            if there {
                vec!["email".to_owned()]
            } else {
                vec![]
            }
        };
        facts.destination = Ok(UserPoolDescription {
            alias_attributes: email(aliases),
            username_attributes: email(attributes),
            ..facts.destination.unwrap()
        });
        let report = report(&settings, &facts);
        let check = report
            .checks
            .iter()
            .find(|check| check.id == "destination.username")
            .unwrap();
        assert_eq!(check.status, expected, "{setting:?} {aliases} {attributes}");
    }
}

#[test]
fn a_reset_needs_an_address_that_goes_along_and_that_the_new_pool_writes_to() {
    use Recovery::{AdminOnly, VerifiedEmail, VerifiedPhoneNumber};
    let nothing = || mapping(&[]);
    let no_email = || mapping(&[("email", None)]);
    let no_flag = || mapping(&[("email_verified", None)]);
    let no_phone = || mapping(&[("phone_number", None)]);
    let neither = || mapping(&[("email", None), ("phone_number_verified", None)]);
    for (mapping, recovery, expected) in [
        (nothing(), vec![VerifiedEmail], Status::Ok),
        (nothing(), vec![VerifiedPhoneNumber], Status::Ok),
        (nothing(), vec![], Status::Ok),
        (nothing(), vec![AdminOnly], Status::Fail),
        (no_email(), vec![VerifiedEmail], Status::Fail),
        (no_flag(), vec![VerifiedEmail], Status::Fail),
        (
            no_email(),
            vec![VerifiedEmail, VerifiedPhoneNumber],
            Status::Ok,
        ),
        (no_phone(), vec![VerifiedPhoneNumber], Status::Fail),
        (no_email(), vec![], Status::Ok),
        (neither(), vec![], Status::Fail),
    ] {
        let mut settings = settings();
        settings.destination.mapping = mapping.clone();
        let mut facts = facts();
        facts.destination = Ok(UserPoolDescription {
            recovery: recovery.clone(),
            ..facts.destination.unwrap()
        });
        let expect = |settings: &Settings, expected| {
            let report = report(settings, &facts);
            let check = report
                .checks
                .iter()
                .find(|check| check.id == "destination.recovery")
                .unwrap();
            assert_eq!(
                check.status, expected,
                "{mapping:?} {recovery:?}: {check:?}"
            );
        };
        expect(&settings, expected);
        settings.policy.on_forgot_password = OnForgotPassword::Ignore;
        expect(&settings, Status::Ok);
    }
}

#[test]
fn the_time_of_an_answer_is_held_against_a_third_of_the_budget() {
    for (milliseconds, expected) in [
        (10, Status::Ok),
        (749, Status::Ok),
        (750, Status::Warn),
        (1500, Status::Fail),
    ] {
        let mut facts = facts();
        facts.round_trip = Some(Duration::from_millis(milliseconds));
        let report = report(&settings(), &facts);
        assert_eq!(
            report.checks.last().unwrap().status,
            expected,
            "{milliseconds}"
        );
    }
}

/// In the public flow; the standard attributes may be read unless the client says otherwise, custom ones only if it says so.
#[test]
fn attributes_that_the_client_may_not_read_are_named() {
    let with_custom = HashMap::from([("custom:a".to_owned(), Some("custom:a".to_owned()))]);
    for (renamed, readable, lost) in [
        (HashMap::new(), None, ""),
        (with_custom.clone(), None, "custom:a"),
        (with_custom, Some(vec!["custom:a"]), "email"),
        (
            HashMap::from([("email".to_owned(), None)]),
            Some(vec![]),
            "",
        ),
    ] {
        let mut settings = settings();
        settings.source.auth_flow = AuthFlow::UserPassword;
        settings.destination.mapping.renamed = renamed;
        let mut facts = facts();
        facts.source = Ok(UserPoolDescription {
            schema: vec![
                text("email", 0, 2048),
                text("custom:a", 0, 9),
                text("custom:b", 0, 9),
            ],
            ..pool()
        });
        facts.source_client = Ok(AppClient {
            readable: readable.map(|names| names.into_iter().map(str::to_owned).collect()),
            ..client()
        });
        let report = report(&settings, &facts);
        let check = report
            .checks
            .iter()
            .find(|check| check.id == "source.attributes")
            .unwrap();
        if lost.is_empty() {
            assert_eq!(check.status, Status::Ok, "{check:?}");
        } else {
            assert_eq!(check.status, Status::Warn);
            assert_eq!(
                check.detail,
                format!("The app client may not read {lost}: they would be lost.")
            );
        }
    }
}

#[test]
fn a_mark_is_not_vouched_for_beyond_the_app_clients_that_were_looked_at() {
    let settings = Settings {
        destination: Destination {
            mark: Some("custom:migration".to_owned()),
            ..Destination::default()
        },
        ..settings()
    };
    for (more, trigger, expected) in [
        (false, true, None),
        (true, true, Some("app clients")),
        // What keeps everything from being finished comes first.
        (true, false, Some("post_authentication")),
    ] {
        let mut facts = facts();
        let pool = facts.destination.as_mut().unwrap();
        pool.post_authentication_trigger = trigger.then(|| ARN.to_owned());
        pool.schema.push(text("custom:migration", 0, 256));
        facts.more_destination_clients = more;
        let report = report(&settings, &facts);
        let warned = expected.map(|_| ("destination.mark", Status::Warn));
        assert_eq!(found(&report), Vec::from_iter(warned));
        if let Some(words) = expected {
            let mut checks = report.checks.iter();
            let mark = checks.find(|check| check.id == "destination.mark").unwrap();
            let said = format!("{} {}", mark.detail, mark.fix);
            assert!(said.contains(words), "{said}");
        }
    }
}

/// Lambda may give an invocation less than the time budget, and a try less than a third of it.
#[test]
fn the_functions_own_time_out_counts_if_it_is_sooner() {
    for (round_trip, time_limit, expected) in [
        (900, 4800, vec![("time.source", Status::Warn)]),
        (400, 4800, vec![]),
        (400, 1800, vec![("time.source", Status::Warn)]),
        (700, 1800, vec![("time.source", Status::Fail)]),
    ] {
        let facts = Facts {
            round_trip: Some(Duration::from_millis(round_trip)),
            time_limit: Duration::from_millis(time_limit),
            ..facts()
        };
        assert_eq!(
            found(&report(&settings(), &facts)),
            expected,
            "{round_trip} {time_limit}"
        );
    }
}

#[test]
fn the_trigger_check_says_whether_sign_ups_are_guarded() {
    for (trigger, words) in [(None, "does not guard"), (Some(ARN.to_owned()), "guards")] {
        let mut facts = facts();
        facts.destination.as_mut().unwrap().sign_up_trigger = trigger;
        let report = report(&settings(), &facts);
        let mut checks = report.checks.iter();
        let check = checks.find(|check| check.id == "destination.trigger");
        let detail = &check.unwrap().detail;
        assert!(detail.contains(words), "{detail}");
    }
}

#[test]
fn whether_sign_ups_are_guarded_is_not_vouched_for_without_the_new_pool() {
    let mut settings = settings();
    settings.source.auth_flow = AuthFlow::UserPassword;
    settings.policy.on_forgot_password = OnForgotPassword::Ignore;
    for (profiles, expected) in [
        (Ok(()), None),
        (Err(Unanswered::NotAllowed), Some(Status::Skipped)),
    ] {
        let facts = Facts {
            profiles,
            destination: Err(Unanswered::NotAllowed),
            ..facts()
        };
        let report = report(&settings, &facts);
        let read = report.checks.iter().find(|check| check.id == "source.read");
        assert_eq!(read.unwrap().status, expected.unwrap_or(Status::Ok));
    }
}

/// The guard reads profiles, in a flow and with settings that need none otherwise.
#[test]
fn profiles_must_be_readable_where_the_guard_is_attached() {
    let mut settings = settings();
    settings.source.auth_flow = AuthFlow::UserPassword;
    settings.policy.on_forgot_password = OnForgotPassword::Ignore;
    for (trigger, expected) in [
        (None, vec![]),
        (
            Some("arn:aws:lambda:eu-west-1:111122223333:function:another".to_owned()),
            vec![],
        ),
        (Some(ARN.to_owned()), vec![("source.read", Status::Fail)]),
        (
            Some(format!("{ARN}:live")),
            vec![("source.read", Status::Fail)],
        ),
    ] {
        let mut facts = facts();
        facts.profiles = Err(Unanswered::NotAllowed);
        facts.destination.as_mut().unwrap().sign_up_trigger = trigger;
        assert_eq!(found(&report(&settings, &facts)), expected);
    }
}

#[test]
fn a_mark_must_fit_and_be_out_of_the_users_reach() {
    let settings = Settings {
        destination: Destination {
            mark: Some("custom:migration".to_owned()),
            ..Destination::default()
        },
        ..settings()
    };
    let fitting = text("custom:migration", 0, 256);
    for (attribute, writable, expected) in [
        (fitting.clone(), None, None),
        (text("custom:migration", 41, 44), Some(vec!["name"]), None),
        (text("custom:migration", 42, 44), None, Some(Status::Fail)),
        (text("custom:migration", 0, 43), None, Some(Status::Fail)),
        (
            number("custom:migration", None, None),
            None,
            Some(Status::Fail),
        ),
        (text("custom:another", 0, 256), None, Some(Status::Fail)),
        (
            SchemaAttribute {
                mutable: false,
                ..fitting.clone()
            },
            None,
            Some(Status::Fail),
        ),
        (
            fitting,
            Some(vec!["name", "custom:migration"]),
            Some(Status::Fail),
        ),
    ] {
        let mut facts = facts();
        let pool = facts.destination.as_mut().unwrap();
        pool.post_authentication_trigger = Some(ARN.to_owned());
        pool.schema.push(attribute);
        facts.destination_clients = Ok(vec![AppClient {
            writable: writable.map(|names| names.into_iter().map(str::to_owned).collect()),
            ..client()
        }]);
        let expected: Vec<_> = expected
            .map(|status| ("destination.mark", status))
            .into_iter()
            .collect();
        assert_eq!(found(&report(&settings, &facts)), expected);
    }
}

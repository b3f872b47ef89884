use std::collections::BTreeMap;

use rules::sensitive::Sensitive;
use strum::VariantArray as _;

use super::*;

fn pool(aliases: &[&str]) -> UserPoolDescription {
    UserPoolDescription {
        alias_attributes: aliases.iter().map(|name| (*name).to_owned()).collect(),
        case_sensitive: true,
        mfa: PoolMfa::Optional,
        sends_sms: true,
        ..UserPoolDescription::default()
    }
}

fn settings(variable: (&str, &str)) -> Settings {
    let needed = [
        ("SRC_USER_POOL_ID", "eu-west-1_SourcePool"),
        ("SRC_CLIENT_ID", "1example23456789"),
        ("ON_MFA", "sms"),
    ];
    let all: BTreeMap<_, _> = needed.into_iter().chain([variable]).collect();
    Settings::read(|name| all.get(name).map(|value| (*value).to_owned())).unwrap()
}

/// Each open question in the order of the steps: `None` if its step is taken, else the reason why it is left out.
fn open_questions(circumstances: &Circumstances<'_>) -> Vec<(OpenQuestion, Option<&'static str>)> {
    let phone = Sensitive::new("+15550100");
    let mapping = &circumstances.settings.destination.mapping;
    let (source, destination) = (circumstances.source, circumstances.destination);
    let users = TrialUsers::new(|who| {
        TrialUser::new(who, Some(&phone), source, destination, mapping, None)
    })
    .unwrap();
    let mut made = vec![Who::Unknown];
    let mut found = vec![];
    for step in steps(circumstances, &users) {
        match step {
            TrialStep::Take {
                action, question, ..
            } => {
                let needed = match action {
                    Action::See(Sight::UserAuth) => Who::Chooser,
                    Action::See(Sight::UnverifiedAlias) => Who::Unproven,
                    Action::See(Sight::Sms) => Who::Texted,
                    _ => Who::Unknown,
                };
                assert!(made.contains(&needed), "{needed:?}");
                if let Action::Create(who) = action {
                    made.push(who);
                }
                assert_eq!(question.is_some(), matches!(action, Action::See(_)));
                found.extend(question.map(|question| (question, None)));
            }
            TrialStep::LeaveOut { why, questions, .. } => {
                found.extend(questions.iter().map(|question| (*question, Some(why))));
            }
        }
    }
    found
}

/// Circumstances under which every open question has its step.
struct Case {
    /// A further setting.
    variable: (&'static str, &'static str),
    source: UserPoolDescription,
    destination: UserPoolDescription,
    group: Result<&'static str, &'static str>,
    may_text: bool,
}

fn all_open() -> Case {
    let mut destination = pool(&["email"]);
    let set = |trigger: &str| Some(trigger.to_owned());
    destination.triggers.user_migration = set("the function");
    destination.triggers.post_authentication = set("the function");
    destination.triggers.pre_authentication = set("another");
    Case {
        variable: ("METRICS", "none"),
        source: pool(&[]),
        destination,
        group: Ok("staff"),
        may_text: true,
    }
}

/// A change, the questions that are left out then, and a word of the reason.
type Row<'a> = (fn(&mut Case), &'a [OpenQuestion], &'a str);

#[test]
fn each_open_question_has_one_step_or_one_reason_why_there_is_none() {
    use OpenQuestion::{
        GroupsInFirstToken, PreAuthentication, SignInAfterReset, SmsAtOnce, StatusAfterReset,
        UnverifiedAlias,
    };
    const OF_RESETS: &[OpenQuestion] = &[StatusAfterReset, SignInAfterReset];
    #[rustfmt::skip]
    let cases: &[Row<'_>] = &[
        (|_| {}, &[], ""),
        (|it| it.destination.triggers.pre_authentication = None, &[PreAuthentication], "no pre_authentication"),
        (|it| it.group = Err("COPY_GROUPS is none"), &[GroupsInFirstToken], "COPY_GROUPS"),
        (|it| it.destination.triggers.post_authentication = None, &[GroupsInFirstToken], "post_authentication"),
        (|it| it.variable = ("ON_FORGOT_PASSWORD", "ignore"), OF_RESETS, "ON_FORGOT_PASSWORD"),
        (|it| it.variable = ("RESET_CONTACTS", "phone_number"), OF_RESETS, "RESET_CONTACTS"),
        (|it| it.variable = ("ATTRIBUTE_MAP", r#"{"email": null}"#), &[StatusAfterReset, SignInAfterReset, UnverifiedAlias], "ATTRIBUTE_MAP"),
        (|it| it.destination.alias_attributes.clear(), &[UnverifiedAlias], "no alias"),
        (|it| it.source.alias_attributes = vec!["email".to_owned()], &[UnverifiedAlias], "source pool neither"),
        (|it| it.variable = ("SRC_LOOKUP", "email"), &[UnverifiedAlias], "SRC_LOOKUP"),
        (|it| it.may_text = false, &[SmsAtOnce], "--phone-number"),
        (|it| it.variable = ("ON_MFA", "refuse"), &[SmsAtOnce], "ON_MFA"),
        (|it| it.source.mfa = PoolMfa::Off, &[SmsAtOnce], "source pool"),
        (|it| it.source.sends_sms = false, &[SmsAtOnce], "source pool"),
        (|it| it.destination.mfa = PoolMfa::Off, &[SmsAtOnce], "destination pool"),
        (|it| it.destination.sends_sms = false, &[SmsAtOnce], "destination pool"),
    ];
    for (number, (change, left_out, why)) in cases.iter().enumerate() {
        let mut case = all_open();
        change(&mut case);
        let settings = settings(case.variable);
        let found = open_questions(&Circumstances {
            settings: &settings,
            source: &case.source,
            destination: &case.destination,
            api: None,
            group: case.group,
            may_text: case.may_text,
        });
        for question in OpenQuestion::VARIANTS {
            let answers: Vec<_> = found.iter().filter(|(id, _)| id == question).collect();
            let [(_, reason)] = answers[..] else {
                panic!("{number} {question:?}: {} times", answers.len());
            };
            let is_left_out = left_out.contains(question);
            assert_eq!(reason.is_some(), is_left_out, "{number} {question:?}");
            let is_named = reason.is_none_or(|reason| reason.contains(why));
            assert!(is_named, "{number} {question:?} {reason:?}");
        }
    }
}

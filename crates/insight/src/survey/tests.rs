use super::*;
use crate::fixtures::{pool, settings, shown, user, with_email};
use rules::pool::UserPoolDescription;

/// The prediction for each user, as "sign-in reset findings".
fn foreseen(
    variables: &[(&str, &str)],
    source: &UserPoolDescription,
    destination: &UserPoolDescription,
    users: &[ListedUser],
) -> Vec<String> {
    let settings = settings(variables);
    let mut survey = Survey::new(Plan {
        settings: &settings,
        source,
        client: None,
        destination,
        expired_before: None,
    });
    for user in users {
        survey.add(user);
    }
    survey.users().map(shown).collect()
}

#[test]
fn a_name_with_upper_case_is_found_only_by_a_look_up() {
    let users = [
        with_email("Ana", "Ana@example.com"),
        with_email("bo", "bo@example.com"),
        with_email("Bo", "other@example.com"),
        ListedUser {
            enabled: false,
            ..with_email("cem", "cem@example.com")
        },
        with_email("CEM", "c@example.com"),
    ];
    let off = "user_disabled user_disabled";
    assert_eq!(
        foreseen(&[], &pool(true), &pool(false), &users),
        [
            "user_not_found user_not_found case_of_name",
            "migrated migrated",
            "wrong_credentials user_not_found case_of_name",
            off,
            "user_disabled user_not_found case_of_name",
        ]
    );
    let all_found = ["migrated migrated"; 3]
        .into_iter()
        .chain([off, "migrated migrated"]);
    for (variables, source, destination) in [
        (&[("SRC_LOOKUP", "email")][..], true, false),
        (&[], false, false),
        (&[], true, true),
    ] {
        let foreseen = foreseen(variables, &pool(source), &pool(destination), &users);
        assert!(foreseen.iter().eq(all_found.clone()), "{foreseen:?}");
    }
}

#[test]
fn users_who_share_an_address_are_told() {
    let twins = [
        with_email("1", "twin@example.com"),
        with_email("2", "Twin@example.com"),
        with_email("3", "own@example.com"),
    ];
    let both = "ambiguous_user ambiguous_user same_contact";
    let lookup = [("SRC_LOOKUP", "email")];
    assert_eq!(
        foreseen(&lookup, &pool(true), &pool(false), &twins),
        [both, both, "migrated migrated"]
    );
    // A user who types the address in its own case is found; in lower case both would be.
    assert_eq!(
        foreseen(&lookup, &pool(true), &pool(true), &twins),
        [both, "migrated migrated same_contact", "migrated migrated"]
    );
    let mut aliases = pool(false);
    aliases.alias_attributes = vec!["email".to_owned()];
    assert_eq!(
        foreseen(&[], &pool(false), &aliases, &twins)[0],
        "migrated migrated same_contact"
    );
    let dropped = [("ATTRIBUTE_MAP", r#"{"email":null}"#)];
    assert_eq!(
        foreseen(&dropped, &pool(false), &aliases, &twins)[0],
        "migrated no_verified_contact no_contact"
    );
    assert_eq!(
        foreseen(&[], &pool(false), &pool(false), &twins)[0],
        "migrated migrated"
    );
}

#[test]
fn a_shared_sign_in_name_resolves_to_its_owner() {
    let owner = with_email("1", "one@example.com");
    let disabled = ListedUser {
        enabled: false,
        ..owner.clone()
    };
    let unproven = user(
        "3",
        &[("email", "one@example.com"), ("email_verified", "false")],
    );
    let must_reset = ListedUser {
        status: UserStatus::ResetRequired,
        ..owner.clone()
    };
    let lookup = [("SRC_LOOKUP", "email")];
    for (users, last) in [
        (
            vec![owner.clone(), disabled.clone()],
            "wrong_credentials user_not_found same_contact",
        ),
        (
            vec![owner, unproven.clone()],
            "wrong_credentials user_not_found",
        ),
        (
            vec![must_reset, unproven.clone()],
            "password_reset_required user_not_found",
        ),
        (
            vec![disabled, unproven.clone()],
            "user_disabled user_disabled",
        ),
        (vec![unproven], "user_not_found user_not_found"),
    ] {
        let foreseen = foreseen(&lookup, &pool(false), &pool(false), &users);
        let found = foreseen.last().unwrap();
        // That the contact is not proven is found besides.
        assert_eq!(found.replace(" no_contact", ""), last, "{users:?}");
    }
}

#[test]
fn a_user_of_an_identity_provider_is_external_and_a_twin_is_told() {
    let federated = ListedUser {
        enabled: false,
        status: UserStatus::ExternalProvider,
        ..user("google_1", &[("email", "Ana@example.com")])
    };
    let users = [with_email("ana", "ana@example.com"), federated];
    for variables in [
        &[][..],
        &[("SRC_LOOKUP", "email")],
        &[("ON_FORGOT_PASSWORD", "ignore")],
    ] {
        let foreseen = foreseen(variables, &pool(false), &pool(false), &users);
        assert!(foreseen[0].ends_with(" federated_twin"), "{foreseen:?}");
        assert_eq!(foreseen[1], "external_provider external_provider");
    }
}

/// Every list of up to three users who have the same address, in one case or another, verified or not, or another one.
#[test]
fn a_survey_finds_whom_the_functions_own_look_up_finds_among_all_users() {
    let mut kinds = vec![with_email("", "bo@example.com")];
    for email in ["ana@example.com", "Ana@example.com"] {
        for verified in ["true", "false"] {
            for (enabled, status) in [
                (true, UserStatus::Confirmed),
                (false, UserStatus::Confirmed),
                (true, UserStatus::ResetRequired),
            ] {
                kinds.push(ListedUser {
                    enabled,
                    status,
                    ..user("", &[("email", email), ("email_verified", verified)])
                });
            }
        }
    }
    let settings = settings(&[("SRC_LOOKUP", "email")]);
    let mut lists: Vec<Vec<&ListedUser>> = vec![vec![]];
    for _ in 0..3 {
        let longer: Vec<_> = lists
            .iter()
            .flat_map(|list| kinds.iter().map(|kind| [&list[..], &[kind]].concat()))
            .collect();
        lists = longer;
        for (list, is_case_sensitive) in lists.iter().flat_map(|list| [(list, true), (list, false)])
        {
            let users: Vec<_> = (0..)
                .zip(list)
                .map(|(number, kind)| {
                    let mut user = (*kind).clone();
                    user.identity.username = format!("u{number}");
                    user
                })
                .collect();
            let plan = Plan {
                settings: &settings,
                source: &pool(false),
                client: None,
                destination: &pool(is_case_sensitive),
                expired_before: None,
            };
            let mut survey = Survey::new(plan);
            users.iter().for_each(|user| survey.add(user));
            for (user, foreseen) in users.iter().zip(survey.users()) {
                assert_eq!(
                    foreseen.sign_in,
                    sign_in_among(&plan, user, &users),
                    "{user:?} among {users:?}, {is_case_sensitive}"
                );
            }
        }
    }
}

/// The answer to the user's password under the user's name, by the function's own look-up.
fn sign_in_among(plan: &Plan<'_>, user: &ListedUser, users: &[ListedUser]) -> ForeseenOutcome {
    let typed = plan.handed_over(plan.name_of(user));
    let listed = Listed {
        users: users.to_vec(),
        more: false,
    };
    let found = SignInName::Email
        .searches(&typed)
        .iter()
        .map(|search| search.only_user(&listed))
        .find(|found| *found != Err(Reason::UserNotFound));
    match found.unwrap_or(Err(Reason::UserNotFound)) {
        Ok(found) if found.identity.username == user.identity.username => {
            plan.foresee(&typed, user).sign_in
        }
        Ok(found) if found.status == UserStatus::ResetRequired => {
            ForeseenOutcome::Rejected(Reason::PasswordResetRequired)
        }
        Ok(_) => ForeseenOutcome::Rejected(Reason::WrongCredentials),
        Err(reason) => ForeseenOutcome::Rejected(reason),
    }
}

#[test]
fn the_best_of_several_names_counts_and_one_that_does_not_work_is_told() {
    let names = vec!["email".to_owned()];
    let source = UserPoolDescription {
        alias_attributes: names.clone(),
        ..pool(false)
    };
    let by_address = UserPoolDescription {
        username_attributes: names,
        ..pool(false)
    };
    let users = [with_email("ana", "ana@example.com"), user("bo", &[])];
    assert_eq!(
        foreseen(&[], &source, &by_address, &users),
        [
            "migrated migrated other_name",
            "migrated no_verified_contact name_refused"
        ]
    );
    let by_name = foreseen(&[], &source, &pool(false), &users);
    assert!(!by_name.concat().contains("other_name"), "{by_name:?}");
}

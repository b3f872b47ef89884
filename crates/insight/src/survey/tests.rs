use super::*;
use crate::test_support::{
    aliases, listed, plan, pool, settings, shown, user, usernames, with_case, with_email,
};
use rules::pool::UserPoolDescription;

/// The prediction for each user, as "sign-in reset findings".
fn foreseen(
    variables: &str,
    source: &UserPoolDescription,
    destination: &UserPoolDescription,
    users: &[ListedUser],
) -> Vec<String> {
    let settings = settings(variables);
    let mut survey = Survey::new(plan(&settings, source, destination));
    users.iter().for_each(|user| survey.add(user));
    survey.users().map(shown).collect()
}

fn disabled(user: ListedUser) -> ListedUser {
    ListedUser {
        enabled: false,
        ..user
    }
}

#[test]
fn a_name_with_upper_case_is_found_only_by_a_look_up() {
    let users = [
        with_email("Ana", "Ana@example.com"),
        with_email("bo", "bo@example.com"),
        with_email("Bo", "other@example.com"),
        disabled(with_email("cem", "cem@example.com")),
        with_email("CEM", "c@example.com"),
    ];
    const MOVES: &str = "migrated migrated";
    const OFF: &str = "user_disabled user_disabled";
    let all_found = [MOVES, MOVES, MOVES, OFF, MOVES];
    let lost = [
        "user_not_found user_not_found case_of_name",
        MOVES,
        "wrong_credentials user_not_found case_of_name",
        OFF,
        "user_disabled user_not_found case_of_name",
    ];
    for (variables, source, destination, expected) in [
        ("", with_case(pool()), pool(), lost),
        ("SRC_LOOKUP=email", with_case(pool()), pool(), all_found),
        ("", pool(), pool(), all_found),
        ("", with_case(pool()), with_case(pool()), all_found),
    ] {
        let foreseen = foreseen(variables, &source, &destination, &users);
        assert_eq!(foreseen, expected, "{variables}");
    }
}

#[test]
fn users_who_share_an_address_are_told() {
    const BOTH: &str = "ambiguous_user ambiguous_user same_contact";
    const SAME: &str = "migrated migrated same_contact";
    const LOOKUP: &str = "SRC_LOOKUP=email";
    let twins = [
        with_email("1", "twin@example.com"),
        with_email("2", "Twin@example.com"),
        with_email("3", "own@example.com"),
    ];
    for (variables, source, destination, expected) in [
        (
            LOOKUP,
            with_case(pool()),
            pool(),
            &[BOTH, BOTH, "migrated migrated"][..],
        ),
        // A user who types the address in its own case is found; in lower case both would be.
        (
            LOOKUP,
            with_case(pool()),
            with_case(pool()),
            &[BOTH, SAME, "migrated migrated"],
        ),
        ("", pool(), aliases("email"), &[SAME]),
        (
            r#"ATTRIBUTE_MAP={"email":null}"#,
            pool(),
            aliases("email"),
            &["migrated no_verified_contact no_contact"],
        ),
        ("", pool(), pool(), &["migrated migrated"]),
    ] {
        let foreseen = foreseen(variables, &source, &destination, &twins);
        assert_eq!(&foreseen[..expected.len()], expected, "{variables}");
    }
}

#[test]
fn a_shared_sign_in_name_resolves_to_its_owner() {
    let owner = || with_email("1", "one@example.com");
    let unproven = || user("3", "email=one@example.com email_verified=false");
    let must_reset = ListedUser {
        status: UserStatus::ResetRequired,
        ..owner()
    };
    for (users, last) in [
        (
            vec![owner(), disabled(owner())],
            "wrong_credentials user_not_found same_contact",
        ),
        (
            vec![owner(), unproven()],
            "wrong_credentials user_not_found",
        ),
        (
            vec![must_reset, unproven()],
            "password_reset_required user_not_found",
        ),
        (
            vec![disabled(owner()), unproven()],
            "user_disabled user_disabled",
        ),
        (vec![unproven()], "user_not_found user_not_found"),
    ] {
        let foreseen = foreseen("SRC_LOOKUP=email", &pool(), &pool(), &users);
        let found = foreseen.last().unwrap();
        // That the contact is not proven is found besides.
        assert_eq!(found.replace(" no_contact", ""), last, "{users:?}");
    }
}

#[test]
fn a_user_of_an_identity_provider_is_external_and_a_twin_is_told() {
    let federated = ListedUser {
        status: UserStatus::ExternalProvider,
        ..disabled(user("google_1", "email=Ana@example.com"))
    };
    let users = [with_email("ana", "ana@example.com"), federated];
    for variables in ["", "SRC_LOOKUP=email", "ON_FORGOT_PASSWORD=ignore"] {
        let foreseen = foreseen(variables, &pool(), &pool(), &users);
        assert!(foreseen[0].ends_with(" federated_twin"), "{foreseen:?}");
        assert_eq!(foreseen[1], "external_provider external_provider");
    }
}

/// Every list of up to three users who have the same address, in one case or another, verified or not, or another one.
#[test]
fn a_survey_finds_whom_the_functions_own_look_up_finds_among_all_users() {
    let mut kinds = vec![with_email("", "bo@example.com")];
    for email in ["ana@example.com", "Ana@example.com"] {
        for verified in [true, false] {
            for (enabled, status) in [
                (true, UserStatus::Confirmed),
                (false, UserStatus::Confirmed),
                (true, UserStatus::ResetRequired),
            ] {
                let attributes = format!("email={email} email_verified={verified}");
                kinds.push(ListedUser {
                    enabled,
                    status,
                    ..listed("", &attributes)
                });
            }
        }
    }
    let settings = settings("SRC_LOOKUP=email");
    let pools = [pool(), with_case(pool())];
    let mut lists: Vec<Vec<&ListedUser>> = vec![vec![]];
    for _ in 0..3 {
        lists = lists
            .iter()
            .flat_map(|list| kinds.iter().map(|kind| [&list[..], &[kind]].concat()))
            .collect();
        for list in &lists {
            let mut users: Vec<_> = list.iter().copied().cloned().collect();
            for (number, user) in users.iter_mut().enumerate() {
                user.identity.username = format!("u{number}");
            }
            for destination in &pools {
                let plan = plan(&settings, &pools[0], destination);
                let mut survey = Survey::new(plan);
                users.iter().for_each(|user| survey.add(user));
                for (user, foreseen) in users.iter().zip(survey.users()) {
                    let expected = sign_in_among(&plan, user, &users);
                    assert_eq!(foreseen.sign_in, expected, "{user:?} among {users:?}");
                }
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
    let searches = SignInName::Email.searches(&typed);
    let mut found = searches.iter().map(|search| search.only_user(&listed));
    let reason = match found.find(|found| *found != Err(Reason::UserNotFound)) {
        Some(Ok(found)) if found.identity.username == user.identity.username => {
            return plan.foresee(&typed, user).sign_in;
        }
        Some(Ok(found)) if found.status == UserStatus::ResetRequired => {
            Reason::PasswordResetRequired
        }
        Some(Ok(_)) => Reason::WrongCredentials,
        Some(Err(reason)) => reason,
        None => Reason::UserNotFound,
    };
    ForeseenOutcome::Rejected(reason)
}

#[test]
fn the_best_of_several_names_counts_and_one_that_does_not_work_is_told() {
    let users = [with_email("ana", "ana@example.com"), user("bo", "")];
    assert_eq!(
        foreseen("", &aliases("email"), &usernames("email"), &users),
        [
            "migrated migrated other_name",
            "migrated no_verified_contact name_refused"
        ]
    );
    let by_name = foreseen("", &aliases("email"), &pool(), &users);
    assert!(!by_name.concat().contains("other_name"), "{by_name:?}");
}

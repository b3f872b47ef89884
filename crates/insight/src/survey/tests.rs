use super::*;
use crate::test_support::*;

fn disabled(user: ListedUser) -> ListedUser {
    changed(user, |it| it.enabled = false)
}

#[test]
fn a_name_with_upper_case_is_found_only_by_a_look_up() {
    const OFF: &str = "user_disabled user_disabled";
    const LOST: &str = "user_not_found user_not_found case_of_name";
    const WRONG: &str = "wrong_credentials user_not_found case_of_name";
    const LOST_OFF: &str = "user_disabled user_not_found case_of_name";
    let cases = [
        (with_email("Ana", "Ana@example.com"), LOST, MOVES),
        (with_email("bo", "bo@example.com"), MOVES, MOVES),
        (with_email("Bo", "other@example.com"), WRONG, MOVES),
        (disabled(with_email("cem", "cem@example.com")), OFF, OFF),
        (with_email("CEM", "c@example.com"), LOST_OFF, MOVES),
        // No user has this name in lower case.
        (with_email("Dee", "dee@example.com"), LOST, MOVES),
        (with_email("DEE", "d@example.com"), LOST, MOVES),
    ];
    let users = cases.clone().map(|(user, ..)| user);
    let found = |variables, source, destination| foreseen(variables, &source, &destination, &users);
    let lost = found("", with_case(pool()), pool());
    assert_eq!(lost, cases.clone().map(|(_, lost, _)| lost));
    for (variables, source, destination) in [
        ("SRC_LOOKUP=email", with_case(pool()), pool()),
        ("", pool(), pool()),
        ("", with_case(pool()), with_case(pool())),
    ] {
        let found = found(variables, source, destination);
        assert_eq!(found, cases.clone().map(|(.., found)| found), "{variables}");
    }
    // A reset that is off does not ask who the user is.
    let off = found("ON_FORGOT_PASSWORD=ignore", with_case(pool()), pool());
    assert_eq!(off[0], "user_not_found forgot_password_off case_of_name");
}

#[test]
fn an_unknown_name_is_answered_as_the_app_client_says() {
    let (settings, source, destination) = (settings(""), with_case(pool()), pool());
    for (prevents_user_existence_errors, expected) in
        [(true, "wrong_credentials"), (false, "user_not_found")]
    {
        let mut client = client();
        client.prevents_user_existence_errors = prevents_user_existence_errors;
        let plan = plan(&settings, &source, &destination);
        let mut survey = Survey::new(changed(plan, |it| it.client = Some(&client)));
        survey.add(&with_email("Ana", "ana@example.com"));
        let sign_in = survey.users().next().unwrap().sign_in;
        assert_eq!(sign_in.as_str(), expected);
    }
}

#[test]
fn users_who_share_an_address_are_told() {
    const AMBIGUOUS: &str = "ambiguous_user ambiguous_user same_contact";
    const SAME: &str = "migrated migrated same_contact";
    let with = |username, email, number| {
        let email = format!("email={email} email_verified=true");
        let number = format!("phone_number={number} phone_number_verified=true");
        user(username, &format!("{email} {number}"))
    };
    let twins = [
        with("1", "twin@example.com", "+1"),
        with("2", "Twin@example.com", "+1"),
        with("3", "own@example.com", "+3"),
        // An address that is not verified is no likeness.
        user("4", "email=own@example.com email_verified=false"),
    ];
    #[rustfmt::skip]
    let cases = [
        (LOOKUP, with_case(pool()), pool(), &[AMBIGUOUS, AMBIGUOUS, MOVES][..]),
        // A user who types the address in its own case is found; in lower case both would be.
        (LOOKUP, with_case(pool()), with_case(pool()), &[AMBIGUOUS, SAME, MOVES]),
        ("", pool(), aliases("email"), &[SAME, SAME, MOVES]),
        ("", pool(), aliases("phone_number"), &[SAME, SAME, MOVES]),
        (r#"ATTRIBUTE_MAP={"email":null}"#, pool(), aliases("email"), &[MOVES]),
        ("", pool(), pool(), &[MOVES]),
    ];
    for (variables, source, destination, expected) in cases {
        let foreseen = foreseen(variables, &source, &destination, &twins);
        assert_eq!(&foreseen[..expected.len()], expected, "{variables}");
    }
}

#[test]
fn a_user_of_an_identity_provider_is_external_and_a_twin_is_told() {
    let mut federated = disabled(user("google_1", "email=Ana@example.com"));
    federated.status = UserStatus::ExternalProvider;
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
            let user = listed("", &format!("email={email} email_verified={verified}"));
            kinds.push(changed(user.clone(), |it| {
                it.status = UserStatus::ResetRequired
            }));
            kinds.extend([disabled(user.clone()), user]);
        }
    }
    let settings = settings("SRC_LOOKUP=email");
    let pools = [pool(), with_case(pool())];
    let mut lists: Vec<Vec<&ListedUser>> = vec![vec![]];
    for _ in 0..3 {
        let longer = |list: &Vec<_>| {
            kinds
                .iter()
                .map(|it| [&list[..], &[it]].concat())
                .collect::<Vec<_>>()
        };
        lists = lists.iter().flat_map(longer).collect();
        for list in &lists {
            let named = |(number, user): (usize, &&ListedUser)| {
                changed((*user).clone(), |it| {
                    it.identity.username = format!("u{number}")
                })
            };
            let users: Vec<_> = list.iter().enumerate().map(named).collect();
            for destination in &pools {
                let plan = plan(&settings, &pools[0], destination);
                let mut survey = Survey::new(plan);
                users.iter().for_each(|user| survey.add(user));
                for (user, foreseen) in users.iter().zip(survey.users()) {
                    let found = [foreseen.sign_in, foreseen.forgot_password];
                    let expected = answers_among(&plan, user, &users);
                    assert_eq!(found, expected, "{user:?} among {users:?}");
                }
            }
        }
    }
}

/// The answers to the user's password and to a reset under the user's name, by the function's own look-up.
fn answers_among(plan: &Plan<'_>, user: &ListedUser, users: &[ListedUser]) -> [ForeseenOutcome; 2] {
    let typed = plan.handed_over(plan.name_of(user));
    let listed = Listed {
        users: users.to_vec(),
        more: false,
    };
    let searches = SignInName::Email.searches(&typed);
    let mut found = searches.iter().map(|search| search.only_user(&listed));
    let reasons = match found.find(|found| *found != Err(Reason::UserNotFound)) {
        Some(Ok(found)) if found.identity.username == user.identity.username => {
            let foreseen = plan.foresee(&typed, user);
            return [foreseen.sign_in, foreseen.forgot_password];
        }
        Some(Ok(found)) if found.status == UserStatus::ResetRequired => {
            [Reason::PasswordResetRequired, Reason::UserNotFound]
        }
        Some(Ok(_)) => [Reason::WrongCredentials, Reason::UserNotFound],
        Some(Err(reason)) => [reason; 2],
        None => [Reason::UserNotFound; 2],
    };
    reasons.map(ForeseenOutcome::Rejected)
}

#[test]
fn the_best_of_several_names_counts_and_one_that_does_not_work_is_told() {
    let users = [with_email("ana", "ana@example.com"), user("bo", "")];
    let found = foreseen("", &aliases("email"), &usernames("email"), &users);
    assert_eq!(found[0], "migrated migrated other_name");
    assert_eq!(found[1], "migrated no_verified_contact name_refused");
    let by_name = foreseen("", &aliases("email"), &pool(), &users);
    assert!(!by_name.concat().contains("other_name"), "{by_name:?}");
    // Of two names that work alike, the first one counts.
    let users = [with_email("Ana", "Ana@example.com"), user("ana", "")];
    let alike = foreseen("", &with_case(aliases("email")), &pool(), &users);
    assert_eq!(alike[0], "wrong_credentials user_not_found case_of_name");
}

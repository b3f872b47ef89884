//! Tests of the source pool's checks.

use super::*;
use crate::stored_secret::UnusableSecret;

/// Settings that name a stored secret.
const IN_STORE: &[(&str, &str)] = &[("SRC_CLIENT_SECRET", ""), ("SRC_CLIENT_SECRET_ARN", STORED)];

const ROLE: &str = "arn:aws:iam::444455556666:role/source";

/// Settings that read no profile as an administrator.
const PUBLIC: &[(&str, &str)] = &[
    ("SRC_AUTH_FLOW", "USER_PASSWORD_AUTH"),
    ("ON_FORGOT_PASSWORD", "ignore"),
];

pub(super) fn facts() -> SourceFacts {
    SourceFacts {
        credentials: Ok(()),
        secret: Ok(Some(Sensitive::new(SECRET))),
        pool: Ok(pool()),
        client: Ok(client()),
        profiles: Ok(()),
        lists: None,
        mfa: Some(Ok(PoolMfa::Off)),
        probe_sign_in: Some(Ok(ProbeSignIn::Rejected)),
        round_trip: Some(Duration::from_millis(40)),
        time_limit: Duration::from_millis(4800),
    }
}

/// The secret, where it can be read.
fn secret_of(settings: &Settings) -> Option<Sensitive> {
    match settings.source.client_secret.as_ref()? {
        ClientSecret::Value(value) => Some(value.clone()),
        ClientSecret::Stored(_) => Some(Sensitive::new(SECRET)),
    }
}

/// The stored secret cannot be read, so there is no sign-in.
fn no_secret(facts: &mut SourceFacts, cause: Cause) {
    facts.secret = Err(failure(cause));
    facts.probe_sign_in = None;
}

/// Makes every question to the source pool fail for this cause.
fn all_fail(facts: &mut SourceFacts, cause: Cause) {
    facts.pool = Err(failure(cause));
    facts.client = Err(failure(cause));
    facts.profiles = Err(failure(cause));
    facts.mfa = Some(Err(failure(cause)));
    facts.probe_sign_in = None;
    facts.round_trip = None;
}

fn sign_in_fails(facts: &mut SourceFacts, cause: Cause) {
    facts.probe_sign_in = Some(Err(failure(cause)));
}

fn may_not_describe_client(facts: &mut SourceFacts) {
    facts.client = Err(failure(Cause::NotAllowed));
}

fn client_of(facts: &mut SourceFacts) -> &mut AppClient {
    facts.client.as_mut().unwrap()
}

#[test]
fn nothing_is_found_where_all_is_in_order() {
    for variables in [
        &[][..],
        PUBLIC,
        &[("SRC_ROLE_ARN", ROLE), ("SRC_EXTERNAL_ID", "7")],
        &[("SRC_LOOKUP", "email")],
        IN_STORE,
    ] {
        let settings = settings(variables);
        let mut facts = facts();
        facts.lists = settings.lists_users_by().map(|_| Ok(()));
        // Such a client reads standard attributes, and no others are copied.
        let checks = source(&settings, &facts);
        assert_eq!(found(&checks), "", "{variables:?}: {checks:#?}");
    }
}

/// Each fault, with the finding and a word of the fix.
#[test]
fn one_broken_thing_is_one_finding_with_a_fix_that_names_it() {
    type Case = (
        &'static str,
        &'static [(&'static str, &'static str)],
        fn(&mut SourceFacts),
        &'static str,
        &'static [&'static str],
    );
    const BEHIND_CREDENTIALS: &str = "Skipped source.pool, Skipped source.client, Skipped source.flow, Skipped \
                                      source.secret, Skipped source.read, Skipped source.mfa, Skipped time.source";
    const BEHIND_POOL: &str = "Skipped source.client, Skipped source.flow, Skipped source.secret, Skipped source.read, \
                               Skipped source.mfa, Skipped time.source";
    const OTHER_SECRET: &[(&str, &str)] = &[("SRC_CLIENT_SECRET", "another")];
    const ID_TOKEN: &[(&str, &str)] = &[("SRC_PROFILE", "id_token")];
    fn generates(facts: &mut SourceFacts) {
        facts.pool.as_mut().unwrap().triggers.pre_token_generation = Some(ARN.to_owned());
    }
    const NAMES: &[(&str, &str)] = &[("SRC_LOOKUP", "preferred_username")];
    fn alias(facts: &mut SourceFacts) {
        facts.pool.as_mut().unwrap().alias_attributes = strings(&["preferred_username"]);
    }
    const NO_SECRET: &[(&str, &str)] = &[("SRC_CLIENT_SECRET", "")];
    #[rustfmt::skip]
    let cases: &[Case] = &[
        ("a role that cannot be assumed", &[("SRC_ROLE_ARN", ROLE)],
         |facts| { facts.credentials = Err(failure(Cause::Unreachable)); all_fail(facts, Cause::Credentials); },
         "Fail source.credentials, {credentials}", &["SRC_ROLE_ARN", "SRC_EXTERNAL_ID", "sts:AssumeRole"]),
        ("credentials that are not known", &[], |facts| all_fail(facts, Cause::Credentials),
         "Fail source.credentials, {credentials}", &["SRC_ROLE_ARN"]),
        ("credentials that are too old", &[], |facts| all_fail(facts, Cause::CredentialsExpired),
         "Fail source.credentials, {credentials}", &["SRC_ROLE_ARN"]),
        ("a pool that does not exist", &[], |facts| all_fail(facts, Cause::NotFound), "Fail source.pool, {pool}",
         &["SRC_USER_POOL_ID", "SRC_REGION", "SRC_ROLE_ARN"]),
        ("a pool that does not exist, and may not be described", &[],
         |facts| { all_fail(facts, Cause::NotFound); facts.pool = Err(failure(Cause::NotAllowed)); },
         "Fail source.pool, {pool}", &["SRC_USER_POOL_ID"]),
        ("a pool that only the list of users says not to exist", &[("SRC_LOOKUP", "email")],
         |facts| { all_fail(facts, Cause::NotAllowed); facts.lists = Some(Err(failure(Cause::NotFound))); },
         "Fail source.pool, Skipped source.client, Skipped source.flow, Skipped source.secret, Skipped source.read, \
          Skipped source.lookup, Skipped source.mfa, Skipped time.source",
         &["SRC_USER_POOL_ID"]),
        ("a pool that cannot be reached", &[], |facts| all_fail(facts, Cause::Unreachable), "Fail source.pool, {pool}",
         &["SRC_REGION", "network", "quotas"]),
        ("a pool that may not be described", &[], |facts| facts.pool = Err(failure(Cause::NotAllowed)),
         "Skipped source.pool", &["the function's role", "cognito-idp:DescribeUserPool ", SOURCE, "preflight = true"]),
        ("a pool that a role may not describe", &[("SRC_ROLE_ARN", ROLE)],
         |facts| facts.pool = Err(failure(Cause::NotAllowed)), "Skipped source.pool",
         &["SRC_ROLE_ARN", "cognito-idp:DescribeUserPool ", SOURCE]),
        ("an app client that does not exist", &[],
         |facts| { facts.client = Err(failure(Cause::NotFound)); facts.probe_sign_in = None; },
         "Fail source.client, Skipped source.flow, Skipped source.secret", &["SRC_CLIENT_ID"]),
        ("an app client that may not be described, where all else is in order", &[], may_not_describe_client, "", &[]),
        ("an app client that may not be described, and does not exist", &[],
         |facts| { may_not_describe_client(facts); sign_in_fails(facts, Cause::NotFound); },
         "Fail source.client, Skipped source.flow, Skipped source.secret", &["SRC_CLIENT_ID"]),
        ("an app client that may not be described, and no sign-in", &[],
         |facts| { may_not_describe_client(facts); facts.probe_sign_in = None; },
         "Skipped source.client, Skipped source.flow, Skipped source.secret",
         &["cognito-idp:DescribeUserPoolClient", SOURCE]),
        ("an app client that may not be described, in a flow in which it says what can be read", PUBLIC,
         may_not_describe_client, "Skipped source.attributes", &["cognito-idp:DescribeUserPoolClient", SOURCE]),
        ("an app client that could not be described", &[], |facts| facts.client = Err(failure(Cause::Busy)),
         "Warn source.client", &["Try again", "SRC_USER_POOL_ID"]),
        ("an app client that could not be described, and no sign-in", &[],
         |facts| { facts.client = Err(failure(Cause::Busy)); facts.probe_sign_in = None; },
         "Fail source.client, Skipped source.flow, Skipped source.secret", &["Try again"]),
        ("the admin flow is off", &[], |facts| client_of(facts).admin_password_flow = false, "Fail source.flow",
         &["ALLOW_ADMIN_USER_PASSWORD_AUTH", "SRC_CLIENT_ID", "SRC_AUTH_FLOW"]),
        ("the public flow is off", PUBLIC, |facts| client_of(facts).user_password_flow = false, "Fail source.flow",
         &["ALLOW_USER_PASSWORD_AUTH", "SRC_AUTH_FLOW"]),
        ("another flow than the one in use is off", PUBLIC, |facts| client_of(facts).admin_password_flow = false, "",
         &[]),
        ("the flow is off, as only a sign-in shows", &[], |facts| sign_in_fails(facts, Cause::FlowOff),
         "Fail source.flow", &["SRC_AUTH_FLOW"]),
        ("the flow is off, and the app client may not be described", &[],
         |facts| { may_not_describe_client(facts); sign_in_fails(facts, Cause::FlowOff); },
         "Fail source.flow, Skipped source.secret", &["SRC_AUTH_FLOW"]),
        ("AdminInitiateAuth is not allowed", &[], |facts| sign_in_fails(facts, Cause::NotAllowed), "Fail source.flow",
         &["cognito-idp:AdminInitiateAuth", SOURCE, "SRC_AUTH_FLOW"]),
        ("a sign-in that could not be tried", &[], |facts| sign_in_fails(facts, Cause::Broken), "Warn source.flow",
         &["SRC_USER_POOL_ID", "triggers"]),
        ("a pool that lets every user in", &[], |facts| facts.probe_sign_in = Some(Ok(ProbeSignIn::LetIn)),
         "Fail source.flow", &["SRC_USER_POOL_ID", "triggers"]),
        ("a pool that lets every user in, and the app client may not be described", &[],
         |facts| { may_not_describe_client(facts); facts.probe_sign_in = Some(Ok(ProbeSignIn::LetIn)); },
         "Fail source.flow, Skipped source.secret", &["SRC_USER_POOL_ID"]),
        ("another secret", OTHER_SECRET, |facts| sign_in_fails(facts, Cause::WrongSecret), "Fail source.secret",
         &["SRC_CLIENT_SECRET", "SRC_CLIENT_ID"]),
        ("another secret, and no sign-in", OTHER_SECRET, |facts| facts.probe_sign_in = None, "Fail source.secret",
         &["SRC_CLIENT_SECRET"]),
        ("another secret than the one that is shown, and it is accepted: a client can have two", OTHER_SECRET, |_| {},
         "Warn source.secret", &["SRC_CLIENT_SECRET"]),
        ("no secret where there is one", NO_SECRET, |facts| sign_in_fails(facts, Cause::WrongSecret),
         "Fail source.secret", &["SRC_CLIENT_SECRET"]),
        ("a secret where there is none", &[],
         |facts| { client_of(facts).secret = None; sign_in_fails(facts, Cause::WrongSecret); }, "Fail source.secret",
         &["SRC_CLIENT_SECRET"]),
        ("no secret, and none is needed", NO_SECRET, |facts| client_of(facts).secret = None, "", &[]),
        ("the client's own secret is not accepted", &[], |facts| sign_in_fails(facts, Cause::WrongSecret),
         "Fail source.secret", &["SRC_CLIENT_SECRET"]),
        ("a wrong secret, and the app client may not be described", &[],
         |facts| { may_not_describe_client(facts); sign_in_fails(facts, Cause::WrongSecret); },
         "Skipped source.flow, Fail source.secret", &["SRC_CLIENT_SECRET"]),
        ("a stored secret that is not the app client's", IN_STORE,
         |facts| { facts.secret = Ok(Some(Sensitive::new("another"))); sign_in_fails(facts, Cause::WrongSecret); },
         "Fail source.secret", &["SRC_CLIENT_SECRET_ARN", "SRC_CLIENT_ID", STORED, "JSON"]),
        ("a stored secret that is not accepted, and the app client may not be described", IN_STORE,
         |facts| { may_not_describe_client(facts); sign_in_fails(facts, Cause::WrongSecret); },
         "Skipped source.flow, Fail source.secret", &["SRC_CLIENT_SECRET_ARN", STORED]),
        ("a stored secret that may not be read", IN_STORE, |facts| no_secret(facts, Cause::NotAllowed),
         "Fail source.secret", &["the function's own role", "secretsmanager:GetSecretValue", STORED, "kms:Decrypt"]),
        ("a stored secret that may not be read, and the app client may not be described", IN_STORE,
         |facts| { may_not_describe_client(facts); no_secret(facts, Cause::NotAllowed); },
         "Skipped source.client, Skipped source.flow, Fail source.secret", &["secretsmanager:GetSecretValue"]),
        ("a stored secret that does not exist", IN_STORE, |facts| no_secret(facts, Cause::NotFound),
         "Fail source.secret", &["SRC_CLIENT_SECRET_ARN", "SRC_CLIENT_ID"]),
        ("a stored secret that is no text, or to be deleted", IN_STORE, |facts| no_secret(facts, Cause::Settings),
         "Fail source.secret", &["plain string", "Restore", "key"]),
        ("Secrets Manager cannot be asked", IN_STORE, |facts| no_secret(facts, Cause::Unreachable),
         "Fail source.secret", &["Secrets Manager in eu-west-3", "network"]),
        ("neither Secrets Manager nor the pool can be reached", IN_STORE,
         |facts| { all_fail(facts, Cause::Unreachable); no_secret(facts, Cause::Unreachable); },
         "Fail source.pool, {pool}", &["SRC_REGION", "network"]),
        ("no credentials, neither for the pool nor for the secret", IN_STORE,
         |facts| { all_fail(facts, Cause::Credentials); no_secret(facts, Cause::Credentials); },
         "Fail source.credentials, {credentials}", &["SRC_ROLE_ARN"]),
        ("AdminGetUser is not allowed", &[], |facts| facts.profiles = Err(failure(Cause::NotAllowed)),
         "Fail source.read", &["cognito-idp:AdminGetUser", SOURCE, "ON_FORGOT_PASSWORD", "SRC_PROFILE", "SOURCE_USER"]),
        ("AdminGetUser is not allowed, and nothing but the sign-up guard needs it", PUBLIC,
         |facts| facts.profiles = Err(failure(Cause::NotAllowed)), "Skipped source.read",
         &["pre_sign_up", "cognito-idp:AdminGetUser", SOURCE, "sign_up_guard = true"]),
        ("profiles could not be asked for", &[], |facts| facts.profiles = Err(failure(Cause::Busy)),
         "Fail source.read", &["Try again"]),
        ("profiles could not be asked for, and nothing but the sign-up guard needs them", PUBLIC,
         |facts| facts.profiles = Err(failure(Cause::Busy)), "Skipped source.read", &["Try again"]),
        ("ListUsers is not allowed", &[("SRC_LOOKUP", "email")],
         |facts| facts.lists = Some(Err(failure(Cause::NotAllowed))), "Fail source.lookup",
         &["cognito-idp:ListUsers", SOURCE, "SRC_LOOKUP", "COPY_GROUPS", "SOURCE_USER"]),
        ("users could not be looked up", &[("SRC_LOOKUP", "email")],
         |facts| facts.lists = Some(Err(failure(Cause::Busy))), "Fail source.lookup", &["Try again"]),
        ("a look-up by what users give themselves", NAMES,
         |facts| facts.lists = Some(Ok(())), "Fail source.lookup", &["SRC_LOOKUP"]),
        ("a look-up by an alias", NAMES,
         |facts| { facts.lists = Some(Ok(())); alias(facts); }, "", &[]),
        ("a look-up by an alias, in any case", NAMES,
         |facts| { facts.lists = Some(Ok(())); alias(facts); facts.pool.as_mut().unwrap().case_sensitive = true; },
         "Warn source.lookup", &["SRC_LOOKUP"]),
        ("a look-up by what may be an alias", NAMES,
         |facts| { facts.lists = Some(Ok(())); facts.pool = Err(failure(Cause::NotAllowed)); },
         "Skipped source.pool, Warn source.lookup", &["SRC_LOOKUP"]),
        ("GetUserPoolMfaConfig is not allowed", &[], |facts| facts.mfa = Some(Err(failure(Cause::NotAllowed))),
         "Fail source.mfa", &["cognito-idp:GetUserPoolMfaConfig", SOURCE, "ON_FORGOT_PASSWORD", "ON_MFA"]),
        ("the MFA setting could not be asked for", &[], |facts| facts.mfa = Some(Err(failure(Cause::Busy))),
         "Fail source.mfa", &["Try again"]),
        ("MFA that is on keeps all users out", &[], |facts| facts.mfa = Some(Ok(PoolMfa::On)), "Warn source.mfa",
         &["ON_MFA to reset"]),
        ("MFA that is on, as the pool says of itself", &[("ON_FORGOT_PASSWORD", "ignore")],
         |facts| { facts.mfa = None; facts.pool.as_mut().unwrap().mfa = PoolMfa::On; }, "Warn source.mfa", &["ON_MFA"]),
        ("MFA that is on, and only text messages are carried over", &[("ON_MFA", "sms")],
         |facts| facts.mfa = Some(Ok(PoolMfa::On)), "Warn source.mfa", &["ON_MFA to reset"]),
        ("MFA that is on, and a reset stands in", &[("ON_MFA", "reset")], |facts| facts.mfa = Some(Ok(PoolMfa::On)),
         "Warn source.mfa", &["ON_MFA to sms"]),
        ("second factors that are lost", &[("ON_MFA", "drop")], |facts| facts.mfa = Some(Ok(PoolMfa::Optional)),
         "Warn source.mfa", &["ON_MFA to reset"]),
        ("second factors that a reset can shake off", &[], |facts| facts.mfa = Some(Ok(PoolMfa::Optional)),
         "Warn source.mfa", &["ON_FORGOT_PASSWORD to ignore"]),
        ("an MFA setting that may not be looked at", &[("ON_FORGOT_PASSWORD", "ignore")],
         |facts| { facts.mfa = None; facts.pool = Err(failure(Cause::NotAllowed)); },
         "Skipped source.pool, Skipped source.mfa", &["cognito-idp:DescribeUserPool ", SOURCE]),
        ("an attribute that the app client may not read", PUBLIC, |facts| client_of(facts).readable = Some(vec![]),
         "Warn source.attributes", &["SRC_CLIENT_ID", "SRC_AUTH_FLOW", "ATTRIBUTE_MAP"]),
        ("a token that a trigger can change", ID_TOKEN, |facts| generates(facts), "Warn source.pool, Fail source.attributes",
         &["SRC_PROFILE to after"]),
        ("a trigger that changes a token that is not read", &[], |facts| generates(facts),
         "Warn source.pool", &["CLIENT_METADATA"]),
        ("an attribute that no token holds", ID_TOKEN, |facts| client_of(facts).readable = Some(vec![]),
         "Fail source.attributes", &["SRC_CLIENT_ID", "ReadAttributes", "SRC_PROFILE"]),
        ("a token that a trigger may change", ID_TOKEN, |facts| facts.pool = Err(failure(Cause::NotAllowed)),
         "Skipped source.pool, Skipped source.attributes", &["cognito-idp:DescribeUserPool ", SOURCE]),
        ("a trigger that may read metadata", &[],
         |facts| facts.pool.as_mut().unwrap().triggers.pre_authentication = Some("f".to_owned()),
         "Warn source.pool", &["CLIENT_METADATA"]),
        ("another one", &[], |facts| facts.pool.as_mut().unwrap().triggers.custom_challenge = Some("f".to_owned()),
         "Warn source.pool", &["CLIENT_METADATA"]),
        ("a trigger that gets what is named", &[("CLIENT_METADATA", "tenant")],
         |facts| facts.pool.as_mut().unwrap().triggers.pre_authentication = Some("f".to_owned()), "", &[]),
        ("too little time", &[("TIME_BUDGET_MS", "150")], |facts| facts.round_trip = Some(Duration::from_millis(80)),
         "Fail time.source", &["TIME_BUDGET_MS"]),
        ("no answer that could be timed", &[], |facts| facts.round_trip = None, "Skipped time.source", &["Try again"]),
    ];
    for (what, variables, break_it, expected, names) in cases {
        let settings = settings(variables);
        let mut facts = facts();
        facts.secret = Ok(secret_of(&settings));
        break_it(&mut facts);
        let checks = source(&settings, &facts);
        let expected = expected
            .replace("{credentials}", BEHIND_CREDENTIALS)
            .replace("{pool}", BEHIND_POOL);
        assert_eq!(found(&checks), expected, "{what}: {checks:#?}");
        assert_helps(&checks);
        // Of those that say what to do: the one that failed, else the first that was skipped.
        let fixes = |status| {
            checks
                .iter()
                .find(move |check| name(&check.status) == status)
        };
        let finding = fixes("Fail").or_else(|| fixes("Warn"));
        let fix = finding
            .or_else(|| fixes("Skipped"))
            .map_or("", |check| &check.fix);
        for name in *names {
            assert!(fix.contains(name), "{what}: {name} is not in {fix:?}");
        }
    }
}

#[test]
fn each_unusable_stored_secret_has_its_own_sentence() {
    for unusable in UnusableSecret::VARIANTS {
        let failure = Failure::new(Cause::Settings, "GetSecretValue", unusable.into());
        let mut facts = facts();
        facts.secret = Err(failure);
        facts.probe_sign_in = None;
        let checks = source(&settings(IN_STORE), &facts);
        assert_eq!(found(&checks), "Fail source.secret");
        let check = check(&checks, CheckId::SourceSecret);
        assert_eq!(check.detail, unusable.sentence());
        assert!(check.fix.contains(STORED), "{check:?}");
    }
}

/// Without the permission to describe the client, the sign-in judges it. Without a sign-in the secret is not judged.
#[test]
fn a_secret_is_judged_by_a_sign_in_where_the_client_is_not_known() {
    #[rustfmt::skip]
    let cases = [
        (SECRET, Some(Ok(ProbeSignIn::Rejected)), Status::Ok, "accepts the secret of SRC_CLIENT_SECRET."),
        ("", Some(Ok(ProbeSignIn::Rejected)), Status::Ok, "accepts a sign-in without a secret"),
        (SECRET, Some(Err(failure(Cause::WrongSecret))), Status::Fail, "does not accept"),
        ("", Some(Err(failure(Cause::WrongSecret))), Status::Fail, "does not accept a sign-in without a secret"),
        (SECRET, Some(Err(failure(Cause::FlowOff))), Status::Skipped, "source.flow"),
        (SECRET, Some(Ok(ProbeSignIn::LetIn)), Status::Skipped, "source.flow"),
        (SECRET, Some(Err(failure(Cause::Busy))), Status::Skipped, "may not look"),
    ];
    for (secret, tried, status, words) in cases {
        let settings = settings(&[("SRC_CLIENT_SECRET", secret)]);
        let mut facts = facts();
        facts.secret = Ok(secret_of(&settings));
        may_not_describe_client(&mut facts);
        facts.probe_sign_in = tried;
        let checks = source(&settings, &facts);
        let check = check(&checks, CheckId::SourceSecret);
        assert_eq!(check.status, status, "{check:?}");
        assert!(check.detail.contains(words), "{check:?}");
    }
}

/// A grant to describe the client would not help, because the sign-in would have judged it.
#[test]
fn what_only_a_sign_in_would_show_points_to_the_secret_that_it_lacks() {
    let mut facts = facts();
    may_not_describe_client(&mut facts);
    no_secret(&mut facts, Cause::NotAllowed);
    let checks = source(&settings(IN_STORE), &facts);
    for id in [CheckId::SourceClient, CheckId::SourceFlow] {
        assert_eq!(check(&checks, id).fix, "See source.secret.");
    }
}

/// An `ok` says what was seen, so that "not needed" is not read as "tried".
#[test]
fn what_is_in_order_says_what_was_seen() {
    let role = &[("SRC_ROLE_ARN", ROLE)][..];
    let no_secret = &[("SRC_CLIENT_SECRET", "")][..];
    let lookup = &[("SRC_LOOKUP", "email")][..];
    type Seen<'a> = (
        CheckId,
        &'a [(&'a str, &'a str)],
        fn(&mut SourceFacts),
        &'a str,
    );
    #[rustfmt::skip]
    let cases: &[Seen] = &[
        (CheckId::SourceCredentials, &[], |_| {}, "of its own"),
        (CheckId::SourceCredentials, role, |_| {}, "was assumed"),
        (CheckId::SourcePool, &[], |_| {}, "eu-west-1_Source1 exists, with about 5 users."),
        (CheckId::SourceClient, &[], |_| {}, "1client exists. Its name is app."),
        (CheckId::SourceClient, &[], may_not_describe_client, "knows 1client"),
        (CheckId::SourceFlow, &[], |_| {}, "The source pool accepts ADMIN_USER_PASSWORD_AUTH."),
        (CheckId::SourceFlow, PUBLIC, |facts| facts.probe_sign_in = None, "allows USER_PASSWORD_AUTH."),
        (CheckId::SourceSecret, &[], |_| {}, "asks for the secret of SRC_CLIENT_SECRET."),
        (CheckId::SourceSecret, no_secret,
         |facts| { facts.secret = Ok(None); client_of(facts).secret = None; }, "without a secret"),
        (CheckId::SourceSecret, IN_STORE, |_| {}, "The app client asks for the secret of SRC_CLIENT_SECRET_ARN."),
        (CheckId::SourceSecret, IN_STORE, may_not_describe_client, "accepts the secret of SRC_CLIENT_SECRET_ARN."),
        (CheckId::SourceRead, &[], |_| {}, "can be read"),
        (CheckId::SourceLookup, &[], |_| {}, "Not needed"),
        (CheckId::SourceLookup, lookup, |facts| facts.lists = Some(Ok(())), "can be looked up"),
        (CheckId::SourceAttributes, &[], |_| {}, "as an administrator"),
        (CheckId::SourceAttributes, PUBLIC, |_| {}, "every attribute that is copied"),
        (CheckId::SourceAttributes, &[("SRC_PROFILE", "id_token")], |_| {}, "every attribute that is copied"),
        (CheckId::SourceMfa, &[], |_| {}, "MFA is off"),
        (CheckId::SourceMfa, PUBLIC, |facts| facts.mfa = Some(Ok(PoolMfa::Optional)), "no password reset migrates"),
        (CheckId::TimeSource, &[], |_| {},
         "The source pool answers in 40 ms. One try may take 1500 of the 4500 ms of TIME_BUDGET_MS."),
    ];
    for (id, variables, change, words) in cases {
        let mut facts = facts();
        change(&mut facts);
        let checks = source(&settings(variables), &facts);
        let check = check(&checks, *id);
        assert_eq!(check.status, Status::Ok, "{check:?}");
        assert!(check.detail.contains(words), "{words} is not in {check:?}");
    }
}

/// Every combination of the answers about the pool, its app client and a sign-in, with every answer to one other question.
/// No check needs two of the others: of each only counts what it says of the pool.
#[test]
fn every_combination_of_answers_leads_to_a_report_that_helps() {
    let with = |lists, mfa, profiles| SourceFacts {
        lists,
        mfa,
        profiles,
        ..facts()
    };
    let others: Vec<_> = answers(&())
        .into_iter()
        .map(|profiles| with(None, Some(Ok(PoolMfa::On)), profiles))
        .chain(
            answers(&())
                .into_iter()
                .map(|lists| with(Some(lists), None, Ok(()))),
        )
        .chain(
            answers(&PoolMfa::On)
                .into_iter()
                .map(|mfa| with(None, Some(mfa), Ok(()))),
        )
        .collect();
    let causes = Cause::VARIANTS.iter().map(|cause| failure(*cause));
    let with_secret = |tried| (Ok(Some(Sensitive::new(SECRET))), tried);
    let tried = |answer| with_secret(Some(answer));
    let read = causes.clone().map(|failure| tried(Err(failure)));
    let sign_ins: Vec<_> = read
        .chain([ProbeSignIn::Rejected, ProbeSignIn::LetIn].map(|probe| tried(Ok(probe))))
        .chain([with_secret(None)])
        .collect();
    let unread: Vec<_> = causes.map(|failure| (Err(failure), None)).collect();
    let few = &sign_ins[sign_ins.len() - 3..];
    let cases = [
        (settings(&[]), &sign_ins[..]),
        (settings(IN_STORE), &unread),
        (settings(PUBLIC), few),
        (settings(&[PUBLIC, &[("ON_MFA", "drop")]].concat()), few),
        (settings(&[("SRC_PROFILE", "id_token")]), few),
    ];
    for pool in answers(&pool()) {
        for client in answers(&client()) {
            for other in &others {
                for (settings, sign_ins) in &cases {
                    for (secret, probe_sign_in) in *sign_ins {
                        let facts = SourceFacts {
                            pool: pool.clone(),
                            client: client.clone(),
                            secret: secret.clone(),
                            probe_sign_in: probe_sign_in.clone(),
                            ..other.clone()
                        };
                        assert_helps(&source(settings, &facts));
                    }
                }
            }
        }
    }
}

#[test]
fn the_external_id_is_not_shown() {
    let settings = settings(&[("SRC_ROLE_ARN", ROLE), ("SRC_EXTERNAL_ID", SECRET)]);
    let mut facts = facts();
    facts.credentials = Err(failure(Cause::Credentials));
    assert_helps(&source(&settings, &facts));
}

/// In the public flow a client may read the standard attributes unless it says otherwise, and custom ones only if it says so.
#[test]
fn attributes_that_the_client_may_not_read_are_named() {
    const CUSTOM: &str = r#"{"custom:tenant": "custom:tenant"}"#;
    const NO_EMAIL: &str = r#"{"email": null}"#;
    let knows = |facts: &mut SourceFacts| facts.pool = Ok(pool());
    let does_not_know = |facts: &mut SourceFacts| facts.pool = Err(failure(Cause::NotAllowed));
    type Change = fn(&mut SourceFacts);
    #[rustfmt::skip]
    let cases: &[(&str, Option<&[&str]>, Change, &str)] = &[
        ("{}", None, knows, ""),
        (CUSTOM, None, knows, "custom:tenant"),
        (CUSTOM, Some(&["custom:tenant"]), knows, "email"),
        (CUSTOM, Some(&[]), knows, "custom:tenant, email"),
        (NO_EMAIL, Some(&[]), knows, ""),
        // Without the schema, the standard attributes and those that the settings name.
        ("{}", None, does_not_know, ""),
        (CUSTOM, None, does_not_know, "custom:tenant"),
        (r#"{"email": "custom:mail"}"#, None, does_not_know, ""),
        (r#"{"sub": "custom:tenant"}"#, None, does_not_know, ""),
        // The user name stands beside the attributes, and in a claim of its own.
        (r#"{"username": "custom:tenant"}"#, None, does_not_know, ""),
        (r#"{"username": "custom:tenant"}"#, None, knows, ""),
    ];
    for (map, readable, change, lost) in cases {
        let settings = settings(&[PUBLIC, &[("ATTRIBUTE_MAP", map)]].concat());
        let mut facts = facts();
        change(&mut facts);
        client_of(&mut facts).readable = readable.map(strings);
        let checks = source(&settings, &facts);
        let check = check(&checks, CheckId::SourceAttributes);
        if lost.is_empty() {
            assert_eq!(check.status, Status::Ok, "{check:?}");
        } else {
            assert_eq!(check.status, Status::Warn, "{check:?}");
            let detail = format!("The app client may not read {lost}: they would be lost.");
            assert_eq!(check.detail, detail);
        }
    }
}

/// One try may take a third of the time budget, or of Lambda's time limit if that is shorter.
#[test]
fn the_time_of_an_answer_is_held_against_one_try() {
    #[rustfmt::skip]
    let cases = [
        (10, 4800, Status::Ok, "1500 of the 4500 ms of TIME_BUDGET_MS"),
        (749, 4800, Status::Ok, "answers in 749 ms"),
        (750, 4800, Status::Warn, "A busy moment"),
        (1499, 4800, Status::Warn, "A busy moment"),
        (1500, 4800, Status::Fail, "every migration fails"),
        (299, 1800, Status::Ok, "600 of the 1800 ms that the function's time-out leaves"),
        (300, 1800, Status::Warn, "time-out"),
        (600, 1800, Status::Fail, "time-out"),
        (10, 4500, Status::Ok, "TIME_BUDGET_MS"),
    ];
    for (round_trip, time_limit, status, words) in cases {
        let facts = SourceFacts {
            round_trip: Some(Duration::from_millis(round_trip)),
            time_limit: Duration::from_millis(time_limit),
            ..facts()
        };
        let checks = source(&settings(&[]), &facts);
        let check = check(&checks, CheckId::TimeSource);
        assert_eq!(check.status, status, "{round_trip} {time_limit}: {check:?}");
        assert!(check.detail.contains(words), "{check:?}");
    }
}

#[test]
fn only_settings_that_need_a_profile_or_a_list_read_one() {
    const MARK: (&str, &str) = ("MIGRATION_MARK", "custom:migration");
    #[rustfmt::skip]
    let cases = [
        (vec![], None, true),
        (PUBLIC.to_vec(), None, false),
        (vec![PUBLIC[0]], None, true),
        (vec![PUBLIC[1]], None, true),
        (vec![("SRC_PROFILE", "id_token")], None, true),
        (vec![PUBLIC[1], ("SRC_PROFILE", "id_token")], None, false),
        (vec![PUBLIC[1], ("SRC_PROFILE", "id_token"), ("ON_MFA", "reset")], None, true),
        ([PUBLIC, &[("ON_MFA", "sms")]].concat(), None, true),
        ([PUBLIC, &[("ON_TEMPORARY_PASSWORD", "reset")]].concat(), None, true),
        ([PUBLIC, &[MARK, ("COPY_GROUPS", "*")]].concat(), Some("sub"), true),
        (vec![("SRC_LOOKUP", "phone_number")], Some("phone_number"), true),
        (vec![MARK], None, true),
        (vec![MARK, ("COPY_GROUPS", "*")], Some("sub"), true),
        (vec![MARK, ("SOURCE_USER", "disable")], Some("sub"), true),
        (vec![MARK, ("SOURCE_USER", "disable"), ("SRC_LOOKUP", "email")], Some("email"), true),
    ];
    for (variables, lists_by, reads) in cases {
        let settings = settings(&variables);
        assert_eq!(settings.lists_users_by(), lists_by, "{variables:?}");
        assert_eq!(settings.reads_profiles(), reads, "{variables:?}");
    }
}

/// The same verdicts, in the words of an operator; what needs the function waits for it.
#[test]
fn an_operator_judges_what_the_source_pool_says_of_itself() {
    const WAITING: [CheckId; 5] = [
        CheckId::SourceCredentials,
        CheckId::SourceSecret,
        CheckId::SourceRead,
        CheckId::SourceLookup,
        CheckId::TimeSource,
    ];
    type Facts = (Answer<UserPoolDescription>, Option<Answer<AppClient>>);
    let good = || (Ok(pool()), Some(Ok(client())));
    let fails = |cause| (Err(failure(cause)), Some(Err(failure(cause))));
    let off = AppClient {
        admin_password_flow: false,
        ..client()
    };
    const BEHIND_POOL: &str = "Skipped source.client, Skipped source.flow, Skipped source.mfa";
    #[rustfmt::skip]
    let cases: [(Facts, &str, &str, bool); 9] = [
        (good(), "Warn source.mfa", "ON_FORGOT_PASSWORD", true),
        ((Ok(pool()), Some(Ok(off))), "Fail source.flow, Warn source.mfa", "ALLOW_ADMIN_USER_PASSWORD_AUTH", false),
        ((Ok(pool()), Some(Err(failure(Cause::NotFound)))),
         "Fail source.client, Skipped source.flow, Warn source.mfa", "SRC_CLIENT_ID", false),
        ((Ok(pool()), None), "Skipped source.client, Skipped source.flow, Warn source.mfa", "SRC_CLIENT_ID", false),
        (fails(Cause::NotAllowed), "Skipped source.pool, {pool}", "cognito-idp:DescribeUserPool ", false),
        ((Ok(pool()), Some(Err(failure(Cause::NotAllowed)))),
         "Skipped source.client, Skipped source.flow, Warn source.mfa", "cognito-idp:DescribeUserPoolClient ", false),
        (fails(Cause::NotFound), "Fail source.pool, {pool}", "--source-profile", false),
        (fails(Cause::Credentials), "Fail source.pool, {pool}", "credentials of the account", false),
        (fails(Cause::Busy), "Fail source.pool, {pool}", "network", false),
    ];
    for ((pool, client), expected, fix, ok) in cases {
        let checks = source_as_operator(&settings(&[]), &pool, client.as_ref());
        let (waiting, asked): (Vec<_>, Vec<_>) = checks
            .iter()
            .cloned()
            .partition(|check| check.why == Some(Why::WaitsForFunction));
        let waiting: Vec<_> = waiting.into_iter().map(|check| check.id).collect();
        assert_eq!(waiting, WAITING.map(CheckId::name));
        assert_eq!(
            found(&asked),
            expected.replace("{pool}", BEHIND_POOL),
            "{checks:#?}"
        );
        assert_eq!(is_ok(&checks), ok, "{checks:#?}");
        assert_helps(&checks);
        assert!(
            asked.iter().any(|check| check.fix.contains(fix)),
            "{checks:#?}"
        );
        for check in asked {
            let points = check.why == Some(Why::OtherCheck);
            let names_operator = check.detail.starts_with("Asked as the operator: ");
            assert!(
                names_operator
                    || (client.is_none() && (points || CheckId::SourceClient.is(&check))),
                "{check:?}"
            );
            for text in [&check.detail, &check.fix] {
                assert!(
                    !text.contains("the function may") && !text.contains("function's"),
                    "{check:?}"
                );
            }
        }
    }
}

#[test]
fn an_operator_judges_what_the_profile_of_a_sign_in_holds() {
    let client = AppClient {
        readable: Some(vec![]),
        ..client()
    };
    let settings = settings(&[("SRC_PROFILE", "id_token")]);
    let checks = source_as_operator(&settings, &Ok(pool()), Some(&Ok(client)));
    let check = check(&checks, CheckId::SourceAttributes);
    assert_eq!(check.status, Status::Fail, "{check:?}");
}

/// The reasons to skip a check that no other check explains.
#[test]
fn a_skipped_check_says_why() {
    let why = |variables: &[(&str, &str)], change: fn(&mut SourceFacts), id: CheckId| {
        let mut facts = facts();
        change(&mut facts);
        let checks = source(&settings(variables), &facts);
        check(&checks, id).why.clone()
    };
    type Case<'a> = (&'a [(&'a str, &'a str)], fn(&mut SourceFacts), CheckId, Why);
    #[rustfmt::skip]
    let cases: [Case; 4] = [
        (&[], |facts| facts.pool = Err(failure(Cause::NotAllowed)), CheckId::SourcePool, Why::NoPermission),
        (&[], |facts| facts.round_trip = None, CheckId::TimeSource, Why::NoAnswer),
        (PUBLIC, |facts| facts.profiles = Err(failure(Cause::NotAllowed)), CheckId::SourceRead, Why::NotNeeded),
        (PUBLIC, |facts| facts.profiles = Err(failure(Cause::Busy)), CheckId::SourceRead, Why::NotNeeded),
    ];
    for (variables, change, id, expected) in cases {
        assert_eq!(why(variables, change, id), Some(expected), "{id:?}");
    }
}

//! Tests of the checks: a table of single faults, and every combination of answers.

use std::time::Duration;

use strum::VariantArray as _;

use super::*;
use crate::{
    evidence::PoolMfa,
    protocol::{Status, is_ok},
    sensitive::Sensitive,
    settings::ClientSecret,
    stored_secret::UnusableSecret,
    test_support::*,
};

const STORED: &str = "arn:aws:secretsmanager:eu-west-3:111122223333:secret:client-AbCdEf";
/// Settings that name a stored secret.
const IN_STORE: &str = "SRC_CLIENT_SECRET= \
                        SRC_CLIENT_SECRET_ARN=arn:aws:secretsmanager:eu-west-3:111122223333:secret:client-AbCdEf";
/// Settings that assume a role. Its external id is as secret as the app client's secret.
const ROLE: &str =
    "SRC_ROLE_ARN=arn:aws:iam::444455556666:role/source SRC_EXTERNAL_ID=hunter2-hunter2";
/// Settings that read no profile as an administrator.
const PUBLIC: &str = "SRC_AUTH_FLOW=USER_PASSWORD_AUTH ON_FORGOT_PASSWORD=ignore";
const PUBLIC_THAT_DROPS: &str =
    "SRC_AUTH_FLOW=USER_PASSWORD_AUTH ON_FORGOT_PASSWORD=ignore ON_MFA=drop";
const ID_TOKEN: &str = "SRC_PROFILE=id_token";
const NO_SECRET: &str = "SRC_CLIENT_SECRET=";
const BY_NAME: &str = "SRC_LOOKUP=preferred_username";

type Change = fn(&mut SourceFacts);

fn facts() -> SourceFacts {
    SourceFacts {
        credentials: Ok(()),
        secret: Ok(Some(Sensitive::new(SECRET))),
        pool: Ok(pool_by_email()),
        client: Ok(client()),
        profiles: Ok(()),
        lists: None,
        mfa: Some(Ok(PoolMfa::Off)),
        probe_sign_in: Some(Ok(ProbeSignIn::Rejected)),
        round_trip: Some(Duration::from_millis(40)),
        time_limit: Duration::from_millis(4800),
    }
}

/// The checks with these settings, of the facts that go with them, changed.
fn judged(variables: &str, change: impl FnOnce(&mut SourceFacts)) -> Vec<Check> {
    let settings = settings(variables);
    let mut facts = facts();
    facts.lists = settings.lists_users_by().map(|_| Ok(()));
    facts.secret = Ok(match &settings.source.client_secret {
        None => None,
        Some(ClientSecret::Value(value)) => Some(value.clone()),
        Some(ClientSecret::Stored(_)) => Some(Sensitive::new(SECRET)),
    });
    change(&mut facts);
    source(&settings, &facts)
}

/// The stored secret cannot be read, so there is no sign-in.
fn no_secret(facts: &mut SourceFacts, cause: Cause) {
    facts.secret = fails(cause);
    facts.probe_sign_in = None;
}

/// Makes every question to the source pool fail for this cause.
fn all_fail(facts: &mut SourceFacts, cause: Cause) {
    facts.pool = fails(cause);
    facts.client = fails(cause);
    facts.profiles = fails(cause);
    facts.mfa = Some(fails(cause));
    facts.probe_sign_in = None;
    facts.round_trip = None;
}

fn sign_in_fails(facts: &mut SourceFacts, cause: Cause) {
    facts.probe_sign_in = Some(fails(cause));
}

/// The app client may not be described, and a sign-in fails.
fn only_sign_in_fails(facts: &mut SourceFacts, cause: Cause) {
    not_described(facts);
    sign_in_fails(facts, cause);
}

fn not_described(facts: &mut SourceFacts) {
    facts.client = fails(Cause::NotAllowed);
}

fn pool_not_described(facts: &mut SourceFacts) {
    facts.pool = fails(Cause::NotAllowed);
}

fn client_of(facts: &mut SourceFacts) -> &mut AppClient {
    facts.client.as_mut().unwrap()
}

fn pool_of(facts: &mut SourceFacts) -> &mut UserPoolDescription {
    facts.pool.as_mut().unwrap()
}

/// An answer after so many milliseconds, and Lambda's time limit.
fn timed(facts: &mut SourceFacts, round_trip: u64, time_limit: u64) {
    facts.round_trip = Some(Duration::from_millis(round_trip));
    facts.time_limit = Duration::from_millis(time_limit);
}

#[test]
fn every_check_has_one_name_and_those_of_the_source_pool_stand_in_one_report() {
    let names: Vec<_> = CheckId::VARIANTS.iter().map(|id| id.name()).collect();
    for (place, name) in names.iter().enumerate() {
        assert!(name.contains('.'), "{name}");
        assert_eq!(names.iter().position(|other| other == name), Some(place));
    }
    let reported = judged("", |_| {}).into_iter().map(|check| check.id);
    let reported: Vec<_> = reported.collect();
    assert_eq!(reported, names[..reported.len()]);
}

#[test]
fn a_failure_is_shown_by_its_operation_and_code() {
    let failure = fails::<()>(Cause::Busy).unwrap_err();
    assert_eq!(failure.to_string(), "SomeCall: SomeCode");
}

/// Each fault, with the finding and words of the fix.
#[test]
fn one_broken_thing_is_one_finding_with_a_fix_that_names_it() {
    use Cause::*;
    const BEHIND_POOL: &str = "Skipped client, Skipped flow, Skipped secret, Skipped read, Skipped mfa, Skipped time.source";
    const NO_CLIENT: &str = "Fail client, Skipped flow, Skipped secret";
    const OTHER_SECRET: &str = "SRC_CLIENT_SECRET=another";
    const IGNORES: &str = "ON_FORGOT_PASSWORD=ignore";
    fn generates(facts: &mut SourceFacts) {
        pool_of(facts).triggers.pre_token_generation = Some(ARN.to_owned());
    }
    fn alias(facts: &mut SourceFacts) {
        pool_of(facts).alias_attributes = names("preferred_username");
    }
    #[rustfmt::skip]
    let cases: &[(&str, Change, &str, &str)] = &[
        ("", |_| {}, "", ""),
        // Such a client reads standard attributes, and no others are copied.
        (PUBLIC, |_| {}, "", ""),
        (ROLE, |_| {}, "", ""),
        ("SRC_LOOKUP=email", |_| {}, "", ""),
        (IN_STORE, |_| {}, "", ""),
        (ROLE, |f| { f.credentials = fails(Unreachable); all_fail(f, Credentials); }, "Fail credentials, {all}",
         "SRC_ROLE_ARN|SRC_EXTERNAL_ID|sts:AssumeRole"),
        ("", |f| all_fail(f, Credentials), "Fail credentials, {all}", "SRC_ROLE_ARN"),
        ("", |f| all_fail(f, CredentialsExpired), "Fail credentials, {all}", "SRC_ROLE_ARN"),
        ("", |f| all_fail(f, NotFound), "Fail pool, {pool}", "SRC_USER_POOL_ID|SRC_REGION|SRC_ROLE_ARN"),
        // A pool that does not exist, and may not be described.
        ("", |f| { all_fail(f, NotFound); pool_not_described(f); }, "Fail pool, {pool}", "SRC_USER_POOL_ID"),
        // Only the list of users says that the pool does not exist.
        ("SRC_LOOKUP=email", |f| { all_fail(f, NotAllowed); f.lists = Some(fails(NotFound)); }, "Fail pool, {lookup}",
         "SRC_USER_POOL_ID"),
        ("", |f| all_fail(f, Unreachable), "Fail pool, {pool}", "SRC_REGION|network|quotas"),
        ("", pool_not_described, "Skipped pool", "the function's role|DescribeUserPool |_Source1|preflight = true"),
        (ROLE, pool_not_described, "Skipped pool", "SRC_ROLE_ARN|DescribeUserPool |_Source1"),
        ("", |f| { f.client = fails(NotFound); f.probe_sign_in = None; }, NO_CLIENT, "SRC_CLIENT_ID"),
        ("", not_described, "", ""),
        ("", |f| only_sign_in_fails(f, NotFound), NO_CLIENT, "SRC_CLIENT_ID"),
        ("", |f| { not_described(f); f.probe_sign_in = None; }, "Skipped client, Skipped flow, Skipped secret",
         "DescribeUserPoolClient|_Source1"),
        (PUBLIC, not_described, "Skipped attributes", "DescribeUserPoolClient|_Source1"),
        ("", |f| f.client = fails(Busy), "Warn client", "Try again|SRC_USER_POOL_ID"),
        ("", |f| { f.client = fails(Busy); f.probe_sign_in = None; }, NO_CLIENT, "Try again"),
        ("", |f| client_of(f).admin_password_flow = false, "Fail flow",
         "ALLOW_ADMIN_USER_PASSWORD_AUTH|SRC_CLIENT_ID|SRC_AUTH_FLOW"),
        (PUBLIC, |f| client_of(f).user_password_flow = false, "Fail flow", "ALLOW_USER_PASSWORD_AUTH|SRC_AUTH_FLOW"),
        (PUBLIC, |f| client_of(f).admin_password_flow = false, "", ""),
        ("", |f| sign_in_fails(f, FlowOff), "Fail flow", "SRC_AUTH_FLOW"),
        ("", |f| only_sign_in_fails(f, FlowOff), "Fail flow, Skipped secret", "SRC_AUTH_FLOW"),
        ("", |f| sign_in_fails(f, NotAllowed), "Fail flow", "AdminInitiateAuth|_Source1|SRC_AUTH_FLOW"),
        ("", |f| sign_in_fails(f, Broken), "Warn flow", "SRC_USER_POOL_ID|triggers"),
        ("", |f| f.probe_sign_in = Some(Ok(ProbeSignIn::LetIn)), "Fail flow", "SRC_USER_POOL_ID|triggers"),
        ("", |f| { not_described(f); f.probe_sign_in = Some(Ok(ProbeSignIn::LetIn)); }, "Fail flow, Skipped secret",
         "SRC_USER_POOL_ID"),
        (OTHER_SECRET, |f| sign_in_fails(f, WrongSecret), "Fail secret", "SRC_CLIENT_SECRET|SRC_CLIENT_ID"),
        (OTHER_SECRET, |f| f.probe_sign_in = None, "Fail secret", "SRC_CLIENT_SECRET"),
        // A client can have two secrets, and only one is shown.
        (OTHER_SECRET, |_| {}, "Warn secret", "SRC_CLIENT_SECRET"),
        (NO_SECRET, |f| sign_in_fails(f, WrongSecret), "Fail secret", "SRC_CLIENT_SECRET"),
        ("", |f| { client_of(f).secret = None; sign_in_fails(f, WrongSecret); }, "Fail secret", "SRC_CLIENT_SECRET"),
        (NO_SECRET, |f| client_of(f).secret = None, "", ""),
        ("", |f| sign_in_fails(f, WrongSecret), "Fail secret", "SRC_CLIENT_SECRET"),
        ("", |f| only_sign_in_fails(f, WrongSecret), "Skipped flow, Fail secret", "does not accept|SRC_CLIENT_SECRET"),
        (IN_STORE, |f| { f.secret = Ok(Some(Sensitive::new("another"))); sign_in_fails(f, WrongSecret); },
         "Fail secret", "SRC_CLIENT_SECRET_ARN|SRC_CLIENT_ID|secret:client-AbCdEf|JSON"),
        (IN_STORE, |f| only_sign_in_fails(f, WrongSecret), "Skipped flow, Fail secret",
         "SRC_CLIENT_SECRET_ARN|secret:client-AbCdEf"),
        (IN_STORE, |f| no_secret(f, NotAllowed), "Fail secret",
         "the function's own role|secretsmanager:GetSecretValue|secret:client-AbCdEf|kms:Decrypt"),
        (IN_STORE, |f| { not_described(f); no_secret(f, NotAllowed); }, "Skipped client, Skipped flow, Fail secret",
         "secretsmanager:GetSecretValue"),
        (IN_STORE, |f| no_secret(f, NotFound), "Fail secret", "SRC_CLIENT_SECRET_ARN|SRC_CLIENT_ID"),
        (IN_STORE, |f| no_secret(f, Cause::Settings), "Fail secret", "plain string|Restore|key"),
        (IN_STORE, |f| no_secret(f, Unreachable), "Fail secret", "Secrets Manager in eu-west-3|network"),
        (IN_STORE, |f| { all_fail(f, Unreachable); no_secret(f, Unreachable); }, "Fail pool, {pool}", "SRC_REGION"),
        (IN_STORE, |f| { all_fail(f, Credentials); no_secret(f, Credentials); }, "Fail credentials, {all}", "ROLE_ARN"),
        ("", |f| f.profiles = fails(NotAllowed), "Fail read",
         "AdminGetUser|_Source1|ON_FORGOT_PASSWORD|SRC_PROFILE|SOURCE_USER"),
        (PUBLIC, |f| f.profiles = fails(NotAllowed), "Skipped read", "pre_sign_up|AdminGetUser|_Source1|sign_up_guard"),
        ("", |f| f.profiles = fails(Busy), "Fail read", "Try again"),
        (PUBLIC, |f| f.profiles = fails(Busy), "Skipped read", "Try again"),
        ("SRC_LOOKUP=email", |f| f.lists = Some(fails(NotAllowed)), "Fail lookup",
         "ListUsers|_Source1|SRC_LOOKUP|COPY_GROUPS|SOURCE_USER"),
        ("SRC_LOOKUP=email", |f| f.lists = Some(fails(Busy)), "Fail lookup", "Try again"),
        (BY_NAME, |_| {}, "Fail lookup", "SRC_LOOKUP"),
        (BY_NAME, alias, "", ""),
        (BY_NAME, |f| { alias(f); pool_of(f).case_sensitive = true; }, "Warn lookup", "SRC_LOOKUP"),
        (BY_NAME, pool_not_described, "Skipped pool, Warn lookup", "SRC_LOOKUP"),
        ("", |f| f.mfa = Some(fails(NotAllowed)), "Fail mfa", "GetUserPoolMfaConfig|Source1|ON_FORGOT_PASSWORD|ON_MFA"),
        ("", |f| f.mfa = Some(fails(Busy)), "Fail mfa", "Try again"),
        ("", |f| f.mfa = Some(Ok(PoolMfa::On)), "Warn mfa", "ON_MFA to reset"),
        (IGNORES, |f| { f.mfa = None; pool_of(f).mfa = PoolMfa::On; }, "Warn mfa", "ON_MFA"),
        ("ON_MFA=sms", |f| f.mfa = Some(Ok(PoolMfa::On)), "Warn mfa", "ON_MFA to reset"),
        ("ON_MFA=reset", |f| f.mfa = Some(Ok(PoolMfa::On)), "Warn mfa", "ON_MFA to sms"),
        ("ON_MFA=drop", |f| f.mfa = Some(Ok(PoolMfa::Optional)), "Warn mfa", "ON_MFA to reset"),
        ("", |f| f.mfa = Some(Ok(PoolMfa::Optional)), "Warn mfa", "ON_FORGOT_PASSWORD to ignore"),
        (IGNORES, |f| { f.mfa = None; pool_not_described(f); }, "Skipped pool, Skipped mfa",
         "DescribeUserPool |_Source1"),
        (PUBLIC, |f| client_of(f).readable = Some(vec![]), "Warn attributes", "CLIENT_ID|SRC_AUTH_FLOW|ATTRIBUTE_MAP"),
        (ID_TOKEN, generates, "Warn pool, Fail attributes", "SRC_PROFILE to after"),
        ("", generates, "Warn pool", "CLIENT_METADATA"),
        (ID_TOKEN, |f| client_of(f).readable = Some(vec![]), "Fail attributes", "CLIENT_ID|ReadAttributes|SRC_PROFILE"),
        (ID_TOKEN, pool_not_described, "Skipped pool, Skipped attributes", "DescribeUserPool |_Source1"),
        ("", |f| pool_of(f).triggers.pre_authentication = Some(ARN.to_owned()), "Warn pool", "CLIENT_METADATA"),
        ("", |f| pool_of(f).triggers.custom_challenge = Some(ARN.to_owned()), "Warn pool", "CLIENT_METADATA"),
        ("CLIENT_METADATA=tenant", |f| pool_of(f).triggers.pre_authentication = Some(ARN.to_owned()), "", ""),
        ("TIME_BUDGET_MS=150", |f| timed(f, 80, 4800), "Fail time.source", "TIME_BUDGET_MS"),
        ("", |f| f.round_trip = None, "Skipped time.source", "Try again"),
    ];
    for (variables, change, expected, words) in cases {
        let behind_lookup = BEHIND_POOL.replace("read", "read, Skipped lookup");
        let expected = expected.replace("{all}", "Skipped pool, {pool}");
        let expected = expected.replace("{pool}", BEHIND_POOL);
        let expected = expected.replace("{lookup}", &behind_lookup);
        assert_finds(&judged(variables, change), &expected, words);
    }
}

#[test]
fn each_unusable_stored_secret_has_its_own_sentence() {
    for unusable in UnusableSecret::VARIANTS {
        let failure = Failure::new(Cause::Settings, "GetSecretValue", unusable.into());
        let checks = judged(IN_STORE, |f| {
            (f.secret, f.probe_sign_in) = (Err(failure), None)
        });
        assert_finds(&checks, "Fail secret", STORED);
        let detail = &check(&checks, CheckId::SourceSecret).detail;
        assert_eq!(detail, unusable.sentence());
    }
}

/// An `ok` says what was seen, so that "not needed" is not read as "tried".
#[test]
fn a_check_says_what_was_seen() {
    use Cause::{Busy, NotFound, WrongSecret};
    use CheckId::*;
    use Status::{Fail, Ok, Skipped, Warn};
    const ALL_READ: &str = "The app client may read every attribute that is copied.";
    const TENANT: &str =
        r#"SRC_AUTH_FLOW=USER_PASSWORD_AUTH ATTRIBUTE_MAP={"custom:tenant":"custom:tenant"}"#;
    const NO_EMAIL: &str = r#"SRC_AUTH_FLOW=USER_PASSWORD_AUTH ATTRIBUTE_MAP={"email":null}"#;
    const OTHERS: &str = r#"SRC_AUTH_FLOW=USER_PASSWORD_AUTH
                            ATTRIBUTE_MAP={"username":"custom:a","sub":"custom:b","email":"custom:mail"}"#;
    #[rustfmt::skip]
    let cases: &[(CheckId, Status, &str, Change, &str)] = &[
        (SourceCredentials, Ok, "", |_| {}, "of its own"),
        (SourceCredentials, Ok, ROLE, |_| {}, "was assumed"),
        (SourcePool, Ok, "", |_| {}, "eu-west-1_Source1 exists, with about 5 users."),
        (SourceClient, Ok, "", |_| {}, "1client exists. Its name is app."),
        (SourceClient, Ok, "", not_described, "knows 1client"),
        (SourceFlow, Ok, "", |_| {}, "The source pool accepts ADMIN_USER_PASSWORD_AUTH."),
        (SourceFlow, Ok, PUBLIC, |f| f.probe_sign_in = None, "allows USER_PASSWORD_AUTH."),
        (SourceSecret, Ok, "", |_| {}, "asks for the secret of SRC_CLIENT_SECRET."),
        (SourceSecret, Ok, NO_SECRET, |f| client_of(f).secret = None, "without a secret"),
        (SourceSecret, Ok, IN_STORE, |_| {}, "The app client asks for the secret of SRC_CLIENT_SECRET_ARN."),
        // Without the permission to describe the client, the sign-in judges it. Without a sign-in the secret is not judged.
        (SourceSecret, Ok, IN_STORE, not_described, "accepts the secret of SRC_CLIENT_SECRET_ARN."),
        (SourceSecret, Ok, "", not_described, "accepts the secret of SRC_CLIENT_SECRET."),
        (SourceSecret, Ok, NO_SECRET, not_described, "accepts a sign-in without a secret"),
        (SourceSecret, Fail, NO_SECRET, |f| only_sign_in_fails(f, WrongSecret), "not accept a sign-in without a secret"),
        (SourceSecret, Skipped, "", |f| only_sign_in_fails(f, Busy), "may not look"),
        // A grant to describe the client would not help, because the sign-in would have judged it.
        (SourceClient, Skipped, IN_STORE, |f| { not_described(f); no_secret(f, Busy); }, "See source.secret."),
        (SourceFlow, Skipped, IN_STORE, |f| { not_described(f); no_secret(f, Busy); }, "See source.secret."),
        (SourceFlow, Skipped, "", |f| { f.client = fails(NotFound); f.probe_sign_in = None; }, "See source.client."),
        (SourceRead, Ok, "", |_| {}, "can be read"),
        (SourceLookup, Ok, "", |_| {}, "Not needed"),
        (SourceLookup, Ok, "SRC_LOOKUP=email", |_| {}, "can be looked up"),
        (SourceMfa, Ok, "", |_| {}, "MFA is off"),
        (SourceMfa, Ok, PUBLIC, |f| f.mfa = Some(Result::Ok(PoolMfa::Optional)), "no password reset migrates"),
        (SourceAttributes, Ok, "", |_| {}, "as an administrator"),
        (SourceAttributes, Ok, ID_TOKEN, |_| {}, ALL_READ),
        // In the public flow a client may read the standard attributes unless it says otherwise, and custom ones only if it
        // says so.
        (SourceAttributes, Ok, PUBLIC, |_| {}, ALL_READ),
        (SourceAttributes, Warn, TENANT, |_| {}, "may not read custom:tenant: they would be lost."),
        (SourceAttributes, Warn, TENANT, |f| client_of(f).readable = Some(names("custom:tenant")), "not read email: they"),
        (SourceAttributes, Warn, TENANT, |f| client_of(f).readable = Some(vec![]), "not read custom:tenant, email: they"),
        (SourceAttributes, Ok, NO_EMAIL, |f| client_of(f).readable = Some(vec![]), ALL_READ),
        // Without the schema, the standard attributes and those that the settings name.
        (SourceAttributes, Ok, PUBLIC, pool_not_described, ALL_READ),
        (SourceAttributes, Warn, TENANT, pool_not_described, "may not read custom:tenant: they would be lost."),
        (SourceAttributes, Ok, OTHERS, pool_not_described, ALL_READ),
        // The user name stands beside the attributes, and in a claim of its own.
        (SourceAttributes, Ok, OTHERS, |_| {}, ALL_READ),
        // One try may take a third of the time budget, or of Lambda's time limit if that is shorter.
        (TimeSource, Ok, "", |_| {}, "answers in 40 ms. One try may take 1500 of the 4500 ms of TIME_BUDGET_MS."),
        (TimeSource, Ok, "", |f| timed(f, 749, 4800), "answers in 749 ms"),
        (TimeSource, Warn, "", |f| timed(f, 750, 4800), "A busy moment"),
        (TimeSource, Warn, "", |f| timed(f, 1499, 4800), "A busy moment"),
        (TimeSource, Fail, "", |f| timed(f, 1500, 4800), "every migration fails"),
        (TimeSource, Ok, "", |f| timed(f, 299, 1800), "600 of the 1800 ms that the function's time-out leaves"),
        (TimeSource, Warn, "", |f| timed(f, 300, 1800), "time-out"),
        (TimeSource, Fail, "", |f| timed(f, 600, 1800), "time-out"),
        (TimeSource, Ok, "", |f| timed(f, 10, 4500), "of TIME_BUDGET_MS"),
    ];
    for (id, status, variables, change, words) in cases {
        assert_says(&judged(variables, change), *id, status, words);
    }
}

/// Every combination of the answers about the pool, its app client and a sign-in, with every answer to one other question.
/// No check needs two of the others: of each only counts what it says of the pool.
#[test]
fn every_combination_of_answers_leads_to_a_report_that_helps() {
    let all = with_each(&[facts()], answers(&pool_by_email()), |it, pool| {
        it.pool = pool
    });
    let all = with_each(&all, answers(&client()), |it, client| it.client = client);
    let mut others = with_each(&all, answers(&()), |it, read| it.profiles = read);
    others.extend(with_each(&all, answers(&()), |it, found| {
        it.lists = Some(found)
    }));
    let mfas = answers(&PoolMfa::On);
    others.extend(with_each(&all, mfas, |it, mfa| it.mfa = Some(mfa)));
    let causes = Cause::VARIANTS.to_vec();
    let failed = causes.iter().map(|cause| Some(fails(*cause)));
    let probes = [ProbeSignIn::Rejected, ProbeSignIn::LetIn].map(|probe| Some(Ok(probe)));
    let few = [&probes[..], &[None]].concat();
    let tried: Vec<_> = failed.chain(few.clone()).collect();
    let put = |it: &mut SourceFacts, tried| it.probe_sign_in = tried;
    for (variables, all) in [
        ("", with_each(&others, tried, put)),
        (IN_STORE, with_each(&others, causes, no_secret)),
        (PUBLIC, with_each(&others, few, put)),
        (PUBLIC_THAT_DROPS, others.clone()),
        (ID_TOKEN, others),
    ] {
        let settings = settings(variables);
        all.iter()
            .for_each(|facts| assert_helps(&source(&settings, facts)));
    }
}

#[test]
fn only_settings_that_need_a_profile_or_a_list_read_one() {
    const MARK: &str = "MIGRATION_MARK=custom:migration";
    #[rustfmt::skip]
    let cases = [
        ("", "", None, true),
        (PUBLIC, "", None, false),
        ("", "SRC_AUTH_FLOW=USER_PASSWORD_AUTH", None, true),
        ("", "ON_FORGOT_PASSWORD=ignore", None, true),
        (ID_TOKEN, "", None, true),
        (ID_TOKEN, "ON_FORGOT_PASSWORD=ignore", None, false),
        (ID_TOKEN, "ON_FORGOT_PASSWORD=ignore ON_MFA=reset", None, true),
        (PUBLIC, "ON_MFA=sms", None, true),
        (PUBLIC, "ON_TEMPORARY_PASSWORD=reset", None, true),
        (PUBLIC, "MIGRATION_MARK=custom:migration COPY_GROUPS=*", Some("sub"), true),
        ("", "SRC_LOOKUP=phone_number", Some("phone_number"), true),
        (MARK, "", None, true),
        (MARK, "COPY_GROUPS=*", Some("sub"), true),
        (MARK, "SOURCE_USER=disable", Some("sub"), true),
        (MARK, "SOURCE_USER=disable SRC_LOOKUP=email", Some("email"), true),
    ];
    for (variables, more, lists_by, reads) in cases {
        let settings = settings(&format!("{variables} {more}"));
        assert_eq!(settings.lists_users_by(), lists_by, "{variables} {more}");
        assert_eq!(settings.reads_profiles(), reads, "{variables} {more}");
    }
}

/// The same verdicts, in the words of an operator; what needs the function waits for it.
#[test]
fn an_operator_judges_what_the_source_pool_says_of_itself() {
    use Cause::*;
    const BEHIND_POOL: &str = "Skipped client, Skipped flow, Skipped mfa";
    const NO_CLIENT: &str = "Skipped client, Skipped flow, Warn mfa";
    const WAITING: &str = "source.credentials source.secret source.read source.lookup time.source";
    #[rustfmt::skip]
    let cases: &[(&str, Option<Change>, &str, &str, bool)] = &[
        ("", Some(|_| {}), "Warn mfa", "ON_FORGOT_PASSWORD", true),
        ("", Some(|f| client_of(f).admin_password_flow = false), "Fail flow, Warn mfa", "ADMIN_USER_PASSWORD", false),
        ("", Some(|f| f.client = fails(NotFound)), "Fail client, Skipped flow, Warn mfa", "SRC_CLIENT_ID", false),
        ("", Some(not_described), NO_CLIENT, "cognito-idp:DescribeUserPoolClient ", false),
        ("", Some(|f| all_fail(f, NotAllowed)), "Skipped pool, {pool}", "cognito-idp:DescribeUserPool ", false),
        ("", Some(|f| all_fail(f, NotFound)), "Fail pool, {pool}", "--source-profile", false),
        ("", Some(|f| all_fail(f, Credentials)), "Fail pool, {pool}", "credentials of the account", false),
        ("", Some(|f| all_fail(f, Busy)), "Fail pool, {pool}", "network", false),
        (ID_TOKEN, Some(|f| client_of(f).readable = Some(vec![])), "Fail attributes, Warn mfa",
         "ReadAttributes", false),
        // No app client is known.
        ("", None, NO_CLIENT, "Set SRC_CLIENT_ID with --set", false),
    ];
    for (variables, change, expected, fix, ok) in cases {
        let mut facts = facts();
        change.iter().for_each(|change| change(&mut facts));
        let client = change.map(|_| &facts.client);
        let checks = source_as_operator(&settings(variables), &facts.pool, client);
        assert_helps(&checks);
        let waits = |check: &Check| check.why == Some(Why::WaitsForFunction);
        let (waiting, asked): (Vec<_>, Vec<_>) = checks.into_iter().partition(waits);
        let waiting: Vec<_> = waiting.into_iter().map(|check| check.id).collect();
        assert_eq!(waiting.join(" "), WAITING);
        assert_eq!(found(&asked), expected.replace("{pool}", BEHIND_POOL));
        assert_eq!(is_ok(&asked), *ok, "{asked:#?}");
        for Check { detail, fix, .. } in &asked {
            let of_operator = detail.starts_with("Asked as the operator: ");
            assert!(of_operator || change.is_none(), "{asked:#?}");
            let text = format!("{detail} {fix}");
            let names_function = ["the function may", "function's"].map(|it| text.contains(it));
            assert_eq!(names_function, [false; 2], "{asked:#?}");
        }
        let has_fix = asked.iter().any(|check| check.fix.contains(fix));
        assert!(has_fix, "{asked:#?}");
    }
}

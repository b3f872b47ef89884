//! The preflight: a report on the source pool before the first user arrives, as the deployed function sees the pool.
//!
//! The questions are asked at the same time where possible, and [`rules::checks`] judges the answers. Each preflight opens
//! its own connections and gets its own credentials: a time budget that is too short must not end it, and an old session of
//! the role would prove nothing.

mod questions;

use std::time::Duration;

use pools::{Aws, SourcePool};
use rules::{
    checks::{self, Answer, SourceFacts},
    outcome::{Cause, Failure, Stop},
    protocol::{PreflightReport, Users},
    settings::{Settings, TRIES_THAT_FIT},
};

use crate::triggers::{Conclusion, Outcome};

/// The time limit of a preflight, even where Lambda would wait for minutes.
const MOST_TIME: Duration = Duration::from_secs(15);

/// The length of the longest chain of dependent questions. Each question gets its part of the time, so that a pool that
/// hangs still leaves a report on the rest.
const STEPS: u32 = 3;

/// Reports on the source pool, within the `time` that Lambda leaves. The time budget of a migration does not apply.
pub async fn report(settings: &Settings, time: Duration) -> Conclusion {
    let facts = facts(settings, time).await;
    let users = Users {
        source: facts.pool.as_ref().ok().map(|pool| pool.users),
        destination: None,
    };
    let checks = checks::source(settings, &facts);
    Outcome::Reported(PreflightReport::new(checks, users)).into()
}

async fn facts(settings: &Settings, time_limit: Duration) -> SourceFacts {
    let step = time_limit.min(MOST_TIME) / STEPS;
    let aws = Aws::new(&settings.source.region, step * TRIES_THAT_FIT).await;
    let source = SourcePool::new(aws, settings.source.clone());
    let (credentials, secret) = tokio::join!(
        in_time(step, &Ok(()), "credentials", source.credentials()),
        in_time(step, &Ok(()), "GetSecretValue", source.client_secret()),
    );
    let lists = async {
        let lists = questions::lists_users(&source, settings.lists_users_by()?);
        Some(in_time(step, &credentials, "ListUsers", lists).await)
    };
    let mfa = async {
        settings.policy.asks_for_pool_mfa().then_some(())?;
        Some(in_time(step, &credentials, "GetUserPoolMfaConfig", source.mfa()).await)
    };
    let description = source.pool.description();
    let client = source.pool.app_client(&settings.source.client_id);
    let profiles = questions::reads_profiles(&source);
    let (pool, client, profiles, lists, mfa) = tokio::join!(
        in_time(step, &credentials, "DescribeUserPool", description),
        in_time(step, &credentials, "DescribeUserPoolClient", client),
        in_time(step, &credentials, "AdminGetUser", profiles),
        lists,
        mfa,
    );
    // Without the secret there is no sign-in.
    let try_sign_in = secret.is_ok() && questions::may_try_sign_in(settings, &pool, &client);
    let sign_in = async {
        let sign_in = try_sign_in.then(|| questions::probe_sign_in(&source))?;
        Some(in_time(step, &Ok(()), "sign-in", sign_in).await)
    };
    let round_trip = questions::round_trip(&source, profiles.is_ok());
    let round_trip = tokio::time::timeout(step, round_trip);
    let (probe_sign_in, round_trip) = tokio::join!(sign_in, round_trip);
    SourceFacts {
        credentials,
        secret,
        pool,
        client,
        profiles,
        lists,
        mfa,
        probe_sign_in,
        round_trip: round_trip.unwrap_or(None),
        time_limit,
    }
}

/// The answer to a question, if there are credentials to ask it with, and if it comes in time.
async fn in_time<T, E: Into<Stop>>(
    step: Duration,
    credentials: &Answer<()>,
    operation: &'static str,
    answer: impl Future<Output = Result<T, E>>,
) -> Answer<T> {
    credentials.clone()?;
    match tokio::time::timeout(step, answer).await {
        Ok(answer) => answer.map_err(|stop| stop.into().failure(operation)),
        Err(_) => Err(Failure::new(Cause::Unreachable, operation, "Timeout")),
    }
}

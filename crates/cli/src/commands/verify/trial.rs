//! The run of a trial: takes the steps, then deletes the users.

use std::time::Duration;

use rules::sensitive::Sensitive;

use super::{
    actions::{Actions, create, delete, migrated, unknown},
    prepared::Prepared,
    sights::Sights,
    steps::{Ended, StepFailure, StepFinding, Steps},
    table::{self, Action, LookAt, TrialStep},
    user::{TrialUser, TrialUsers, Who},
};
use crate::{aws::OperatorsPool, context::function_region, problem::CommandResult};

/// The users of a trial. `phone_number` is the operator's own.
pub(super) fn users(
    prepared: &Prepared,
    phone_number: Option<&Sensitive>,
) -> CommandResult<TrialUsers> {
    let (source, destination) = (&prepared.pools.source, &prepared.pools.destination);
    let settings = &prepared.settings.destination;
    TrialUsers::new(|who| {
        TrialUser::new(
            who,
            phone_number,
            &source.description,
            &destination.description,
            &settings.mapping,
            settings.mark.as_deref(),
        )
    })
}

/// Takes each step, until one fails.
pub(super) async fn take(
    actions: &Actions<'_>,
    steps: &mut Steps,
    users: &mut TrialUsers,
) -> Result<(), Ended> {
    let mut token = None;
    for step in table::steps(&actions.prepared.circumstances(), users) {
        match step {
            TrialStep::LeaveOut {
                title,
                why,
                questions,
            } => steps.leave_out(title, why, questions),
            TrialStep::Take {
                title,
                look_at,
                action,
                question,
            } => {
                let look_at = place(look_at, actions.prepared, actions.since);
                let act = act(actions, action, users, &mut token);
                match question {
                    Some(question) => steps.observe(question, &title, &look_at, act).await?,
                    None => steps.take(&title, &look_at, act).await?,
                }
            }
        }
    }
    Ok(())
}

/// Does the action of a step. `token` is from the first user's last sign-in.
async fn act(
    actions: &Actions<'_>,
    action: Action<'_>,
    users: &mut TrialUsers,
    token: &mut Option<Sensitive>,
) -> StepFinding {
    let (source, destination) = (&actions.source().pool, &actions.destination().pool);
    if let Action::Create(who) = action {
        let group = actions.prepared.group.as_deref().ok();
        let group = group.filter(|_| who == Who::First);
        return create(source, &mut users[who], group).await;
    }
    let first = &users[Who::First];
    match action {
        Action::Create(_) => Ok(String::new()),
        Action::FindNone => unknown(destination, first).await,
        Action::SignIn => actions.sign_in(first, token).await,
        Action::FindMigrated => migrated(destination, first).await,
        Action::See(sight) => Sights(actions).see(sight, users, token.as_ref()).await,
        Action::CallApi(api) => actions.call(api, token.as_ref(), 200).await,
        Action::CallApiWithoutToken(api) => actions.call(api, None, 401).await,
        Action::FindDone { mark } => actions.done(first, mark).await,
        Action::DeleteFromSource => delete(source, first).await,
        Action::StartReset => actions.reset(&users[Who::Second]).await,
        Action::RejectWrongPassword => actions.rejected(&users[Who::MixedCase]).await,
    }
}

/// Deletes all users from both pools, even after a failure.
pub(super) async fn delete_all(
    prepared: &Prepared,
    steps: &mut Steps,
    users: &TrialUsers,
) -> Result<(), Ended> {
    let pools = [
        &prepared.pools.source.pool,
        &prepared.pools.destination.pool,
    ];
    let names: Vec<_> = users.tried().map(|user| user.name.as_str()).collect();
    let names = names.join(", ");
    let ids = pools.map(OperatorsPool::id).join(" and ");
    let left = format!("the users {names} in {ids}: delete what is left.");
    let delete = async {
        let mut problems = vec![];
        for pool in pools {
            for user in users.tried() {
                problems.extend(delete(pool, user).await.err().map(|wrong| wrong.why));
            }
        }
        match problems.is_empty() {
            true => Ok(String::new()),
            false => Err(StepFailure::new(problems.join(" "))),
        }
    };
    let title = "Delete all users from both pools";
    steps.take_in_any_case(title, &left, delete).await
}

/// The place to look at, in words. The trial began at this moment, since 1970.
fn place(look_at: LookAt, prepared: &Prepared, since: Duration) -> String {
    let (source, destination) = (
        &prepared.pools.source.pool,
        &prepared.pools.destination.pool,
    );
    match look_at {
        LookAt::Source => format!(
            "the source pool {} and what your credentials may do there (see --source-profile).",
            source.id()
        ),
        LookAt::Destination => format!(
            "the destination pool {}, its app client {}, and what your credentials may do there.",
            destination.id(),
            prepared.client.id
        ),
        LookAt::Api => {
            let url = prepared.api.as_ref().map_or("", |(_, url)| url);
            format!("the API behind {url}: its stage, and the authorizer on the destination pool.")
        }
        LookAt::Log => {
            let region = function_region(&prepared.function.arn, destination.id());
            let log_group = &prepared.log_group;
            format!(
                "what the function logged:\n    aws logs filter-log-events --region {region} --log-group-name {log_group} \
                 --start-time {} --query 'events[].message' --output text\n    Nothing is logged: the destination pool's \
                 trigger or the function's permission for it is missing.",
                since.as_millis()
            )
        }
    }
}

//! Takes the steps of a trial, from the first user to the last, and removes the users.

use std::time::Duration;

use super::{
    actions::{Actions, delete},
    prepared::Prepared,
    steps::{Ended, Steps, Wrong},
    table::{self, LookAt, Step},
    user::User,
};
use crate::{aws::OperatorsPool, context::function_region, problem::CommandResult};

/// The users of a trial. The first moves at a sign-in, the second at a password reset; the third has a name in mixed case.
pub(super) fn users(prepared: &Prepared) -> CommandResult<[User; 3]> {
    let (source, destination) = (&prepared.pools.source, &prepared.pools.destination);
    let settings = &prepared.settings.destination;
    let user = |label, number| {
        User::new(
            label,
            number,
            &source.description,
            &destination.description,
            &settings.mapping,
            settings.mark.as_deref(),
        )
    };
    Ok([
        user("first", 0)?,
        user("second", 1)?,
        user("Mixed-Case", 2)?,
    ])
}

/// Takes each step, until one does not end well.
pub(super) async fn take(
    actions: &Actions<'_>,
    steps: &mut Steps,
    users: &mut [User; 3],
) -> Result<(), Ended> {
    let mut token = None;
    for step in table::steps(actions.prepared, users) {
        match step {
            Step::LeaveOut { title, why } => steps.leave_out(title, why),
            Step::Take {
                title,
                look_at,
                action,
                question,
            } => {
                let look_at = place(look_at, actions.prepared, actions.since);
                let act = actions.act(action, users, &mut token);
                match question {
                    Some(question) => steps.observe(question, &title, &look_at, act).await?,
                    None => steps.take(&title, &look_at, act).await?,
                }
            }
        }
    }
    Ok(())
}

/// Deletes all users from both pools, whatever happened before.
pub(super) async fn delete_all(
    prepared: &Prepared,
    steps: &mut Steps,
    users: &[User; 3],
) -> Result<(), Ended> {
    let pools = [
        &prepared.pools.source.pool,
        &prepared.pools.destination.pool,
    ];
    let names = users.each_ref().map(|user| user.name.as_str()).join(", ");
    let ids = pools.map(OperatorsPool::id).join(" and ");
    let left = format!("the users {names} in {ids}: delete what is left.");
    let delete = async {
        let mut problems = vec![];
        for pool in pools {
            for user in users {
                problems.extend(delete(pool, user).await.err().map(|wrong| wrong.why));
            }
        }
        match problems.is_empty() {
            true => Ok(String::new()),
            false => Err(Wrong::new(problems.join(" "))),
        }
    };
    let title = "Delete all users from both pools";
    steps.take_in_any_case(title, &left, delete).await
}

/// Where an operator looks, in words. The trial began at this moment, since 1970.
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

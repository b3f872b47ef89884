//! Reads the source pool for a draft.

use insight::draft::{ClientBlueprint, DraftedPool, GroupBlueprint, Note, ResourceServer};
use rules::{
    evidence::PoolMfa,
    outcome::{Cause, Failure},
    pool::{AppClient, UserPoolDescription},
};

use crate::{aws::OperatorsPool, context::not_answered, problem::CommandResult};

/// The settings that were read from the source pool.
pub(super) struct DraftedSource {
    pub(super) pool: DraftedPool,
    pub(super) description: UserPoolDescription,
    pub(super) clients: Vec<(AppClient, ClientBlueprint)>,
    pub(super) groups: Vec<GroupBlueprint>,
    pub(super) servers: Vec<ResourceServer>,
    /// The parts that could not be read and are only noted.
    pub(super) unread: Vec<Note>,
}

impl DraftedSource {
    /// Reads the source pool. Permissions may be lacking for the parts that are only noted.
    pub(super) async fn read(pool: &OperatorsPool) -> CommandResult<DraftedSource> {
        let cannot = |failure: Failure| not_answered("the source pool", pool.id(), &failure);
        let (mut drafted, description) = pool.drafted().await.map_err(cannot)?;
        let mut unread = vec![];
        match pool.factors().await {
            Ok(factors) => {
                let mfa = &mut drafted.blueprint.mfa;
                mfa.software_token = factors.software_token;
                mfa.sms = factors.sms;
                mfa.email = factors.email;
                drafted.left_behind.passkeys = factors.passkeys;
            }
            // It is not carried over then.
            Err(failure)
                if failure.cause == Cause::NotAllowed && description.mfa == PoolMfa::Off =>
            {
                unread.push(Note::left_behind(
                "WebAuthnConfiguration",
                "It may not be read with these credentials (GetUserPoolMfaConfig). Look for passkeys in the console.",
            ));
            }
            Err(failure) => return Err(cannot(failure)),
        }
        drafted.left_behind.identity_providers = match pool.identity_providers().await {
            Ok(names) => Some(names),
            Err(failure) if failure.cause == Cause::NotAllowed => None,
            Err(failure) => return Err(cannot(failure)),
        };
        Ok(DraftedSource {
            clients: pool.drafted_clients().await.map_err(cannot)?,
            groups: pool.drafted_groups().await.map_err(cannot)?,
            servers: pool.resource_servers().await.map_err(cannot)?,
            pool: drafted,
            description,
            unread,
        })
    }
}

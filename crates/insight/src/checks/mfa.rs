//! `destination.mfa`: the second factors of the destination pool fit `ON_MFA`.

use rules::{admission::OnMfa, checks::Verdict, evidence::PoolMfa};

use super::pools::{KnownPools, destination_is_unknown};

/// The cases of the destination pool's MFA.
enum MfaFound {
    Off,
    /// MFA is off, and `ON_MFA` carries codes by text message over.
    OffForSms,
    Optional,
    On,
    /// MFA is on, and not every user has a phone number.
    OnWithoutNumbers,
}

/// Judges the destination pool's MFA.
pub(super) fn check(pools: &KnownPools<'_>) -> Verdict {
    match found(pools) {
        Some(found) => found.verdict(),
        None => destination_is_unknown(),
    }
}

fn found(pools: &KnownPools<'_>) -> Option<MfaFound> {
    let pool = pools.destination()?;
    Some(match pool.mfa {
        PoolMfa::Off if pools.settings.policy.on_mfa == OnMfa::Sms => MfaFound::OffForSms,
        PoolMfa::Off => MfaFound::Off,
        PoolMfa::Optional => MfaFound::Optional,
        PoolMfa::On if pools.fit(pool).every_user_gets("phone_number") => MfaFound::On,
        PoolMfa::On => MfaFound::OnWithoutNumbers,
    })
}

impl MfaFound {
    fn verdict(&self) -> Verdict {
        match self {
            MfaFound::Off => {
                Verdict::ok("MFA is off in the destination pool, and nothing is carried over.")
            }
            MfaFound::OffForSms => Verdict::fail(
                "ON_MFA=sms carries SMS MFA over, and MFA is off in the destination pool. The migration of such users \
                 fails.",
                "Set MFA in the destination pool (MfaConfiguration) to optional or on, or set ON_MFA to refuse or \
                 reset.",
            ),
            MfaFound::Optional => Verdict::ok("MFA is optional in the destination pool."),
            MfaFound::On => {
                Verdict::ok("MFA is on in the destination pool, and every user has a phone number.")
            }
            MfaFound::OnWithoutNumbers => Verdict::warn(
                "MFA is on in the destination pool. Users without a phone number must set up another second factor \
                 before they can sign in.",
                "Set MFA in the destination pool (MfaConfiguration) to optional. Or make sure that every user has a \
                 phone number, or that the app lets users set up an authenticator. ON_MFA=sms carries SMS MFA over.",
            ),
        }
    }
}

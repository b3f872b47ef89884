//! The meanings of results, outcomes and findings, with the advice for an operator.

use insight::{
    acceptance::{Refusal, UserResult},
    finding::Finding,
    plan::ForeseenOutcome,
    tally::Obstacle,
};
use rules::outcome::Reason;

/// The results, best first, with their meanings. The rule behind a refusal does not matter here.
pub(crate) const RESULTS: [(UserResult, &str); 5] = [
    (
        UserResult::Moves,
        "a sign-in migrates, the destination pool creates the user, and the same name signs in again",
    ),
    (
        UserResult::MovesAfterReset,
        "the user is created and must reset the password first, or only a password reset migrates",
    ),
    (UserResult::Stays, "the function rejects the user"),
    (
        UserResult::Refused(Refusal::Schema),
        "the function migrates, and the destination pool cannot create the user",
    ),
    (
        UserResult::LockedOut,
        "the user is created, and the name that was typed does not find the user the next time",
    ),
];

/// The result of users with this obstacle, the reason, and the advice.
pub(crate) fn told(obstacle: Obstacle) -> (&'static str, &'static str, &'static str) {
    match obstacle {
        Obstacle::Rejected(reason) => (
            "stays",
            reason.as_str(),
            advice(ForeseenOutcome::Rejected(reason)),
        ),
        Obstacle::Failed => ("stays", "failed", advice(ForeseenOutcome::Failed)),
        Obstacle::LockedOut => (
            "locked_out",
            "the typed name is an alias there, and not verified",
            "Verify the address in the source pool, or let these users type their user name.",
        ),
        Obstacle::Refused(refusal) => ("refused", refusal.because(), mend(refusal)),
    }
}

/// The advice for users whom the destination pool cannot create.
fn mend(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NameForm => {
            "Set SRC_LOOKUP to email or phone_number: then these users sign in with the address itself."
        }
        Refusal::OtherAddress => {
            "Set SRC_LOOKUP to email or phone_number, or stop copying the other address (ATTRIBUTE_MAP)."
        }
        Refusal::NameChanged => "Set DST_USERNAME to none.",
        Refusal::NameIsAlias => "Set DST_USERNAME to sub, and SRC_LOOKUP to the alias.",
        Refusal::NameIsPreferred => "Map preferred_username to null in ATTRIBUTE_MAP.",
        Refusal::NameCharacters => "Set SRC_LOOKUP, so that these users type another name.",
        Refusal::Schema => "See ATTRIBUTE_MAP, and the schema of the destination pool.",
        Refusal::FlagWithoutContact => {
            "Copy the contact with its flag, or neither (ATTRIBUTE_MAP)."
        }
        Refusal::SmsMfa => {
            "Turn MFA on or make it optional in the destination pool, or change ON_MFA."
        }
    }
}

/// The advice for an outcome.
pub(crate) fn advice(outcome: ForeseenOutcome) -> &'static str {
    let ForeseenOutcome::Rejected(reason) = outcome else {
        return match outcome {
            ForeseenOutcome::Migrated => "Nothing: the function migrates these users.",
            _ => "Look at the function's log: the source pool contradicts itself.",
        };
    };
    match reason {
        Reason::WrongCredentials | Reason::UserNotFound => {
            "The typed name means no user, or another user: see the findings, and SRC_LOOKUP. With SRC_LOOKUP the address \
             must be verified."
        }
        Reason::AmbiguousUser => {
            "Several enabled users have the same sign-in name: disable or change all but one of them in the source pool."
        }
        Reason::UserDisabled => "Enable in the source pool the users who are to move.",
        Reason::NotConfirmed => {
            "They never confirmed their account: confirm them in the source pool, or let them sign up."
        }
        Reason::PasswordResetRequired => {
            "They have to reset the password; a reset moves them if ON_FORGOT_PASSWORD is migrate."
        }
        Reason::TemporaryPassword => {
            "They never set a password: set ON_TEMPORARY_PASSWORD to reset for sign-ins, or invite them anew."
        }
        Reason::MfaRefused => "They have a second factor that ON_MFA does not let through.",
        Reason::ExternalProvider => {
            "They have no password. Connect the identity provider to the destination pool: they come with it."
        }
        Reason::UnusableStatus => {
            "Their status allows no sign-in: look at them in the source pool."
        }
        Reason::NoVerifiedContact => {
            "No code of a reset reaches them: verify a contact of RESET_CONTACTS in the source pool."
        }
        Reason::ForgotPasswordOff => {
            "Set ON_FORGOT_PASSWORD to migrate if resets are to move users."
        }
        Reason::UnsupportedChallenge
        | Reason::SourceTriggerRefused
        | Reason::NoPassword
        | Reason::InvalidRequest
        | Reason::UnknownTrigger
        | Reason::AccountExists
        | Reason::MarkOfAnotherUser
        | Reason::BlockedByRisk => "See docs/operating.md.",
    }
}

/// The meaning of a finding.
pub(crate) fn meaning(finding: Finding) -> &'static str {
    match finding {
        Finding::CaseOfName => {
            "The destination pool hands over names in lower case, and the source pool knows another spelling: set \
             SRC_LOOKUP, or import them."
        }
        Finding::SameContact => {
            "Several users have proved the same address, and only one of them can have it: change it for the others."
        }
        Finding::Schema => {
            "The destination pool refuses an attribute, so Cognito cannot create them: see ATTRIBUTE_MAP, and the pool's \
             schema."
        }
        Finding::RequiredAttribute => {
            "An attribute that the destination pool requires is missing: set it in the source pool, or with \
             STATIC_ATTRIBUTES."
        }
        Finding::NoContact => {
            "No code of a reset reaches them if they forget the password: no contact of RESET_CONTACTS is verified."
        }
        Finding::UnprovenCopy => {
            "They have not verified an address or number that the destination pool signs users in by, and its owner cannot \
             migrate after them: set UNVERIFIED_CONTACTS to drop."
        }
        Finding::NameRefused => {
            "The destination pool does not take the name that they type: see SRC_LOOKUP and DST_USERNAME."
        }
        Finding::AliasUnproven => {
            "The name that they type is an alias in the destination pool, and it signs in only once it is verified: verify it \
             in the source pool."
        }
        Finding::OtherName => {
            "They sign in to the source pool by several names, and not by all of them to the destination pool: tell them \
             which."
        }
        Finding::LinkedIdentity => {
            "They are linked to a user of an identity provider. The link is lost, and the provider's next sign-in makes a \
             second user."
        }
        Finding::PreferredUsername => {
            "The preferred user name is copied, and it is an alias of the destination pool: users can take a name that \
             another user has in the source pool."
        }
        Finding::TemporaryPasswordExpired => {
            "The temporary password has expired in the source pool, so no sign-in works: invite them anew."
        }
        Finding::FederatedTwin => {
            "A user of an identity provider has the same e-mail address: the two accounts may belong to one person."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_the_survey_says_what_each_result_means() {
        let page = include_str!("../../../docs/survey.md");
        for (result, meaning) in RESULTS {
            let line = format!("\n| `{}` | {meaning} |\n", result.as_str());
            assert!(page.contains(&line), "{line}");
        }
    }
}

//! Cognito's answers about users as evidence. An incomplete answer becomes `None`.

use std::collections::HashMap;

use aws_sdk_cognitoidentityprovider::types::{
    AttributeType, AuthenticationResultType, ChallengeNameType, GroupType, UserPoolMfaType,
    UserType,
};
use rules::{
    evidence::{
        Attributes, Challenge, Identity, ListedUser, PoolMfa, Profile, SecondFactor, SignIn,
        Standing, Tokens, UserStatus,
    },
    sensitive::Sensitive,
};

/// Cognito's answer to a sign-in, or `None` if it says neither or both of what it can say.
pub(super) fn sign_in(
    tokens: Option<AuthenticationResultType>,
    challenge: (Option<ChallengeNameType>, Option<HashMap<String, String>>),
) -> Option<SignIn> {
    match (tokens, challenge) {
        (Some(tokens), (None, _)) => {
            let held =
                |token: Option<String>| token.filter(|token| !token.is_empty()).map(Sensitive::new);
            Some(SignIn::Tokens(Tokens {
                access: held(tokens.access_token)?,
                id: held(tokens.id_token),
            }))
        }
        (None, (Some(name), parameters)) => Some(SignIn::Challenge {
            challenge: Challenge::named(name.as_str()),
            username: parameters.and_then(|mut named| named.remove("USER_ID_FOR_SRP")),
        }),
        (Some(_), (Some(_), _)) | (None, (None, _)) => None,
    }
}

/// A profile, or `None` if it is not whole: every user has a name and, if only `sub`, attributes.
pub(super) fn profile(
    username: String,
    standing: Standing,
    attributes: Vec<AttributeType>,
    factors: &[String],
) -> Option<Profile> {
    let is_whole = !username.is_empty() && !attributes.is_empty();
    is_whole.then(|| Profile {
        identity: Identity {
            username,
            attributes: pairs(attributes),
        },
        standing,
        second_factor: SecondFactor::of(factors),
    })
}

/// A user as a list shows it, or `None` if something of it is missing.
pub(super) fn listed_user(user: UserType) -> Option<ListedUser> {
    Some(ListedUser {
        identity: Identity {
            username: user.username.filter(|name| !name.is_empty())?,
            attributes: pairs(user.attributes?),
        },
        enabled: user.enabled,
        status: UserStatus::named(user.user_status?.as_str()),
        last_modified: user.user_last_modified_date.map(|date| date.secs()),
    })
}

fn pairs(attributes: Vec<AttributeType>) -> Attributes {
    let pair = |attribute: AttributeType| (attribute.name, attribute.value.unwrap_or_default());
    attributes.into_iter().map(pair).collect()
}

/// The names of all groups, or `None`: no user would join a group that is left out because it has no name.
pub(super) fn group_names(groups: Option<Vec<GroupType>>) -> Option<Vec<String>> {
    groups?.into_iter().map(|group| group.group_name).collect()
}

/// Whether a pool demands a second factor; `None` for a word that is not known here.
pub(crate) fn pool_mfa(mfa: &UserPoolMfaType) -> Option<PoolMfa> {
    match mfa {
        UserPoolMfaType::Off => Some(PoolMfa::Off),
        UserPoolMfaType::Optional => Some(PoolMfa::Optional),
        UserPoolMfaType::On => Some(PoolMfa::On),
        _ => None,
    }
}

//! A fixed table of made-up users, one of each kind whose sign-in name a destination pool may not take.
//!
//! Their results show the effect of settings on sign-in names, before any user is read.

use rules::{
    evidence::{Identity, ListedUser, PoolMfa, UserStatus},
    pool::UserPoolDescription,
    settings::Settings,
};

use crate::{acceptance::UserResult, plan::Plan, survey::Survey};

/// A made-up user, and what kind of name it has.
#[derive(Debug)]
pub struct MadeUpUser {
    /// The kind, in the plural, as the end of "users who sign in by".
    pub kind: &'static str,
    username: &'static str,
    email: Option<(&'static str, &'static str)>,
    phone_number: Option<&'static str>,
}

/// The table.
pub const MADE_UP_USERS: [MadeUpUser; 6] = [
    MadeUpUser {
        kind: "a user name that is their address",
        username: "own@example.com",
        email: Some(("own@example.com", "true")),
        phone_number: None,
    },
    MadeUpUser {
        kind: "a user name that was their address",
        username: "old@example.com",
        email: Some(("new@example.com", "true")),
        phone_number: None,
    },
    MadeUpUser {
        kind: "a plain user name",
        username: "plain",
        email: Some(("plain@example.com", "true")),
        phone_number: Some("+15550101"),
    },
    MadeUpUser {
        kind: "a user name that is their phone number",
        username: "+15550102",
        email: Some(("number@example.com", "true")),
        phone_number: Some("+15550102"),
    },
    MadeUpUser {
        kind: "a user name with upper case",
        username: "Upper",
        email: Some(("Upper@example.com", "true")),
        phone_number: Some("+15550103"),
    },
    MadeUpUser {
        kind: "a plain user name, with an address that is not verified",
        username: "unproven",
        email: Some(("unproven@example.com", "false")),
        phone_number: None,
    },
];

impl MadeUpUser {
    /// The user as the source pool lists it. A pool whose users sign in by an address gives them names of its own.
    pub fn listed(&self, source: &UserPoolDescription) -> ListedUser {
        let sub = format!("sub-of-{}", self.username.replace('@', "-at-"));
        let mut attributes = vec![("sub", sub.as_str())];
        if let Some((email, verified)) = self.email {
            attributes.extend([("email", email), ("email_verified", verified)]);
        }
        if let Some(number) = self.phone_number {
            attributes.extend([("phone_number", number), ("phone_number_verified", "true")]);
        }
        ListedUser {
            identity: Identity {
                username: match source.username_attributes.as_slice() {
                    [] => self.username.to_owned(),
                    [_, ..] => sub.clone(),
                },
                attributes: attributes
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect(),
            },
            enabled: true,
            status: UserStatus::Confirmed,
            last_modified: None,
        }
    }
}

/// The result of each made-up user. Second factors do not matter: only the names are judged.
pub fn results(
    settings: &Settings,
    source: &UserPoolDescription,
    destination: &UserPoolDescription,
) -> [UserResult; MADE_UP_USERS.len()] {
    let source = UserPoolDescription {
        mfa: PoolMfa::Off,
        ..source.clone()
    };
    let mut survey = Survey::new(Plan {
        settings,
        source: &source,
        client: None,
        destination,
        expired_before: None,
    });
    for user in &MADE_UP_USERS {
        survey.add(&user.listed(&source));
    }
    let mut results = [UserResult::Stays; MADE_UP_USERS.len()];
    for (result, foreseen) in results.iter_mut().zip(survey.users()) {
        *result = foreseen.result;
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::*;

    #[test]
    fn second_factors_do_not_matter() {
        let asks = changed(pool(), |it| it.mfa = PoolMfa::On);
        let of = |source| results(&settings(""), source, &pool());
        assert_eq!(of(&asks), of(&pool()));
    }
}

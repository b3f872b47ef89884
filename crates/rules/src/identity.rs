//! The check that the proven password and the profile belong to the same user.
//!
//! An alias can change hands between two calls, and AdminInitiateAuth and AdminGetUser take a `sub` in the place of a user
//! name.
//! <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminGetUser.html>

use crate::{
    evidence::Profile,
    outcome::{Cause, Failure, Reason, Stop},
};

/// The user whose password a sign-in proves, as the answer names the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proven<'a> {
    /// The `sub` of the access token; `None` where it holds none.
    Sub(Option<&'a str>),
    /// The user name that a challenge names; `None` where it names none.
    Username(Option<&'a str>),
}

/// Fails unless the profile is that of the user whose password is proven, and rejects a `sub` that was sent in the place of
/// a user name. `sent` is the name under which the source pool was asked.
///
/// AWS promises that a challenge names its user for SRP challenges only. Where it names none, the name that was sent must be
/// the user name itself.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html>
pub fn is_one_user(sent: &str, proven: Proven<'_>, profile: &Profile) -> Result<(), Stop> {
    is_named(sent, profile)?;
    let mismatch = match proven {
        Proven::Sub(sub) => {
            (sub.is_none() || sub != profile.identity.sub()).then_some("IdentityMismatch")
        }
        Proven::Username(Some(name)) => {
            (name != profile.identity.username).then_some("IdentityMismatch")
        }
        Proven::Username(None) => {
            (sent != profile.identity.username).then_some("ChallengeWithoutUser")
        }
    };
    match mismatch {
        None => Ok(()),
        Some(code) => Err(Failure::new(Cause::Broken, "migration", code).into()),
    }
}

/// Rejects a `sub` that was sent in the place of a user name: users do not sign in with it.
pub fn is_named(sent: &str, profile: &Profile) -> Result<(), Reason> {
    let is_sub = profile
        .identity
        .sub()
        .is_some_and(|sub| sub.eq_ignore_ascii_case(sent));
    // Where the user name is the sub, it names the user, in whatever case the source pool takes it.
    match is_sub && !sent.eq_ignore_ascii_case(&profile.identity.username) {
        true => Err(Reason::UserNotFound),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        evidence::{SecondFactor, Standing},
        test_support,
    };

    const SUB: &str = "0a1b2c3d-0000-4000-8000-00000000000f";

    fn profile(username: &str, sub: &str) -> Profile {
        Profile {
            identity: test_support::identity(username, &format!("sub={sub}")),
            standing: Standing::VouchedByToken,
            second_factor: SecondFactor::None,
        }
    }

    fn judged(sent: &str, proven: Proven<'_>, profile: &Profile) -> String {
        match is_one_user(sent, proven, profile) {
            Ok(()) => "one".to_owned(),
            Err(Stop::Rejected(reason)) => reason.as_str().to_owned(),
            Err(Stop::Failed(failure)) => {
                assert_eq!(failure.cause, Cause::Broken);
                failure.code.into_owned()
            }
        }
    }

    /// Every kind of name and every answer, for one profile.
    #[test]
    fn proof_and_profile_are_of_one_user() {
        use Proven::{Sub, Username};
        const MISMATCH: &str = "IdentityMismatch";
        const WITHOUT: &str = "ChallengeWithoutUser";
        let ana = profile("ana", SUB);
        let upper = SUB.to_uppercase();
        for (proven, by_username, by_alias) in [
            (Sub(Some(SUB)), "one", "one"),
            (Sub(Some("another")), MISMATCH, MISMATCH),
            (Sub(None), MISMATCH, MISMATCH),
            (Username(Some("ana")), "one", "one"),
            (Username(Some("Ana")), MISMATCH, MISMATCH),
            (Username(Some("bob")), MISMATCH, MISMATCH),
            (Username(Some("")), MISMATCH, MISMATCH),
            (Username(None), "one", WITHOUT),
        ] {
            for (sent, expected) in [
                ("ana", by_username),
                ("ana@example.com", by_alias),
                ("Ana", by_alias),
                ("", by_alias),
                (SUB, "user_not_found"),
                (&upper, "user_not_found"),
            ] {
                assert_eq!(judged(sent, proven, &ana), expected, "{sent} {proven:?}");
                let is_sub = sent.eq_ignore_ascii_case(SUB);
                let named = is_sub.then_some(Err(Reason::UserNotFound));
                assert_eq!(is_named(sent, &ana), named.unwrap_or(Ok(())), "{sent}");
            }
        }
    }

    #[test]
    fn a_sub_that_is_the_user_name_names_the_user() {
        let ana = profile(SUB, SUB);
        assert_eq!(judged(SUB, Proven::Username(None), &ana), "one");
        for sent in [SUB.to_owned(), SUB.to_uppercase()] {
            assert_eq!(judged(&sent, Proven::Sub(Some(SUB)), &ana), "one");
            assert_eq!(is_named(&sent, &ana), Ok(()));
        }
    }

    #[test]
    fn without_a_sub_nothing_is_proven_by_one() {
        let nameless = profile("ana", "");
        for sub in [None, Some("")] {
            let judged = judged("ana", Proven::Sub(sub), &nameless);
            assert_eq!(judged, "IdentityMismatch");
        }
        assert_eq!(is_named("", &nameless), Ok(()));
    }
}

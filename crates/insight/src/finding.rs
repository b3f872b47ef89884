//! Findings about a user besides the function's answers.

use strum::{IntoStaticStr, VariantArray};

/// A finding about a user besides the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Finding {
    /// The destination pool hands every name over in lower case, and the source pool knows the user by another one.
    CaseOfName,
    /// Other users have proved the same address, and the look-up or the aliases of the destination pool allow it to one only.
    SameContact,
    /// The destination pool refuses an attribute: it does not have it, or the value is too long, too short or out of range.
    Schema,
    /// An attribute that the destination pool requires is missing.
    RequiredAttribute,
    /// The user can sign in and could not reset a forgotten password.
    NoContact,
    /// A user of an identity provider has the same e-mail address.
    FederatedTwin,
    /// A contact is copied that the user has not verified, the destination pool signs users in by it, and another user of
    /// the source pool can have the same.
    UnprovenCopy,
    /// The destination pool does not take the name that the user types.
    NameRefused,
    /// The name that the user types is an alias in the destination pool, and it is not verified there.
    AliasUnproven,
    /// The user signs in to the source pool by several names, and one of them does not work.
    OtherName,
    /// The user is linked to a user of an identity provider, and the link is lost.
    LinkedIdentity,
    /// The preferred user name is an alias of the destination pool, and it is copied.
    PreferredUsername,
    /// The temporary password is older than the source pool lets it become.
    TemporaryPasswordExpired,
}

impl Finding {
    /// The id under which the finding is counted.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The findings about one user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Findings(u16);

impl Findings {
    /// Adds the finding if it `holds`.
    pub(crate) fn add_if(&mut self, holds: bool, finding: Finding) {
        self.0 |= u16::from(holds) << finding as u8;
    }

    /// Whether this is one of them.
    pub fn has(self, finding: Finding) -> bool {
        self.0 >> finding as u8 & 1 == 1
    }

    /// All of them, in the order of [`Finding`].
    pub fn iter(self) -> impl Iterator<Item = Finding> {
        Finding::VARIANTS
            .iter()
            .copied()
            .filter(move |finding| self.has(*finding))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_a_set() {
        let mut findings = Findings::default();
        for finding in Finding::VARIANTS {
            findings.add_if(false, *finding);
            assert!(!findings.has(*finding));
            findings.add_if(true, *finding);
            assert!(findings.has(*finding));
        }
        assert!(findings.iter().eq(Finding::VARIANTS.iter().copied()));
    }
}

//! The mark that a migration writes into the custom attribute of `MIGRATION_MARK`: the source user's `sub`, and the stage
//! of the post-migration steps.

use std::fmt;

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{attributes::VERIFIED_FLAGS, evidence::Identity};

/// The stage of a user's post-migration steps. A mark begins with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Stage {
    /// Steps are left.
    Pending,
    /// The function is about to disable the source user, or has done so. Written before the source user is disabled.
    Disabling,
    /// The function has disabled the source user. Only this mark proves it.
    Off,
    /// No step is left. If the source user is disabled, an administrator did it.
    Done,
}

impl Stage {
    /// The word in the mark.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A mark, as `MIGRATION_MARK` promises it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark<'a> {
    /// The stage of the steps.
    pub stage: Stage,
    /// The user's `sub` in the source pool.
    pub source_sub: &'a str,
}

impl<'a> Mark<'a> {
    /// The mark of a user whom a migration is about to create.
    pub fn pending(source_sub: &'a str) -> Self {
        Mark {
            stage: Stage::Pending,
            source_sub,
        }
    }

    /// The mark that an attribute holds; `None` for any other value.
    pub fn read(value: &'a str) -> Option<Self> {
        let (stage, source_sub) = value.split_once('/')?;
        let stage = stage.parse().ok()?;
        (!source_sub.is_empty()).then_some(Mark { stage, source_sub })
    }

    /// The same user's mark, with the steps so far.
    pub fn at(self, stage: Stage) -> Self {
        Mark { stage, ..self }
    }
}

impl fmt::Display for Mark<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.stage.as_str(), self.source_sub)
    }
}

/// Whether the holder of a mark in the destination pool is recognisably this user of the source pool: by an e-mail address
/// or phone number that both have verified, or by a user name that is the source user's name or `sub`.
///
/// An app client may let its users write the mark. So the mark alone proves nothing.
pub fn is_of(holder: &Identity, source: &Identity) -> bool {
    let shares = |(contact, flag): (&str, &str)| {
        let held = holder.proven(contact, flag).map(str::to_lowercase);
        held.is_some() && held == source.proven(contact, flag).map(str::to_lowercase)
    };
    holder.username == source.username
        || Some(holder.username.as_str()) == source.sub()
        || VERIFIED_FLAGS.into_iter().any(shares)
}

/// The lengths of the shortest and the longest mark with a UUID for a `sub`: the schema of the destination pool must allow
/// both.
pub const LENGTHS: [i128; 2] = ["off/".len() as i128 + 36, "disabling/".len() as i128 + 36];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::*;

    const SUB: &str = "0a1b2c3d-0000-4000-8000-00000000000f";

    #[test]
    fn marks_have_the_forms_that_the_settings_promise() {
        let pending = Mark::pending("7c7f");
        assert_eq!(pending.to_string(), "pending/7c7f");
        let marks = Stage::VARIANTS.iter().map(|stage| pending.at(*stage));
        let forms = "pending/7c7f disabling/7c7f off/7c7f done/7c7f".split(' ');
        assert!(marks.clone().map(|it| it.to_string()).eq(forms.clone()));
        assert!(marks.map(Some).eq(forms.map(Mark::read)));
        let others =
            "7c7f /7c7f pending pending/ disabling/ off/ done/ Pending/7c7f OFF/7c7f disabled/7c7f";
        for value in others.split(' ').chain(["", " off/7c7f"]) {
            assert_eq!(Mark::read(value), None, "{value}");
        }
    }

    #[test]
    fn an_attribute_takes_every_mark_if_it_takes_the_shortest_and_the_longest() {
        let lengths = Stage::VARIANTS
            .iter()
            .map(|stage| Mark::pending(SUB).at(*stage).to_string().len() as i128);
        let (shortest, longest) = (lengths.clone().min(), lengths.max());
        assert_eq!([shortest, longest], LENGTHS.map(Some));
        assert_eq!(LENGTHS, [40, 46]);
    }

    #[test]
    fn a_mark_is_believed_from_a_user_with_the_same_proven_contact_or_name() {
        const ANA: &str = "sub=7c7f email=Ana@Example.com email_verified=true phone_number=+15550100 \
                           phone_number_verified=true";
        const MAIL: &str = "email=ana@example.com email_verified=true";
        const NOTHING: &str = "email= email_verified=true sub=";
        #[rustfmt::skip]
        let cases = [
            (ANA, "ana.kowalczyk", "", true),
            (ANA, "7c7f", "", true),
            (ANA, "other", "", false),
            (ANA, "Ana.Kowalczyk", "", false),
            (ANA, "", "", false),
            (ANA, "other", MAIL, true),
            (ANA, "other", "email=ANA@EXAMPLE.COM email_verified=true", true),
            (ANA, "other", "email=ana@example.com email_verified=True", true),
            (ANA, "other", "email=ana@example.com email_verified=false", false),
            (ANA, "other", "email=ana@example.com email_verified=", false),
            (ANA, "other", "email=ana@example.com", false),
            (ANA, "other", "email=ana@example.org email_verified=true", false),
            (ANA, "other", "phone_number=+15550100 phone_number_verified=true", true),
            (ANA, "other", "phone_number=+15550100 phone_number_verified=false", false),
            (ANA, "other", "phone_number=+15550199 phone_number_verified=true", false),
            (ANA, "other", "sub=7c7f", false),
            (ANA, "other", "email=+15550100 email_verified=true", false),
            // What the source user never proved, or has not, is no likeness.
            ("", "other", MAIL, false),
            ("email=ana@example.com", "other", MAIL, false),
            ("email=ana@example.com email_verified=false", "other", MAIL, false),
            (NOTHING, "", NOTHING, false),
        ];
        for (source, username, attributes, believed) in cases {
            let source = identity("ana.kowalczyk", source);
            let holder = identity(username, attributes);
            assert_eq!(is_of(&holder, &source), believed, "{holder:?} {source:?}");
        }
    }
}

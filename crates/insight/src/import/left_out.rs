//! The reasons why a user is in no import file.

use strum::{IntoStaticStr, VariantArray};

/// The reason why a user of the source pool is in no import file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum LeftOut {
    /// The user signs in through an identity provider and has no password to reset.
    ExternalProvider,
    /// The user is disabled.
    UserDisabled,
    /// The user never confirmed the account.
    NotConfirmed,
    /// The user never replaced a temporary password, and `ON_TEMPORARY_PASSWORD` does not let that through.
    TemporaryPassword,
    /// The user's status is not one from which users are migrated.
    UnusableStatus,
    /// The user has proved no contact that the destination pool verifies.
    NoVerifiedContact,
    /// An attribute that the destination pool requires is missing.
    RequiredAttribute,
    /// The destination pool does not have an attribute, or does not take its value.
    Schema,
    /// Under these settings the user would have no name.
    NoUserName,
    /// The name holds a blank.
    BlankInUserName,
    /// The name looks like an alias of the destination pool, which such a pool refuses.
    UserNameIsAlias,
    /// A value cannot be written safely: it holds a backslash, a quotation mark, a line break or another control character.
    UnwritableValue,
    /// A birthday is not a day of the calendar, or a time is not in seconds since 1970.
    UnreadableDate,
    /// The row would be too long.
    RowTooLong,
    /// Several users would have the same name or sign-in address in the destination pool.
    SameName,
    /// A user of the destination pool has the name or sign-in address.
    NameTaken,
}

impl LeftOut {
    /// The name under which the reason is written and counted.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

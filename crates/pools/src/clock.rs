//! Signatures that AWS rejects because the caller's clock is wrong.

/// The code of such a failure.
pub const WRONG: &str = "WrongClock";

/// Whether the message of an error blames the clock: "Signature expired: 20260115T100000Z is now earlier than …", "Signature
/// not yet current: 20260115T100000Z is still later than …".
pub fn is_blamed(message: &str) -> bool {
    ["Signature expired", "Signature not yet current"]
        .iter()
        .any(|words| message.contains(words))
}

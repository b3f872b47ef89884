//! Values that are never shown, and ids that may be logged.

use std::fmt;

/// A password, a secret or a token. Its `Debug` shows nothing, and it has no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Sensitive(String);

impl Sensitive {
    /// Hides `value`.
    pub fn new(value: impl Into<String>) -> Self {
        Sensitive(value.into())
    }

    /// The value, for the one place that must send it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sensitive {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sensitive(…)")
    }
}

/// An id from outside, if it may be logged: if it is a UUID, as Cognito's `sub`s and AWS's request ids are. So no address,
/// number or name gets into the log in the place of an id.
pub fn loggable_id(id: &str) -> Option<&str> {
    let is_uuid = id.len() == 36
        && id.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    is_uuid.then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_uuid_may_be_logged() {
        let id = "0a1b2c3d-0000-4000-8000-00000000000F";
        assert_eq!(loggable_id(id), Some(id));
        let personal = "ana@example.com Anne-Marie ana-kowalczyk-1985 +491555000001 0155-5000001";
        let malformed = "0a1b2c3d-0000-4000-8000-00000000000Z 0a1b2c3d-0000-4000-8000-00000000000F0 \
                         0a1b2c3d0-000-4000-8000-00000000000F 0a1b2c3d-00000-400-8000-00000000000F \
                         0a1b2c3d-0000-40000-800-00000000000F 0a1b2c3d-0000-4000-80000-0000000000F";
        for text in personal.split(' ').chain(malformed.split(' ')).chain([""]) {
            assert_eq!(loggable_id(text), None, "{text}");
        }
    }

    #[test]
    fn the_value_can_be_sent_and_debug_shows_nothing_of_it() {
        let secret = Sensitive::new("hunter2");
        assert_eq!(secret.expose(), "hunter2");
        assert_eq!(format!("{:?}", Some(secret)), "Some(Sensitive(…))");
    }
}

//! The password policy of the destination pool: `PASSWORD_POLICY`.
//!
//! Cognito does not enforce the destination pool's policy at a migration.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html>

use serde::{Deserialize, Serialize};

use crate::sensitive::Sensitive;

/// The lengths that a pool can demand.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_PasswordPolicyType.html>
pub const MINIMUM_LENGTHS: std::ops::RangeInclusive<usize> = 6..=99;

/// The characters that Cognito counts as symbols. A blank counts too, unless the password begins or ends with it.
const SYMBOLS: &str = r##"^$*.[]{}()?"!@#%&/\,><':;|_~`=+-"##;

/// A pool's password policy, under Cognito's names. An absent member demands nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PasswordPolicy {
    /// The fewest characters.
    pub minimum_length: usize,
    /// A letter from a to z.
    pub require_lowercase: bool,
    /// A letter from A to Z.
    pub require_uppercase: bool,
    /// A digit.
    pub require_numbers: bool,
    /// A symbol.
    pub require_symbols: bool,
}

impl PasswordPolicy {
    /// Whether a password meets this policy.
    pub fn is_met_by(&self, password: &Sensitive) -> bool {
        let password = password.expose();
        let has = |is_wanted: fn(char) -> bool| password.chars().any(is_wanted);
        let is_symbol = |c: char| SYMBOLS.contains(c);
        password.chars().count() >= self.minimum_length
            && (!self.require_lowercase || has(|c| c.is_ascii_lowercase()))
            && (!self.require_uppercase || has(|c| c.is_ascii_uppercase()))
            && (!self.require_numbers || has(|c| c.is_ascii_digit()))
            && (!self.require_symbols
                || password.chars().any(is_symbol)
                || password.trim().contains(' '))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::password_policies;

    /// Passwords, and what each of them has: length, lower case, upper case, number, symbol.
    const PASSWORDS: [(&str, [usize; 5]); 14] = [
        ("", [0, 0, 0, 0, 0]),
        ("abcdef", [6, 1, 0, 0, 0]),
        ("ABCDEF", [6, 0, 1, 0, 0]),
        ("123456789", [9, 0, 0, 1, 0]),
        ("aB3-aB3-a", [9, 1, 1, 1, 1]),
        ("aB3aB3aB3", [9, 1, 1, 1, 0]),
        ("two words", [9, 1, 0, 0, 1]),
        (" word ", [6, 1, 0, 0, 0]),
        // Letters and digits of other alphabets are none to Cognito, nor are other symbols.
        ("żółĄÓŁ٣€§", [9, 0, 0, 0, 0]),
        // Six characters, of more bytes and more UTF-16 units.
        ("😀😀😀😀😀😀", [6, 0, 0, 0, 0]),
        ("😀😀😀😀😀", [5, 0, 0, 0, 0]),
        ("a\"b", [3, 1, 0, 0, 1]),
        ("A\\B", [3, 0, 1, 0, 1]),
        ("a+b=c", [5, 1, 0, 0, 1]),
    ];

    #[test]
    fn a_password_meets_a_policy_if_it_has_all_that_is_demanded() {
        for policy in password_policies() {
            for (password, [length, lower, upper, number, symbol]) in PASSWORDS {
                let expected = length >= policy.minimum_length
                    && lower >= policy.require_lowercase.into()
                    && upper >= policy.require_uppercase.into()
                    && number >= policy.require_numbers.into()
                    && symbol >= policy.require_symbols.into();
                let met = policy.is_met_by(&Sensitive::new(password));
                assert_eq!(met, expected, "{policy:?} {password}");
            }
        }
    }

    #[test]
    fn every_symbol_of_cognito_is_one() {
        let mut policies = password_policies();
        policies.retain(|it| it.minimum_length == 0 && it.require_symbols && !it.require_numbers);
        for symbol in SYMBOLS.chars() {
            assert!(policies[0].is_met_by(&Sensitive::new(symbol)), "{symbol}");
        }
        assert_eq!(SYMBOLS.len(), 32);
    }
}

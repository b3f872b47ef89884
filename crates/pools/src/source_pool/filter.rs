//! The filter of ListUsers.

/// A filter of ListUsers that means exactly this value, whatever it holds.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html#cognito-user-pools-searching-for-users-listusers-api-examples>
pub fn equal(attribute: &str, value: &str) -> String {
    let mut filter = format!("{attribute} = \"");
    for c in value.chars() {
        if matches!(c, '"' | '\\') {
            filter.push('\\');
        }
        filter.push(c);
    }
    filter.push('"');
    filter
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, string::string_regex};

    use super::equal;

    /// What could end a value, or mean something behind it, among other characters.
    const HOSTILE: &str =
        r#"("|\\|\\"| = | \^= |\*|" or email \^= "|username|\PC|[\x00-\x1f]|\x{202e}){0,40}"#;

    /// Reads a filter as Cognito's documentation describes it: an attribute, an operator, and a text in quotes in
    /// which a backslash takes the meaning from the character behind it. Anything behind the text is a mistake.
    fn read(filter: &str) -> Option<(&str, String)> {
        let (attribute, quoted) = filter.split_once(" = \"")?;
        let mut value = String::new();
        let mut rest = quoted.chars();
        loop {
            match rest.next()? {
                '"' => return rest.next().is_none().then_some((attribute, value)),
                '\\' => value.push(rest.next()?),
                c => value.push(c),
            }
        }
    }

    #[test]
    fn the_reader_of_these_tests_knows_an_injection() {
        assert_eq!(read(r#"email = "a" or email = "b""#), None);
        assert_eq!(read(r#"email = "a\""#), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_name_changes_the_meaning_of_a_filter(
            value in prop_oneof![any::<String>(), string_regex(HOSTILE).unwrap()],
        ) {
            for attribute in ["email", "phone_number", "preferred_username"] {
                let filter = equal(attribute, &value);
                prop_assert_eq!(read(&filter), Some((attribute, value.clone())));
            }
        }
    }
}

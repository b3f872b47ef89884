//! Finding users by an attribute.

use aws_sdk_cognitoidentityprovider::types::UserType;

use super::{Listed, ListedUser, SourcePool, user_status};
use crate::{
    aws::{
        classify::{self, Fault, unreadable},
        pages,
        tries::Ended,
    },
    error::{Failure, Reason},
};

/// The most that Cognito gives in one page.
const PAGE: i32 = 60;

/// How many pages are looked through. A page may hold fewer users than it could, none even, and others follow.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html>
const MOST_PAGES: usize = 10;

impl SourcePool {
    /// The users whose attribute has this value, as far as the pool compares; or its refusal of such a value.
    pub async fn users_with(
        &self,
        attribute: &'static str,
        value: &str,
    ) -> Result<Result<Listed, Reason>, Failure> {
        const OPERATION: &str = "ListUsers";
        let filter = filter(attribute, value);
        let listed = pages::read(MOST_PAGES, async |page| {
            let call = || self.page_of_users(OPERATION, &filter, page.clone());
            self.as_administrator(OPERATION, call).await
        });
        match listed.await {
            Ok((users, more)) => Ok(Ok(Listed { users, more })),
            // Nobody can have such a value.
            Err(Ended::Refused(reason @ Reason::InvalidRequest)) => Ok(Err(reason)),
            // No password was shown and no user named, so nothing else can be refused.
            Err(Ended::Refused(_)) => Err(Failure::unavailable(OPERATION, "UnexpectedRefusal")),
            Err(Ended::Failed(failure)) => Err(failure),
        }
    }

    /// One page of users, and the token of the next page if there is one.
    async fn page_of_users(
        &self,
        operation: &'static str,
        filter: &str,
        page: Option<String>,
    ) -> Result<(Vec<ListedUser>, Option<String>), Fault> {
        let answer = self
            .connection
            .client
            .list_users()
            .user_pool_id(&self.source.user_pool_id)
            .filter(filter)
            .limit(PAGE)
            .set_pagination_token(page)
            .send()
            .await
            .map_err(|error| classify::fault(operation, &error))?;
        let users: Option<Vec<_>> = answer
            .users
            .and_then(|users| users.into_iter().map(listed_user).collect());
        let users = users.ok_or_else(|| unreadable(operation))?;
        Ok((users, answer.pagination_token))
    }
}

/// A user as a list shows it, or `None` if something of it is not there.
fn listed_user(user: UserType) -> Option<ListedUser> {
    let attributes = user.attributes?.into_iter();
    Some(ListedUser {
        username: user.username.filter(|name| !name.is_empty())?,
        enabled: user.enabled,
        status: user_status(&user.user_status?),
        attributes: attributes
            .map(|attribute| (attribute.name, attribute.value.unwrap_or_default()))
            .collect(),
    })
}

/// A filter of ListUsers that means exactly this value, whatever it holds.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-manage-user-accounts.html#cognito-user-pools-searching-for-users-listusers-api-examples>
fn filter(attribute: &str, value: &str) -> String {
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
    use proptest::prelude::*;

    use super::filter;

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
    fn quotes_and_backslashes_are_escaped() {
        assert_eq!(
            filter("email", "ana@example.com"),
            r#"email = "ana@example.com""#
        );
        assert_eq!(filter("email", r#"a"b\c"#), r#"email = "a\"b\\c""#);
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
            value in prop_oneof![
                any::<String>(),
                proptest::collection::vec(
                    prop_oneof![
                        Just("\"".to_owned()), Just("\\".to_owned()), Just("\\\"".to_owned()),
                        Just(" = ".to_owned()), Just(" ^= ".to_owned()), Just("*".to_owned()),
                        Just("\" or email ^= \"".to_owned()), Just("username".to_owned()),
                        Just("\0".to_owned()), Just("\r\n".to_owned()), Just("\u{202e}".to_owned()),
                        "\\PC", "[\u{0}-\u{1f}]",
                    ],
                    0..40,
                )
                .prop_map(|parts| parts.concat()),
            ],
        ) {
            for attribute in ["email", "phone_number", "preferred_username"] {
                let filter = filter(attribute, &value);
                prop_assert_eq!(read(&filter), Some((attribute, value.clone())));
            }
        }
    }
}

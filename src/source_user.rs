//! Whom a typed name means in the source pool.

use std::borrow::Cow;

use crate::{
    error::{Failure, Reason},
    policy::SignInName,
    source_pool::SourcePool,
};

/// The source pool's own name of whoever typed this one, or why it means nobody.
///
/// Without a look-up the pool is asked for the typed name as it is.
pub(crate) async fn name_of<'a>(
    source: &SourcePool,
    lookup: Option<SignInName>,
    typed: &'a str,
) -> Result<Result<Cow<'a, str>, Reason>, Failure> {
    let Some(attribute) = lookup else {
        return Ok(Ok(Cow::Borrowed(typed)));
    };
    for value in attribute.spellings(typed) {
        let listed = match source.users_with(attribute.as_str(), &value).await? {
            Ok(listed) => listed,
            Err(reason) => return Ok(Err(reason)),
        };
        match attribute.only_user(&value, &listed) {
            Ok(user) => return Ok(Ok(Cow::Owned(user.username.clone()))),
            Err(Reason::UserNotFound) => {}
            Err(reason) => return Ok(Err(reason)),
        }
    }
    Ok(Err(Reason::UserNotFound))
}

//! Lists that come in pages.

/// The items of a page, and the token of the next one if there is one.
pub type Page<T> = (Vec<T>, Option<String>);

/// Reads pages with `ask` until there are `most` of them or the items are enough. Returns the items, and whether more
/// pages would follow.
///
/// `ask` gets the token of a page, `None` for the first one, and gives its items and the token of the next. A page may be
/// empty and others follow; an empty token is none.
pub async fn read<T, E>(
    most: usize,
    is_enough: impl Fn(&[T]) -> bool,
    ask: impl AsyncFn(Option<String>) -> Result<Page<T>, E>,
) -> Result<(Vec<T>, bool), E> {
    let mut items = vec![];
    let mut page: Option<String> = None;
    for _ in 0..most {
        let (more, next) = ask(page).await?;
        items.extend(more);
        page = next.filter(|token| !token.is_empty());
        if page.is_none() || is_enough(&items) {
            break;
        }
    }
    Ok((items, page.is_some()))
}

/// The items of all pages, however many there are: the caller's time is the limit.
pub async fn all<T, E>(
    ask: impl AsyncFn(Option<String>) -> Result<Page<T>, E>,
) -> Result<Vec<T>, E> {
    let (items, _) = read(usize::MAX, |_| false, ask).await?;
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three pages, of which the second is empty.
    async fn page(token: Option<String>) -> Result<Page<u8>, ()> {
        let next = |token: &str| Some(token.to_owned());
        match token.as_deref() {
            None => Ok((vec![1, 2], next("second"))),
            Some("second") => Ok((vec![], next("third"))),
            Some("third") => Ok((vec![3], next(""))),
            Some(_) => Err(()),
        }
    }

    #[tokio::test]
    async fn pages_are_read_to_the_end_or_as_many_as_there_may_be() {
        assert_eq!(all(page).await, Ok(vec![1, 2, 3]));
        // How many pages there may be, and how many items are enough.
        for (most, enough, items, more) in [
            (0, 9, vec![], false),
            (1, 9, vec![1, 2], true),
            (2, 9, vec![1, 2], true),
            (3, 9, vec![1, 2, 3], false),
            (4, 9, vec![1, 2, 3], false),
            (3, 2, vec![1, 2], true),
            (9, 3, vec![1, 2, 3], false),
        ] {
            let found = read(most, |items| items.len() >= enough, page).await;
            assert_eq!(found, Ok((items, more)), "{most} {enough}");
        }
    }

    #[tokio::test]
    async fn a_page_that_fails_fails_the_list() {
        let failing = async |token: Option<String>| match token {
            None => Ok((vec![1], Some("second".to_owned()))),
            Some(_) => Err("no"),
        };
        assert_eq!(all(failing).await, Err("no"));
    }
}

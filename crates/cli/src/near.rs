//! Suggestions for mistyped names.

/// The known name that is nearest to the typed one, if at most a third of it is wrong.
pub(crate) fn nearest<'a>(typed: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_ascii_uppercase();
    let near = names.map(|name| (distance(&typed, name), name));
    let (distance, name) = near.min()?;
    (distance * 3 <= name.len()).then_some(name)
}

/// The edit distance between two texts.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for letter in one.chars() {
        let mut diagonal = row[0];
        row[0] += 1;
        for (at, wanted) in other.chars().enumerate() {
            let replaced = diagonal + usize::from(letter != wanted);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        let names = ["SRC_LOOKUP", "SRC_REGION", "ON_MFA"];
        for (typed, meant) in [
            ("SRC_LOKUP", Some("SRC_LOOKUP")),
            ("src_lookup", Some("SRC_LOOKUP")),
            ("SRCLOOKUPS", Some("SRC_LOOKUP")),
            ("ON_MFAA", Some("ON_MFA")),
            ("PATH", None),
            ("", None),
            ("hunter2-hunter2", None),
        ] {
            assert_eq!(nearest(typed, names.into_iter()), meant, "{typed}");
        }
    }
}

//! The text of Terraform files: escaped strings, and the layout of `terraform fmt`.

use std::fmt::{self, Write};

use askama::filters::Escaper;

/// The longest line of a comment.
const WIDTH: usize = 120;

/// Escapes for a string of Terraform's language.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hcl;

impl Escaper for Hcl {
    /// Escapes `"`, `\`, line ends, `${` and `%{`. After a doubled `$` or `%` a `{` is written by its number, because the
    /// template's own escape would be misread there.
    fn write_escaped_str<W: Write>(&self, mut dest: W, text: &str) -> fmt::Result {
        let mut letters = text.chars().peekable();
        let mut before = None;
        while let Some(letter) = letters.next() {
            match letter {
                '"' => dest.write_str("\\\"")?,
                '\\' => dest.write_str("\\\\")?,
                '\n' => dest.write_str("\\n")?,
                '\r' => dest.write_str("\\r")?,
                '\t' => dest.write_str("\\t")?,
                '$' | '%' if letters.peek() == Some(&'{') => {
                    letters.next();
                    match before == Some(letter) {
                        true => write!(dest, "{letter}\\u007b")?,
                        false => write!(dest, "{letter}{letter}{{")?,
                    }
                    before = Some('{');
                    continue;
                }
                letter if letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}') => {
                    write!(dest, "\\u{:04x}", u32::from(letter))?;
                }
                letter => dest.write_char(letter)?,
            }
            before = Some(letter);
        }
        Ok(())
    }
}

/// The text as a string of Terraform's language, in its quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    // A String takes whatever it is given.
    let _ = Hcl.write_escaped_str(&mut quoted, text);
    quoted.push('"');
    quoted
}

/// The texts as a list.
pub(super) fn list<T: AsRef<str>>(texts: &[T]) -> String {
    let texts: Vec<_> = texts.iter().map(|text| quoted(text.as_ref())).collect();
    format!("[{}]", texts.join(", "))
}

/// The lines of a comment, each at most so wide.
pub(super) fn comment(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = vec![];
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A label of a resource: the name in lower-case letters, digits and `_`, with a number if another resource has that label.
pub(super) fn label(name: &str, fallback: &str, taken: &[String]) -> String {
    let mut label = String::new();
    for letter in name.chars() {
        match letter.to_ascii_lowercase() {
            letter if letter.is_ascii_alphanumeric() => label.push(letter),
            _ if !label.ends_with('_') => label.push('_'),
            _ => {}
        }
    }
    let label = label.trim_matches('_');
    let label = match label.chars().next() {
        None => fallback.to_owned(),
        Some(first) if first.is_ascii_digit() => format!("{fallback}_{label}"),
        Some(_) => label.to_owned(),
    };
    let numbered = (2..).map(|number| format!("{label}_{number}"));
    let mut labels = std::iter::once(label.clone()).chain(numbered);
    labels.find(|label| !taken.contains(label)).unwrap_or(label)
}

/// The file as `terraform fmt` wants it: the `=` of lines that follow each other stand below each other, and no empty line
/// follows another or ends a block.
pub(super) fn formatted(text: &str) -> String {
    let mut lines: Vec<&str> = vec![];
    for line in text.lines() {
        let line = line.trim_end();
        let last = lines.last().copied();
        if line.is_empty() && last.is_none_or(|last| last.is_empty() || last.ends_with('{')) {
            continue;
        }
        if line.trim_start() == "}" && last == Some("") {
            lines.pop();
        }
        lines.push(line);
    }
    let mut formatted = String::new();
    let mut rest = lines.as_slice();
    while let Some(line) = rest.first() {
        let group = rest
            .iter()
            .take_while(|line| assignment(line).is_some())
            .count();
        let widest = rest.iter().take(group).filter_map(|line| assignment(line));
        let widest = widest.map(|(name, _)| name.len()).max().unwrap_or_default();
        for line in rest.iter().take(group) {
            if let Some((name, value)) = assignment(line) {
                formatted += &format!("{name:widest$} = {value}\n");
            }
        }
        if group == 0 {
            formatted += &format!("{line}\n");
        }
        rest = rest.get(group.max(1)..).unwrap_or_default();
    }
    while formatted.ends_with("\n\n") {
        formatted.pop();
    }
    formatted
}

/// The name, with what stands before it, and the value, if the line gives a value to a name.
fn assignment(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(" = ")?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (name.trim_start().chars().all(is_name) && !value.ends_with('{')).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_means_itself() {
        for (text, expected) in [
            ("plain ü", "plain ü"),
            (r#"a "b" \c"#, r#"a \"b\" \\c"#),
            ("a\nb\r\tc\u{0}", r"a\nb\r\tc\u0000"),
            ("${a} %{b}", "$${a} %%{b}"),
            ("$${a} %%{b}", "$$\\u007ba} %%\\u007bb}"),
            ("$%{ $ { %", "$%%{ $ { %"),
            ("$", "$"),
        ] {
            assert_eq!(quoted(text), format!("\"{expected}\""));
        }
        assert_eq!(list(&["a", "\""]), r#"["a", "\""]"#);
        assert_eq!(list::<String>(&[]), "[]");
    }

    #[test]
    fn a_label_is_one_and_no_other_has_it() {
        let mut taken = vec![];
        for (name, expected) in [
            ("Web App", "web_app"),
            ("web-app", "web_app_2"),
            ("ü", "client"),
            ("--", "client_2"),
            ("1st ${x}", "client_1st_x"),
            ("web_app", "web_app_3"),
        ] {
            let label = label(name, "client", &taken);
            assert_eq!(label, expected);
            taken.push(label);
        }
    }

    #[test]
    fn a_comment_has_no_line_end_of_its_own() {
        let lines = comment(&format!("a\nb {}", "word ".repeat(60)));
        assert!(
            lines.len() == 3
                && lines
                    .iter()
                    .all(|line| line.len() <= WIDTH && !line.contains('\n'))
        );
    }
}

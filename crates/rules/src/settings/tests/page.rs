//! The settings page, made from the registry.

use super::*;

/// The whole of `docs/settings.md`.
pub(super) fn page() -> String {
    let mut page = "# Settings\n\n\
        The function reads these environment variables once, at its start. An empty value counts as unset. A function with\n\
        a mistake in them does not start: one error names every wrong variable and what it should be. Terraform's variables\n\
        have the same names in lower case.\n"
        .to_owned();
    for variable in ALL {
        page.push_str(&section(&variable));
    }
    page
}

fn section(variable: &Variable) -> String {
    let (name, form) = (variable.name, variable.form);
    let values = match form {
        Form::OneOf { words, .. } => format!("Values: `{}`. ", words.join("`, `")),
        Form::Milliseconds { least, most, .. } => format!("Values: {least} to {most}. "),
        _ => String::new(),
    };
    let default = match form.default() {
        Some(default) => format!("Default: `{default}`."),
        None if form.is_required() => "Required.".to_owned(),
        None => "Default: unset.".to_owned(),
    };
    let (meaning, example) = (wrapped(variable.meaning), quoted(variable.example));
    let values = wrapped(&format!("{values}{default}"));
    format!("\n## {name}\n\n{meaning}\n\n```sh\n{name}={example}\n```\n\n{values}\n")
}

/// A value as a shell takes it.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-:/.,".contains(c);
    match value.chars().all(is_plain) {
        true => value.to_owned(),
        false => format!("'{value}'"),
    }
}

/// The text in lines of at most 120 columns.
fn wrapped(text: &str) -> String {
    let (mut lines, mut width) = (String::new(), 0);
    for word in text.split(' ') {
        let length = word.chars().count();
        let (space, before) = match width {
            0 => ("", 0),
            width if width + 1 + length <= 120 => (" ", width + 1),
            _ => ("\n", 0),
        };
        lines = lines + space + word;
        width = before + length;
    }
    lines
}

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
    let Variable {
        name,
        form,
        example,
        meaning,
        ..
    } = variable;
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
    let meaning = wrapped(meaning);
    let values = wrapped(&format!("{values}{default}"));
    format!(
        "\n## {name}\n\n{meaning}\n\n```sh\n{name}={}\n```\n\n{values}\n",
        quoted(example)
    )
}

/// A value as a shell takes it.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-:/.,".contains(c);
    if value.chars().all(is_plain) {
        value.to_owned()
    } else {
        format!("'{value}'")
    }
}

/// The text in lines of at most 120 columns.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        if let Some(line) = lines.last_mut() {
            if line.is_empty() {
                line.push_str(word);
                continue;
            }
            if line.chars().count() + 1 + word.chars().count() <= 120 {
                line.push(' ');
                line.push_str(word);
                continue;
            }
        }
        lines.push(word.to_owned());
    }
    lines.join("\n")
}

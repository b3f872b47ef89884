//! Settings that an operator gives with `--set`, or in a file that replaces the environment.
//!
//! An error names the place of a mistake and never repeats the text: a mistyped name can stand in front of a secret.

use std::{collections::BTreeMap, path::Path};

use rules::{sensitive::Sensitive, settings::ALL};

use crate::{
    files::text_of,
    near::nearest,
    problem::{CommandResult, Problem},
};

/// Other programs and other users of the machine can read arguments, and shells keep them.
const NOT_AS_AN_ARGUMENT: &str = "SRC_CLIENT_SECRET";

/// Values by the names of their variables.
pub(crate) type Given = BTreeMap<&'static str, String>;

/// The settings of `--set`. The last value of a name counts.
pub(crate) fn with_set(texts: &[Sensitive]) -> CommandResult<Given> {
    let mut given = Given::new();
    for (number, text) in (1..).zip(texts) {
        let (name, value) = pair(text.expose())
            .map_err(|mistake| Problem::usage(format!("--set number {number} {mistake}.")))?;
        if name == NOT_AS_AN_ARGUMENT {
            return Err(Problem::usage(format!(
                "--set does not take {name}, because process lists and shell histories show arguments: set it in the \
                 environment, or in a file that --settings names."
            )));
        }
        given.insert(name, value.to_owned());
    }
    Ok(given)
}

/// The settings of a file: lines of the form `NAME=value`, comments and empty lines. Spaces around a line, a name and a value
/// count as nothing.
pub(crate) fn in_file(path: &Path) -> CommandResult<Given> {
    let text = text_of(path)?;
    let mut given = Given::new();
    let mut mistakes = vec![];
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match pair(line) {
            Err(mistake) => mistakes.push(format!("line {number} {mistake}")),
            Ok((_, value)) if is_quoted(value) => {
                mistakes.push(format!("line {number} has a value in quotes"));
            }
            Ok((name, value)) => {
                if given.insert(name, value.to_owned()).is_some() {
                    mistakes.push(format!("line {number} sets {name} a second time"));
                }
            }
        }
    }
    match mistakes.as_slice() {
        [] => Ok(given),
        mistakes => Err(Problem::usage(format!(
            "The settings in {} cannot be used: {}.",
            path.display(),
            mistakes.join("; ")
        ))),
    }
}

/// The variable and its value.
fn pair(text: &str) -> Result<(&'static str, &str), String> {
    let (name, value) = text.split_once('=').ok_or("is not NAME=VALUE")?;
    let (name, value) = (name.trim(), value.trim());
    let names = ALL.iter().map(|variable| variable.name);
    match names.clone().find(|known| *known == name) {
        Some(name) => Ok((name, value)),
        None => Err(match nearest(name, names) {
            Some(meant) => format!("names no setting of the function (did you mean {meant}?)"),
            None => "names no setting of the function".to_owned(),
        }),
    }
}

/// Whether a value was written as for a shell. No setting takes one in quotes, and a secret would be wrong without notice.
fn is_quoted(value: &str) -> bool {
    ['"', '\'']
        .iter()
        .any(|quote| value.starts_with(*quote) && value.ends_with(*quote))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// What was read, as `NAME=VALUE, …`, or the sentence about a mistake.
    fn told(read: CommandResult<Given>) -> String {
        match read {
            Ok(given) => {
                let pairs = given.iter().map(|(name, value)| format!("{name}={value}"));
                pairs.collect::<Vec<_>>().join(", ")
            }
            Err(problem) => problem.to_string(),
        }
    }

    fn set(texts: &[&str]) -> String {
        let texts: Vec<_> = texts.iter().map(|&text| Sensitive::new(text)).collect();
        told(with_set(&texts))
    }

    #[test]
    fn the_last_value_of_a_setting_counts() {
        let texts = [r#"ATTRIBUTE_MAP={"a":"b=c"}"#, "ON_MFA=sms", "ON_MFA="];
        assert_eq!(set(&texts), r#"ATTRIBUTE_MAP={"a":"b=c"}, ON_MFA="#);
        assert_eq!(set(&[]), "");
    }

    #[test]
    fn no_error_repeats_what_was_given() {
        for row in [
            "hunter2 → number 2 is not NAME=VALUE.",
            " → number 2 is not NAME=VALUE.",
            "SRC_CLIENT_SECRT=hunter2 → number 2 names no setting of the function (did you mean SRC_CLIENT_SECRET?).",
            "hunter2=x → number 2 names no setting of the function.",
            "on_mfa=hunter2 → number 2 names no setting of the function (did you mean ON_MFA?).",
            "SRC_CLIENT_SECRET=hunter2 → does not take SRC_CLIENT_SECRET,",
            " SRC_CLIENT_SECRET = hunter2 → does not take SRC_CLIENT_SECRET,",
            "SRC_CLIENT_SECRET= → does not take SRC_CLIENT_SECRET,",
        ] {
            let (text, sentence) = row.split_once(" → ").unwrap();
            let said = set(&["ON_MFA=sms", text]);
            let start = format!("--set {sentence}");
            assert!(said.starts_with(&start), "{said}");
            for part in ["hunter2", "SECRT", "on_mfa"] {
                assert!(!said.contains(part), "{said}");
            }
        }
    }

    #[test]
    fn the_setting_that_is_no_argument_exists() {
        let mut names = ALL.iter().map(|variable| variable.name);
        assert!(names.any(|name| name == NOT_AS_AN_ARGUMENT));
    }

    #[test]
    fn a_file_is_read_line_by_line_and_every_mistake_is_told_by_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings");
        for row in [
            " → ",
            "# a comment\n\n  # and one more\n → ",
            "ON_MFA=sms → ON_MFA=sms",
            "\u{feff}ON_MFA=sms\r\n\r\nSRC_CLIENT_SECRET=a#b=c\r\n → ON_MFA=sms, SRC_CLIENT_SECRET=a#b=c",
            " ON_MFA = sms \nSTATIC_ATTRIBUTES={\"a\": \"b # c\"}\nSRC_LOOKUP=\n → ON_MFA=sms, SRC_LOOKUP=, STATIC_ATTRIBUTES={\"a\": \"b # c\"}",
            // A secret may hold a quote.
            "SRC_CLIENT_SECRET='a → SRC_CLIENT_SECRET='a",
            "SRC_CLIENT_SECRET=a' → SRC_CLIENT_SECRET=a'",
            "\nhunter2\n → !line 2 is not NAME=VALUE",
            "hunter2=x → !line 1 names no setting of the function",
            "export ON_MFA=x → !line 1 names no setting of the function",
            "SRC_LOKUP=x → !line 1 names no setting of the function (did you mean SRC_LOOKUP?)",
            "ON_MFA=x\n# \nON_MFA=x → !line 3 sets ON_MFA a second time",
            "ON_MFA=\nON_MFA=x → !line 2 sets ON_MFA a second time",
            "SRC_CLIENT_SECRET=\"x\" → !line 1 has a value in quotes",
            "ON_MFA='x' → !line 1 has a value in quotes",
            "hunter2\nON_MFA=sms # hunter2\nhunter2=x\nON_MFA=x → !line 1 is not NAME=VALUE; line 3 names no setting of the function; line 4 sets ON_MFA a second time",
        ] {
            let (text, read) = row.split_once(" → ").unwrap();
            fs::write(&path, text).unwrap();
            let expected = match read.strip_prefix('!') {
                Some(mistakes) => format!(
                    "The settings in {} cannot be used: {mistakes}.",
                    path.display()
                ),
                None => read.to_owned(),
            };
            assert_eq!(told(in_file(&path)), expected, "{text:?}");
        }
    }
}

//! Settings in a form that may be shown.

use rules::settings::{ALL, Form, Variable};

/// The text in the place of a hidden value.
const SET: &str = "set (not shown)";

/// Variables of free text that hold no secret. The value of any other free text is hidden.
const OPEN_TEXTS: [&str; 7] = [
    "SRC_USER_POOL_ID",
    "SRC_CLIENT_ID",
    "SRC_REGION",
    "SRC_ROLE_ARN",
    "ATTRIBUTE_MAP",
    "PASSWORD_POLICY",
    "MIGRATION_MARK",
];

/// A setting in force.
pub(crate) struct ShownSetting {
    /// The variable.
    pub(crate) name: &'static str,
    /// Its value, or that it is set.
    pub(crate) value: String,
    /// Whether the operator has given it.
    pub(crate) is_given: bool,
}

/// All settings in force, those that were given first.
pub(crate) fn shown_settings(value: impl Fn(&str) -> Option<String>) -> Vec<ShownSetting> {
    let mut all: Vec<_> = ALL.iter().map(|variable| shown(variable, &value)).collect();
    all.sort_by_key(|setting| !setting.is_given);
    all
}

fn shown(variable: &Variable, value: impl Fn(&str) -> Option<String>) -> ShownSetting {
    let name = variable.name;
    let given = value(name).filter(|value| !value.is_empty());
    let default = variable.form.default().unwrap_or("not set");
    ShownSetting {
        name,
        is_given: given.is_some(),
        value: match given {
            None => default.to_owned(),
            Some(value) if is_open(variable) => value,
            Some(_) => SET.to_owned(),
        },
    }
}

fn is_open(variable: &Variable) -> bool {
    match variable.form {
        Form::OneOf { .. } | Form::Milliseconds { .. } | Form::Names(_) => true,
        Form::Required(_) | Form::Text | Form::Of(_) | Form::Object(_) => {
            OPEN_TEXTS.contains(&variable.name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every text of a free form is either known to be open, or not shown.
    #[test]
    fn a_value_that_could_be_secret_is_only_said_to_be_set() {
        let all = shown_settings(|_| Some("made-up-value".to_owned()));
        let hidden: Vec<_> = all
            .iter()
            .filter(|setting| setting.value == SET)
            .map(|setting| setting.name)
            .collect();
        let expected = [
            "SRC_CLIENT_SECRET",
            "SRC_CLIENT_SECRET_ARN",
            "SRC_EXTERNAL_ID",
            "STATIC_ATTRIBUTES",
        ];
        assert_eq!(hidden, expected);
        let page = include_str!("../../../docs/survey.md");
        assert!(page.contains(&format!("(`{}`)", hidden.join("`, `"))));
        for name in OPEN_TEXTS {
            assert!(ALL.iter().any(|variable| variable.name == name), "{name}");
        }
    }

    #[test]
    fn a_value_that_was_given_stands_before_the_defaults() {
        let given = |name: &str| match name {
            "ON_MFA" => Some("drop".to_owned()),
            "ON_REJECT" => Some(String::new()),
            _ => None,
        };
        let all = shown_settings(given);
        assert_eq!(all.len(), ALL.len());
        assert_eq!((all[0].name, all[0].value.as_str()), ("ON_MFA", "drop"));
        let defaults = all.iter().filter(|setting| !setting.is_given);
        let values: Vec<_> = defaults.map(|it| (it.name, it.value.as_str())).collect();
        for expected in [("SRC_CLIENT_SECRET", "not set"), ("METRICS", "emf")] {
            assert!(values.contains(&expected), "{values:?}");
        }
    }
}

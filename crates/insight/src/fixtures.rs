//! Settings, pools and users for the tests of this crate.

use rules::{
    evidence::{Identity, ListedUser, UserStatus},
    pool::UserPoolDescription,
    settings::Settings,
};

use crate::{finding::Finding, plan::Foreseen};

pub(crate) fn settings(variables: &[(&str, &str)]) -> Settings {
    let all = [&[("SRC_USER_POOL_ID", "eu-west-1_Old")], variables].concat();
    let get = |name: &str| all.iter().find(|(known, _)| *known == name);
    Settings::read_to_foresee(|name| get(name).map(|(_, value)| (*value).to_owned())).unwrap()
}

pub(crate) fn pool(case_sensitive: bool) -> UserPoolDescription {
    UserPoolDescription {
        case_sensitive,
        deletion_protected: true,
        sends_sms: true,
        temporary_password_days: 7,
        ..UserPoolDescription::default()
    }
}

pub(crate) fn user(username: &str, attributes: &[(&str, &str)]) -> ListedUser {
    let own = [("sub", username)];
    let attributes = own.iter().chain(attributes);
    ListedUser {
        identity: Identity {
            username: username.to_owned(),
            attributes: attributes
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        },
        enabled: true,
        status: UserStatus::Confirmed,
        last_modified: None,
    }
}

pub(crate) fn with_email(username: &str, email: &str) -> ListedUser {
    user(username, &[("email", email), ("email_verified", "true")])
}

/// The prediction, as "sign-in reset findings".
pub(crate) fn shown(foreseen: Foreseen) -> String {
    let findings = foreseen.findings.iter().map(Finding::as_str);
    [foreseen.sign_in.as_str(), foreseen.forgot_password.as_str()]
        .into_iter()
        .chain(findings)
        .collect::<Vec<_>>()
        .join(" ")
}

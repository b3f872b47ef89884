//! Made-up pools, users and predictions for the tests of this crate, and what its tests share with those of `rules`.

use rules::{
    evidence::ListedUser,
    pool::{DataType, SchemaAttribute, UserPoolDescription},
    settings::Settings,
};

use crate::{
    finding::Finding,
    plan::{Foreseen, Plan},
    survey::Survey,
};

#[path = "../../rules/src/test_support.rs"]
mod of_rules;

pub(crate) use of_rules::*;

// Settings.
pub(crate) const LOOKUP: &str = "SRC_LOOKUP=email";
pub(crate) const DROP: &str = "UNVERIFIED_CONTACTS=drop";
pub(crate) const NO_EMAIL: &str = r#"ATTRIBUTE_MAP={"email":null}"#;
pub(crate) const PUBLIC: &str = "SRC_AUTH_FLOW=USER_PASSWORD_AUTH";

// Names of attributes.
pub(crate) const BOTH: &str = "email phone_number";
pub(crate) const PREFERRED: &str = "preferred_username";

/// The prediction for a user who simply migrates.
pub(crate) const MOVES: &str = "migrated migrated";

pub(crate) fn with_case(pool: UserPoolDescription) -> UserPoolDescription {
    changed(pool, |it| it.case_sensitive = true)
}

/// A pool in which users sign in with their user name or one of these aliases.
pub(crate) fn aliases(aliases: &str) -> UserPoolDescription {
    changed(pool(), |it| it.alias_attributes = names(aliases))
}

/// A pool in which users sign in with one of these attributes instead of a user name.
pub(crate) fn usernames(attributes: &str) -> UserPoolDescription {
    changed(pool(), |it| it.username_attributes = names(attributes))
}

pub(crate) fn of_type(data_type: DataType, attribute: SchemaAttribute) -> SchemaAttribute {
    changed(attribute, |it| it.data_type = data_type)
}

pub(crate) fn required(attribute: SchemaAttribute) -> SchemaAttribute {
    changed(attribute, |it| it.required = true)
}

/// A user whose `sub` is the user name.
pub(crate) fn user(username: &str, attributes: &str) -> ListedUser {
    listed(username, &format!("sub={username} {attributes}"))
}

pub(crate) fn with_email(username: &str, email: &str) -> ListedUser {
    user(username, &format!("email={email} email_verified=true"))
}

pub(crate) fn plan<'a>(
    settings: &'a Settings,
    source: &'a UserPoolDescription,
    destination: &'a UserPoolDescription,
) -> Plan<'a> {
    Plan {
        settings,
        source,
        client: None,
        destination,
        expired_before: None,
    }
}

/// The prediction for each user, as "sign-in reset findings".
pub(crate) fn foreseen(
    variables: &str,
    source: &UserPoolDescription,
    destination: &UserPoolDescription,
    users: &[ListedUser],
) -> Vec<String> {
    let settings = settings(variables);
    let mut survey = Survey::new(plan(&settings, source, destination));
    users.iter().for_each(|user| survey.add(user));
    survey.users().map(shown).collect()
}

/// The prediction, as "sign-in reset findings".
fn shown(foreseen: Foreseen) -> String {
    let findings = foreseen.findings.iter().map(Finding::as_str);
    let outcomes = [foreseen.sign_in, foreseen.forgot_password].map(|outcome| outcome.as_str());
    let shown: Vec<_> = outcomes.into_iter().chain(findings).collect();
    shown.join(" ")
}

//! The configured state of the source pool: users, app clients and credentials. The stand-alone stub reads it from a JSON file.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The pool that [`State::default`] describes.
pub const POOL_ID: &str = "eu-west-1_SourcePool";
/// The public app client of [`State::default`]; both flows are enabled.
pub const CLIENT_ID: &str = "4sourceclient0public";
/// The access key of [`State::default`], which [`crate::function::Setup`] gives the function.
pub const ACCESS_KEY_ID: &str = "AKIATESTBED0FUNCTION";
/// Belongs to [`ACCESS_KEY_ID`].
pub const SECRET_ACCESS_KEY: &str = "testbed-secret-access-key-of-the-function";
/// Belongs to [`ACCESS_KEY_ID`].
pub const SESSION_TOKEN: &str = "testbed-session-token-of-the-function";

/// Everything that a source pool knows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// `<region>_<id>`.
    pub pool_id: String,
    /// The app clients.
    #[serde(default)]
    pub clients: Vec<Client>,
    /// The users.
    #[serde(default)]
    pub users: Vec<User>,
    /// Roles that the function may assume.
    #[serde(default)]
    pub roles: Vec<StubRole>,
    /// Access keys that may sign calls.
    #[serde(default)]
    pub credentials: Vec<Credentials>,
    /// Attributes whose values are sign-in names too (`email`, `phone_number`, `preferred_username`).
    #[serde(default)]
    pub sign_in_with: Vec<String>,
    /// The latency of every call.
    #[serde(default)]
    pub latency_ms: u64,
    /// Members of DescribeUserPool's answer, over those that follow from the rest.
    #[serde(default)]
    pub description: Map<String, Value>,
    /// The names of the groups.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Other pools that can be described, of the function's own account.
    #[serde(default)]
    pub neighbours: Vec<NeighbourPool>,
    /// Secrets of the function's own account: ARN → members of GetSecretValue's answer.
    #[serde(default)]
    pub secrets: BTreeMap<String, Map<String, Value>>,
    /// Denied calls, such as `DescribeUserPool eu-west-1_SourcePool` or `GetSecretValue ARN`.
    #[serde(default)]
    pub denied: Vec<String>,
}

/// A pool without sign-ins: the destination pool.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeighbourPool {
    /// `<region>_<id>`.
    pub pool_id: String,
    /// The app clients.
    #[serde(default)]
    pub clients: Vec<Client>,
    /// Members of DescribeUserPool's answer.
    #[serde(default)]
    pub description: Map<String, Value>,
    /// The users.
    #[serde(default)]
    pub users: Vec<User>,
    /// The names of the groups.
    #[serde(default)]
    pub groups: Vec<String>,
}

impl NeighbourPool {
    /// The Region in the pool id.
    pub fn region(&self) -> &str {
        region_of(&self.pool_id)
    }
}

fn region_of(pool_id: &str) -> &str {
    pool_id.split('_').next().unwrap_or_default()
}

impl Default for State {
    /// No users, [`CLIENT_ID`] with both flows, and the access key that the function gets from [`crate::function::Setup`].
    fn default() -> Self {
        Self {
            pool_id: POOL_ID.into(),
            clients: vec![Client::new(CLIENT_ID)],
            users: Vec::new(),
            roles: Vec::new(),
            credentials: vec![Credentials::of_the_function()],
            sign_in_with: Vec::new(),
            latency_ms: 0,
            description: Map::new(),
            groups: Vec::new(),
            neighbours: Vec::new(),
            secrets: BTreeMap::new(),
            denied: Vec::new(),
        }
    }
}

impl State {
    /// Reads a state file.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Adds a user.
    pub fn with_user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// Adds an app client.
    pub fn with_client(mut self, client: Client) -> Self {
        self.clients.push(client);
        self
    }

    /// Adds a role, and from then on only a role may administer the pool.
    pub fn with_role(mut self, role: StubRole) -> Self {
        self.roles.push(role);
        for credentials in &mut self.credentials {
            credentials.may_administer = false;
        }
        self
    }

    /// Stores a text in Secrets Manager, in the place of what was there.
    pub fn store(&mut self, arn: &str, text: &str) {
        let answer = Map::from_iter([("SecretString".to_owned(), text.into())]);
        self.secrets.insert(arn.to_owned(), answer);
    }

    /// The Region in the pool id.
    pub fn region(&self) -> &str {
        region_of(&self.pool_id)
    }

    /// The user whose username, or one of whose sign-in names, this is.
    pub fn find_user(&self, name: &str) -> Option<&User> {
        self.users
            .iter()
            .find(|user| user.username == name)
            .or_else(|| {
                let mut users = self.users.iter();
                users.find(|user| user.signs_in_with(&self.sign_in_with, name))
            })
    }
}

/// An app client.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// The client id.
    pub id: String,
    /// The client's name; its id if unset.
    #[serde(default)]
    pub name: Option<String>,
    /// A confidential client's secret.
    #[serde(default)]
    pub secret: Option<String>,
    /// Enabled flows, `ALLOW_ADMIN_USER_PASSWORD_AUTH` and so on.
    #[serde(default)]
    pub flows: Vec<String>,
    /// The attributes that GetUser returns; all if unset.
    #[serde(default)]
    pub readable: Option<Vec<String>>,
    /// The attributes that users may write, as DescribeUserPoolClient says it; the standard ones if unset.
    #[serde(default)]
    pub writable: Option<Vec<String>>,
    /// PreventUserExistenceErrors: an unknown user is answered like a wrong password.
    #[serde(default)]
    pub prevent_user_existence_errors: bool,
}

impl Client {
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    /// A public client with both password flows.
    pub fn new(id: &str) -> Self {
        Self {
            id: id.into(),
            flows: vec![
                "ALLOW_ADMIN_USER_PASSWORD_AUTH".into(),
                "ALLOW_USER_PASSWORD_AUTH".into(),
            ],
            ..Self::default()
        }
    }

    /// Makes it confidential.
    pub fn with_secret(mut self, secret: &str) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// Enables exactly these flows.
    pub fn with_flows(mut self, flows: &[&str]) -> Self {
        self.flows = flows.iter().map(|&flow| flow.to_owned()).collect();
        self
    }

    /// Lets GetUser return these attributes only.
    pub fn with_readable(mut self, attributes: &[&str]) -> Self {
        self.readable = Some(attributes.iter().map(|&name| name.to_owned()).collect());
        self
    }
}

/// A user.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The username proper, whatever else the user may sign in with.
    pub username: String,
    /// Derived from the username if unset.
    #[serde(default)]
    pub sub: Option<String>,
    /// A user without a password cannot sign in.
    #[serde(default)]
    pub password: Option<String>,
    /// `CONFIRMED`, `UNCONFIRMED`, …; any text.
    pub status: String,
    /// Whether the user is enabled.
    pub enabled: bool,
    /// UserLastModifiedDate of a list, in seconds since 1970; left out if unset.
    #[serde(default)]
    pub last_modified: Option<f64>,
    /// All attributes but `sub`.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// The groups that the user is a member of.
    #[serde(default)]
    pub groups: Vec<String>,
    /// UserMFASettingList.
    #[serde(default)]
    pub mfa: Vec<String>,
    /// PreferredMfaSetting.
    #[serde(default)]
    pub preferred_mfa: Option<String>,
    /// The challenge that the right password leads to, whatever status and MFA settings say.
    #[serde(default)]
    pub challenge: Option<String>,
}

impl User {
    /// An enabled, confirmed user.
    pub fn new(username: &str, password: &str) -> Self {
        Self {
            username: username.into(),
            password: Some(password.into()),
            status: "CONFIRMED".into(),
            enabled: true,
            last_modified: None,
            ..Self::default()
        }
    }

    /// Sets an attribute.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.attributes.insert(name.into(), value.into());
        self
    }

    /// Makes the user a member of groups.
    pub fn in_groups(mut self, groups: &[&str]) -> Self {
        self.groups = groups.iter().map(|&group| group.to_owned()).collect();
        self
    }

    /// Sets the status.
    pub fn with_status(mut self, status: &str) -> Self {
        self.status = status.into();
        self
    }

    /// Disables the user.
    pub fn disabled(mut self) -> Self {
        self.enabled = false;
        self
    }

    /// Sets UserMFASettingList, and with it the challenge.
    pub fn with_mfa(mut self, settings: &[&str]) -> Self {
        self.mfa = settings.iter().map(|&setting| setting.to_owned()).collect();
        self
    }

    /// Sets the challenge that the right password leads to.
    pub fn with_challenge(mut self, challenge: &str) -> Self {
        self.challenge = Some(challenge.into());
        self
    }

    /// Whether one of these attributes has this value.
    pub(super) fn signs_in_with(&self, aliases: &[String], name: &str) -> bool {
        let value = |alias: &String| self.attributes.get(alias).map(String::as_str);
        aliases.iter().any(|alias| value(alias) == Some(name))
    }

    /// The user's `sub`.
    pub fn sub(&self) -> String {
        self.sub.clone().unwrap_or_else(|| {
            let digits = hex::encode(Sha256::digest(&self.username));
            let [a, b, c, d, e] = [0..8, 8..12, 12..15, 15..18, 18..30].map(|part| &digits[part]);
            format!("{a}-{b}-4{c}-a{d}-{e}")
        })
    }

    /// The challenge that the right password leads to; `None` means tokens.
    pub fn challenge(&self) -> Option<&str> {
        if let Some(challenge) = &self.challenge {
            return Some(challenge);
        }
        if self.status == "FORCE_CHANGE_PASSWORD" {
            return Some("NEW_PASSWORD_REQUIRED");
        }
        let setting = match (self.preferred_mfa.as_deref(), self.mfa.as_slice()) {
            (Some(preferred), _) => preferred,
            (None, []) => return None,
            (None, [only]) => only,
            (None, _) => "SELECT_MFA_TYPE",
        };
        Some(match setting {
            "SMS" => "SMS_MFA",
            "SOFTWARE_TOKEN" => "SOFTWARE_TOKEN_MFA",
            other => other,
        })
    }
}

/// A role in the source account.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StubRole {
    /// The role's ARN.
    pub arn: String,
    /// The external id that its trust policy asks for.
    #[serde(default)]
    pub external_id: Option<String>,
    /// The life of its credentials; an hour if unset.
    #[serde(default)]
    pub session_seconds: Option<u64>,
}

impl StubRole {
    /// A role without an external id.
    pub fn new(arn: &str) -> Self {
        Self {
            arn: arn.into(),
            ..Self::default()
        }
    }

    /// Asks for an external id.
    pub fn with_external_id(mut self, external_id: &str) -> Self {
        self.external_id = Some(external_id.into());
        self
    }

    /// Limits the life of its credentials.
    pub fn with_session(mut self, session: Duration) -> Self {
        self.session_seconds = Some(session.as_secs());
        self
    }
}

/// An access key.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// `AKIA…` or `ASIA…`.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
    /// Temporary credentials come with a token, which must be sent.
    #[serde(default)]
    pub session_token: Option<String>,
    /// Whether its owner may make the admin calls, or has to assume a role first.
    #[serde(default = "yes")]
    pub may_administer: bool,
}

fn yes() -> bool {
    true
}

impl Credentials {
    /// Those that [`crate::function::Setup`] gives the function.
    pub fn of_the_function() -> Self {
        Self {
            access_key_id: ACCESS_KEY_ID.into(),
            secret_access_key: SECRET_ACCESS_KEY.into(),
            session_token: Some(SESSION_TOKEN.into()),
            may_administer: true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_file_with_every_field_is_read() {
        let state = State::from_json(
            r#"{"pool_id": "eu-west-1_Abc", "latency_ms": 5, "sign_in_with": ["email"],
                "clients": [{"id": "c", "secret": "s", "flows": ["ALLOW_USER_PASSWORD_AUTH"], "readable": ["email"]}],
                "users": [{"username": "anna", "sub": "s-1", "password": "p", "status": "CONFIRMED", "enabled": true,
                           "attributes": {"email": "anna@example.com"}, "mfa": ["SMS_MFA"], "preferred_mfa": "SMS_MFA",
                           "challenge": "CUSTOM_CHALLENGE"},
                          {"username": "bob", "status": "UNCONFIRMED", "enabled": false}],
                "roles": [{"arn": "arn:aws:iam::1:role/r", "external_id": "x"}],
                "credentials": [{"access_key_id": "A", "secret_access_key": "B", "session_token": "C"}]}"#,
        )
        .expect("a state");
        assert_eq!(state.region(), "eu-west-1");
        assert_eq!(
            state.find_user("anna@example.com").unwrap().username,
            "anna"
        );
        assert_eq!(
            state.find_user("anna").unwrap().challenge(),
            Some("CUSTOM_CHALLENGE")
        );
        assert!(state.find_user("carl").is_none());
        assert!(state.credentials[0].may_administer);
    }

    #[test]
    fn a_misspelt_field_is_refused_by_name() {
        let problem = State::from_json(r#"{"pool_id": "p_1", "user": []}"#).unwrap_err();
        assert!(problem.to_string().contains("user"), "{problem}");
    }

    #[test]
    fn a_sub_is_stable_and_looks_like_one() {
        let sub = User::new("anna", "p").sub();
        assert_eq!(sub, User::new("anna", "other").sub());
        assert_eq!(
            sub.split('-').map(str::len).collect::<Vec<_>>(),
            [8, 4, 4, 4, 12]
        );
    }

    #[test]
    fn status_and_settings_lead_to_the_challenge() {
        let user = || User::new("anna", "p");
        assert_eq!(user().challenge(), None);
        assert_eq!(user().with_mfa(&["SMS_MFA"]).challenge(), Some("SMS_MFA"));
        assert_eq!(
            user()
                .with_mfa(&["SMS_MFA", "SOFTWARE_TOKEN_MFA"])
                .challenge(),
            Some("SELECT_MFA_TYPE")
        );
        assert_eq!(
            user().with_status("FORCE_CHANGE_PASSWORD").challenge(),
            Some("NEW_PASSWORD_REQUIRED")
        );
    }
}

//! The configured state of the source pool: users, app clients and credentials. The stand-alone stub reads it from a JSON file.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::operation::Operation;

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
#[serde(deny_unknown_fields, default)]
pub struct State {
    /// `<region>_<id>`.
    pub pool_id: String,
    /// The app clients.
    pub clients: Vec<Client>,
    /// The users.
    pub users: Vec<User>,
    /// Roles that the function may assume.
    pub roles: Vec<StubRole>,
    /// Access keys that may sign calls.
    pub credentials: Vec<Credentials>,
    /// Attributes whose values are sign-in names too (`email`, `phone_number`, `preferred_username`).
    pub sign_in_with: Vec<String>,
    /// The latency of every call but those of `latency_of`.
    pub latency_ms: u64,
    /// The latency of the calls of one operation.
    #[serde(skip)]
    pub latency_of: BTreeMap<Operation, Duration>,
    /// Members of DescribeUserPool's answer, over those that follow from the rest.
    pub description: Map<String, Value>,
    /// The names of the groups.
    pub groups: Vec<String>,
    /// Other pools, of the function's own account: no user signs in to them.
    pub neighbours: Vec<State>,
    /// Secrets of the function's own account: ARN → members of GetSecretValue's answer.
    pub secrets: BTreeMap<String, Map<String, Value>>,
    /// Denied calls, such as `DescribeUserPool eu-west-1_SourcePool` or `GetSecretValue ARN`.
    pub denied: Vec<String>,
}

/// The Region in the id of a pool.
pub(super) fn region_of(pool_id: &str) -> &str {
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
            credentials: vec![Credentials {
                access_key_id: ACCESS_KEY_ID.into(),
                secret_access_key: SECRET_ACCESS_KEY.into(),
                session_token: Some(SESSION_TOKEN.into()),
                may_administer: true,
                expires: None,
            }],
            sign_in_with: Vec::new(),
            latency_ms: 0,
            latency_of: BTreeMap::new(),
            description: Map::new(),
            groups: Vec::new(),
            neighbours: Vec::new(),
            secrets: BTreeMap::new(),
            denied: Vec::new(),
        }
    }
}

impl State {
    /// Adds a user.
    pub fn with_user(mut self, user: User) -> Self {
        self.users.push(user);
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

    /// How long the calls of this operation take.
    pub(super) fn latency(&self, operation: Operation) -> Duration {
        let of_all = Duration::from_millis(self.latency_ms);
        self.latency_of.get(&operation).copied().unwrap_or(of_all)
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// The place of the user whose username, or one of whose sign-in names, this is; `by_sub` an administrator may give that, too.
pub(super) fn position(
    users: &[User],
    aliases: &[String],
    name: &str,
    by_sub: bool,
) -> Option<usize> {
    let signs_in = |user: &User| {
        let mut values = aliases
            .iter()
            .filter_map(|alias| user.attributes.get(alias));
        values.any(|value| value == name)
    };
    let by_username = users.iter().position(|user| user.username == name);
    let by_alias = || users.iter().position(signs_in);
    let by_sub = || users.iter().position(|user| by_sub && user.sub() == name);
    by_username.or_else(by_alias).or_else(by_sub)
}

/// An app client.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Client {
    /// The client id.
    pub id: String,
    /// The client's name; its id if unset.
    pub name: Option<String>,
    /// A confidential client's secret.
    pub secret: Option<String>,
    /// Enabled flows, `ALLOW_ADMIN_USER_PASSWORD_AUTH` and so on.
    pub flows: Vec<String>,
    /// The attributes that GetUser returns; all if unset.
    pub readable: Option<Vec<String>>,
    /// The attributes that users may write, as DescribeUserPoolClient says it; the standard ones if unset.
    pub writable: Option<Vec<String>>,
    /// PreventUserExistenceErrors: an unknown user is answered like a wrong password.
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
            flows: owned(&["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH"]),
            ..Self::default()
        }
    }

    /// Makes it confidential.
    pub fn with_secret(mut self, secret: &str) -> Self {
        self.secret = Some(secret.into());
        self
    }
}

/// A user.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct User {
    /// The username proper, whatever else the user may sign in with.
    pub username: String,
    /// Derived from the username if unset.
    pub sub: Option<String>,
    /// A user without a password cannot sign in.
    pub password: Option<String>,
    /// `CONFIRMED`, `UNCONFIRMED`, …; any text.
    pub status: String,
    /// Whether the user is enabled.
    pub enabled: bool,
    /// UserLastModifiedDate of a list, in seconds since 1970; left out if unset.
    pub last_modified: Option<f64>,
    /// All attributes but `sub`.
    pub attributes: BTreeMap<String, String>,
    /// The groups that the user is a member of.
    pub groups: Vec<String>,
    /// UserMFASettingList.
    pub mfa: Vec<String>,
    /// PreferredMfaSetting.
    pub preferred_mfa: Option<String>,
    /// The challenge that the right password leads to, whatever status and MFA settings say.
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
            ..Self::default()
        }
    }

    /// Sets an attribute.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.attributes.insert(name.into(), value.into());
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
        self.mfa = owned(settings);
        self
    }

    /// Sets the challenge that the right password leads to.
    pub fn with_challenge(mut self, challenge: &str) -> Self {
        self.challenge = Some(challenge.into());
        self
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
        let status = self.status.as_str();
        let by_settings = match (status, &self.preferred_mfa, self.mfa.as_slice()) {
            ("FORCE_CHANGE_PASSWORD", ..) => Some("NEW_PASSWORD_REQUIRED"),
            (_, None, []) => None,
            (_, Some(only), _) | (_, None, [only]) => Some(only.as_str()),
            _ => Some("SELECT_MFA_TYPE"),
        };
        self.challenge.as_deref().or(by_settings)
    }
}

/// A role in the source account.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StubRole {
    /// The role's ARN.
    pub arn: String,
    /// The external id that its trust policy asks for.
    pub external_id: Option<String>,
    /// The life of its credentials; an hour if unset.
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
    pub session_token: Option<String>,
    /// Whether its owner may make the admin calls, or has to assume a role first.
    #[serde(default = "yes")]
    pub may_administer: bool,
    /// When it ends, of one that AssumeRole has given out for the source pool's account.
    #[serde(skip)]
    pub expires: Option<SystemTime>,
}

fn yes() -> bool {
    true
}

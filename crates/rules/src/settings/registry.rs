//! Every setting of the function, once: its name, its values, its place in [`Settings`](super::Settings), and its meaning.
//!
//! The parser, the texts of mistakes, the page `docs/settings.md` and the lists of the tests are made from this table.

use strum::VariantNames as _;

use super::{draft::Draft, form::Form, parse::*, types::*};
use crate::{
    admission::{OnForgotPassword, OnMfa, OnTemporaryPassword, ResetContacts},
    attributes::UnverifiedContacts,
    migrated_user::{DestinationUsername, WelcomeMessage},
    sensitive::Sensitive,
};

/// An environment variable that the function reads at its start.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// The form of its value, and the default.
    pub form: Form,
    /// Reads a value into its place in the settings.
    pub(super) put: fn(&mut Draft, &str) -> Result<(), Wrong>,
    /// A value as an operator would set it.
    pub example: &'static str,
    /// The meaning, in whole sentences of Markdown.
    pub meaning: &'static str,
}

const SECRET_ARN: &str = "must be the ARN of a secret in Secrets Manager, such as \
                          arn:aws:secretsmanager:eu-west-1:123456789012:secret:NAME";

/// Makes the table of rows `/// meaning`, `NAME = example, form, parser`.
macro_rules! table {
    ($($(#[doc = $meaning:literal])+ $name:ident = $example:literal, $form:expr, $put:expr;)+) => {
        /// All of them, in the order of the settings page.
        pub const ALL: [Variable; [$(stringify!($name)),+].len()] = [$(Variable {
            name: stringify!($name),
            form: $form,
            put: $put,
            example: $example,
            meaning: concat!($($meaning),+).trim_ascii_start(),
        }),+];
    };
}

/// Puts a value into its place.
fn set<T>(place: &mut T, value: Result<T, Wrong>) -> Result<(), Wrong> {
    *place = value?;
    Ok(())
}

/// Puts a value into a place that is empty where the variable is unset.
fn set_some<T>(place: &mut Option<T>, value: Result<T, Wrong>) -> Result<(), Wrong> {
    set(place, value.map(Some))
}

table! {
    /// The id of the source pool. Its prefix names the Region.
    SRC_USER_POOL_ID = "eu-west-1_Ab12Cd34E",
        Form::Required("must be the id of the source user pool, such as eu-west-1_Ab12Cd34E"),
        |draft, value| set(&mut draft.settings.source.user_pool_id, text(value, is_user_pool_id));

    /// The id of an app client of the source pool. The function signs users in through it.
    SRC_CLIENT_ID = "1example23456789",
        Form::Required("must be the id of an app client of the source user pool"),
        |draft, value| set(&mut draft.settings.source.client_id, text(value, |id| !id.contains(char::is_whitespace)));

    /// The secret of that app client, if it has one. The function then sends SECRET_HASH.
    SRC_CLIENT_SECRET = "the-secret-of-the-app-client",
        Form::Text,
        |draft, value| set_some(&mut draft.client_secret, Ok(ClientSecret::Value(Sensitive::new(value))));

    /// The ARN of a secret in AWS Secrets Manager that holds the secret of that app client, in the place of
    /// `SRC_CLIENT_SECRET`: as a plain string, or as the JSON that Cognito itself keeps there (`userPoolId`,
    /// `userPoolClientId`, `clientSecretValue`). The function reads it with its own credentials at its start, and
    /// again when the source pool says that the hash is wrong.
    SRC_CLIENT_SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:old-pool-AbCdEf",
        Form::Of(SECRET_ARN),
        |draft, value| set_some(&mut draft.stored_secret, secret_arn(value).map(ClientSecret::Stored));

    /// The authentication flow in which the source pool proves a password. `ADMIN_USER_PASSWORD_AUTH` needs IAM
    /// permissions and reads the profile as an administrator. `USER_PASSWORD_AUTH` works as an app does: the sign-in
    /// needs no permission, and the profile holds what the app client may read. `ADMIN_NO_SRP_AUTH` is accepted as
    /// the old name of the first.
    SRC_AUTH_FLOW = "USER_PASSWORD_AUTH",
        Form::OneOf { words: AuthFlow::VARIANTS, old_words: &["ADMIN_NO_SRP_AUTH"] },
        |draft, value| set(&mut draft.settings.source.auth_flow, word(value));

    /// Where the profile of a sign-in comes from. `after`: from a second call, once the password is proven.
    /// `id_token`: from the ID token that the sign-in gave, which holds what the app client may read. Then a sign-in
    /// is one call. Let the app client read every attribute that is copied, and do not use it where the source pool
    /// has a pre token generation trigger, which can change the token. Password resets, and sign-ins that meet a
    /// challenge, read the profile all the same.
    SRC_PROFILE = "id_token",
        Form::one_of(ProfileFrom::VARIANTS),
        |draft, value| set(&mut draft.settings.source.profile, word(value));

    /// The Region of the source pool, if it is not the one that the pool id names.
    SRC_REGION = "eu-west-1",
        Form::Of("must be an AWS Region, such as eu-west-1"),
        |draft, value| set(&mut draft.settings.source.region, text(value, is_region));

    /// A role in the source pool's account, which the function assumes for its calls to the source pool.
    SRC_ROLE_ARN = "arn:aws:iam::123456789012:role/migration-source",
        Form::Of("must be the ARN of a role, such as arn:aws:iam::123456789012:role/NAME"),
        |draft, value| set_some(&mut draft.role, text(value, is_role_arn));

    /// The external id that the trust policy of `SRC_ROLE_ARN` asks for. Use a random one, for example of `uuidgen`:
    /// an external id that others can guess protects nothing.
    SRC_EXTERNAL_ID = "0b6f2a3e-5c1d-4e8f-9a70-d4c2b1e8f635",
        Form::Text,
        |draft, value| set_some(&mut draft.external_id, Ok(value.to_owned()));

    /// The attribute by which the source user is found, where users type another name than the source pool's.
    /// Exactly one enabled user must have it, and must have verified the address or number. An e-mail address or
    /// preferred user name that is typed in lower case finds users who hold it in any case.
    SRC_LOOKUP = "email",
        Form::one_of(&["none", "email", "phone_number", "preferred_username"]),
        |draft, value| set(&mut draft.settings.source.lookup, word_or_none(value));

    /// A JSON object: name in the source pool → name in the destination pool, or `null` to drop the attribute.
    /// Standard attributes that it does not mention are copied, custom ones are not. `"custom:*": "custom:*"`
    /// copies every custom attribute but those of developers (`dev:custom:…`), which must be named. `sub` and
    /// `username`, the user name in the source pool, can be mapped to a custom attribute.
    ATTRIBUTE_MAP = r#"{"sub":"custom:legacy_sub","nickname":null,"custom:*":"custom:*"}"#,
        Form::Object("must be a JSON object of attribute names to attribute names or null"),
        |draft, value| attribute_map(value, draft.mapping());

    /// A JSON object of attributes that every migrated user gets. They win over copied ones. A verified flag can only
    /// be set to `"false"`: set it in the source pool if you verified addresses elsewhere.
    STATIC_ATTRIBUTES = r#"{"custom:origin":"old-pool"}"#,
        Form::Object("must be a JSON object of attribute names to texts"),
        |draft, value| set(&mut draft.mapping().fixed, static_attributes(value));

    /// The user name of a user who types an alias, for destination pools with alias attributes: none, the source
    /// user's name, or the source user's `sub`. It is returned as `username` only where the typed name equals,
    /// without regard to case, the `email`, `phone_number` or `preferred_username` of the answer. Otherwise what was
    /// typed is the user name.
    DST_USERNAME = "sub",
        Form::one_of(DestinationUsername::VARIANTS),
        |draft, value| set(&mut draft.settings.destination.username, word(value));

    /// What happens to a user whose source sign-in asks for a second factor. `refuse`: the user is rejected. `sms`:
    /// codes by text message are carried over, every other second factor is refused. `reset`: the user is migrated
    /// with RESET_REQUIRED and proves the mailbox or phone by the code of the reset. That is weaker than an
    /// authenticator app, and better than `drop`: the user is migrated without the second factor. At a password reset
    /// nothing is proven, so `reset` refuses like `refuse`.
    ON_MFA = "reset",
        Form::one_of(OnMfa::VARIANTS),
        |draft, value| set(&mut draft.settings.policy.on_mfa, word(value));

    /// What happens to a user who proves a temporary password. `refuse`: the user is rejected. `reset`: the user is
    /// migrated with RESET_REQUIRED, if a contact of `RESET_CONTACTS` is verified.
    ON_TEMPORARY_PASSWORD = "reset",
        Form::one_of(OnTemporaryPassword::VARIANTS),
        |draft, value| set(&mut draft.settings.policy.on_temporary_password, word(value));

    /// The destination pool's password policy as a JSON object: `minimumLength`, `requireLowercase`,
    /// `requireUppercase`, `requireNumbers`, `requireSymbols`. Cognito does not enforce it at a migration. A user
    /// whose password does not meet it is migrated with RESET_REQUIRED, if a contact of `RESET_CONTACTS` is verified.
    /// Unset accepts every password.
    PASSWORD_POLICY = r#"{"minimumLength":12,"requireNumbers":true,"requireSymbols":true}"#,
        Form::Of(POLICY),
        |draft, value| set_some(&mut draft.settings.policy.passwords, password_policy(value));

    /// Whether a password reset may migrate a user. With `ignore` the source pool is not asked. Every visitor of
    /// the app can request a reset for any name or address. That migrates the user, and the old password no longer
    /// works. So limit the rate of resets with AWS WAF, or set `ignore`.
    ON_FORGOT_PASSWORD = "ignore",
        Form::one_of(OnForgotPassword::VARIANTS),
        |draft, value| set(&mut draft.settings.policy.on_forgot_password, word(value));

    /// The contacts to which the destination pool sends the code of a password reset (AccountRecoverySetting).
    /// A user who must reset the password after the migration is migrated only if one of them is verified.
    RESET_CONTACTS = "email",
        Form::OneOf { words: ResetContacts::VARIANTS, old_words: &["phone_number,email"] },
        |draft, value| set(&mut draft.settings.policy.reset_contacts, word(value));

    /// How a rejection is answered: with the event as received, or with the Lambda error `Rejected`.
    ON_REJECT = "error",
        Form::one_of(OnReject::VARIANTS),
        |draft, value| set(&mut draft.settings.on_reject, word(value));

    /// A custom attribute of the destination pool that holds `pending/<source sub>`, and `done/<source sub>` after
    /// the post-migration steps. Where these steps disable the source user it holds `disabling/<source sub>` before
    /// that, and `off/<source sub>` after it. Without the attribute there are no such steps.
    MIGRATION_MARK = "custom:migration",
        Form::Of("must be a custom attribute, custom:…"),
        |draft, value| set_some(&mut draft.settings.destination.mark, text(value, is_mark));

    /// Which of the source user's groups the migrated user joins, under the same names: `none`, `*` for all of them,
    /// or names separated by commas. A group is privileges: name those that mean the same in both pools. Needs
    /// `MIGRATION_MARK`, unless it is `none`.
    COPY_GROUPS = "editors,translators",
        Form::Names("groups"),
        |draft, value| set(&mut draft.settings.post_migration.groups, selection(value));

    /// What happens to the source user once the user has signed in to the destination pool. `disable` needs
    /// `MIGRATION_MARK`. Nothing that cannot be taken back happens in a sign-in.
    SOURCE_USER = "disable",
        Form::one_of(SourceUser::VARIANTS),
        |draft, value| set(&mut draft.settings.post_migration.source_user, word(value));

    /// How Cognito sends its welcome message to migrated users. `none` sends SUPPRESS.
    WELCOME_MESSAGE = "email",
        Form::OneOf { words: WelcomeMessage::VARIANTS, old_words: &["sms,email"] },
        |draft, value| set(&mut draft.settings.destination.welcome_message, word(value));

    /// Whether a user who migrates at a sign-in takes an e-mail address or phone number away from a user of the
    /// destination pool who has it as an alias. That happens only where every e-mail address and phone number of the
    /// answer is verified. A password reset proves nothing and takes nothing.
    FORCE_ALIAS_CREATION = "true",
        Form::one_of(&["false", "true"]),
        |draft, value| set(&mut draft.settings.destination.force_alias_creation, word(value));

    /// Whether an e-mail address or phone number that the source pool has not verified is copied. `drop` leaves it
    /// and its flag behind, unless it is the name that was typed. A pool whose users sign in with addresses allows
    /// each address to one user, verified or not. So a stranger's unverified copy of an address would lock its owner
    /// out of the destination pool. `STATIC_ATTRIBUTES` stay.
    UNVERIFIED_CONTACTS = "drop",
        Form::one_of(UnverifiedContacts::VARIANTS),
        |draft, value| set(&mut draft.mapping().unverified_contacts, word(value));

    /// Which members of the app's `ClientMetadata` of a sign-in (`validationData` in the event) are handed to the
    /// source pool: `none`, `*` for all of them, or names separated by commas. Every user of an app can send any
    /// member. A trigger of the source pool may trust them more than usual, because the function's call is signed:
    /// name only what such a trigger needs.
    CLIENT_METADATA = "tenant,locale",
        Form::Names("members"),
        |draft, value| set(&mut draft.settings.source.client_metadata, selection(value));

    /// The time from the start of the handler to its answer. Lambda's own deadline less 200 ms counts if that is
    /// sooner.
    TIME_BUDGET_MS = "4000",
        Form::Milliseconds { default: "4500", least: 100, most: 4900 },
        |draft, value| set(&mut draft.settings.time_budget, milliseconds(value, 100..=4900));

    /// Whether the function writes lines in CloudWatch's embedded metric format beside its log.
    METRICS = "none",
        Form::one_of(Metrics::VARIANTS),
        |draft, value| set(&mut draft.settings.metrics, word(value));
}

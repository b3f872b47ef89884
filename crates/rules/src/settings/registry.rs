//! Every setting of the function, once: its name, the form of its value, its default and its meaning.
//!
//! The parser, the texts of mistakes, the page `docs/settings.md` and the lists of the tests are made from this.

use strum::VariantNames as _;

use super::{
    form::Form,
    types::{AuthFlow, Metrics, OnReject, ProfileFrom, SourceUser},
};
use crate::{
    admission::{OnForgotPassword, OnMfa, OnTemporaryPassword, ResetContacts},
    attributes::UnverifiedContacts,
    migrated_user::{DestinationUsername, WelcomeMessage},
};

/// An environment variable that the function reads at its start.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Which values it takes, and what unset means.
    pub form: Form,
    /// A value as somebody would set it.
    pub example: &'static str,
    /// What it does, in whole sentences of Markdown.
    pub meaning: &'static str,
}

/// All of them, in the order of the settings page.
pub const ALL: [&Variable; 28] = [
    &SRC_USER_POOL_ID,
    &SRC_CLIENT_ID,
    &SRC_CLIENT_SECRET,
    &SRC_CLIENT_SECRET_ARN,
    &SRC_AUTH_FLOW,
    &SRC_PROFILE,
    &SRC_REGION,
    &SRC_ROLE_ARN,
    &SRC_EXTERNAL_ID,
    &SRC_LOOKUP,
    &ATTRIBUTE_MAP,
    &STATIC_ATTRIBUTES,
    &DST_USERNAME,
    &ON_MFA,
    &ON_TEMPORARY_PASSWORD,
    &PASSWORD_POLICY,
    &ON_FORGOT_PASSWORD,
    &RESET_CONTACTS,
    &ON_REJECT,
    &MIGRATION_MARK,
    &COPY_GROUPS,
    &SOURCE_USER,
    &WELCOME_MESSAGE,
    &FORCE_ALIAS_CREATION,
    &UNVERIFIED_CONTACTS,
    &CLIENT_METADATA,
    &TIME_BUDGET_MS,
    &METRICS,
];

const FALSE_OR_TRUE: Form = Form::one_of(&["false", "true"]);

pub(super) const SRC_USER_POOL_ID: Variable = Variable {
    name: "SRC_USER_POOL_ID",
    form: Form::UserPoolId,
    example: "eu-west-1_Ab12Cd34E",
    meaning: "The id of the source pool. Its prefix names the Region.",
};

pub(super) const SRC_CLIENT_ID: Variable = Variable {
    name: "SRC_CLIENT_ID",
    form: Form::AppClientId,
    example: "1example23456789",
    meaning: "The id of an app client of the source pool. The function signs users in through it.",
};

pub(super) const SRC_CLIENT_SECRET: Variable = Variable {
    name: "SRC_CLIENT_SECRET",
    form: Form::Text,
    example: "the-secret-of-the-app-client",
    meaning: "The secret of that app client, if it has one. The function then sends SECRET_HASH.",
};

pub(super) const SRC_CLIENT_SECRET_ARN: Variable = Variable {
    name: "SRC_CLIENT_SECRET_ARN",
    form: Form::SecretArn,
    example: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:old-pool-AbCdEf",
    meaning: "The ARN of a secret in AWS Secrets Manager that holds the secret of that app client, in the place of \
              `SRC_CLIENT_SECRET`: as a plain string, or as the JSON that Cognito itself keeps there (`userPoolId`, \
              `userPoolClientId`, `clientSecretValue`). The function reads it with its own credentials at its start, and again \
              when the source pool says that the hash is wrong.",
};

pub(super) const SRC_AUTH_FLOW: Variable = Variable {
    name: "SRC_AUTH_FLOW",
    form: Form::OneOf {
        words: AuthFlow::VARIANTS,
        old_words: &["ADMIN_NO_SRP_AUTH"],
    },
    example: "USER_PASSWORD_AUTH",
    meaning: "The authentication flow in which the source pool proves a password. `ADMIN_USER_PASSWORD_AUTH` needs IAM \
              permissions and reads the profile as an administrator. `USER_PASSWORD_AUTH` works as an app does: the \
              sign-in needs no permission, and the profile holds what the app client may read. `ADMIN_NO_SRP_AUTH` is \
              accepted as the old name of the first.",
};

pub(super) const SRC_PROFILE: Variable = Variable {
    name: "SRC_PROFILE",
    form: Form::one_of(ProfileFrom::VARIANTS),
    example: "id_token",
    meaning: "Where the profile of a sign-in comes from. `after`: from a second call, once the password is proven. \
              `id_token`: from the ID token that the sign-in gave, which holds what the app client may read. Then a \
              sign-in is one call. Let the app client read every attribute that is copied, and do not use it where the \
              source pool has a pre token generation trigger, which can change the token. Password resets, and sign-ins \
              that meet a challenge, read the profile all the same.",
};

pub(super) const SRC_REGION: Variable = Variable {
    name: "SRC_REGION",
    form: Form::Region,
    example: "eu-west-1",
    meaning: "The Region of the source pool, if it is not the one that the pool id names.",
};

pub(super) const SRC_ROLE_ARN: Variable = Variable {
    name: "SRC_ROLE_ARN",
    form: Form::RoleArn,
    example: "arn:aws:iam::123456789012:role/migration-source",
    meaning: "A role in the source pool's account, which the function assumes for its calls to the source pool.",
};

pub(super) const SRC_EXTERNAL_ID: Variable = Variable {
    name: "SRC_EXTERNAL_ID",
    form: Form::Text,
    example: "0b6f2a3e-5c1d-4e8f-9a70-d4c2b1e8f635",
    meaning: "The external id that the trust policy of `SRC_ROLE_ARN` asks for. Use a random one, for example of \
              `uuidgen`: an external id that others can guess protects nothing.",
};

pub(super) const SRC_LOOKUP: Variable = Variable {
    name: "SRC_LOOKUP",
    form: Form::one_of(&["none", "email", "phone_number", "preferred_username"]),
    example: "email",
    meaning: "The attribute by which the source user is found, where people type another name than the source pool's. \
              Exactly one enabled user must have it, and must have verified the address or number. An e-mail \
              address or preferred user name that is typed in lower case finds users who hold it in any case.",
};

pub(super) const ATTRIBUTE_MAP: Variable = Variable {
    name: "ATTRIBUTE_MAP",
    form: Form::AttributeMap,
    example: r#"{"sub":"custom:legacy_sub","nickname":null,"custom:*":"custom:*"}"#,
    meaning: "A JSON object: name in the source pool → name in the destination pool, or `null` to drop the attribute. \
              Standard attributes that it does not mention are copied, custom ones are not. `\"custom:*\": \"custom:*\"` \
              copies every custom attribute but those of developers (`dev:custom:…`), which must be named. `sub` and \
              `username`, the user name in the source pool, can be mapped to a custom attribute.",
};

pub(super) const STATIC_ATTRIBUTES: Variable = Variable {
    name: "STATIC_ATTRIBUTES",
    form: Form::StaticAttributes,
    example: r#"{"custom:origin":"old-pool"}"#,
    meaning: "A JSON object of attributes that every migrated user gets. They win over copied ones. A verified flag can \
              only be set to `\"false\"`: set it in the source pool if you verified addresses elsewhere.",
};

pub(super) const DST_USERNAME: Variable = Variable {
    name: "DST_USERNAME",
    form: Form::one_of(DestinationUsername::VARIANTS),
    example: "sub",
    meaning: "The user name of a user who types an alias, for destination pools with alias attributes: none, the source \
              user's name, or the source user's `sub`. It is returned as `username` only where the typed name equals, \
              without regard to case, the `email`, `phone_number` or `preferred_username` of the answer. Otherwise what \
              was typed is the user name.",
};

pub(super) const ON_MFA: Variable = Variable {
    name: "ON_MFA",
    form: Form::one_of(OnMfa::VARIANTS),
    example: "reset",
    meaning: "What happens to a user whose source sign-in asks for a second factor. `refuse`: the user is rejected. `sms`: \
              codes by text message are carried over, every other second factor is refused. `reset`: the user is migrated \
              with RESET_REQUIRED and proves the mailbox or phone by the code of the reset. That is weaker than an \
              authenticator app, and better than `drop`: the user is migrated without the second factor. At a password \
              reset nothing is proven, so `reset` refuses like `refuse`.",
};

pub(super) const ON_TEMPORARY_PASSWORD: Variable = Variable {
    name: "ON_TEMPORARY_PASSWORD",
    form: Form::one_of(OnTemporaryPassword::VARIANTS),
    example: "reset",
    meaning: "What happens to a user who proves a temporary password. `refuse`: the user is rejected. `reset`: the user is \
              migrated with RESET_REQUIRED, if a contact of `RESET_CONTACTS` is verified.",
};

pub(super) const PASSWORD_POLICY: Variable = Variable {
    name: "PASSWORD_POLICY",
    form: Form::PasswordPolicy,
    example: r#"{"minimumLength":12,"requireNumbers":true,"requireSymbols":true}"#,
    meaning: "The destination pool's password policy as a JSON object: `minimumLength`, `requireLowercase`, \
              `requireUppercase`, `requireNumbers`, `requireSymbols`. Cognito does not enforce it at a migration. Whoever \
              proves a password that does not meet it is migrated with RESET_REQUIRED, if a contact of `RESET_CONTACTS` is \
              verified. Unset accepts every password.",
};

pub(super) const ON_FORGOT_PASSWORD: Variable = Variable {
    name: "ON_FORGOT_PASSWORD",
    form: Form::one_of(OnForgotPassword::VARIANTS),
    example: "ignore",
    meaning: "Whether a password reset may migrate a user. With `ignore` nobody is asked. Anybody can ask for the reset of \
              any name or address: the user is migrated then, and the old password no longer works. So limit the rate of \
              resets with AWS WAF, or set `ignore`.",
};

pub(super) const RESET_CONTACTS: Variable = Variable {
    name: "RESET_CONTACTS",
    form: Form::OneOf {
        words: ResetContacts::VARIANTS,
        old_words: &["phone_number,email"],
    },
    example: "email",
    meaning: "The contacts to which the destination pool sends the code of a password reset (AccountRecoverySetting). Whoever \
              would have to reset the password after the migration is migrated only with one of them verified.",
};

pub(super) const ON_REJECT: Variable = Variable {
    name: "ON_REJECT",
    form: Form::one_of(OnReject::VARIANTS),
    example: "error",
    meaning: "How a rejection is answered: with the event as received, or with the Lambda error `Rejected`.",
};

pub(super) const MIGRATION_MARK: Variable = Variable {
    name: "MIGRATION_MARK",
    form: Form::Mark,
    example: "custom:migration",
    meaning: "A custom attribute of the destination pool that holds `pending/<source sub>`, and `done/<source sub>` after \
              the post-migration steps. Where these steps disable the source user it holds `disabling/<source sub>` \
              before that, and `off/<source sub>` after it. Without the attribute there are no such steps.",
};

pub(super) const COPY_GROUPS: Variable = Variable {
    name: "COPY_GROUPS",
    form: Form::Names { of: "groups" },
    example: "editors,translators",
    meaning: "Which of the source user's groups the migrated user joins, under the same names: `none`, `*` for all of them, \
              or names separated by commas. A group is privileges: name those that mean the same in both pools. Needs \
              `MIGRATION_MARK`, unless it is `none`.",
};

pub(super) const SOURCE_USER: Variable = Variable {
    name: "SOURCE_USER",
    form: Form::one_of(SourceUser::VARIANTS),
    example: "disable",
    meaning: "What happens to the source user once the user has signed in to the destination pool. `disable` needs \
              `MIGRATION_MARK`. Nothing that cannot be taken back happens in a sign-in.",
};

pub(super) const WELCOME_MESSAGE: Variable = Variable {
    name: "WELCOME_MESSAGE",
    form: Form::OneOf {
        words: WelcomeMessage::VARIANTS,
        old_words: &["sms,email"],
    },
    example: "email",
    meaning: "How Cognito sends its welcome message to migrated users. `none` sends SUPPRESS.",
};

pub(super) const FORCE_ALIAS_CREATION: Variable = Variable {
    name: "FORCE_ALIAS_CREATION",
    form: FALSE_OR_TRUE,
    example: "true",
    meaning: "Whether a user who migrates at a sign-in takes an e-mail address or phone number away from a user of the \
              destination pool who has it as an alias. That happens only where every e-mail address and phone number of \
              the answer is verified. A password reset proves nothing and takes nothing.",
};

pub(super) const UNVERIFIED_CONTACTS: Variable = Variable {
    name: "UNVERIFIED_CONTACTS",
    form: Form::one_of(UnverifiedContacts::VARIANTS),
    example: "drop",
    meaning: "Whether an e-mail address or phone number that the source pool has not verified is copied. `drop` leaves it \
              and its flag behind, unless it is the name that was typed. A pool whose users sign in with addresses allows \
              each address to one user, verified or not. So a stranger's unverified copy of an address would lock its \
              owner out of the destination pool. `STATIC_ATTRIBUTES` stay.",
};

pub(super) const CLIENT_METADATA: Variable = Variable {
    name: "CLIENT_METADATA",
    form: Form::Names { of: "members" },
    example: "tenant,locale",
    meaning: "Which members of the app's `ClientMetadata` of a sign-in (`validationData` in the event) are handed to the \
              source pool: `none`, `*` for all of them, or names separated by commas. Every user of an app can send any \
              member. A trigger of the source pool may trust them more than usual, because the function's call is signed: \
              name only what such a trigger needs.",
};

pub(super) const TIME_BUDGET_MS: Variable = Variable {
    name: "TIME_BUDGET_MS",
    form: Form::Milliseconds {
        default: "4500",
        least: 100,
        most: 4900,
    },
    example: "4000",
    meaning: "The time from the start of the handler to its answer. Lambda's own deadline less 200 ms counts if that is \
              sooner.",
};

pub(super) const METRICS: Variable = Variable {
    name: "METRICS",
    form: Form::one_of(Metrics::VARIANTS),
    example: "none",
    meaning: "Whether the function writes lines in CloudWatch's embedded metric format beside its log.",
};

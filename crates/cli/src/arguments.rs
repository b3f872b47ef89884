//! The command line.

use std::{convert::Infallible, path::PathBuf};

use clap::{
    Args, Parser, Subcommand, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
    error::{ContextKind, ContextValue, ErrorKind},
};
use insight::draft::SignInStyle;
use rules::sensitive::Sensitive;
use strum::VariantNames as _;

use crate::examples;

/// Plan, check, follow and finish a migration between two Amazon Cognito user pools.
///
/// The settings are the function's own environment variables, under the same names. They come from the environment,
/// from a file (--settings), or from a deployed function (--function). --set NAME=VALUE overrides them.
///
/// Status 0: success. 1: a check or an operation has failed. 2: the command line or a setting is wrong.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

/// The options of every command.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// AWS profile for the account of the destination pool and the function
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// AWS profile for the source pool's account, if it is a different account
    #[arg(long, global = true, value_name = "NAME")]
    pub source_profile: Option<String>,
    /// Region of the source pool, if its id does not begin with it
    #[arg(long, global = true, value_name = "REGION")]
    pub source_region: Option<String>,
    /// Most list calls a second. The account's quota is 30 for all of its pools, and sign-ins that look users up need it too
    #[arg(long, global = true, value_name = "CALLS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rate: u32,
    /// Output format
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table
    Table,
    /// JSON for programs
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check both pools and the function for causes of failed migrations
    #[command(after_help = examples::PREFLIGHT)]
    Preflight(Preflight),
    /// Predict which users will migrate at a sign-in or password reset, which will not, and why
    #[command(after_help = examples::SURVEY)]
    Survey(SurveyOptions),
    /// Explain why a user cannot sign in
    #[command(after_help = examples::EXPLAIN)]
    Explain(Explain),
    /// Show the progress of the migration
    #[command(after_help = examples::PROGRESS)]
    Progress(Progress),
    /// Write files for a Cognito import of the users who have not moved
    #[command(after_help = examples::STRAGGLERS)]
    Stragglers(Stragglers),
    /// Disable or delete source users who have moved
    #[command(after_help = examples::RETIRE)]
    Retire(Retire),
    /// Enable source users who were disabled after their migration
    #[command(after_help = examples::RESTORE)]
    Restore(Restore),
    /// Map source subs to destination subs
    #[command(after_help = examples::SUBS)]
    Subs(SubsOptions),
    /// Prove the deployed migration on this account, with test users
    #[command(after_help = examples::VERIFY)]
    Verify(Verify),
    /// Write Terraform files for a new pool, the function and its monitoring, from the source pool's settings
    #[command(after_help = examples::DRAFT)]
    Draft(DraftOptions),
    /// Print completions for a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// The sources of the settings.
#[derive(Debug, Args)]
pub(crate) struct SettingsFrom {
    /// Use the settings of this deployed function: a name or an ARN
    #[arg(long, value_name = "NAME")]
    pub function: Option<String>,
    /// Use the settings of this file instead of the environment: NAME=value on each line, unquoted; # begins a comment
    #[arg(long = "settings", value_name = "FILE", conflicts_with = "function")]
    pub file: Option<PathBuf>,
    /// Override a variable of the environment, the file or the deployed function. SRC_CLIENT_SECRET is refused: other users
    /// can read arguments
    // Checked later: the errors of clap repeat the value.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = unprinted, allow_hyphen_values = true)]
    pub set: Vec<Sensitive>,
}

/// Both pools.
#[derive(Debug, Args)]
pub(crate) struct Pools {
    /// Id of the source pool [default: SRC_USER_POOL_ID]
    #[arg(long, value_name = "ID", value_parser = pool_id)]
    pub source_pool: Option<String>,
    /// Id of the destination pool
    #[arg(long, value_name = "ID", value_parser = pool_id)]
    pub pool: String,
}

#[derive(Debug, Args)]
pub(crate) struct Preflight {
    #[command(flatten)]
    pub pools: Pools,
    #[command(flatten)]
    pub settings: SettingsFrom,
    /// ARN that the destination pool should call. With it the function is not asked
    #[arg(long, value_name = "ARN", conflicts_with = "function")]
    pub function_arn: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SurveyOptions {
    /// Id of the source pool [default: SRC_USER_POOL_ID]
    #[arg(long, value_name = "ID", value_parser = pool_id)]
    pub source_pool: Option<String>,
    /// Id of the destination pool
    #[arg(long, value_name = "ID", value_parser = pool_id, required_unless_present = "planned")]
    pub pool: Option<String>,
    /// Folder that draft wrote, instead of --pool: survey the pool that it plans
    #[arg(long, value_name = "DIR", conflicts_with_all = ["pool", "function"])]
    pub planned: Option<PathBuf>,
    #[command(flatten)]
    pub settings: SettingsFrom,
    /// Write a line for every user: sub,result,sign_in,forgot_password,findings
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Also write the answer as a web page into this new file. The page loads nothing from the network
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Add the user names to the file of --csv. A name that a spreadsheet would run as a formula gets a ' in front
    #[arg(long, requires = "csv")]
    pub usernames: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    pub pools: Pools,
    #[command(flatten)]
    pub settings: SettingsFrom,
    /// Name that the user types to sign in to the destination pool
    pub name: String,
}

#[derive(Debug, Args)]
pub(crate) struct Progress {
    /// Id of the source pool
    #[arg(long, value_name = "ID", value_parser = pool_id)]
    pub source_pool: String,
    /// Id of the destination pool
    #[arg(long, value_name = "ID", value_parser = pool_id)]
    pub pool: String,
    /// Function whose migrations are counted: a name or an ARN
    #[arg(long, value_name = "NAME")]
    pub function: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Stragglers {
    #[command(flatten)]
    pub pools: Pools,
    #[command(flatten)]
    pub settings: SettingsFrom,
    /// Folder for the files import-001.csv, … and left-out.csv (sub,reason). It is created if its parent exists
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Drop optional attributes that cannot be written, and import their users. left-behind.csv (sub,attribute) lists them
    #[arg(long)]
    pub without_unwritable: bool,
    /// Attribute of the destination pool that holds the source sub, alone or in a mark [default: compare e-mail
    /// addresses, phone numbers and user names]
    #[arg(long = "match", value_name = "ATTRIBUTE")]
    pub matched: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Retire {
    #[command(flatten)]
    pub pools: Pools,
    #[command(flatten)]
    pub settings: SettingsFrom,
    /// Attribute of the destination pool that holds the source sub, alone or in a mark [default: MIGRATION_MARK]
    #[arg(long = "match", value_name = "ATTRIBUTE")]
    pub matched: Option<String>,
    /// Delete the users. The default is to disable them, which restore can undo
    #[arg(long)]
    pub delete: bool,
    /// Write the source sub of each user into this new file before the user is disabled or deleted, for restore
    #[arg(long, value_name = "FILE", requires = "apply")]
    pub record: Option<PathBuf>,
    /// Make the changes. The default is to count the users only
    #[arg(long)]
    pub apply: bool,
}

/// Enables the source users whom a record of retire names or, without a record, whom the function disabled: their mark begins
/// with off/. The new account must exist, be enabled and confirmed, and be recognisably the same user.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    pub pools: Pools,
    #[command(flatten)]
    pub settings: SettingsFrom,
    /// Attribute of the destination pool that holds the source sub, alone or in a mark [default: MIGRATION_MARK]
    #[arg(long = "match", value_name = "ATTRIBUTE", requires = "record")]
    pub matched: Option<String>,
    /// Enable only the users in this file: a source sub on each line, as retire --record writes it
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Skip the users in this file: a source sub on each line
    #[arg(long, value_name = "FILE")]
    pub except: Option<PathBuf>,
    /// Write the source sub of each user into this new file before the user is enabled
    #[arg(long, value_name = "FILE", requires = "apply")]
    pub log: Option<PathBuf>,
    /// Make the changes. The default is to count the users only
    #[arg(long)]
    pub apply: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SubsOptions {
    /// Id of the destination pool
    #[arg(long, value_name = "ID", value_parser = pool_id)]
    pub pool: String,
    /// Attribute that holds the source sub, alone or in a mark
    #[arg(long, value_name = "ATTRIBUTE")]
    pub attribute: String,
    /// File to write: source_sub,destination_sub
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Creates test users in the source pool, migrates them through the destination pool's app client, checks them, and deletes
/// them from both pools, even if a step fails or is interrupted. Their addresses belong to Amazon's mailbox simulator, so no
/// real mailbox gets mail.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Deployed function: a name or an ARN
    #[arg(long, value_name = "NAME")]
    pub function: String,
    /// Id of the destination pool
    #[arg(long, value_name = "ID", value_parser = pool_id)]
    pub pool: String,
    /// App client of the destination pool through which the users sign in
    #[arg(long, value_name = "ID")]
    pub client: String,
    /// Id of the source pool
    #[arg(long, value_name = "ID", value_parser = pool_id)]
    pub source_pool: String,
    /// Call the demonstration's API at this URL, with and without an ID token
    #[arg(long, value_name = "URL", value_parser = api_url)]
    pub api_url: Option<String>,
    /// Also try a user with SMS MFA. Text messages go to this phone number, which must be yours
    // Checked by the source pool: the errors of clap repeat the value.
    #[arg(long, value_name = "NUMBER", value_parser = unprinted)]
    pub phone_number: Option<Sensitive>,
    /// Also write the record into this new file
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
}

/// Reads the settings of the source pool, and no user. Writes a new folder with the destination pool, its app clients, groups
/// and resource servers, the function with the settings that fit both pools, and NOTES.md, which lists the differences.
#[derive(Debug, Args)]
pub(crate) struct DraftOptions {
    /// Id of the source pool
    #[arg(long, value_name = "ID", value_parser = pool_id)]
    pub source_pool: String,
    /// New folder to write
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Id of a destination pool that exists already. Only migration.tf, settings.env and NOTES.md are written
    #[arg(long, value_name = "ID", value_parser = pool_id, conflicts_with_all = ["sign_in", "case_sensitive"])]
    pub pool: Option<String>,
    /// Names with which users sign in to the new pool
    #[arg(long, value_name = "STYLE", default_value = "keep", value_parser = sign_in_style())]
    pub sign_in: SignInStyle,
    /// Make the new pool case-sensitive
    #[arg(long)]
    pub case_sensitive: bool,
    /// Source of the Terraform modules: a folder, relative to DIR, or a URL in which %s stands for the module [default: this
    /// version's release]
    #[arg(long, value_name = "SOURCE")]
    pub module_source: Option<String>,
    /// Role through which the function reaches a source pool in another account
    #[arg(long, value_name = "ARN")]
    pub source_role: Option<String>,
}

fn sign_in_style() -> impl TypedValueParser<Value = SignInStyle> {
    PossibleValuesParser::new(SignInStyle::VARIANTS).try_map(|word| word.parse::<SignInStyle>())
}

impl Arguments {
    /// Reads the command line. A wrong one ends the program with status 2.
    pub(crate) fn of_program() -> Self {
        Arguments::try_parse().unwrap_or_else(|error| without_setting(error).exit())
    }
}

/// The error without the text of a misplaced setting, which may hold a secret: `--set A=1 B=2`.
fn without_setting(mut error: clap::Error) -> clap::Error {
    let is_setting = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(text)) => text.contains('='),
        _ => false,
    };
    if error.kind() == ErrorKind::UnknownArgument && is_setting {
        let told = ContextValue::String("NAME=VALUE".to_owned());
        error.insert(ContextKind::InvalidArg, told);
        error.remove(ContextKind::Suggested);
    }
    error
}

fn unprinted(text: &str) -> Result<Sensitive, Infallible> {
    Ok(Sensitive::new(text))
}

/// Parses a URL to which an ID token may be sent.
fn api_url(text: &str) -> Result<String, String> {
    let is_safe = ["https://", "http://127.0.0.1:", "http://localhost:"]
        .iter()
        .any(|start| text.starts_with(start));
    is_safe
        .then(|| text.to_owned())
        .ok_or_else(|| "it must begin with https://".to_owned())
}

fn pool_id(text: &str) -> Result<String, String> {
    let is_part = |part: &str| {
        let is_known = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        !part.is_empty() && part.bytes().all(is_known)
    };
    match text.split_once('_') {
        Some((region, id)) if is_part(region) && is_part(id) => Ok(text.to_owned()),
        _ if text.starts_with("arn:") => Err(
            "it must be the id of the user pool: what follows \"userpool/\" in the ARN".to_owned(),
        ),
        _ => Err("it must be the id of a user pool, such as eu-west-1_Ab12Cd34E".to_owned()),
    }
}

#[cfg(test)]
mod tests;

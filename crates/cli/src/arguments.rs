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

/// What an operator wants to know of a migration between two Amazon Cognito user pools: before, during and after it.
///
/// The settings are the function's own environment variables, under the same names. They are taken from the environment,
/// from a file (--settings), or from a deployed function (--function). --set NAME=VALUE goes on top.
///
/// Status 0: done. 1: a check has failed, or something could not be done. 2: the command line or a setting is wrong.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The profile of the account of the destination pool and the function
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// The profile of the source pool's account, if it is another one
    #[arg(long, global = true, value_name = "NAME")]
    pub source_profile: Option<String>,
    /// The Region of the source pool, if its id does not begin with it
    #[arg(long, global = true, value_name = "REGION")]
    pub source_region: Option<String>,
    /// List calls a second. The account has 30 for all of its pools, and sign-ins that look users up need theirs
    #[arg(long, global = true, value_name = "CALLS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub rate: u32,
    /// For people or for programs
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For programs
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What would keep migrations from working
    #[command(after_help = examples::PREFLIGHT)]
    Preflight(Preflight),
    /// Who will move at a sign-in or a password reset, who will not, and why
    #[command(after_help = examples::SURVEY)]
    Survey(SurveyOptions),
    /// Why somebody cannot sign in
    #[command(after_help = examples::EXPLAIN)]
    Explain(Explain),
    /// How far the migration is
    #[command(after_help = examples::PROGRESS)]
    Progress(Progress),
    /// Files from which Cognito imports whoever has not moved
    #[command(after_help = examples::STRAGGLERS)]
    Stragglers(Stragglers),
    /// Disable or delete source users who have moved
    #[command(after_help = examples::RETIRE)]
    Retire(Retire),
    /// Enable source users again who were disabled because they had moved
    #[command(after_help = examples::RESTORE)]
    Restore(Restore),
    /// Which user of the source pool each user of the destination pool was
    #[command(after_help = examples::SUBS)]
    Subs(SubsOptions),
    /// Whether the migration works on this account, with users of its own
    #[command(after_help = examples::VERIFY)]
    Verify(Verify),
    /// Write the Terraform files of a new pool, the function and its monitoring from the source pool's settings
    #[command(after_help = examples::DRAFT)]
    Draft(DraftOptions),
    /// Completions for a shell, written to the standard output
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Where the settings come from.
#[derive(Debug, Args)]
pub(crate) struct SettingsFrom {
    /// Take the settings of this deployed function: a name or an ARN
    #[arg(long, value_name = "NAME")]
    pub function: Option<String>,
    /// Take the settings of this file in the place of the environment: NAME=value on each line, unquoted; # begins a comment
    #[arg(long = "settings", value_name = "FILE", conflicts_with = "function")]
    pub file: Option<PathBuf>,
    /// Set a variable of the function, over the environment, the file or the deployed function. Not SRC_CLIENT_SECRET: other
    /// users can read arguments
    // What is wrong is said later: the errors of this module repeat what they were given.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = unprinted, allow_hyphen_values = true)]
    pub set: Vec<Sensitive>,
}

/// Both pools.
#[derive(Debug, Args)]
pub(crate) struct Pools {
    /// The id of the source pool [default: SRC_USER_POOL_ID]
    #[arg(long, value_name = "ID", value_parser = pool_id)]
    pub source_pool: Option<String>,
    /// The id of the destination pool
    #[arg(long, value_name = "ID", value_parser = pool_id)]
    pub pool: String,
}

#[derive(Debug, Args)]
pub(crate) struct Preflight {
    #[command(flatten)]
    pub pools: Pools,
    #[command(flatten)]
    pub settings: SettingsFrom,
    /// The ARN that the destination pool should call. The function is not asked then
    #[arg(long, value_name = "ARN", conflicts_with = "function")]
    pub function_arn: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SurveyOptions {
    /// The id of the source pool [default: SRC_USER_POOL_ID]
    #[arg(long, value_name = "ID", value_parser = pool_id)]
    pub source_pool: Option<String>,
    /// The id of the destination pool
    #[arg(long, value_name = "ID", value_parser = pool_id, required_unless_present = "planned")]
    pub pool: Option<String>,
    /// The folder that draft wrote, in the place of --pool: the destination pool is the one that it plans
    #[arg(long, value_name = "DIR", conflicts_with_all = ["pool", "function"])]
    pub planned: Option<PathBuf>,
    #[command(flatten)]
    pub settings: SettingsFrom,
    /// Write a line for every user: sub,result,sign_in,forgot_password,findings
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Write the answer as a page for a browser into this new file, too: one that asks nothing of any host
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Add the user names to the file of --csv. One that begins like a formula of a spreadsheet gets a ' in front
    #[arg(long, requires = "csv")]
    pub usernames: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    pub pools: Pools,
    #[command(flatten)]
    pub settings: SettingsFrom,
    /// What the person types to sign in to the destination pool
    pub name: String,
}

#[derive(Debug, Args)]
pub(crate) struct Progress {
    /// The id of the source pool
    #[arg(long, value_name = "ID", value_parser = pool_id)]
    pub source_pool: String,
    /// The id of the destination pool
    #[arg(long, value_name = "ID", value_parser = pool_id)]
    pub pool: String,
    /// The function whose migrations are counted: a name or an ARN
    #[arg(long, value_name = "NAME")]
    pub function: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Stragglers {
    #[command(flatten)]
    pub pools: Pools,
    #[command(flatten)]
    pub settings: SettingsFrom,
    /// The folder of the files: import-001.csv, …, and left-out.csv (sub,reason). It is made if its parent exists
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Import users whose optional attributes cannot be written without these attributes. left-behind.csv (sub,attribute)
    /// names them
    #[arg(long)]
    pub without_unwritable: bool,
    /// The attribute of the destination pool that holds the source sub, by itself or in a mark [default: compare e-mail
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
    /// The attribute of the destination pool that holds the source sub, by itself or in a mark [default: MIGRATION_MARK]
    #[arg(long = "match", value_name = "ATTRIBUTE")]
    pub matched: Option<String>,
    /// Delete the users. Without it they are disabled, which can be taken back
    #[arg(long)]
    pub delete: bool,
    /// Write the source sub of each user into this new file before the user is disabled or deleted: restore reads it
    #[arg(long, value_name = "FILE", requires = "apply")]
    pub record: Option<PathBuf>,
    /// Do it. Without it the users are only counted
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
    /// The attribute of the destination pool that holds the source sub, by itself or in a mark [default: MIGRATION_MARK]
    #[arg(long = "match", value_name = "ATTRIBUTE", requires = "record")]
    pub matched: Option<String>,
    /// Enable those whom this file names, and no others: a source sub on each line, as retire --record writes it
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Leave out those whom this file names: a source sub on each line
    #[arg(long, value_name = "FILE")]
    pub except: Option<PathBuf>,
    /// Write the source sub of each user into this new file before the user is enabled
    #[arg(long, value_name = "FILE", requires = "apply")]
    pub log: Option<PathBuf>,
    /// Do it. Without it the users are only counted
    #[arg(long)]
    pub apply: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SubsOptions {
    /// The id of the destination pool
    #[arg(long, value_name = "ID", value_parser = pool_id)]
    pub pool: String,
    /// The attribute that holds the source sub, by itself or in a mark
    #[arg(long, value_name = "ATTRIBUTE")]
    pub attribute: String,
    /// The file: source_sub,destination_sub
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Makes users in the source pool, moves them through the destination pool's app client, looks at them, and deletes all of
/// them from both pools, also if a step fails or is interrupted. Their addresses are those of Amazon's mailbox simulator: no
/// person gets mail.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The deployed function: a name or an ARN
    #[arg(long, value_name = "NAME")]
    pub function: String,
    /// The id of the destination pool
    #[arg(long, value_name = "ID", value_parser = pool_id)]
    pub pool: String,
    /// The app client of the destination pool through which the users sign in
    #[arg(long, value_name = "ID")]
    pub client: String,
    /// The id of the source pool
    #[arg(long, value_name = "ID", value_parser = pool_id)]
    pub source_pool: String,
    /// Call the demonstration's API there with an ID token, and without one
    #[arg(long, value_name = "URL", value_parser = api_url)]
    pub api_url: Option<String>,
    /// Try a user with SMS MFA, too: text messages go to this phone number, which must be yours
    // What is wrong with it is said by the source pool: the errors of this module repeat what they were given.
    #[arg(long, value_name = "NUMBER", value_parser = unprinted)]
    pub phone_number: Option<Sensitive>,
    /// Write the record into this new file, too
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
}

/// Reads the settings of the source pool and no user. Writes a new folder: the destination pool, its app clients, groups and
/// resource servers, the function between both pools with the settings that fit them, and NOTES.md with what stays behind.
#[derive(Debug, Args)]
pub(crate) struct DraftOptions {
    /// The id of the source pool
    #[arg(long, value_name = "ID", value_parser = pool_id)]
    pub source_pool: String,
    /// The new folder
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// The id of a destination pool that exists already: migration.tf, settings.env and NOTES.md alone are written
    #[arg(long, value_name = "ID", value_parser = pool_id, conflicts_with_all = ["sign_in", "case_sensitive"])]
    pub pool: Option<String>,
    /// By which names users sign in to the new pool
    #[arg(long, value_name = "STYLE", default_value = "keep", value_parser = sign_in_style())]
    pub sign_in: SignInStyle,
    /// Let the new pool distinguish upper and lower case
    #[arg(long)]
    pub case_sensitive: bool,
    /// Where Terraform finds the modules: a folder, by a path from DIR, or a URL in which %s stands for the module [default:
    /// this version's release]
    #[arg(long, value_name = "SOURCE")]
    pub module_source: Option<String>,
    /// The role through which the function reaches a source pool in another account
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

/// The same without a setting, and perhaps a secret, that stands where none is taken: `--set A=1 B=2`.
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

/// An ID token goes there.
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

//! What will happen to every user of the source pool.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, BufReader, BufWriter, Seek as _},
    path::{Path, PathBuf},
};

use comfy_table::Table;
use insight::{
    acceptance::UserResult,
    finding::Finding,
    plan::{Foreseen, ForeseenOutcome, Plan},
    survey::Survey,
    tally::Tally,
};
use rules::{
    admission::OnMfa,
    evidence::{ListedUser, PoolMfa},
    outcome::Reason,
    settings::{AuthFlow, Settings},
};
use serde_json::json;
use strum::VariantArray as _;
use tempfile::NamedTempFile;
use time::OffsetDateTime;

use crate::{
    arguments::{self, Pools},
    context::{Context, LoadedSettings, source_client},
    files::{cannot_write, folder_of, new_file},
    listing::read_all,
    meanings::{advice, meaning, told},
    other_settings::OtherSettings,
    output::{self, Output},
    planned,
    problem::CommandResult,
    spool::Spool,
};

const SECONDS_A_DAY: i64 = 24 * 60 * 60;

pub(crate) async fn run(context: &Context, options: &arguments::Survey) -> CommandResult<Output> {
    let pools = Pools {
        source_pool: options.source_pool.clone(),
        pool: options.pool.clone().unwrap_or_default(),
    };
    let LoadedSettings { settings, note, .. } = context.settings(&options.settings, &pools).await?;
    let mut rows = match &options.csv {
        Some(file) => Some(Rows::new(file, options.usernames)?),
        None => None,
    };
    let (source, destination) = match &options.planned {
        Some(folder) => {
            let planned = planned::read(folder)?;
            (context.described_source(&settings).await?, planned)
        }
        None => {
            let both = context.both_pools(&settings, &pools.pool).await?;
            (both.source, both.destination.description)
        }
    };
    let client = source_client(&source.pool, &settings).await?;
    let days = i64::from(source.description.temporary_password_days);
    let expired_before = OffsetDateTime::now_utc().unix_timestamp() - days * SECONDS_A_DAY;
    let plan = Plan {
        settings: &settings,
        source: &source.description,
        client: client.as_ref(),
        destination: &destination,
        expired_before: Some(expired_before),
    };
    let mut survey = Survey::new(plan);
    let mut kept = Spool::new()?;
    read_all(
        "the source pool",
        &source.pool,
        source.description.users,
        |user| {
            survey.add(user);
            kept.add(user)?;
            rows.as_mut().map_or(Ok(()), |rows| rows.remember(user))
        },
    )
    .await?;
    let mut tally = Tally::default();
    match rows {
        Some(rows) => rows.write(survey.users().inspect(|foreseen| tally.add(foreseen)))?,
        None => survey.users().for_each(|foreseen| tally.add(&foreseen)),
    }
    // The users of this survey are no longer needed: each other choice has its own.
    drop(survey);
    let others = OtherSettings::all(&plan, &mut kept)?;
    let (from, to) = (source.pool.id(), options.pool.as_deref());
    let text = if context.is_for_programs() {
        output::json(&json!({
            "source_pool": from,
            "destination_pool": to,
            "users": tally.users,
            "result": tally.result,
            "sign_in": tally.sign_in,
            "forgot_password": tally.forgot_password,
            "findings": tally.findings,
            "other_settings": others.iter().map(OtherSettings::json).collect::<Vec<_>>(),
        }))
    } else {
        for_people(
            &tally,
            &others,
            from,
            to.unwrap_or("the planned pool"),
            &plan,
        ) + note
    };
    Ok(Output::good(text))
}

/// The CSV file. Who the users are waits in a file without a name until it is known what becomes of them.
struct Rows {
    path: PathBuf,
    file: NamedTempFile,
    users: csv::Writer<BufWriter<File>>,
    usernames: bool,
}

impl Rows {
    fn new(path: &Path, usernames: bool) -> CommandResult<Self> {
        let file = new_file(path)?;
        let beside = tempfile::tempfile_in(folder_of(path));
        let beside = beside.map_err(|error| cannot_write(path, &error))?;
        Ok(Rows {
            path: path.to_owned(),
            file,
            users: csv::Writer::from_writer(BufWriter::new(beside)),
            usernames,
        })
    }

    fn remember(&mut self, user: &ListedUser) -> CommandResult<()> {
        let sub = user.identity.attribute("sub").unwrap_or_default();
        let name = match self.usernames {
            true => no_formula(&user.identity.username),
            false => "".into(),
        };
        let written = self.users.write_record([sub, &name]);
        written.map_err(|error| cannot_write(&self.path, &error.into()))
    }

    /// Writes a line for each user who was remembered, and gives the file its name.
    fn write(self, users: impl Iterator<Item = Foreseen>) -> CommandResult<()> {
        let Rows {
            path,
            file,
            users: remembered,
            usernames,
        } = self;
        let write = || -> io::Result<NamedTempFile> {
            let mut remembered = remembered
                .into_inner()
                .map_err(|error| error.into_error())?
                .into_inner()
                .map_err(io::IntoInnerError::into_error)?;
            remembered.rewind()?;
            let mut remembered = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(BufReader::new(remembered));
            let mut lines = csv::Writer::from_writer(BufWriter::new(file));
            let mut header = vec!["sub", "result", "sign_in", "forgot_password", "findings"];
            header.extend(usernames.then_some("username"));
            lines.write_record(header)?;
            for (user, foreseen) in remembered.records().zip(users) {
                let user = user?;
                let findings: Vec<_> = foreseen.findings.iter().map(Finding::as_str).collect();
                let findings = findings.join(" ");
                let mut line = vec![
                    &user[0],
                    foreseen.result.as_str(),
                    foreseen.sign_in.as_str(),
                    foreseen.forgot_password.as_str(),
                    &findings,
                ];
                line.extend(usernames.then_some(&user[1]));
                lines.write_record(line)?;
            }
            let lines = lines.into_inner().map_err(|error| error.into_error())?;
            lines.into_inner().map_err(io::IntoInnerError::into_error)
        };
        let written = write().map_err(|error| cannot_write(&path, &error))?;
        let named = written.persist_noclobber(&path);
        named
            .map(drop)
            .map_err(|error| cannot_write(&path, &error.error))
    }
}

/// A name as text for spreadsheets, which take one that begins so for a formula, and run it. Users choose their names.
fn no_formula(name: &str) -> Cow<'_, str> {
    match name.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{name}").into(),
        false => name.into(),
    }
}

fn for_people(
    tally: &Tally,
    others: &[OtherSettings],
    from: &str,
    to: &str,
    plan: &Plan<'_>,
) -> String {
    let users = output::grouped(tally.users);
    let mut text = format!("{from} → {to}: {users} users\n\n");
    if tally.users == 0 {
        return text + "The source pool has no users.";
    }
    if let Some(off) = flow_that_is_off(plan) {
        text += &format!(
            "Every sign-in fails: the app client of the source pool does not allow {off}. What follows holds once it does.\n\n"
        );
    }
    text += &format!("{}\n\n", headline(tally));
    let obstacles = tally.obstacles();
    if !obstacles.is_empty() {
        let mut table = output::table(["result", "users", "why", "what to do"]);
        for (obstacle, users) in obstacles {
            let (result, why, advice) = told(obstacle);
            table.add_row([
                result.into(),
                output::number(users),
                why.into(),
                advice.into(),
            ]);
        }
        text += &format!("{}\n\n", table.trim_fmt());
    }
    text += &format!(
        "What the function answers:\n\n{}\n\n",
        answers(tally).trim_fmt()
    );
    if tally.findings.is_empty() {
        text += "Nothing else was found.\n";
    } else {
        let mut table = output::table(["finding", "users", "what it means and what to do"]);
        for finding in Finding::VARIANTS {
            if let Some(users) = tally.findings.get(finding.as_str()) {
                table.add_row([
                    finding.as_str().into(),
                    output::number(*users),
                    meaning(*finding).into(),
                ]);
            }
        }
        text += &format!("{}\n", table.trim_fmt());
    }
    let changes: Vec<_> = others
        .iter()
        .filter_map(|other| other.for_people(tally))
        .collect();
    text += &match changes.as_slice() {
        [] => "\nNo other value of one setting would change a result.\n".to_owned(),
        changes => format!(
            "\nWhat another value of one setting would change:\n  {}\n",
            changes.join("\n  ")
        ),
    };
    for note in notes(plan) {
        text += &format!("\n{note}");
    }
    text
}

/// How many users will be able to sign in, and again.
fn headline(tally: &Tally) -> String {
    let moves = tally.with_result(UserResult::Moves);
    let after_reset = tally.with_result(UserResult::MovesAfterReset);
    let others = tally
        .users
        .saturating_sub(moves)
        .saturating_sub(after_reset);
    format!(
        "{} of {} users will sign in, and again, without calling you. {} more will after a password reset. {} will not.",
        output::grouped(moves),
        output::grouped(tally.users),
        output::grouped(after_reset),
        output::grouped(others)
    )
}

/// The flow of the settings, if the app client of the source pool does not allow it.
fn flow_that_is_off(plan: &Plan<'_>) -> Option<&'static str> {
    let flow = plan.settings.source.auth_flow;
    let client = plan.client?;
    let is_on = match flow {
        AuthFlow::AdminUserPassword => client.admin_password_flow,
        AuthFlow::UserPassword => client.user_password_flow,
    };
    (!is_on).then(|| flow.as_str())
}

/// How many users meet each answer of the function.
fn answers(tally: &Tally) -> Table {
    let mut table = output::table(["outcome", "sign-in", "reset", "what to do"]);
    let outcomes = [ForeseenOutcome::Migrated]
        .into_iter()
        .chain(
            Reason::VARIANTS
                .iter()
                .copied()
                .map(ForeseenOutcome::Rejected),
        )
        .chain([ForeseenOutcome::Failed]);
    for outcome in outcomes {
        let name = outcome.as_str();
        let sign_in = tally.sign_in.get(name).copied().unwrap_or_default();
        let reset = tally.forgot_password.get(name).copied().unwrap_or_default();
        if sign_in + reset > 0 {
            table.add_row([
                name.into(),
                output::number(sign_in),
                output::number(reset),
                advice(outcome).into(),
            ]);
        }
    }
    table
}

/// What a list of users cannot show, and what that means for these pools.
pub(crate) fn notes(plan: &Plan<'_>) -> Vec<String> {
    let Settings { policy, .. } = plan.settings;
    let mut notes = vec![];
    let consequence = match policy.on_mfa {
        OnMfa::Refuse => "is rejected (mfa_refused)",
        OnMfa::Sms => "is rejected (mfa_refused), unless it is a text message",
        OnMfa::Reset => {
            "is migrated at a sign-in, must reset the password then, and is rejected at a reset (mfa_refused)"
        }
        OnMfa::Drop => "is migrated without it",
    };
    notes.push(match plan.source.mfa {
        PoolMfa::Off => "The source pool asks nobody for a second factor.".to_owned(),
        PoolMfa::Optional => format!(
            "A list shows no second factor. Under ON_MFA, whoever has set one up {consequence}. These users are counted as \
             if they had none."
        ),
        PoolMfa::On => format!(
            "The source pool asks everybody for a second factor, and a list does not show which. Under ON_MFA, whoever has \
             one {consequence}. All users are counted as if it were no text message."
        ),
    });
    notes.push(
        "A list shows no trigger of the source pool. One that runs before or after its sign-ins can reject people \
         (source_trigger_refused)."
            .to_owned(),
    );
    if policy.passwords.is_some() {
        notes.push(
            "PASSWORD_POLICY: nobody can see who has a weaker password. Whoever has must reset it after the migration, and \
             is rejected (no_verified_contact) if no code can reach them."
                .to_owned(),
        );
    }
    if plan.client.is_none() {
        notes.push(
            "Without SRC_CLIENT_ID it is not known whether the app client tells who exists. Names that mean nobody are \
             counted as user_not_found."
                .to_owned(),
        );
    }
    notes
}

//! What will happen to every user of the source pool.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs::File,
    io::{self, BufReader, BufWriter, Seek as _},
    path::{Path, PathBuf},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use insight::finding::Finding;
use insight::plan::{Foreseen, ForeseenOutcome, Plan};
use insight::survey::Survey;
use rules::{
    admission::OnMfa,
    evidence::{ListedUser, PoolMfa},
    outcome::Reason,
    settings::Settings,
};
use serde_json::json;
use strum::VariantArray as _;
use tempfile::NamedTempFile;

use crate::{
    Told, arguments,
    aws::OperatorsPool,
    context::{BothPools, Context, Set, not_answered},
    problem::{Answer, Problem},
    show,
};

/// How many users meet each outcome, and how many findings there are.
#[derive(Default)]
struct Counts {
    users: u64,
    result: BTreeMap<&'static str, u64>,
    sign_in: BTreeMap<&'static str, u64>,
    forgot_password: BTreeMap<&'static str, u64>,
    findings: BTreeMap<&'static str, u64>,
}

impl Counts {
    fn add(&mut self, foreseen: &Foreseen) {
        self.users += 1;
        *self.result.entry(foreseen.result.as_str()).or_default() += 1;
        *self.sign_in.entry(foreseen.sign_in.as_str()).or_default() += 1;
        let reset = foreseen.forgot_password.as_str();
        *self.forgot_password.entry(reset).or_default() += 1;
        for finding in foreseen.findings.iter() {
            *self.findings.entry(finding.as_str()).or_default() += 1;
        }
    }
}

pub(crate) async fn run(context: &Context, options: &arguments::Survey) -> Answer<Told> {
    let Set { settings, note, .. } = context.settings(&options.settings, &options.pools).await?;
    let mut rows = match &options.csv {
        Some(file) => Some(Rows::new(file, options.usernames)?),
        None => None,
    };
    let BothPools {
        source,
        destination,
    } = context.both_pools(&settings, &options.pools.pool).await?;
    let client = match settings.source.client_id.as_str() {
        "" => None,
        id => {
            let client = source.pool.app_client(id).await;
            let what = format!("the app client {id} of the source pool");
            Some(client.map_err(|failure| not_answered(&what, source.pool.id(), &failure))?)
        }
    };
    let plan = Plan {
        settings: &settings,
        source: &source.description,
        client: client.as_ref(),
        destination: &destination.description,
    };
    let mut survey = Survey::new(plan);
    read_all(
        "the source pool",
        &source.pool,
        source.description.users,
        |user| {
            survey.add(user);
            rows.as_mut().map_or(Ok(()), |rows| rows.remember(user))
        },
    )
    .await?;
    let mut counts = Counts::default();
    match rows {
        Some(rows) => rows.write(survey.users().inspect(|foreseen| counts.add(foreseen)))?,
        None => survey.users().for_each(|foreseen| counts.add(&foreseen)),
    }
    let (from, to) = (source.pool.id(), destination.pool.id());
    let text = if context.is_for_programs() {
        show::json(&json!({
            "source_pool": from,
            "destination_pool": to,
            "users": counts.users,
            "result": counts.result,
            "sign_in": counts.sign_in,
            "forgot_password": counts.forgot_password,
            "findings": counts.findings,
        }))
    } else {
        for_people(&counts, from, to, &plan) + note
    };
    Ok(Told::good(text))
}

/// Reads every user of a pool, of whom there are about `estimated`.
pub(crate) async fn read_all(
    what: &str,
    pool: &OperatorsPool,
    estimated: u64,
    mut each: impl FnMut(&ListedUser) -> Answer<()>,
) -> Answer<()> {
    let bar = ProgressBar::with_draw_target(Some(estimated), ProgressDrawTarget::stderr());
    let template = "{bar:30} {human_pos} of about {human_len} users, {per_sec}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    let mut next = None;
    loop {
        let page = pool.users(next).await;
        let page = page.map_err(|failure| not_answered(what, pool.id(), &failure))?;
        for user in &page.users {
            each(user)?;
        }
        bar.inc(u64::try_from(page.users.len()).unwrap_or_default());
        bar.set_length(estimated.max(bar.position()));
        next = page.next;
        if next.is_none() {
            bar.finish_and_clear();
            return Ok(());
        }
    }
}

/// The CSV file. Who the users are waits in a file without a name until it is known what becomes of them.
struct Rows {
    path: PathBuf,
    file: NamedTempFile,
    users: csv::Writer<BufWriter<File>>,
    usernames: bool,
}

impl Rows {
    fn new(path: &Path, usernames: bool) -> Answer<Self> {
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

    fn remember(&mut self, user: &ListedUser) -> Answer<()> {
        let sub = user.attribute("sub").unwrap_or_default();
        let name = match self.usernames {
            true => no_formula(&user.username),
            false => "".into(),
        };
        let written = self.users.write_record([sub, &name]);
        written.map_err(|error| cannot_write(&self.path, &error.into()))
    }

    /// Writes a line for each user who was remembered, and gives the file its name.
    fn write(self, users: impl Iterator<Item = Foreseen>) -> Answer<()> {
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

/// What becomes the file of this name once it is whole. It is readable by its owner only, and replaces no other.
pub(crate) fn new_file(path: &Path) -> Answer<NamedTempFile> {
    if path.exists() {
        let path = path.display();
        return Err(Problem::cannot(format!(
            "{path} exists: name another file, or remove it."
        )));
    }
    NamedTempFile::new_in(folder_of(path)).map_err(|error| cannot_write(path, &error))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

pub(crate) fn cannot_write(path: &Path, error: &io::Error) -> Problem {
    let reason = match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::NotFound => "its folder does not exist".to_owned(),
        _ => error.to_string(),
    };
    Problem::cannot(format!("{} cannot be written: {reason}.", path.display()))
}

fn for_people(counts: &Counts, from: &str, to: &str, plan: &Plan<'_>) -> String {
    let users = show::grouped(counts.users);
    let mut text = format!("{from} → {to}: {users} users\n\n");
    if counts.users == 0 {
        return text + "The source pool has no users.";
    }
    let mut table = show::table(["outcome", "sign-in", "reset", "what to do"]);
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
        let count = |counts: &BTreeMap<_, u64>| counts.get(outcome.as_str()).copied();
        let (sign_in, reset) = (count(&counts.sign_in), count(&counts.forgot_password));
        if sign_in.is_some() || reset.is_some() {
            table.add_row([
                outcome.as_str().into(),
                show::number(sign_in.unwrap_or_default()),
                show::number(reset.unwrap_or_default()),
                advice(outcome).into(),
            ]);
        }
    }
    text += &format!("{}\n\n", table.trim_fmt());
    if counts.findings.is_empty() {
        text += "Nothing else was found.\n";
    } else {
        let mut table = show::table(["finding", "users", "what it means and what to do"]);
        for finding in Finding::VARIANTS {
            if let Some(users) = counts.findings.get(finding.as_str()) {
                table.add_row([
                    finding.as_str().into(),
                    show::number(*users),
                    meaning(*finding).into(),
                ]);
            }
        }
        text += &format!("{}\n", table.trim_fmt());
    }
    for note in notes(plan) {
        text += &format!("\n{note}");
    }
    text
}

/// What an operator can do about an outcome.
pub(crate) fn advice(outcome: ForeseenOutcome) -> &'static str {
    let ForeseenOutcome::Rejected(reason) = outcome else {
        return match outcome {
            ForeseenOutcome::Migrated => "Nothing: these users move.",
            _ => "Look at the function's log: the source pool contradicts itself.",
        };
    };
    match reason {
        Reason::WrongCredentials | Reason::UserNotFound => {
            "The typed name means nobody, or somebody else: see the findings, and SRC_LOOKUP. With SRC_LOOKUP the address \
             must be verified."
        }
        Reason::AmbiguousUser => {
            "Several enabled users have the same sign-in name: disable or change all but one of them in the source pool."
        }
        Reason::UserDisabled => "Enable in the source pool whoever is to move.",
        Reason::NotConfirmed => {
            "They never confirmed their account: confirm them in the source pool, or let them sign up."
        }
        Reason::PasswordResetRequired => {
            "They have to reset the password; a reset moves them if ON_FORGOT_PASSWORD is migrate."
        }
        Reason::TemporaryPassword => {
            "They never set a password: set ON_TEMPORARY_PASSWORD to reset for sign-ins, or invite them anew."
        }
        Reason::MfaRefused => "They have a second factor that ON_MFA does not let through.",
        Reason::ExternalProvider => {
            "They have no password. Connect the identity provider to the destination pool: they come with it."
        }
        Reason::UnusableStatus => "Their status lets nobody in: look at them in the source pool.",
        Reason::NoVerifiedContact => {
            "No code of a reset reaches them: verify a contact of RESET_CONTACTS in the source pool."
        }
        Reason::ForgotPasswordOff => {
            "Set ON_FORGOT_PASSWORD to migrate if resets are to move users."
        }
        Reason::UnsupportedChallenge
        | Reason::SourceTriggerRefused
        | Reason::NoPassword
        | Reason::InvalidRequest
        | Reason::UnknownTrigger
        | Reason::AccountExists
        | Reason::MarkOfAnotherUser
        | Reason::BlockedByRisk => "See docs/operating.md.",
    }
}

/// What a finding means.
pub(crate) fn meaning(finding: Finding) -> &'static str {
    match finding {
        Finding::CaseOfName => {
            "The destination pool hands over names in lower case, and the source pool knows another spelling: set \
             SRC_LOOKUP, or rename them."
        }
        Finding::SameContact => {
            "Several users have proved the same address, and only one of them can have it: change it for the others."
        }
        Finding::Schema => {
            "The destination pool refuses an attribute, so Cognito cannot create them: see ATTRIBUTE_MAP, and the pool's \
             schema."
        }
        Finding::RequiredAttribute => {
            "An attribute that the destination pool requires is missing: set it in the source pool, or with \
             STATIC_ATTRIBUTES."
        }
        Finding::NoContact => {
            "They can sign in, but are locked out if they forget the password: no contact of RESET_CONTACTS is verified."
        }
        Finding::UnprovenCopy => {
            "They have not verified an address or number that the destination pool signs users in by, and its owner cannot \
             migrate after them: set UNVERIFIED_CONTACTS to drop."
        }
        Finding::NameRefused => {
            "The destination pool does not take the name that they type: see SRC_LOOKUP and DST_USERNAME."
        }
        Finding::AliasUnproven => {
            "The name that they type is an alias in the destination pool, and it signs in only once it is verified: verify it \
             in the source pool."
        }
        Finding::OtherName => {
            "They sign in to the source pool by several names, and not by all of them to the destination pool: tell them \
             which."
        }
        Finding::LinkedIdentity => {
            "They are linked to a user of an identity provider. The link is lost, and the provider's next sign-in makes a \
             second user."
        }
        Finding::PreferredUsername => {
            "The preferred user name is copied, and it is an alias of the destination pool: users can take a name that \
             another user has in the source pool."
        }
        Finding::TemporaryPasswordExpired => {
            "The temporary password has expired in the source pool, so no sign-in works: invite them anew."
        }
        Finding::FederatedTwin => {
            "Somebody who signs in through an identity provider has the same e-mail address: two accounts of one person, \
             perhaps."
        }
    }
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

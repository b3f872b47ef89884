//! What will happen to every user of the source pool.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, BufReader, BufWriter, Seek as _},
    path::{Path, PathBuf},
};

use comfy_table::Table;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use insight::{
    acceptance::{Refusal, UserResult},
    alternatives::alternatives,
    finding::Finding,
    plan::{Foreseen, ForeseenOutcome, Plan},
    survey::Survey,
    tally::{Obstacle, Tally},
};
use rules::{
    admission::OnMfa,
    evidence::{ListedUser, PoolMfa},
    outcome::Reason,
    settings::{AuthFlow, Settings},
};
use serde_json::{Map, Value, json};
use strum::VariantArray as _;
use tempfile::NamedTempFile;

use crate::{
    Told, arguments,
    aws::OperatorsPool,
    context::{BothPools, Context, Set, not_answered},
    problem::{Answer, Problem},
    show,
    spool::Spool,
};

/// What another choice would change.
struct OtherSettings {
    name: &'static str,
    value: &'static str,
    tally: Tally,
}

impl OtherSettings {
    /// What becomes of these users under each other choice.
    fn all(plan: &Plan<'_>, users: &mut Spool) -> Answer<Vec<Self>> {
        let mut all = vec![];
        for alternative in alternatives(plan.settings, plan.source.mfa) {
            let mut survey = Survey::new(Plan {
                settings: &alternative.settings,
                ..*plan
            });
            users.each(|user| survey.add(user))?;
            let mut tally = Tally::default();
            survey.users().for_each(|foreseen| tally.add(&foreseen));
            all.push(OtherSettings {
                name: alternative.name,
                value: alternative.value,
                tally,
            });
        }
        Ok(all)
    }

    fn json(&self) -> Value {
        let mut set = Map::new();
        set.insert(self.name.to_owned(), self.value.into());
        json!({"set": set, "result": self.tally.result})
    }

    /// The difference to the tally of the settings in force; `None` where there is none.
    fn for_people(&self, now: &Tally) -> Option<String> {
        let texts = [
            (UserResult::Moves, "move"),
            (UserResult::MovesAfterReset, "move after a reset"),
            (UserResult::Stays, "stay"),
            (UserResult::Refused(Refusal::Schema), "are refused"),
            (UserResult::LockedOut, "are locked out"),
        ];
        let mut changes = vec![];
        for (result, text) in texts {
            let (then, now) = (self.tally.with_result(result), now.with_result(result));
            if then != now {
                let word = if then > now { "more" } else { "fewer" };
                changes.push(format!(
                    "{} {word} {text}",
                    show::grouped(then.abs_diff(now))
                ));
            }
        }
        let changes = (!changes.is_empty()).then(|| changes.join(", "))?;
        Some(format!("{}={}: {changes}", self.name, self.value))
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
    let (from, to) = (source.pool.id(), destination.pool.id());
    let text = if context.is_for_programs() {
        show::json(&json!({
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
        for_people(&tally, &others, from, to, &plan) + note
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

fn for_people(
    tally: &Tally,
    others: &[OtherSettings],
    from: &str,
    to: &str,
    plan: &Plan<'_>,
) -> String {
    let users = show::grouped(tally.users);
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
        let mut table = show::table(["result", "users", "why", "what to do"]);
        for (obstacle, users) in obstacles {
            let (result, why, advice) = told(obstacle);
            table.add_row([
                result.into(),
                show::number(users),
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
        let mut table = show::table(["finding", "users", "what it means and what to do"]);
        for finding in Finding::VARIANTS {
            if let Some(users) = tally.findings.get(finding.as_str()) {
                table.add_row([
                    finding.as_str().into(),
                    show::number(*users),
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
        show::grouped(moves),
        show::grouped(tally.users),
        show::grouped(after_reset),
        show::grouped(others)
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
        let name = outcome.as_str();
        let sign_in = tally.sign_in.get(name).copied().unwrap_or_default();
        let reset = tally.forgot_password.get(name).copied().unwrap_or_default();
        if sign_in + reset > 0 {
            table.add_row([
                name.into(),
                show::number(sign_in),
                show::number(reset),
                advice(outcome).into(),
            ]);
        }
    }
    table
}

/// The result of users with this obstacle, why it is so, and what to do.
fn told(obstacle: Obstacle) -> (&'static str, &'static str, &'static str) {
    match obstacle {
        Obstacle::Rejected(reason) => (
            "stays",
            reason.as_str(),
            advice(ForeseenOutcome::Rejected(reason)),
        ),
        Obstacle::Failed => ("stays", "failed", advice(ForeseenOutcome::Failed)),
        Obstacle::LockedOut => (
            "locked_out",
            "the typed name is an alias there, and not verified",
            "Verify the address in the source pool, or let these users type their user name.",
        ),
        Obstacle::Refused(refusal) => ("refused", refusal.because(), mend(refusal)),
    }
}

/// What an operator can do about users whom the destination pool cannot create.
pub(crate) fn mend(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::NameForm => {
            "Set SRC_LOOKUP to email or phone_number: then these users sign in with the address itself."
        }
        Refusal::OtherAddress => {
            "Set SRC_LOOKUP to email or phone_number, or stop copying the other address (ATTRIBUTE_MAP)."
        }
        Refusal::NameChanged => "Set DST_USERNAME to none.",
        Refusal::NameIsAlias => "Set DST_USERNAME to sub, and SRC_LOOKUP to the alias.",
        Refusal::NameIsPreferred => "Map preferred_username to null in ATTRIBUTE_MAP.",
        Refusal::NameCharacters => "Set SRC_LOOKUP, so that these users type another name.",
        Refusal::Schema => "See ATTRIBUTE_MAP, and the schema of the destination pool.",
        Refusal::FlagWithoutContact => {
            "Copy the contact with its flag, or neither (ATTRIBUTE_MAP)."
        }
        Refusal::SmsMfa => {
            "Turn MFA on or make it optional in the destination pool, or change ON_MFA."
        }
    }
}

/// What an operator can do about an outcome.
pub(crate) fn advice(outcome: ForeseenOutcome) -> &'static str {
    let ForeseenOutcome::Rejected(reason) = outcome else {
        return match outcome {
            ForeseenOutcome::Migrated => "Nothing: the function migrates these users.",
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
             SRC_LOOKUP, or import them."
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
            "No code of a reset reaches them if they forget the password: no contact of RESET_CONTACTS is verified."
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

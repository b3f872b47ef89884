//! Who has not moved, in files from which Cognito imports users.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    hash::{BuildHasher as _, RandomState},
    io::{self, BufReader, BufWriter, Seek as _, Write as _},
    path::{Path, PathBuf},
};

use pools::operator::OperatorsPool;
use rules::{
    attributes::VERIFIED_FLAGS,
    checks::UserPoolDescription,
    evidence::ListedUser,
    forecast::Terms,
    import::{Filled, Form, Import, LeftOut, Row},
    mark,
};
use serde_json::json;
use tempfile::NamedTempFile;

use crate::{
    Told, arguments,
    context::{BothPools, Context, Set, not_answered, region_of},
    problem::{Answer, Problem},
    show,
    survey::{cannot_write, read_all},
};

const LEFT_OUT: &str = "left-out.csv";

pub async fn run(context: &Context, options: &arguments::Stragglers) -> Answer<Told> {
    let Set { settings, .. } = context.settings(&options.settings, &options.pools).await?;
    // Before anybody is asked: a long search must not end at a folder that cannot be written.
    let spool = Spool::new(&options.out)?;
    let BothPools {
        source,
        destination,
    } = context.both_pools(&settings, &options.pools.pool).await?;
    let matched = options.matched.as_deref();
    if let Some(attribute) = matched {
        check_attribute(attribute, destination.pool.id(), &destination.description)?;
    }
    let form = form_of(&destination.pool).await?;
    let Some(header) = form.header() else {
        let id = destination.pool.id();
        return Err(Problem::cannot(format!(
            "The columns that {id} asks of an import cannot be understood."
        )));
    };
    let mut moved = Moved::new(matched);
    let users = destination.description.users;
    read_all("the destination pool", &destination.pool, users, |user| {
        moved.add(user);
        Ok(())
    })
    .await?;
    let import = Import {
        terms: Terms {
            settings: &settings,
            source: &source.description,
            client: None,
            destination: &destination.description,
        },
        form: &form,
    };
    let mut search = Search::new(moved.sorted(), spool);
    read_all(
        "the source pool",
        &source.pool,
        source.description.users,
        |user| search.add(user, &import),
    )
    .await?;
    let found = search.write(&header)?;
    let (from, to) = (source.pool.id(), destination.pool.id());
    Ok(Told::good(match context.is_for_programs() {
        true => found.json(from, to),
        false => found.for_people(from, to, context.profile(), matched.is_some()),
    }))
}

/// An attribute of the destination pool that the operator names. A wrong name would make everybody look as if they had not
/// moved.
pub fn check_attribute(attribute: &str, id: &str, pool: &UserPoolDescription) -> Answer<()> {
    match pool.schema.iter().any(|known| known.name == attribute) {
        true => Ok(()),
        false => Err(Problem::usage(format!(
            "The destination pool {id} has no attribute {attribute}."
        ))),
    }
}

async fn form_of(pool: &OperatorsPool) -> Answer<Form> {
    let form = pool.import_form().await;
    let form = form.map_err(|failure| not_answered("the destination pool", pool.id(), &failure))?;
    match form.auto_verified.is_empty() {
        true => Err(Problem::cannot(format!(
            "The destination pool {} verifies neither e-mail addresses nor phone numbers by itself \
             (AutoVerifiedAttributes), so Cognito imports nobody into it.",
            pool.id()
        ))),
        false => Ok(form),
    }
}

/// Who is in the destination pool, as hashes: there can be millions.
struct Moved<'a> {
    attribute: Option<&'a str>,
    hasher: RandomState,
    /// The source `sub`s that the attribute holds.
    subs: Vec<u64>,
    /// Names and verified addresses in lower case.
    names: Vec<u64>,
    /// Addresses that nobody has proved, in lower case.
    unproven: Vec<u64>,
}

/// Why a user of the source pool counts as moved.
#[derive(Clone, Copy, PartialEq, Eq)]
enum MovedBy {
    /// Nothing but an address that the destination pool has not verified.
    UnverifiedAddress,
    /// The attribute, a name or a verified address.
    Other,
}

impl<'a> Moved<'a> {
    fn new(attribute: Option<&'a str>) -> Self {
        Moved {
            attribute,
            hasher: RandomState::new(),
            subs: vec![],
            names: vec![],
            unproven: vec![],
        }
    }

    fn add(&mut self, user: &ListedUser) {
        let value = self.attribute.and_then(|name| user.attribute(name));
        let sub = value.and_then(mark::source_sub);
        self.subs.extend(sub.map(|sub| self.hasher.hash_one(sub)));
        let names = [
            Some(user.username.as_str()),
            user.attribute("preferred_username"),
        ];
        for name in names.into_iter().flatten() {
            self.names.push(self.hash_of_name(name));
        }
        for (address, is_verified) in contacts_of(user) {
            let hash = self.hash_of_name(address);
            match is_verified {
                true => self.names.push(hash),
                false => self.unproven.push(hash),
            }
        }
    }

    fn sorted(mut self) -> Self {
        for hashes in [&mut self.subs, &mut self.names, &mut self.unproven] {
            hashes.sort_unstable();
            hashes.dedup();
        }
        self
    }

    /// Whether a user of the source pool is one of them, and what tells.
    fn has(&self, user: &ListedUser) -> Option<MovedBy> {
        let sub = user.attribute("sub");
        if self.attribute.is_some() {
            let hash = self.hasher.hash_one(sub?);
            return has(&self.subs, hash).then_some(MovedBy::Other);
        }
        let contacts = contacts_of(user).map(|(address, _)| address);
        // A migration may have made a user name of the `sub`.
        let names = contacts.chain([user.username.as_str()]).chain(sub);
        let hashes: Vec<_> = names.map(|name| self.hash_of_name(name)).collect();
        let any = |known: &[u64]| hashes.iter().any(|hash| has(known, *hash));
        if any(&self.names) {
            Some(MovedBy::Other)
        } else {
            any(&self.unproven).then_some(MovedBy::UnverifiedAddress)
        }
    }

    fn has_name(&self, name: &str) -> bool {
        let hash = self.hash_of_name(name);
        has(&self.names, hash) || has(&self.unproven, hash)
    }

    fn hash_of_name(&self, name: &str) -> u64 {
        self.hasher.hash_one(name.to_lowercase())
    }
}

/// The contacts of a user, and whether each is verified.
fn contacts_of(user: &ListedUser) -> impl Iterator<Item = (&str, bool)> {
    VERIFIED_FLAGS.into_iter().filter_map(|(contact, flag)| {
        let address = user
            .attribute(contact)
            .filter(|address| !address.is_empty())?;
        Some((address, user.attribute(flag) == Some("true")))
    })
}

fn has(sorted: &[u64], hash: u64) -> bool {
    sorted.binary_search(&hash).is_ok()
}

/// A search for those who have not moved. Their rows wait in a file without a name until it is known who shares a name.
struct Search<'a> {
    moved: Moved<'a>,
    spool: Spool,
    users: u64,
    has_moved: u64,
    by_unverified_address: u64,
    left_out: BTreeMap<LeftOut, u64>,
    /// The names of those who wait, as hashes.
    names: Vec<u64>,
}

impl<'a> Search<'a> {
    fn new(moved: Moved<'a>, spool: Spool) -> Self {
        Search {
            moved,
            spool,
            users: 0,
            has_moved: 0,
            by_unverified_address: 0,
            left_out: BTreeMap::new(),
            names: vec![],
        }
    }

    fn add(&mut self, user: &ListedUser, import: &Import<'_>) -> Answer<()> {
        self.users += 1;
        if let Some(by) = self.moved.has(user) {
            self.has_moved += 1;
            self.by_unverified_address += u64::from(by == MovedBy::UnverifiedAddress);
            return Ok(());
        }
        let is_taken = |row: &Row| row.names.iter().any(|name| self.moved.has_name(name));
        let row = match import.row(user) {
            Ok(row) if is_taken(&row) => Err(LeftOut::NameTaken),
            row => row,
        };
        let sub = user.attribute("sub").unwrap_or_default();
        let written = match row {
            Ok(row) => self.keep(sub, &row),
            Err(reason) => {
                *self.left_out.entry(reason).or_default() += 1;
                self.spool.left_out.write_record([sub, reason.as_str()])
            }
        };
        written.map_err(|error| cannot_write(&self.spool.folder, &error.into()))
    }

    fn keep(&mut self, sub: &str, row: &Row) -> csv::Result<()> {
        let hashes = row
            .names
            .iter()
            .map(|name| self.moved.hasher.hash_one(name));
        let hashes: Vec<_> = hashes.collect();
        self.names.extend(&hashes);
        let hashes: Vec<_> = hashes.iter().map(u64::to_string).collect();
        self.spool
            .rows
            .write_record([sub, &row.line, &hashes.join(" ")])
    }

    /// Writes the files, and gives them their names once all of them are whole.
    fn write(self, header: &str) -> Answer<Found> {
        let Search {
            spool:
                Spool {
                    folder,
                    rows,
                    mut left_out,
                },
            left_out: mut reasons,
            users,
            has_moved,
            by_unverified_address,
            mut names,
            ..
        } = self;
        names.sort_unstable();
        let is_shared = |hash: u64| {
            let first = names.partition_point(|known| *known < hash);
            names.get(first + 1) == Some(&hash)
        };
        let mut files = Files::new(&folder, header);
        let mut imported = 0;
        let write = || -> io::Result<()> {
            let mut rows = flushed(rows)?;
            rows.rewind()?;
            let mut rows = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(BufReader::new(rows));
            let mut row = csv::StringRecord::new();
            while rows.read_record(&mut row)? {
                let mut hashes = row[2].split(' ').filter_map(|hash| hash.parse().ok());
                if hashes.any(is_shared) {
                    *reasons.entry(LeftOut::SameName).or_default() += 1;
                    left_out.write_record([&row[0], LeftOut::SameName.as_str()])?;
                } else {
                    files.add(&row[1])?;
                    imported += 1;
                }
            }
            Ok(())
        };
        let files = write()
            .and_then(|()| Ok((files.finished()?, flushed(left_out)?)))
            .map_err(|error| cannot_write(&folder, &error));
        let (files, left_out) = files?;
        Ok(Found {
            users,
            has_moved,
            by_unverified_address,
            imported,
            left_out: reasons,
            files: named(&folder, files, left_out)?,
        })
    }
}

/// What is written while the source pool is read.
struct Spool {
    folder: PathBuf,
    /// `sub`, row and hashes of the names of whoever may be imported.
    rows: csv::Writer<BufWriter<File>>,
    left_out: csv::Writer<BufWriter<NamedTempFile>>,
}

impl Spool {
    fn new(folder: &Path) -> Answer<Self> {
        let cannot = |error: io::Error| cannot_write(folder, &error);
        let entries = fs::read_dir(folder).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                Problem::cannot(format!("The folder {} does not exist.", folder.display()))
            }
            _ => cannot(error),
        })?;
        for entry in entries {
            let name = entry.map_err(cannot)?.file_name();
            let name = name.to_string_lossy();
            if name == LEFT_OUT || name.starts_with("import-") && name.ends_with(".csv") {
                return Err(Problem::cannot(format!(
                    "{} holds {name} of an earlier run: name another folder, or remove it.",
                    folder.display()
                )));
            }
        }
        let rows = tempfile::tempfile_in(folder).map_err(cannot)?;
        let left_out = NamedTempFile::new_in(folder).map_err(cannot)?;
        let mut left_out = csv::Writer::from_writer(BufWriter::new(left_out));
        let written = left_out.write_record(["sub", "reason"]);
        written.map_err(|error| cannot(error.into()))?;
        Ok(Spool {
            folder: folder.to_owned(),
            rows: csv::Writer::from_writer(BufWriter::new(rows)),
            left_out,
        })
    }
}

fn flushed<W: io::Write>(writer: csv::Writer<BufWriter<W>>) -> io::Result<W> {
    let writer = writer.into_inner().map_err(|error| error.into_error())?;
    writer.into_inner().map_err(io::IntoInnerError::into_error)
}

/// The import files, as many as their limits demand. None has a name yet.
struct Files<'a> {
    folder: &'a Path,
    header: &'a str,
    full: Vec<NamedTempFile>,
    open: Option<(BufWriter<NamedTempFile>, Filled)>,
}

impl<'a> Files<'a> {
    fn new(folder: &'a Path, header: &'a str) -> Self {
        Files {
            folder,
            header,
            full: vec![],
            open: None,
        }
    }

    fn add(&mut self, line: &str) -> io::Result<()> {
        if let Some((file, filled)) = &mut self.open
            && filled.add(line)
        {
            return writeln!(file, "{line}");
        }
        self.close()?;
        let mut filled = Filled::with_header(self.header);
        filled.add(line);
        // Readable by its owner only.
        let mut file = BufWriter::new(NamedTempFile::new_in(self.folder)?);
        writeln!(file, "{}\n{line}", self.header)?;
        self.open = Some((file, filled));
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        if let Some((file, _)) = self.open.take() {
            let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            self.full.push(file);
        }
        Ok(())
    }

    fn finished(mut self) -> io::Result<Vec<NamedTempFile>> {
        self.close()?;
        Ok(self.full)
    }
}

/// Gives the files their names: all of them, or none. The paths are those of the import files.
fn named(
    folder: &Path,
    files: Vec<NamedTempFile>,
    left_out: NamedTempFile,
) -> Answer<Vec<PathBuf>> {
    let names = (1..).map(|number| format!("import-{number:03}.csv"));
    let files = files.into_iter().zip(names);
    let mut paths = vec![];
    for (file, name) in files.chain([(left_out, LEFT_OUT.to_owned())]) {
        let path = folder.join(name);
        if let Err(error) = file.persist_noclobber(&path) {
            for path in &paths {
                // What else could be done about a folder that takes no changes any more?
                let _ = fs::remove_file(path);
            }
            return Err(cannot_write(&path, &error.error));
        }
        paths.push(path);
    }
    paths.pop();
    Ok(paths)
}

/// What was found and written.
struct Found {
    users: u64,
    has_moved: u64,
    /// Of those who have moved: whom nothing but an address tells that the destination pool has not verified.
    by_unverified_address: u64,
    imported: u64,
    left_out: BTreeMap<LeftOut, u64>,
    files: Vec<PathBuf>,
}

impl Found {
    fn json(&self, from: &str, to: &str) -> String {
        let left_out = self.left_out.iter();
        let left_out: BTreeMap<_, _> = left_out
            .map(|(reason, users)| (reason.as_str(), users))
            .collect();
        let files: Vec<_> = self
            .files
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        show::json(&json!({
            "source_pool": from,
            "destination_pool": to,
            "users": self.users,
            "moved": self.has_moved,
            "moved_by_unverified_address": self.by_unverified_address,
            "import": self.imported,
            "left_out": left_out,
            "files": files,
        }))
    }

    fn for_people(&self, from: &str, to: &str, profile: Option<&str>, is_exact: bool) -> String {
        let mut table = show::table(["", "users", ""]);
        table.add_row(["moved".into(), show::number(self.has_moved), "".into()]);
        let files = match self.files.len() {
            0 => String::new(),
            1 => "in one file".to_owned(),
            files => format!("in {files} files"),
        };
        table.add_row([
            "to import".into(),
            show::number(self.imported),
            files.into(),
        ]);
        for (reason, users) in &self.left_out {
            table.add_row([
                reason.as_str().into(),
                show::number(*users),
                advice(*reason).into(),
            ]);
        }
        let users = show::grouped(self.users);
        let mut text = format!("{from} → {to}: {users} users\n\n{}\n", table.trim_fmt());
        if !is_exact {
            text += "\nWhoever shares an address or a name with a user of the destination pool counts as moved. --match \
                     ATTRIBUTE is surer where an attribute holds the source sub.\n";
        }
        if self.by_unverified_address > 0 {
            let users = show::grouped(self.by_unverified_address);
            text += &format!(
                "{users} of them by nothing but an address that the destination pool has not verified: whoever signed up \
                 with it may be somebody else. They are in no file.\n"
            );
        }
        if self.files.is_empty() {
            return text + "\nThere is nobody to import.";
        }
        text += "\nWhoever is imported exists in the destination pool. The source pool is not asked about them any more: the \
                 old password is dead, a second factor is lost, and each of them must reset the password. So import last.\n\
                 An import shows no mistake before it runs: try it with a few rows first.\n\n\
                 One job at a time; an upload address lives 15 minutes. ROLE_ARN is a role with which Cognito writes its log; \
                 the first command prints JOB_ID and ADDRESS. When describe-user-import-job says Succeeded, go on.\n";
        for path in &self.files {
            text += &commands(path, to, profile);
        }
        text
    }
}

/// The commands that start the import of a file.
fn commands(path: &Path, pool: &str, profile: Option<&str>) -> String {
    let job = path.file_stem().unwrap_or_default().to_string_lossy();
    let profile = profile.map(|name| format!(" --profile {}", quoted(name)));
    let end = format!(
        "--user-pool-id {pool} --region {}{}",
        region_of(pool),
        profile.unwrap_or_default()
    );
    let file = quoted(&path.display().to_string());
    format!(
        "\naws cognito-idp create-user-import-job --job-name {job} --cloud-watch-logs-role-arn ROLE_ARN \
         --query 'UserImportJob.[JobId,PreSignedUrl]' --output text {end}\n\
         curl --fail --upload-file {file} --header x-amz-server-side-encryption:aws:kms 'ADDRESS'\n\
         aws cognito-idp start-user-import-job --job-id JOB_ID {end}\n\
         aws cognito-idp describe-user-import-job --job-id JOB_ID {end}\n"
    )
}

/// A word that a shell takes as it is.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// What an operator can do about those who are left out.
fn advice(reason: LeftOut) -> &'static str {
    match reason {
        LeftOut::ExternalProvider => "They come with their identity provider.",
        LeftOut::UserDisabled => "Enable in the source pool whoever is to be imported.",
        LeftOut::NotConfirmed => "They never confirmed their account: let them sign up.",
        LeftOut::TemporaryPassword => {
            "They never set a password: set ON_TEMPORARY_PASSWORD to reset, or invite them anew."
        }
        LeftOut::UnusableStatus => "Look at them in the source pool.",
        LeftOut::NoVerifiedContact => {
            "Verify in the source pool a contact that the destination pool verifies by itself."
        }
        LeftOut::RequiredAttribute => {
            "Set what is missing in the source pool, or with STATIC_ATTRIBUTES."
        }
        LeftOut::Schema => "See ATTRIBUTE_MAP, and the schema of the destination pool.",
        LeftOut::NoUserName => {
            "See DST_USERNAME; a pool that signs people in by an address needs it."
        }
        LeftOut::BlankInUserName => "An import takes no blanks in a user name: see DST_USERNAME.",
        LeftOut::UserNameIsAlias => {
            "The destination pool refuses user names that look like its aliases: see DST_USERNAME."
        }
        LeftOut::UnwritableValue => {
            "A backslash, a quotation mark or a line break cannot be written safely: change the value, or drop the \
             attribute with ATTRIBUTE_MAP."
        }
        LeftOut::UnreadableDate => {
            "birthdate must be YYYY-MM-DD and updated_at seconds since 1970: change it, or drop it with ATTRIBUTE_MAP."
        }
        LeftOut::RowTooLong => "Drop attributes with ATTRIBUTE_MAP.",
        LeftOut::SameName => {
            "Several users have the same name or address: change it for all but one of them."
        }
        LeftOut::NameTaken => {
            "Somebody in the destination pool has the name or address: look who it is."
        }
    }
}

/// A reader of import files, written from AWS's guide.
#[cfg(test)]
#[path = "../tests/after/import_file.rs"]
mod import_file;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rules::{
        checks::Triggers,
        evidence::{PoolMfa, UserStatus},
        password::PasswordPolicy,
        schema::{DataType, SchemaAttribute},
        settings::Settings,
    };

    use super::*;

    const COLUMNS: [&str; 22] = [
        "name",
        "given_name",
        "family_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "email",
        "email_verified",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "phone_number",
        "phone_number_verified",
        "address",
        "updated_at",
        "custom:a",
        "cognito:mfa_enabled",
        "cognito:username",
    ];

    fn pool(schema: Vec<SchemaAttribute>) -> UserPoolDescription {
        UserPoolDescription {
            users: 0,
            triggers: Triggers::default(),
            schema,
            alias_attributes: vec![],
            username_attributes: vec![],
            case_sensitive: false,
            mfa: PoolMfa::Off,
            passwords: PasswordPolicy::default(),
            recovery: vec![],
        }
    }

    fn attribute(name: &str, data_type: DataType, required: bool) -> SchemaAttribute {
        SchemaAttribute {
            name: name.to_owned(),
            required,
            mutable: true,
            data_type,
            minimum: None,
            maximum: Some(2048),
        }
    }

    fn form() -> Form {
        Form {
            columns: COLUMNS.map(str::to_owned).to_vec(),
            auto_verified: vec!["email".to_owned()],
        }
    }

    fn settings() -> Settings {
        let settings = Settings::read_to_foresee(|name| {
            let value = match name {
                "SRC_USER_POOL_ID" => "eu-west-1_SourcePool",
                "ATTRIBUTE_MAP" => r#"{"custom:a": "custom:a"}"#,
                _ => return None,
            };
            Some(value.to_owned())
        });
        settings.expect("good settings")
    }

    fn user(number: usize, attributes: Vec<(&str, String)>) -> ListedUser {
        let mut all = vec![
            ("sub", format!("sub-{number}")),
            ("email", format!("u{number}@example.com")),
            ("email_verified", "true".to_owned()),
        ];
        all.extend(attributes);
        ListedUser {
            username: format!("u{number}"),
            enabled: true,
            status: UserStatus::Confirmed,
            attributes: all
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        }
    }

    /// Imports the users into a folder, and reads the files as AWS would: the users, and why the others are left out.
    fn imported(
        users: impl IntoIterator<Item = ListedUser>,
        required: &[&str],
        folder: &Path,
    ) -> (Vec<import_file::Users>, BTreeMap<LeftOut, u64>) {
        let settings = settings();
        let mut schema = vec![
            attribute("custom:a", DataType::String, false),
            attribute("name", DataType::String, false),
            attribute("updated_at", DataType::Number, false),
        ];
        for known in &mut schema {
            known.required = required.contains(&known.name.as_str());
            known.maximum = known
                .maximum
                .filter(|_| known.data_type == DataType::String);
        }
        let (source, destination) = (pool(vec![]), pool(schema));
        let form = form();
        let import = Import {
            terms: Terms {
                settings: &settings,
                source: &source,
                client: None,
                destination: &destination,
            },
            form: &form,
        };
        let mut search = Search::new(
            Moved::new(None).sorted(),
            Spool::new(folder).expect("a folder"),
        );
        for user in users {
            search.add(&user, &import).expect("room on the disk");
        }
        let header = form.header().expect("a header");
        let found = search.write(&header).expect("room on the disk");
        let demands = import_file::Pool {
            columns: &COLUMNS,
            auto_verified: &["email"],
            required,
        };
        let files = found.files.iter().map(|path| {
            let file = fs::read(path).expect("the file");
            import_file::read(&file, &demands).expect("a file that AWS takes")
        });
        let files: Vec<_> = files.collect();
        let rows: usize = files.iter().map(Vec::len).sum();
        assert_eq!(found.imported, rows as u64);
        (files, found.left_out)
    }

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("the folder");
        let mut names: Vec<_> = entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .into_string()
                    .expect("letters")
            })
            .collect();
        names.sort();
        names
    }

    #[test]
    fn more_rows_than_a_file_may_have_begin_another_one() {
        let folder = folder();
        let columns = ["cognito:username", "email", "email_verified"];
        let header = columns.join(",");
        let mut files = Files::new(folder.path(), &header);
        for number in 0..500_001 {
            let line = format!("u{number},a@b,true");
            files.add(&line).expect("room on the disk");
        }
        let files = files.finished().expect("room on the disk");
        let left_out = NamedTempFile::new_in(folder.path()).expect("a file");
        let paths = named(folder.path(), files, left_out).expect("free names");
        let pool = import_file::Pool {
            columns: &columns,
            auto_verified: &["email"],
            required: &[],
        };
        let read = |path| import_file::read(&fs::read(path).expect("the file"), &pool);
        let users: Vec<_> = paths
            .iter()
            .map(|path| read(path).expect("a file that AWS takes"))
            .collect();
        let lengths: Vec<_> = users.iter().map(Vec::len).collect();
        assert_eq!(lengths, [500_000, 1]);
        assert_eq!(users[1][0]["cognito:username"], "u500000");
        let all = ["import-001.csv", "import-002.csv", "left-out.csv"];
        assert_eq!(names(folder.path()), all);
    }

    #[test]
    fn more_bytes_than_a_file_may_have_begin_another_one() {
        let folder = folder();
        // Characters of several bytes: 100 MB are bytes.
        let long = |name: &'static str| (name, "ñ".repeat(1000));
        let users = (0..12_000).map(|number| {
            let names = ["name", "given_name", "family_name", "custom:a", "address"];
            user(number, names.map(long).to_vec())
        });
        let (files, left_out) = imported(users, &[], folder.path());
        assert_eq!((files.len(), left_out.len()), (2, 0));
        let first = fs::metadata(folder.path().join("import-001.csv")).expect("the file");
        assert!(
            (99_980_000..=100_000_000).contains(&first.len()),
            "{}",
            first.len()
        );
    }

    #[test]
    fn a_file_that_cannot_get_its_name_takes_the_others_with_it() {
        let folder = folder();
        let file = || NamedTempFile::new_in(folder.path()).expect("a file");
        // It came after the folder was looked at.
        fs::write(folder.path().join("import-002.csv"), "mine").expect("a file");
        let problem = named(folder.path(), vec![file(), file()], file()).expect_err("it exists");
        assert!(
            problem
                .to_string()
                .contains("import-002.csv cannot be written"),
            "{problem}"
        );
        assert_eq!(names(folder.path()), ["import-002.csv"]);
    }

    /// Texts with everything that means something in some table of values.
    fn texts() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            6 => "[a-zñ漢🦀 ]{0,6}",
            3 => Just(",".to_owned()),
            1 => proptest::sample::select(vec![
                "\\", "\\,", "\"", "\"\"", "\n", "\r\n", "\t", "\0", "\u{85}", "\u{2028}", "\u{feff}", "'", "=1+1",
                "\u{a0}", " ", ",,", "#", ";",
            ]).prop_map(str::to_owned),
        ];
        proptest::collection::vec(part, 0..4).prop_map(|parts| parts.concat())
    }

    fn days() -> impl Strategy<Value = String> {
        prop_oneof![
            (0..2100, 0..14, 0..33)
                .prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}")),
            proptest::sample::select(vec![
                "2000-02-29",
                "1900-02-29",
                "2024-2-29",
                "02/29/2024",
                "+985-02-01",
                "1985-02-01 ",
                "",
                "٢٠٢٤-01-01",
            ])
            .prop_map(str::to_owned),
        ]
    }

    fn times() -> impl Strategy<Value = String> {
        let odd = vec![
            "1471453471",
            "1471453471000",
            "-1",
            "+1",
            "1.5",
            "",
            "yesterday",
        ];
        proptest::sample::select(odd).prop_map(str::to_owned)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn aws_reads_what_was_meant_or_there_is_no_row(
            people in proptest::collection::vec((texts(), texts(), texts(), texts(), days(), times()), 1..12),
        ) {
            let folder = folder();
            let users = people.iter().enumerate().map(|(number, (name, a, address, typed, born, updated))| {
                let attributes = [("name", name), ("custom:a", a), ("address", address), ("birthdate", born), ("updated_at", updated)];
                let attributes = attributes.map(|(name, value)| (name, value.clone())).to_vec();
                ListedUser { username: format!("u{number}{typed}"), ..user(number, attributes) }
            });
            let users: Vec<_> = users.collect();
            let (files, left_out) = imported(users.clone(), &["name"], folder.path());
            let rows: BTreeMap<_, _> = files.iter().flatten().map(|row| (row["email"].clone(), row)).collect();
            let without: u64 = left_out.values().sum();
            prop_assert_eq!(rows.len() as u64 + without, users.len() as u64);
            for user in &users {
                let held = |name: &str| user.attribute(name).unwrap_or_default().trim();
                let email = held("email").to_owned();
                let doubtful = |c: char| c.is_control() || "\\\"\u{2028}\u{feff}".contains(c);
                let day = held("birthdate");
                let parts: Vec<_> = day.split('-').collect();
                let us_day = match parts[..] {
                    [year, month, day] => format!("{month}/{day}/{year}"),
                    _ => String::new(),
                };
                match rows.get(&email) {
                    Some(row) => {
                        prop_assert_eq!(&row["cognito:username"], &user.username.to_lowercase());
                        for name in ["name", "custom:a", "address", "updated_at"] {
                            prop_assert_eq!(&row[name], held(name));
                        }
                        prop_assert_eq!(&row["birthdate"], &us_day);
                        prop_assert_eq!(&row["email_verified"], "true");
                    }
                    None => {
                        let values = ["name", "custom:a", "address"].map(held);
                        let is_left_out_rightly = values.iter().any(|value| value.contains(doubtful))
                            || user.username.contains(doubtful)
                            || user.username.contains(char::is_whitespace)
                            || held("name").is_empty()
                            || !day.is_empty()
                            || !matches!(held("updated_at"), "" | "1471453471");
                        prop_assert!(is_left_out_rightly, "{:?}", user);
                    }
                }
            }
        }
    }
}

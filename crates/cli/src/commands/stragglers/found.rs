//! The answer of `stragglers`: the counts and the files, as a table and as JSON.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use insight::import::LeftOut;
use serde_json::json;

use crate::{context::region_of, output};

/// The counts and the written files.
pub(super) struct FoundStragglers {
    pub(super) users: u64,
    pub(super) has_moved: u64,
    /// The moved users who are recognised only by an address that the destination pool has not verified.
    pub(super) by_unverified_address: u64,
    pub(super) imported: u64,
    /// Whether attributes stay behind whose values cannot be written.
    pub(super) leaves_unwritable_behind: bool,
    /// Users who are imported only if such attributes stay behind.
    pub(super) without_unwritable: u64,
    pub(super) left_out: BTreeMap<LeftOut, u64>,
    pub(super) files: Vec<PathBuf>,
}

impl FoundStragglers {
    pub(super) fn json(&self, from: &str, to: &str) -> String {
        let left_out = self.left_out.iter();
        let left_out: BTreeMap<_, _> = left_out
            .map(|(reason, users)| (reason.as_str(), users))
            .collect();
        let files: Vec<_> = self
            .files
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        output::json(&json!({
            "source_pool": from,
            "destination_pool": to,
            "users": self.users,
            "moved": self.has_moved,
            "moved_by_unverified_address": self.by_unverified_address,
            "import": self.imported,
            "without_unwritable": self.without_unwritable,
            "left_out": left_out,
            "files": files,
        }))
    }

    pub(super) fn for_people(
        &self,
        from: &str,
        to: &str,
        profile: Option<&str>,
        is_exact: bool,
    ) -> String {
        let mut table = output::table(["", "users", ""]);
        table.add_row(["moved".into(), output::number(self.has_moved), "".into()]);
        let files = match self.files.len() {
            0 => String::new(),
            1 => "in one file".to_owned(),
            files => format!("in {files} files"),
        };
        table.add_row([
            "to import".into(),
            output::number(self.imported),
            files.into(),
        ]);
        if self.leaves_unwritable_behind {
            table.add_row([
                "without an attribute".into(),
                output::number(self.without_unwritable),
                "Of those to import. left-behind.csv names the attributes.".into(),
            ]);
        }
        for (reason, users) in &self.left_out {
            let advice = match reason {
                LeftOut::UnwritableValue => self.advice_for_unwritable(),
                _ => advice(*reason).to_owned(),
            };
            table.add_row([
                reason.as_str().into(),
                output::number(*users),
                advice.into(),
            ]);
        }
        let users = output::grouped(self.users);
        let mut text = format!("{from} → {to}: {users} users\n\n{}\n", table.trim_fmt());
        if !is_exact {
            text += "\nA user who shares an address or a name with a user of the destination pool counts as moved. --match \
                     ATTRIBUTE is more reliable where an attribute holds the source sub.\n";
        }
        if self.by_unverified_address > 0 {
            let users = output::grouped(self.by_unverified_address);
            text += &format!(
                "{users} of them only by an address that the destination pool has not verified: a \
                 stranger may have signed up with it. They are in no file.\n"
            );
        }
        if self.files.is_empty() {
            return text + "\nThere is no user to import.";
        }
        text += "\nImported users exist in the destination pool. The source pool is not asked about them any more: the \
                 old password is dead, a second factor is lost, and each of them must reset the password. So import last.\n\
                 An import shows no mistake before it runs: try it with a few rows first.\n\n\
                 One job at a time; an upload address lives 15 minutes. ROLE_ARN is a role with which Cognito writes its log; \
                 the first command prints JOB_ID and ADDRESS. When describe-user-import-job says Succeeded, go on.\n";
        for path in &self.files {
            text += &commands(path, to, profile);
        }
        text
    }

    fn advice_for_unwritable(&self) -> String {
        let advice = advice(LeftOut::UnwritableValue);
        match self.leaves_unwritable_behind {
            true => format!("{advice} The destination pool needs it of these users."),
            false => {
                let users = output::grouped(self.without_unwritable);
                format!(
                    "{advice} --without-unwritable leaves it behind, and brings in {users} of these users."
                )
            }
        }
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

/// The text as one word of a shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// The advice for users who are left out.
fn advice(reason: LeftOut) -> &'static str {
    match reason {
        LeftOut::ExternalProvider => "They come with their identity provider.",
        LeftOut::UserDisabled => "Enable in the source pool the users to import.",
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
            "A user of the destination pool has the name or address: compare the two users."
        }
    }
}

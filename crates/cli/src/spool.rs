//! Users of a pool in a temporary file, so that one reading serves several surveys.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, BufWriter, Seek as _, Write as _},
};

use rules::evidence::{Identity, ListedUser, UserStatus};

use crate::problem::{CommandResult, Problem};

/// Users in the order in which they were added. The file has no name and disappears with the program.
pub(crate) struct Spool(BufWriter<File>);

/// A user as a line of the file.
type Line = (String, bool, String, Option<i64>, Vec<(String, String)>);

impl Spool {
    /// A spool without users, in the folder for temporary files.
    pub(crate) fn new() -> CommandResult<Self> {
        match tempfile::tempfile() {
            Ok(file) => Ok(Spool(BufWriter::new(file))),
            Err(error) => Err(not_kept(&error)),
        }
    }

    /// Keeps a user.
    pub(crate) fn add(&mut self, user: &ListedUser) -> CommandResult<()> {
        let line = (
            &user.identity.username,
            user.enabled,
            user.status.as_str(),
            user.last_modified,
            &user.identity.attributes,
        );
        serde_json::to_writer(&mut self.0, &line)
            .map_err(io::Error::from)
            .and_then(|()| self.0.write_all(b"\n"))
            .map_err(|error| not_kept(&error))
    }

    /// Gives each user to `look`.
    pub(crate) fn each(&mut self, mut look: impl FnMut(&ListedUser)) -> CommandResult<()> {
        self.read(&mut look).map_err(|error| not_kept(&error))
    }

    fn read(&mut self, look: &mut impl FnMut(&ListedUser)) -> io::Result<()> {
        self.0.flush()?;
        let file = self.0.get_mut();
        file.rewind()?;
        for line in BufReader::new(&*file).lines() {
            let (username, enabled, status, last_modified, attributes): Line =
                serde_json::from_str(&line?)?;
            look(&ListedUser {
                identity: Identity {
                    username,
                    attributes,
                },
                enabled,
                status: UserStatus::named(&status),
                last_modified,
            });
        }
        Ok(())
    }
}

/// The problem for an error. Its text holds nothing of users.
fn not_kept(error: &io::Error) -> Problem {
    Problem::cannot(format!(
        "Users cannot be kept in a temporary file: {}.",
        error.kind()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_come_back_as_they_were_and_as_often_as_wanted() {
        let user = |username: &str, status| ListedUser {
            identity: Identity {
                username: username.to_owned(),
                attributes: vec![("email".to_owned(), "a\n\"b\u{2028}".to_owned())],
            },
            enabled: username == "ana",
            status,
            last_modified: (username == "ana").then_some(1_471_453_471),
        };
        let users = [
            user("ana", UserStatus::Confirmed),
            user("bo\u{1f600}", UserStatus::ResetRequired),
        ];
        let mut spool = Spool::new().unwrap();
        for user in &users {
            spool.add(user).unwrap();
        }
        for _ in 0..2 {
            let mut found = vec![];
            spool.each(|user| found.push(user.clone())).unwrap();
            assert_eq!(found, users);
        }
    }
}

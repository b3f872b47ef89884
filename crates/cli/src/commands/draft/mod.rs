//! `draft`: writes a folder of Terraform files for the destination pool, the function and its monitoring.

mod folder;
pub(crate) mod hcl;
mod module_source;
mod render;
mod source;

use insight::{
    draft::{GroupBlueprint, Note, Planned, Unfit, Wish, client_of, notes_on_client, planned},
    proposal::{Proposal, SourceRole, TwoPools, proposal},
};
use rules::{pool::UserPoolDescription, settings::Settings};
use serde_json::json;

use crate::{
    arguments,
    context::{Context, must_be_two, not_answered, region_of},
    output::{self, Output},
    planned as planned_file,
    problem::{CommandResult, Problem},
};
use folder::{File, Folder};
use module_source::ModuleSource;
use render::{ExistingPool, MigrationConfiguration, Noted, code};
use source::DraftedSource;

/// A draft that is about to be written.
struct Draft {
    files: Vec<File>,
    commands: Vec<String>,
    notes: usize,
}

pub(crate) async fn run(
    context: &Context,
    options: &arguments::DraftOptions,
) -> CommandResult<Output> {
    let folder = Folder::new(&options.out)?;
    let modules = ModuleSource::read(options.module_source.as_deref())?;
    let source_id = &options.source_pool;
    check_names(options)?;
    if let Some(pool) = &options.pool {
        must_be_two(source_id, pool)?;
    }
    let region = context.source_region(source_id);
    let pool = context.source_account(region).await.pool(source_id, region);
    let source = DraftedSource::read(&pool).await?;
    let external_id = random_id()?;
    let role = options.source_role.as_deref().map(|arn| SourceRole {
        arn,
        external_id: &external_id,
    });
    let writing = Writing {
        options,
        source: &source,
        source_region: (region != region_of(source_id)).then_some(region),
        role,
        modules: &modules,
        folder: folder.shown(),
    };
    let draft = match &options.pool {
        None => writing.new_pool()?,
        Some(id) => {
            let pool = context.destination_pool(id).await;
            let what = "the destination pool";
            let description = pool.description().await;
            let description = description.map_err(|failure| not_answered(what, id, &failure))?;
            let groups = pool.groups().await;
            let groups = groups.map_err(|failure| not_answered(what, id, &failure))?;
            writing.existing_pool(id, &description, &groups)?
        }
    };
    folder.write(&draft.files)?;
    Ok(Output::good(told(context, options, &draft)))
}

fn told(context: &Context, options: &arguments::DraftOptions, draft: &Draft) -> String {
    let names: Vec<_> = draft.files.iter().map(|file| file.name).collect();
    let out = options.out.display();
    if context.is_for_programs() {
        return output::json(&json!({
            "folder": out.to_string(),
            "files": names,
            "notes": draft.notes,
            "next": draft.commands,
        }));
    }
    format!(
        "{out} holds {}. NOTES.md says what is not carried over. Then:\n\n  {}",
        names.join(", "),
        draft.commands.join("\n  ")
    )
}

/// Refuses a role that no setting takes, before any call.
fn check_names(options: &arguments::DraftOptions) -> CommandResult<()> {
    let read = Settings::read_to_foresee(|name| match name {
        "SRC_USER_POOL_ID" => Some(options.source_pool.clone()),
        "SRC_ROLE_ARN" => options.source_role.clone(),
        _ => None,
    });
    Ok(read.map(drop)?)
}

/// An external id that no stranger guesses.
fn random_id() -> CommandResult<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|_| Problem::cannot("The operating system gives no random numbers."))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The input of a draft.
struct Writing<'a> {
    options: &'a arguments::DraftOptions,
    source: &'a DraftedSource,
    source_region: Option<&'a str>,
    role: Option<SourceRole<'a>>,
    modules: &'a ModuleSource,
    /// The folder as a command names it.
    folder: String,
}

impl Writing<'_> {
    fn new_pool(&self) -> CommandResult<Draft> {
        let source = self.source;
        let wish = Wish {
            sign_in: self.options.sign_in,
            case_sensitive: self.options.case_sensitive,
            other_account: self.role.is_some(),
        };
        let planned = planned(&source.pool, wish).map_err(|unfit| cannot_be_made(&unfit))?;
        let clients: Vec<_> = source
            .clients
            .iter()
            .map(|(_, client)| client_of(client, &planned))
            .collect();
        let groups: Vec<_> = source
            .groups
            .iter()
            .map(|group| group.name.clone())
            .collect();
        let description = planned.blueprint.description();
        let proposal = self.proposal(&description, &groups, Some(&planned));
        let guards_sign_ups = !planned.blueprint.sign_up.only_by_admins;
        let has_steps = proposal.value("MIGRATION_MARK").is_some();
        let id = &self.options.source_pool;
        let mut files = vec![
            File::new(
                "destination_pool.tf",
                render::destination_pool(id, &planned, guards_sign_ups, has_steps),
            ),
            File::new(
                "app_clients.tf",
                render::app_clients(&clients, &source.servers),
            ),
        ];
        if !source.groups.is_empty() {
            files.push(File::new("groups.tf", render::groups(&source.groups)));
        }
        if !source.servers.is_empty() {
            files.push(File::new(
                "resource_servers.tf",
                render::resource_servers(&source.servers),
            ));
        }
        files.push(File::new(
            planned_file::FILE,
            planned_file::text(&planned).map_err(askama::Error::custom),
        ));
        let mut noted = vec![Noted {
            on: None,
            notes: planned
                .notes
                .iter()
                .chain(&source.unread)
                .cloned()
                .collect(),
        }];
        noted.extend(
            source
                .clients
                .iter()
                .zip(&clients)
                .map(|((_, before), after)| Noted {
                    on: Some(format!("App client {}", code(&before.name))),
                    notes: notes_on_client(before, after),
                }),
        );
        noted.extend(source.groups.iter().map(|group| Noted {
            on: Some(format!("Group {}", code(&group.name))),
            notes: notes_on_group(group),
        }));
        self.completed(files, &proposal, &noted, None, guards_sign_ups)
    }

    fn existing_pool(
        &self,
        id: &str,
        description: &UserPoolDescription,
        groups: &[String],
    ) -> CommandResult<Draft> {
        let proposal = self.proposal(description, groups, None);
        let existing = ExistingPool {
            id,
            region: region_of(id),
        };
        self.completed(vec![], &proposal, &[], Some(existing), false)
    }

    fn proposal(
        &self,
        destination: &UserPoolDescription,
        destination_groups: &[String],
        planned: Option<&Planned>,
    ) -> Proposal {
        let source = self.source;
        let clients: Vec<_> = source
            .clients
            .iter()
            .map(|(client, _)| client.clone())
            .collect();
        let groups: Vec<_> = source
            .groups
            .iter()
            .map(|group| group.name.clone())
            .collect();
        proposal(&TwoPools {
            source_id: &self.options.source_pool,
            source_region: self.source_region,
            source_role: self.role,
            source: &source.description,
            clients: &clients,
            source_groups: &groups,
            destination,
            destination_groups,
            made_mark: planned.map(|planned| planned.mark.as_str()),
            made_legacy_sub: planned.map(|planned| planned.legacy_sub.as_str()),
        })
    }

    fn completed(
        &self,
        mut files: Vec<File>,
        proposal: &Proposal,
        noted: &[Noted],
        existing: Option<ExistingPool>,
        guards_sign_ups: bool,
    ) -> CommandResult<Draft> {
        let id = &self.options.source_pool;
        let in_other_account = self.role.is_some();
        let to = existing
            .as_ref()
            .map_or("a new pool", |pool| pool.id)
            .to_owned();
        let (commands, steps) = self.next(existing.as_ref(), proposal);
        let is_new = existing.is_none();
        let migration = render::migration(
            &MigrationConfiguration {
                source_id: id,
                modules: self.modules,
                existing,
                guards_sign_ups,
                asks_for_client: proposal.makes_client && in_other_account,
            },
            &proposal.settings,
        );
        let client = proposal
            .makes_client
            .then(|| render::source_client(id, in_other_account));
        let migration = match client {
            None => migration,
            Some(client) if in_other_account => {
                files.push(File::new("source-account/source_client.tf", client));
                migration
            }
            Some(client) if is_new => {
                files.push(File::new("source_client.tf", client));
                migration
            }
            Some(client) => migration.and_then(|text| Ok(format!("{text}\n{}", client?))),
        };
        files.push(File::new("migration.tf", migration));
        files.push(File::new(
            "settings.env",
            render::environment(&proposal.settings),
        ));
        files.push(File::new(
            "NOTES.md",
            render::notes(id, &to, &commands, &steps, noted),
        ));
        Ok(Draft {
            files,
            commands,
            notes: noted.iter().map(|noted| noted.notes.len()).sum(),
        })
    }

    /// The next commands and other tasks.
    fn next(
        &self,
        existing: Option<&ExistingPool>,
        proposal: &Proposal,
    ) -> (Vec<String>, Vec<String>) {
        let (id, folder) = (&self.options.source_pool, &self.folder);
        let output = |name: &str| format!("\"$(terraform -chdir={folder} output -raw {name})\"");
        let (planned, pool) = match existing {
            None => (format!("--planned {folder}"), output("user_pool_id")),
            Some(pool) => (format!("--pool {}", pool.id), pool.id.to_owned()),
        };
        let commands = vec![
            format!(
                "cognito-migration survey --source-pool {id} {planned} --settings {folder}/settings.env"
            ),
            format!("terraform -chdir={folder} init && terraform -chdir={folder} apply"),
            format!(
                "cognito-migration preflight --function {} --pool {pool}",
                output("function_arn")
            ),
        ];
        let mut steps = vec!["Read `migration.tf`: it says why each setting has its value, and which are decisions of yours.".to_owned()];
        if self.modules.lacks_owner() {
            steps.push("Put the owner of the repository in the place of `OWNER` in `migration.tf`. Or draft again with `--module-source`.".to_owned());
        }
        if self.modules.takes_zip() {
            steps.push(
                "Put the function's zip beside `migration.tf`, under the name that stands there."
                    .to_owned(),
            );
        }
        if existing.is_some() {
            steps.push("Set the triggers of the destination pool to the output `function_arn`: `user_migration`, and with a mark `post_authentication`.".to_owned());
        }
        if self.role.is_some() {
            steps.push("The source pool is in another account. Make the role there that `src_role_arn` names, with `terraform/modules/source-access-role`.".to_owned());
        }
        if proposal.makes_client {
            steps.push(match self.role {
                Some(_) => "No app client of the source pool fits. `source-account/source_client.tf` makes one: apply it in the account of the source pool, and give its output to `src_client_id` and `settings.env`.",
                None => "No app client of the source pool fits, so one is made for the function. After the apply put its id, the output `source_client_id`, into `settings.env`.",
            }.to_owned());
        }
        (commands, steps)
    }
}

/// The notes on the parts of a group that are not carried over.
fn notes_on_group(group: &GroupBlueprint) -> Vec<Note> {
    let mut notes = vec![];
    if let Some(arn) = &group.role_arn {
        let text = format!(
            "Its members have the role {}. Set it where an identity pool needs it.",
            code(arn)
        );
        notes.push(Note::left_behind("RoleArn", text));
    }
    if group.precedence == Some(0) {
        let text =
            "It is 0, which Terraform's provider does not send. Set it by hand after the apply.";
        notes.push(Note::left_behind("Precedence", text));
    }
    notes
}

/// The problem that prevents a new pool.
fn cannot_be_made(unfit: &Unfit) -> Problem {
    Problem::cannot(match unfit {
        Unfit::Attribute(name) => format!(
            "Terraform cannot express the attribute {name} of the source pool: it is no String, Number, Boolean or DateTime. Make \
             the new pool by hand, and draft with --pool ID."
        ),
        Unfit::TooManyAttributes(count) => format!(
            "The source pool has {count} attributes to carry over, and a migration needs 2 more: a pool has at most 50. Make the \
             new pool by hand without some of them, and draft with --pool ID."
        ),
        Unfit::NoTextMessages => {
            "Users of the new pool cannot sign in by phone number: it could send no text message that verifies one, because the \
             source pool sends none or is in another account. Choose another --sign-in."
                .to_owned()
        }
        Unfit::NoSecondFactor => {
            "The source pool demands a second factor, and none that Terraform can write is left: neither an authenticator app nor \
             text messages. Make the new pool by hand, and draft with --pool ID."
                .to_owned()
        }
    })
}

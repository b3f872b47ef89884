//! The files of a draft, made from templates.

use askama::Template;
use insight::{
    draft::{
        ClientBlueprint, GroupBlueprint, Kind, Note, Planned, PoolBlueprint, ResourceServer,
        Rotation, Validity,
    },
    proposal::{Setting, Value},
};
use rules::{evidence::PoolMfa, pool::SchemaAttribute};

use super::{
    hcl::{self, formatted, label, quoted},
    module_source::ModuleSource,
};
use crate::planned;

/// A file that could not be made from its template.
pub(super) type Rendered = Result<String, askama::Error>;

#[derive(Template)]
#[template(path = "destination_pool.tf")]
struct DestinationPool<'a> {
    source_id: &'a str,
    pool: &'a PoolBlueprint,
    attributes: Vec<Attribute<'a>>,
    guards_sign_ups: bool,
    has_steps: bool,
}

/// An attribute as Terraform names it.
struct Attribute<'a> {
    name: &'a str,
    data_type: &'static str,
    developer_only: bool,
    mutable: bool,
    required: bool,
    minimum: String,
    maximum: String,
    reason: Option<&'static str>,
}

impl DestinationPool<'_> {
    fn list(&self, names: &[String]) -> String {
        hcl::list(names)
    }

    fn mfa(&self) -> &'static str {
        planned::mfa(self.pool.mfa.demanded)
    }

    fn sms_message(&self) -> Option<&String> {
        let mfa = &self.pool.mfa;
        mfa.sms_message
            .as_ref()
            .filter(|_| mfa.sms && mfa.demanded != PoolMfa::Off)
    }
}

pub(super) fn destination_pool(
    source_id: &str,
    planned: &Planned,
    guards_sign_ups: bool,
    has_steps: bool,
) -> Rendered {
    let attribute = |attribute: &'_ SchemaAttribute| -> (String, bool) {
        let name = attribute.name.as_str();
        let own = name.trim_start_matches("dev:");
        (own.trim_start_matches("custom:").to_owned(), own != name)
    };
    let named: Vec<_> = planned
        .named_attributes
        .iter()
        .map(|known| (known, attribute(known)))
        .collect();
    let limit = |limit: Option<i128>| limit.map(|limit| limit.to_string()).unwrap_or_default();
    let attributes = named
        .iter()
        .map(|(known, (name, developer_only))| Attribute {
            name,
            data_type: planned::data_type(known.data_type),
            developer_only: *developer_only,
            mutable: known.mutable,
            required: known.required,
            minimum: limit(known.minimum),
            maximum: limit(known.maximum),
            reason: match &known.name {
                name if *name == planned.mark => Some("The mark of a migration."),
                name if *name == planned.legacy_sub => {
                    Some("The sub of the user in the source pool.")
                }
                _ => None,
            },
        });
    let file = DestinationPool {
        source_id,
        pool: &planned.blueprint,
        attributes: attributes.collect(),
        guards_sign_ups,
        has_steps,
    };
    Ok(formatted(&file.render()?))
}

#[derive(Template)]
#[template(path = "app_clients.tf")]
struct AppClients<'a> {
    clients: Vec<AppClient<'a>>,
}

struct AppClient<'a> {
    label: String,
    client: &'a ClientBlueprint,
    /// The labels of the resource servers whose scopes it names.
    servers: Vec<&'a str>,
}

impl AppClients<'_> {
    fn list(&self, names: &[String]) -> String {
        hcl::list(names)
    }

    fn optional_list(&self, names: &Option<Vec<String>>) -> String {
        hcl::list(names.as_deref().unwrap_or_default())
    }

    fn number(&self, validity: &Validity) -> i32 {
        validity.number.unwrap_or_default()
    }

    fn unit<'b>(&self, validity: &'b Validity) -> &'b str {
        validity.unit.as_deref().unwrap_or_default()
    }

    fn feature(&self, rotation: &Rotation) -> &'static str {
        match rotation.is_on {
            true => "ENABLED",
            false => "DISABLED",
        }
    }
}

/// Things with a label each.
fn labelled<'a, T>(
    things: &'a [T],
    name: impl Fn(&T) -> &str,
    fallback: &str,
) -> Vec<(String, &'a T)> {
    let mut labels = vec![];
    let mut labelled = vec![];
    for thing in things {
        let label = label(name(thing), fallback, &labels);
        labels.push(label.clone());
        labelled.push((label, thing));
    }
    labelled
}

pub(super) fn app_clients(clients: &[ClientBlueprint], servers: &[ResourceServer]) -> Rendered {
    let servers = labelled(servers, |server| &server.name, "server");
    let named_by = |client: &ClientBlueprint| {
        let names = |server: &ResourceServer| {
            let start = format!("{}/", server.identifier);
            client
                .oauth_scopes
                .iter()
                .any(|scope| scope.starts_with(&start))
        };
        let named = servers.iter().filter(|(_, server)| names(server));
        named.map(|(label, _)| label.as_str()).collect()
    };
    let clients = labelled(clients, |client| &client.name, "client");
    let clients = clients.into_iter().map(|(label, client)| AppClient {
        label,
        client,
        servers: named_by(client),
    });
    let file = AppClients {
        clients: clients.collect(),
    };
    Ok(formatted(&file.render()?))
}

#[derive(Template)]
#[template(path = "groups.tf")]
struct Groups<'a> {
    groups: Vec<Group<'a>>,
}

struct Group<'a> {
    label: String,
    group: &'a GroupBlueprint,
}

pub(super) fn groups(groups: &[GroupBlueprint]) -> Rendered {
    let groups = labelled(groups, |group| &group.name, "group");
    let groups = groups
        .into_iter()
        .map(|(label, group)| Group { label, group });
    let file = Groups {
        groups: groups.collect(),
    };
    Ok(formatted(&file.render()?))
}

#[derive(Template)]
#[template(path = "resource_servers.tf")]
struct ResourceServers<'a> {
    servers: Vec<Server<'a>>,
}

struct Server<'a> {
    label: String,
    server: &'a ResourceServer,
}

pub(super) fn resource_servers(servers: &[ResourceServer]) -> Rendered {
    let servers = labelled(servers, |server| &server.name, "server");
    let servers = servers
        .into_iter()
        .map(|(label, server)| Server { label, server });
    let file = ResourceServers {
        servers: servers.collect(),
    };
    Ok(formatted(&file.render()?))
}

#[derive(Template)]
#[template(path = "source_client.tf")]
struct SourceClient<'a> {
    source_id: &'a str,
    has_versions: bool,
}

/// `has_versions` where the file stands alone in its folder.
pub(super) fn source_client(source_id: &str, has_versions: bool) -> Rendered {
    let file = SourceClient {
        source_id,
        has_versions,
    };
    Ok(formatted(&file.render()?))
}

/// A destination pool that exists already.
pub(super) struct ExistingPool<'a> {
    pub(super) id: &'a str,
    pub(super) region: &'a str,
}

/// The parts of `migration.tf` besides the settings.
pub(super) struct MigrationConfiguration<'a> {
    pub(super) source_id: &'a str,
    pub(super) modules: &'a ModuleSource,
    pub(super) existing: Option<ExistingPool<'a>>,
    pub(super) guards_sign_ups: bool,
    /// The app client of the source pool is made in another account.
    pub(super) asks_for_client: bool,
}

#[derive(Template)]
#[template(path = "migration.tf")]
struct MigrationFile<'a> {
    source_id: &'a str,
    existing: Option<&'a ExistingPool<'a>>,
    guards_sign_ups: bool,
    asks_for_client: bool,
    function_source: String,
    monitoring_source: String,
    takes_zip: bool,
    settings: Vec<Shown>,
}

#[derive(Template)]
#[template(path = "settings.env", escape = "none")]
struct Environment {
    settings: Vec<InEnvironment>,
}

/// A setting as Terraform writes it.
struct Shown {
    name: String,
    value: String,
    reason: Vec<String>,
}

/// A setting as an environment holds it.
struct InEnvironment {
    name: &'static str,
    value: Option<String>,
    reason: Vec<String>,
}

fn in_terraform(value: Option<&Value>, asks_for_client: bool) -> String {
    match value {
        Some(Value::Text(text)) => quoted(text),
        Some(Value::Words(words)) => hcl::list(words),
        Some(Value::Map(map)) => {
            let pairs = map.iter().map(|(from, to)| {
                let to = to.as_deref().map_or("null".to_owned(), quoted);
                format!("{} = {to}", quoted(from))
            });
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
        None if asks_for_client => "var.src_client_id".to_owned(),
        None => "aws_cognito_user_pool_client.migration_source.id".to_owned(),
    }
}

pub(super) fn migration(migration: &MigrationConfiguration, settings: &[Setting]) -> Rendered {
    let shown = |setting: &Setting| Shown {
        name: setting.name.to_lowercase(),
        value: in_terraform(setting.value.as_ref(), migration.asks_for_client),
        reason: hcl::comment(&setting.reason),
    };
    let file = MigrationFile {
        source_id: migration.source_id,
        existing: migration.existing.as_ref(),
        guards_sign_ups: migration.guards_sign_ups,
        asks_for_client: migration.asks_for_client,
        function_source: migration.modules.of("migration-function"),
        monitoring_source: migration.modules.of("monitoring"),
        takes_zip: migration.modules.takes_zip(),
        settings: settings.iter().map(shown).collect(),
    };
    Ok(formatted(&file.render()?))
}

pub(super) fn environment(settings: &[Setting]) -> Rendered {
    let shown = |setting: &Setting| InEnvironment {
        name: setting.name,
        value: setting.value.as_ref().map(Value::in_environment),
        reason: hcl::comment(&setting.reason),
    };
    let file = Environment {
        settings: settings.iter().map(shown).collect(),
    };
    Ok(file.render()?.trim_end().to_owned() + "\n")
}

#[derive(Template)]
#[template(path = "NOTES.md", escape = "none")]
struct NotesFile<'a> {
    source_id: &'a str,
    to: &'a str,
    commands: &'a [String],
    steps: &'a [String],
    left_behind: Vec<String>,
    different: Vec<String>,
}

/// Notes on the pool itself, or on the app client, group or server of this name.
pub(super) struct Noted {
    pub(super) on: Option<String>,
    pub(super) notes: Vec<Note>,
}

pub(super) fn notes(
    source_id: &str,
    to: &str,
    commands: &[String],
    steps: &[String],
    noted: &[Noted],
) -> Rendered {
    let of = |kind: Kind| {
        let lines = noted.iter().flat_map(|noted| {
            let notes = noted.notes.iter().filter(move |note| note.kind == kind);
            notes.map(|note| match &noted.on {
                None => format!("`{}`: {}", note.member, in_one_line(&note.text)),
                Some(on) => format!("{on}, `{}`: {}", note.member, in_one_line(&note.text)),
            })
        });
        lines.collect::<Vec<_>>()
    };
    let file = NotesFile {
        source_id,
        to,
        commands,
        steps,
        left_behind: of(Kind::LeftBehind),
        different: of(Kind::Different),
    };
    Ok(file.render()?.trim_end().to_owned() + "\n")
}

/// A name as inline code in Markdown.
pub(super) fn code(name: &str) -> String {
    let name = in_one_line(name);
    match name.contains('`') {
        true => format!("`` {name} ``"),
        false => format!("`{name}`"),
    }
}

fn in_one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
        .collect::<Vec<_>>()
        .join(" ")
}

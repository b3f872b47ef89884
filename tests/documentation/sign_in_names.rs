//! The first table of the page on sign-in names, made from the rules of the destination pool.

use insight::{
    acceptance::{UserResult, finds},
    plan::Plan,
};
use rules::{
    evidence::{Identity, ListedUser, SecondFactor, UserStatus},
    pool::UserPoolDescription,
    settings::Settings,
};

use super::made::compare_or_write;

/// How users of a pool sign in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    UserName,
    Email,
    UserNameOrEmail,
    PhoneNumber,
}

const NAME: &str = "ana";
const EMAIL: &str = "ana@example.com";
const PHONE: &str = "+15550100";

/// The names that the user can type, and what the page calls them.
const NAMES: [(&str, &str); 3] = [
    (NAME, "user name"),
    (EMAIL, "e-mail address"),
    (PHONE, "phone number"),
];

impl Style {
    fn words(self) -> &'static str {
        match self {
            Style::UserName => "user name",
            Style::Email => "e-mail address",
            Style::UserNameOrEmail => "user name, or e-mail address as an alias",
            Style::PhoneNumber => "phone number",
        }
    }

    fn pool(self) -> UserPoolDescription {
        let email = || vec!["email".to_owned()];
        let (alias_attributes, username_attributes) = match self {
            Style::UserName => (vec![], vec![]),
            Style::Email => (vec![], email()),
            Style::UserNameOrEmail => (email(), vec![]),
            Style::PhoneNumber => (vec![], vec!["phone_number".to_owned()]),
        };
        UserPoolDescription {
            alias_attributes,
            username_attributes,
            deletion_protected: true,
            sends_sms: true,
            temporary_password_days: 7,
            ..UserPoolDescription::default()
        }
    }

    /// The names by which such a pool signs the user in.
    fn own_names(self) -> &'static [&'static str] {
        match self {
            Style::UserName => &[NAME],
            Style::Email => &[EMAIL],
            Style::UserNameOrEmail => &[NAME, EMAIL],
            Style::PhoneNumber => &[PHONE],
        }
    }

    /// The old name: the one that users of the old pool type.
    fn old_name(self) -> &'static str {
        match self {
            Style::UserName | Style::UserNameOrEmail => NAME,
            Style::Email => EMAIL,
            Style::PhoneNumber => PHONE,
        }
    }
}

fn user(source: Style) -> ListedUser {
    let attributes = [
        ("sub", "7c1c97df"),
        ("email", EMAIL),
        ("email_verified", "true"),
        ("phone_number", PHONE),
        ("phone_number_verified", "true"),
    ];
    ListedUser {
        identity: Identity {
            // A pool whose users sign in by an address makes up their names.
            username: match source {
                Style::UserName | Style::UserNameOrEmail => NAME.to_owned(),
                Style::Email | Style::PhoneNumber => "7c1c97df".to_owned(),
            },
            attributes: attributes
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
        },
        enabled: true,
        status: UserStatus::Confirmed,
        last_modified: None,
    }
}

/// What the settings lead to for one way of signing in.
struct Tried {
    settings: Vec<(&'static str, &'static str)>,
    /// The names under which a first sign-in migrates and a second one works.
    moving: Vec<&'static str>,
    afterwards: Vec<&'static str>,
    old_name: &'static str,
}

fn tried(source: Style, destination: Style, chosen: Vec<(&'static str, &'static str)>) -> Tried {
    let all = [&[("SRC_USER_POOL_ID", "eu-west-1_Old")], chosen.as_slice()].concat();
    let value = |name: &str| all.iter().find(|(known, _)| *known == name);
    let settings = Settings::read_to_foresee(|name| value(name).map(|(_, it)| (*it).to_owned()));
    let settings = settings.expect("good settings");
    let (source_pool, pool) = (source.pool(), destination.pool());
    let plan = Plan {
        settings: &settings,
        source: &source_pool,
        client: None,
        destination: &pool,
        expired_before: None,
    };
    let user = user(source);
    let mut tried = Tried {
        settings: chosen,
        moving: vec![],
        afterwards: vec![],
        old_name: "",
    };
    for (name, _) in NAMES {
        let lookup = settings
            .source
            .lookup
            .filter(|lookup| lookup.has_form(name));
        let is_found = match lookup {
            Some(lookup) => user.identity.attribute(lookup.as_str()) == Some(name),
            None => {
                plan.name_of(&user) == name
                    || plan.other_names_of(&user).contains(&name)
                    || settings.source.lookup.is_some() && source.own_names().contains(&name)
            }
        };
        let answer = plan.sign_in(name, &user, SecondFactor::None);
        let migration = answer.migration().filter(|_| is_found).map(|it| &it.user);
        let result = UserResult::of(&pool, name, migration, None);
        if name == source.old_name() {
            tried.old_name = match result {
                UserResult::Moves | UserResult::MovesAfterReset => "moves",
                UserResult::Stays => "is rejected, and stays",
                UserResult::Refused(_) => "is refused by the new pool: the sign-in fails",
                UserResult::LockedOut => "is created and locked out",
            };
        }
        if let Some(migration) = migration.filter(|_| result.is_good()) {
            if tried.moving.is_empty() {
                let found = NAMES
                    .iter()
                    .filter(|(other, _)| finds(&pool, name, migration, other));
                tried.afterwards = found.map(|(_, words)| *words).collect();
            }
            tried.moving.push(name);
        }
    }
    tried
}

/// The settings with which the most of the new pool's names work, the fewest of those.
fn best(source: Style, destination: Style) -> Tried {
    let mut best: Option<Tried> = None;
    for lookup in ["none", "email", "phone_number"] {
        for username in ["none", "username", "sub"] {
            let chosen = [("SRC_LOOKUP", lookup), ("DST_USERNAME", username)];
            let chosen = chosen.into_iter().filter(|(_, value)| *value != "none");
            let tried = tried(source, destination, chosen.collect());
            let is_better = best.as_ref().is_none_or(|best| {
                let offered = |it: &Tried| {
                    let names = destination.own_names().iter();
                    names.filter(|name| it.moving.contains(name)).count()
                };
                let order =
                    |it: &Tried| (offered(it), !it.moving.is_empty(), 9 - it.settings.len());
                order(&tried) > order(best)
            });
            if is_better {
                best = Some(tried);
            }
        }
    }
    best.expect("something was tried")
}

fn table() -> String {
    let mut table = "| the old pool signs in by | the new pool signs in by | set | users can type afterwards | a user who types the old name |\n|---|---|---|---|---|\n".to_owned();
    for source in [Style::UserName, Style::Email, Style::UserNameOrEmail] {
        for destination in [
            Style::UserName,
            Style::Email,
            Style::UserNameOrEmail,
            Style::PhoneNumber,
        ] {
            let best = best(source, destination);
            let settings: Vec<_> = best
                .settings
                .iter()
                .map(|(name, value)| format!("`{name}={value}`"))
                .collect();
            let settings = match settings.as_slice() {
                [] => "nothing".to_owned(),
                settings => settings.join(", "),
            };
            table += &format!(
                "| {} | {} | {settings} | {} | {} |\n",
                source.words(),
                destination.words(),
                best.afterwards.join(", "),
                best.old_name
            );
        }
    }
    table
}

#[test]
fn the_first_table_of_sign_in_names_is_made_from_the_rules() {
    compare_or_write("docs/sign-in-names.md", "sign_in_names", &table());
}

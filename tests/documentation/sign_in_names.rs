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

const NAME: &str = "ana";
const EMAIL: &str = "ana@example.com";
const PHONE: &str = "+15550100";

/// The names that the user can type, and what the page calls them.
const NAMES: [(&str, &str); 3] = [
    (NAME, "user name"),
    (EMAIL, "e-mail address"),
    (PHONE, "phone number"),
];

type Names = &'static [&'static str];

/// How users of a pool sign in: in words, by attributes of the pool, and by names. The first of these is the one that
/// users of the old pool type.
struct Style {
    words: &'static str,
    aliases: Names,
    usernames: Names,
    own_names: Names,
}

impl Style {
    const fn new(words: &'static str, [aliases, usernames, own_names]: [Names; 3]) -> Self {
        Self {
            words,
            aliases,
            usernames,
            own_names,
        }
    }

    fn pool(&self) -> UserPoolDescription {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        UserPoolDescription {
            alias_attributes: owned(self.aliases),
            username_attributes: owned(self.usernames),
            deletion_protected: true,
            sends_sms: true,
            temporary_password_days: 7,
            ..UserPoolDescription::default()
        }
    }
}

const ALIAS: &str = "user name, or e-mail address as an alias";
const STYLES: [Style; 4] = [
    Style::new("user name", [&[], &[], &[NAME]]),
    Style::new("e-mail address", [&[], &["email"], &[EMAIL]]),
    Style::new(ALIAS, [&["email"], &[], &[NAME, EMAIL]]),
    Style::new("phone number", [&[], &["phone_number"], &[PHONE]]),
];

fn user(source: &Style) -> ListedUser {
    let attributes = [
        ("sub", "7c1c97df"),
        ("email", EMAIL),
        ("email_verified", "true"),
        ("phone_number", PHONE),
        ("phone_number_verified", "true"),
    ];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
    // A pool whose users sign in by an address makes up their names.
    let is_made_up = !source.usernames.is_empty();
    ListedUser {
        identity: Identity {
            username: if is_made_up { "7c1c97df" } else { NAME }.to_owned(),
            attributes: attributes.to_vec(),
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

fn tried(source: &Style, destination: &Style, chosen: Vec<(&'static str, &'static str)>) -> Tried {
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
        let lookup = settings.source.lookup;
        let is_found = match lookup.filter(|lookup| lookup.has_form(name)) {
            Some(lookup) => user.identity.attribute(lookup.as_str()) == Some(name),
            None => {
                plan.name_of(&user) == name
                    || plan.other_names_of(&user).contains(&name)
                    || lookup.is_some() && source.own_names.contains(&name)
            }
        };
        let answer = plan.sign_in(name, &user, SecondFactor::None);
        let migration = answer.migration().filter(|_| is_found).map(|it| &it.user);
        let result = UserResult::of(&pool, name, migration, None);
        if name == source.own_names[0] {
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
fn best(source: &Style, destination: &Style) -> Tried {
    let lookups = ["none", "email", "phone_number"].into_iter();
    let both = lookups.flat_map(|lookup| ["none", "username", "sub"].map(|name| (lookup, name)));
    let tries = both.map(|(lookup, username)| {
        let mut chosen = vec![("SRC_LOOKUP", lookup), ("DST_USERNAME", username)];
        chosen.retain(|(_, value)| *value != "none");
        tried(source, destination, chosen)
    });
    let order = |it: &Tried| {
        let names = destination.own_names.iter();
        let offered = names.filter(|name| it.moving.contains(name)).count();
        (offered, !it.moving.is_empty(), 9 - it.settings.len())
    };
    // Of equal ones the first.
    let tries: Vec<_> = tries.collect();
    tries
        .into_iter()
        .rev()
        .max_by_key(order)
        .expect("one of them")
}

#[test]
fn the_first_table_of_sign_in_names_is_made_from_the_rules() {
    let mut table = "| the old pool signs in by | the new pool signs in by | set | users can type afterwards | a user who types the old name |\n|---|---|---|---|---|\n".to_owned();
    let cases = STYLES[..3]
        .iter()
        .flat_map(|source| STYLES.iter().map(move |it| (source, it)));
    for (source, destination) in cases {
        let best = best(source, destination);
        let settings = best
            .settings
            .iter()
            .map(|(name, value)| format!("`{name}={value}`"));
        let settings = match settings.collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => "nothing".to_owned(),
            settings => settings,
        };
        let afterwards = best.afterwards.join(", ");
        let (old, new, end) = (source.words, destination.words, best.old_name);
        table += &format!("| {old} | {new} | {settings} | {afterwards} | {end} |\n");
    }
    compare_or_write("docs/sign-in-names.md", "sign_in_names", &table);
}

//! The first table of the page on sign-in names, made from the rules of the destination pool.

use std::cmp::Reverse;

use insight::{
    acceptance::{UserResult, finds},
    made_up_users::MADE_UP_USERS,
    plan::Plan,
};
use rules::{evidence::SecondFactor, pool::UserPoolDescription, settings::Settings};

use super::made::compare_or_write;

/// The names of the third of the made-up users, and what the page calls them.
const NAMES: [(&str, &str); 3] = [
    (NAME, "user name"),
    (EMAIL, "e-mail address"),
    (PHONE, "phone number"),
];
const NAME: &str = "plain";
const EMAIL: &str = "plain@example.com";
const PHONE: &str = "+15550101";

type Names = &'static [&'static str];

/// The way in which users of a pool sign in: in words, `AliasAttributes`, `UsernameAttributes`, and the names of the user.
/// The first of these is the one that a user of the old pool types.
type Style = (&'static str, Names, Names, Names);

const ALIAS: &str = "user name, or e-mail address as an alias";
const STYLES: [Style; 4] = [
    ("user name", &[], &[], &[NAME]),
    ("e-mail address", &[], &["email"], &[EMAIL]),
    (ALIAS, &["email"], &[], &[NAME, EMAIL]),
    ("phone number", &[], &["phone_number"], &[PHONE]),
];

fn pool((_, aliases, usernames, _): Style) -> UserPoolDescription {
    let owned = |names: Names| names.iter().map(|&name| name.to_owned()).collect();
    UserPoolDescription {
        alias_attributes: owned(aliases),
        username_attributes: owned(usernames),
        deletion_protected: true,
        sends_sms: true,
        temporary_password_days: 7,
        ..UserPoolDescription::default()
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
    let (source_pool, pool, (.., own_names)) = (pool(source), pool(destination), source);
    let plan = Plan {
        settings: &settings,
        source: &source_pool,
        client: None,
        destination: &pool,
        expired_before: None,
    };
    let user = MADE_UP_USERS[2].listed(&source_pool);
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
                    || lookup.is_some() && own_names.contains(&name)
            }
        };
        let answer = plan.sign_in(name, &user, SecondFactor::None);
        let migration = answer.migration().filter(|_| is_found).map(|it| &it.user);
        let result = UserResult::of(&pool, name, migration, None);
        if name == own_names[0] {
            tried.old_name = match result {
                UserResult::Moves | UserResult::MovesAfterReset => "moves",
                UserResult::Stays => "is rejected, and stays",
                UserResult::Refused(_) => "is refused by the new pool: the sign-in fails",
                UserResult::LockedOut => "is created and locked out",
            };
        }
        if let Some(migration) = migration.filter(|_| result.is_good()) {
            if tried.moving.is_empty() {
                let mut found = NAMES.to_vec();
                found.retain(|(other, _)| finds(&pool, name, migration, other));
                tried.afterwards = found.iter().map(|(_, words)| *words).collect();
            }
            tried.moving.push(name);
        }
    }
    tried
}

/// The settings with which the most of the new pool's names work, the fewest of those; of equal ones the first.
fn best(source: Style, destination: Style) -> Tried {
    let lookups = ["none", "email", "phone_number"].into_iter();
    let both = lookups.flat_map(|lookup| ["none", "username", "sub"].map(|name| (lookup, name)));
    let tries = both.map(|(lookup, username)| {
        let mut chosen = vec![("SRC_LOOKUP", lookup), ("DST_USERNAME", username)];
        chosen.retain(|(_, value)| *value != "none");
        tried(source, destination, chosen)
    });
    let order = |it: &Tried| {
        let mut offered = destination.3.to_vec();
        offered.retain(|name| it.moving.contains(name));
        let count = offered.len();
        (Reverse((count, !it.moving.is_empty())), it.settings.len())
    };
    tries.min_by_key(order).expect("one of them")
}

#[test]
fn the_first_table_of_sign_in_names_is_made_from_the_rules() {
    let mut table = "| the old pool signs in by | the new pool signs in by | set | users can type afterwards | a user who types the old name |\n|---|---|---|---|---|\n".to_owned();
    for source in &STYLES[..3] {
        for destination in &STYLES {
            let best = best(*source, *destination);
            let settings = best.settings.iter();
            let settings = settings.map(|(name, value)| format!("`{name}={value}`"));
            let settings = match &settings.collect::<Vec<_>>()[..] {
                [] => "nothing".to_owned(),
                settings => settings.join(", "),
            };
            let afterwards = best.afterwards.join(", ");
            let (old, new, end) = (source.0, destination.0, best.old_name);
            table += &format!("| {old} | {new} | {settings} | {afterwards} | {end} |\n");
        }
    }
    compare_or_write("docs/sign-in-names.md", "sign_in_names", &table);
}

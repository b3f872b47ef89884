//! The names on the pages. Their form and links are for `make lint`: .rumdl.toml.

use std::{collections::BTreeSet, fs};

use rules::{
    checks::CheckId,
    outcome::{FailureClass, FunctionError, Reason},
    settings,
};
use strum::VariantArray as _;

use super::{OPERATING, between, file, first_cells, owned, path, prose, says, table};

const APP: &str = "docs/your-app.md";
const EXAMPLE: &str = "examples/app/auth.js";

/// Every file of the work tree that ends so, as a path from its root, without installed and built ones and tests.
pub(super) fn files(extension: &str) -> Vec<String> {
    let mut files = files_and_tests(extension);
    files.retain(|file| !format!("/{file}").contains("/tests/"));
    files
}

/// The same with the tests.
pub(super) fn files_and_tests(extension: &str) -> Vec<String> {
    let (mut folders, mut found) = (vec![String::new()], vec![]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(path(&folder)).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            let is_ours = !name.starts_with('.') && name != "node_modules" && name != "target";
            let place = format!("{folder}{name}");
            if entry.file_type().unwrap().is_dir() && is_ours {
                folders.push(place + "/");
            } else if name.ends_with(extension) {
                found.push(place);
            }
        }
    }
    found.sort();
    found
}

/// README and the pages of `docs`.
pub(super) fn docs() -> impl Iterator<Item = String> {
    let pages = files(".md").into_iter();
    pages.filter(|page| page.starts_with("docs/") || page == "README.md")
}

/// What stands in backticks outside of code blocks.
fn words(page: &str) -> BTreeSet<String> {
    between('`', &prose(page))
}

/// The same of all pages, each with its page.
fn all_words() -> impl Iterator<Item = (String, String)> {
    docs().flat_map(|page| {
        words(&page)
            .into_iter()
            .map(move |word| (page.clone(), word))
    })
}

#[test]
fn the_front_page_leads_to_every_other_and_each_can_be_read_in_one_go() {
    let readme = file("README.md");
    assert!(readme.len() <= 14_000);
    let (_, index) = readme.split_once("\n## Pages\n").unwrap();
    for page in docs() {
        let is_led_to = index.contains(&format!("]({page})"));
        assert!(is_led_to || page == "README.md", "{page}");
        let most = match page.as_str() {
            // It is made, and settings are looked up one at a time.
            "docs/settings.md" => usize::MAX,
            "docs/before-you-are-surprised.md" => 120,
            _ => 200,
        };
        assert!(file(&page).lines().count() <= most, "{page}");
    }
}

#[test]
fn before_you_are_surprised_is_led_to_from_the_head_of_the_runbook_and_of_your_app() {
    for page in ["docs/runbook.md", APP] {
        let text = file(page);
        let mut head = text.lines().take(10);
        let leads = head.any(|line| line.contains("](before-you-are-surprised.md)"));
        assert!(leads, "{page}");
    }
}

/// A reader who starts on any page finds out how to get the program.
#[test]
fn where_a_page_names_the_first_command_of_the_operators_program_it_says_how_to_install_it() {
    const COMMANDS: &str =
        "draft explain preflight progress restore retire stragglers subs survey verify";
    let mut seen = 0;
    for name in docs() {
        let text = file(&name);
        let commands = COMMANDS.split(' ');
        let first = commands.filter_map(|command| {
            let named = text.find(&format!("cognito-migration {command}"));
            named.or(text.find(&format!("cognito-migration\n{command}")))
        });
        let Some(first) = first.min() else { continue };
        let (_, after) = text.split_at(first);
        let until = &text[..first + after.find("\n\n").unwrap_or(after.len())];
        let says = until.contains("`make install`") || until.contains("\nmake install ");
        assert!(says, "{name}");
        seen += 1;
    }
    assert!(seen >= 7, "{seen}");
}

fn is_setting(name: &str) -> bool {
    settings::ALL.iter().any(|variable| variable.name == name)
}

/// Whether the function takes this value of this setting.
fn is_taken(variable: &str, value: &str) -> bool {
    // Those without which no value of another can be read, and those with which some go together.
    let others = [
        ("MIGRATION_MARK", "custom:migration"),
        ("SRC_CLIENT_ID", "1example23456789"),
        ("SRC_USER_POOL_ID", "eu-west-1_Ab12Cd34E"),
    ];
    let read = settings::Settings::read(|wanted| {
        let mut all = [(variable, value)].into_iter().chain(others);
        let found = all.find(|(name, _)| *name == wanted);
        found.map(|(_, value)| value.to_owned())
    });
    read.is_ok()
}

#[test]
fn every_file_check_and_setting_that_a_page_names_exists_with_its_value() {
    let checks: BTreeSet<_> = CheckId::VARIANTS.iter().map(|id| id.name()).collect();
    let begins: BTreeSet<_> = checks
        .iter()
        .filter_map(|id| id.split('.').next())
        .collect();
    let mut seen = 0;
    for (page, word) in all_words() {
        let (folder, _) = word.split_once('/').unwrap_or_default();
        let is_ours = !folder.starts_with('.') && !["", "target"].contains(&folder);
        let is_file = is_ours && path(folder).is_dir() && !word.contains([' ', '*', '{']);
        assert!(!is_file || path(&word).exists(), "{page}: {word}");

        let (begin, check) = word.split_once('.').unwrap_or_default();
        let is_check = begins.contains(begin) && check.chars().all(|c| c.is_ascii_lowercase());
        assert!(!is_check || checks.contains(&word), "{page}: {word}");

        let (variable, value) = word.split_once('=').unwrap_or_default();
        let mut starts = ["ON_", "SRC_", "DST_"].iter();
        let looks_like_one = starts.any(|start| variable.starts_with(start));
        if looks_like_one || is_setting(variable) {
            assert!(is_taken(variable, value), "{page}: {word}");
            assert!(is_setting(variable), "{page}: {word}");
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn the_five_settings_of_the_front_page_are_settings() {
    let five = first_cells("README.md", "variable");
    assert_eq!(five.len(), 5);
    assert!(five.iter().all(|name| is_setting(name)), "{five:?}");
    let required = settings::ALL.iter().filter(|it| it.form.is_required());
    let required: Vec<_> = required.map(|it| it.name).collect();
    assert_eq!(five[..2], required);
}

#[test]
fn every_code_and_name_that_the_alarms_speak_of_stands_in_the_code() {
    let code: String = files(".rs").iter().map(|name| file(name)).collect();
    let code = code.lines().filter(|line| !line.trim().starts_with("//"));
    let stands = code.flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric()));
    let stands: BTreeSet<_> = stands.collect();
    let page = words("docs/alarms.md");
    let is_name = |word: &&String| {
        word.starts_with(|c: char| c.is_ascii_uppercase())
            && word.contains(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_alphanumeric())
    };
    let names: Vec<_> = page.iter().filter(is_name).collect();
    assert!(names.len() > 8);
    for name in names {
        assert!(stands.contains(name.as_str()), "{name}");
    }
}

#[test]
fn every_reason_is_explained_on_the_page_to_which_the_list_leads() {
    let mut explained = 0;
    for row in &table(OPERATING, "reason")[1..] {
        let (_, link) = row[1].split_once("](").unwrap();
        let to = link.split([')', '#']).next().unwrap();
        let page = words(&format!("docs/{to}"));
        let page: Vec<_> = page.iter().flat_map(|words| words.split(": ")).collect();
        for reason in between('`', &row[0]) {
            assert!(page.contains(&reason.as_str()), "docs/{to}: {reason}");
            explained += 1;
        }
    }
    assert!(explained > Reason::VARIANTS.len());
}

#[test]
fn every_sentence_that_reaches_a_person_stands_where_apps_and_support_look_for_it() {
    for error in [
        FunctionError::Rejected,
        FunctionError::AccountExists,
        FunctionError::Failed(FailureClass::Misconfigured),
    ] {
        let sentence = error.to_string();
        says(APP, [&sentence]);
        says("docs/migration.md", [&sentence]);
        says(EXAMPLE, [format!("\"{sentence}\": ")]);
    }
}

#[test]
fn the_page_names_every_function_of_the_example_and_the_words_that_it_returns() {
    const HEAD: &str = "the function of the module";
    let is_word = |text: &str| text.chars().all(|c| c == '-' || c.is_ascii_lowercase());
    let code = file(EXAMPLE);
    // What stands in the code behind "return", or as what becomes of an error.
    let texts: Vec<_> = code.split('"').collect();
    let is_returned = |text: &&[&str]| {
        is_word(text[1]) && ["return ", ": "].iter().any(|end| text[0].ends_with(end))
    };
    let returned = texts.chunks_exact(2).filter(is_returned);
    // Below the table stand those that every function can return.
    let page = file(APP);
    let (_, part) = page.split_once(&format!("\n| {HEAD} |")).unwrap();
    let mut named = between('`', part.split("\n- ").next().unwrap());
    named.retain(|word| is_word(word));
    assert_eq!(named, owned(returned.map(|text| text[1])));
    // The words of a function stand in the comment above it.
    let mut functions = vec![];
    let parts: Vec<_> = code.split("\nexport ").collect();
    for pair in parts.windows(2) {
        let comment = pair[0].trim_end().strip_suffix("*/").unwrap_or_default();
        let mut words = between('"', comment.rsplit("/**").next().unwrap());
        words.retain(|word| !word.contains([' ', ',', ';']));
        let function = pair[1].trim_start_matches("async ");
        let name = function.strip_prefix("function ").unwrap();
        functions.push((name.split('(').next().unwrap().to_owned(), words));
    }
    let rows = &table(APP, HEAD)[1..];
    let documented = rows.iter().map(|row| {
        let name = row[0].trim_start_matches('`').split('(').next().unwrap();
        (name.to_owned(), between('`', &row[1]))
    });
    assert_eq!(documented.collect::<Vec<_>>(), functions);
}

#[test]
fn the_page_says_what_the_example_makes_of_each_error_that_it_names() {
    let mut errors = words(APP);
    errors.retain(|word| word.ends_with("Exception"));
    says(EXAMPLE, errors);
}

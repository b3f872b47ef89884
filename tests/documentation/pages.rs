//! The form of the pages: links, length, and the names in them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use rules::{
    checks::CheckId,
    outcome::{FunctionError, Reason},
    settings,
};
use strum::VariantArray as _;

use super::{anchors, between, file, first_cells, path, prose};

/// Folders that hold built, installed or test files.
const NOT_OURS: [&str; 3] = ["node_modules", "target", "tests"];

/// Every file of the work tree that ends so, as a path from its root, outside of [`NOT_OURS`].
pub(super) fn files(extension: &str) -> Vec<String> {
    files_outside(&NOT_OURS, extension)
}

/// Every file of the work tree that ends so, as a path from its root, outside of folders with these names.
pub(super) fn files_outside(skipped: &[&str], extension: &str) -> Vec<String> {
    fn walk(folder: &Path, skipped: &[&str], extension: &str, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if entry.file_type().unwrap().is_dir() {
                if !name.starts_with('.') && !skipped.contains(&name.as_str()) {
                    walk(&entry.path(), skipped, extension, found);
                }
            } else if name.ends_with(extension) {
                let from_root = entry.path().strip_prefix(path("")).unwrap().to_owned();
                found.push(from_root.to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = vec![];
    walk(&path(""), skipped, extension, &mut found);
    found.sort();
    found
}

/// Every page of the work tree.
fn pages() -> Vec<String> {
    files(".md")
}

/// The pages of `docs`.
pub(super) fn docs() -> impl Iterator<Item = String> {
    pages()
        .into_iter()
        .filter(|page| page.starts_with("docs/") || page == "README.md")
}

/// What stands in backticks outside of code blocks.
fn words(page: &str) -> BTreeSet<String> {
    let lines = prose(page);
    between('`', &lines.join("\n"))
}

#[test]
fn no_link_inside_is_dead() {
    for name in pages() {
        let page = file(&name);
        let text = prose(&page).join("\n");
        let inline = text.split("](").skip(1);
        let inline = inline.map(|link| link.split(')').next().unwrap());
        let defined: BTreeMap<_, _> = text
            .lines()
            .filter_map(|line| line.strip_prefix('[')?.split_once("]: "))
            .collect();
        let used = text.split("][").skip(1);
        for reference in used.map(|reference| reference.split(']').next().unwrap()) {
            assert!(defined.contains_key(reference), "{name}: [{reference}]");
        }
        for link in inline.chain(defined.values().copied()) {
            if link.contains("://") {
                continue;
            }
            let (to, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = Path::new(&name).parent().unwrap();
            let target = if to.is_empty() {
                path(&name)
            } else {
                path("").join(folder).join(to)
            };
            assert!(target.exists(), "{name}: {link}");
            if !anchor.is_empty() {
                let page = fs::read_to_string(target).unwrap();
                assert!(anchors(&page).contains(anchor), "{name}: {link}");
            }
        }
    }
}

#[test]
fn the_front_page_is_short_and_leads_to_every_other() {
    let readme = file("README.md");
    assert!(readme.lines().count() <= 200);
    assert!(readme.len() <= 14_000);
    let (_, index) = readme.split_once("\n## Pages\n").unwrap();
    for page in docs().filter(|page| page != "README.md") {
        assert!(index.contains(&format!("]({page})")), "{page}");
    }
}

#[test]
fn every_page_can_be_read_in_one_go() {
    // The settings are made, and looked up one at a time.
    for name in docs().filter(|page| page != "docs/settings.md") {
        let lines = file(&name).lines().count();
        assert!(lines <= 200, "{name}: {lines} lines");
    }
}

#[test]
fn before_you_are_surprised_is_short_and_led_to_from_the_runbook_and_from_your_app() {
    const PAGE: &str = "before-you-are-surprised.md";
    assert!(file(&format!("docs/{PAGE}")).lines().count() <= 120);
    for name in ["docs/runbook.md", "docs/your-app.md"] {
        // Where every reader of that page passes.
        let begin: Vec<_> = file(name).lines().take(10).map(str::to_owned).collect();
        assert!(begin.join("\n").contains(&format!("]({PAGE})")), "{name}");
    }
}

#[test]
fn lines_of_text_fit_into_120_columns() {
    let examples = ["js", "mjs", "py"].into_iter().flat_map(files);
    let examples = examples.filter(|file| file.starts_with("examples/"));
    let code = examples.map(|name| (name.clone(), file(&name)));
    let text = pages().into_iter().map(|name| {
        let lines = prose(&file(&name));
        // A table has one line for a row, and an address cannot be broken.
        let is_text = |line: &&String| !line.starts_with('|') && !line.contains("]: https://");
        let lines = lines.iter().filter(is_text);
        (name, lines.cloned().collect::<Vec<_>>().join("\n"))
    });
    for (name, text) in code.chain(text) {
        for line in text.lines() {
            assert!(line.chars().count() <= 120, "{name}: {line}");
        }
    }
}

#[test]
fn every_file_that_a_page_names_exists() {
    let folders = [
        "benches/",
        "crates/",
        "docs/",
        "events/",
        "examples/",
        "src/",
        "terraform/",
        "tests/",
        "tools/",
    ];
    for name in docs() {
        let named = words(&file(&name));
        let named = named.iter().filter(|word| {
            folders.iter().any(|folder| word.starts_with(folder)) && !word.contains([' ', '*', '{'])
        });
        for word in named {
            assert!(path(word).exists(), "{name}: {word}");
        }
    }
}

/// A reader who starts on any page finds out how to get the program.
#[test]
fn where_a_page_names_the_first_command_of_the_operators_program_it_says_how_to_install_it() {
    let mut seen = 0;
    for name in docs() {
        let text = file(&name);
        let commands = [
            "draft",
            "explain",
            "preflight",
            "progress",
            "restore",
            "retire",
            "stragglers",
            "subs",
            "survey",
            "verify",
        ];
        let first = commands.iter().filter_map(|command| {
            let named = text.find(&format!("cognito-migration {command}"));
            named.or(text.find(&format!("cognito-migration\n{command}")))
        });
        if let Some(first) = first.min() {
            let (_, after) = text.split_at(first);
            let paragraph = after.find("\n\n").unwrap_or(after.len());
            let until = &text[..first + paragraph];
            assert!(
                until.contains("`make install`") || until.contains("\nmake install "),
                "{name}"
            );
            seen += 1;
        }
    }
    assert!(seen >= 7, "{seen}");
}

#[test]
fn every_setting_that_a_page_names_exists_and_takes_the_value() {
    // Those without which no value of another can be read, and those with which some go together.
    let others = [
        ("MIGRATION_MARK", "custom:migration"),
        ("SRC_CLIENT_ID", "1example23456789"),
        ("SRC_USER_POOL_ID", "eu-west-1_Ab12Cd34E"),
    ];
    let mut seen = 0;
    for name in docs() {
        for word in words(&file(&name)) {
            let Some((variable, value)) = word.split_once('=') else {
                continue;
            };
            let known = settings::ALL.iter().any(|known| known.name == variable);
            let looks_like_one = ["ON_", "SRC_", "DST_"].iter();
            if !known {
                let looks_like_one = looks_like_one.copied().any(|start| word.starts_with(start));
                assert!(!looks_like_one, "{name}: {word}");
                continue;
            }
            seen += 1;
            let set = |wanted: &str| {
                let given = (wanted == variable).then_some(value);
                let other = others.iter().find(|(other, _)| *other == wanted);
                Some(given.or(other.map(|(_, value)| *value))?.to_owned())
            };
            let read = settings::Settings::read(set);
            assert!(read.is_ok(), "{name}: {word}: {}", read.unwrap_err());
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn the_five_settings_of_the_front_page_are_settings() {
    let five = first_cells("README.md", "variable");
    assert_eq!(five.len(), 5);
    for name in &five {
        let known = settings::ALL.iter().any(|known| known.name == name);
        assert!(known, "{name}");
    }
    let required = settings::ALL
        .iter()
        .filter(|known| known.form.is_required());
    let required: Vec<_> = required.map(|known| known.name).collect();
    assert_eq!(five[..2], required);
}

#[test]
fn every_check_that_a_page_names_exists() {
    let ids = CheckId::VARIANTS.iter().map(|id| id.name());
    let ids: BTreeSet<_> = ids.collect();
    let pools: BTreeSet<_> = ids.iter().map(|id| id.split_once('.').unwrap().0).collect();
    for name in docs() {
        for word in words(&file(&name)) {
            let Some((of, check)) = word.split_once('.') else {
                continue;
            };
            let is_id = check.chars().all(|c| c.is_ascii_lowercase());
            if pools.contains(of) && is_id {
                assert!(ids.contains(&word), "{name}: {word}");
            }
        }
    }
}

#[test]
fn every_code_and_name_that_the_alarms_speak_of_stands_in_the_code() {
    let code: Vec<_> = files(".rs").iter().map(|name| file(name)).collect();
    let page = words(&file("docs/alarms.md"));
    let is_name = |word: &&String| {
        word.starts_with(|c: char| c.is_ascii_uppercase())
            && word.contains(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_alphanumeric())
    };
    let names: Vec<_> = page.iter().filter(is_name).collect();
    assert!(names.len() > 8);
    for name in names {
        let stands = |text: &String| {
            text.contains(&format!("\"{name}\"")) || text.contains(&format!(" {name},"))
        };
        assert!(code.iter().any(stands), "{name}");
    }
}

#[test]
fn the_page_names_every_check_of_the_destination_pool() {
    let page = file("docs/operating.md");
    let (_, part) = page
        .split_once("\n### Look at the destination pool\n")
        .unwrap();
    let (part, _) = part.split_once("\n- ").unwrap();
    let of_source = first_cells("docs/operating.md", "check");
    let all = CheckId::VARIANTS.iter().map(|id| id.name());
    let others: BTreeSet<_> = all.filter(|id| !of_source.contains(id)).collect();
    let named = between('`', part)
        .into_iter()
        .filter(|word| word.contains('.'));
    assert_eq!(named.collect::<BTreeSet<_>>(), others);
}

#[test]
fn every_reason_is_explained_on_the_page_to_which_the_list_leads() {
    let operating = file("docs/operating.md");
    let (_, table) = operating.split_once("\n| reason |").unwrap();
    let rows = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let mut explained = 0;
    for row in rows {
        let cells: Vec<_> = row.split('|').collect();
        let (_, link) = cells[2].split_once("](").unwrap();
        let to = link.split([')', '#']).next().unwrap();
        let page = words(&file(&format!("docs/{to}")));
        let page: Vec<_> = page.iter().flat_map(|words| words.split(": ")).collect();
        for reason in between('`', cells[1]) {
            assert!(page.contains(&reason.as_str()), "docs/{to}: {reason}");
            explained += 1;
        }
    }
    assert!(explained > Reason::VARIANTS.len());
}

#[test]
fn every_sentence_that_reaches_a_person_stands_where_apps_and_support_look_for_it() {
    let errors = [
        FunctionError::Rejected,
        FunctionError::AccountExists,
        FunctionError::Failed(rules::outcome::FailureClass::Misconfigured),
    ];
    let app = file("examples/app/auth.js");
    let pages = ["docs/your-app.md", "docs/migration.md"].map(file);
    for error in errors {
        let sentence = error.to_string();
        assert!(app.contains(&format!("\"{sentence}\": ")), "{sentence}");
        for page in &pages {
            assert!(page.contains(&sentence), "{sentence}");
        }
    }
}

#[test]
fn the_page_names_every_function_of_the_example_and_the_words_that_it_returns() {
    const HEAD: &str = "| the function of the module |";
    let code = file("examples/app/auth.js");
    let functions: Vec<_> = code
        .split("\nexport ")
        .skip(1)
        .map(|function| {
            function
                .trim_start_matches("async ")
                .trim_start_matches("function ")
        })
        .collect();
    let page = file("docs/your-app.md");
    let (_, table) = page.split_once(HEAD).unwrap();
    let rows: Vec<_> = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!(rows.len(), functions.len());
    let returned = |text: &str| -> BTreeSet<String> {
        let words = between('"', text).into_iter();
        words
            .filter(|word| !word.contains([' ', ',', ';']))
            .collect()
    };
    // The words in the comments above the functions, by the function that follows.
    let mut above = code.split("\nexport ").map(|text| {
        let comment = text.rsplit("/**").next().unwrap();
        if text.trim_end().ends_with("*/") {
            returned(comment)
        } else {
            BTreeSet::new()
        }
    });
    for (row, function) in rows.iter().zip(functions) {
        let cells: Vec<_> = row.split('|').collect();
        let name = function.split('(').next().unwrap();
        assert!(cells[1].contains(&format!("`{name}(")), "{row}");
        let documented: BTreeSet<_> = between('`', cells[2]);
        assert_eq!(documented, above.next().unwrap(), "{name}");
    }
}

#[test]
fn the_page_says_what_the_example_makes_of_each_error_that_it_names() {
    let code = file("examples/app/auth.js");
    let words = words(&file("docs/your-app.md"));
    let errors: Vec<_> = words
        .iter()
        .filter(|word| word.ends_with("Exception"))
        .collect();
    assert!(errors.len() > 3);
    for error in errors {
        assert!(code.contains(error.as_str()), "{error}");
    }
}

#[test]
fn the_page_of_the_events_names_every_field() {
    let expected: serde_json::Value = serde_json::from_str(&file("events/expected.json")).unwrap();
    let parts: BTreeSet<_> = expected.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        first_cells("events/README.md", "part")
            .into_iter()
            .collect::<BTreeSet<_>>(),
        parts
    );
    let entries = expected["events"].as_object().unwrap().values();
    let fields: BTreeSet<_> = entries
        .flat_map(|entry| entry.as_object().unwrap().keys().cloned())
        .collect();
    assert_eq!(
        first_cells("events/README.md", "field")
            .into_iter()
            .collect::<BTreeSet<_>>(),
        fields
    );
}

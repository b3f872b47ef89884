//! Rules for every user pool and app client in Terraform and on the pages.

use std::collections::BTreeSet;

use super::{block, file, pages::files, path};

/// A resource in a file of Terraform or on a page.
struct Resource {
    place: String,
    text: String,
}

impl Resource {
    /// The value of this argument, or what stands in this inner block.
    fn argument(&self, name: &str) -> Option<&str> {
        let is_begin = |line: &&str| {
            let line = line.trim_start();
            let rest = line.strip_prefix(name).map(str::trim_start);
            rest.is_some_and(|rest| rest.starts_with('=') || rest.starts_with('{'))
        };
        self.text.lines().find(is_begin)
    }

    fn says(&self, line: &str) -> bool {
        let said = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.text.lines().any(|known| said(known) == line)
    }
}

/// The resources of this type in these texts, each of which has a place.
fn resources(kind: &str, texts: impl Iterator<Item = (String, String)>) -> Vec<Resource> {
    let opening = format!("resource \"{kind}\" \"");
    let mut found = vec![];
    for (place, text) in texts {
        let mut rest = text.as_str();
        while let Some(at) = rest.find(&opening) {
            rest = &rest[at..];
            let header = rest.split(" {\n").next().unwrap();
            found.push(Resource {
                place: format!("{place}: {header}"),
                text: block(rest, header).to_owned(),
            });
            rest = &rest[header.len()..];
        }
    }
    found
}

/// The files of Terraform, without the tests of the modules.
fn configurations() -> impl Iterator<Item = (String, String)> {
    let of_terraform =
        |name: &String| name.starts_with("terraform/") && !name.contains("/.terraform/");
    let names: Vec<_> = files(".tf").into_iter().filter(of_terraform).collect();
    assert!(names.len() > 10, "{names:?} in {}", path("").display());
    names.into_iter().map(|name| {
        let text = file(&name);
        (name, text)
    })
}

/// The blocks of Terraform on the pages, without the indentation of a list.
fn snippets() -> impl Iterator<Item = (String, String)> {
    files(".md").into_iter().flat_map(|name| {
        let text = file(&name);
        let blocks = text.split("```hcl\n").skip(1);
        blocks
            .map(|block| {
                let block = block.split("```").next().unwrap();
                let first = block.lines().next().unwrap_or_default();
                let indent = &first[..first.len() - first.trim_start().len()];
                let lines = block.lines();
                let lines = lines.map(|line| line.strip_prefix(indent).unwrap_or(line));
                (name.clone(), lines.collect::<Vec<_>>().join("\n"))
            })
            .collect::<Vec<_>>()
    })
}

#[test]
fn every_app_client_hides_who_exists_and_names_what_users_may_write() {
    let clients = resources(
        "aws_cognito_user_pool_client",
        configurations().chain(snippets()),
    );
    let places: BTreeSet<_> = clients.iter().map(|client| &client.place).collect();
    assert!(places.len() > 4, "{places:?}");
    for client in &clients {
        let place = &client.place;
        assert!(
            client.says("prevent_user_existence_errors = \"ENABLED\""),
            "{place}"
        );
        assert!(client.argument("write_attributes").is_some(), "{place}");
    }
}

#[test]
fn every_pool_verifies_an_address_before_it_changes() {
    let pools = resources("aws_cognito_user_pool", configurations());
    assert_eq!(pools.len(), 4);
    for pool in &pools {
        let place = &pool.place;
        assert!(
            pool.says("auto_verified_attributes = [\"email\"]"),
            "{place}"
        );
        let waits = "attributes_require_verification_before_update = [\"email\"]";
        assert!(pool.says(waits), "{place}");
    }
}

/// The demonstration must be destroyed again.
#[test]
fn every_pool_of_an_example_is_protected_and_no_other() {
    for pool in resources("aws_cognito_user_pool", configurations()) {
        let is_example = pool.place.starts_with("terraform/examples/");
        let is_protected = pool.says("deletion_protection = \"ACTIVE\"");
        let is_kept = pool.says("prevent_destroy = true");
        assert_eq!(
            (is_protected, is_kept),
            (is_example, is_example),
            "{}",
            pool.place
        );
    }
}

/// Terraform would delete the pool with its users. `tools/test/pages.py` plans the same snippets.
#[test]
fn nothing_on_a_page_replaces_a_pool_or_an_app_client_that_exists() {
    const REPLACE_A_POOL: &[&str] = &[
        "name",
        "alias_attributes",
        "username_attributes",
        "username_configuration",
    ];
    const REPLACE_A_CLIENT: &[&str] = &["generate_secret", "user_pool_id"];
    let mut seen = 0;
    for (kind, replacing) in [
        ("aws_cognito_user_pool", REPLACE_A_POOL),
        ("aws_cognito_user_pool_client", REPLACE_A_CLIENT),
    ] {
        for resource in resources(kind, snippets()) {
            let place = &resource.place;
            seen += 1;
            assert!(
                resource.text.contains("# … as "),
                "{place}: to what it is added"
            );
            // The name of a new attribute replaces nothing.
            let top: Vec<_> = resource
                .text
                .lines()
                .filter(|line| !line.starts_with("    "))
                .collect();
            let top = Resource {
                place: place.clone(),
                text: top.join("\n"),
            };
            for name in replacing {
                assert!(top.argument(name).is_none(), "{place}: {name}");
            }
        }
    }
    assert!(seen > 3);
    let page = file("docs/deploying.md");
    assert!(page.contains("\"must be replaced\""));
    for name in REPLACE_A_POOL {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

/// A flood of unknown names takes the invocations of users who have moved. What to reserve depends on the account, so
/// only the hardened example does.
#[test]
fn one_example_reserves_concurrency_and_the_pages_say_what_a_flood_does() {
    let sets = |text: &str| {
        let mut lines = text.lines().map(str::trim_start);
        lines.any(|line| line.starts_with("reserved_concurrency "))
    };
    let setting = configurations().filter(|(_, text)| sets(text));
    let setting: Vec<_> = setting.map(|(name, _)| name).collect();
    assert_eq!(setting, ["terraform/examples/hardened/main.tf"]);
    for page in ["docs/deploying.md", "docs/security.md", "docs/alarms.md"] {
        let text = file(page);
        for words in [
            "flood of unknown names",
            "`reserved_concurrency`",
            "throttles",
            "users who have moved",
            "#concurrency",
        ] {
            let text = text.replace('\n', " ");
            assert!(text.contains(words), "{page}: {words}");
        }
    }
}

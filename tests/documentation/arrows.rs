//! The imports between the modules of a crate, compared with the drawing in docs/architecture.md.

use std::collections::BTreeMap;

use super::{between, file, pages::files};

/// The modules and other names of its own crate that a file imports, its tests left out.
fn imported(text: &str) -> Vec<String> {
    let product = text.split("\nmod tests {").next().unwrap();
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let product: String = product.lines().filter(is_code).collect();
    let mut names = vec![];
    for import in product.split("crate::").skip(1) {
        let mut depth = 0;
        let is_outside_of_inner_braces = |c: &char| {
            depth += i32::from(*c == '{') - i32::from(*c == '}');
            depth == 1 && *c != '{' && *c != '}'
        };
        let (import, _) = import.split_once(';').unwrap_or((import, ""));
        let listed: String = match import.starts_with('{') {
            true => import.chars().filter(is_outside_of_inner_braces).collect(),
            false => import.split(',').take(1).collect(),
        };
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let first_name = |path: &str| path.trim().split(|c| !is_part(c)).next().map(str::to_owned);
        names.extend(listed.split(',').filter_map(first_name));
    }
    names
}

/// The module at the top of its crate to which a file belongs.
fn module_of(path: &str, folder: &str) -> Option<String> {
    let inside = path.strip_prefix(folder)?.strip_prefix('/')?;
    let module = inside.split('/').next()?.trim_end_matches(".rs");
    let is_of_tests =
        inside.ends_with("tests.rs") || ["test_support", "fixtures"].contains(&module);
    (module != "lib" && !is_of_tests).then(|| module.to_owned())
}

#[test]
fn imports_go_only_to_modules_further_right_on_the_page() {
    let page = file("docs/architecture.md");
    let (_, lines) = page.split_once("further right in these lines").unwrap();
    let (_, lines) = lines.split_once("\n\n").unwrap();
    let (lines, _) = lines.split_once("\n\n").unwrap();
    let mut arrows = 0;
    for line in lines.split("- `").skip(1) {
        let (crate_name, modules) = line.split_once("`: ").unwrap();
        let order = modules.split('`').skip(1).step_by(2);
        let order: Vec<_> = order.map(|name| name.trim_end_matches('/')).collect();
        assert_eq!(order.len(), between('`', modules).len(), "{crate_name}");
        let folder = match crate_name {
            "src" => "src".to_owned(),
            name => format!("crates/{name}/src"),
        };
        let mut of_module: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for path in files(".rs") {
            if let Some(module) = module_of(&path, &folder) {
                of_module
                    .entry(module)
                    .or_default()
                    .extend(imported(&file(&path)));
            }
        }
        let place = |module: &str| order.iter().position(|name| *name == module);
        for (from, names) in &of_module {
            for to in names
                .iter()
                .filter(|to| *to != from && of_module.contains_key(*to))
            {
                let is_drawn = place(from) < place(to) && place(from).is_some();
                assert!(is_drawn, "{crate_name}: {from} imports {to}");
                arrows += 1;
            }
        }
    }
    assert!(arrows > 200, "{arrows}");
}

//! The imports between the modules of a crate, compared with the drawing in docs/architecture.md.

use super::{between, file, pages::files};

/// The modules and other names of its own crate that a file imports, its tests left out.
fn imported(text: &str) -> Vec<String> {
    let product = text.split("\nmod tests {").next().unwrap();
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let product: String = product.lines().filter(is_code).collect();
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut names = vec![];
    for import in product.split("crate::").skip(1) {
        let import = import.split(';').next().unwrap();
        let mut depth = usize::from(!import.starts_with('{'));
        // What stands in inner braces belongs to the module before them.
        let listed = import.split_inclusive(['{', '}', ',']).filter(|part| {
            let is_listed = depth == 1;
            depth += part.matches('{').count();
            depth = depth.saturating_sub(part.matches('}').count());
            is_listed
        });
        let taken = if import.starts_with('{') {
            usize::MAX
        } else {
            1
        };
        let first_name = |part: &str| part.trim().split(|c| !is_part(c)).next().map(str::to_owned);
        names.extend(listed.take(taken).filter_map(first_name));
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
        let modules = files(".rs").into_iter();
        let modules = modules.filter_map(|path| Some((module_of(&path, &folder)?, path)));
        let modules: Vec<_> = modules.collect();
        let place = |module: &str| order.iter().position(|name| *name == module);
        for (from, path) in &modules {
            let mut names = imported(&file(path));
            names.retain(|to| to != from && modules.iter().any(|(module, _)| module == to));
            for to in names {
                let is_drawn = place(from) < place(&to) && place(from).is_some();
                assert!(is_drawn, "{crate_name}: {from} imports {to}");
                arrows += 1;
            }
        }
    }
    assert!(arrows > 200, "{arrows}");
}

//! The imports between the modules of a crate, compared with the drawing in docs/architecture.md.

use super::{between, file, pages::files, row};

/// The modules and other names of its own crate that a file imports, its tests left out.
fn imported(text: &str) -> Vec<String> {
    let product = text.split("\nmod tests {").next().unwrap();
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let product: String = product.lines().filter(is_code).collect();
    let first_name = |part: &str| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let name = part.trim().split(|c| !is_part(c)).next();
        name.unwrap().to_owned()
    };
    let mut names = vec![];
    for import in product.split("crate::").skip(1) {
        let Some(list) = import.strip_prefix('{') else {
            names.push(first_name(import));
            continue;
        };
        let mut list = list.split(';').next().unwrap().to_owned();
        // What stands in inner braces belongs to the module before them.
        while let Some((before, inner)) = list.rsplit_once('{') {
            list = before.to_owned() + inner.split_once('}').unwrap().1;
        }
        names.extend(list.split(',').map(first_name));
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
fn the_page_names_every_module_and_imports_go_only_to_modules_further_right() {
    let page = file("docs/architecture.md");
    let (_, lines) = page.split_once("further right in these lines").unwrap();
    let lines = lines.split("\n\n").nth(1).unwrap();
    let mut arrows = 0;
    for line in lines.split("- `").skip(1) {
        let (crate_name, modules) = line.split_once("`: ").unwrap();
        let order = modules.split('`').skip(1).step_by(2);
        let order: Vec<_> = order.map(|name| name.trim_end_matches('/')).collect();
        assert_eq!(order.len(), between('`', modules).len(), "{crate_name}");
        let (part, folder) = match crate_name {
            "src" => ("src/".to_owned(), "src".to_owned()),
            name => (format!("crates/{name}"), format!("crates/{name}/src")),
        };
        let named = &row("docs/architecture.md", "part", &format!("`{part}`"))[2];
        let modules = files(".rs").into_iter();
        let modules = modules.filter_map(|path| Some((module_of(&path, &folder)?, path)));
        let modules: Vec<_> = modules.collect();
        let place = |module: &str| order.iter().position(|name| *name == module);
        for (from, path) in &modules {
            let names = [format!("`{from}`"), format!("`{from}/`")];
            let is_named = names.iter().any(|name| named.contains(name));
            assert!(is_named || from == "main", "{part}: {from}");
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

//! The source of the migration's Terraform modules.

use crate::problem::{CommandResult, Problem};

/// The release of this version. Its publisher is not known here.
const RELEASE: &str = concat!(
    "git::https://github.com/OWNER/cognito-user-migration.git//terraform/modules/%s?ref=v",
    env!("CARGO_PKG_VERSION")
);

/// The placeholder for the module in a URL.
const MODULE: &str = "%s";

/// The source of the modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ModuleSource {
    /// In a folder, by a path from the draft.
    Folder(String),
    /// Behind a URL that names the module with `%s`.
    Url(String),
}

impl ModuleSource {
    /// The source that was named, or the release of this version.
    pub(super) fn read(named: Option<&str>) -> CommandResult<Self> {
        let Some(named) = named else {
            return Ok(ModuleSource::Url(RELEASE.to_owned()));
        };
        let is_url = ["::", "://", "git@"]
            .iter()
            .any(|sign| named.contains(sign));
        match (named.contains(MODULE), is_url) {
            (true, _) => Ok(ModuleSource::Url(named.to_owned())),
            (false, true) => Err(Problem::usage(
                "--module-source needs %s in a URL, where the name of the module belongs.",
            )),
            (false, false) if named.is_empty() => Err(Problem::usage("--module-source is empty.")),
            (false, false) => Ok(ModuleSource::Folder(named.trim_end_matches('/').to_owned())),
        }
    }

    /// The source of this module.
    pub(super) fn of(&self, module: &str) -> String {
        match self {
            ModuleSource::Url(url) => url.replace(MODULE, module),
            ModuleSource::Folder(folder) if is_local(folder) => format!("{folder}/{module}"),
            // Without the dot Terraform asks a registry.
            ModuleSource::Folder(folder) => format!("./{folder}/{module}"),
        }
    }

    /// Whether the function's zip must be named: Terraform copies a module that is not reached by a relative path, and the copy
    /// has no zip beside it.
    pub(super) fn takes_zip(&self) -> bool {
        match self {
            ModuleSource::Url(_) => true,
            ModuleSource::Folder(folder) => folder.starts_with('/'),
        }
    }

    /// Whether the publisher of the modules is unknown.
    pub(super) fn lacks_owner(&self) -> bool {
        *self == ModuleSource::Url(RELEASE.to_owned())
    }
}

fn is_local(folder: &str) -> bool {
    folder.starts_with('/')
        || folder == "."
        || folder == ".."
        || folder.starts_with("./")
        || folder.starts_with("../")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_found_by_a_path_or_a_url() {
        for row in [
            "../modules → ../modules/monitoring",
            "modules/ → ./modules/monitoring",
            "/opt/modules → /opt/modules/monitoring with zip",
            "git::https://example.com/a.git//x/%s?ref=v1 → git::https://example.com/a.git//x/monitoring?ref=v1 with zip",
        ] {
            let (named, expected) = row.split_once(" → ").unwrap();
            let source = ModuleSource::read(Some(named)).unwrap();
            let zip = if source.takes_zip() { " with zip" } else { "" };
            assert_eq!(source.of("monitoring") + zip, expected);
            assert!(!source.lacks_owner());
        }
        for named in [
            "",
            "git::https://example.com/a.git//x",
            "git@example.com:a.git",
        ] {
            assert!(ModuleSource::read(Some(named)).is_err(), "{named}");
        }
        let release = ModuleSource::read(None).unwrap();
        assert!(release.lacks_owner() && release.takes_zip());
        assert!(
            release
                .of("monitoring")
                .contains("/modules/monitoring?ref=v")
        );
    }
}

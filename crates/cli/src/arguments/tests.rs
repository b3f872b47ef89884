use clap::CommandFactory as _;

use super::*;

#[test]
fn the_command_line_is_well_formed() {
    Arguments::command().debug_assert();
}

/// The examples can be copied, and `make` runs each command.
#[test]
fn every_command_has_examples_that_it_takes_and_a_target_of_make() {
    let makefile = include_str!("../../../../Makefile");
    for command in Arguments::command().get_subcommands() {
        let name = command.get_name();
        let help = command.get_after_help().unwrap().to_string();
        let examples = help.replace("\\\n", "");
        let mut taken = 0;
        for line in examples.lines().filter_map(|line| line.strip_prefix("  ")) {
            let line = line.split(" > ").next().unwrap();
            let words: Vec<_> = line.split_whitespace().collect();
            assert_eq!(words.get(1), Some(&name), "{line}");
            Arguments::try_parse_from(&words).unwrap();
            taken += 1;
        }
        assert!(taken > 0, "{name}");
        let has_target = makefile.contains(&format!("\n{name}: ## "));
        assert!(has_target || name == "completions", "{name}");
    }
}

#[test]
fn an_id_token_goes_only_over_https_or_to_this_machine() {
    for (url, is_taken) in [
        ("https://example.com/v1", true),
        ("http://127.0.0.1:80/api", true),
        ("http://example.com/v1", false),
        ("http://127.0.0.1.example.com/", false),
        ("example.com", false),
    ] {
        assert_eq!(api_url(url).is_ok(), is_taken, "{url}");
    }
}

#[test]
fn a_pool_id_has_a_region() {
    assert!(pool_id("eu-west-1_Ab12Cd34E").is_ok());
    for text in ["", "Ab12", "_Ab12", "eu-west-1_", "eu-west-1_a/b", "a b_c"] {
        assert!(pool_id(text).is_err(), "{text}");
    }
}

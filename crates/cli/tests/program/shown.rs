//! The web page of a survey, and bars on a terminal.

use std::{fs::File, io::Read as _, path::Path};

use nix::pty::{Winsize, openpty};
use testbed::source_pool::{POOL_ID, SourcePoolStub};

use crate::support::*;

async fn pool() -> SourcePoolStub {
    let others = [
        user("bo").disabled(),
        user("cem").with("email_verified", "false"),
        user("dora").with_status("FORCE_CHANGE_PASSWORD"),
    ];
    let users = (0..1250).map(|number| user(&format!("ana{number}")));
    started(two_pools(users.chain(others).collect())).await
}

#[tokio::test]
async fn the_page_of_a_survey_holds_counts_and_settings_and_nothing_personal_or_secret() {
    let pool = pool().await;
    let folder = folder("page");
    let evil = r#"{"nickname":"custom:\"><script>alert(1)</script>"}"#;
    let line = "survey POOLS --rate 1000 --html FOLDER/survey.html";
    let mut program = program(&pool);
    program
        .env("SRC_CLIENT_SECRET", SECRET)
        .env("STATIC_ATTRIBUTES", r#"{"profile":"made-up-key"}"#)
        .env("ATTRIBUTE_MAP", evil)
        .args(words(line, &folder));
    said(&mut program).await.good();
    let page = own_file(&folder.join("survey.html"));
    for part in [
        "<strong>1,251 of 1,253</strong> users will sign in, and again, without calling you.",
        "<title>moves: 99.8% of the users</title>",
        "width=\"992\"",
        "<b>user_disabled</b> <span class=\"quiet\">stays</span>",
        "Enable in the source pool the users who are to move.",
        "<b>no_contact</b>",
        "<code>ON_TEMPORARY_PASSWORD=reset</code>",
        "1 more move after a reset, 1 fewer stay",
        "custom:\\&#34;&#62;&#60;script&#62;alert(1)",
        "set (not shown)",
        "migrate (default)",
        POOL_ID,
        DESTINATION,
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    for part in "<script http: https: url( src= href= made-up".split(' ') {
        assert!(!page.contains(part), "{part}");
    }
    assert_no_secret(&pool, &[&page]);
}

/// What a command says on a terminal that is so wide.
async fn on_a_terminal(
    pool: &SourcePoolStub,
    command: &str,
    columns: u16,
    variable: &str,
) -> String {
    let size = Winsize {
        ws_row: 24,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    let terminal = openpty(&size, None).expect("a terminal");
    let mut shown = File::from(terminal.master);
    let mut program = program(pool);
    let line = format!("{command} POOLS --rate 1000");
    program
        .args(words(&line, Path::new("")))
        .env("TERM", "xterm")
        .env(variable, "1")
        .stdout(terminal.slave);
    let mut child = program.spawn().expect("the program was built");
    // The last hold on its side of the terminal here: the reading ends with the program.
    drop(program);
    let reading = tokio::task::spawn_blocking(move || {
        let mut bytes = vec![];
        // Linux ends it with an error, and has read everything.
        let _ = shown.read_to_end(&mut bytes);
        String::from_utf8(bytes).expect("text")
    });
    assert_eq!(child.wait().await.expect("it ended").code(), Some(0));
    reading.await.expect("it was read")
}

#[tokio::test]
async fn a_terminal_shows_bars_as_wide_as_it_is_and_a_pipe_shows_none() {
    let pool = pool().await;
    let piped = run_in(&pool, Path::new(""), "survey").await.stdout;
    assert!(!piped.contains('█') && !piped.contains('\x1b'), "{piped}");
    for (columns, width) in [(60, 60), (132, 132), (0, 80)] {
        let shown = on_a_terminal(&pool, "survey", columns, "NO_COLOR").await;
        assert!(!shown.contains('\x1b'), "{shown}");
        let is_full = |line: &&str| line.starts_with("moves ") && line.contains("█  1,251  99.8%");
        let bar = shown.lines().find(is_full);
        assert_eq!(bar.map(|bar| bar.chars().count()), Some(width), "{shown}");
        assert!(shown.contains("\nlocked_out "), "{shown}");
        let shown = on_a_terminal(&pool, "progress", columns, "NO_COLOR").await;
        let bar = shown.lines().find(|line| line.ends_with("░ 0.0%"));
        assert_eq!(bar.map(|bar| bar.chars().count()), Some(width), "{shown}");
    }
    let shown = on_a_terminal(&pool, "survey", 60, "UNUSED").await;
    assert!(shown.contains("\x1b[32m█"), "{shown}");
}

//! The memory that the program needs for each user.

use std::{env, process::Stdio, time::Duration};

use testbed::{
    measured,
    source_pool::{State, User},
};

use crate::{
    retire::{DELETE, marked},
    support::*,
};

fn users(kind: &str, number: usize) -> Vec<User> {
    let names = (0..number).map(|number| format!("{kind}{number}@example.com"));
    names.map(|name| user(&name)).collect()
}

/// The bytes that the program needs for so many users, printed, too.
async fn used(line: &str, state: State) -> usize {
    let users = state.users.len();
    let pool = started(state).await;
    let mut program = line_of(&pool, &folder(&format!("memory of {users} {line}")), line);
    let mut child = program.stdout(Stdio::null()).spawn().expect("it was built");
    let pid = child.id().expect("it runs");
    let mut kilobytes = 0;
    while let Ok(None) = child.try_wait() {
        kilobytes = measured::memory(pid).1.max(kilobytes);
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(child.wait().await.expect("it ended").code(), Some(0));
    println!("{line}: {users} users, {kilobytes} KB");
    usize::try_from(kilobytes * 1024).expect("a number of bytes")
}

/// The lists are long enough to tell the users from everything else; `MEMORY_USERS` makes them longer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_grows_by_at_most_so_many_bytes_a_user() {
    let most = env::var_os("MEMORY_USERS").and_then(|text| text.to_str()?.parse().ok());
    let (few, many) = (5_000, most.unwrap_or(40_000));
    let survey = |number| two_pools(users("old", number));
    // No user has moved.
    let stragglers = |number| both_pools(users("old", number), users("new", number));
    // The longest answer, and the longest memory of whom it speaks: all users have moved. With 200,000 users it is 473 bytes; a
    // list that has just doubled holds more.
    let retire = |number| {
        let moved = users("old", number);
        let marked = moved.iter().map(|user| marked(&user.username, "done"));
        let marked = marked.collect();
        both_pools(moved, marked)
    };
    let measured = async |line: &str, pools: &dyn Fn(usize) -> State, limit: usize| {
        let (least, most) = tokio::join!(used(line, pools(few)), used(line, pools(many)));
        let each = most.saturating_sub(least) / (many - few);
        assert!(each <= limit, "{line}: {each}");
    };
    let delete = DELETE.line("");
    tokio::join!(
        measured("survey --set SRC_LOOKUP=email", &survey, 300),
        measured("stragglers --out FOLDER", &stragglers, 100),
        measured(&delete, &retire, 700),
    );
}

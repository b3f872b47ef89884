use super::*;

#[test]
fn only_a_preflight_that_asked_everything_and_found_nothing_says_so() {
    const UNKNOWN: &str =
        "Whether migrations will work is not known, because some checks were not made.";
    for (is_good, statuses, said) in [
        (true, ["ok", "ok", "ok"], "Nothing keeps migrations from working.".to_owned()),
        (
            true,
            ["ok", "warn", "warn"],
            "No check failed. Read the warnings: b, c".to_owned(),
        ),
        (
            true,
            ["skipped other_check", "ok", "skipped"],
            "Nothing that was checked keeps migrations from working.\nNot checked: a, c".to_owned(),
        ),
        (
            true,
            ["skipped not_needed", "warn", "ok"],
            "No check failed. Read the warnings: b\nNot checked: a".to_owned(),
        ),
        (
            true,
            ["skipped waits_for_function", "ok", "ok"],
            "Nothing that was checked keeps migrations from working.\n1 check waits for the function: a".to_owned(),
        ),
        (
            true,
            ["skipped waits_for_function", "warn", "skipped waits_for_function"],
            "No check failed. Read the warnings: b\n2 checks wait for the function: a, c".to_owned(),
        ),
        (
            false,
            ["skipped no_permission", "warn", "skipped no_answer"],
            format!("{UNKNOWN}\nNot checked for want of a permission: a\nNot checked for want of an answer: c"),
        ),
        // A later version of the function can have more reasons and statuses.
        (
            true,
            ["skipped new", "ok", "ok"],
            "Nothing that was checked keeps migrations from working.\nNot checked: a".to_owned(),
        ),
        (
            false,
            ["ok", "new", "ok"],
            format!("{UNKNOWN}\nWith a status that this program does not know: b"),
        ),
        (
            false,
            ["fail", "warn", "fail"],
            "Migrations will fail, or cannot be judged: a, c".to_owned(),
        ),
        (
            false,
            ["fail", "skipped other_check", "skipped no_permission"],
            "Migrations will fail, or cannot be judged: a\nNot checked for want of a permission: c\nNot checked: b"
                .to_owned(),
        ),
    ] {
        let checks = ["a", "b", "c"].into_iter().zip(statuses).map(|(id, status)| {
            let (status, why) = status.split_once(' ').unwrap_or((status, ""));
            let mut check = json!({"id": id, "status": status, "detail": "", "fix": ""});
            if !why.is_empty() {
                check["why"] = why.into();
            }
            check
        });
        let checks: Vec<_> = checks.collect();
        // The function itself takes all for good.
        let answer = json!({"ok": is_good, "checks": checks, "users": {"source": null}});
        let report = read(&answer.to_string());
        let Ok(report) = report else {
            panic!("{answer}")
        };
        assert_eq!(verdict(&report), said, "{statuses:?}");
    }
}

/// A later version of the function knows more, and none of it is lost.
#[test]
fn what_a_later_function_reports_is_shown_and_counts_as_not_good() {
    let check = json!({
        "id": "source.passkeys", "status": "doubtful", "detail": "Found.", "fix": "Look.", "since": 2,
    });
    let answer =
        json!({"ok": true, "checks": [check], "users": {"source": 7, "both": 9}, "more": []});
    let Ok(report) = read(&answer.to_string()) else {
        panic!("{answer}")
    };
    assert!(!report.ok);
    let said = for_people(&report);
    for words in [
        "source.passkeys",
        "doubtful",
        "Found.",
        "→ Look.",
        " 7 users",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn an_answer_that_is_no_report_is_an_error_that_repeats_nothing_of_it() {
    const NO_CHECKS: &str = "a report (no checks): see its log";
    for (answer, said) in [
        ("", NO_CHECKS),
        ("null", NO_CHECKS),
        (r#"{"userName": "ana", "checks": {"ana": 1}}"#, NO_CHECKS),
        (
            r#"{"ok": "ana", "checks": [], "users": {"source": 1}}"#,
            NO_CHECKS,
        ),
        (
            r#"{"ok": true, "checks": [{"id": "ana"}], "users": {"source": 1}}"#,
            NO_CHECKS,
        ),
        (
            r#"{"errorType": "Sandbox.Timedout", "errorMessage": "ana"}"#,
            "(Sandbox.Timedout)",
        ),
        (r#"{"errorType": "of ana"}"#, NO_CHECKS),
    ] {
        let Err(problem) = read(answer) else {
            panic!("{answer}")
        };
        let problem = problem.to_string();
        assert!(
            problem.contains(said) && !problem.contains("ana"),
            "{problem}"
        );
    }
}

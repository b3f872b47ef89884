use super::*;

/// The statuses of three checks and why, what the function says of all, and the verdict.
const VERDICTS: [&str; 11] = [
    "ok, ok, ok → true: Nothing keeps migrations from working.",
    "ok, warn, warn → true: No check failed. Read the warnings: b, c",
    "skipped other_check, ok, skipped → true: Nothing that was checked keeps migrations from working.|Not checked: a, c",
    "skipped not_needed, warn, ok → true: No check failed. Read the warnings: b|Not checked: a",
    "skipped waits_for_function, ok, ok → true: Nothing that was checked keeps migrations from working.|1 check waits for the function: a",
    "skipped waits_for_function, warn, skipped waits_for_function → true: No check failed. Read the warnings: b|2 checks wait for the function: a, c",
    "skipped no_permission, warn, skipped no_answer → false: UNKNOWN|Not checked for want of a permission: a|Not checked for want of an answer: c",
    // A later version of the function can have more reasons and statuses.
    "skipped new, ok, ok → true: Nothing that was checked keeps migrations from working.|Not checked: a",
    "ok, new, ok → false: UNKNOWN|With a status that this program does not know: b",
    "fail, warn, fail → false: Migrations will fail, or cannot be judged: a, c",
    "fail, skipped other_check, skipped no_permission → false: Migrations will fail, or cannot be judged: a|Not checked for want of a permission: c|Not checked: b",
];

fn report(answer: &serde_json::Value) -> PreflightReport {
    read(&answer.to_string()).unwrap_or_else(|_| panic!("{answer}"))
}

#[test]
fn only_a_preflight_that_asked_everything_and_found_nothing_says_so() {
    const UNKNOWN: &str =
        "Whether migrations will work is not known, because some checks were not made.";
    for row in VERDICTS {
        let (statuses, verdict) = row.split_once(" → ").unwrap();
        let (is_good, said) = verdict.split_once(": ").unwrap();
        let ids = ["a", "b", "c"].into_iter();
        let checks = ids.zip(statuses.split(", ")).map(|(id, status)| {
            let (status, why) = status.split_once(' ').unwrap_or((status, ""));
            let mut check = json!({"id": id, "status": status, "detail": "", "fix": ""});
            if !why.is_empty() {
                check["why"] = why.into();
            }
            check
        });
        let checks: Vec<_> = checks.collect();
        // The function itself takes all for good.
        let answer = json!({"ok": is_good == "true", "checks": checks, "users": {"source": null}});
        let report = report(&answer);
        let said = said.replace('|', "\n").replace("UNKNOWN", UNKNOWN);
        assert_eq!(super::verdict(&report), said, "{row}");
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
    let report = report(&answer);
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
    for answer in [
        "",
        "null",
        r#"{"userName": "ana", "checks": {"ana": 1}}"#,
        r#"{"ok": "ana", "checks": [], "users": {"source": 1}}"#,
        r#"{"ok": true, "checks": [{"id": "ana"}], "users": {"source": 1}}"#,
        r#"{"errorType": "of ana"}"#,
        r#"{"errorType": "Sandbox.Timedout", "errorMessage": "ana"}"#,
    ] {
        let problem = read(answer).err().unwrap().to_string();
        let said = match answer.contains("Sandbox") {
            true => "(Sandbox.Timedout)",
            false => NO_CHECKS,
        };
        assert!(problem.contains(said), "{problem}");
        assert!(!problem.contains("ana"), "{problem}");
    }
}

//! `SRC_PROFILE=id_token`: a sign-in is one call, and the token that it gives holds the profile. Which token is believed is
//! proven in `crates/rules` and `crates/pools`, and that challenges and resets read the profile in `crates/pools`.

use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn a_sign_in_is_one_call_and_leads_to_the_same_user_as_two() {
    const MAP: (&str, &str) = (
        "ATTRIBUTE_MAP",
        r#"{"sub":"custom:legacy","username":"custom:legacy_name","custom:*":"custom:*"}"#,
    );
    // An attribute of every form that a claim can have.
    let user = ana()
        .with("address", "1 Road\nTown")
        .with("updated_at", "1583020800")
        .with("custom:age", "42")
        .with("preferred_username", "ana")
        .in_groups(&["admins"]);
    for (flow, operations) in FLOWS {
        let mut answers = vec![];
        for (from, calls) in [("after", 2), ("id_token", 1)] {
            let variables = [MAP, ("SRC_PROFILE", from), ("SRC_AUTH_FLOW", flow)];
            let bed = Bed::with(pool_of(user.clone()), &variables).await;
            let event = sign_in_event(ANA, PASSWORD);
            let outcome = bed.invoke(&event).await;
            assert_eq!(bed.pool.calls(), operations[..calls]);
            answers.push(migrated(&outcome, &event));
            let sub = json!({"source_sub": ana().sub()});
            bed.logs(&outcome, &sub).await;
        }
        assert_eq!(answers[0], answers[1]);
        let expected =
            json!({"custom:age": "42", "custom:legacy_name": ANA, "email_verified": "true"});
        assert_holds(&answers[1]["userAttributes"], &expected, flow);
    }
}

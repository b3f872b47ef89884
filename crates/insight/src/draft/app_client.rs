//! The app clients of the new pool: those of the source pool, with what a migration needs.

use rules::attributes::{STANDARD, is_verified_flag};

use super::{
    blueprint::{ClientBlueprint, Validity},
    notes::Note,
    pool::Planned,
};

/// Without it Cognito calls no migration trigger.
const PASSWORD_FLOW: &str = "ALLOW_USER_PASSWORD_AUTH";

/// The only identity provider of a pool that was just made.
const OWN_PROVIDER: &str = "COGNITO";

/// The flows of a client that names none.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html>
const DEFAULT_FLOWS: [&str; 3] = [
    "ALLOW_CUSTOM_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
    "ALLOW_USER_SRP_AUTH",
];

/// The client of the new pool that replaces this one.
pub fn client_of(source: &ClientBlueprint, pool: &Planned) -> ClientBlueprint {
    let mut client = source.clone();
    client.auth_flows = auth_flows(&source.auth_flows);
    if !client.providers.is_empty() {
        client.providers = vec![OWN_PROVIDER.to_owned()];
    }
    client.access_token = completed(&source.access_token, 60, "minutes", "hours");
    client.id_token = completed(&source.id_token, 60, "minutes", "hours");
    client.refresh_token = completed(&source.refresh_token, 30, "days", "days");
    let is_own = |name: &String| *name == pool.mark || *name == pool.legacy_sub;
    let standard = || STANDARD.map(str::to_owned).to_vec();
    let mut readable = source.readable.clone().unwrap_or_else(standard);
    readable.retain(|name| !is_own(name));
    readable.push(pool.legacy_sub.clone());
    let mut writable = source.writable.clone().unwrap_or_else(standard);
    writable.retain(|name| !is_own(name) && !is_verified_flag(name));
    for names in [&mut readable, &mut writable] {
        names.sort_unstable();
        names.dedup();
    }
    client.readable = Some(readable);
    client.writable = Some(writable);
    // Only apps with a secret can.
    client.propagates_context = source
        .propagates_context
        .map(|is_on| is_on && source.has_secret);
    client.analytics = false;
    client
}

/// The flows under their new names, of which the old ones are no part: a client takes no mixture.
fn auth_flows(source: &[String]) -> Vec<String> {
    let is_new = |flow: &String| flow.starts_with("ALLOW_");
    let mut flows: Vec<String> = match source {
        [] => DEFAULT_FLOWS.map(str::to_owned).to_vec(),
        flows if flows.iter().all(is_new) => flows.to_vec(),
        flows => {
            let renamed = flows.iter().filter_map(|flow| match flow.as_str() {
                "ADMIN_NO_SRP_AUTH" => Some("ALLOW_ADMIN_USER_PASSWORD_AUTH".to_owned()),
                "USER_PASSWORD_AUTH" => Some(PASSWORD_FLOW.to_owned()),
                // Every such client has the flow.
                "CUSTOM_AUTH_FLOW_ONLY" => None,
                flow => Some(flow.to_owned()),
            });
            let only_custom = flows.iter().any(|flow| flow == "CUSTOM_AUTH_FLOW_ONLY");
            let implied = DEFAULT_FLOWS.into_iter();
            let implied = implied.filter(|flow| !only_custom || *flow != "ALLOW_USER_SRP_AUTH");
            renamed.chain(implied.map(str::to_owned)).collect()
        }
    };
    flows.push(PASSWORD_FLOW.to_owned());
    flows.sort_unstable();
    flows.dedup();
    flows
}

/// How long a token lives, written out: Cognito's own number where the client says none, and the unit in which a number without
/// one is counted.
fn completed(source: &Validity, usual: i32, usual_unit: &str, silent_unit: &str) -> Validity {
    match source.number {
        None | Some(0) => Validity {
            number: Some(usual),
            unit: Some(usual_unit.to_owned()),
        },
        Some(number) => Validity {
            number: Some(number),
            unit: Some(
                source
                    .unit
                    .clone()
                    .unwrap_or_else(|| silent_unit.to_owned()),
            ),
        },
    }
}

/// The differences of this client from the source pool's.
pub fn notes_on_client(source: &ClientBlueprint, client: &ClientBlueprint) -> Vec<Note> {
    let mut notes = vec![];
    if source.has_secret {
        notes.push(Note::left_behind(
            "ClientSecret",
            "It has a new secret: give it to the app. Terraform's state holds it.",
        ));
    }
    let others: Vec<_> = source
        .providers
        .iter()
        .filter(|name| *name != OWN_PROVIDER)
        .cloned()
        .collect();
    if !others.is_empty() {
        notes.push(Note::left_behind(
            "SupportedIdentityProviders",
            format!(
                "Connect these to the new pool, then name them here: {}.",
                others.join(", ")
            ),
        ));
    }
    if source.analytics {
        notes.push(Note::left_behind(
            "AnalyticsConfiguration",
            "It sends nothing to Amazon Pinpoint.",
        ));
    }
    let mut auth_flows = source.auth_flows.clone();
    auth_flows.sort_unstable();
    if auth_flows != client.auth_flows {
        notes.push(Note::different(
            "ExplicitAuthFlows",
            format!("It allows `{PASSWORD_FLOW}`: Cognito migrates no user in another flow."),
        ));
    }
    notes.push(Note::different(
        "PreventUserExistenceErrors",
        "It is `ENABLED`: an unknown user is answered like a wrong password.",
    ));
    notes.push(Note::different(
        "ReadAttributes",
        match &source.readable {
            Some(_) => "Apps can read the old `sub`.",
            None => "It names the standard attributes, and apps can read the old `sub`. Add custom attributes that the app reads.",
        },
    ));
    if source.writable != client.writable {
        notes.push(Note::different(
            "WriteAttributes",
            match &source.writable {
                Some(_) => "No user can write the mark, the old `sub` or a verified flag.",
                None => {
                    "It names the standard attributes. The source client names none, which lets users write more: add the \
                     attributes that users of the app write, never the mark or the old `sub`."
                }
            },
        ));
    }
    if source.access_token != client.access_token
        || source.id_token != client.id_token
        || source.refresh_token != client.refresh_token
    {
        for member in [
            "TokenValidityUnits",
            "AccessTokenValidity",
            "IdTokenValidity",
            "RefreshTokenValidity",
        ] {
            notes.push(Note::different(
                member,
                "What the source client leaves to Cognito is written out.",
            ));
        }
    }
    if source.propagates_context != client.propagates_context {
        notes.push(Note::different(
            "EnablePropagateAdditionalUserContextData",
            "It needs a client secret.",
        ));
    }
    notes.sort_by_key(|note| note.kind);
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        draft::tests::{members, planned_pool},
        test_support::{changed, names},
    };

    #[test]
    fn every_client_sends_the_password_and_no_flow_has_its_old_name() {
        const OLD: &str = "ADMIN_NO_SRP_AUTH USER_PASSWORD_AUTH";
        const CUSTOM: &str = "CUSTOM_AUTH_FLOW_ONLY";
        #[rustfmt::skip]
        let cases = [
            ("", "CUSTOM REFRESH_TOKEN USER_PASSWORD USER_SRP"),
            ("ALLOW_USER_AUTH", "USER USER_PASSWORD"),
            ("ALLOW_USER_PASSWORD_AUTH", "USER_PASSWORD"),
            (OLD, "ADMIN_USER_PASSWORD CUSTOM REFRESH_TOKEN USER_PASSWORD USER_SRP"),
            (CUSTOM, "CUSTOM REFRESH_TOKEN USER_PASSWORD"),
        ];
        for (source, expected) in cases {
            let expected = expected.split(' ').map(|it| format!("ALLOW_{it}_AUTH"));
            assert_eq!(auth_flows(&names(source)), expected.collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_number_has_its_unit_and_silence_is_written_out() {
        for (number, unit, expected) in [
            (None, None, "60 minutes, 60 minutes, 30 days"),
            (None, Some("hours"), "60 minutes, 60 minutes, 30 days"),
            (Some(5), None, "5 hours, 5 hours, 5 days"),
            (Some(5), Some("minutes"), "5 minutes, 5 minutes, 5 minutes"),
        ] {
            let unit = unit.map(str::to_owned);
            let given = Validity { number, unit };
            let mut source = blueprint(|it| it.access_token = given.clone());
            (source.id_token, source.refresh_token) = (given.clone(), given);
            let client = client_of(&source, &planned_pool());
            let tokens = [client.access_token, client.id_token, client.refresh_token];
            let found = tokens.map(|it| format!("{} {}", it.number.unwrap(), it.unit.unwrap()));
            assert_eq!(found.join(", "), expected);
        }
    }

    fn blueprint(change: impl FnOnce(&mut ClientBlueprint)) -> ClientBlueprint {
        changed(ClientBlueprint::default(), change)
    }

    fn lives(number: i32) -> Validity {
        Validity {
            number: Some(number),
            unit: Some("hours".to_owned()),
        }
    }

    #[test]
    fn no_user_can_write_the_mark_or_the_old_sub() {
        let pool = planned_pool();
        const OWN: &str = "email custom:migration custom:legacy_sub custom:team";
        for (own, team) in [(None, false), (Some(OWN), true)] {
            let own = own.map(names);
            let source = blueprint(|it| (it.writable, it.readable) = (own.clone(), own));
            let client = client_of(&source, &pool);
            let has = |names: &Option<Vec<String>>, name: &str| {
                names.iter().flatten().any(|known| known == name)
            };
            for (name, reads, writes) in [
                (&*pool.mark, false, false),
                (&*pool.legacy_sub, true, false),
                ("email", true, true),
                ("email_verified", !team, false),
                ("custom:team", team, team),
            ] {
                assert_eq!(has(&client.readable, name), reads, "{name}");
                assert_eq!(has(&client.writable, name), writes, "{name}");
            }
            let members = members(&notes_on_client(&source, &client));
            assert!(members.contains(&"WriteAttributes"), "{members:?}");
        }
    }

    /// Each difference from the source client has its note, and what is alike has none.
    #[test]
    fn what_differs_from_the_source_client_is_noted() {
        const TOKENS: &str =
            "{} TokenValidityUnits AccessTokenValidity IdTokenValidity RefreshTokenValidity";
        type Change = fn(&mut ClientBlueprint);
        #[rustfmt::skip]
        let cases: [(Change, &str); 11] = [
            (|_| {}, "{}"),
            (|client| client.has_secret = true, "ClientSecret {}"),
            (|client| client.providers = names("Google COGNITO"), "SupportedIdentityProviders {}"),
            (|client| client.analytics = true, "AnalyticsConfiguration {}"),
            (|client| client.auth_flows = names("ALLOW_USER_SRP_AUTH"), "ExplicitAuthFlows {}"),
            (|client| client.writable = None, "{} WriteAttributes"),
            (|client| client.access_token = Validity::default(), TOKENS),
            (|client| client.id_token = Validity::default(), TOKENS),
            (|client| client.refresh_token = Validity::default(), TOKENS),
            // Only apps with a secret tell of their users.
            (|client| client.propagates_context = Some(true), "{} EnablePropagateAdditionalUserContextData"),
            (|client| (client.propagates_context, client.has_secret) = (Some(true), true), "ClientSecret {}"),
        ];
        for (change, expected) in cases {
            let mut source = blueprint(|it| it.auth_flows = names("ALLOW_USER_PASSWORD_AUTH"));
            source.providers = names("COGNITO");
            let email = || Some(names("email"));
            (source.readable, source.writable) = (email(), email());
            (source.access_token, source.id_token) = (lives(1), lives(2));
            source.refresh_token = lives(3);
            change(&mut source);
            let client = client_of(&source, &planned_pool());
            let notes = notes_on_client(&source, &client);
            let expected = expected.replace("{}", "PreventUserExistenceErrors ReadAttributes");
            assert_eq!(members(&notes).join(" "), expected, "{source:?}");
            assert_eq!(client.providers, ["COGNITO"]);
            assert_eq!(client.has_secret, source.has_secret);
            let propagates = source.propagates_context.map(|_| source.has_secret);
            assert_eq!(client.propagates_context, propagates);
            assert!(!client.analytics);
        }
    }
}

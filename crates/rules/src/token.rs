//! The claims in the tokens of the source pool.
//!
//! The signature need not be checked: the tokens came over TLS from the pool that was asked.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html>

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};

use crate::{
    attributes::is_settable,
    evidence::{Identity, Profile, SecondFactor, Standing},
    sensitive::Sensitive,
};

/// The `sub` of the user whom this token is about; `None` if the text is not a token or names no user.
pub fn subject(token: &Sensitive) -> Option<String> {
    let sub = claims(token)?.get("sub")?.as_str()?.to_owned();
    (!sub.is_empty()).then_some(sub)
}

/// The profile in an ID token of this app client and of one of these `issuers`; `None` for any other text.
///
/// The attributes are those that AdminGetUser gives, of the attributes that the app client may read.
pub fn profile(id_token: &Sensitive, client_id: &str, issuers: &[String]) -> Option<Profile> {
    let claims = claims(id_token)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let is_of_the_client = text("token_use") == Some("id")
        && text("iss").is_some_and(|issuer| issuers.iter().any(|known| known == issuer))
        && text("aud") == Some(client_id);
    let username = text("cognito:username").filter(|name| is_of_the_client && !name.is_empty())?;
    let attribute = |(name, claim): (&String, &Value)| {
        let is_one = name == "sub" || is_settable(name);
        Some((name.clone(), value(name, claim).filter(|_| is_one)?))
    };
    Some(Profile {
        identity: Identity {
            username: username.to_owned(),
            attributes: claims.iter().filter_map(attribute).collect(),
        },
        standing: Standing::VouchedByToken,
        // A user with a second factor gets a challenge and no token.
        second_factor: SecondFactor::None,
    })
}

/// The attribute value that AdminGetUser shows for this claim; `None` for a claim that is no attribute.
fn value(name: &str, claim: &Value) -> Option<String> {
    match claim {
        Value::String(text) => Some(text.clone()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(parts) if name == "address" => {
            parts.get("formatted")?.as_str().map(str::to_owned)
        }
        Value::Object(_) | Value::Array(_) | Value::Null => None,
    }
}

fn claims(token: &Sensitive) -> Option<Map<String, Value>> {
    let (_header, rest) = token.expose().split_once('.')?;
    let (claims, _signature) = rest.split_once('.')?;
    let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
    serde_json::from_slice(&claims).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(claims: &str) -> Sensitive {
        Sensitive::new(format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims)))
    }

    const CLIENT: &str = "1example23456789";
    const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34E";

    fn profile(token: &Sensitive) -> Option<Profile> {
        let other = "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34E";
        super::profile(token, CLIENT, &[other, ISSUER].map(str::to_owned))
    }

    /// An ID token as Cognito makes it, with these claims changed.
    fn id_token(changes: &Value) -> Sensitive {
        let mut claims = json!({
            "sub": "7c7f", "aud": CLIENT, "token_use": "id", "auth_time": 1, "exp": 2, "iat": 1,
            "iss": ISSUER,
            "cognito:username": "ana.kowalczyk", "email": "ana@example.com",
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        token(&claims.to_string())
    }

    fn attributes(changes: &Value) -> Vec<(String, String)> {
        let mut attributes = profile(&id_token(changes)).unwrap().identity.attributes;
        attributes.retain(|(name, _)| !["sub", "email"].contains(&name.as_str()));
        attributes
    }

    #[test]
    fn the_subject_is_the_sub_among_the_claims() {
        let claims = r#"{"sub":"7c7f","username":"ana?~","token_use":"access","exp":1}"#;
        assert_eq!(subject(&token(claims)).as_deref(), Some("7c7f"));
    }

    #[test]
    fn a_text_without_a_token_or_a_user_has_no_subject_and_no_profile() {
        for claims in [
            "",
            "{}",
            "[]",
            r#"{"sub":""}"#,
            r#"{"sub":7}"#,
            r#"{"sub":null}"#,
        ] {
            assert_eq!(subject(&token(claims)), None, "{claims}");
            assert_eq!(profile(&token(claims)), None, "{claims}");
        }
        for text in [
            "",
            "made-up-token",
            "e30.e30",
            "e30.!.c2ln",
            "..",
            "e30.eyJzdWIiOiI3In0=.c",
        ] {
            assert_eq!(subject(&Sensitive::new(text)), None, "{text}");
            assert_eq!(profile(&Sensitive::new(text)), None);
        }
    }

    #[test]
    fn an_id_token_of_the_client_holds_the_profile() {
        let profile = profile(&id_token(&json!({}))).unwrap();
        assert_eq!(profile.identity.username, "ana.kowalczyk");
        assert_eq!(profile.standing, Standing::VouchedByToken);
        assert_eq!(profile.identity.sub(), Some("7c7f"));
    }

    #[test]
    fn claims_become_the_attributes_that_an_administrator_sees() {
        for (name, claim, value) in [
            ("name", json!("Ana"), Some("Ana")),
            ("email_verified", json!(true), Some("true")),
            ("phone_number_verified", json!(false), Some("false")),
            ("email_verified", json!("true"), Some("true")),
            // The mapping reads it, in any case.
            ("email_verified", json!("True"), Some("True")),
            ("updated_at", json!(1_583_020_800), Some("1583020800")),
            ("custom:age", json!("42"), Some("42")),
            ("custom:age", json!(42), Some("42")),
            ("custom:ratio", json!(0.5), Some("0.5")),
            ("custom:flag", json!(false), Some("false")),
            (
                "address",
                json!({"formatted": "1 Road\nTown"}),
                Some("1 Road\nTown"),
            ),
            ("address", json!("1 Road"), Some("1 Road")),
            ("address", json!({"street_address": "1 Road"}), None),
            ("address", json!({"formatted": 1}), None),
            ("name", json!({"formatted": "Ana"}), None),
            ("name", json!(["Ana"]), None),
            ("name", json!(null), None),
            ("identities", json!([{"userId": "1"}]), None),
            ("identities", json!("[]"), None),
            ("cognito:groups", json!(["admins"]), None),
            ("cognito:preferred_role", json!("admin"), None),
            ("nonce", json!("n"), None),
            ("made_up_by_a_trigger", json!("x"), None),
            ("custom:", json!("x"), None),
        ] {
            let expected: Vec<_> = value
                .map(|value| (name.to_owned(), value.to_owned()))
                .into_iter()
                .collect();
            assert_eq!(attributes(&json!({name: claim})), expected, "{name}");
        }
    }

    #[test]
    fn a_token_of_another_pool_client_or_use_is_none() {
        for changes in [
            json!({"token_use": "access"}),
            json!({"token_use": null}),
            json!({"aud": "another"}),
            json!({"aud": ["1example23456789"]}),
            json!({"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Another1"}),
            json!({"iss": "https://cognito-idp.us-east-1.amazonaws.com/eu-west-1_Ab12Cd34E"}),
            json!({"iss": "https://example.com/eu-west-1_Ab12Cd34E"}),
            json!({"iss": "http://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34E"}),
            json!({"iss": "https://cognito-idp.eu-west-1.amazonaws.com.cn/eu-west-1_Ab12Cd34E"}),
            json!({"iss": null}),
            json!({"cognito:username": ""}),
            json!({"cognito:username": null}),
        ] {
            assert_eq!(profile(&id_token(&changes)), None, "{changes}");
        }
    }

    #[test]
    fn every_issuer_of_the_pool_is_believed() {
        let updated = "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34E";
        for issuer in [ISSUER, updated] {
            assert!(profile(&id_token(&json!({"iss": issuer}))).is_some());
        }
        assert_eq!(super::profile(&id_token(&json!({})), CLIENT, &[]), None);
    }
}

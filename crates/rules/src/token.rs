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
    use crate::test_support::*;

    fn token(claims: &str) -> Sensitive {
        Sensitive::new(format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims)))
    }

    const CLIENT: &str = "1example23456789";
    const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34E";
    const UPDATED: &str = "https://issuer-cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab12Cd34E";

    fn profile(token: &Sensitive) -> Option<Profile> {
        super::profile(token, CLIENT, &[UPDATED, ISSUER].map(str::to_owned))
    }

    /// An ID token as Cognito makes it, with this claim changed.
    fn id_token(name: &str, value: Value) -> Sensitive {
        let mut claims = json!({
            "sub": "7c7f", "aud": CLIENT, "token_use": "id", "auth_time": 1, "exp": 2, "iat": 1,
            "iss": ISSUER, "cognito:username": "ana.kowalczyk",
        });
        claims[name] = value;
        token(&claims.to_string())
    }

    #[test]
    fn the_subject_is_the_sub_among_the_claims() {
        let claims = r#"{"sub":"7c7f","username":"ana?~","token_use":"access","exp":1}"#;
        assert_eq!(subject(&token(claims)).as_deref(), Some("7c7f"));
    }

    #[test]
    fn a_text_without_a_token_or_a_user_has_no_subject_and_no_profile() {
        let without_sub = r#"{} [] {"sub":""} {"sub":7} {"sub":null}"#.split(' ');
        let without_sub = without_sub.chain([""]).map(token);
        let no_tokens = "made-up-token e30.e30 e30.!.c2ln .. e30.eyJzdWIiOiI3In0=.c".split(' ');
        let no_tokens = no_tokens.chain([""]).map(Sensitive::new);
        for token in without_sub.chain(no_tokens) {
            assert_eq!(subject(&token), None, "{}", token.expose());
            assert_eq!(profile(&token), None, "{}", token.expose());
        }
    }

    #[test]
    fn an_id_token_of_the_client_holds_the_profile() {
        for issuer in [ISSUER, UPDATED] {
            let profile = profile(&id_token("iss", json!(issuer))).unwrap();
            assert_eq!(profile.identity.username, "ana.kowalczyk");
            assert_eq!(profile.standing, Standing::VouchedByToken);
            assert_eq!(profile.identity.sub(), Some("7c7f"));
        }
        let of_no_issuer = super::profile(&id_token("iss", json!(ISSUER)), CLIENT, &[]);
        assert_eq!(of_no_issuer, None);
    }

    #[test]
    fn claims_become_the_attributes_that_an_administrator_sees() {
        for (name, claim, value) in [
            ("name", json!("Ana"), Some("Ana")),
            ("email_verified", json!(true), Some("true")),
            ("phone_number_verified", json!(false), Some("false")),
            // The mapping reads it, in any case.
            ("email_verified", json!("True"), Some("True")),
            ("updated_at", json!(1_583_020_800), Some("1583020800")),
            ("custom:age", json!(42), Some("42")),
            ("custom:ratio", json!(0.5), Some("0.5")),
            ("address", json!({"formatted": "1\nTown"}), Some("1\nTown")),
            ("address", json!("Town"), Some("Town")),
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
            let mut expected: Vec<(String, String)> = pairs("sub=7c7f");
            expected.extend(value.map(|value| (name.to_owned(), value.to_owned())));
            let mut found = profile(&id_token(name, claim)).unwrap().identity.attributes;
            found.sort_by_key(|(name, _)| name != "sub");
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn a_token_of_another_pool_client_or_use_is_none() {
        for (name, value) in [
            ("token_use", json!("access")),
            ("token_use", json!(null)),
            ("aud", json!("another")),
            ("aud", json!(["1example23456789"])),
            ("iss", json!(ISSUER.replace("Ab12Cd34E", "Another1"))),
            ("iss", json!(ISSUER.replace("eu-west-1.", "us-east-1."))),
            ("iss", json!(ISSUER.replace("https", "http"))),
            ("iss", json!(null)),
            ("cognito:username", json!("")),
            ("cognito:username", json!(null)),
        ] {
            let found = profile(&id_token(name, value.clone()));
            assert_eq!(found, None, "{name} {value}");
        }
    }
}

//! The client secret in what Secrets Manager stores: a plain string, or the JSON that Cognito itself keeps there.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html>

use serde_json::{Map, Value};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::sensitive::Sensitive;

/// The fault of a stored secret, under the code of its failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
pub enum UnusableSecret {
    /// The secret is not a text.
    BinarySecret,
    /// The text is empty.
    EmptySecret,
    /// The JSON object is that of another app client.
    SecretOfAnotherClient,
    /// The JSON object holds no secret.
    SecretWithoutValue,
}

impl UnusableSecret {
    /// The fault in a sentence, for the log and the preflight.
    pub fn sentence(self) -> &'static str {
        match self {
            UnusableSecret::BinarySecret => {
                "The secret that SRC_CLIENT_SECRET_ARN names is binary, not text."
            }
            UnusableSecret::EmptySecret => "The secret that SRC_CLIENT_SECRET_ARN names is empty.",
            UnusableSecret::SecretOfAnotherClient => {
                "The secret that SRC_CLIENT_SECRET_ARN names is JSON for another app client or user pool than \
                 SRC_CLIENT_ID and SRC_USER_POOL_ID name."
            }
            UnusableSecret::SecretWithoutValue => {
                "The secret that SRC_CLIENT_SECRET_ARN names is JSON without a clientSecretValue."
            }
        }
    }
}

/// The secret of the app client `client_id` of this user pool, as the text of a stored secret holds it.
///
/// A text that is no JSON object is the secret itself. Line ends behind it do not count: a file that was stored has one. A
/// JSON object must name the app client; where it names a pool, it must be this one.
pub fn client_secret(
    text: &str,
    user_pool_id: &str,
    client_id: &str,
) -> Result<Sensitive, UnusableSecret> {
    let Ok(kept) = serde_json::from_str::<Map<String, Value>>(text) else {
        return match text.trim_end_matches(['\r', '\n']) {
            "" => Err(UnusableSecret::EmptySecret),
            secret => Ok(Sensitive::new(secret)),
        };
    };
    let member = |name: &str| kept.get(name).and_then(Value::as_str);
    let secret = member("clientSecretValue").filter(|secret| !secret.is_empty());
    let secret = secret.ok_or(UnusableSecret::SecretWithoutValue)?;
    let is_of_the_client = member("userPoolClientId") == Some(client_id)
        && member("userPoolId").is_none_or(|id| id == user_pool_id);
    match is_of_the_client {
        true => Ok(Sensitive::new(secret)),
        false => Err(UnusableSecret::SecretOfAnotherClient),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use strum::VariantArray as _;

    use super::*;

    const POOL: &str = "eu-west-1_Ab12Cd34E";
    const CLIENT: &str = "1example23456789";

    fn read(text: &str) -> Result<String, UnusableSecret> {
        client_secret(text, POOL, CLIENT).map(|secret| secret.expose().to_owned())
    }

    #[test]
    fn a_text_that_is_no_object_is_the_secret() {
        for text in r#"made-up; made-up ;{made-up;123;"made-up";[]"#.split(';') {
            for line_end in ["", "\n", "\r\n"] {
                assert_eq!(read(&format!("{text}{line_end}")).as_deref(), Ok(text));
                assert_eq!(read(line_end), Err(UnusableSecret::EmptySecret));
            }
        }
    }

    #[test]
    fn an_object_is_what_cognito_keeps_for_this_app_client() {
        use UnusableSecret::{SecretOfAnotherClient, SecretWithoutValue};
        let made_up = || Ok("made-up".to_owned());
        #[rustfmt::skip]
        let cases = [
            ("more", json!([1]), made_up()),
            ("userPoolId", json!(null), made_up()),
            ("userPoolId", json!("another"), Err(SecretOfAnotherClient)),
            ("userPoolClientId", json!(null), Err(SecretOfAnotherClient)),
            ("userPoolClientId", json!("other"), Err(SecretOfAnotherClient)),
            ("clientSecretValue", json!(null), Err(SecretWithoutValue)),
            ("clientSecretValue", json!(""), Err(SecretWithoutValue)),
            ("clientSecretValue", json!(7), Err(SecretWithoutValue)),
        ];
        for (name, value, expected) in cases {
            let mut kept = json!({
                "userPoolId": POOL, "userPoolClientId": CLIENT, "clientSecretValue": "made-up",
            });
            assert_eq!(read(&kept.to_string()), made_up());
            match value {
                Value::Null => drop(kept.as_object_mut().unwrap().remove(name)),
                value => kept[name] = value,
            }
            assert_eq!(read(&kept.to_string()), expected, "{kept}");
            // As a file, or formatted for reading.
            assert_eq!(read(&format!("{kept:#}\n")), expected, "{kept}");
        }
        assert_eq!(read("{}"), Err(UnusableSecret::SecretWithoutValue));
    }

    #[test]
    fn each_reason_has_a_code_and_a_sentence_of_its_own() {
        for &reason in UnusableSecret::VARIANTS {
            assert_eq!(<&str>::from(reason).parse(), Ok(reason));
            assert!(reason.sentence().contains("SRC_CLIENT_SECRET_ARN"));
        }
        assert!("DecryptionFailure".parse::<UnusableSecret>().is_err());
    }
}

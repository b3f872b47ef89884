//! What a token that the source pool gave says of its user.
//!
//! The signature need not be checked: the token came over TLS from the pool that was asked.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html>

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;

use crate::sensitive::Sensitive;

/// The `sub` of the user whom this token is about; `None` if the text is no token or names nobody.
pub fn subject(token: &Sensitive) -> Option<String> {
    #[derive(Deserialize)]
    struct Claims {
        sub: String,
    }

    let (_header, rest) = token.expose().split_once('.')?;
    let (claims, _signature) = rest.split_once('.')?;
    let claims = URL_SAFE_NO_PAD.decode(claims).ok()?;
    let Claims { sub } = serde_json::from_slice(&claims).ok()?;
    (!sub.is_empty()).then_some(sub)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> Sensitive {
        Sensitive::new(format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims)))
    }

    #[test]
    fn the_subject_is_the_sub_among_the_claims() {
        let claims = r#"{"sub":"7c7f","username":"ana?~","token_use":"access","exp":1}"#;
        assert_eq!(subject(&token(claims)).as_deref(), Some("7c7f"));
    }

    #[test]
    fn what_is_no_token_or_names_nobody_has_no_subject() {
        for claims in [
            "",
            "{}",
            "[]",
            r#"{"sub":""}"#,
            r#"{"sub":7}"#,
            r#"{"sub":null}"#,
        ] {
            assert_eq!(subject(&token(claims)), None, "{claims}");
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
        }
    }
}

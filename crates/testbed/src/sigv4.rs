//! Signature Version 4, seen from the service: is this request signed by whom it says?
//! Written from <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::http::Request;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What the `Authorization` header of a request claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The access key id.
    pub access_key_id: String,
    /// The day of the credential scope, `20260102`.
    pub day: String,
    /// The Region of the credential scope.
    pub region: String,
    /// The service of the credential scope.
    pub service: String,
    /// Names of the headers under the signature, lower case, in the order given.
    pub signed_headers: Vec<String>,
    /// The signature in lower-case hexadecimal digits.
    pub signature: String,
}

impl Authorization {
    /// Reads the `Authorization` header; `None` if it is not of the right form.
    pub fn parse(header: &str) -> Option<Self> {
        let fields = header.strip_prefix(ALGORITHM)?;
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for field in fields.split(',') {
            let (name, value) = field.trim().split_once('=')?;
            match name {
                "Credential" => credential = Some(value),
                "SignedHeaders" => signed_headers = Some(value),
                "Signature" => signature = Some(value),
                _ => return None,
            }
        }
        let mut scope = credential?.split('/');
        let authorization = Self {
            access_key_id: scope.next()?.into(),
            day: scope.next()?.into(),
            region: scope.next()?.into(),
            service: scope.next()?.into(),
            signed_headers: signed_headers?.split(';').map(str::to_owned).collect(),
            signature: signature?.into(),
        };
        (scope.next() == Some("aws4_request") && scope.next().is_none()).then_some(authorization)
    }

    /// Whether a header is under the signature.
    pub fn covers(&self, header: &str) -> bool {
        self.signed_headers.iter().any(|name| name == header)
    }
}

/// The signature that the owner of `secret` would put on this request.
pub fn signature(secret: &str, request: &Request, claim: &Authorization) -> String {
    let scope = format!(
        "{}/{}/{}/aws4_request",
        claim.day, claim.region, claim.service
    );
    let text = format!(
        "{ALGORITHM}\n{}\n{scope}\n{}",
        request.header("x-amz-date").unwrap_or_default(),
        hex(&Sha256::digest(canonical_request(request, claim)))
    );
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in [&claim.day, &claim.region, &claim.service, "aws4_request"] {
        key = hmac(&key, part.as_bytes());
    }
    hex(&hmac(&key, text.as_bytes()))
}

fn canonical_request(request: &Request, claim: &Authorization) -> String {
    let mut query: Vec<String> = request
        .query()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            if pair.contains('=') {
                pair.into()
            } else {
                format!("{pair}=")
            }
        })
        .collect();
    query.sort();
    let mut text = format!(
        "{}\n{}\n{}\n",
        request.method,
        request.path(),
        query.join("&")
    );
    for name in &claim.signed_headers {
        let values: Vec<String> = request
            .headers
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        let _ = writeln!(text, "{name}:{}", values.join(","));
    }
    let _ = write!(text, "\n{}\n", claim.signed_headers.join(";"));
    match request.header("x-amz-content-sha256") {
        Some(stated) => text.push_str(stated),
        None => text.push_str(&hex(&Sha256::digest(&request.body))),
    }
    text
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claimed(request: &Request) -> Authorization {
        let header = request.header("authorization").expect("a signed request");
        Authorization::parse(header).expect("a well-formed header")
    }

    /// "get-vanilla" and "get-vanilla-query-order" of the Signature Version 4 test suite that AWS publishes.
    #[test]
    fn the_published_examples_verify() {
        for (target, expected) in [
            (
                "/",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "/?Param2=value2&Param1=value1",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
        ] {
            let request = Request::new("GET", target)
                .with_header("Host", "example.amazonaws.com")
                .with_header("X-Amz-Date", "20150830T123600Z")
                .with_header(
                    "Authorization",
                    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                     SignedHeaders=host;x-amz-date, Signature=unused",
                );
            let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
            assert_eq!(
                signature(secret, &request, &claimed(&request)),
                expected,
                "{target}"
            );
        }
    }

    fn signed_by_botocore() -> Request {
        Request::new("POST", "/")
            .with_header("Content-Type", "application/x-amz-json-1.1")
            .with_header("Host", "127.0.0.1:4566")
            .with_header("X-Amz-Target", "AWSCognitoIdentityProviderService.AdminGetUser")
            .with_header("X-Amz-Date", "20260102T030405Z")
            .with_header("X-Amz-Security-Token", "example-session-token")
            .with_header(
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=ASIAEXAMPLE/20260102/eu-west-1/cognito-idp/aws4_request, \
                 SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, \
                 Signature=4bc38dde6ddef53829d094c994c5672a939b88503ebba41d575697d061d0d5df",
            )
            .with_body(r#"{"UserPoolId":"eu-west-1_Source","Username":"zoë"}"#)
    }

    #[test]
    fn a_request_signed_by_another_implementation_verifies() {
        let request = signed_by_botocore();
        let claim = claimed(&request);
        assert_eq!(claim.access_key_id, "ASIAEXAMPLE");
        assert_eq!(claim.service, "cognito-idp");
        assert!(claim.covers("x-amz-security-token"));
        assert_eq!(
            signature("example-secret-key", &request, &claim),
            claim.signature
        );
    }

    #[test]
    fn any_change_breaks_the_signature() {
        let genuine = signed_by_botocore();
        let claim = claimed(&genuine);
        let mut other_body = genuine.clone();
        other_body.body.push(b' ');
        let mut other_token = genuine.clone();
        other_token.headers[4].1 = "stolen".into();
        let mut other_operation = genuine.clone();
        other_operation.headers[2].1 = "AWSCognitoIdentityProviderService.AdminDeleteUser".into();
        for changed in [&other_body, &other_token, &other_operation] {
            assert_ne!(
                signature("example-secret-key", changed, &claim),
                claim.signature
            );
        }
        assert_ne!(signature("another-key", &genuine, &claim), claim.signature);
    }

    #[test]
    fn an_incomplete_header_is_no_claim() {
        for header in [
            "",
            "Bearer abc",
            "AWS4-HMAC-SHA256 Credential=A/20260102/r/s/aws4_request, SignedHeaders=host",
            "AWS4-HMAC-SHA256 Credential=A/20260102/r/s, SignedHeaders=host, Signature=0",
        ] {
            assert_eq!(Authorization::parse(header), None, "{header}");
        }
    }
}

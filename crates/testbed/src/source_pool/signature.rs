//! Verification of Signature Version 4: the request is signed again with the key that it names, and both headers must be
//! equal.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4::SigningParams,
};
use aws_smithy_types::date_time::{DateTime, Format};

use crate::http::Request;

/// Headers that a signature must cover where the request has them.
const MUST_BE_SIGNED: [&str; 4] = ["host", "x-amz-date", "x-amz-security-token", "x-amz-target"];

/// The claim in the `Authorization` header of a request.
#[derive(Debug, PartialEq)]
pub(super) struct Claim<'a> {
    pub(super) access_key_id: &'a str,
    pub(super) region: &'a str,
    signed_headers: Vec<&'a str>,
}

impl<'a> Claim<'a> {
    /// `None` if the header is not of the right form.
    pub(super) fn parse(header: &'a str) -> Option<Self> {
        let fields = header.strip_prefix("AWS4-HMAC-SHA256 Credential=")?;
        let (credential, fields) = fields.split_once(", SignedHeaders=")?;
        let (signed_headers, _) = fields.split_once(", Signature=")?;
        let scope: Vec<_> = credential.split('/').collect();
        let [access_key_id, _, region, _, "aws4_request"] = scope[..] else {
            return None;
        };
        Some(Self {
            access_key_id,
            region,
            signed_headers: signed_headers.split(';').collect(),
        })
    }
}

/// A key with the Region and service for which it signs.
pub(super) struct Signer<'a> {
    pub(super) access_key_id: &'a str,
    pub(super) secret_access_key: &'a str,
    pub(super) session_token: Option<&'a str>,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
}

impl Signer<'_> {
    /// Whether this signer has signed `request` exactly as it was received.
    pub(super) fn has_signed(&self, request: &Request, claim: &Claim<'_>) -> bool {
        let signed_at = request.header("x-amz-date").and_then(parse_date);
        let expected = signed_at.and_then(|time| {
            let headers = [&claim.signed_headers[..], &MUST_BE_SIGNED].concat();
            self.authorization(request, time, &headers)
        });
        expected.is_some() && expected.as_deref() == request.header("authorization")
    }

    /// The `Authorization` header over those of `headers` that the request has.
    pub(super) fn authorization(
        &self,
        request: &Request,
        time: SystemTime,
        headers: &[&str],
    ) -> Option<String> {
        request.header("host")?;
        let token = self.session_token.map(str::to_owned);
        let identity = Credentials::new(
            self.access_key_id,
            self.secret_access_key,
            token,
            None,
            "testbed",
        )
        .into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(time)
            .settings(SigningSettings::default())
            .build()
            .ok()?
            .into();
        let is_signed = |name: &str| headers.iter().any(|it| it.eq_ignore_ascii_case(name));
        let signed = request.headers.iter().filter(|(name, _)| is_signed(name));
        let signable = SignableRequest::new(
            &request.method,
            request.target.as_str(),
            signed.map(|(name, value)| (name.as_str(), value.as_str())),
            SignableBody::Bytes(&request.body),
        );
        let (instructions, _) = sign(signable.ok()?, &params).ok()?.into_parts();
        let mut added = instructions.headers();
        let (_, header) = added.find(|(name, _)| *name == "authorization")?;
        Some(header.to_owned())
    }
}

/// Reads `20260102T030405Z`, the form of `X-Amz-Date`.
pub(super) fn parse_date(text: &str) -> Option<SystemTime> {
    let part = |range| text.get(range).filter(|_| text.len() == 16);
    let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
    let (hour, minute, rest) = (part(9..11)?, part(11..13)?, part(13..16)?);
    let iso = format!("{year}-{month}-{day}{}{hour}:{minute}:{rest}", part(8..9)?);
    let time = DateTime::from_str(&iso, Format::DateTime).ok()?;
    time.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: Signer<'static> = Signer {
        access_key_id: "AKIDEXAMPLE",
        secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        session_token: None,
        region: "us-east-1",
        service: "service",
    };

    fn has_signed(signer: &Signer<'_>, request: &Request) -> bool {
        let claim = Claim::parse(request.header("authorization").expect("a signed request"));
        signer.has_signed(request, &claim.expect("a well-formed header"))
    }

    /// "get-vanilla" and "get-vanilla-query-order" of the Signature Version 4 test suite that AWS publishes.
    #[test]
    fn the_published_examples_verify() {
        for (target, signature) in [
            (
                "/",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "/?Param2=value2&Param1=value1",
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ),
        ] {
            let header = format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
                 SignedHeaders=host;x-amz-date, Signature={signature}"
            );
            let request = Request::new("GET", target)
                .with_header("Host", "example.amazonaws.com")
                .with_header("X-Amz-Date", "20150830T123600Z")
                .with_header("Authorization", &header);
            assert!(has_signed(&EXAMPLE, &request), "{target}");
        }
    }

    const SIGNER: Signer<'static> = Signer {
        access_key_id: "ASIAEXAMPLE",
        secret_access_key: "example-secret-key",
        session_token: Some("example-session-token"),
        region: "eu-west-1",
        service: "cognito-idp",
    };

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
        assert!(has_signed(&SIGNER, &signed_by_botocore()));
    }

    #[test]
    fn any_change_breaks_the_signature() {
        let change = |change: fn(&mut Request)| {
            let mut request = signed_by_botocore();
            change(&mut request);
            request
        };
        for changed in [
            change(|it| it.body.push(b' ')),
            change(|it| {
                it.headers[2].1 = "AWSCognitoIdentityProviderService.AdminDeleteUser".into()
            }),
            change(|it| it.headers[3].1 = "20260102T030406Z".into()),
            change(|it| it.headers[3].1 = "today".into()),
            change(|it| it.headers[5].1 = it.headers[5].1.replace("20260102/", "20260103/")),
            change(|it| it.headers[5].1 = it.headers[5].1.replace(";x-amz-target", "")),
            change(|it| {
                it.headers[5].1 = it.headers[5]
                    .1
                    .replace("content-type;host;", "content-type;")
            }),
        ] {
            assert!(!has_signed(&SIGNER, &changed), "{changed:?}");
        }
        for other in [
            Signer {
                secret_access_key: "another-key",
                ..SIGNER
            },
            Signer {
                session_token: Some("stolen"),
                ..SIGNER
            },
            Signer {
                region: "eu-west-2",
                ..SIGNER
            },
            Signer {
                service: "sts",
                ..SIGNER
            },
        ] {
            assert!(!has_signed(&other, &signed_by_botocore()));
        }
    }

    #[test]
    fn an_incomplete_header_is_no_claim() {
        for header in [
            "",
            "Bearer abc",
            "AWS4-HMAC-SHA256 Credential=A/20260102/r/s/aws4_request, SignedHeaders=host",
            "AWS4-HMAC-SHA256 Credential=A/20260102/r/s, SignedHeaders=host, Signature=0",
        ] {
            assert_eq!(Claim::parse(header), None, "{header}");
        }
    }

    #[test]
    fn a_date_that_does_not_exist_is_none() {
        let seconds = |text| {
            let since = parse_date(text)?.duration_since(SystemTime::UNIX_EPOCH);
            Some(since.expect("after 1970").as_secs())
        };
        assert_eq!(seconds("20000229T235959Z"), Some(951_868_799));
        for text in [
            "20260230T000000Z",
            "2026-01-02T03:04:05Z",
            "",
            "20261301T000000Z",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}

//! The SECRET_HASH that an app client with a secret demands with every user name.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// `Base64(HMAC-SHA256(key: client secret, message: user name + client id))`.
///
/// `username` must be exactly what is sent as USERNAME, in UTF-8; any Unicode text will do. See
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash>.
pub fn secret_hash(client_secret: &str, username: &str, client_id: &str) -> String {
    // HMAC takes a key of any length (RFC 2104), so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(client_secret.as_bytes()) else {
        unreachable!("HMAC takes a key of any length")
    };
    mac.update(username.as_bytes());
    mac.update(client_id.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::secret_hash;

    // The expected values come from Python's hmac module.
    #[test]
    fn is_the_base64_of_the_hmac_over_any_user_name_and_client_id_with_a_secret_of_any_length() {
        let of = |username| secret_hash("made-up-secret", username, "1example23456789");
        let plain = "dNUm25s+wxiN0LMdOJSXhxt0STCx4mHMyDLGpzRhL+0=";
        assert_eq!(of("ana@example.com"), plain);
        let unicode = "EQB88IofZM7rqG6ZHEQ0joP71e3iP5Sy/yMtGWDSv6M=";
        assert_eq!(of("Zoë Ωmega 🦀"), unicode);
        // Longer than a block of the hash.
        let long = "KFFasdLvBV0tIEO2fD5DWAhFt/xOSLyk944LjKBbhTs=";
        assert_eq!(secret_hash(&"k".repeat(200), "u", "c"), long);
    }
}

//! The event as it was received, and the `response` written into it.
//!
//! Cognito wants back the event that it sent, with `response` filled in, and events gain fields over time. So
//! the text is kept as it came and read leniently: members are looked at where needed, and everything else is
//! copied byte for byte. That way an answer cannot lose a field, a number's precision or a character that Rust
//! strings cannot hold.
//!
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html>

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    fmt,
};

use lambda_runtime::LambdaInvocation;
use rules::{
    admission::FinalUserStatus, migrated_user::MigratedUser, protocol::TriggerSource,
    sensitive::Sensitive,
};
use serde::{
    Deserialize, Serialize,
    de::{MapAccess, Visitor},
};
use serde_json::value::{RawValue, to_raw_value};

/// Hands the text of an invocation to the handler as it is, wrapped into a JSON string.
///
/// The Lambda runtime parses every event before the handler sees it, and what it says about one that it cannot
/// parse goes to the log and to the person who signs in. A JSON string it can always parse. Bytes that are not
/// UTF-8 become an empty text, which is no JSON.
pub fn as_json_string(mut invocation: LambdaInvocation) -> LambdaInvocation {
    let text = std::str::from_utf8(&invocation.body).unwrap_or_default();
    // A string has no reason not to become JSON; if it did not, the event would be empty.
    let wrapped = serde_json::to_vec(text).unwrap_or_else(|_| b"\"\"".to_vec());
    invocation.body = wrapped.into();
    invocation
}

/// The error for a text that is not JSON, so that there is no event to answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotJson;

/// The error for an event that lacks a part that its trigger must carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unusable;

/// The parts of the event that a migration needs.
pub struct MigrationRequest {
    /// The typed name: a user name, an e-mail address or a phone number.
    pub username: String,
    /// The typed password. Absent in a forgot-password event.
    pub password: Option<Sensitive>,
    /// The app's `ClientMetadata` of a sign-in, which arrives as `validationData`.
    pub client_metadata: HashMap<String, String>,
}

/// A user who has just signed in to the destination pool.
#[derive(PartialEq, Eq)]
pub struct SignedIn {
    /// The destination pool.
    pub user_pool_id: String,
    /// The user's name there.
    pub username: String,
    /// The mark that a migration wrote.
    pub mark: Option<String>,
}

/// An event as received. It holds a password, so it has no `Debug`.
pub struct Event<'a> {
    text: &'a RawValue,
    /// `None` if the event is JSON, but not an object with unambiguous members.
    members: Option<Members<'a>>,
}

impl<'a> Event<'a> {
    /// Takes the text of an invocation, which must be one JSON value.
    pub fn receive(text: &'a str) -> Result<Self, NotJson> {
        let text: &RawValue = serde_json::from_str(text).map_err(|_| NotJson)?;
        let members = serde_json::from_str(text.get()).ok();
        Ok(Event { text, members })
    }

    /// The trigger that sent the event, `None` if it is one that this function does not serve.
    pub fn trigger_source(&self) -> Result<Option<TriggerSource>, Unusable> {
        let name = self
            .members()?
            .get("triggerSource")
            .and_then(read::<String>);
        Ok(name.ok_or(Unusable)?.parse().ok())
    }

    /// The request for a migration: a user name that is not empty, and `request` in its right form.
    pub fn migration_request(&self) -> Result<MigrationRequest, Unusable> {
        let request = self.request()?;
        let client_metadata = request.get("validationData").and_then(read::<Members>);
        Ok(MigrationRequest {
            username: self.username()?,
            password: request.text("password")?.map(Sensitive::new),
            client_metadata: client_metadata
                .map(|data| data.strings())
                .unwrap_or_default(),
        })
    }

    /// The names with which a new user could sign in later: the user name, which Cognito makes up where an address is used
    /// instead, and the addresses. Each is listed once, as it is and in lower case: the destination pool may ignore case
    /// where the source pool does not.
    pub fn names_at_sign_up(&self) -> Result<Vec<String>, Unusable> {
        let request = self.request()?;
        let attributes = match request.get("userAttributes") {
            Some(attributes) => read::<Option<Members>>(attributes).ok_or(Unusable)?,
            None => None,
        }
        .unwrap_or_default();
        let mut names = vec![self.username()?];
        for attribute in ["email", "phone_number"] {
            names.extend(attributes.text(attribute)?);
        }
        let mut seen = BTreeSet::new();
        let spellings = names
            .iter()
            .flat_map(|name| [name.clone(), name.to_lowercase()]);
        Ok(spellings.filter(|name| seen.insert(name.clone())).collect())
    }

    /// The user who has signed in, with the mark in this attribute.
    pub fn signed_in(&self, mark: &str) -> Result<SignedIn, Unusable> {
        let request = self.request()?;
        let attributes: Option<Members> = request.get("userAttributes").and_then(read);
        Ok(SignedIn {
            user_pool_id: self.user_pool_id().ok_or(Unusable)?,
            username: self.username()?,
            mark: attributes.and_then(|attributes| attributes.get(mark).and_then(read)),
        })
    }

    fn members(&self) -> Result<&Members<'a>, Unusable> {
        self.members.as_ref().ok_or(Unusable)
    }

    fn username(&self) -> Result<String, Unusable> {
        self.members()?.text("userName")?.ok_or(Unusable)
    }

    fn request(&self) -> Result<Members<'_>, Unusable> {
        let request = self.members()?.get("request");
        request.and_then(read).ok_or(Unusable)
    }

    /// The id of the user pool that sent the event, if it names one.
    pub fn user_pool_id(&self) -> Option<String> {
        self.members().ok()?.text("userPoolId").ok()?
    }

    /// The event exactly as received: the answer where no user is migrated.
    pub fn unchanged(&self) -> Box<RawValue> {
        self.text.to_owned()
    }

    /// The event with `response` filled in, everything else as received.
    pub fn with_migrated_user(&self, user: &MigratedUser) -> Result<Box<RawValue>, Unusable> {
        let received = self.members()?;
        let mut response: Members = received.get("response").and_then(read).unwrap_or_default();
        fill_in(&mut response, user).map_err(|_| Unusable)?;
        let mut answer = Members(received.0.clone());
        answer
            .put("response", Some(response))
            .map_err(|_| Unusable)?;
        to_raw_value(&answer).map_err(|_| Unusable)
    }
}

/// Writes our answer into the received `response`.
///
/// A field that Cognito offers and that we do not set stays null, or becomes null: what is answered is
/// decided here, never by what came in.
fn fill_in(response: &mut Members, user: &MigratedUser) -> serde_json::Result<()> {
    let status = user.final_status.map(|status| match status {
        FinalUserStatus::Confirmed => "CONFIRMED",
        FinalUserStatus::ResetRequired => "RESET_REQUIRED",
    });
    let mediums = user.welcome_message.delivery_mediums();
    let suppress = mediums.is_empty();
    response.put("userAttributes", Some(&user.attributes))?;
    response.put("finalUserStatus", status)?;
    response.put("messageAction", suppress.then_some("SUPPRESS"))?;
    response.put("desiredDeliveryMediums", (!suppress).then_some(mediums))?;
    response.put(
        "forceAliasCreation",
        user.force_alias_creation.then_some(true),
    )?;
    response.put("enableSMSMFA", user.enable_sms_mfa.then_some(true))
}

/// Reads `text` as a `T`, if it is one.
fn read<'a, T: Deserialize<'a>>(text: &'a RawValue) -> Option<T> {
    serde_json::from_str(text.get()).ok()
}

/// The members of a JSON object, in their order, each value as it was written.
#[derive(Default)]
struct Members<'a>(Vec<(String, Cow<'a, RawValue>)>);

impl<'a> Members<'a> {
    fn get(&self, name: &str) -> Option<&RawValue> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// The text of a member, unless it is empty. A null or missing member has none. A member of another type is an error.
    fn text(&self, name: &str) -> Result<Option<String>, Unusable> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let text: Option<String> = read(value).ok_or(Unusable)?;
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// Sets a member; `None` makes one that exists null and adds none.
    fn put(&mut self, name: &str, value: Option<impl Serialize>) -> serde_json::Result<()> {
        let known = self.0.iter_mut().find(|(known, _)| known == name);
        match (known, &value) {
            (Some((_, known)), _) => *known = Cow::Owned(to_raw_value(&value)?),
            (None, Some(value)) => self
                .0
                .push((name.to_owned(), Cow::Owned(to_raw_value(value)?))),
            (None, None) => {}
        }
        Ok(())
    }

    /// The members whose values are strings.
    fn strings(&self) -> HashMap<String, String> {
        self.0
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), read(value)?)))
            .collect()
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    members.push((name, Cow::Borrowed(value)));
                }
                // Readers differ in which of two members of one name they believe, so we believe neither.
                let names: BTreeSet<_> = members.iter().map(|(name, _)| name).collect();
                if names.len() < members.len() {
                    return Err(serde::de::Error::custom("a member stands twice"));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rules::migrated_user::WelcomeMessage;
    use serde_json::{Value, json};

    use super::*;

    fn user() -> MigratedUser {
        MigratedUser {
            attributes: BTreeMap::from([("email".to_owned(), "ana@example.com".to_owned())]),
            final_status: None,
            welcome_message: WelcomeMessage::None,
            force_alias_creation: false,
            enable_sms_mfa: false,
        }
    }

    /// An event with another value in this place.
    fn with(pointer: &str, value: Value) -> String {
        let mut event = json!({
            "triggerSource": "UserMigration_Authentication", "userName": "ana",
            "request": {"password": "", "validationData": null, "userAttributes": {"email": "a@b"}},
            "response": {"userAttributes": null, "forceAliasCreation": true, "enableSMSMFA": null,
                "finalUserStatus": "CONFIRMED", "messageAction": null, "desiredDeliveryMediums": null},
        });
        *event.pointer_mut(pointer).unwrap() = value;
        event.to_string()
    }

    fn response(text: &str, user: &MigratedUser) -> Value {
        let event = Event::receive(text).unwrap();
        let answer = event.with_migrated_user(user).unwrap();
        serde_json::from_str::<Value>(answer.get()).unwrap()["response"].take()
    }

    /// What came in becomes no part of the decision.
    #[test]
    fn every_field_of_the_answer_has_its_name_and_what_is_not_set_becomes_null() {
        let full = MigratedUser {
            final_status: Some(FinalUserStatus::ResetRequired),
            welcome_message: WelcomeMessage::EmailAndSms,
            force_alias_creation: true,
            enable_sms_mfa: true,
            ..user()
        };
        let attributes = json!({"email": "ana@example.com"});
        for (user, expected) in [
            (
                user(),
                json!({
                    "userAttributes": attributes, "forceAliasCreation": null, "enableSMSMFA": null,
                    "finalUserStatus": null, "messageAction": "SUPPRESS", "desiredDeliveryMediums": null
                }),
            ),
            (
                full,
                json!({
                    "userAttributes": attributes, "forceAliasCreation": true, "enableSMSMFA": true,
                    "finalUserStatus": "RESET_REQUIRED", "messageAction": null,
                    "desiredDeliveryMediums": ["EMAIL", "SMS"]
                }),
            ),
        ] {
            assert_eq!(response(&with("/userName", json!("ana")), &user), expected);
        }
        // A senseless or missing response is made anew.
        let senseless = [json!(null), json!(5), json!([])].map(|it| with("/response", it));
        let missing = senseless[0].replace(r#","response":null"#, "");
        assert!(!missing.contains("response"));
        for event in senseless.iter().chain([&missing]) {
            let response = response(event, &user());
            let expected = json!({"userAttributes": attributes, "messageAction": "SUPPRESS"});
            assert_eq!(response, expected);
        }
    }

    #[test]
    fn everything_but_the_response_is_copied_byte_for_byte() {
        let text = r#"{ "n": 1.00e400, "triggerSource":"UserMigration_Authentication", "response":{"new":0.10}, "deep":"\ud83d" }"#;
        let event = Event::receive(text).unwrap();
        let answer = event.with_migrated_user(&user()).unwrap();
        for part in [r#""n":1.00e400"#, r#""deep":"\ud83d""#, r#""new":0.10"#] {
            assert!(answer.get().contains(part), "{part} in {answer}");
        }
        assert_eq!(event.unchanged().get(), text.trim());
    }

    #[test]
    fn a_member_that_stands_twice_makes_the_event_unusable() {
        for text in [
            r#"{"triggerSource":"UserMigration_Authentication","triggerSource":"UserMigration_Authentication"}"#,
            r#"{"userName":"a","userName":"b","request":{"password":"p"}}"#,
            r#"{"userName":"a","request":{"password":"p","password":"q"}}"#,
        ] {
            let event = Event::receive(text).unwrap();
            assert_eq!(event.trigger_source(), Err(Unusable));
            assert_eq!(event.migration_request().err(), Some(Unusable), "{text}");
        }
    }

    #[test]
    fn an_event_without_a_part_that_its_trigger_must_carry_is_unusable() {
        // Whether a migration and a sign-up can use it.
        for (pointer, value, migration, sign_up) in [
            ("/request/password", json!(null), true, true),
            ("/request/password", json!(1234), false, true),
            ("/request", json!({}), true, true),
            ("/request/userAttributes/email", json!(["a@b"]), true, false),
            ("/request/userAttributes", json!("email"), true, false),
            ("/userName", json!(""), false, false),
            ("/userName", json!(7), false, false),
            ("/userName", json!(null), false, false),
            ("/request", json!(null), false, false),
            ("/request", json!([]), false, false),
        ] {
            let text = with(pointer, value);
            let event = Event::receive(&text).unwrap();
            let password = event.migration_request().map(|request| request.password);
            // An absent or empty password is none.
            let expected = if migration { Ok(None) } else { Err(Unusable) };
            assert_eq!(password, expected, "{text}");
            assert_eq!(event.names_at_sign_up().is_ok(), sign_up, "{text}");
        }
    }
}

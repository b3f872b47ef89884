use rules::{
    evidence::PoolMfa,
    pool::{DataType, Recovery, SchemaAttribute},
};

use super::*;
use crate::{described::can_hold, test_support::*};

const ALWAYS: &str =
    "WebACL Name UsernameConfiguration SchemaAttributes LambdaConfig DeletionProtection";

fn source_pool() -> DraftedPool {
    changed(DraftedPool::default(), |it| {
        it.blueprint.name = "shop".to_owned();
        it.blueprint.case_sensitive = true;
        it.left_behind.identity_providers = Some(vec![]);
    })
}

pub(super) fn planned_pool() -> Planned {
    planned(&source_pool(), Wish::default()).unwrap()
}

/// The plan for the source pool with this change of it.
fn planned_from(change: impl FnOnce(&mut PoolBlueprint)) -> Result<Planned, Unfit> {
    let source = changed(source_pool(), |it| change(&mut it.blueprint));
    planned(&source, Wish::default())
}

fn sms() -> Option<SmsSettings> {
    Some(SmsSettings {
        caller_arn: "arn:aws:iam::111122223333:role/sms".to_owned(),
        external_id: None,
        region: None,
    })
}

pub(super) fn members(notes: &[Note]) -> Vec<&'static str> {
    for note in notes {
        assert!(note.text.ends_with('.'), "{note:?}");
    }
    notes.iter().map(|note| note.member).collect()
}

#[test]
fn a_pool_is_carried_over_with_what_a_migration_needs() {
    let planned = planned_pool();
    assert_eq!(planned.blueprint.name, "shop-new");
    assert!(!planned.blueprint.case_sensitive);
    assert_eq!(planned.mark, "custom:migration");
    assert_eq!(planned.legacy_sub, "custom:legacy_sub");
    let named = planned.named_attributes.iter();
    let names: Vec<_> = named.clone().map(|each| each.name.as_str()).collect();
    assert_eq!(names, ["custom:legacy_sub", "custom:migration"]);
    let holds = |each: &SchemaAttribute| each.mutable && can_hold(each, &"x".repeat(46));
    assert!(named.clone().all(holds));
    assert_eq!(members(&planned.notes).join(" "), ALWAYS);
}

/// The names and verified contacts of the new pool, and the notes on what differs besides what always does.
#[test]
fn the_sign_in_style_is_the_one_that_was_asked_for() {
    use SignInStyle::{Email, EmailOrPhoneNumber, Keep, PhoneNumber, Username};
    const NO_TEXTS: &str = "SmsConfiguration AutoVerifiedAttributes";
    const NO_NUMBER: &str = "SmsConfiguration AutoVerifiedAttributes UserAttributeUpdateSettings";
    const NEW_NAME: &str = "UsernameAttributes AutoVerifiedAttributes UserAttributeUpdateSettings";
    const VERIFIED: &str = "AutoVerifiedAttributes UserAttributeUpdateSettings";
    const NO_ALIAS: &str =
        "UsernameAttributes AliasAttributes AutoVerifiedAttributes UserAttributeUpdateSettings";
    let unfit = || Err(Unfit::NoTextMessages);
    #[rustfmt::skip]
    let cases = [
        // The style, another account, text messages, the source pool's user names, aliases and verified contacts.
        ((Keep, false, true), ["", "email", ""], Ok(["", "email", "email", VERIFIED])),
        ((Keep, false, false), ["", "", ""], Ok(["", "", "", ""])),
        ((Keep, false, false), ["", "email", "email"], Ok(["", "email", "email", ""])),
        ((Keep, true, true), ["", "", BOTH], Ok(["", "", "email", NO_NUMBER])),
        ((Email, false, true), ["", "email", ""], Ok(["email", "", "email", NO_ALIAS])),
        ((Email, false, false), ["", "", ""], Ok(["email", "", "email", NEW_NAME])),
        ((Email, false, false), ["email", "", "email"], Ok(["email", "", "email", ""])),
        ((Email, false, false), ["phone_number", "", "email"], Ok(["email", "", "email", "UsernameAttributes"])),
        ((Email, false, false), [BOTH, "", "email"], Ok(["email", "", "email", "UsernameAttributes"])),
        ((Email, true, true), ["email", "", "email"], Ok(["email", "", "email", NO_TEXTS])),
        ((PhoneNumber, false, true), ["", "", ""], Ok(["phone_number", "", "phone_number", NEW_NAME])),
        ((PhoneNumber, false, false), ["", "", ""], unfit()),
        ((PhoneNumber, true, true), ["", "", ""], unfit()),
        ((EmailOrPhoneNumber, false, true), ["", "", ""], Ok([BOTH, "", BOTH, NEW_NAME])),
        ((EmailOrPhoneNumber, false, false), ["", "", ""], unfit()),
        ((Username, false, true), ["", "email", ""], Ok(["", "", "", "AliasAttributes"])),
    ];
    for case in cases {
        let ((sign_in, other_account, is_texted), held, expected) = case.clone();
        let [usernames, aliases, verified] = held.map(names);
        let mut source = source_pool();
        source.blueprint.sms = sms().filter(|_| is_texted);
        source.blueprint.username_attributes = usernames;
        source.blueprint.alias_attributes = aliases;
        source.blueprint.auto_verified = verified.clone();
        source.blueprint.verified_before_update = verified;
        let wish = changed(Wish::default(), |it| {
            (it.sign_in, it.other_account) = (sign_in, other_account)
        });
        let found = planned(&source, wish).map(|planned| {
            let mut notes = members(&planned.notes);
            notes.retain(|member| !ALWAYS.contains(member));
            let notes = notes.into_iter().map(str::to_owned).collect();
            let pool = planned.blueprint;
            assert_eq!(pool.auto_verified, pool.verified_before_update, "{case:?}");
            let usernames = pool.username_attributes;
            [usernames, pool.alias_attributes, pool.auto_verified, notes]
        });
        assert_eq!(found, expected.map(|all| all.map(names)), "{case:?}");
    }
}

#[test]
fn limits_are_always_written_and_attributes_as_in_every_pool_never() {
    use DataType::{Boolean, DateTime, Number};
    let planned = planned_from(|pool| {
        pool.schema = vec![
            text("sub", 1, 2048),
            text("name", 0, 2048),
            text("birthdate", 10, 10),
            changed(of_type(Number, attribute("updated_at")), |it| {
                it.minimum = Some(0)
            }),
            of_type(Boolean, attribute("email_verified")),
            required(text("email", 0, 2048)),
            changed(attribute("custom:team"), |it| it.minimum = Some(0)),
            of_type(Number, attribute("custom:age")),
            of_type(Boolean, attribute("custom:member")),
            of_type(DateTime, attribute("dev:custom:since")),
            attribute("custom:migration"),
        ];
    });
    let planned = planned.unwrap();
    let limit = |limit: Option<i128>| limit.map_or(String::new(), |limit| limit.to_string());
    let named = planned.named_attributes.iter().map(|each| {
        let (least, most) = (limit(each.minimum), limit(each.maximum));
        format!("{} {least}..{most}", each.name)
    });
    let named: Vec<_> = named.collect();
    assert_eq!(
        named.join(", "),
        "email 0..2048, custom:team 0..2048, custom:age -9007199254740991..9007199254740991, custom:member .., \
         dev:custom:since .., custom:migration 0..2048, custom:legacy_sub 0..64, custom:migration2 0..64"
    );
    assert_eq!(planned.mark, "custom:migration2");
    let said = "custom:team, custom:age, custom:migration.";
    assert!(planned.notes.iter().any(|note| note.text.contains(said)));
    // What the pool will say of itself holds the others, too.
    assert_eq!(planned.blueprint.description().schema.len(), 13);
    // A standard attribute with other limits is not as in every pool.
    for other in [
        of_type(Number, attribute("updated_at")),
        text("birthdate", 0, 10),
        text("nickname", 0, 100),
    ] {
        let planned = planned_from(|pool| pool.schema = vec![other.clone()]);
        assert_eq!(planned.unwrap().named_attributes[0].name, other.name);
    }
}

#[test]
fn what_terraform_cannot_express_is_said() {
    let with = |schema: Vec<SchemaAttribute>| planned_from(|pool| pool.schema = schema).err();
    let custom = |count: usize| (0..count).map(|number| attribute(&format!("custom:{number}")));
    let odd = Unfit::Attribute("custom:odd".to_owned());
    assert_eq!(
        with(vec![of_type(DataType::Other, attribute("custom:odd"))]),
        Some(odd)
    );
    assert_eq!(with(custom(48).collect()), None);
    let too_many = Unfit::TooManyAttributes(49);
    assert_eq!(with(custom(49).collect()), Some(too_many.clone()));
    let with_email = custom(48).chain([required(text("email", 0, 2048))]);
    assert_eq!(with(with_email.collect()), Some(too_many));
}

#[test]
fn a_second_factor_is_one_that_terraform_can_write() {
    use PoolMfa::{Off, On, Optional};
    use Recovery::{VerifiedEmail, VerifiedPhoneNumber};
    const ONE: &[Recovery] = &[VerifiedEmail];
    const TWO: &[Recovery] = &[VerifiedEmail, VerifiedPhoneNumber];
    #[rustfmt::skip]
    let cases = [
        // What is demanded, whether the pool sends text messages and e-mails of its own, the factors of the source pool
        // (token, text message and e-mail), the ways of recovery: the factors of the new pool, and the notes on them.
        ((Off, true, true), [true, true, true], ONE, Ok(([false, false, false], 0))),
        ((Optional, true, true), [true, false, false], ONE, Ok(([true, true, false], 1))),
        ((On, true, true), [false, true, false], ONE, Ok(([false, true, false], 0))),
        ((On, true, true), [true, false, true], ONE, Ok(([true, true, false], 2))),
        ((On, false, true), [true, false, false], ONE, Ok(([true, false, false], 0))),
        ((On, false, true), [true, true, false], ONE, Ok(([true, false, false], 0))),
        ((On, false, true), [false, false, false], ONE, Err(Unfit::NoSecondFactor)),
        // An e-mail is one where the pool sends its own, and can recover accounts in another way.
        ((On, false, true), [false, false, true], TWO, Ok(([false, false, true], 0))),
        ((On, false, true), [true, false, true], ONE, Ok(([true, false, false], 1))),
        // Cognito's own sender sends no such e-mail.
        ((On, false, false), [false, false, true], TWO, Err(Unfit::NoSecondFactor)),
    ];
    for ((demanded, is_texted, sends), factors, recovery, expected) in cases {
        let planned = planned_from(|pool| {
            let mfa = &mut pool.mfa;
            [mfa.software_token, mfa.sms, _] = factors;
            mfa.demanded = demanded;
            mfa.email = factors[2].then(EmailMfa::default);
            pool.sms = sms().filter(|_| is_texted);
            pool.recovery = recovery.to_vec();
            let account = Some("DEVELOPER".to_owned());
            let own = changed(EmailSettings::default(), |it| it.account = account);
            pool.email = Some(own).filter(|_| sends);
        });
        let found = planned.map(|planned| {
            let mut notes = members(&planned.notes);
            notes.retain(|member| *member == "MfaConfiguration");
            let mfa = planned.blueprint.mfa;
            let factors = [mfa.software_token, mfa.sms, mfa.email.is_some()];
            (factors, notes.len())
        });
        assert_eq!(found, expected, "{demanded:?} {is_texted} {factors:?}");
    }
}

#[test]
fn a_user_can_begin_with_a_password() {
    for (before, after) in [
        ("", ""),
        ("PASSWORD", "PASSWORD"),
        ("PASSWORD WEB_AUTHN", "PASSWORD"),
        ("WEB_AUTHN EMAIL_OTP", "EMAIL_OTP PASSWORD"),
    ] {
        let planned = planned_from(|pool| pool.first_factors = names(before));
        let found = planned.unwrap().blueprint.first_factors;
        assert_eq!(found, names(after), "{before}");
    }
}

#[test]
fn ways_of_recovery_have_their_order() {
    use Recovery::{AdminOnly, VerifiedEmail, VerifiedPhoneNumber};
    let all = vec![VerifiedPhoneNumber, VerifiedEmail, AdminOnly];
    let pool = changed(PoolBlueprint::default(), |it| it.recovery = all);
    let expected = ["verified_phone_number", "verified_email", "admin_only"];
    assert!(pool.recovery_mechanisms().eq(expected.into_iter().zip(1..)));
}

#[test]
fn a_role_without_an_external_id_has_an_empty_one() {
    let mut sms = sms().unwrap();
    assert_eq!(sms.external_id(), "");
    sms.external_id = Some("id".to_owned());
    assert_eq!(sms.external_id(), "id");
}

#[test]
fn what_stays_behind_is_noted() {
    let mut source = source_pool();
    source.left_behind = LeftBehind {
        triggers: names("CustomMessage"),
        domain: Some("shop".to_owned()),
        custom_domain: Some("id.example.com".to_owned()),
        threat_protection: Some("ENFORCED".to_owned()),
        tags: names("team"),
        unwritable: vec!["KeyConfiguration"],
        identity_providers: None,
        passkeys: true,
    };
    source.blueprint.sms = sms();
    source.blueprint.devices = Some(Devices {
        challenge_new: true,
        only_on_prompt: false,
    });
    source.blueprint.first_factors = names("WEB_AUTHN");
    let invitation = source
        .blueprint
        .sign_up
        .invitation
        .insert(Invitation::default());
    invitation.email_message = Some("<img src='https://example.com/a.png'>".to_owned());
    let wish = changed(Wish::default(), |it| it.other_account = true);
    let planned = planned(&source, wish).unwrap();
    let mut left_behind = planned.notes;
    left_behind.retain(|note| note.kind == Kind::LeftBehind);
    let domains = "The domain stays with the source pool: shop, id.example.com.";
    assert!(left_behind.iter().any(|it| it.text.starts_with(domains)));
    assert_eq!(
        members(&left_behind).join(" "),
        "SmsConfiguration AutoVerifiedAttributes Policies LambdaConfig Domain CustomDomain UserPoolAddOns UserPoolTags \
         KeyConfiguration WebAuthnConfiguration WebACL IdentityProviders Devices MessageTemplates"
    );
}

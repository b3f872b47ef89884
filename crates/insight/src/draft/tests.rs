use rules::{
    evidence::PoolMfa,
    pool::{Recovery, SchemaAttribute},
};

use super::*;
use crate::described::can_hold;

pub(super) fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

pub(super) fn attribute(name: &str, data_type: rules::pool::DataType) -> SchemaAttribute {
    SchemaAttribute {
        name: name.to_owned(),
        required: false,
        mutable: true,
        data_type,
        minimum: None,
        maximum: None,
    }
}

pub(super) fn source_pool() -> DraftedPool {
    DraftedPool {
        blueprint: PoolBlueprint {
            name: "shop".to_owned(),
            schema: vec![],
            alias_attributes: vec![],
            username_attributes: vec![],
            case_sensitive: true,
            passwords: PasswordRules::default(),
            first_factors: vec![],
            recovery: vec![],
            auto_verified: vec![],
            verified_before_update: vec![],
            mfa: Mfa {
                demanded: PoolMfa::Off,
                software_token: false,
                sms: false,
                sms_message: None,
                email: None,
            },
            email: None,
            sms: None,
            sign_up: SignUp::default(),
            verification: None,
            devices: None,
            tier: None,
        },
        left_behind: LeftBehind {
            identity_providers: Some(vec![]),
            ..LeftBehind::default()
        },
    }
}

pub(super) fn planned_pool() -> Planned {
    planned(&source_pool(), Wish::default()).unwrap()
}

fn texted(mut pool: DraftedPool) -> DraftedPool {
    pool.blueprint.sms = Some(SmsSettings {
        caller_arn: "arn:aws:iam::111122223333:role/sms".to_owned(),
        external_id: None,
        region: None,
    });
    pool
}

fn members(planned: &Planned) -> Vec<&'static str> {
    planned.notes.iter().map(|note| note.member).collect()
}

#[test]
fn a_pool_is_carried_over_with_what_a_migration_needs() {
    let planned = planned_pool();
    assert_eq!(planned.blueprint.name, "shop-new");
    assert!(!planned.blueprint.case_sensitive);
    assert_eq!(planned.mark, "custom:migration");
    assert_eq!(planned.legacy_sub, "custom:legacy_sub");
    let named: Vec<_> = planned
        .named_attributes
        .iter()
        .map(|each| each.name.as_str())
        .collect();
    assert_eq!(named, ["custom:legacy_sub", "custom:migration"]);
    assert!(
        planned
            .named_attributes
            .iter()
            .all(|each| each.mutable && can_hold(each, &"x".repeat(46)))
    );
    assert_eq!(
        members(&planned),
        [
            "WebACL",
            "Name",
            "UsernameConfiguration",
            "SchemaAttributes",
            "LambdaConfig",
            "DeletionProtection"
        ]
    );
}

#[test]
fn the_sign_in_style_is_the_one_that_was_asked_for() {
    for (style, aliases, usernames, verified) in [
        (SignInStyle::Keep, &["email"][..], &[][..], &["email"][..]),
        (SignInStyle::Email, &[], &["email"], &["email"]),
        (
            SignInStyle::PhoneNumber,
            &[],
            &["phone_number"],
            &["phone_number"],
        ),
        (
            SignInStyle::EmailOrPhoneNumber,
            &[],
            &["email", "phone_number"],
            &["email", "phone_number"],
        ),
        (SignInStyle::Username, &[], &[], &[]),
    ] {
        let mut source = texted(source_pool());
        source.blueprint.alias_attributes = texts(&["email"]);
        let wish = Wish {
            sign_in: style,
            ..Wish::default()
        };
        let pool = planned(&source, wish).unwrap().blueprint;
        assert_eq!(pool.alias_attributes, aliases, "{style:?}");
        assert_eq!(pool.username_attributes, usernames, "{style:?}");
        assert_eq!(pool.auto_verified, verified, "{style:?}");
        assert_eq!(pool.verified_before_update, verified, "{style:?}");
    }
}

#[test]
fn no_user_signs_in_by_a_number_that_cannot_be_verified() {
    for (style, other_account, is_texted, unfit) in [
        (SignInStyle::PhoneNumber, false, false, true),
        (SignInStyle::EmailOrPhoneNumber, false, false, true),
        (SignInStyle::PhoneNumber, true, true, true),
        (SignInStyle::PhoneNumber, false, true, false),
        (SignInStyle::Email, false, false, false),
    ] {
        let source = source_pool();
        let source = if is_texted { texted(source) } else { source };
        let wish = Wish {
            sign_in: style,
            other_account,
            ..Wish::default()
        };
        let expected = unfit.then_some(Unfit::NoTextMessages);
        assert_eq!(planned(&source, wish).err(), expected, "{style:?}");
    }
}

#[test]
fn limits_are_always_written_and_attributes_as_in_every_pool_never() {
    use rules::pool::DataType;
    let mut source = source_pool();
    let with = |attribute: SchemaAttribute, minimum, maximum| SchemaAttribute {
        minimum,
        maximum,
        ..attribute
    };
    source.blueprint.schema = vec![
        with(attribute("sub", DataType::String), Some(1), Some(2048)),
        with(attribute("name", DataType::String), Some(0), Some(2048)),
        with(attribute("birthdate", DataType::String), Some(10), Some(10)),
        with(attribute("updated_at", DataType::Number), Some(0), None),
        attribute("email_verified", DataType::Boolean),
        SchemaAttribute {
            required: true,
            ..with(attribute("email", DataType::String), Some(0), Some(2048))
        },
        SchemaAttribute {
            mutable: false,
            ..attribute("custom:team", DataType::String)
        },
        attribute("custom:age", DataType::Number),
        attribute("custom:member", DataType::Boolean),
        attribute("dev:custom:since", DataType::DateTime),
        attribute("custom:migration", DataType::String),
    ];
    let planned = planned(&source, Wish::default()).unwrap();
    let named: Vec<_> = planned
        .named_attributes
        .iter()
        .map(|each| (each.name.as_str(), each.minimum, each.maximum))
        .collect();
    let number = 9_007_199_254_740_991;
    assert_eq!(
        named,
        [
            ("email", Some(0), Some(2048)),
            ("custom:team", Some(0), Some(2048)),
            ("custom:age", Some(-number), Some(number)),
            ("custom:member", None, None),
            ("dev:custom:since", None, None),
            ("custom:migration", Some(0), Some(2048)),
            ("custom:legacy_sub", Some(0), Some(64)),
            ("custom:migration2", Some(0), Some(64)),
        ]
    );
    assert_eq!(planned.mark, "custom:migration2");
    assert!(planned.notes.iter().any(|note| {
        note.text
            .contains("custom:team, custom:age, custom:migration.")
    }));
    // What the pool will say of itself holds the others, too.
    assert_eq!(planned.blueprint.description().schema.len(), 13);
}

#[test]
fn what_terraform_cannot_express_is_said() {
    use rules::pool::DataType;
    let mut source = source_pool();
    source.blueprint.schema = vec![attribute("custom:odd", DataType::Other)];
    let unfit = planned(&source, Wish::default()).unwrap_err();
    assert_eq!(unfit, Unfit::Attribute("custom:odd".to_owned()));
    let many = |count: usize| {
        let mut source = source_pool();
        let custom =
            (0..count).map(|number| attribute(&format!("custom:a{number}"), DataType::String));
        source.blueprint.schema = custom.collect();
        planned(&source, Wish::default()).err()
    };
    assert_eq!(many(48), None);
    assert_eq!(many(49), Some(Unfit::TooManyAttributes(49)));
}

#[test]
fn a_second_factor_is_one_that_terraform_can_write() {
    for (demanded, software_token, sms, email, expected) in [
        (PoolMfa::Off, true, true, true, Ok((false, false, false))),
        (
            PoolMfa::Optional,
            true,
            false,
            false,
            Ok((true, true, false)),
        ),
        (PoolMfa::On, false, true, false, Ok((false, true, false))),
        (PoolMfa::On, true, false, true, Ok((true, true, false))),
    ] {
        let mut source = texted(source_pool());
        source.blueprint.mfa = Mfa {
            demanded,
            software_token,
            sms,
            sms_message: None,
            email: email.then(EmailMfa::default),
        };
        let found = planned(&source, Wish::default())
            .map(|planned| planned.blueprint.mfa)
            .map(|mfa| (mfa.software_token, mfa.sms, mfa.email.is_some()));
        assert_eq!(found, expected);
    }
    let mut source = source_pool();
    source.blueprint.mfa.demanded = PoolMfa::On;
    assert_eq!(
        planned(&source, Wish::default()).err(),
        Some(Unfit::NoSecondFactor)
    );
    // An e-mail is one where the pool sends its own, and can recover accounts in another way.
    source.blueprint.mfa.email = Some(EmailMfa::default());
    source.blueprint.recovery = vec![Recovery::VerifiedEmail, Recovery::VerifiedPhoneNumber];
    source.blueprint.email = Some(EmailSettings {
        account: Some("DEVELOPER".to_owned()),
        ..EmailSettings::default()
    });
    assert!(
        planned(&source, Wish::default())
            .unwrap()
            .blueprint
            .mfa
            .email
            .is_some()
    );
}

#[test]
fn what_stays_behind_is_noted() {
    let mut source = texted(source_pool());
    source.left_behind = LeftBehind {
        triggers: texts(&["CustomMessage"]),
        domain: Some("shop".to_owned()),
        custom_domain: Some("id.example.com".to_owned()),
        threat_protection: Some("ENFORCED".to_owned()),
        tags: texts(&["team"]),
        unwritable: vec!["KeyConfiguration"],
        identity_providers: None,
        passkeys: true,
    };
    source.blueprint.devices = Some(Devices {
        challenge_new: true,
        only_on_prompt: false,
    });
    source.blueprint.first_factors = texts(&["WEB_AUTHN"]);
    source.blueprint.sign_up.invitation = Some(Invitation {
        email_message: Some("<img src='https://example.com/a.png'>".to_owned()),
        ..Invitation::default()
    });
    let wish = Wish {
        other_account: true,
        ..Wish::default()
    };
    let planned = planned(&source, wish).unwrap();
    let left: Vec<_> = planned
        .notes
        .iter()
        .filter(|note| note.kind == Kind::LeftBehind)
        .map(|note| note.member)
        .collect();
    assert_eq!(
        left,
        [
            "SmsConfiguration",
            "AutoVerifiedAttributes",
            "Policies",
            "LambdaConfig",
            "Domain",
            "CustomDomain",
            "UserPoolAddOns",
            "UserPoolTags",
            "KeyConfiguration",
            "WebAuthnConfiguration",
            "WebACL",
            "IdentityProviders",
            "Devices",
            "MessageTemplates",
        ]
    );
    assert_eq!(planned.blueprint.first_factors, ["PASSWORD"]);
}

use rules::{
    evidence::PoolMfa,
    pool::{DataType, Recovery, SchemaAttribute},
};

use super::*;
use crate::{described::can_hold, test_support::*};

fn source_pool() -> DraftedPool {
    DraftedPool {
        blueprint: PoolBlueprint {
            name: "shop".to_owned(),
            case_sensitive: true,
            ..PoolBlueprint::default()
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

/// The plan for the source pool with this change of it.
fn planned_from(change: impl FnOnce(&mut PoolBlueprint)) -> Result<Planned, Unfit> {
    let mut source = source_pool();
    change(&mut source.blueprint);
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
    notes.iter().map(|note| note.member).collect()
}

pub(super) fn left_behind(mut notes: Vec<Note>) -> String {
    notes.retain(|note| note.kind == Kind::LeftBehind);
    members(&notes).join(" ")
}

fn of(data_type: DataType, name: &str) -> SchemaAttribute {
    SchemaAttribute {
        data_type,
        ..attribute(name)
    }
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
    assert_eq!(
        members(&planned.notes).join(" "),
        "WebACL Name UsernameConfiguration SchemaAttributes LambdaConfig DeletionProtection"
    );
}

#[test]
fn the_sign_in_style_is_the_one_that_was_asked_for() {
    use SignInStyle::{Email, EmailOrPhoneNumber, Keep, PhoneNumber, Username};
    const BOTH: &str = "email phone_number";
    for (style, aliases, usernames, verified) in [
        (Keep, "email", "", "email"),
        (Email, "", "email", "email"),
        (PhoneNumber, "", "phone_number", "phone_number"),
        (EmailOrPhoneNumber, "", BOTH, BOTH),
        (Username, "", "", ""),
    ] {
        let mut source = source_pool();
        source.blueprint.sms = sms();
        source.blueprint.alias_attributes = names("email");
        let wish = Wish {
            sign_in: style,
            ..Wish::default()
        };
        let pool = planned(&source, wish).unwrap().blueprint;
        assert_eq!(pool.alias_attributes, names(aliases), "{style:?}");
        assert_eq!(pool.username_attributes, names(usernames), "{style:?}");
        assert_eq!(pool.auto_verified, names(verified), "{style:?}");
        assert_eq!(pool.verified_before_update, names(verified), "{style:?}");
    }
}

#[test]
fn no_user_signs_in_by_a_number_that_cannot_be_verified() {
    for (sign_in, other_account, is_texted, unfit) in [
        (SignInStyle::PhoneNumber, false, false, true),
        (SignInStyle::EmailOrPhoneNumber, false, false, true),
        (SignInStyle::PhoneNumber, true, true, true),
        (SignInStyle::PhoneNumber, false, true, false),
        (SignInStyle::Email, false, false, false),
    ] {
        let mut source = source_pool();
        source.blueprint.sms = sms().filter(|_| is_texted);
        let wish = Wish {
            sign_in,
            other_account,
            ..Wish::default()
        };
        let expected = unfit.then_some(Unfit::NoTextMessages);
        assert_eq!(planned(&source, wish).err(), expected, "{sign_in:?}");
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
            SchemaAttribute {
                minimum: Some(0),
                ..of(Number, "updated_at")
            },
            of(Boolean, "email_verified"),
            required(text("email", 0, 2048)),
            SchemaAttribute {
                mutable: false,
                ..attribute("custom:team")
            },
            of(Number, "custom:age"),
            of(Boolean, "custom:member"),
            of(DateTime, "dev:custom:since"),
            attribute("custom:migration"),
        ];
    });
    let planned = planned.unwrap();
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
    let said = "custom:team, custom:age, custom:migration.";
    assert!(planned.notes.iter().any(|note| note.text.contains(said)));
    // What the pool will say of itself holds the others, too.
    assert_eq!(planned.blueprint.description().schema.len(), 13);
}

#[test]
fn what_terraform_cannot_express_is_said() {
    let with = |schema: Vec<SchemaAttribute>| planned_from(|pool| pool.schema = schema).err();
    let custom = |count: usize| (0..count).map(|number| attribute(&format!("custom:{number}")));
    let odd = Unfit::Attribute("custom:odd".to_owned());
    assert_eq!(with(vec![of(DataType::Other, "custom:odd")]), Some(odd));
    assert_eq!(with(custom(48).collect()), None);
    let too_many = Unfit::TooManyAttributes(49);
    assert_eq!(with(custom(49).collect()), Some(too_many));
}

#[test]
fn a_second_factor_is_one_that_terraform_can_write() {
    use PoolMfa::{Off, On, Optional};
    // An e-mail is one where the pool sends its own, and can recover accounts in another way.
    let sends_email = |pool: &mut PoolBlueprint| {
        pool.sms = None;
        pool.recovery = vec![Recovery::VerifiedEmail, Recovery::VerifiedPhoneNumber];
        pool.email = Some(EmailSettings {
            account: Some("DEVELOPER".to_owned()),
            ..EmailSettings::default()
        });
    };
    let with_sms = |pool: &mut PoolBlueprint| pool.sms = sms();
    type Change<'a> = &'a dyn Fn(&mut PoolBlueprint);
    let cases: [(_, _, _, _, Change, _); 6] = [
        (Off, true, true, true, &with_sms, Ok((false, false, false))),
        (
            Optional,
            true,
            false,
            false,
            &with_sms,
            Ok((true, true, false)),
        ),
        (On, false, true, false, &with_sms, Ok((false, true, false))),
        (On, true, false, true, &with_sms, Ok((true, true, false))),
        (On, false, false, false, &|_| {}, Err(Unfit::NoSecondFactor)),
        (
            On,
            false,
            false,
            true,
            &sends_email,
            Ok((false, false, true)),
        ),
    ];
    for (demanded, software_token, sms, email, change, expected) in cases {
        let planned = planned_from(|pool| {
            pool.mfa = Mfa {
                demanded,
                software_token,
                sms,
                sms_message: None,
                email: email.then(EmailMfa::default),
            };
            change(pool);
        });
        let found = planned
            .map(|planned| planned.blueprint.mfa)
            .map(|mfa| (mfa.software_token, mfa.sms, mfa.email.is_some()));
        assert_eq!(found, expected);
    }
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
    source.blueprint.sign_up.invitation = Some(Invitation {
        email_message: Some("<img src='https://example.com/a.png'>".to_owned()),
        ..Invitation::default()
    });
    let wish = Wish {
        other_account: true,
        ..Wish::default()
    };
    let planned = planned(&source, wish).unwrap();
    assert_eq!(planned.blueprint.first_factors, ["PASSWORD"]);
    assert_eq!(
        left_behind(planned.notes),
        "SmsConfiguration AutoVerifiedAttributes Policies LambdaConfig Domain CustomDomain UserPoolAddOns UserPoolTags \
         KeyConfiguration WebAuthnConfiguration WebACL IdentityProviders Devices MessageTemplates"
    );
}

//! The parts of a pool that are not carried over, with the advice for each.

use super::{
    blueprint::{LeftBehind, PoolBlueprint},
    notes::Note,
};

/// Notes the parts that are not carried over.
pub(super) fn note(left: &LeftBehind, pool: &PoolBlueprint, notes: &mut Vec<Note>) {
    let mut note = |is_there: bool, member, text: String| {
        if is_there {
            notes.push(Note::left_behind(member, text));
        }
    };
    note(
        !left.triggers.is_empty(),
        "LambdaConfig",
        format!(
            "The source pool's own triggers are not set: {}. A pool calls one function for each trigger: call one from the \
             other where the migration needs the same.",
            left.triggers.join(", ")
        ),
    );
    let domain = [&left.domain, &left.custom_domain];
    let domain: Vec<_> = domain.into_iter().flatten().cloned().collect();
    note(
        left.domain.is_some(),
        "Domain",
        format!(
            "The domain stays with the source pool: {}. Make another one, with the branding of its pages.",
            domain.join(", ")
        ),
    );
    note(
        left.custom_domain.is_some(),
        "CustomDomain",
        "It can move once the source pool has given it up. Until then the new pool needs another one.".into(),
    );
    note(
        left.threat_protection.is_some(),
        "UserPoolAddOns",
        format!(
            "Threat protection is {} in the source pool. Set it in the new pool, with its rules.",
            left.threat_protection.as_deref().unwrap_or_default()
        ),
    );
    note(
        !left.tags.is_empty(),
        "UserPoolTags",
        format!("The tags are not set: {}.", left.tags.join(", ")),
    );
    for member in &left.unwritable {
        note(
            true,
            member,
            "Terraform cannot write it. Set it by hand after the apply.".into(),
        );
    }
    note(
        left.passkeys,
        "WebAuthnConfiguration",
        "Passkeys belong to the domain of the source pool, and no user takes one along.".into(),
    );
    note(
        true,
        "WebACL",
        "AWS WAF was not looked at. If a web ACL protects the source pool, let one protect the new pool.".into(),
    );
    match &left.identity_providers {
        None => note(
            true,
            "IdentityProviders",
            "They may not be read with these credentials. Look at them in the console.".into(),
        ),
        Some(names) => note(
            !names.is_empty(),
            "IdentityProviders",
            format!(
                "Connect them to the new pool: {}. Their users come with them, and do not migrate.",
                names.join(", ")
            ),
        ),
    }
    note(
        pool.devices.is_some(),
        "Devices",
        "No remembered device is carried over: every user confirms the device once more.".into(),
    );
    note(
        has_pictures(pool),
        "MessageTemplates",
        "The messages show pictures from addresses of their own. Check that these addresses stay."
            .into(),
    );
}

fn has_pictures(pool: &PoolBlueprint) -> bool {
    let verification = pool.verification.iter();
    let verification =
        verification.flat_map(|all| [&all.email_message, &all.email_message_by_link]);
    let invitation = pool.sign_up.invitation.iter();
    let invitation = invitation.map(|invitation| &invitation.email_message);
    let mut texts = verification.chain(invitation).flatten();
    texts.any(|text| text.contains("<img"))
}

//! The users who have moved.

use std::hash::{BuildHasher as _, RandomState};

use rules::{attributes::VERIFIED_FLAGS, evidence::ListedUser};

use crate::claims;

/// The users of the destination pool, as hashes: there can be millions.
pub(super) struct Moved<'a> {
    attribute: Option<&'a str>,
    pub hasher: RandomState,
    /// The source `sub`s that the attribute holds.
    subs: Vec<u64>,
    /// Names and verified addresses in lower case.
    names: Vec<u64>,
    /// Unverified addresses in lower case.
    unproven: Vec<u64>,
}

/// The evidence that a source user has moved.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum MovedBy {
    /// Only an address that the destination pool has not verified.
    UnverifiedAddress,
    /// The attribute, a name or a verified address.
    Other,
}

impl<'a> Moved<'a> {
    pub(super) fn new(attribute: Option<&'a str>) -> Self {
        Moved {
            attribute,
            hasher: RandomState::new(),
            subs: vec![],
            names: vec![],
            unproven: vec![],
        }
    }

    pub(super) fn add(&mut self, user: &ListedUser) {
        let value = self
            .attribute
            .and_then(|name| user.identity.attribute(name));
        let sub = value.and_then(claims::source_sub);
        self.subs.extend(sub.map(|sub| self.hasher.hash_one(sub)));
        let names = [
            Some(user.identity.username.as_str()),
            user.identity.attribute("preferred_username"),
        ];
        for name in names.into_iter().flatten() {
            self.names.push(self.hash_of_name(name));
        }
        for (address, is_verified) in contacts_of(user) {
            let hash = self.hash_of_name(address);
            match is_verified {
                true => self.names.push(hash),
                false => self.unproven.push(hash),
            }
        }
    }

    pub(super) fn sorted(mut self) -> Self {
        for hashes in [&mut self.subs, &mut self.names, &mut self.unproven] {
            hashes.sort_unstable();
            hashes.dedup();
        }
        self
    }

    /// The evidence that this source user has moved, if there is any.
    pub(super) fn has(&self, user: &ListedUser) -> Option<MovedBy> {
        let sub = user.identity.attribute("sub");
        if self.attribute.is_some() {
            let hash = self.hasher.hash_one(sub?);
            return has(&self.subs, hash).then_some(MovedBy::Other);
        }
        let contacts = contacts_of(user).map(|(address, _)| address);
        // A migration may have made a user name of the `sub`.
        let names = contacts.chain([user.identity.username.as_str()]).chain(sub);
        let hashes: Vec<_> = names.map(|name| self.hash_of_name(name)).collect();
        let any = |known: &[u64]| hashes.iter().any(|hash| has(known, *hash));
        if any(&self.names) {
            Some(MovedBy::Other)
        } else {
            any(&self.unproven).then_some(MovedBy::UnverifiedAddress)
        }
    }

    pub(super) fn has_name(&self, name: &str) -> bool {
        let hash = self.hash_of_name(name);
        has(&self.names, hash) || has(&self.unproven, hash)
    }

    fn hash_of_name(&self, name: &str) -> u64 {
        self.hasher.hash_one(name.to_lowercase())
    }
}

/// The contacts of a user, and whether each is verified.
fn contacts_of(user: &ListedUser) -> impl Iterator<Item = (&str, bool)> {
    VERIFIED_FLAGS.into_iter().filter_map(|(contact, flag)| {
        let address = user
            .identity
            .attribute(contact)
            .filter(|address| !address.is_empty())?;
        Some((address, user.identity.proven(contact, flag).is_some()))
    })
}

fn has(sorted: &[u64], hash: u64) -> bool {
    sorted.binary_search(&hash).is_ok()
}

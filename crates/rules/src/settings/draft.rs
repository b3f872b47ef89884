//! Partly read settings: the parsers fill them, one variable after the other.

use super::types::{ClientSecret, Role, Settings};
use crate::attributes::Mapping;

/// Partly read settings.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) settings: Settings,
    pub(super) client_secret: Option<ClientSecret>,
    pub(super) stored_secret: Option<ClientSecret>,
    pub(super) role: Option<String>,
    pub(super) external_id: Option<String>,
}

impl Draft {
    pub(super) fn mapping(&mut self) -> &mut Mapping {
        &mut self.settings.destination.mapping
    }

    /// The settings.
    pub(super) fn finished(self) -> Settings {
        let mut settings = self.settings;
        let source = &mut settings.source;
        if source.region.is_empty() {
            let pool_region = source.user_pool_id.split_once('_');
            source.region.extend(pool_region.map(|(region, _)| region));
        }
        source.client_secret = self.client_secret.or(self.stored_secret);
        source.role = self.role.map(|arn| Role {
            arn,
            external_id: self.external_id,
        });
        settings
    }
}

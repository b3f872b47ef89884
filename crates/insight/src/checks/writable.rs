//! What users write in the source pool and apps trust in the destination pool.

use super::{
    answers::{APP_CLIENTS, Pools},
    clients::lets_write,
};
use rules::checks::{CheckId, Looked, Verdict};
use rules::pool::{AppClients, UserPoolDescription};

impl Pools<'_> {
    pub(super) fn writable(&self) -> Looked {
        let destination = self.destination()?;
        let nothing = || Ok(Verdict::ok("Not needed: no custom attribute is copied."));
        let Some(source_clients) = &self.facts.source_clients else {
            return nothing();
        };
        let source = match &self.facts.source.pool {
            // Which attributes there are is not known.
            Err(failure) if self.settings.destination.mapping.copy_custom => {
                return Err(self.unread_source("DescribeUserPool", failure));
            }
            source => source.as_ref().ok(),
        };
        let copied: Vec<_> = self.fit(destination).copied_custom().collect();
        if copied.is_empty() {
            return nothing();
        }
        let source_clients = match source_clients {
            Ok(clients) => clients,
            Err(failure) => return Err(self.unread_source(APP_CLIENTS, failure)),
        };
        let Ok(clients) = &self.facts.clients else {
            return Err(Verdict::because_of(CheckId::DestinationClients));
        };
        let trusted: Vec<_> = copied
            .into_iter()
            .filter(|(from, to)| {
                let of_source = writing(source, source_clients, from);
                !of_source.is_empty() && writing(Some(destination), clients, to).is_empty()
            })
            .map(|(from, _)| from)
            .collect();
        if !trusted.is_empty() {
            let mut through: Vec<_> = trusted
                .iter()
                .flat_map(|from| writing(source, source_clients, from))
                .collect();
            through.sort_unstable();
            through.dedup();
            return Ok(Verdict::warn(
                format!(
                    "Users of the source pool can write {} ({}), and users of the destination pool cannot. An app that \
                     trusts these attributes for that reason trusts what users wrote in the source pool.",
                    trusted.join(", "),
                    through.join(", ")
                ),
                "Stop copying them (ATTRIBUTE_MAP), or judge their values before an app trusts them. If no app of the \
                 source pool needs to write them, take them out of the WriteAttributes of its app clients.",
            ));
        }
        if source_clients.more {
            return Ok(Verdict::warn(
                format!(
                    "Only the first {} app clients of the source pool were looked at: users of another one may be able to \
                     write what ATTRIBUTE_MAP copies, and users of the destination pool may not.",
                    source_clients.listed.len()
                ),
                "Look at the WriteAttributes of the other app clients.",
            ));
        }
        Ok(Verdict::ok(
            "Users can write no copied custom attribute in the source pool that they cannot write in the destination \
             pool.",
        ))
    }
}

/// The names of the clients of this pool whose users may write the attribute.
fn writing<'a>(
    pool: Option<&UserPoolDescription>,
    clients: &'a AppClients,
    attribute: &str,
) -> Vec<&'a str> {
    let clients = clients.listed.iter();
    clients
        .filter(|client| lets_write(pool, client, attribute))
        .map(|client| client.name.as_str())
        .collect()
}

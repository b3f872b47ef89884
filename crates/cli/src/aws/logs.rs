//! The function's log.

use std::time::Duration;

use aws_config::Region;
use aws_sdk_cloudwatchlogs::{Client, config};
use pools::{Aws, pages, retry};
use rules::checks::Answer;

use super::wait::retry_throttled;

/// A page holds up to 1 MB. A function that logs more in the minutes of a trial is asked for no more than this.
const MOST_PAGES: usize = 50;

/// The logs of an account in a Region.
pub(crate) struct Logs(Client);

impl Logs {
    pub(super) fn new(aws: &Aws, region: &str) -> Self {
        let config = config::Builder::from(aws.shared()).region(Region::new(region.to_owned()));
        Logs(Client::from_conf(config.build()))
    }

    /// The lines of a log group `since` that moment, counted from 1970.
    pub(crate) async fn lines(&self, log_group: &str, since: Duration) -> Answer<Vec<String>> {
        const OPERATION: &str = "FilterLogEvents";
        let since = i64::try_from(since.as_millis()).unwrap_or_default();
        let page = async |page: Option<String>| {
            let call = || {
                let call = self.0.filter_log_events().log_group_name(log_group);
                call.start_time(since).set_next_token(page.clone()).send()
            };
            retry_throttled(OPERATION, async || {
                retry::call(OPERATION, call, |answer| {
                    let events = answer.events.unwrap_or_default().into_iter();
                    let lines = events.filter_map(|event| event.message).collect();
                    Some((lines, answer.next_token))
                })
                .await
            })
            .await
        };
        let (lines, _) = pages::read(MOST_PAGES, |_| false, page).await?;
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::test_support::{answers, aws, ok, sent};

    #[tokio::test]
    async fn all_pages_of_the_log_since_a_moment_are_read() {
        let http = answers([
            ok(json!({"events": [{"message": "one"}, {"message": "two"}], "nextToken": "more"})),
            ok(json!({"events": [], "nextToken": "last"})),
            ok(json!({"events": [{"message": "three"}]})),
        ]);
        let logs = Logs::new(&aws(http.clone()).await, "eu-west-1");
        let since = Duration::from_millis(1_763_800_000_123);
        let lines = logs.lines("/aws/lambda/migration", since).await;
        assert_eq!(lines.unwrap(), ["one", "two", "three"]);
        let page = |token: Option<&str>| {
            let mut asked = json!({"logGroupName": "/aws/lambda/migration", "startTime": 1_763_800_000_123_u64});
            if let Some(token) = token {
                asked["nextToken"] = token.into();
            }
            json!(["FilterLogEvents logs.eu-west-1 AKIDOWN", asked])
        };
        let pages = [None, Some("more"), Some("last")].map(page);
        assert_eq!(sent(&http), json!(pages));
    }
}

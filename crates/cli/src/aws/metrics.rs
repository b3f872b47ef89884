//! The function's metrics.

use std::time::{Duration, SystemTime};

use aws_config::Region;
use aws_sdk_cloudwatch::{
    Client, config,
    primitives::DateTime,
    types::{Dimension, Statistic},
};
use pools::{Aws, retry};
use rules::{
    checks::Answer,
    protocol::{FUNCTION_NAME, METRICS_NAMESPACE, Metric},
};

use super::wait::retry_throttled;

const DAY: i32 = 86_400;

/// The metrics of an account in a Region.
pub(crate) struct CloudWatchMetrics(Client);

impl CloudWatchMetrics {
    pub(super) fn new(aws: &Aws, region: &str) -> Self {
        let config = config::Builder::from(aws.shared()).region(Region::new(region.to_owned()));
        CloudWatchMetrics(Client::from_conf(config.build()))
    }

    /// The number of migrated users for each day with migrations: the start of the day, since 1970, and the number.
    pub(crate) async fn migrations_per_day(
        &self,
        function_name: &str,
        from: Duration,
        to: Duration,
    ) -> Answer<Vec<(Duration, f64)>> {
        const OPERATION: &str = "GetMetricStatistics";
        let moment = |since: Duration| DateTime::from(SystemTime::UNIX_EPOCH + since);
        let dimension = Dimension::builder()
            .name(FUNCTION_NAME)
            .value(function_name);
        let call = || {
            self.0
                .get_metric_statistics()
                .namespace(METRICS_NAMESPACE)
                .metric_name(Metric::Migrated.as_str())
                .dimensions(dimension.clone().build())
                .statistics(Statistic::Sum)
                .period(DAY)
                .start_time(moment(from))
                .end_time(moment(to))
                .send()
        };
        retry_throttled(OPERATION, async || {
            retry::call(OPERATION, call, |answer| {
                let points = answer.datapoints.unwrap_or_default().into_iter();
                let day = |point: aws_sdk_cloudwatch::types::Datapoint| {
                    let begins = u64::try_from(point.timestamp?.secs()).ok()?;
                    Some((Duration::from_secs(begins), point.sum?))
                };
                points.map(day).collect()
            })
            .await
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_http_client::test_util::{ReplayEvent, StaticReplayClient};
    use aws_smithy_runtime_api::{
        client::orchestrator::{HttpRequest, HttpResponse},
        http::StatusCode,
    };

    use super::*;
    use crate::aws::test_support::aws;

    const FUNCTION: &str = "migration";
    const FROM: Duration = Duration::from_secs(1_763_769_600);
    const TO: Duration = Duration::from_secs(1_763_942_400);

    /// In CBOR (RFC 8949): a map of a moment and a sum.
    fn point(second: f64, sum: f64) -> Vec<u8> {
        let [second, sum] = [second, sum].map(f64::to_be_bytes);
        [
            b"\xa2\x69Timestamp\xc1\xfb",
            &second[..],
            b"\x63Sum\xfb",
            &sum,
        ]
        .concat()
    }

    #[tokio::test]
    async fn the_sum_of_each_day_is_asked_for_and_read() {
        let points = [point(1_763_769_600.0, 12.0), point(1_763_856_000.0, 3.0)].concat();
        let body = [b"\xa1\x6aDatapoints\x82", &points[..]].concat();
        let mut answer = HttpResponse::new(StatusCode::try_from(200).unwrap(), body.into());
        let headers = answer.headers_mut();
        headers.insert("smithy-protocol", "rpc-v2-cbor");
        let http = StaticReplayClient::new(vec![ReplayEvent::new(HttpRequest::empty(), answer)]);
        let metrics = CloudWatchMetrics::new(&aws(http.clone()).await, "eu-west-1");
        let days = metrics.migrations_per_day(FUNCTION, FROM, TO).await;
        let day = Duration::from_secs(86_400);
        assert_eq!(days.unwrap(), [(FROM, 12.0), (FROM + day, 3.0)]);
        let request = http.actual_requests().next().unwrap();
        let uri = "https://monitoring.eu-west-1.amazonaws.com/service/GraniteServiceVersion20100801/operation/\
                   GetMetricStatistics";
        assert_eq!(request.uri(), uri);
        let body = String::from_utf8_lossy(request.body().bytes().unwrap());
        // Each text stands behind its length.
        for (field, value) in [
            ("Namespace", "CognitoUserMigration"),
            ("MetricName", "Migrated"),
            ("Name", "FunctionName"),
            ("Value", FUNCTION),
        ] {
            let length = char::from(0x60 + u8::try_from(value.len()).unwrap());
            assert!(body.contains(&format!("{field}{length}{value}")), "{body}");
        }
        assert!(body.contains("\x63Sum"), "{body}");
    }
}

//! What the function has counted.

use std::time::{Duration, SystemTime};

use aws_config::Region;
use aws_sdk_cloudwatch::{
    Client, config,
    primitives::DateTime,
    types::{Dimension, Statistic},
};
use rules::checks::Answer;

use super::wait::patiently;
use crate::{connection::Aws, retry};

/// As the function's lines of metrics and Terraform's dashboard name it.
const NAMESPACE: &str = "CognitoUserMigration";
const DAY: i32 = 86_400;

/// The metrics of an account in a Region.
pub struct Metrics(Client);

impl Metrics {
    pub(super) fn new(aws: &Aws, region: &str) -> Self {
        let config = config::Builder::from(aws.shared()).region(Region::new(region.to_owned()));
        Metrics(Client::from_conf(config.build()))
    }

    /// How many users the function has migrated on each day that has some: when the day begins, since 1970, and the number.
    pub async fn migrations_per_day(
        &self,
        function_name: &str,
        from: Duration,
        to: Duration,
    ) -> Answer<Vec<(Duration, f64)>> {
        const OPERATION: &str = "GetMetricStatistics";
        let moment = |since: Duration| DateTime::from(SystemTime::UNIX_EPOCH + since);
        let dimension = Dimension::builder()
            .name("FunctionName")
            .value(function_name);
        let call = || {
            self.0
                .get_metric_statistics()
                .namespace(NAMESPACE)
                .metric_name("Migrated")
                .dimensions(dimension.clone().build())
                .statistics(Statistic::Sum)
                .period(DAY)
                .start_time(moment(from))
                .end_time(moment(to))
                .send()
        };
        patiently(OPERATION, async || {
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

//! The issuers of a user pool's tokens, from the partition data of the SDK.

use std::collections::BTreeSet;

use aws_sdk_cognitoidentityprovider::config::endpoint::{
    DefaultResolver, Params, ResolveEndpoint as _,
};

/// The issuers (`iss`) that tokens of this pool can name, where its Region is asked through `region`.
///
/// A pool has one of two forms of issuer. The original one names the Region that was asked or that of the pool's id. The
/// updated one names the Region of the pool's id, in a replica in another Region too. None where the SDK knows no such
/// Region.
/// <https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_IssuerConfigurationType.html>
pub(crate) async fn issuers(user_pool_id: &str, region: &str) -> Vec<String> {
    let (own_region, _) = user_pool_id.split_once('_').unwrap_or_default();
    let mut issuers = vec![];
    for region in BTreeSet::from([own_region, region]) {
        let Some(host) = host(region).await else {
            continue;
        };
        issuers.push(format!("https://{host}/{user_pool_id}"));
        if region == own_region {
            issuers.push(format!("https://issuer-{host}/{user_pool_id}"));
        }
    }
    issuers
}

/// Cognito's host in a Region. An endpoint that the environment names, FIPS and dual stack change where requests go, and not
/// who issues tokens: so the SDK's resolver is asked about the Region alone.
async fn host(region: &str) -> Option<String> {
    let parameters = Params::builder().region(region);
    let parameters = parameters.use_fips(false).use_dual_stack(false).build();
    let resolver = DefaultResolver::new();
    let endpoint = resolver.resolve_endpoint(&parameters.ok()?).await.ok()?;
    endpoint.url().strip_prefix("https://").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_issuer_has_the_host_of_its_partition() {
        for (pool_region, region, domain) in [
            ("eu-west-1", "eu-west-1", "amazonaws.com"),
            ("us-gov-west-1", "us-gov-west-1", "amazonaws.com"),
            ("cn-north-1", "cn-north-1", "amazonaws.com.cn"),
            ("eusc-de-east-1", "eusc-de-east-1", "amazonaws.eu"),
            ("us-iso-east-1", "us-iso-east-1", "c2s.ic.gov"),
            // A replica: the updated form names the Region of the pool's id.
            ("us-east-1", "us-west-2", "amazonaws.com"),
        ] {
            let pool = format!("{pool_region}_Ab12Cd34E");
            let issuer =
                |service: &str, region| format!("https://{service}.{region}.{domain}/{pool}");
            let mut expected = vec![
                issuer("cognito-idp", pool_region),
                issuer("issuer-cognito-idp", pool_region),
            ];
            if region != pool_region {
                expected.push(issuer("cognito-idp", region));
            }
            assert_eq!(issuers(&pool, region).await, expected, "{pool} {region}");
        }
        assert!(issuers("", "").await.is_empty());
    }
}

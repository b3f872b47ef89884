//! The names and messages that the function and the operator's program exchange.

mod line;
mod report;

use strum::{EnumString, IntoStaticStr, VariantArray};

pub use line::InvocationLine;
pub use report::{Check, PreflightReport, Status, Users, Why, is_ok};

/// The triggers that this function serves, under the names with which Cognito sends them.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
pub enum TriggerSource {
    /// A user whom the destination pool does not know signs in with a password.
    #[strum(serialize = "UserMigration_Authentication")]
    SignIn,
    /// A user whom the destination pool does not know asks for a password reset.
    #[strum(serialize = "UserMigration_ForgotPassword")]
    ForgotPassword,
    /// A user signs up to the destination pool.
    #[strum(serialize = "PreSignUp_SignUp")]
    SignUp,
    /// An administrator creates a user there.
    #[strum(serialize = "PreSignUp_AdminCreateUser")]
    AdminCreateUser,
    /// A user comes to it from an identity provider for the first time.
    #[strum(serialize = "PreSignUp_ExternalProvider")]
    ExternalProviderSignUp,
    /// A user has signed in to the destination pool.
    #[strum(serialize = "PostAuthentication_Authentication")]
    SignedIn,
    /// An engineer asks for a report on the source pool. Cognito never sends it.
    #[strum(serialize = "Migration_Preflight")]
    Preflight,
}

impl TriggerSource {
    /// The name under which the trigger is sent.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The namespace of the metrics in CloudWatch.
pub const METRICS_NAMESPACE: &str = "CognitoUserMigration";

/// The dimension of the metrics that names the function.
pub const FUNCTION_NAME: &str = "FunctionName";

/// The dimension of the metrics that names the trigger.
pub const TRIGGER: &str = "Trigger";

/// The metrics of an attempt to migrate a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
pub enum Metric {
    /// The number of migrated users.
    Migrated,
    /// The number of rejected users.
    Rejected,
    /// The number of failures.
    Failed,
    /// The duration of the invocation.
    DurationMs,
    /// The time that the pools took.
    SourceMs,
}

impl Metric {
    /// The name of the metric.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Its unit in CloudWatch.
    pub fn unit(self) -> &'static str {
        match self {
            Metric::Migrated | Metric::Rejected | Metric::Failed => "Count",
            Metric::DurationMs | Metric::SourceMs => "Milliseconds",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triggers_and_metrics_have_the_names_that_are_promised() {
        for trigger in TriggerSource::VARIANTS {
            assert_eq!(trigger.as_str().parse(), Ok(*trigger));
        }
        let metrics = Metric::VARIANTS.iter().map(|it| (it.unit(), it.as_str()));
        let counts = ["Migrated", "Rejected", "Failed"].map(|name| ("Count", name));
        let times = ["DurationMs", "SourceMs"].map(|name| ("Milliseconds", name));
        assert!(metrics.eq(counts.into_iter().chain(times)));
    }
}

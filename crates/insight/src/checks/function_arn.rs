//! The comparison of a trigger's ARN with the function's.

/// Whether two ARNs name the same function, in whatever version or alias.
pub(super) fn is_same_function(one: &str, other: &str) -> bool {
    function_of(one) == function_of(other)
}

/// Whether a trigger calls the function that is named: this very version or alias, or any where none is named.
pub(super) fn calls(trigger: &str, named: &str) -> bool {
    trigger == named || function_of(trigger) == named.split(':').collect::<Vec<_>>()
}

/// `arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME`, without a version or alias behind it.
fn function_of(arn: &str) -> Vec<&str> {
    arn.splitn(8, ':').take(7).collect()
}

//! Secrets Manager, as far as the function asks it.
//! <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>

use serde_json::{Value, json};

use super::{answer::ApiError, pool::Pool};

pub(super) fn get_value(pool: &mut Pool, input: &Value) -> Result<Value, ApiError> {
    let arn = input["SecretId"].as_str().unwrap_or_default();
    let Some(held) = pool.state.secrets.get(arn) else {
        return Err(ApiError::not_found(
            "Secrets Manager can't find the specified secret.",
        ));
    };
    let mut answer = json!({
        "ARN": arn, "Name": "source-client", "VersionId": "0a1b2c3d-0000-4000-8000-00000000000f",
        "VersionStages": ["AWSCURRENT"], "CreatedDate": 1_714_521_600.123,
    });
    for (name, value) in held {
        answer[name] = value.clone();
    }
    // What was stored before has been given out, too.
    let texts = held.values().filter_map(Value::as_str).map(str::to_owned);
    pool.secrets.extend(texts);
    Ok(answer)
}

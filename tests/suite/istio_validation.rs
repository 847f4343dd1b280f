//! Holds our validation against what istiod's own code said of the same objects: each line of
//! `fixtures/istio/validation.jsonl` has an object and, where istiod has them, `error` and `warning`.

use kserve_aws::controllers::istio::{AuthorizationPolicy, PeerAuthentication};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Case {
    object: Value,
    error: Option<String>,
    warning: Option<String>,
}

fn validate(object: &Value) -> Result<Vec<String>, String> {
    let undecodable = |error: serde_json::Error| format!("error decoding configuration: {error}");
    let validated = if object["kind"] == "PeerAuthentication" {
        PeerAuthentication::deserialize(object).map_err(undecodable)?.validate()
    } else {
        AuthorizationPolicy::deserialize(object).map_err(undecodable)?.validate()
    };
    validated.map_err(|rejection| format!("configuration is invalid: {rejection}"))
}

#[test]
fn istiod_and_we_say_the_same() {
    let lines = include_str!("../../fixtures/istio/validation.jsonl");
    let mut errors = 0;
    for line in lines.lines() {
        let Case { object, error, warning } = serde_json::from_str(line).unwrap();
        match (validate(&object), error) {
            (Ok(warnings), None) => {
                let expected = warning.unwrap_or_default();
                assert_eq!(warnings.is_empty(), expected.is_empty(), "{object}: {expected}");
                for own in warnings {
                    assert!(expected.contains(&own), "{object}: {own:?} is not in {expected:?}");
                }
            }
            (Err(own), Some(expected)) if expected.starts_with("error decoding") => {
                assert!(own.starts_with("error decoding"), "{object}: {own}");
            }
            // A Go parser's own words after these are not repeated.
            (Err(own), Some(expected)) if expected.contains("ParseAddr") => {
                let until = |text: &str| text.split("ParseAddr").next().unwrap().to_owned();
                assert_eq!(until(&own), until(&expected), "{object}");
            }
            (own, expected) => {
                assert_eq!(own.err(), expected, "{object}");
                errors += 1;
            }
        }
    }
    assert!(errors > 60, "only {errors} errors compared");
}

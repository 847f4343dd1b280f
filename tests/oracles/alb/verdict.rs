//! Which cases are open, by the controller's own rules and by a look at the manifests that knows
//! nothing of ours.

use kserve_aws::values::k8s::ObjectMeta;
use serde_json::Value;

use super::case::Case;

/// Whether some annotation speaks of a token in a header, of a login, or of a condition without
/// saying which.
pub(crate) fn asks(case: &Case) -> bool {
    let ingresses = case.objects.ingresses.iter().map(|ingress| &ingress.metadata);
    let services = case.objects.services.iter().map(|service| &service.metadata);
    ingresses.chain(services).any(asks_in)
}

fn asks_in(meta: &ObjectMeta) -> bool {
    meta.annotations.iter().any(|(key, text)| {
        let key = key.to_ascii_lowercase();
        let text: String = text
            .chars()
            .filter(|letter| !letter.is_whitespace())
            .collect::<String>()
            .to_lowercase();
        let speaks_of_header =
            text.replace(['-', '_'], "").replace("hostheader", "").contains("header");
        let says_nothing = matches!(text.as_str(), "[]" | "null" | "[{}]" | "[null]");
        let unreadable = serde_json::from_str::<Value>(&text).is_err();
        (key.contains("condition") && (speaks_of_header || says_nothing || unreadable))
            || (key.contains("auth-type") && text != "none")
            || key.contains("auth-idp")
            || key.contains("jwt")
    })
}

/// Whether one of the probe's requests without the right token is forwarded without a login.
pub(crate) fn is_open(case: &Case) -> bool {
    fn any_forward(value: &Value) -> bool {
        match value {
            Value::Object(object) => object.iter().any(|(name, value)| match value {
                Value::String(said) => {
                    let guarded = said.contains("jwt")
                        || (said.contains("auth-") && !said.contains("(allow)"));
                    matches!(name.as_str(), "no header" | "wrong")
                        && said.contains("forward ")
                        && !guarded
                }
                other => any_forward(other),
            }),
            _ => false,
        }
    }
    any_forward(&case.answer["probe"])
}

/// Whether the controller admits the Ingresses and builds their load balancers.
pub(crate) fn is_built(case: &Case) -> bool {
    let admitted = ["apiserver", "webhook"].into_iter().all(|field| {
        case.answer[field].as_object().is_none_or(|answers| answers.values().all(Value::is_null))
    });
    let models: Vec<&Value> = match case.answer.get("models").and_then(Value::as_object) {
        Some(models) => models.values().collect(),
        None => vec![&case.answer["model"]],
    };
    admitted && models.iter().all(|model| model.is_object() && model.get("error").is_none())
}

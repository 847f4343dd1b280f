//! The pods' own policies: those that refuse everybody without the token, and those that look like it.

use serde_json::{Value, json};
use test_support::Dice;

use super::{Facts, SYSTEM, TOKEN};

pub(super) fn plant(facts: &mut Facts, dice: &mut Dice) {
    if !dice.hits(5) {
        return;
    }
    let mut policy = policy(facts, dice);
    // Of the root namespace, and without a selector: every gateway has it.
    facts.has_mesh_policy = policy["spec"].get("selector").is_none();
    if facts.is_gateway && dice.hits(2) {
        facts.has_mesh_policy = false;
        weaken(&mut policy, dice);
    } else if facts.is_gateway {
        facts.has_policy = true;
    } else {
        // Without a sidecar nothing enforces it.
        let injection = *dice.pick(&["enabled", "disabled", ""]);
        facts.has_policy = injection == "enabled";
        if !injection.is_empty() {
            facts.add(json!({
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": { "name": SYSTEM, "labels": { "istio-injection": injection } },
            }));
        }
    }
    facts.add(policy);
}

/// A policy that refuses everybody without the token, in one of two ways.
fn policy(facts: &Facts, dice: &mut Dice) -> Value {
    let spec = if dice.hits(2) {
        json!({ "action": "DENY", "rules": [{ "when": [{ "key": "request.headers[x-api-key]", "notValues": [TOKEN] }] }] })
    } else {
        json!({ "action": "ALLOW", "rules": [{ "when": [{ "key": "request.headers[X-Api-Key]", "values": [TOKEN] }], "to": [{ "operation": { "paths": ["/v1/*"] } }] }] })
    };
    let mut policy = json!({
        "apiVersion": "security.istio.io/v1", "kind": "AuthorizationPolicy",
        "metadata": { "name": "token", "namespace": SYSTEM }, "spec": spec,
    });
    if !dice.hits(4) {
        policy["spec"]["selector"] = json!({ "matchLabels": { "app": facts.service } });
    }
    policy
}

/// Makes it one that lets somebody pass.
fn weaken(policy: &mut Value, dice: &mut Dice) {
    let is_deny = policy["spec"]["action"] == "DENY";
    match dice.below(8) {
        0 => policy["spec"]["action"] = "AUDIT".into(),
        1 => policy["metadata"]["annotations"] = json!({ "istio.io/dry-run": "true" }),
        2 => policy["metadata"]["namespace"] = "edge".into(),
        3 => policy["spec"]["selector"] = json!({ "matchLabels": { "app": "grafana" } }),
        5 if is_deny => {
            policy["spec"]["rules"][0]["to"] = json!([{ "operation": { "paths": ["/v1/*"] } }]);
        }
        6 if is_deny => {
            policy["spec"]["rules"][0]["from"] =
                json!([{ "source": { "namespaces": ["default"] } }]);
        }
        7 if is_deny => policy["spec"]["rules"][0]["when"][0]["notValues"] = json!(["*"]),
        // Any text in the header, or one more rule that demands nothing.
        5 => policy["spec"]["rules"][0]["when"][0]["values"] = json!(["*"]),
        6 => policy["spec"]["rules"].as_array_mut().unwrap().push(json!({})),
        7 => {
            let rule = json!({ "to": [{ "operation": { "paths": ["/healthz/ready"] } }] });
            policy["spec"]["rules"].as_array_mut().unwrap().push(rule);
        }
        // A header that anybody can set.
        _ => {
            let values = if is_deny { "notValues" } else { "values" };
            policy["spec"]["rules"][0]["when"] =
                json!([{ "key": "request.headers[x-canary]", values: ["true"] }]);
        }
    }
}

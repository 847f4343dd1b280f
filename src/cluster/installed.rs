//! The Services of gateways that somebody else installs: `istioctl` of an `IstioOperator`, and Helm of a release of
//! Istio's chart `gateway`.
//!
//! Sources: `operator/pkg/component/component.go`, `operator/pkg/render/{manifest,postprocess}.go`,
//! `manifests/profiles`, `manifests/charts/gateways/istio-ingress` and `manifests/charts/gateway` of istio/istio at
//! 86c9f01. The `Istio` and `IstioRevision` of the Sail operator install no gateway
//! (`docs/common/create-and-configure-gateways.adoc` of istio-ecosystem/sail-operator at 328df99).

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::embedded::Embedded;
use super::release::{Release, parsed, releases_of};
use super::{Cluster, reference};
use crate::values::k8s::ResourceRef;

const GATEWAY: &str = "istio-ingressgateway";

/// Profiles whose ingress gateway is off.
const WITHOUT_GATEWAY: [&str; 6] =
    ["minimal", "empty", "ambient", "remote", "openshift-ambient", "external"];

impl Cluster<'_> {
    /// The Services of gateways that `istioctl` and Helm create.
    pub(crate) fn installed_gateways(&self) -> Vec<Embedded> {
        let mut found = Vec::new();
        let over: HashMap<(Option<&str>, &str), Value> = self
            .objects
            .others
            .iter()
            .filter(|kept| kept.resource.kind == "HelmChartConfig")
            .filter_map(|kept| {
                let value = kept.object.value().ok()?;
                let text = value.pointer("/spec/valuesContent")?.as_str()?;
                let resource = &kept.resource;
                Some(((resource.namespace.as_deref(), resource.name.as_str()), parsed(text)?))
            })
            .collect();
        for kept in &self.objects.others {
            let holder = &kept.resource;
            let is_operator =
                holder.group() == "install.istio.io" && holder.kind == "IstioOperator";
            if !is_operator && !Release::is_kind(holder) {
                continue;
            }
            let Ok(value) = kept.object.value() else { continue };
            if is_operator {
                of_operator(holder, &value, &mut found);
            } else {
                let mut releases = releases_of(holder, &value);
                // Its values go over those of the HelmChart of its name.
                let over = over.get(&(holder.namespace.as_deref(), holder.name.as_str()));
                let over = over.filter(|_| holder.kind == "HelmChart");
                for (release, over) in releases.iter_mut().zip(over) {
                    merge_deep(&mut release.values, over);
                }
                found.extend(releases.iter().filter_map(|one| of_chart(holder, one)));
            }
        }
        found
    }
}

fn embedded(holder: &Rc<ResourceRef>, value: Value, field: String) -> Embedded {
    Embedded { resource: reference(&value), value, holder: Rc::clone(holder), field }
}

/// A list of gateways takes the place of the profile's (`MergeFrom` in `operator/pkg/values/map.go`); one that does
/// not say whether it is enabled is (`GetValueOrTrue`).
fn of_operator(holder: &Rc<ResourceRef>, operator: &Value, found: &mut Vec<Embedded>) {
    let at = |place: &str| operator.pointer(place);
    let values = at("/spec/values/gateways/istio-ingressgateway").cloned().unwrap_or_default();
    let is_on = |value: &Value| value.get("enabled").and_then(Value::as_bool);
    let by_values = is_on(&values) == Some(true);
    if values.get("customService").and_then(Value::as_bool) == Some(true) {
        return;
    }
    let given = at("/spec/components/ingressGateways").and_then(Value::as_array);
    let Some(given) = given else {
        let profile = at("/spec/profile").and_then(Value::as_str).unwrap_or("default");
        if by_values || !WITHOUT_GATEWAY.contains(&profile) {
            let field = if values.get("type").is_some() {
                "spec.values.gateways.istio-ingressgateway.type"
            } else {
                "spec.profile"
            };
            found.push(embedded(holder, service(operator, &values, &json!({})), field.to_owned()));
        }
        return;
    };
    for (index, gateway) in given.iter().enumerate() {
        if by_values || is_on(gateway) != Some(false) {
            let field = format!("spec.components.ingressGateways[{index}]");
            found.push(embedded(holder, service(operator, &values, gateway), field));
        }
    }
}

/// The Service of a gateway: what the values say of it, and over that the component's own.
fn service(operator: &Value, values: &Value, gateway: &Value) -> Value {
    let text = |place: &str| operator.pointer(place).and_then(Value::as_str);
    let own = |key: &str| gateway.get(key).and_then(Value::as_str).filter(|one| !one.is_empty());
    let name = own("name").unwrap_or(GATEWAY);
    let namespace = own("namespace").or_else(|| text("/metadata/namespace"));
    let mut selector = json!({ "app": GATEWAY, "istio": "ingressgateway" });
    merge(&mut selector, values.get("labels"));
    merge(&mut selector, gateway.get("label"));
    let mut spec = json!({
        "type": "LoadBalancer", "selector": selector,
        "ports": [{ "name": "http2", "port": 80 }, { "name": "https", "port": 443 }],
    });
    for key in ["type", "ports", "loadBalancerSourceRanges"] {
        if let Some(value) = values.get(key) {
            spec[key] = value.clone();
        }
    }
    merge(&mut spec, gateway.pointer("/k8s/service"));
    let mut annotations = json!({});
    merge(&mut annotations, values.get("serviceAnnotations"));
    merge(&mut annotations, gateway.pointer("/k8s/serviceAnnotations"));
    let mut service = json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": {
            "name": name, "namespace": namespace.unwrap_or("istio-system"), "annotations": annotations,
        },
        "spec": spec,
    });
    let overlays = gateway.pointer("/k8s/overlays").and_then(Value::as_array);
    let of_service = overlays.into_iter().flatten().filter(|one| one["kind"] == "Service");
    for patch in of_service.filter_map(|one| one["patches"].as_array()).flatten() {
        if let Some(path) = patch["path"].as_str() {
            set(&mut service, path, &patch["value"]);
        }
    }
    service
}

/// Sets a field by a path of plain keys.
fn set(object: &mut Value, path: &str, value: &Value) {
    let mut place = object;
    for key in path.split('.') {
        if !place.is_object() {
            return;
        }
        place = &mut place[key];
    }
    *place = value.clone();
}

/// Puts the fields of one map over another's.
fn merge(under: &mut Value, over: Option<&Value>) {
    let none = Map::new();
    let over = over.and_then(Value::as_object).unwrap_or(&none);
    for (key, value) in over.iter().filter(|(_, value)| !value.is_null()) {
        under[key] = value.clone();
    }
}

/// Puts the values of one map over another's, as Helm does: map by map.
fn merge_deep(under: &mut Value, over: &Value) {
    match over {
        Value::Object(over) => {
            if !under.is_object() {
                *under = json!({});
            }
            for (key, value) in over {
                merge_deep(&mut under[key], value);
            }
        }
        value => *under = value.clone(),
    }
}

/// `templates/service.yaml` and `_helpers.tpl` of Istio's chart `gateway`.
fn of_chart(holder: &Rc<ResourceRef>, release: &Release) -> Option<Embedded> {
    if release.chart_name() != "gateway" {
        return None;
    }
    let values = &release.values;
    let text = |place: &str| values.pointer(place).and_then(Value::as_str);
    let kind = text("/service/type").unwrap_or("LoadBalancer");
    if kind == "None" {
        return None;
    }
    let name = text("/name").filter(|name| !name.is_empty()).unwrap_or(&release.name);
    let app = text("/labels/app").unwrap_or(name);
    let istio =
        text("/labels/istio").unwrap_or_else(|| name.strip_prefix("istio-").unwrap_or(name));
    let mut selector = json!({ "app": app, "istio": istio });
    merge(&mut selector, values.pointer("/service/selectorLabels"));
    let mut spec = json!({
        "type": kind, "selector": selector,
        "ports": [{ "name": "http2", "port": 80 }, { "name": "https", "port": 443 }],
    });
    for key in ["ports", "externalIPs", "loadBalancerClass", "loadBalancerSourceRanges"] {
        if let Some(value) = values.pointer(&format!("/service/{key}")) {
            spec[key] = value.clone();
        }
    }
    let mut metadata = json!({ "name": name, "annotations": {} });
    merge(&mut metadata["annotations"], values.get("annotations"));
    merge(&mut metadata["annotations"], values.pointer("/service/annotations"));
    if let Some(namespace) = release.namespace.as_ref().filter(|_| !release.is_anywhere()) {
        metadata["namespace"] = namespace.as_str().into();
    }
    let service =
        json!({ "apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec });
    Some(embedded(holder, service, release.field.clone()))
}

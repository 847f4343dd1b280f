//! Releases of Helm charts that an object asks another controller for: Flux's `HelmRelease`, Argo CD's
//! `Application`, and the `HelmChart` of k3s and RKE2.
//!
//! Sources of the fields: `api/v2/helmrelease_types.go` of fluxcd/helm-controller,
//! `pkg/apis/application/v1alpha1/types.go` of argoproj/argo-cd, `pkg/apis/helm.cattle.io/v1/types.go` and
//! `pkg/controllers/chart/chart.go` of k3s-io/helm-controller 0.17.9.

use serde_json::{Value, json};

use crate::values::k8s::ResourceRef;
use krm_package::Package;

/// A release of a chart, or other objects that a controller fetches and applies.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Release {
    /// Its name.
    pub name: String,
    /// The namespace of its objects; `None` where they name their own. Those that name none are in `default` then:
    /// Argo CD renders a chart for the namespace of the destination, unless the source has one of its own
    /// (`helmTemplate` in `reposerver/repository/repository.go` of argoproj/argo-cd), and Helm's is `default` where that
    /// is empty.
    pub namespace: Option<String>,
    /// The chart, or what else it applies.
    pub chart: String,
    /// The chart's values.
    pub values: Value,
    /// The field that names the chart.
    pub field: String,
    /// Whether what the chart renders is patched after that.
    pub is_patched: bool,
}

impl Release {
    /// Whether an object is one that asks for a release.
    pub(crate) fn is_kind(resource: &ResourceRef) -> bool {
        matches!(
            (resource.group(), resource.kind.as_str()),
            ("helm.toolkit.fluxcd.io", "HelmRelease")
                | ("argoproj.io", "Application" | "ApplicationSet")
                | ("helm.cattle.io", "HelmChart")
                | ("kustomize.toolkit.fluxcd.io", "Kustomization")
        )
    }

    /// The chart's name, without the repository before it and the version behind it.
    pub(crate) fn chart_name(&self) -> &str {
        let name = self.chart.rsplit('/').next().unwrap_or_default();
        name.split(':').next().unwrap_or_default()
    }
}

/// The releases that an object asks for.
pub(crate) fn releases_of(resource: &ResourceRef, value: &Value) -> Vec<Release> {
    let is_set = resource.kind == "ApplicationSet";
    let spec = if is_set { &value["spec"]["template"]["spec"] } else { &value["spec"] };
    let text = |place: &str| spec.pointer(place).and_then(Value::as_str).map(str::to_owned);
    let own = || resource.namespace.clone();
    match resource.kind.as_str() {
        "HelmRelease" => {
            let target = text("/targetNamespace");
            // `GetReleaseName`.
            let name = text("/releaseName").unwrap_or_else(|| match &target {
                Some(target) => format!("{target}-{}", resource.name),
                None => resource.name.clone(),
            });
            let (place, field) = match text("/chart/spec/chart") {
                Some(chart) => (chart, "spec.chart.spec.chart"),
                None => (text("/chartRef/name").unwrap_or_default(), "spec.chartRef.name"),
            };
            vec![Release {
                name,
                namespace: target.or_else(own),
                chart: place,
                values: spec.get("values").cloned().unwrap_or_default(),
                field: field.to_owned(),
                is_patched: spec.get("postRenderers").is_some(),
            }]
        }
        "HelmChart" => vec![Release {
            name: resource.name.clone(),
            namespace: text("/targetNamespace").or_else(own),
            chart: text("/chart").unwrap_or_default(),
            values: text("/valuesContent").and_then(|text| parsed(&text)).unwrap_or_default(),
            field: "spec.chart".to_owned(),
            is_patched: false,
        }],
        "Kustomization" => vec![Release {
            name: resource.name.clone(),
            namespace: text("/targetNamespace"),
            chart: text("/path").unwrap_or_default(),
            values: Value::Null,
            field: "spec.path".to_owned(),
            is_patched: false,
        }],
        _ => {
            let own = if is_set { "spec.template.spec" } else { "spec" };
            let one = spec.get("source").map(|source| (format!("{own}.source"), source));
            let many = spec.get("sources").and_then(Value::as_array).into_iter().flatten();
            let many =
                many.enumerate().map(|(at, source)| (format!("{own}.sources[{at}]"), source));
            let all = one.into_iter().chain(many);
            let namespace = text("/destination/namespace").filter(|own| !own.is_empty());
            all.map(|(field, source)| of_source(resource, &namespace, &field, source)).collect()
        }
    }
}

/// A source of an `Application`.
fn of_source(
    resource: &ResourceRef,
    namespace: &Option<String>,
    field: &str,
    source: &Value,
) -> Release {
    let text = |place: &str| source.pointer(place).and_then(Value::as_str);
    let mut values = text("/helm/values").and_then(parsed).unwrap_or_default();
    if let Some(given) = source.pointer("/helm/valuesObject") {
        values = given.clone();
    }
    let parameters = source.pointer("/helm/parameters").and_then(Value::as_array);
    for parameter in parameters.into_iter().flatten() {
        let (Some(name), Some(value)) = (parameter["name"].as_str(), parameter["value"].as_str())
        else {
            continue;
        };
        if !values.is_object() {
            values = json!({});
        }
        let mut place = &mut values;
        for key in name.split('.') {
            if !place.is_object() {
                *place = json!({});
            }
            place = &mut place[key];
        }
        *place = value.into();
    }
    let (chart, key) = match text("/chart") {
        Some(chart) => (chart, "chart"),
        None => (text("/path").unwrap_or_default(), "path"),
    };
    let own = text("/helm/namespace").or_else(|| text("/kustomize/namespace"));
    Release {
        name: text("/helm/releaseName").unwrap_or(&resource.name).to_owned(),
        namespace: own.map(str::to_owned).or_else(|| namespace.clone()),
        chart: chart.to_owned(),
        values,
        field: format!("{field}.{key}"),
        is_patched: false,
    }
}

impl Release {
    /// Whether a template leaves the namespace open: it may be any.
    pub(crate) fn is_anywhere(&self) -> bool {
        self.namespace.as_ref().is_some_and(|own| own.contains(['{', '$', '<']))
    }
}

/// A text of YAML.
pub(crate) fn parsed(text: &str) -> Option<Value> {
    let package = Package::stream(text).ok()?;
    package.items().next()?.1.value().ok()
}

//! `set-knative-domain`: the one domain under which Knative serves, and those for some Routes.

use std::collections::BTreeMap;

use json_patch::Patch;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::engine::{Edit, operation};
use crate::finding::{Code, Finding, Severity};
use crate::knative::{self, DomainName, WantedDomain};
use crate::kserve::{self, Exposure};
use crate::runtime::{Function, Item, Items, Plan};

const CONFIG_DOMAIN: &str = "config-domain";
const CONFIG_NETWORK: &str = "config-network";
const DEFAULT_NAMESPACE: &str = "knative-serving";
const DOMAIN_TEMPLATE: &str = "domain-template";

/// Rewrites `config-domain`.
pub(crate) struct SetKnativeDomain;

/// What `set-knative-domain` sets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct KnativeDomain {
    /// The domain of every Route that no selector takes.
    #[schemars(example = &"platform.example.com")]
    pub(crate) domain: Option<String>,
    /// Domains, each with the labels of the Routes that it is for; one without labels is the domain
    /// of all others.
    pub(crate) domains: Vec<DomainEntry>,
    /// The namespace of Knative Serving. Default: `knative-serving`.
    pub(crate) namespace: Option<String>,
    /// How a Route's host is made of its name, namespace and domain; goes into `config-network`.
    #[schemars(example = &"{{.Name}}.{{.Namespace}}.{{.Domain}}")]
    pub(crate) domain_template: Option<String>,
    /// Makes the ConfigMaps where they are not among the objects. As a generator, they always are.
    pub(crate) create_if_missing: bool,
}

/// A domain and the Routes that it is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DomainEntry {
    /// The domain.
    pub(crate) domain: String,
    /// The labels that a Route must have, all of them.
    pub(crate) selector: BTreeMap<String, String>,
}

impl Function for SetKnativeDomain {
    const NAME: &'static str = "set-knative-domain";
    const KIND: &'static str = "KnativeDomain";
    const SUMMARY: &'static str =
        "Give Knative's config-domain exactly one default domain, and domains for selected Routes";
    const HELP: &'static str = "\
Rewrites the ConfigMap config-domain of Knative Serving: every other domain without a selector goes,
because of two the alphabetically smaller one wins; entries with a selector stay, and so do the labels
by which Knative's webhook finds the ConfigMap; the _example and its checksum go. Domains are checked as
Knative's Routes check them, which admission does not.";
    type Spec = KnativeDomain;

    fn plan(spec: KnativeDomain, items: &Items<'_>) -> Plan {
        let mut plan = Plan::default();
        let wanted = wanted(&spec, &mut plan.findings);
        if spec.domain.is_none() && spec.domains.is_empty() && spec.domain_template.is_none() {
            let message = "nothing is asked for; give domain, or domains, or domainTemplate";
            plan.findings.push(Finding::error(Code::BadConfig, message).field("spec"));
        }
        if !plan.is_sound() {
            return plan;
        }
        let serving = Serving {
            namespace: spec.namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE),
            create: spec.create_if_missing || is_generator(items),
            items,
        };
        if !wanted.is_empty() {
            serving.set_domains(&wanted, &mut plan);
            plan.findings.extend(serving.hosts_that_change(&wanted));
        }
        if let Some(template) = &spec.domain_template {
            serving.set_template(template, &mut plan);
        }
        plan
    }
}

/// Kustomize gives a generator its own configuration for the only object.
fn is_generator(items: &Items<'_>) -> bool {
    items.iter().all(|item| item.resource.kind == SetKnativeDomain::KIND)
}

fn wanted(spec: &KnativeDomain, findings: &mut Vec<Finding>) -> Vec<WantedDomain> {
    let default =
        spec.domain.iter().map(|domain| ("spec.domain".to_owned(), domain, BTreeMap::new()));
    let listed = spec.domains.iter().enumerate().map(|(place, entry)| {
        (format!("spec.domains[{place}].domain"), &entry.domain, entry.selector.clone())
    });
    let mut wanted = Vec::new();
    for (field, domain, selector) in default.chain(listed) {
        match DomainName::parse(domain) {
            Ok(domain) => wanted.push(WantedDomain { domain, selector }),
            Err(error) => {
                findings.push(Finding::error(Code::DomainInvalid, error.to_string()).field(field))
            }
        }
    }
    wanted
}

/// Knative Serving's ConfigMaps among the objects.
struct Serving<'a, 'p> {
    namespace: &'a str,
    create: bool,
    items: &'a Items<'p>,
}

#[derive(Deserialize)]
struct ConfigMap {
    #[serde(default)]
    metadata: crate::k8s::ObjectMeta,
    #[serde(default, deserialize_with = "crate::k8s::empty_if_null")]
    data: BTreeMap<String, String>,
}

impl<'a, 'p> Serving<'a, 'p> {
    fn set_domains(&self, wanted: &[WantedDomain], plan: &mut Plan) {
        self.each(CONFIG_DOMAIN, "controller", plan, |map| {
            let (rewrite, findings) =
                knative::rewrite(&map.data, &map.metadata.annotations, wanted)
                    .map_err(|error| Finding::error(Code::DomainInvalid, error.to_string()))?;
            Ok((operations(map, &rewrite), findings))
        });
    }

    fn set_template(&self, template: &str, plan: &mut Plan) {
        self.each(CONFIG_NETWORK, "networking", plan, |map| {
            let mut data = map.data.clone();
            data.insert(DOMAIN_TEMPLATE.to_owned(), template.to_owned());
            knative::ConfigNetwork::parse(&data).map_err(|error| {
                Finding::error(Code::DomainTemplateInvalid, error.to_string())
                    .field("spec.domainTemplate")
            })?;
            let set = BTreeMap::from([(DOMAIN_TEMPLATE.to_owned(), template.to_owned())]);
            let rewrite = knative::DomainRewrite { set, ..knative::DomainRewrite::default() };
            Ok((operations(map, &rewrite), Vec::new()))
        });
    }

    /// What becomes of the hosts of the InferenceServices among the objects.
    fn hosts_that_change(&self, wanted: &[WantedDomain]) -> Vec<Finding> {
        let mut objects = kserve::ServingItems::of(self.items);
        let options = kserve::ServingOptions::default();
        let before = kserve::ServingModel::build(&objects, &options);
        let map = self.items.of_kind("", "ConfigMap").find(|item| self.is(item, CONFIG_DOMAIN));
        let mut data = map
            .and_then(|item| item.read::<ConfigMap>().ok())
            .map_or_else(BTreeMap::new, |map| map.data);
        let Ok((rewrite, _)) = knative::rewrite(&data, &BTreeMap::new(), wanted) else {
            return Vec::new();
        };
        data.extend(rewrite.set);
        data.retain(|key, _| !rewrite.remove.contains(key));
        objects.replace_config_domain(data);
        let after = kserve::ServingModel::build(&objects, &options);
        let mut findings = Vec::new();
        for endpoint in &after.endpoints {
            let old = before
                .endpoints
                .iter()
                .find(|old| old.namespace == endpoint.namespace && old.name == endpoint.name);
            findings.extend(
                endpoint.findings.iter().filter(|finding| is_of_the_host(finding.code)).cloned(),
            );
            let was_public = old.is_some_and(|old| old.exposure == Exposure::Public);
            if was_public && endpoint.exposure != Exposure::Public {
                let message = format!(
                    "{}/{} leaves the public gateway: under these domains its Route is cluster-local",
                    endpoint.namespace, endpoint.name
                );
                findings.push(
                    Finding::warning(Code::KnativeClusterLocalDomain, message).field("spec.domain"),
                );
            }
        }
        for finding in &mut findings {
            finding.severity = finding.severity.max(Severity::Warning);
        }
        findings
    }

    /// Changes every ConfigMap of a name in the namespace, or makes one.
    fn each(
        &self,
        name: &str,
        component: &str,
        plan: &mut Plan,
        change: impl Fn(&ConfigMap) -> Result<(Patch, Vec<Finding>), Finding>,
    ) {
        let found: Vec<&Item<'_>> =
            self.items.of_kind("", "ConfigMap").filter(|item| self.is(item, name)).collect();
        for item in &found {
            match item.read::<ConfigMap>().and_then(|map| change(&map)) {
                Ok((operations, findings)) => {
                    plan.findings
                        .extend(findings.into_iter().map(|finding| finding.on(&item.resource)));
                    if !operations.0.is_empty() {
                        plan.edits.push(Edit::Patch { item: item.id, operations });
                    }
                }
                Err(finding) => plan.findings.push(finding.on(&item.resource)),
            }
        }
        if found.is_empty() {
            self.make(name, component, plan, change);
        }
    }

    fn is(&self, item: &Item<'_>, name: &str) -> bool {
        let namespace = item.resource.namespace.as_deref();
        item.resource.name == name && namespace.is_none_or(|namespace| namespace == self.namespace)
    }

    fn make(
        &self,
        name: &str,
        component: &str,
        plan: &mut Plan,
        change: impl Fn(&ConfigMap) -> Result<(Patch, Vec<Finding>), Finding>,
    ) {
        if !self.create {
            let message = format!(
                "there is no ConfigMap {}/{name} among the objects; add Knative's manifests, or set createIfMissing: true",
                self.namespace
            );
            plan.findings
                .push(Finding::error(Code::ConfigMapMissing, message).field("spec.namespace"));
            return;
        }
        let empty =
            ConfigMap { metadata: crate::k8s::ObjectMeta::default(), data: BTreeMap::new() };
        match change(&empty) {
            Ok((operations, findings)) => {
                plan.findings.extend(findings);
                // Knative's webhook finds its ConfigMaps by these labels.
                let mut object = json!({
                    "apiVersion": "v1",
                    "kind": "ConfigMap",
                    "metadata": {
                        "name": name,
                        "namespace": self.namespace,
                        "labels": {
                            "app.kubernetes.io/name": "knative-serving",
                            "app.kubernetes.io/component": component,
                        },
                    },
                });
                if let Err(error) = json_patch::patch(&mut object, &operations) {
                    plan.findings.push(Finding::error(Code::BadObject, error.to_string()));
                    return;
                }
                plan.edits.push(Edit::AddItem(object));
            }
            Err(finding) => plan.findings.push(finding),
        }
    }
}

/// Whether a finding of the serving model is about a host that the domain makes.
fn is_of_the_host(code: Code) -> bool {
    matches!(code, Code::KnativeHostInvalid | Code::KserveHostInvalid | Code::KserveNameTooLong)
}

/// New keys first, so that `data` is never empty between two operations.
fn operations(map: &ConfigMap, rewrite: &knative::DomainRewrite) -> Patch {
    let mut operations = Vec::new();
    if map.data.is_empty() && !rewrite.set.is_empty() {
        let data: Map<String, Value> =
            rewrite.set.iter().map(|(key, text)| (key.clone(), text.as_str().into())).collect();
        operations.push(operation::add(&["data"], data));
    } else {
        let new = rewrite.set.iter().filter(|(key, text)| map.data.get(*key) != Some(text));
        operations.extend(new.map(|(key, text)| operation::add(&["data", key], text.clone())));
    }
    operations.extend(rewrite.remove.iter().map(|key| operation::remove(&["data", key])));
    let annotations = rewrite.remove_annotations.iter();
    operations.extend(annotations.map(|key| operation::remove(&["metadata", "annotations", key])));
    Patch(operations)
}

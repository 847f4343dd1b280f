//! `generate-authorization-policies`: who may ask predictors, transformers and explainers.

mod diags;
mod objects;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::controllers::istio::{AuthorizationPolicy, Mesh};
use crate::controllers::knative::{CONFIG_NETWORK, MESH_COMPATIBILITY_MODE};
use crate::controllers::kserve::{Protocol, ServingModel, ServingOptions};
use crate::finding::{Code, Finding, Severity};
use crate::runtime::{Function, Items, KserveAws, Owned, Plan};
use crate::serving::authorization::{
    ApiVersion, Callers, Mode, Platform, Policies, Principal, ServingWorkload, TrustDomain,
};
use crate::serving::model::{Findings, serving_items};
use crate::values::route_host::is_label;
use krm_package::{Edit, operation, read_value};

use diags::{
    AssumedProtocols, InvalidNamespace, KindNotCovered, MeshModeMissing, MeshWide, NotUsedByGuide,
    NothingServed, PlaintextPeers, RefusedRequest, Unjudged, WithoutNamespace, WithoutSidecar,
    WrongPrincipal,
};

/// Emits AuthorizationPolicies.
pub(crate) struct GenerateAuthorizationPolicies;

/// Who may ask the components of InferenceServices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ServingAuthorization {
    /// Who may ask. Default: `namespace`.
    pub(crate) mode: Mode,
    /// The namespaces to write policies for. Default: those of the InferenceServices.
    #[schemars(example = &["team-a"])]
    pub(crate) namespaces: Vec<String>,
    /// The protocols that every component serves. Default: of each, those of its
    /// `protocolVersion` and runtime.
    pub(crate) protocols: Vec<Protocol>,
    /// Istio's root namespace. Default: `istio-system`.
    pub(crate) root_namespace: Option<String>,
    /// The mesh's trust domain. Default: `cluster.local`.
    pub(crate) trust_domain: Option<String>,
    /// The identities of the gateways that requests come through. Default: Kubeflow's
    /// `istio-ingressgateway` and `cluster-local-gateway`.
    #[schemars(example = &["cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account"])]
    pub(crate) gateway_principals: Vec<String>,
    /// The version of `security.istio.io` to write. Default: `v1beta1`.
    pub(crate) api_version: ApiVersion,
}

const OWNED: Owned =
    Owned::by::<GenerateAuthorizationPolicies>(&[("security.istio.io", "AuthorizationPolicy")]);

/// The largest number of objects that proofs look at, all together.
const MOST_JUDGED: usize = 2_000_000;

impl Function for GenerateAuthorizationPolicies {
    type Project = KserveAws;
    const NAME: &'static str = "generate-authorization-policies";
    const KIND: &'static str = "ServingAuthorization";
    const SUMMARY: &'static str =
        "Emit the Istio AuthorizationPolicies that let requests through to InferenceServices";
    const HELP: &'static str = "\
Writes AuthorizationPolicies for the predictors, transformers and explainers among the objects. Mode
guide: the two policies of the guide, for the whole mesh. Mode namespace: one for each component, with
the paths that it serves. Mode strict: the same by method and by the identity of gateways, of Knative's
activator and of the components that ask; sets mesh-compatibility-mode in config-network. Every request
that a component serves is judged under all policies among the objects before anything is written. What
the function wrote before is updated, and removed when it is no longer wanted.";
    type Spec = ServingAuthorization;

    fn schema() -> Cow<'static, str> {
        include_str!("../../../functions/generate-authorization-policies/schema.json").into()
    }

    fn plan(spec: ServingAuthorization, items: &Items<'_>) -> Plan {
        let model = ServingModel::build(&serving_items(items), &ServingOptions::default());
        let mut plan = Plan::default();
        let Some(policies) = policies(&spec, &model, &mut plan.findings) else {
            return plan;
        };
        plan.findings.extend(about_model(&model, items));
        plan.findings.extend(without_namespace(spec.mode, items));
        let workloads = wanted_workloads(&spec, &model, &mut plan.findings);
        let objects = policies.of(&workloads);
        prove(&policies, &workloads, &objects, items, &mut plan.findings);
        let owned = OWNED.plan(objects, items);
        plan.edits.extend(owned.edits);
        plan.findings.extend(owned.findings);
        if spec.mode == Mode::Strict && workloads.iter().any(|one| one.knative) {
            set_mesh_mode(items, &mut plan);
        }
        plan
    }
}

/// Checks the configuration.
fn policies(
    spec: &ServingAuthorization,
    model: &ServingModel,
    findings: &mut Vec<Finding>,
) -> Option<Policies> {
    let before = findings.len();
    let mut check_namespace = |namespace: &str, field: String| {
        if !is_label(namespace) || namespace.len() > 63 {
            findings.push(InvalidNamespace { text: namespace, field }.into());
        }
    };
    for (place, namespace) in spec.namespaces.iter().enumerate() {
        check_namespace(namespace, format!("spec.namespaces[{place}]"));
    }
    let root_namespace = spec.root_namespace.clone().unwrap_or_else(|| "istio-system".to_owned());
    check_namespace(&root_namespace, "spec.rootNamespace".to_owned());
    let trust_domain = match spec.trust_domain.as_deref().map(TrustDomain::parse) {
        None => TrustDomain::default(),
        Some(Ok(domain)) => domain,
        Some(Err(error)) => {
            let field = "spec.trustDomain".to_owned();
            findings.push(WrongPrincipal { error, field }.into());
            TrustDomain::default()
        }
    };
    let mut gateways = Vec::new();
    for (place, text) in spec.gateway_principals.iter().enumerate() {
        match Principal::parse(text) {
            Ok(principal) => gateways.push(principal),
            Err(error) => {
                let field = format!("spec.gatewayPrincipals[{place}]");
                findings.push(WrongPrincipal { error, field }.into());
            }
        }
    }
    findings.extend(not_used(spec));
    if findings[before..].iter().any(Finding::is_error) {
        return None;
    }
    Some(Policies {
        mode: spec.mode,
        api_version: spec.api_version,
        root_namespace,
        callers: Callers::new(trust_domain, gateways, model.knative.release),
    })
}

/// The guide's policies are for every namespace and have paths of their own.
fn not_used(spec: &ServingAuthorization) -> impl Iterator<Item = Finding> {
    let guide = spec.mode == Mode::Guide;
    let fields = [
        ("namespaces", guide && !spec.namespaces.is_empty()),
        ("protocols", guide && !spec.protocols.is_empty()),
    ];
    fields.into_iter().filter(|(_, given)| *given).map(|(field, _)| NotUsedByGuide(field).into())
}

/// What the serving model has to say to who relies on its components.
fn about_model(model: &ServingModel, items: &Items<'_>) -> Vec<Finding> {
    let mut findings = model.findings();
    findings.extend(model.endpoints.iter().flat_map(Findings::findings));
    findings.retain(|finding| {
        matches!(
            finding.code,
            Code::KserveUnreadable | Code::KserveNamespaceAmbiguous | Code::KserveNameInvalid
        )
    });
    for finding in &mut findings {
        finding.severity = finding.severity.max(Severity::Warning);
    }
    for item in items.iter() {
        let resource = &item.resource;
        let group = resource.api_version.split('/').next().unwrap_or_default();
        let modelled = resource.kind == "InferenceService"
            && resource.api_version == "serving.kserve.io/v1beta1";
        let serves = matches!(
            resource.kind.as_str(),
            "InferenceService" | "InferenceGraph" | "LLMInferenceService"
        );
        if serves && !modelled && matches!(group, "serving.kserve.io" | "serving.kubeflow.org") {
            findings.push(KindNotCovered(resource).into());
        }
    }
    findings
}

/// Services whose namespace is set later, by kustomize or `kubectl apply`: what sets it there does not
/// look into the principals of mode strict.
fn without_namespace(mode: Mode, items: &Items<'_>) -> impl Iterator<Item = Finding> {
    let services = items.of_kind("serving.kserve.io", "InferenceService");
    let nowhere = services.filter(|item| item.resource.namespace.is_none());
    let is_strict = mode == Mode::Strict;
    nowhere
        .filter(move |_| mode != Mode::Guide)
        .map(move |item| WithoutNamespace { resource: &item.resource, is_strict }.into())
}

/// The components that policies are for.
fn wanted_workloads(
    spec: &ServingAuthorization,
    model: &ServingModel,
    findings: &mut Vec<Finding>,
) -> Vec<ServingWorkload> {
    let namespaces: BTreeSet<&str> = spec.namespaces.iter().map(String::as_str).collect();
    let mut workloads = ServingWorkload::all(model);
    workloads.retain(|one| namespaces.is_empty() || namespaces.contains(one.namespace.as_str()));
    let protocols: BTreeSet<Protocol> = spec.protocols.iter().copied().collect();
    for workload in &mut workloads {
        if !protocols.is_empty() {
            workload.protocols.clone_from(&protocols);
            workload.assumed = None;
        }
        if let Some(assumed) = workload.assumed {
            findings.push(Finding::from(AssumedProtocols(assumed)).on(&workload.resource()));
        }
        if workload.without_sidecar {
            let finding = Finding::from(WithoutSidecar(workload.component));
            findings.push(finding.on(&workload.resource()));
        }
    }
    let served: BTreeSet<&str> = workloads.iter().map(|one| one.namespace.as_str()).collect();
    for (place, namespace) in spec.namespaces.iter().enumerate() {
        if !served.contains(namespace.as_str()) {
            findings.push(NothingServed::InNamespace { namespace, index: place }.into());
        }
    }
    if workloads.is_empty() && spec.namespaces.is_empty() && spec.mode != Mode::Guide {
        findings.push(NothingServed::Anywhere.into());
    }
    workloads
}

/// Judges what the components serve under all policies that will be there.
fn prove(
    policies: &Policies,
    workloads: &[ServingWorkload],
    objects: &[Value],
    items: &Items<'_>,
    findings: &mut Vec<Finding>,
) {
    let mesh = Mesh {
        root_namespace: policies.root_namespace.clone(),
        trust_domain: policies.callers.trust_domain.as_str().to_owned(),
        ..Mesh::default()
    };
    let theirs = objects::policies(items, &OWNED, findings);
    let platform = Platform::new(mesh, theirs, objects::peer_authentications(items, findings));
    let own: Vec<AuthorizationPolicy> = match objects.iter().map(read_value).collect() {
        Ok(own) => own,
        Err(error) => {
            findings.push(Unjudged::OwnPolicy(&error).into());
            return;
        }
    };
    let guide = policies.mode == Mode::Guide;
    let judged: usize = workloads.iter().map(|one| platform.size(&one.namespace)).sum();
    if judged > MOST_JUDGED {
        let components = workloads.len();
        findings.push(Unjudged::TooMany { components, policies: judged }.into());
        return;
    }
    let mut plaintext = Vec::new();
    for (place, workload) in workloads.iter().enumerate() {
        let added = if guide { &own[..] } else { own.get(place..=place).unwrap_or_default() };
        let proof = platform.prove(workload, added, &policies.callers);
        let resource = workload.resource();
        let component = workload.component;
        if let Some((request, by)) = proof.refused {
            let refused = RefusedRequest { component, request: &request, by: &by, is_guide: guide };
            findings.push(Finding::from(refused).on(&resource));
        }
        if let Some((request, why)) = proof.undecided {
            let unjudged = Unjudged::Request { component, request: &request, why: &why };
            findings.push(Finding::from(unjudged).on(&resource));
        }
        if proof.takes_plaintext {
            plaintext.push(workload.shown());
        }
    }
    if guide {
        findings.push(MeshWide(&policies.root_namespace).into());
    }
    if !plaintext.is_empty() {
        findings.push(PlaintextPeers(&plaintext).into());
    }
    findings.extend(objects::others_with_labels(items, &own, &policies.root_namespace));
}

#[derive(Deserialize)]
struct ConfigMap {
    #[serde(default, deserialize_with = "crate::values::k8s::empty_if_null")]
    data: BTreeMap<String, String>,
}

/// Makes the activator ask Services: by a pod's address it asks in plaintext, without the identity
/// that the policies want, and takes the 403 for an answer (`pkg/activator/net/revision_backends.go`).
fn set_mesh_mode(items: &Items<'_>, plan: &mut Plan) {
    let mut found = false;
    let maps = items.of_kind("", "ConfigMap").filter(|item| {
        let namespace = item.resource.namespace.as_deref();
        item.resource.name == CONFIG_NETWORK
            && namespace.is_none_or(|namespace| namespace == "knative-serving")
    });
    for item in maps {
        found = true;
        match item.read::<ConfigMap>() {
            Err(misread) => plan.findings.push(misread.into()),
            Ok(map)
                if map.data.get(MESH_COMPATIBILITY_MODE).is_some_and(|mode| mode == "enabled") => {}
            Ok(map) => {
                let operation = if map.data.is_empty() {
                    operation::add(
                        &["data"],
                        serde_json::json!({ MESH_COMPATIBILITY_MODE: "enabled" }),
                    )
                } else {
                    operation::add(&["data", MESH_COMPATIBILITY_MODE], "enabled")
                };
                let operations = json_patch::Patch(vec![operation]);
                plan.edits.push(Edit::Patch { item: item.id, operations });
            }
        }
    }
    if !found {
        plan.findings.push(MeshModeMissing.into());
    }
}

//! `generate-authorization-policies`: who may ask predictors, transformers and explainers.

mod callers;
mod diags;
mod mesh;
mod objects;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::cluster::Cluster;
use crate::controllers::istio::{AuthorizationPolicy, Mesh};
use crate::controllers::knative::{CONFIG_NETWORK, KnativeServing, MESH_COMPATIBILITY_MODE};
use crate::controllers::kserve::{Protocol, ProtocolSource, ServingModel, ServingOptions};
use crate::finding::{Code, Finding};
use crate::runtime::{Checked, Function, Item, Items, KserveAws, Owned, Plan, Reading};
use crate::serving::authorization::{
    ApiVersion, Callers, GatewayIdentities, Mode, Platform, Policies, Principal, ServingWorkload,
    TrustDomain,
};
use crate::serving::knative_entries::set_entries;
use crate::serving::model::{
    Findings, NotServed, left_out_namespaces, misspelt_namespaces, serving_items,
};
use crate::values::k8s::Namespace;
use krm_package::{Edit, operation, read_value};

use diags::{
    DefaultProtocol, GuessedProtocol, KindNotCovered, MeshModeMissing, MeshWide, NotUsedByGuide,
    NothingServed, PlaintextPeers, RefusedRequest, StatedProtocol, Unjudged, WithoutNamespace,
};

/// Emits AuthorizationPolicies.
pub(crate) struct GenerateAuthorizationPolicies;

/// Who may send requests to the components of InferenceServices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ServingAuthorization {
    /// Who may send requests. Default: `namespace`.
    pub(crate) mode: Mode,
    /// The namespaces to write policies for. Default: those of the InferenceServices.
    #[schemars(example = &["team-a"])]
    pub(crate) namespaces: Vec<Checked<Namespace>>,
    /// The protocols that every component serves. Default: of each, those of its
    /// `protocolVersion` and runtime.
    pub(crate) protocols: Vec<Protocol>,
    /// Istio's root namespace. Default: `istio-system`.
    pub(crate) root_namespace: Option<Checked<Namespace>>,
    /// The mesh's trust domain. Default: `cluster.local`.
    pub(crate) trust_domain: Option<Checked<TrustDomain>>,
    /// The identities of the gateways that requests come through. Default: those of the gateways in
    /// the input, else Kubeflow's `istio-ingressgateway` and `cluster-local-gateway`.
    #[schemars(example = &["cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account"])]
    pub(crate) gateway_principals: Vec<Checked<Principal>>,
    /// The version of `security.istio.io` to write. Default: `v1beta1`.
    pub(crate) api_version: ApiVersion,
}

pub(super) const POLICY: (&str, &str) = ("security.istio.io", "AuthorizationPolicy");
pub(super) const OWNED: Owned = Owned::by::<GenerateAuthorizationPolicies>(&[POLICY]);

/// The largest number of objects that proofs look at, all together.
const MOST_JUDGED: usize = 2_000_000;

impl Function for GenerateAuthorizationPolicies {
    type Project = KserveAws;
    const NAME: &'static str = "generate-authorization-policies";
    const KIND: &'static str = "ServingAuthorization";
    const SUMMARY: &'static str =
        "Generate Istio AuthorizationPolicies that allow requests to InferenceServices";
    const CONFIG_IS_OPTIONAL: bool = true;
    const HELP: &'static str = "Generates AuthorizationPolicies for the predictors, transformers and explainers in the input. Mode
guide: the two policies of the guide, for the whole mesh. Mode namespace: one for each component, with
the paths that it serves. Mode strict: the same by method and by the identity of gateways, of Knative's
activator and of calling components; sets mesh-compatibility-mode in config-network. Every request
that a component serves is evaluated under all policies of the input before anything changes. Policies
of an earlier run are updated, and removed when they are no longer needed.";
    type Spec = ServingAuthorization;

    fn schema() -> Cow<'static, str> {
        include_str!("../../../functions/generate-authorization-policies/schema.json").into()
    }

    fn plan(spec: ServingAuthorization, items: &Items<'_>) -> Plan {
        let model = ServingModel::build(&serving_items(items), &ServingOptions::default());
        let mut plan = Plan::default();
        let Some((namespaces, policies)) = read(&spec, &model, items, &mut plan.findings) else {
            return plan;
        };
        plan.findings.extend(about_model(&model, items));
        let misspelt = misspelt_namespaces(&namespaces, items);
        plan.findings.extend(misspelt.into_iter().map(Finding::from));
        plan.findings.extend(without_namespace(spec.mode, items));
        let workloads = wanted_workloads(&spec, &namespaces, &model, &mut plan.findings);
        if spec.mode == Mode::Strict && spec.gateway_principals.is_empty() {
            callers::without_identity(items, &model, &workloads, &mut plan.findings);
        }
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

/// The configuration's texts, read: the namespaces that it lists, and how policies are written.
fn read(
    spec: &ServingAuthorization,
    model: &ServingModel,
    items: &Items<'_>,
    findings: &mut Vec<Finding>,
) -> Option<(Vec<Namespace>, Policies)> {
    let mut reading = Reading::of("spec");
    let namespaces = reading.list(Code::BadConfig, "namespaces", &spec.namespaces);
    let root = reading.field(Code::BadConfig, "rootNamespace", spec.root_namespace.as_ref());
    let code = Code::AuthorizationPrincipalInvalid;
    let trust_domain = reading.field(code, "trustDomain", spec.trust_domain.as_ref());
    let mut gateways = reading.list(code, "gatewayPrincipals", &spec.gateway_principals);
    reading.findings.extend(not_used(spec));
    let is_sound = reading.is_sound();
    findings.extend(reading.findings);
    if !is_sound {
        return None;
    }
    let trust_domain = trust_domain.unwrap_or_default();
    if gateways.is_empty() {
        // What can't be read is for others to refuse.
        let found = match spec.mode {
            Mode::Strict => GatewayIdentities::of(&Cluster::of(items).0, &trust_domain),
            Mode::Guide | Mode::Namespace => GatewayIdentities::default(),
        };
        gateways = Callers::gateways_of(found, &trust_domain);
    }
    let policies = Policies {
        mode: spec.mode,
        api_version: spec.api_version,
        root_namespace: root.map_or_else(|| "istio-system".to_owned(), String::from),
        callers: Callers::new(trust_domain, gateways, model.knative.release),
    };
    Some((namespaces, policies))
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
            Code::KserveUnreadable
                | Code::KserveNamespaceAmbiguous
                | Code::KserveNameInvalid
                | Code::KserveAnnotationMisspelt
        )
    });
    let warned = |finding: Finding| {
        if finding.is_error() { NotServed(finding).into() } else { finding }
    };
    let mut findings: Vec<Finding> = findings.into_iter().map(warned).collect();
    for item in items.iter() {
        let resource = &item.resource;
        let modelled = resource.kind == "InferenceService"
            && resource.api_version == "serving.kserve.io/v1beta1";
        let serves = matches!(
            resource.kind.as_str(),
            "InferenceService" | "InferenceGraph" | "LLMInferenceService"
        );
        if serves
            && !modelled
            && matches!(resource.group(), "serving.kserve.io" | "serving.kubeflow.org")
        {
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
    listed: &[Namespace],
    model: &ServingModel,
    findings: &mut Vec<Finding>,
) -> Vec<ServingWorkload> {
    let namespaces: BTreeSet<&str> = listed.iter().map(Namespace::as_str).collect();
    let mut workloads = ServingWorkload::all(model);
    let with_components = workloads.iter().map(|one| one.namespace.as_str());
    findings.extend(left_out_namespaces(listed, with_components));
    workloads.retain(|one| namespaces.is_empty() || namespaces.contains(one.namespace.as_str()));
    let protocols: BTreeSet<Protocol> = spec.protocols.iter().copied().collect();
    for workload in &mut workloads {
        apply_protocols(&protocols, workload, findings);
    }
    mesh::report(spec.mode, &workloads, findings);
    let served: BTreeSet<&str> = workloads.iter().map(|one| one.namespace.as_str()).collect();
    for (place, namespace) in listed.iter().enumerate() {
        if !served.contains(namespace.as_str()) {
            findings.push(
                NothingServed::InNamespace { namespace: namespace.as_str(), index: place }.into(),
            );
        }
    }
    if workloads.is_empty() && listed.is_empty() && spec.mode != Mode::Guide {
        findings.push(NothingServed::Anywhere.into());
    }
    workloads
}

/// Sets the configuration's protocols where the manifests state none, and reports what is assumed.
fn apply_protocols(
    wanted: &BTreeSet<Protocol>,
    workload: &mut ServingWorkload,
    findings: &mut Vec<Finding>,
) {
    let is_stated = workload.protocol_source == ProtocolSource::Stated;
    let finding: Option<Finding> = if wanted.is_empty() {
        match &workload.protocol_source {
            ProtocolSource::Stated | ProtocolSource::Determined => None,
            ProtocolSource::Default => Some(DefaultProtocol.into()),
            ProtocolSource::Guess(guess) => Some(GuessedProtocol(guess).into()),
        }
    } else if is_stated {
        (*wanted != workload.protocols).then(|| StatedProtocol(workload.component).into())
    } else {
        workload.protocols.clone_from(wanted);
        None
    };
    findings.extend(finding.map(|finding| finding.on(&workload.resource())));
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

/// Whether an object is in Knative Serving's namespace, as far as it is given.
fn is_of_knative(item: &Item<'_>) -> bool {
    item.resource.namespace.as_deref().is_none_or(|namespace| namespace == "knative-serving")
}

/// Makes the activator ask Services: by a pod's address it asks in plaintext, without the identity
/// that the policies want, and takes the 403 for an answer (`pkg/activator/net/revision_backends.go`).
fn set_mesh_mode(items: &Items<'_>, plan: &mut Plan) {
    let mut found = false;
    let operators = items.of_kind("operator.knative.dev", "KnativeServing");
    for item in operators.filter(|item| is_of_knative(item)) {
        found = true;
        match item.read::<KnativeServing>() {
            Err(misread) => plan.findings.push(misread.into()),
            Ok(serving) => {
                let short = CONFIG_NETWORK.strip_prefix("config-").unwrap_or(CONFIG_NETWORK);
                let key = serving.key(CONFIG_NETWORK).unwrap_or(short);
                let set = BTreeMap::from([(MESH_COMPATIBILITY_MODE, "enabled")]);
                let operations = set_entries(item, &serving, key, &set, &plan.edits);
                if !operations.is_empty() {
                    let operations = json_patch::Patch(operations);
                    plan.edits.push(Edit::Patch { item: item.id, operations });
                }
            }
        }
    }
    if found {
        return;
    }
    let maps = items.of_kind("", "ConfigMap");
    let maps = maps.filter(|item| item.resource.name == CONFIG_NETWORK && is_of_knative(item));
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

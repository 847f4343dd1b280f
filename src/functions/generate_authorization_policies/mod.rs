//! `generate-authorization-policies`: who may call predictors, transformers and explainers.

mod caller_diags;
mod callers;
mod diags;
mod gateway_diags;
mod gateways;
mod mesh;
mod mesh_mode;
mod named_callers;
mod nothing_served_diags;
mod objects;
mod overrides;
mod proof;
mod spec;

use std::borrow::Cow;
use std::cell::LazyCell;
use std::collections::BTreeSet;
use std::ops::Deref;

use crate::cluster::Cluster;
use crate::controllers::kserve::{ProtocolSource, ServingModel, ServingOptions};
use crate::finding::{Code, Finding};
use crate::runtime::{Function, Items, KserveAws, Owned, Plan, Reading};
use crate::serving::authorization::{
    Callers, GatewayIdentities, Mode, NamedProtocol, Policies, ServingWorkload,
};
use crate::serving::model::{
    Findings, NotServed, left_out_namespaces, misspelt_namespaces, serving_items,
};
use crate::values::k8s::Namespace;

use gateways::Gateways;
use nothing_served_diags::NothingServed;

use diags::{
    DefaultProtocol, GuessedProtocol, KindNotCovered, NotUsedByGuide, StatedProtocol,
    WithoutNamespace,
};

pub(crate) use spec::ServingAuthorization;

/// Emits AuthorizationPolicies.
pub(crate) struct GenerateAuthorizationPolicies;

pub(super) const POLICY: (&str, &str) = ("security.istio.io", "AuthorizationPolicy");
const AUTHENTICATION: (&str, &str) = ("security.istio.io", "RequestAuthentication");
pub(super) const OWNED: Owned =
    Owned::by::<GenerateAuthorizationPolicies>(&[POLICY, AUTHENTICATION]);

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
        let mut model = ServingModel::built_of(serving_items(items), &ServingOptions::default());
        // What cannot be read is for others to refuse.
        let cluster = LazyCell::new(|| Cluster::without_services(items).0);
        let mut plan = Plan::default();
        let Some((namespaces, policies)) = read(&spec, &model, &cluster, &mut plan.findings) else {
            return plan;
        };
        plan.findings.extend(about_model(&model, items));
        let misspelt = misspelt_namespaces(&namespaces, items);
        plan.findings.extend(misspelt.into_iter().map(Finding::from));
        plan.findings.extend(without_namespace(spec.mode, items));
        let gateways = match spec.mode {
            Mode::Guide => Gateways::default(),
            _ => Gateways::of(&policies, spec.profile, (items, &cluster), &model),
        };
        let needs_identity = spec.mode == Mode::Strict && spec.gateway_principals.is_empty();
        // As large as what is generated, and with nothing more to say.
        let workloads = ServingWorkload::all(std::mem::take(&mut model.endpoints));
        let workloads =
            wanted_workloads((&spec, &policies), &namespaces, workloads, items, &mut plan.findings);
        if needs_identity {
            callers::without_identity(&cluster, &model, &workloads, &mut plan.findings);
        }
        drop((model, cluster));
        plan.findings.extend(caller_diags::about(&policies, &workloads));
        let around = (items, &OWNED);
        let platform = proof::platform(&policies, spec.profile, around, &mut plan.findings);
        proof::prove(&policies, &workloads, (items, &platform), &mut plan.findings);
        let extended = gateways.extend(&policies, &platform, &workloads);
        plan.findings.extend(extended.findings);
        let objects = policies.of(&workloads).chain(policies.authentications(&workloads));
        let owned = OWNED.plan(objects.chain(extended.objects), items);
        plan.edits.extend(owned.edits);
        plan.findings.extend(owned.findings);
        if workloads.iter().any(|one| policies.names_activator(one)) {
            mesh_mode::set_mesh_mode(items, &mut plan);
        }
        plan
    }
}

/// The configuration's texts, read: the namespaces that it lists, and how policies are written.
fn read<'p>(
    spec: &ServingAuthorization,
    model: &ServingModel,
    cluster: &impl Deref<Target = Cluster<'p>>,
    findings: &mut Vec<Finding>,
) -> Option<(Vec<Namespace>, Policies)> {
    let mut reading = Reading::of("spec");
    let namespaces = reading.list(Code::BadConfig, "namespaces", &spec.namespaces);
    let root = reading.field(Code::BadConfig, "rootNamespace", spec.root_namespace.as_ref());
    let code = Code::AuthorizationPrincipalInvalid;
    let trust_domain = reading.field(code, "trustDomain", spec.trust_domain.as_ref());
    let mut gateways = reading.list(code, "gatewayPrincipals", &spec.gateway_principals);
    let settings = named_callers::settings(spec, &mut reading);
    reading.findings.extend(not_used(spec));
    let is_sound = reading.is_sound();
    findings.extend(reading.findings.into_iter().map(Finding::blocking));
    if !is_sound {
        return None;
    }
    let trust_domain = trust_domain.unwrap_or_default();
    if gateways.is_empty() {
        let found = match spec.mode {
            Mode::Strict => GatewayIdentities::of(cluster, model, &trust_domain),
            Mode::Namespace if settings.has_callers() => {
                GatewayIdentities::of(cluster, model, &trust_domain)
            }
            Mode::Guide | Mode::Namespace => GatewayIdentities::default(),
        };
        gateways = Callers::gateways_of(found, &trust_domain);
    }
    let policies = Policies {
        mode: spec.mode,
        api_version: spec.api_version,
        root_namespace: root.map_or_else(|| "istio-system".to_owned(), String::from),
        callers: Callers::new(trust_domain, gateways, model.knative.release),
        settings,
    };
    let hidden = named_callers::gateway_identities(spec, &policies);
    if !hidden.is_empty() {
        findings.extend(hidden);
        return None;
    }
    Some((namespaces, policies))
}

/// The guide's policies are for every namespace and have paths of their own.
fn not_used(spec: &ServingAuthorization) -> impl Iterator<Item = Finding> {
    let guide = spec.mode == Mode::Guide;
    let fields = [
        ("namespaces", guide && !spec.namespaces.is_empty()),
        ("protocols", guide && !spec.protocols.is_empty()),
        ("callers", guide && spec.callers.is_some()),
        ("overrides", guide && !spec.overrides.is_empty()),
        ("clusterIssuer", guide && spec.cluster_issuer.is_some()),
        ("userIssuer", guide && spec.user_issuer.is_some()),
        ("profile", guide && spec.profile.is_some()),
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
    (spec, policies): (&ServingAuthorization, &Policies),
    listed: &[Namespace],
    mut workloads: Vec<ServingWorkload>,
    items: &Items<'_>,
    findings: &mut Vec<Finding>,
) -> Vec<ServingWorkload> {
    let namespaces: BTreeSet<&str> = listed.iter().map(Namespace::as_str).collect();
    findings.extend(overrides::unknown(spec, &workloads));
    let with_components = workloads.iter().map(|one| one.namespace.as_str());
    findings.extend(left_out_namespaces(listed, with_components));
    workloads.retain(|one| namespaces.is_empty() || namespaces.contains(one.namespace.as_str()));
    let protocols: BTreeSet<NamedProtocol> = spec.protocols.iter().copied().collect();
    for workload in &mut workloads {
        workload.paths = policies.settings.paths_of(workload).to_vec();
        match policies.settings.protocols_of(workload) {
            Some(protocols) => workload.protocols.clone_from(protocols),
            None => apply_protocols(&protocols, workload, findings),
        }
    }
    mesh::report(spec.mode, &workloads, findings);
    let served: BTreeSet<&str> = workloads.iter().map(|one| one.namespace.as_str()).collect();
    for (place, namespace) in listed.iter().enumerate() {
        if !served.contains(namespace.as_str()) {
            findings.push(
                NothingServed::InNamespace {
                    namespace: namespace.as_str(),
                    index: place,
                    services: names_in(items, Some(namespace.as_str())),
                }
                .into(),
            );
        }
    }
    if workloads.is_empty() && listed.is_empty() && spec.mode != Mode::Guide {
        findings.push(NothingServed::Anywhere { services: names_in(items, None) }.into());
    }
    workloads
}

/// The names of the InferenceServices that the model is of; of one namespace, where it is given.
fn names_in<'i>(items: &'i Items<'_>, namespace: Option<&str>) -> Vec<&'i str> {
    let services = items.of_kind("serving.kserve.io", "InferenceService").filter(|item| {
        item.resource.api_version == "serving.kserve.io/v1beta1"
            && namespace.is_none_or(|own| item.resource.namespace.as_deref() == Some(own))
    });
    let mut names: Vec<&str> = services.map(|item| item.resource.name.as_str()).collect();
    names.sort_unstable();
    names
}

/// Sets the configuration's protocols where the manifests state none, and reports what is assumed.
fn apply_protocols(
    wanted: &BTreeSet<NamedProtocol>,
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

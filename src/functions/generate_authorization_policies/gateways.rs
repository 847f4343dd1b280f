//! The gateways that callers come through: what is added to them, and what they refuse nevertheless.

use std::ops::Deref;
use std::rc::Rc;

use serde_json::Value;

use super::diags::Unjudged;
use super::gateway_diags::{
    Extended, GatewayLogin, OtherRelease, RefusedAtGateway, RemovedAtGateway, RequiresToken,
    TemplateOfProfile,
};
use crate::cluster::{Cluster, Kept};
use crate::controllers::istio::{EnvoyFilter, FilterEffect, ProxyContext};
use crate::controllers::kserve::ServingModel;
use crate::finding::Finding;
use crate::runtime::Items;
use crate::serving::authorization::{
    GatewayPods, Hosts, LOGIN_FILTER, Platform, Policies, Profile, ServingWorkload, TOKEN_POLICY,
};
use crate::serving::model::shadowed;

/// What the gateways are told from: little of the world, which is as large as all that is generated.
#[derive(Default)]
pub(super) struct Gateways {
    findings: Vec<Finding>,
    /// None where no callers are named.
    pods: Vec<GatewayPods>,
    hosts: Hosts,
    filters: Vec<Rc<Kept<EnvoyFilter>>>,
    configuration: String,
    profile: Option<Profile>,
}

/// What is generated for gateways, and what there is to say of them.
#[derive(Default)]
pub(super) struct AtGateways {
    pub(super) objects: Vec<Value>,
    pub(super) findings: Vec<Finding>,
}

impl Gateways {
    /// What there is to say of them, and what callers that are named come through.
    pub(super) fn of<'p>(
        policies: &Policies,
        profile: Option<Profile>,
        (items, cluster): (&Items<'_>, &impl Deref<Target = Cluster<'p>>),
        model: &ServingModel,
    ) -> Self {
        let root = policies.root_namespace.as_str();
        let mut gateways = Self { findings: shadowed(cluster, model), profile, ..Self::default() };
        if let Some(profile) = profile {
            let findings = &mut gateways.findings;
            findings.extend(other_release(profile, cluster, root).map(Finding::from));
            let template = profile.path_template().filter(|_| !has_kserve_config(items));
            findings
                .extend(template.map(|template| TemplateOfProfile { profile, template }.into()));
        }
        if policies.settings.has_callers() {
            gateways.pods = GatewayPods::all((cluster, model), root, profile.is_some());
            gateways.hosts = hosts(model);
            gateways.filters.clone_from(&cluster.objects.envoy_filters);
            let configuration = items.configuration().unwrap_or("serving-authorization");
            configuration.clone_into(&mut gateways.configuration);
        }
        gateways
    }

    /// Extends the gateways so that the callers' tokens get through.
    pub(super) fn extend(
        self,
        policies: &Policies,
        platform: &Platform,
        workloads: &[ServingWorkload],
    ) -> AtGateways {
        let root = policies.root_namespace.as_str();
        let Self { findings, pods: gateways, hosts, filters, configuration, profile } = self;
        let mut extended = AtGateways { findings, ..AtGateways::default() };
        for refused in policies.without_token(platform, &gateways, workloads, &hosts) {
            extended.findings.extend(RequiresToken(&refused).findings());
        }
        let judged = policies.at_gateways(platform, &gateways, workloads, (&configuration, &hosts));
        let judged = match judged {
            Ok(judged) => judged,
            Err(error) => {
                extended.findings.push(Unjudged::OwnPolicy(&error).into());
                return extended;
            }
        };
        for at in judged {
            let findings = &mut extended.findings;
            let gateway = at.gateway.name.as_str();
            if let Some(filter) = login_filter(&at.gateway, &filters, root, profile) {
                findings.push(GatewayLogin { gateway, filter: &filter }.into());
            }
            if !at.added.is_empty() {
                let issuers: Vec<&str> = at.added.iter().map(|one| one.issuer.as_str()).collect();
                let extended = Extended {
                    gateway,
                    issuers: &issuers,
                    whole: &at.whole,
                    is_public: at.gateway.is_public,
                };
                findings.push(extended.into());
            }
            if let Some((request, by)) = &at.refused {
                findings.push(RefusedAtGateway { gateway, request, by }.into());
            }
            if let Some(caller) = &at.removed {
                findings.push(RemovedAtGateway { gateway, caller }.into());
            }
            if let Some((request, why)) = &at.undecided {
                findings.push(Unjudged::AtGateway { gateway, request, why }.into());
            }
            extended.objects.extend(at.objects);
        }
        extended
    }
}

/// Whether `KServe`'s configuration is among the objects.
fn has_kserve_config(items: &Items<'_>) -> bool {
    items.of_kind("", "ConfigMap").any(|item| item.resource.name == "inferenceservice-config")
}

/// The first public host of each service.
fn hosts(model: &ServingModel) -> Hosts {
    let endpoints = model.endpoints.iter();
    let host = endpoints.filter_map(|one| {
        let host = (*one.public_hosts().first()?).to_owned();
        Some(((one.namespace.clone(), one.name.clone()), host))
    });
    host.collect()
}

/// The filter that asks a login about every request, before the gateway's policies.
fn login_filter(
    gateway: &GatewayPods,
    filters: &[Rc<Kept<EnvoyFilter>>],
    root: &str,
    profile: Option<Profile>,
) -> Option<String> {
    let pods = &gateway.pods;
    let found = filters.iter().map(|kept| &kept.object).find(|filter| {
        filter.selects(root, &pods.namespace, &pods.labels)
            && matches!(
                filter.effect(ProxyContext::Gateway),
                FilterEffect::ExternalAuthorization { .. }
            )
    });
    let found = found.map(|filter| format!("{}/{}", filter.namespace(), filter.metadata.name));
    let of_profile = || {
        profile
            .filter(|one| one.has_login_filter() && gateway.is_public)
            .map(|_| format!("{root}/{LOGIN_FILTER}"))
    };
    found.or_else(of_profile)
}

/// An object that the release does not have, and another has.
fn other_release<'a>(
    profile: Profile,
    cluster: &'a Cluster<'_>,
    root: &str,
) -> Option<OtherRelease<'a>> {
    let is_in_root = |namespace: &Option<String>| namespace.as_deref() == Some(root);
    let resource = if profile.has_login_filter() {
        let policies = cluster.objects.authorization_policies.iter().map(|one| &one.resource);
        policies.into_iter().find(|one| one.name == TOKEN_POLICY && is_in_root(&one.namespace))
    } else {
        let filters = cluster.objects.envoy_filters.iter().map(|one| &one.resource);
        filters.into_iter().find(|one| one.name == LOGIN_FILTER && is_in_root(&one.namespace))
    };
    resource.map(|resource| OtherRelease { profile, resource })
}

//! The gateways that callers come through: what is added to them, and what they refuse nevertheless.

use serde_json::Value;

use super::diags::Unjudged;
use super::gateway_diags::{
    Extended, GatewayLogin, OtherRelease, RefusedAtGateway, RemovedAtGateway, RequiresToken,
    TemplateOfProfile,
};
use crate::cluster::Cluster;
use crate::controllers::istio::{FilterEffect, ProxyContext};
use crate::controllers::kserve::ServingModel;
use crate::finding::Finding;
use crate::runtime::Items;
use crate::serving::authorization::{
    GatewayPods, Hosts, LOGIN_FILTER, Mode, Platform, Policies, Profile, ServingWorkload,
    TOKEN_POLICY,
};
use crate::serving::model::shadowed;

/// What the gateways are told from.
pub(super) struct Input<'a> {
    pub(super) items: &'a Items<'a>,
    pub(super) model: &'a ServingModel,
    pub(super) profile: Option<Profile>,
}

/// What is generated for gateways, and what there is to say of them.
#[derive(Default)]
pub(super) struct AtGateways {
    pub(super) objects: Vec<Value>,
    pub(super) findings: Vec<Finding>,
}

/// Extends the gateways so that the callers' tokens get through.
pub(super) fn extend(
    policies: &Policies,
    platform: &Platform,
    workloads: &[ServingWorkload],
    input: &Input<'_>,
) -> AtGateways {
    let mut extended = AtGateways::default();
    if policies.mode == Mode::Guide {
        return extended;
    }
    let root = policies.root_namespace.as_str();
    // What can't be read is for others to refuse.
    let cluster = Cluster::of(input.items).0;
    extended.findings.extend(shadowed(&cluster, input.model));
    if let Some(profile) = input.profile {
        extended.findings.extend(other_release(profile, &cluster, root).map(Finding::from));
        let template = profile.path_template().filter(|_| !has_kserve_config(input.items));
        extended
            .findings
            .extend(template.map(|template| TemplateOfProfile { profile, template }.into()));
    }
    if !policies.settings.has_callers() {
        return extended;
    }
    let gateways = GatewayPods::all(&cluster, root, input.profile.is_some());
    let configuration = input.items.configuration().unwrap_or("serving-authorization");
    let hosts = hosts(input.model);
    for refused in policies.without_token(platform, &gateways, workloads, &hosts) {
        extended.findings.extend(RequiresToken(&refused).findings());
    }
    let judged = policies.at_gateways(platform, &gateways, workloads, (configuration, &hosts));
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
        if let Some(filter) = login_filter(&at.gateway, &cluster, root, input.profile) {
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
    cluster: &Cluster<'_>,
    root: &str,
    profile: Option<Profile>,
) -> Option<String> {
    let pods = &gateway.pods;
    let found = cluster.objects.envoy_filters.iter().map(|kept| &kept.object).find(|filter| {
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

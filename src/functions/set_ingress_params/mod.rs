//! `set-ingress-params`: from the guide's parameters to an Ingress that lets no request through
//! without its token or login.

mod class;
mod diags;
mod sources;
mod spec;
mod targets;

use diags::NothingSet;
use sources::Sources;
pub(crate) use spec::SetIngressParams;
use std::borrow::Cow;
use std::collections::HashMap;

use crate::cluster::Cluster;
use crate::controllers::alb::Options;
use crate::controllers::alb::auth::CognitoConfig;
use crate::finding::{Code, Finding};
use crate::path::doors;
use crate::runtime::{Function, Items, KserveAws, Plan};
use crate::serving::ingress::proof::ParamsRequirement;
use crate::serving::ingress::{self, IngressParams, Layer, Protection, Settings, lint};
use crate::values::k8s::ResourceRef;
use krm_package::Edit;

impl Function for SetIngressParams {
    type Project = KserveAws;
    const NAME: &'static str = "set-ingress-params";
    const KIND: &'static str = "IngressParams";
    const SUMMARY: &'static str =
        "Set certificate, token check, Cognito login and scheme of the Ingress in front of KServe";
    const CONFIG_IS_OPTIONAL: bool = true;
    const HELP: &'static str = "Sets the annotations of the AWS Load Balancer Controller: certificate-arn, listen-ports, scheme,
conditions.<service> for each Service of the rules, auth-type and auth-idp-cognito. It then builds
the rules that the controller will create, and fails if one of them forwards a request without the
required token or login.";
    /// The keys of the guide's `params.env`.
    const ALIASES: &'static [(&'static str, &'static str)] = &[
        ("CognitoUserPoolArn", "cognito.userPoolArn"),
        ("CognitoAppClientId", "cognito.userPoolClientId"),
        ("CognitoUserPoolDomain", "cognito.userPoolDomain"),
    ];
    type Spec = IngressParams;

    fn schema() -> Cow<'static, str> {
        include_str!("../../../functions/set-ingress-params/schema.json").into()
    }

    fn plan(spec: IngressParams, items: &Items<'_>) -> Plan {
        let mut findings = Vec::new();
        let edits = planned(spec, items, &mut findings);
        Plan { edits, findings }
    }
}

fn planned(spec: IngressParams, items: &Items<'_>, findings: &mut Vec<Finding>) -> Vec<Edit> {
    if spec.sets_nothing() {
        findings.push(NothingSet.into());
        return Vec::new();
    }
    let (cluster, unreadable) = Cluster::of(items);
    let targets = match targets::find(&spec, items, &cluster, &unreadable) {
        Ok(targets) => targets,
        Err(found) => {
            findings.extend(found);
            return Vec::new();
        }
    };
    let sources = Sources::find(&spec, items, findings);
    let is_second_run = !sources.missing.is_empty();
    if is_second_run {
        let is_set = targets.iter().all(|target| target.is_set_for(spec.overlay));
        findings.extend(sources.missing.iter().map(|missing| missing.finding(is_set)));
    }
    if findings.iter().any(Finding::is_error) {
        return Vec::new();
    }
    let is_inferred = spec.overlay.is_none();
    let is_default_target = spec.target.is_none();
    let header = spec.http_header_name.clone();
    let mut layers = sources.layers;
    layers.push(Layer { params: spec, source: None });
    let gives_tokens = layers.iter().any(|layer| layer.params.http_header_values.is_some());
    let mut edits = Vec::new();
    let mut asked = HashMap::new();
    let mut settings: Option<Settings> = None;
    let mut protected = doors::Protected::default();
    let mut classes = Vec::new();
    let has_others = targets.iter().any(|target| !target.has_login());
    for target in targets {
        if is_second_run {
            let earlier =
                target.earlier(layers.last().and_then(|own| own.params.overlay), header.as_deref());
            let layers: Vec<Layer> =
                std::iter::once(earlier).chain(layers.iter().cloned()).collect();
            settings = checked(&layers, findings);
        } else if settings.is_none() {
            settings = checked(&layers, findings);
        }
        let Some(settings) = &settings else {
            return Vec::new();
        };
        let is_token = matches!(settings.protection, Protection::Token { .. });
        if is_default_target && is_token && has_others && target.has_login() {
            let message = "the Ingress has a login, so no token is set on it; name it in spec.target to set one";
            findings.push(Finding::info(Code::LoginLeftAlone, message).on(&target.item.resource));
            continue;
        }
        classes.push((target.item.id, settings.clone()));
        // Of an Ingress that was set before, the annotations say themselves what they ask for.
        if !is_second_run || gives_tokens {
            asked.insert(target.item.resource.clone(), settings.protection.clone());
        }
        protected.fronts.extend(target.front(settings));
        target.set(settings, &mut edits, findings);
    }
    // An overlay that forwards every request is never inferred from an object that is not there, so
    // what it was inferred from has to be there for the next run, too. No token is in it.
    let stays =
        is_inferred && settings.as_ref().is_some_and(|all| all.protection == Protection::Open);
    for item in sources.consumed {
        if stays {
            let message = "the parameters were read and their object is kept, because the overlay is inferred from it; set overlay to have it removed";
            findings.push(Finding::info(Code::ParamsKept, message).on(&item.resource));
        } else {
            let message = "the parameters were read and their object is removed, so no token is applied with it; set keep: true to retain it";
            findings.push(Finding::info(Code::ParamsConsumed, message).on(&item.resource));
            edits.push(Edit::RemoveItem(item.id));
        }
    }
    findings.extend(class::overrides(&cluster, &classes));
    let (after, found) = cluster.after(&edits);
    prove(&after, found, &asked, unreadable, findings);
    doors::find(&after, items, &protected, findings);
    edits
}

/// Checks the layers, and says each thing once, for however many Ingresses.
fn checked(layers: &[Layer], findings: &mut Vec<Finding>) -> Option<Settings> {
    let (settings, found) = match Settings::checked(layers) {
        Ok((settings, found)) => (Some(settings), found),
        Err(found) => (None, found),
    };
    for finding in found {
        if finding.resource.is_some() || !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    settings
}

/// Builds the rules that the controller will make, and says which of them lets a request through
/// without the token or the login that the parameters of each Ingress, or annotations, ask for.
fn prove(
    after: &Cluster<'_>,
    found: Vec<Finding>,
    protections: &HashMap<ResourceRef, Protection>,
    unreadable: Vec<Finding>,
    findings: &mut Vec<Finding>,
) {
    let is_still = |finding: &Finding| {
        finding.resource.as_ref().is_none_or(|resource| after.objects.unreadable.contains(resource))
    };
    let unread = unreadable.into_iter().filter(is_still).chain(found);
    for finding in unread.filter(is_read_by_controller) {
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    let objects = ingress::objects(after);
    let asked: Vec<ParamsRequirement> = objects
        .ingresses
        .iter()
        .filter_map(|ingress| asked(ingress.key(), protections.get(&ingress.reference())?))
        .collect();
    findings.extend(lint::check(&objects, &asked, &Options::default()));
}

/// Whether a finding is about an object that the load balancer's controller reads.
fn is_read_by_controller(finding: &Finding) -> bool {
    finding.resource.as_ref().is_some_and(|resource| {
        let group = resource.api_version.rsplit_once('/').map_or("", |(group, _)| group);
        matches!(
            (group, resource.kind.as_str()),
            ("networking.k8s.io", "Ingress" | "IngressClass")
                | ("elbv2.k8s.aws", "IngressClassParams")
                | ("", "Service" | "Secret" | "Namespace")
        )
    })
}

fn asked(ingress: String, protection: &Protection) -> Option<ParamsRequirement> {
    let asks_nothing = ParamsRequirement { ingress, ..ParamsRequirement::default() };
    match protection {
        // That it is managed is required all the same.
        Protection::Open => Some(asks_nothing),
        Protection::Token { header, .. } => Some(ParamsRequirement {
            token_header: Some(header.as_str().to_owned()),
            ..asks_nothing
        }),
        Protection::Login { user_pool, client, domain } => {
            let pool = CognitoConfig {
                user_pool_arn: user_pool.to_string(),
                user_pool_client_id: client.as_str().to_owned(),
                user_pool_domain: domain.as_str().to_owned(),
                ..CognitoConfig::default()
            };
            Some(ParamsRequirement { login: Some(pool), ..asks_nothing })
        }
    }
}

//! `set-ingress-params`: from the guide's parameters to an Ingress that lets no request through
//! without its token or login.

mod auto_mode;
mod classes;
mod diags;
mod health;
mod job;
mod sources;
mod spec;
mod targets;

use classes::Classes;
use diags::NothingSet;
use job::{Job, Run};
pub(crate) use spec::SetIngressParams;
use std::borrow::Cow;

use crate::cluster::Cluster;
use crate::controllers::alb::Options;
use crate::controllers::alb::auth::CognitoConfig;
use crate::finding::{Code, Finding};
use crate::path::doors;
use crate::runtime::{Function, Items, KserveAws, Plan};
use crate::serving::ingress::proof::ParamsRequirement;
use crate::serving::ingress::{self, IngressParams, NodePorts, Protection, lint};
use krm_package::Edit;

impl Function for SetIngressParams {
    type Project = KserveAws;
    const NAME: &'static str = "set-ingress-params";
    const KIND: &'static str = "IngressParams";
    const SUMMARY: &'static str =
        "Set certificate, token check, Cognito login and scheme of the Ingress in front of KServe";
    const CONFIG_IS_OPTIONAL: bool = true;
    const HELP: &'static str = "Sets the annotations of the AWS Load Balancer Controller: certificate-arn, listen-ports, scheme,
conditions.<service> for each Service of the rules, auth-type with auth-idp-cognito or auth-idp-oidc,
auth-scope, auth-session-timeout, auth-on-unauthenticated-request, jwt-validation, those of the load
balancer itself, and a health check that the gateway answers. It then builds the rules that the controller will create, and fails if one of them forwards a request
without the required token or login.

Under kustomize, conditions.<service> has the name that the Service will have, where this function
runs in the kustomization with the namePrefix or nameSuffix, or above it. A layer above can rename
it once more, which is not seen here: run kserve-aws check on the final output.";
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
    let (cluster, unreadable) = Cluster::without_services(items);
    let jobs = match Job::all(&spec, items, &cluster, &unreadable) {
        Ok(jobs) => jobs,
        Err(found) => {
            findings.extend(found.into_iter().map(Finding::blocking));
            return Vec::new();
        }
    };
    let platform =
        doors::Platform { node_ports_public: spec.node_ports == Some(NodePorts::Public) };
    let classes = Classes::of(&cluster);
    let mut run = Run::default();
    for job in jobs {
        if !run.add(job, &spec, items, &classes, findings) {
            return Vec::new();
        }
    }
    health::settle(&mut run, &cluster, &classes, findings);
    let of_classes = std::mem::take(&mut run.classes).edits(items, findings);
    run.edits.extend(of_classes);
    run.remove_consumed(findings);
    let (after, found) = cluster.after(&run.edits);
    prove(&after, found, &run, unreadable, findings);
    regions_before(&cluster, &run, findings);
    doors::find(&after, items, &run.protected, platform, findings);
    run.edits
}

/// Builds the rules that the controller will make, and says which of them lets a request through
/// without the token or the login that the parameters of each Ingress, or annotations, require.
fn prove(
    after: &Cluster<'_>,
    found: Vec<Finding>,
    run: &Run<'_, '_>,
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
    let requirements: Vec<ParamsRequirement> = objects
        .ingresses
        .iter()
        .filter_map(|ingress| {
            requirement(ingress.key(), run.protections.get(&ingress.reference())?)
        })
        .collect();
    let options = Options::default();
    let mut checked = lint::check(&objects, &requirements, &options);
    lint::leave_to_others(&mut checked, &objects, &run.set, &options);
    findings.extend(checked);
}

/// What named two regions before this run now names one: which was right is not known.
fn regions_before(cluster: &Cluster<'_>, run: &Run<'_, '_>, findings: &mut Vec<Finding>) {
    if findings.iter().any(|finding| finding.code == Code::AlbTwoRegions) {
        return;
    }
    let objects = ingress::objects(cluster);
    findings.extend(lint::of_groups(&objects, &run.set, &Options::default()));
}

/// Whether a finding is about an object that the load balancer's controller reads.
fn is_read_by_controller(finding: &Finding) -> bool {
    finding.resource.as_ref().is_some_and(|resource| {
        let group = resource.group();
        matches!(
            (group, resource.kind.as_str()),
            ("networking.k8s.io", "Ingress" | "IngressClass")
                | ("elbv2.k8s.aws", "IngressClassParams")
                | ("", "Service" | "Secret" | "Namespace")
        )
    })
}

fn requirement(ingress: String, protection: &Protection) -> Option<ParamsRequirement> {
    let open = ParamsRequirement { ingress, ..ParamsRequirement::default() };
    match protection {
        // That it is managed is required all the same.
        Protection::Open => Some(open),
        Protection::Token { header, .. } => {
            Some(ParamsRequirement { token_header: Some(header.as_str().to_owned()), ..open })
        }
        Protection::Login { user_pool, client, domain } => {
            let pool = CognitoConfig {
                user_pool_arn: user_pool.to_string(),
                user_pool_client_id: client.as_str().to_owned(),
                user_pool_domain: domain.as_str().to_owned(),
                ..CognitoConfig::default()
            };
            Some(ParamsRequirement { login: Some(pool), ..open })
        }
        Protection::Oidc(provider) => {
            Some(ParamsRequirement { provider: Some(provider.clone()), ..open })
        }
        Protection::Jwt(jwt) => Some(ParamsRequirement { jwt: Some(jwt.clone()), ..open }),
    }
}

//! `serving-endpoint`: the whole way to the models from one configuration, each step by the function
//! that does it alone.

mod diags;
mod fields;
mod spec;
mod stage;
mod world;

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::generate_authorization_policies::GenerateAuthorizationPolicies;
use super::generate_dns_records::{self, GenerateDnsRecords, ObjectName};
use super::plan_certificate::{self, PlanCertificate, ServingCertificate};
use super::set_ingress_params::SetIngressParams;
use super::set_knative_domain::{KnativeDomain, SetKnativeDomain};
use super::validate_serving_path::{ServingPathCheck, ValidateServingPath};
use crate::finding::{Code, Finding};
use crate::runtime::{Checked, Function, Items, KserveAws, Plan};
use crate::serving::certificate::{AckResource, CertificateFacts};
use crate::values::k8s::Namespace;

use diags::NotIssued;
use fields::Fields;
use spec::ServingEndpoint;
use stage::Stage;
use world::World;

/// Renders the whole way.
pub(crate) struct RenderEndpoint;

impl Function for RenderEndpoint {
    type Project = KserveAws;
    const NAME: &'static str = "serving-endpoint";
    const KIND: &'static str = "ServingEndpoint";
    const SUMMARY: &'static str = "Render domain, certificate, Ingress, policies and DNS records from one configuration, and check them";
    const HELP: &'static str = "\
Runs set-knative-domain, plan-certificate, set-ingress-params, generate-authorization-policies,
generate-dns-records and validate-serving-path in this order, each on what those before it leave. The
domain, the namespaces and the certificate are written once; with stages, several Ingresses have each
their own tokens, certificate and namespaces. A finding names the function that found it and the field
of this configuration. With an error nothing is changed.";
    type Spec = ServingEndpoint;

    fn schema() -> Cow<'static, str> {
        include_str!("../../../functions/serving-endpoint/schema.json").into()
    }

    fn plan(spec: ServingEndpoint, items: &Items<'_>) -> Plan {
        let stages = stage::all(&spec);
        let mut world = World::of(items);
        world.findings.extend(stage::check(&spec, &stages).into_iter().map(Finding::blocking));
        let outer = items.configuration().unwrap_or("serving-endpoint");
        let namespaces: Vec<Checked<Namespace>> =
            stages.iter().flat_map(|stage| stage.namespaces.iter().cloned()).collect();
        domain(&mut world, &spec, outer);
        each_stage(&mut world, &stages, |world, stage| certificate(world, &spec, stage, outer));
        remove_stale(&mut world, items, &stages, outer);
        for (place, stage) in stages.iter().enumerate() {
            let later = stages[place + 1..].iter().filter(|later| !later.is_pending());
            world.unset = later.filter_map(|later| later.ingress.target.clone()).collect();
            ingress(&mut world, &spec, stage, outer);
        }
        world.unset.clear();
        authorization(&mut world, &spec, &namespaces, outer);
        each_stage(&mut world, &stages, |world, stage| dns(world, &spec, stage, outer));
        if spec.check.unwrap_or(true) {
            let path =
                ServingPathCheck { protect: spec.protect.clone(), ..ServingPathCheck::default() };
            let fields = Fields::of(&[("spec.protect", "spec.protect".to_owned())]);
            world.step::<ValidateServingPath>(outer, path, &fields);
        }
        world.plan()
    }
}

/// A step of every stage. A namespace that one stage leaves out is left to the others; whether all of them
/// together leave one out is reported by the policies.
fn each_stage<'w, 'p>(
    world: &mut World<'w, 'p>,
    stages: &[Stage<'_>],
    step: impl Fn(&mut World<'w, 'p>, &Stage<'_>),
) {
    let before = world.findings.len();
    for stage in stages {
        step(world, stage);
    }
    if stages.len() > 1 {
        let found = world.findings.split_off(before);
        let kept = found.into_iter().filter(|finding| finding.code != Code::NamespaceLeftOut);
        world.findings.extend(kept);
    }
}

fn domain(world: &mut World<'_, '_>, spec: &ServingEndpoint, outer: &str) {
    let domain = KnativeDomain {
        domain: Some(Checked::of(&spec.domain)),
        create_if_missing: true,
        ..KnativeDomain::default()
    };
    let fields = Fields::of(&[("spec.domain", "spec.domain".to_owned())]);
    world.step::<SetKnativeDomain>(outer, domain, &fields);
}

fn certificate(world: &mut World<'_, '_>, spec: &ServingEndpoint, stage: &Stage<'_>, outer: &str) {
    let given = stage.certificate;
    let arns = given.arn.as_ref().map(|arns| arns.to_vec()).unwrap_or_default();
    let facts = CertificateFacts {
        arn: arns.first().cloned(),
        domains: given.names.clone(),
        pem: given.pem.clone(),
        describe: None,
    };
    let name = ["kserve-serving", stage.name].into_iter().filter(|part| !part.is_empty());
    let settings = ServingCertificate {
        domain: Some(Checked::of(&spec.domain)),
        namespaces: stage.namespaces.to_vec(),
        emit: given.emit.map_or(plan_certificate::Emit::None, |_| plan_certificate::Emit::Ack),
        certificate: facts,
        resource: AckResource {
            name: Some(name.collect::<Vec<_>>().join("-")),
            ..AckResource::default()
        },
        ..ServingCertificate::default()
    };
    let field = &stage.certificate_field;
    let fields = Fields::of(&[
        ("spec.domain", "spec.domain".to_owned()),
        ("spec.namespaces", stage.namespaces_field.clone()),
        ("spec.certificate.domains", format!("{field}.names")),
        ("spec.certificate", field.clone()),
        ("spec", field.clone()),
    ]);
    world.step::<PlanCertificate>(&stage.configuration(outer), settings, &fields);
}

/// What was generated for a stage that has been removed is removed, too.
fn remove_stale(world: &mut World<'_, '_>, items: &Items<'_>, stages: &[Stage<'_>], outer: &str) {
    let known: BTreeSet<String> = stages.iter().map(|stage| stage.configuration(outer)).collect();
    let mut stale: BTreeSet<String> = BTreeSet::new();
    for owned in [plan_certificate::OWNED, generate_dns_records::OWNED] {
        let key = owned.configuration_annotation();
        let found = items.iter().filter_map(|item| item.text(&["metadata", "annotations", &key]));
        stale.extend(found.filter(|name| {
            let is_ours = name.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'));
            is_ours && !known.contains(name)
        }));
    }
    for name in stale {
        let fields = Fields::of(&[("spec", "spec.stages".to_owned())]);
        for (function, owned) in [
            (PlanCertificate::NAME, plan_certificate::OWNED),
            (GenerateDnsRecords::NAME, generate_dns_records::OWNED),
        ] {
            world.planned(function, &name, &fields, &|items| owned.plan(Vec::new(), items));
        }
    }
}

fn ingress(world: &mut World<'_, '_>, spec: &ServingEndpoint, stage: &Stage<'_>, outer: &str) {
    let certificate = &stage.certificate_field;
    if stage.is_pending() {
        if world.is_sound() {
            world.findings.push(NotIssued { field: certificate }.into());
        }
        return;
    }
    let ingress = &stage.ingress_field;
    let fields = Fields::of(&[
        ("spec.certArn", format!("{certificate}.arn")),
        ("spec.httpHeaderName", format!("{ingress}.header")),
        ("spec.httpHeaderValues", format!("{ingress}.tokens")),
        ("spec.loadBalancerScheme", format!("{ingress}.scheme")),
        ("spec.hosts", format!("{ingress}.hosts")),
        ("spec.healthCheck", format!("{ingress}.healthCheck")),
        ("spec.paramsFrom[0]", format!("{ingress}.valuesFrom")),
        ("spec.target", format!("{ingress}.target")),
        ("spec.cognito", "spec.cognito".to_owned()),
        ("spec.oidc", "spec.oidc".to_owned()),
        ("spec.jwt", "spec.jwt".to_owned()),
        ("spec.overlay", "spec.authProvider".to_owned()),
        ("spec", ingress.clone()),
    ]);
    let params = stage.params(spec);
    world.step::<SetIngressParams>(&stage.configuration(outer), params, &fields);
}

fn authorization(
    world: &mut World<'_, '_>,
    spec: &ServingEndpoint,
    namespaces: &[Checked<Namespace>],
    outer: &str,
) {
    let mut settings = spec.authorization.clone().unwrap_or_default();
    if settings.namespaces.is_empty() {
        settings.namespaces = namespaces.to_vec();
    }
    let fields = Fields::of(&[("spec", "spec.authorization".to_owned())]);
    world.step::<GenerateAuthorizationPolicies>(outer, settings, &fields);
}

fn dns(world: &mut World<'_, '_>, spec: &ServingEndpoint, stage: &Stage<'_>, outer: &str) {
    let Some(mut settings) = spec.dns.clone() else { return };
    if settings.domain.is_none() {
        settings.domain = Some(Checked::of(&spec.domain));
    }
    if settings.namespaces.is_empty() {
        settings.namespaces = stage.namespaces.to_vec();
    }
    if let Some(target) =
        stage.ingress.target.clone().filter(|_| settings.ingress == ObjectName::default())
    {
        settings.ingress = ObjectName { name: target.name, namespace: target.namespace };
    }
    if !stage.name.is_empty() && settings.resource.name.is_none() {
        settings.resource.name = Some(format!("kserve-serving-{}", stage.name));
    }
    let fields = Fields::of(&[
        ("spec.domain", "spec.domain".to_owned()),
        ("spec.namespaces", stage.namespaces_field.clone()),
        ("spec", "spec.dns".to_owned()),
    ]);
    world.step::<GenerateDnsRecords>(&stage.configuration(outer), settings, &fields);
}

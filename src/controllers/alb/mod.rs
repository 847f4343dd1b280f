//! What the AWS Load Balancer Controller makes of Ingresses: which it admits, which share a load
//! balancer, and which listeners, rules and logins that load balancer has.
//!
//! [`load_balancers`] gives the controller's model. The rules are those of the controller's
//! source at v3.5 (commit 225f445) with its defaults; [`admission`] also knows v2.4.7.
//!
//! Not modelled: what AWS does with a request to create the load balancer, subnets and security
//! groups beyond the conflicts that stop a build, derived names, and the network load balancer of
//! `enable-frontend-nlb`.

pub mod actions;
pub mod admission;
pub mod annotations;
mod asks;
pub mod auth;
mod backend;
mod build;
mod builder;
pub mod class;
pub mod conditions;
mod cover;
mod error;
mod exposure;
pub mod group;
mod guard;
mod lint;
mod lint_model;
pub mod listen_ports;
mod listeners;
pub mod model;
mod mutual_auth;
pub mod objects;
mod openings;
mod optimize;
pub mod pattern;
pub mod regex;
pub mod request;
mod rules;
mod scene;
mod spelling;
mod target_group;
pub mod tokens;
mod widening;

pub use asks::Asked;
pub use backend::USE_ANNOTATION;
pub use error::BuildError;
pub use group::{GroupId, Member, Unmanaged};
pub use lint::has_variable;
pub use model::Model;
pub use objects::Objects;
pub use spelling::SUFFIXES;

use std::collections::BTreeSet;

use crate::finding::Finding;
use objects::Ingress;

/// A release of the controller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Version {
    /// v2.4.7, which awslabs' manifests install: its webhook checks no conditions.
    V2_4_7,
    /// v3.5.
    #[default]
    V3_5,
}

/// How to read the objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The controller's release, where it changes what is admitted.
    pub version: Version,
    /// The controller's `--ingress-class`, `alb` in its Helm chart. Empty: it also manages
    /// Ingresses without any class.
    pub ingress_class: String,
    /// Whether to take what is not among the objects to be in the cluster: a Service with every
    /// port, the `IngressClass` of an Ingress that is named `alb` or has annotations for this
    /// controller, without parameters; the Secret of a login, a namespace
    /// that its class selects, the port of a node. A render is rarely the whole cluster, and a
    /// proof must hold there. `false` gives what the controller does with these objects alone.
    pub assume_missing: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { version: Version::default(), ingress_class: "alb".to_owned(), assume_missing: true }
    }
}

/// One load balancer.
pub struct LoadBalancer<'a> {
    /// Its group.
    pub id: GroupId,
    /// Its Ingresses, in the order of their rules; empty where `group.order` is broken.
    pub members: Vec<Member<'a>>,
    /// What the controller asks AWS for, or why it doesn't.
    pub model: Result<Model, BuildError>,
}

/// Every load balancer, in the order of the groups' ids, and the Ingresses without any.
#[must_use]
pub fn load_balancers<'a>(
    objects: &'a Objects,
    options: &Options,
) -> (Vec<LoadBalancer<'a>>, Vec<(&'a Ingress, Unmanaged)>) {
    let grouped = group::group(objects, options);
    let built = grouped
        .groups
        .into_iter()
        .map(|(id, members)| match members {
            Ok(members) => {
                let model = build::build(objects, options, &members);
                LoadBalancer { id, members, model }
            }
            Err(error) => LoadBalancer { id, members: Vec::new(), model: Err(error) },
        })
        .collect();
    (built, grouped.unmanaged)
}

/// Whether any load balancer's rules forward a request without the token or login that
/// parameters or annotations ask for. Deterministic, and no message holds a token.
#[must_use]
pub fn exposures(objects: &Objects, asked: &[Asked], options: &Options) -> Vec<Finding> {
    let (balancers, _) = load_balancers(objects, options);
    exposure::findings(&balancers, objects, asked)
}

/// Everything that can be said of Ingresses: what is refused, what can't be built, what is not
/// what it says, and [`exposures`]. How much the tokens are worth that parameters asked for is not said:
/// the parameters' own check does. Ingresses that this controller does not manage are passed
/// over, but for those that parameters set. Errors come first, then by object and field; no message holds a token.
#[must_use]
pub fn check(objects: &Objects, asked: &[Asked], options: &Options) -> Vec<Finding> {
    let (balancers, unmanaged) = load_balancers(objects, options);
    let mut findings = Vec::new();
    let mut refused = BTreeSet::new();
    // Both are in the order of the objects.
    let mut unmanaged = unmanaged.iter().peekable();
    for ingress in &objects.ingresses {
        if let Some((_, reason)) = unmanaged.next_if(|(other, _)| std::ptr::eq(*other, ingress)) {
            let is_asked = asked.iter().any(|asked| asked.ingress == ingress.key());
            findings.extend(lint::unmanaged(ingress, reason, is_asked, options));
            let ours = matches!(reason, Unmanaged::InvalidGroup(_))
                || lint::names_our_class(ingress, options);
            if !ours {
                continue;
            }
        }
        let (of_ingress, is_refused) = lint::ingress(ingress, objects, options);
        findings.extend(of_ingress);
        if is_refused {
            refused.insert(ingress.key());
        }
    }
    for balancer in &balancers {
        findings.extend(lint_model::load_balancer(balancer, &refused, asked));
    }
    findings.extend(exposure::findings(&balancers, objects, asked));
    findings.sort_by(|left, right| {
        let place = |finding: &Finding| {
            let field = finding.field.as_ref().map(|field| field.path.clone());
            (finding.severity, finding.resource.clone(), field, finding.code)
        };
        place(left).cmp(&place(right)).then_with(|| left.message.cmp(&right.message))
    });
    findings.dedup();
    findings
}

#[cfg(test)]
mod exposure_tests;
#[cfg(test)]
mod lint_tests;

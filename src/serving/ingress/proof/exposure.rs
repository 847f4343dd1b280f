//! The proof: whether a load balancer's rules ever forward a request without the token or login
//! that is asked for.
//!
//! Every forward of every listener, default actions included, must be guarded, or be out of
//! reach behind rules that take every request before it. A forward is guarded by a login or a
//! JSON Web Token that lets no one through without, or by a condition on a header that is asked
//! for whose values no one can make up. Host, path, method, query and source address are no
//! guard. Where parameters ask something of an Ingress, exactly that must guard its own rules; in
//! a mixed group a login may stand for a token elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::cause;
use super::context::{LoadBalancerContext, OpenRule, service_name, services_behind, targets};
use super::cover::{self, Reached};
use super::guard::{self};
use super::requirements::ParamsRequirement;
use super::widening;
use crate::controllers::alb::backend;
use crate::controllers::alb::model::Target;
use crate::controllers::alb::objects::Objects;
use crate::controllers::alb::request::Request;
use crate::controllers::alb::{GroupId, LoadBalancer};
use crate::finding::Finding;

/// How many open rules of a listener are looked at for a witness; the others are taken to be
/// reachable.
const WITNESSED: usize = 100;

/// Proves it for every load balancer: an error for each opening, in a fixed order.
#[must_use]
pub(crate) fn findings(
    balancers: &[LoadBalancer<'_>],
    objects: &Objects,
    by_params: &[ParamsRequirement],
) -> Vec<Finding> {
    let scenes: Vec<LoadBalancerContext<'_>> = balancers
        .iter()
        .filter_map(|balancer| LoadBalancerContext::of(balancer, objects, by_params))
        .collect();
    let protected = Protected::of(&scenes);
    let mut openings: Vec<Finding> = Vec::new();
    for context in &scenes {
        let requirements = context.requires_anything();
        for open in open_rules(context, requirements, &protected) {
            openings.push(if requirements {
                cause::explain(context, &open)
            } else {
                cause::other_load_balancer(context, &open)
            });
        }
        if !requirements {
            openings.extend(widening::that_restrict_nothing(context));
        }
    }
    cause::each_once(openings)
}

/// The open rules of a load balancer. One that nothing is asked of is open only towards Services
/// that something is asked for elsewhere.
fn open_rules<'a>(
    context: &LoadBalancerContext<'a>,
    requirements: bool,
    protected: &Protected<'_>,
) -> Vec<OpenRule<'a>> {
    let mut open = Vec::new();
    for listener in &context.model.listeners {
        let mut witnesses = 0;
        let rules = listener.rules.iter().enumerate().map(|(index, rule)| {
            (Some(index), rule.conditions.as_slice(), rule.actions.as_slice(), &rule.origin)
        });
        let default = listener
            .default_origin
            .as_ref()
            .map(|origin| (None, &[][..], listener.default_actions.as_slice(), origin));
        for (index, conditions, actions, origin) in rules.chain(default) {
            if !guard::forwards(actions) {
                continue;
            }
            let guard = guard::guard(conditions, actions);
            let is_open = if requirements {
                !context.is_guarded(&guard, origin)
            } else {
                !guard.login
                    && guard.headers.is_empty()
                    && targets(actions).any(|target| protected.covers(target, context))
            };
            if !is_open {
                continue;
            }
            let (witness, witnessed) = if witnesses < WITNESSED {
                witnesses += 1;
                match cover::reached(listener, index) {
                    Reached::By(request) => (request, true),
                    Reached::Never => continue,
                    Reached::Unknown(request) => (request, false),
                }
            } else {
                (Request::default(), false)
            };
            open.push(OpenRule { listener, actions, origin, guard, witness, witnessed });
        }
    }
    open
}

/// The Services that a token or a login is asked for, and the load balancers that it is asked
/// of: by namespace and name, and by namespace and pods.
#[derive(Default)]
struct Protected<'a> {
    by_name: BTreeMap<(&'a str, String), BTreeSet<&'a GroupId>>,
    by_pods: BTreeMap<(&'a str, &'a BTreeMap<String, String>), BTreeSet<&'a GroupId>>,
}

impl<'a> Protected<'a> {
    fn of(scenes: &[LoadBalancerContext<'a>]) -> Self {
        let mut protected = Self::default();
        for context in scenes {
            for (member, &ingress) in context.members.iter().enumerate() {
                if !context.is_required_of(member) {
                    continue;
                }
                let namespace = ingress.namespace();
                for name in services_behind(context.model, ingress, member) {
                    if let Some(service) = backend::service(context.objects, namespace, &name)
                        && !service.spec.selector.is_empty()
                    {
                        let pods = (namespace, &service.spec.selector);
                        protected.by_pods.entry(pods).or_default().insert(context.id);
                    }
                    protected.by_name.entry((namespace, name)).or_default().insert(context.id);
                }
            }
        }
        protected
    }

    /// Whether a target leads to the pods of a Service that is protected on another load
    /// balancer.
    fn covers(&self, target: &Target, context: &LoadBalancerContext<'_>) -> bool {
        let Some((namespace, name)) = service_name(target) else { return false };
        let elsewhere = |ids: Option<&BTreeSet<&GroupId>>| {
            ids.is_some_and(|ids| ids.iter().any(|id| *id != context.id))
        };
        let pods = backend::service(context.objects, namespace, name)
            .map(|service| (namespace, &service.spec.selector));
        elsewhere(self.by_name.get(&(namespace, name.to_owned())))
            || pods.is_some_and(|pods| elsewhere(self.by_pods.get(&pods)))
    }
}

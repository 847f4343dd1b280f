//! The proof: whether a load balancer's rules ever forward a request without the token or login
//! that is required.
//!
//! Every forward of every listener, default actions included, must be guarded, or be out of
//! reach behind rules that take every request before it. A forward is guarded by a login or a
//! JSON Web Token that lets no one through without, or by a condition on a header that is asked
//! for whose values no one can make up. Host, path, method, query and source address are no
//! guard. Where parameters ask something of an Ingress, exactly that must guard its own rules; in
//! a mixed group a login may represent a token elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use super::cause;
use super::context::{LoadBalancerContext, OpenRule, backend_services, service_name, targets};
use super::cover::{self, Reached};
use super::guard;
use super::hidden;
use super::requirements::ParamsRequirement;
use super::rule_hosts::Hosts;
use super::same_pods::{self, Pods};
use super::widening;
use crate::controllers::alb::model::{Action, Origin};
use crate::controllers::alb::objects::Objects;
use crate::controllers::alb::request::Request;
use crate::controllers::alb::{GroupId, LoadBalancer};
use crate::finding::Finding;
use crate::serving::ingress::diags::Cause;
use crate::serving::ingress::gateway;

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
    let contexts: Vec<LoadBalancerContext<'_>> = balancers
        .iter()
        .filter_map(|balancer| LoadBalancerContext::of(balancer, objects, by_params))
        .collect();
    let protected = Protected::of(&contexts);
    let mut openings: Vec<(Option<cause::Opened<'_>>, Finding)> = Vec::new();
    for context in &contexts {
        for (open, kind) in open_rules(context, &protected) {
            let finding = match kind {
                Kind::Required => cause::explain(context, &open, false),
                Kind::RequiredOfOthers => cause::explain(context, &open, true),
                Kind::OtherLoadBalancer => {
                    cause::other_load_balancer(context, &open, Cause::SeparateLoadBalancer)
                }
                Kind::OtherNamespace => {
                    cause::other_load_balancer(context, &open, Cause::NamespaceMissing)
                }
                Kind::OtherHosts => cause::left_open(context, &open, true),
                Kind::OtherStage => cause::left_open(context, &open, false),
                Kind::OtherApplication => cause::other_application(context, &open),
            };
            openings.push((Some(cause::opened(context, &open)), finding));
        }
        let hidden: Vec<Finding> = hidden::never_reached(context).collect();
        if hidden.is_empty() {
            openings.extend(hidden::after_login(context).map(|finding| (None, finding)));
        }
        openings.extend(hidden.into_iter().map(|finding| (None, finding)));
        if !context.requires_anything() {
            let widening = widening::that_restrict_nothing(context).into_iter();
            openings.extend(widening.map(|finding| (None, finding)));
        }
    }
    cause::each_once(openings)
}

/// What an unguarded forward is to what is required.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The load balancer is one that something is required of.
    Required,
    /// Annotations alone require something, and parameters do of other pods.
    RequiredOfOthers,
    /// It leads to pods that are protected on another load balancer.
    OtherLoadBalancer,
    /// It does, if an object without a namespace is applied to that of the others.
    OtherNamespace,
    /// It does, for other hosts alone: another stage.
    OtherHosts,
    /// It is an Ingress of the guide's own overlays that no run has set yet.
    OtherStage,
    /// It leads to other pods, on other hosts.
    OtherApplication,
}

/// The unguarded forwards of a load balancer that matter. One that nothing is required of matters
/// only towards pods that are protected elsewhere.
fn open_rules<'a>(
    context: &LoadBalancerContext<'a>,
    protected: &Protected<'_>,
) -> Vec<(OpenRule<'a>, Kind)> {
    let requires = context.requires_anything();
    let own_hosts = Hosts::of_requiring(context);
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
            let near = protected.near(actions, context, origin);
            let hosts = Hosts::of(conditions);
            let kind = if requires {
                if context.is_guarded(&guard, origin, &near.headers) {
                    continue;
                }
                let is_apart = !context.is_required_of(origin.member)
                    && !near.is_protected
                    && targets(actions).all(|target| service_name(target).is_some())
                    && !hosts.may_meet(&own_hosts);
                if is_apart {
                    Kind::OtherApplication
                } else if protected.by_params && !near.is_of_params {
                    Kind::RequiredOfOthers
                } else {
                    Kind::Required
                }
            } else {
                let by_token = !guard.tokens.is_empty()
                    || near.headers.iter().any(|header| guard.has_header(header));
                if guard.login || by_token || !near.is_protected_elsewhere {
                    continue;
                }
                if !hosts.may_meet(&near.hosts) {
                    Kind::OtherHosts
                } else if protected.by_params
                    && gateway::is_of_guide(context.members[origin.member])
                {
                    Kind::OtherStage
                } else if near.is_certain {
                    Kind::OtherLoadBalancer
                } else {
                    Kind::OtherNamespace
                }
            };
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
            open.push((OpenRule { listener, actions, origin, guard, witness, witnessed }, kind));
        }
    }
    open
}

/// What is known of the pods that a rule leads to.
#[derive(Default)]
struct Near<'a> {
    /// Whether a credential is required for them anywhere.
    is_protected: bool,
    /// Whether it is on another load balancer.
    is_protected_elsewhere: bool,
    /// Whether that is so as namespaces are, and not only if one that is missing is the other.
    is_certain: bool,
    /// Whether parameters require it, for the namespaces as they are.
    is_of_params: bool,
    /// The headers that parameters require for them.
    headers: BTreeSet<&'a str>,
    /// The hosts for which it is.
    hosts: Hosts<'a>,
}

/// The pods that a credential is required for.
#[derive(Default)]
struct Protected<'a> {
    by_pods: BTreeMap<Pods<'a>, Vec<Protection<'a>>>,
    /// Whether parameters require anything.
    by_params: bool,
}

/// Where pods are protected, and with what.
struct Protection<'a> {
    balancer: &'a GroupId,
    /// Whether the pods are in the namespace of the Ingress as it is.
    is_certain: bool,
    /// Whether parameters require it.
    by_params: bool,
    header: Option<&'a str>,
    hosts: Hosts<'a>,
}

impl<'a> Protected<'a> {
    fn of(contexts: &'a [LoadBalancerContext<'a>]) -> Self {
        let mut protected = Self::default();
        for context in contexts {
            let hosts = Hosts::of_requiring(context);
            for (member, ingress) in context.members.iter().enumerate() {
                if !context.is_protected(member) {
                    continue;
                }
                let by_params = context.by_params[member].is_some();
                protected.by_params |= by_params;
                let namespace = ingress.metadata.namespace.as_deref();
                let header = context.by_params[member]
                    .and_then(|by_params| by_params.token_header.as_deref());
                for name in backend_services(context.model, ingress, member) {
                    for pods in same_pods::of_service(context.objects, namespace, name) {
                        let protection = Protection {
                            balancer: context.id,
                            is_certain: pods.is_in(namespace),
                            by_params,
                            header,
                            hosts: hosts.clone(),
                        };
                        let known = protected.by_pods.entry(pods).or_default();
                        let is_known = known.iter().any(|other| {
                            other.balancer == context.id
                                && other.header == header
                                && other.by_params == by_params
                        });
                        if !is_known {
                            known.push(protection);
                        }
                    }
                }
            }
        }
        protected
    }

    /// What is required for the pods that these actions lead to.
    fn near(
        &self,
        actions: &[Action],
        context: &LoadBalancerContext<'_>,
        origin: &Origin,
    ) -> Near<'_> {
        let namespace = context.members[origin.member].metadata.namespace.as_deref();
        let mut near = Near::default();
        for (_, name) in targets(actions).filter_map(service_name) {
            for pods in same_pods::of_service(context.objects, namespace, name) {
                let found = self.by_pods.iter().filter(|(other, _)| pods.may_share(other));
                let found = found.flat_map(|(other, protections)| {
                    protections.iter().map(move |protection| (other, protection))
                });
                for (other, protection) in found {
                    near.is_protected = true;
                    let is_certain = protection.is_certain
                        && pods.is_in(namespace)
                        && other.is_in(pods.namespace);
                    near.is_of_params |= protection.by_params && is_certain;
                    near.headers.extend(protection.header);
                    if protection.balancer != context.id {
                        near.is_protected_elsewhere = true;
                        near.is_certain |= is_certain;
                        near.hosts.every |= protection.hosts.every;
                        near.hosts.patterns.extend(&protection.hosts.patterns);
                    }
                }
            }
        }
        near
    }
}

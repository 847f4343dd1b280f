//! One load balancer and all that is required of its requests: the input of the proof.

use std::collections::{BTreeMap, BTreeSet};

use super::guard::Guard;
use super::requirements::{self, ConditionsText, Credential, ParamsRequirement, Requirement};
use crate::controllers::alb::annotations;
use crate::controllers::alb::backend;
use crate::controllers::alb::model::{Action, Listener, Model, Origin, Target, TargetGroup};
use crate::controllers::alb::objects::{Ingress, Objects, Service};
use crate::controllers::alb::request::Request;
use crate::controllers::alb::{GroupId, LoadBalancer};

/// One load balancer, with all that is required of its requests.
pub(crate) struct LoadBalancerContext<'a> {
    pub(crate) id: &'a GroupId,
    pub(crate) members: Vec<&'a Ingress>,
    pub(crate) model: &'a Model,
    pub(crate) objects: &'a Objects,
    /// What parameters require of each member.
    pub(crate) by_params: Vec<Option<&'a ParamsRequirement>>,
    /// What the annotations of each member require.
    pub(crate) requirements: Vec<Vec<Requirement>>,
    /// What the annotations of the Services behind each member require.
    pub(crate) service_requirements: Vec<Vec<(&'a Service, Requirement)>>,
    /// What the `conditions.*` annotations of each member mean, by the backend they name.
    conditions: Vec<BTreeMap<String, ConditionsText>>,
    /// Every required header, in lowercase.
    pub(crate) headers: BTreeSet<String>,
}

impl<'a> LoadBalancerContext<'a> {
    pub(crate) fn of(
        balancer: &'a LoadBalancer<'a>,
        objects: &'a Objects,
        by_params: &'a [ParamsRequirement],
    ) -> Option<Self> {
        let model = balancer.model.as_ref().ok()?;
        let members: Vec<&Ingress> = balancer.members.iter().map(|member| member.ingress).collect();
        let by_params: Vec<Option<&ParamsRequirement>> = members
            .iter()
            .map(|ingress| {
                let key = ingress.key();
                by_params
                    .iter()
                    .find(|by_params| by_params.ingress == key && by_params.requires_anything())
            })
            .collect();
        let requirements: Vec<Vec<Requirement>> =
            members.iter().map(|ingress| requirements::of_ingress(ingress)).collect();
        let service_requirements: Vec<Vec<(&Service, Requirement)>> = (0..members.len())
            .map(|member| {
                let names = backend_services(model, members[member], member);
                names
                    .iter()
                    .filter_map(|name| backend::service(objects, members[member].namespace(), name))
                    .flat_map(|service| {
                        requirements::of_service(service)
                            .into_iter()
                            .map(move |requirement| (service, requirement))
                    })
                    .collect()
            })
            .collect();
        let mut headers = BTreeSet::new();
        let all = requirements
            .iter()
            .flatten()
            .chain(service_requirements.iter().flatten().map(|(_, requirement)| requirement));
        for requirement in all {
            if let Credential::Token(names) = &requirement.credential {
                headers.extend(names.iter().cloned());
            }
        }
        headers.extend(
            by_params
                .iter()
                .flatten()
                .filter_map(|by_params| by_params.token_header.as_deref())
                .map(str::to_ascii_lowercase),
        );
        let conditions = members
            .iter()
            .map(|ingress| {
                let prefix = annotations::key("conditions.");
                let of_ingress = ingress.metadata.annotations.iter();
                of_ingress
                    .filter_map(|(key, text)| Some((key.strip_prefix(&prefix)?, text)))
                    .map(|(name, text)| (name.to_owned(), ConditionsText::of(text)))
                    .collect()
            })
            .collect();
        let id = &balancer.id;
        Some(Self {
            conditions,
            id,
            members,
            model,
            objects,
            by_params,
            requirements,
            service_requirements,
            headers,
        })
    }

    /// Whether anything is required of it.
    pub(crate) fn requires_anything(&self) -> bool {
        (0..self.members.len()).any(|member| self.is_required_of(member))
    }

    /// Whether anything is required of one member or of the Services behind it.
    pub(crate) fn is_required_of(&self, member: usize) -> bool {
        self.by_params[member].is_some()
            || !self.requirements[member].is_empty()
            || !self.service_requirements[member].is_empty()
    }

    /// Whether what is required of one member protects its pods on other load balancers, too. A list
    /// of conditions without any names no credential that could be demanded there.
    pub(crate) fn is_protected(&self, member: usize) -> bool {
        let names = |requirement: &Requirement| requirement.credential != Credential::Token(vec![]);
        self.by_params[member].is_some()
            || self.requirements[member].iter().any(names)
            || self.service_requirements[member].iter().any(|(_, requirement)| names(requirement))
    }

    /// Whether a rule is guarded: by exactly what parameters require of its Ingress, or else by a
    /// login, or by a token in a header that is required for the pods. `required` are the headers
    /// that parameters require for them on other Ingresses.
    pub(crate) fn is_guarded(
        &self,
        guard: &Guard,
        origin: &Origin,
        required: &BTreeSet<&str>,
    ) -> bool {
        if let Some(by_params) = self.by_params[origin.member] {
            let token = by_params.token_header.as_ref();
            return token.is_none_or(|header| guard.has_header(header))
                && by_params.login.as_ref().is_none_or(|pool| guard.pools.contains(pool))
                && by_params
                    .provider
                    .as_ref()
                    .is_none_or(|provider| guard.providers.contains(provider))
                && by_params.jwt.as_ref().is_none_or(|jwt| guard.web_tokens.contains(jwt));
        }
        if guard.login {
            return true;
        }
        let by_token =
            required.iter().any(|header| guard.has_header(header)) || !guard.tokens.is_empty();
        by_token && !self.lost_a_header(guard, origin)
    }

    /// Whether the conditions of a rule name a header for a token that is not read as a condition.
    fn lost_a_header(&self, guard: &Guard, origin: &Origin) -> bool {
        let Some(conditions) = self.bound_conditions(origin) else { return false };
        conditions
            .elements
            .iter()
            .flatten()
            .filter(|element| element.requires_token() && !element.is_header_condition())
            .any(|element| element.header().is_none_or(|name| !guard.has_header(name)))
    }

    /// What the `conditions.*` annotation of a rule's backend means, where there is one.
    pub(crate) fn bound_conditions(&self, origin: &Origin) -> Option<&ConditionsText> {
        origin.path?;
        self.conditions[origin.member].get(&origin.backend)
    }
}

/// The Services that a member's backends lead to.
pub(crate) fn backend_services<'a>(
    model: &'a Model,
    ingress: &'a Ingress,
    member: usize,
) -> BTreeSet<&'a str> {
    let mut names: BTreeSet<&str> = requirements::rule_backends(ingress).collect();
    for listener in &model.listeners {
        let of_rules = listener.rules.iter().map(|rule| (&rule.origin, &rule.actions));
        let of_default =
            listener.default_origin.as_ref().map(|origin| (origin, &listener.default_actions));
        for (origin, actions) in of_rules.chain(of_default) {
            if origin.member == member {
                names.extend(targets(actions).filter_map(service_name).map(|(_, name)| name));
            }
        }
    }
    names
}

/// The target groups of a rule.
pub(crate) fn targets(actions: &[Action]) -> impl Iterator<Item = &Target> {
    actions.iter().flat_map(|action| match action {
        Action::Forward { targets, .. } => targets.as_slice(),
        _ => &[],
    })
}

/// The namespace and name of the Service of a target.
pub(crate) fn service_name(target: &Target) -> Option<(&str, &str)> {
    match &target.group {
        TargetGroup::Service { namespace, name, .. } => Some((namespace, name)),
        _ => None,
    }
}

/// A forward that is not guarded.
pub(crate) struct OpenRule<'a> {
    pub(crate) listener: &'a Listener,
    pub(crate) actions: &'a [Action],
    pub(crate) origin: &'a Origin,
    pub(crate) guard: Guard,
    /// A request that it forwards.
    pub(crate) witness: Request,
    /// Whether that request was shown to reach it.
    pub(crate) witnessed: bool,
}

/// Whether an annotation of a Service turns the login of the Ingress off.
pub(crate) fn service_turns_login_off<'a>(
    context: &LoadBalancerContext<'a>,
    open: &OpenRule<'_>,
) -> Option<&'a Service> {
    targets(open.actions)
        .filter_map(service_name)
        .filter_map(|(namespace, name)| backend::service(context.objects, namespace, name))
        .find(|service| {
            service
                .metadata
                .annotations
                .get(&annotations::key("auth-type"))
                .is_some_and(|kind| kind == "none")
        })
}

/// The annotation of a member that the controller reads and that requires a login.
pub(crate) fn login_requirement(requirements: &[Requirement]) -> Option<&Requirement> {
    requirements.iter().find(|requirement| requirement.is_read_login())
}

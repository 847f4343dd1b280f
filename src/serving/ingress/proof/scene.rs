//! One load balancer and all that is asked of it: what the proof looks at.

use std::collections::{BTreeMap, BTreeSet};

use super::asks::{self, Ask, Asked, Meaning, Reach, Want};
use super::guard::Guard;
use crate::controllers::alb::annotations;
use crate::controllers::alb::backend;
use crate::controllers::alb::model::{Action, Listener, Model, Origin, Target, TargetGroup};
use crate::controllers::alb::objects::{Ingress, Objects, Service};
use crate::controllers::alb::request::Request;
use crate::controllers::alb::{GroupId, LoadBalancer};

/// One load balancer, with all that is asked of it.
pub(crate) struct Scene<'a> {
    pub(crate) id: &'a GroupId,
    pub(crate) members: Vec<&'a Ingress>,
    pub(crate) model: &'a Model,
    pub(crate) objects: &'a Objects,
    /// What parameters ask of each member.
    pub(crate) asked: Vec<Option<&'a Asked>>,
    /// What the annotations of each member ask.
    pub(crate) asks: Vec<Vec<Ask>>,
    /// What the annotations of the Services behind each member ask.
    pub(crate) service_asks: Vec<Vec<(&'a Service, Ask)>>,
    /// What the `conditions.*` annotations of each member mean, by the backend they name.
    meanings: Vec<BTreeMap<String, Meaning>>,
    /// Every header that is asked for, in lower case.
    pub(crate) headers: BTreeSet<String>,
}

impl<'a> Scene<'a> {
    pub(crate) fn of(
        balancer: &'a LoadBalancer<'a>,
        objects: &'a Objects,
        asked: &'a [Asked],
    ) -> Option<Self> {
        let model = balancer.model.as_ref().ok()?;
        let members: Vec<&Ingress> = balancer.members.iter().map(|member| member.ingress).collect();
        let by_params: Vec<Option<&Asked>> = members
            .iter()
            .map(|ingress| {
                let key = ingress.key();
                asked.iter().find(|asked| {
                    asked.ingress == key && (asked.login || asked.token_header.is_some())
                })
            })
            .collect();
        let asks: Vec<Vec<Ask>> = members.iter().map(|ingress| asks::of_ingress(ingress)).collect();
        let service_asks: Vec<Vec<(&Service, Ask)>> = (0..members.len())
            .map(|member| {
                let names = services_behind(model, members[member], member);
                names
                    .iter()
                    .filter_map(|name| backend::service(objects, members[member].namespace(), name))
                    .flat_map(|service| {
                        asks::of_service(service).into_iter().map(move |ask| (service, ask))
                    })
                    .collect()
            })
            .collect();
        let mut headers = BTreeSet::new();
        let all = asks.iter().flatten().chain(service_asks.iter().flatten().map(|(_, ask)| ask));
        for ask in all {
            if let Want::Token(names) = &ask.want {
                headers.extend(names.iter().cloned());
            }
        }
        headers.extend(
            by_params
                .iter()
                .flatten()
                .filter_map(|asked| asked.token_header.as_deref())
                .map(str::to_ascii_lowercase),
        );
        let meanings = members
            .iter()
            .map(|ingress| {
                let prefix = annotations::key("conditions.");
                let of_ingress = ingress.metadata.annotations.iter();
                of_ingress
                    .filter_map(|(key, text)| Some((key.strip_prefix(&prefix)?, text)))
                    .map(|(name, text)| (name.to_owned(), Meaning::of(text)))
                    .collect()
            })
            .collect();
        let id = &balancer.id;
        Some(Self {
            meanings,
            id,
            members,
            model,
            objects,
            asked: by_params,
            asks,
            service_asks,
            headers,
        })
    }

    /// Whether anything is asked of it.
    pub(crate) fn asks_anything(&self) -> bool {
        (0..self.members.len()).any(|member| self.member_asks(member))
    }

    /// Whether anything is asked of one member or of the Services behind it.
    pub(crate) fn member_asks(&self, member: usize) -> bool {
        self.asked[member].is_some()
            || !self.asks[member].is_empty()
            || !self.service_asks[member].is_empty()
    }

    pub(crate) fn is_guarded(&self, guard: &Guard, origin: &Origin) -> bool {
        if let Some(asked) = self.asked[origin.member] {
            let token = asked.token_header.as_ref().is_none_or(|header| {
                guard.headers.iter().any(|name| name.eq_ignore_ascii_case(header))
            });
            return token && (!asked.login || guard.login);
        }
        if guard.login {
            return true;
        }
        let by_token = if self.headers.is_empty() {
            !guard.headers.is_empty()
        } else {
            guard.headers.iter().any(|name| self.headers.contains(name))
        };
        by_token && !self.lost_a_header(guard, origin)
    }

    /// Whether the conditions of a rule name a header that the rule does not demand in the end.
    fn lost_a_header(&self, guard: &Guard, origin: &Origin) -> bool {
        let Some(meaning) = self.bound_meaning(origin) else { return false };
        meaning.elements.iter().flatten().filter(|element| element.means_a_header()).any(
            |element| match element.header() {
                Some(name) => !guard.headers.contains(&name.to_ascii_lowercase()),
                None => !element.is_header_condition(),
            },
        )
    }

    /// What the `conditions.*` annotation of a rule's backend means, where there is one.
    pub(crate) fn bound_meaning(&self, origin: &Origin) -> Option<&Meaning> {
        origin.path?;
        self.meanings[origin.member].get(&origin.backend)
    }
}

/// The Services that a member's backends lead to.
pub(crate) fn services_behind(model: &Model, ingress: &Ingress, member: usize) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = asks::rule_backends(ingress).map(str::to_owned).collect();
    for listener in &model.listeners {
        let of_rules = listener.rules.iter().map(|rule| (&rule.origin, &rule.actions));
        let of_default =
            listener.default_origin.as_ref().map(|origin| (origin, &listener.default_actions));
        for (origin, actions) in of_rules.chain(of_default) {
            if origin.member == member {
                names
                    .extend(targets(actions).filter_map(|target| {
                        service_name(target).map(|(_, name)| name.to_owned())
                    }));
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
    scene: &Scene<'a>,
    open: &OpenRule<'_>,
) -> Option<&'a Service> {
    targets(open.actions)
        .filter_map(service_name)
        .filter_map(|(namespace, name)| backend::service(scene.objects, namespace, name))
        .find(|service| {
            service
                .metadata
                .annotations
                .get(&annotations::key("auth-type"))
                .is_some_and(|kind| kind == "none")
        })
}

/// Whether one of the asks of a member is read by the controller and wants a login.
pub(crate) fn wants_login(asks: &[Ask]) -> Option<&Ask> {
    asks.iter().find(|ask| ask.want == Want::Login && ask.reach == Reach::Read)
}

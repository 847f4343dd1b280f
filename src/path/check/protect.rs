//! What has to be guarded by default: what annotations require, and every public
//! InferenceService.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use crate::controllers::alb::model::{Action, Condition, Listener, Origin, TargetGroup};
use crate::controllers::alb::{Options, load_balancers};
use crate::controllers::kserve::{Endpoint, Exposure, RouteKind};
use crate::path::World;
use crate::path::doors::{
    GatewayPods, Jwt, Login, Protected, Requirement, Target, TargetPods, Token,
};
use crate::serving::ingress::proof;

/// What annotations require, for the Services behind their Ingresses; and for the way to every
/// public InferenceService, a token or a login.
pub(super) fn by_default(world: &World<'_>) -> Protected {
    let mut targets = Targets::new();
    by_annotations(world, &mut targets);
    let pods = GatewayPods::of(&world.cluster);
    let mut services = HashMap::new();
    let mut of_gateway = |gateway: &str| -> Rc<[Key]> {
        let known = services.entry(gateway.to_owned());
        Rc::clone(known.or_insert_with(|| pods.services(&world.cluster, gateway).into()))
    };
    for endpoint in world.model.endpoints.iter().filter(|one| one.kind.is_kserve()) {
        if endpoint.exposure == Exposure::Public {
            of_endpoint(endpoint, &mut of_gateway, &mut targets);
        }
    }
    Protected { targets: targets.into_values().collect(), ..Protected::default() }
}

/// A Service by namespace and name.
type Key = (Option<String>, String);
type Targets = BTreeMap<Key, Target>;

fn target<'t>(
    targets: &'t mut Targets,
    namespace: &Option<String>,
    service: &str,
) -> &'t mut Target {
    targets.entry((namespace.clone(), service.to_owned())).or_insert_with(|| Target {
        namespace: namespace.clone(),
        pods: TargetPods::Service(service.to_owned()),
        hosts: Vec::new(),
        requirements: Vec::new(),
    })
}

/// The Services behind each rule of an Ingress that requires something.
fn by_annotations(world: &World<'_>, targets: &mut Targets) {
    let (balancers, _) = load_balancers(&world.ingresses, &Options::default());
    for balancer in &balancers {
        let Ok(model) = &balancer.model else { continue };
        let requires_credential: Vec<bool> = balancer
            .members
            .iter()
            .map(|member| proof::requires_credential(member.ingress))
            .collect();
        for (conditions, actions, origin) in model.listeners.iter().flat_map(forwards) {
            if !requires_credential.get(origin.member).copied().unwrap_or(false) {
                continue;
            }
            let Some(member) = balancer.members.get(origin.member) else { continue };
            let namespace = &member.ingress.metadata.namespace;
            for service in services(actions) {
                let target = target(targets, namespace, service);
                for requirement in requirements(conditions, actions) {
                    if !target.requirements.contains(&requirement) {
                        target.requirements.push(requirement);
                    }
                }
            }
        }
    }
    for target in targets.values_mut().filter(|target| target.requirements.is_empty()) {
        target.requirements.push(Requirement::Anything);
    }
}

/// The rules of a listener that forward, and its default actions.
fn forwards(listener: &Listener) -> impl Iterator<Item = (&[Condition], &[Action], &Origin)> {
    let rules = listener
        .rules
        .iter()
        .map(|rule| (rule.conditions.as_slice(), rule.actions.as_slice(), &rule.origin));
    let default = listener.default_origin.as_ref();
    rules.chain(default.map(|origin| (&[][..], listener.default_actions.as_slice(), origin)))
}

/// The Services that actions forward to.
fn services(actions: &[Action]) -> impl Iterator<Item = &str> {
    let targets = actions.iter().flat_map(|action| match action {
        Action::Forward { targets, .. } => targets.as_slice(),
        _ => &[],
    });
    targets.filter_map(|target| match &target.group {
        TargetGroup::Service { name, .. } => Some(name.as_str()),
        _ => None,
    })
}

/// What a rule requires.
fn requirements(conditions: &[Condition], actions: &[Action]) -> Vec<Requirement> {
    let mut requirements = Vec::new();
    for condition in conditions {
        let Condition::HttpHeader { name, values, regex } = condition else { continue };
        if !proof::can_be_token(name, values.iter().chain(regex)) || !proof::binds(values, regex) {
            continue;
        }
        let header = name.to_ascii_lowercase();
        requirements.push(if regex.is_empty() {
            let tokens = values.iter().map(|value| value.expose().to_ascii_lowercase()).collect();
            Requirement::Token(Token { header, tokens })
        } else {
            Requirement::Header(header)
        });
    }
    for action in actions {
        requirements.extend(match action {
            Action::AuthenticateCognito { pool, .. } => Some(Requirement::Login(Login {
                user_pool: pool.user_pool_arn.clone(),
                client: pool.user_pool_client_id.clone(),
            })),
            Action::AuthenticateOidc { .. } => Some(Requirement::AnyLogin),
            Action::ValidateJwt(jwt) => Some(Requirement::Jwt(Jwt::from(jwt))),
            _ => None,
        });
    }
    requirements
}

/// The Services through which a public InferenceService is reached.
fn of_endpoint(
    endpoint: &Endpoint,
    of_gateway: &mut impl FnMut(&str) -> Rc<[Key]>,
    targets: &mut Targets,
) {
    let hosts: Vec<String> = endpoint.public_hosts().into_iter().map(str::to_owned).collect();
    let mut add = |namespace: &Option<String>, service: &str| {
        let is_new = !targets.contains_key(&(namespace.clone(), service.to_owned()));
        let target = target(targets, namespace, service);
        if is_new {
            target.requirements.push(Requirement::Anything);
        }
        // One that is protected for every host stays so.
        if is_new || !target.hosts.is_empty() {
            target.hosts.extend(
                hosts
                    .iter()
                    .filter(|host| !target.hosts.contains(host))
                    .cloned()
                    .collect::<Vec<_>>(),
            );
        }
    };
    for route in endpoint.routes.iter().filter(|route| route.public) {
        match route.kind {
            RouteKind::VirtualService => {
                for gateway in &route.gateways {
                    for (namespace, service) in of_gateway(gateway).iter() {
                        add(namespace, service);
                    }
                }
            }
            RouteKind::Ingress | RouteKind::HttpRoute => {
                for service in endpoint.services_of(route) {
                    add(&Some(endpoint.namespace.clone()), &service);
                }
            }
            RouteKind::Knative => {}
        }
    }
}

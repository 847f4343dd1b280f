//! The `HTTPRoutes` that `KServe` creates: they demand nothing, so each is as open as its Gateway.
//!
//! Of a Gateway that cannot be judged one finding is made, on the Gateway itself where it is in the package: all
//! services hang on it.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::door::{Door, Verdict};
use super::gateways::{AttachingRoute, Found, Taken, gateway};
use super::kinds::DoorKind;
use super::reach::Hit;
use super::scene::Scene;
use super::services::curl;
use crate::cluster::KserveRoute;
use crate::controllers::gateway_api::ParentReference;
use crate::controllers::kserve::RouteKind;
use crate::values::k8s::ResourceRef;

/// A Gateway that is not judged, and the first service behind it.
struct NotJudged<'a> {
    maker: &'a Rc<ResourceRef>,
    hit: Hit,
    missing: String,
    makers: HashSet<&'a ResourceRef>,
}

pub(crate) fn read(scene: &Scene<'_, '_>, doors: &mut Vec<Door>) {
    if !scene.readers.has(DoorKind::KserveRoute) {
        return;
    }
    let mut not_judged: Vec<(&str, NotJudged<'_>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for route in scene.kserve.routes.iter().filter(|one| one.route.kind == RouteKind::HttpRoute) {
        let mut hits =
            route.services.iter().filter_map(|name| scene.reach.hit(&route.maker.namespace, name));
        let Some(hit) = hits.next() else { continue };
        for parent in &route.route.gateways {
            let (namespace, name) = named(parent);
            let reference =
                ParentReference { namespace, name: name.to_owned(), ..ParentReference::default() };
            let hostnames = route.route.rules.iter().map(|rule| rule.host.clone());
            let hostnames: Vec<String> = hostnames.filter(|host| !host.is_empty()).collect();
            let attaching = AttachingRoute {
                kind: "HTTPRoute",
                namespace: &route.maker.namespace,
                hostnames: &hostnames,
            };
            let found = gateway(scene, &reference, &attaching);
            let verdict = match (&scene.policies[hit.set], found) {
                (Some(by), _) => Verdict::Guarded { by: by.to_string(), is_by_pods: true },
                (None, Found::Target | Found::Unattached) => continue,
                (
                    None,
                    Found::Missing(missing)
                    | Found::Modelled(Taken { unknown_labels: Some(missing), .. }),
                ) => {
                    if let Some(place) = places.get(parent.as_str()) {
                        not_judged[*place].1.makers.insert(&route.maker);
                    } else {
                        places.insert(parent, not_judged.len());
                        let maker = &route.maker;
                        let makers = HashSet::from([&**maker]);
                        not_judged.push((parent, NotJudged { maker, hit, missing, makers }));
                    }
                    continue;
                }
                (None, Found::Closed(why)) => Verdict::Noted { why },
                (None, Found::Modelled(taken)) => open(scene, route, (parent, taken.port), hit),
            };
            doors.push(Door {
                kind: DoorKind::KserveRoute,
                resource: route.maker.clone(),
                created: None,
                field: "spec".to_owned(),
                to: scene.name_of(hit),
                verdict,
            });
        }
    }
    doors.extend(not_judged.into_iter().map(|(parent, one)| of_gateway(scene, parent, one)));
}

/// `NAMESPACE/NAME`, or a name.
fn named(parent: &str) -> (Option<String>, &str) {
    let (namespace, name) = parent.split_once('/').unwrap_or(("", parent));
    ((!namespace.is_empty()).then(|| namespace.to_owned()), name)
}

fn open(
    scene: &Scene<'_, '_>,
    route: &KserveRoute,
    (parent, port): (&str, i32),
    hit: Hit,
) -> Verdict {
    let why = format!(
        "KServe creates the HTTPRoute {}, which forwards from the Gateway {parent} to the model without any condition",
        route.route.name
    );
    let host = route.route.rules.first().map_or("", |rule| rule.host.as_str());
    let (_, name) = named(parent);
    let address = format!(
        "$(kubectl get gateway.gateway.networking.k8s.io {name} -o jsonpath='{{.status.addresses[0].value}}')"
    );
    scene.judged(hit, why, curl(&address, port, host))
}

fn of_gateway(scene: &Scene<'_, '_>, parent: &str, one: NotJudged<'_>) -> Door {
    let (namespace, name) = named(parent);
    let own = scene.gateways.named(&scene.reach, &namespace, name).next();
    let missing = match one.makers.len() {
        0 | 1 => one.missing,
        all => format!("{}, which serves {all} models", one.missing),
    };
    Door {
        kind: DoorKind::KserveRoute,
        resource: own.map_or(one.maker, |kept| &kept.resource).clone(),
        created: None,
        field: if own.is_some() { "spec.gatewayClassName" } else { "spec" }.to_owned(),
        to: scene.name_of(one.hit),
        verdict: Verdict::NotJudged { missing: missing.into() },
    }
}

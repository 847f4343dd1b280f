//! The `HTTPRoutes` that `KServe` creates: they demand nothing, so each is as open as its Gateway.
//!
//! Of a Gateway that cannot be judged one finding is made, on the Gateway itself where it is in the package: all
//! services hang on it.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::context::DoorContext;
use super::door::{Door, Verdict};
use super::gateways::{AttachingRoute, Found, Taken, gateway};
use super::kinds::DoorKind;
use super::reach::Hit;
use super::services::curl;
use crate::cluster::KserveRoute;
use crate::controllers::gateway_api::ParentReference;
use crate::values::k8s::ResourceRef;

/// A Gateway that is not judged, and the first service behind it.
struct NotJudged<'a> {
    owner: &'a Rc<ResourceRef>,
    hit: Hit,
    missing: String,
    owners: HashSet<&'a ResourceRef>,
}

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    if !context.readers.has(DoorKind::KserveRoute) {
        return;
    }
    let mut not_judged: Vec<(&str, NotJudged<'_>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for route in &context.kserve.http_routes {
        let mut hits = route
            .services
            .iter()
            .filter_map(|name| context.reach.hit(&route.owner.namespace, name));
        let Some(hit) = hits.next() else { continue };
        for parent in &route.route.gateways {
            let (namespace, name) = named(parent);
            let reference =
                ParentReference { namespace, name: name.to_owned(), ..ParentReference::default() };
            let hostnames = route.route.rules.iter().map(|rule| rule.host.clone());
            let hostnames: Vec<String> = hostnames.filter(|host| !host.is_empty()).collect();
            let attaching = AttachingRoute {
                kind: "HTTPRoute",
                namespace: &route.owner.namespace,
                hostnames: &hostnames,
            };
            let found = gateway(context, &reference, &attaching);
            let verdict = match (context.guarded(hit.set), found) {
                (Some(guarded), _) => guarded,
                (None, Found::Target | Found::Unattached) => continue,
                (
                    None,
                    Found::Missing(missing)
                    | Found::Modelled(Taken { unknown_labels: Some(missing), .. }),
                ) => {
                    if let Some(place) = places.get(parent.as_str()) {
                        not_judged[*place].1.owners.insert(&route.owner);
                    } else {
                        places.insert(parent, not_judged.len());
                        let owner = &route.owner;
                        let owners = HashSet::from([&**owner]);
                        not_judged.push((parent, NotJudged { owner, hit, missing, owners }));
                    }
                    continue;
                }
                (None, Found::Closed(why)) => Verdict::Noted { why },
                (None, Found::Modelled(taken)) => open(context, route, (parent, taken.port), hit),
            };
            doors.push(Door {
                kind: DoorKind::KserveRoute,
                resource: route.owner.clone(),
                created: None,
                field: "spec".to_owned(),
                to: context.name_of(hit),
                verdict,
            });
        }
    }
    doors.extend(not_judged.into_iter().map(|(parent, one)| of_gateway(context, parent, one)));
}

/// `NAMESPACE/NAME`, or a name.
fn named(parent: &str) -> (Option<String>, &str) {
    let (namespace, name) = parent.split_once('/').unwrap_or(("", parent));
    ((!namespace.is_empty()).then(|| namespace.to_owned()), name)
}

fn open(
    context: &DoorContext<'_, '_>,
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
    context.judged(hit, why, curl(&address, port, host))
}

fn of_gateway(context: &DoorContext<'_, '_>, parent: &str, one: NotJudged<'_>) -> Door {
    let (namespace, name) = named(parent);
    let own = context.gateways.named(&context.reach, &namespace, name).next();
    let missing = match one.owners.len() {
        0 | 1 => one.missing,
        all => format!("{}, which serves {all} models", one.missing),
    };
    Door {
        kind: DoorKind::KserveRoute,
        resource: own.map_or(one.owner, |kept| &kept.resource).clone(),
        created: None,
        field: if own.is_some() { "spec.gatewayClassName" } else { "spec" }.to_owned(),
        to: context.name_of(one.hit),
        verdict: Verdict::NotJudged { missing: missing.into() },
    }
}

//! Routes and Ingresses that an `LLMInferenceService` leaves to somebody else.
//!
//! `spec.router.route.http.refs` and `spec.router.ingress.refs` name them, and the controller creates none
//! itself then (`reconcileHTTPRoutes` in `pkg/controller/v1alpha2/llmisvc/router.go` of kserve/kserve 0.20.0).
//! A configuration of `spec.baseRefs` that is not in the package may do the same, or set a route.
//! One of the package is read as every route is. Without `refs`, `spec.router.ingress` opens nothing: no code of
//! the controller's creates an Ingress.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::context::DoorContext;
use super::door::Door;
use super::kinds::DoorKind;
use super::reach::Hit;
use crate::values::k8s::ResourceRef;

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    let written = &context.kserve.written_routes;
    if written.is_empty() || !context.readers.has(DoorKind::WrittenRoute) {
        return;
    }
    let objects = &context.cluster.objects;
    let routes = objects.routes.iter().map(|one| &one.resource);
    let known: HashSet<(&str, Option<&str>, &str)> = routes
        .chain(objects.ingresses.iter().map(|one| &one.resource))
        .map(|one| (one.kind.as_str(), one.namespace.as_deref(), one.name.as_str()))
        .collect();
    let owners: HashSet<&ResourceRef> = written.iter().map(|(owner, _)| &**owner).collect();
    let pods = context.kserve.pods.iter().filter(|pods| owners.contains(&*pods.owner));
    let hits: HashMap<&ResourceRef, Hit> = pods
        .filter_map(|pods| Some((&*pods.owner, context.reach.hit(&pods.namespace, &pods.service)?)))
        .collect();
    for (owner, route) in written {
        let is_known = [Some(route.namespace.as_str()), None]
            .into_iter()
            .any(|namespace| known.contains(&(route.kind, namespace, route.name.as_str())));
        let Some(hit) = hits.get(&**owner).filter(|_| !is_known) else { continue };
        let missing = format!("the {} {}/{}", route.kind, route.namespace, route.name);
        let verdict = context.not_judged(hit.set, missing);
        doors.push(Door {
            kind: DoorKind::WrittenRoute,
            resource: Rc::clone(owner),
            created: None,
            field: route.field.clone(),
            to: context.name_of(*hit),
            verdict,
        });
    }
}

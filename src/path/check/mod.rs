//! Everything that can be said of a package as it will be applied: every lint, every door, whoever
//! wrote its objects.

mod absent;
mod diags;
mod mesh;
mod names;
mod protect;
mod requests;
mod weight;

pub(crate) use diags::Unexpected;

use std::collections::HashSet;

use super::World;
use super::doors::{self, DoorKind, Platform, Protected, Readers, Verdict};
use crate::controllers::alb::Options;
use crate::controllers::alb::objects::Ingress;
use crate::finding::{Code, Finding};
use crate::serving::ingress::{lint, proof};
use crate::serving::model::{Findings, shadowed};
use crate::values::k8s::ResourceRef;

/// Checks a package. `protect` is what has to be guarded, and by what; without it, what annotations
/// require, and every public InferenceService by a token or a login. With `follows_requests`, requests
/// to every InferenceService are followed, with and without what their path requires.
#[must_use]
pub fn check(
    world: &World<'_>,
    unreadable: Vec<Finding>,
    protect: Option<Protected>,
    follows_requests: bool,
) -> Vec<Finding> {
    let mut findings = unreadable;
    let reported: HashSet<ResourceRef> =
        findings.iter().filter_map(|finding| finding.resource.clone()).collect();
    let own = crate::serving::ingress::objects(&world.cluster);
    findings.extend(lint::check(&own, &[], &Options::default()));
    // What cannot be read is reported once.
    findings.extend(of_model(world).into_iter().filter(|finding| {
        let resource = finding.resource.as_ref().filter(|_| finding.code == Code::KserveUnreadable);
        !resource.is_some_and(|resource| reported.contains(resource))
    }));
    findings.extend(shadowed(&&world.cluster, &world.model));
    findings.extend(mesh::findings(world));
    let protected = protect.unwrap_or_else(|| protect::by_default(world));
    let news =
        absent::classes(world, &protected).into_iter().chain(absent::services(world, &protected));
    for finding in news {
        if !has_error(&findings, finding.resource.as_ref()) {
            findings.push(finding);
        }
    }
    add_doors(world, &protected, &mut findings);
    weight::raise(&mut findings);
    // Where a way is open, or an object is refused, it is not said again by the requests that show it.
    if follows_requests && !findings.iter().any(Finding::is_error) {
        findings.extend(requests::findings(world));
        findings.extend(names::findings(world));
    }
    findings
}

/// What the serving model has to say; of a configuration that is refused not what comes of it for each
/// service.
pub(crate) fn of_model(world: &World<'_>) -> Vec<Finding> {
    const CONSEQUENCES: [Code; 5] = [
        Code::KnativeHostInvalid,
        Code::KserveIngressConfig,
        Code::KserveDeployConfig,
        Code::KserveServiceConfig,
        Code::KserveConfigNull,
    ];
    let mut findings = world.model.findings();
    let is_refused = findings.iter().any(Finding::is_error);
    let of_services = world.model.endpoints.iter().flat_map(Findings::findings);
    findings.extend(of_services.filter(|one| !(is_refused && CONSEQUENCES.contains(&one.code))));
    findings
}

/// Whether an error is about an object.
fn has_error(findings: &[Finding], resource: Option<&ResourceRef>) -> bool {
    resource.is_some()
        && findings.iter().any(|one| one.is_error() && one.resource.as_ref() == resource)
}

/// Every door of a package to what [`check`] protects without a configuration.
#[must_use]
pub(crate) fn doors_by_default(world: &World<'_>) -> Vec<doors::Door> {
    doors_of(world, &protect::by_default(world))
}

fn doors_of(World { cluster, kserve, .. }: &World<'_>, protected: &Protected) -> Vec<doors::Door> {
    doors::doors(cluster, kserve, protected, Platform::default(), Readers::ALL)
}

/// Adds the doors; what the load balancer's own proof has shown to be open is not said twice.
fn add_doors(world: &World<'_>, protected: &Protected, findings: &mut Vec<Finding>) {
    let found = doors_of(world, protected);
    doors::leave_to_policies(findings, &found);
    doors::leave_classes_to_doors(findings, &found);
    let is_reported = |finding: &&Finding| {
        finding.is_error() && finding.code.as_str().starts_with("alb-open-")
            || finding.code == Code::AlbLeftOpen
    };
    let reported: HashSet<&ResourceRef> = findings
        .iter()
        .filter(is_reported)
        .filter_map(|finding| finding.resource.as_ref())
        .collect();
    // What is required is the proof's own matter; it names the object to change, which may be another.
    let is_proved_open = findings
        .iter()
        .any(|finding| finding.is_error() && finding.code.as_str().starts_with("alb-open-"));
    let requiring: HashSet<ResourceRef> = world
        .ingresses
        .ingresses
        .iter()
        .filter(|ingress| is_proved_open && proof::requires_credential(ingress))
        .map(Ingress::reference)
        .collect();
    let news: Vec<doors::Door> = found
        .into_iter()
        .filter(|door| {
            // That an Ingress guards what it leads to is what it is there for.
            let is_own = door.kind == DoorKind::LoadBalancerIngress;
            let is_news = !matches!(door.verdict, Verdict::Guarded { .. });
            let is_reported =
                reported.contains(&*door.resource) || requiring.contains(&*door.resource);
            !is_own || is_news && !is_reported
        })
        .collect();
    findings.extend(doors::findings(&news));
}

#[cfg(test)]
mod tests {
    use krm_package::Package;

    use super::*;
    use crate::runtime::Items;

    /// Without a configuration the doors are those to what an annotation guards, each with its verdict.
    #[test]
    fn the_doors_to_what_is_guarded_are_found_without_a_configuration() {
        let of = |text: &str| -> Vec<(DoorKind, String, bool)> {
            let package = Package::stream(text).unwrap();
            let items = Items::of(&package).unwrap();
            let (world, _) = World::of(&items);
            let doors = doors_by_default(&world).into_iter();
            doors
                .map(|door| {
                    let is_open = matches!(door.verdict, Verdict::Open { .. });
                    (door.kind, door.resource.name.clone(), is_open)
                })
                .collect()
        };
        let second =
            include_str!("../../../fixtures/validate-serving-path/bad-second-door/input.yaml");
        let found = of(second);
        let ingress = (DoorKind::LoadBalancerIngress, "istio-ingress-api".to_owned(), false);
        let service = (DoorKind::LoadBalancerService, "public".to_owned(), true);
        assert_eq!(found, [service, ingress.clone()]);
        let inside = second.replace("type: LoadBalancer", "type: ClusterIP");
        assert_eq!(of(&inside), [ingress]);
    }
}

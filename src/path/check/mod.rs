//! Everything that can be said of a package as it will be applied: every lint, every door, whoever
//! wrote its objects.

mod absent;
mod diags;
mod protect;
mod weight;

use std::collections::HashSet;

use super::World;
use super::doors::{self, DoorKind, Platform, Protected, Readers, Verdict};
use crate::controllers::alb::Options;
use crate::finding::Finding;
use crate::serving::ingress::lint;
use crate::serving::model::Findings;
use crate::values::k8s::ResourceRef;

/// Checks a package. `protect` is what has to be guarded, and by what; without it, what annotations
/// ask for, and every public InferenceService by a token or a login.
#[must_use]
pub fn check(
    world: &World<'_>,
    unreadable: Vec<Finding>,
    protect: Option<Protected>,
) -> Vec<Finding> {
    let mut findings = unreadable;
    let own = crate::serving::ingress::objects(&world.cluster);
    findings.extend(lint::check(&own, &[], &Options::default()));
    findings.extend(world.model.findings());
    findings.extend(world.model.endpoints.iter().flat_map(Findings::findings));
    let protected = protect.unwrap_or_else(|| protect::by_default(world));
    findings.extend(absent::services(world, &protected));
    add_doors(world, &protected, &mut findings);
    weight::raise(&mut findings);
    findings
}

/// Adds the doors; what the load balancer's own proof has shown to be open is not said twice.
fn add_doors(world: &World<'_>, protected: &Protected, findings: &mut Vec<Finding>) {
    let World { cluster, kserve, .. } = world;
    let found = doors::doors(cluster, kserve, protected, Platform::default(), Readers::ALL);
    let is_said = |finding: &&Finding| {
        finding.is_error() && finding.code.as_str().starts_with("alb-open-")
            || finding.code == crate::finding::Code::AlbLeftOpen
    };
    let said: HashSet<&ResourceRef> =
        findings.iter().filter(is_said).filter_map(|finding| finding.resource.as_ref()).collect();
    let news: Vec<doors::Door> = found
        .into_iter()
        .filter(|door| {
            // That an Ingress guards what it leads to is what it is there for.
            let is_own = door.kind == DoorKind::LoadBalancerIngress;
            let is_news = !matches!(door.verdict, Verdict::Guarded { .. });
            !is_own || is_news && !said.contains(&*door.resource)
        })
        .collect();
    findings.extend(doors::findings(&news));
}

//! The load balancers of a set of objects.

use super::build;
use super::error::BuildError;
use super::group::{self, GroupId, Member, Unmanaged};
use super::model::Model;
use super::objects::{Ingress, Objects};
use crate::controllers::alb::Options;

/// One load balancer.
pub struct LoadBalancer<'a> {
    /// Its group.
    pub id: GroupId,
    /// Its Ingresses, in the order of their rules; empty where `group.order` is broken.
    pub members: Vec<Member<'a>>,
    /// What the controller asks AWS for, or why it doesn't.
    pub model: Result<Model, BuildError>,
}

/// Every load balancer, in the order of the groups' ids, and the Ingresses without any.
#[must_use]
pub fn load_balancers<'a>(
    objects: &'a Objects,
    options: &Options,
) -> (Vec<LoadBalancer<'a>>, Vec<(&'a Ingress, Unmanaged)>) {
    let grouped = group::group(objects, options);
    let built = grouped
        .groups
        .into_iter()
        .map(|(id, members)| match members {
            Ok(members) => {
                let model = build::build(objects, options, &members);
                LoadBalancer { id, members, model }
            }
            Err(error) => LoadBalancer { id, members: Vec::new(), model: Err(error) },
        })
        .collect();
    (built, grouped.unmanaged)
}

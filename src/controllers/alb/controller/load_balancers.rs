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
    /// What the controller requests from AWS, or why it does not.
    pub model: Result<Model, BuildError>,
}

/// Every load balancer, in the order of the groups' ids, and the Ingresses without any.
///
/// ```
/// use kserve_aws::controllers::alb::objects::Ingress;
/// use kserve_aws::controllers::alb::{Objects, Options, load_balancers};
///
/// let ingress: Ingress = serde_json::from_str(
///     r#"{
///       "metadata": {"name": "api", "namespace": "istio-system",
///         "annotations": {"alb.ingress.kubernetes.io/listen-ports": "[{\"HTTP\": 8080}]"}},
///       "spec": {"ingressClassName": "alb", "rules": [{"http": {"paths": [{"path": "/",
///         "pathType": "Prefix", "backend": {"service": {"name": "gateway", "port": {"number": 80}}}}]}}]}
///     }"#,
/// )?;
/// let objects = Objects { ingresses: vec![ingress], ..Objects::default() };
/// let (balancers, unmanaged) = load_balancers(&objects, &Options::default());
/// assert_eq!((balancers.len(), unmanaged.len()), (1, 0));
/// let model = balancers[0].model.as_ref().unwrap();
/// assert_eq!(model.listeners[0].port, 8080);
/// // The rule of the path, which any header satisfies.
/// assert_eq!(model.listeners[0].rules.len(), 1);
/// # Ok::<(), serde_json::Error>(())
/// ```
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

//! What the load balancer's controller reads of a package.

use crate::cluster::{Cluster, Kept};
use crate::controllers::alb;
use std::rc::Rc;

/// The objects that the controller reads; the Ingresses in the order of the cluster's.
#[must_use]
pub(crate) fn objects(cluster: &Cluster<'_>) -> alb::Objects {
    let of = &cluster.objects;
    alb::Objects {
        ingresses: all(&of.ingresses),
        services: all(&of.services),
        secrets: all(&of.secrets),
        namespaces: all(&of.namespaces),
        ingress_classes: all(&of.ingress_classes),
        ingress_class_params: all(&of.ingress_class_params),
        auto_mode_params: of.auto_mode_params.iter().map(|kept| kept.object.params()).collect(),
        certificates: None,
    }
}

fn all<T: Clone>(kept: &[Rc<Kept<T>>]) -> Vec<T> {
    kept.iter().map(|kept| kept.object.clone()).collect()
}

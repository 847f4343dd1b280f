//! What Elastic Load Balancing does not take of a `jwt-validation`.

use crate::controllers::alb::annotations::Annotations;
use crate::controllers::alb::auth;
use crate::controllers::alb::objects::Ingress;
use crate::finding::Finding;
use crate::serving::ingress::diags::JwtOfAnnotation;
use crate::serving::ingress::settings::jwt_limits;

/// The findings of one Ingress; what the controller itself refuses is reported with its load balancer.
pub(super) fn limits(ingress: &Ingress) -> Vec<Finding> {
    let annotations = Annotations::of(&ingress.metadata.annotations);
    let Ok(Some(config)) = auth::jwt_config(annotations) else { return Vec::new() };
    let found = jwt_limits(&config).into_iter();
    found.map(|found| JwtOfAnnotation { ingress, found }.into()).collect()
}

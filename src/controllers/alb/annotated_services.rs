//! Services of which the AWS Load Balancer Controller creates a load balancer by their annotations.

use super::objects::Service;

pub(crate) const LOAD_BALANCER_TYPE: &str = "service.beta.kubernetes.io/aws-load-balancer-type";
const TARGET_TYPE: &str = "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type";

/// Whether the AWS Load Balancer Controller takes a Service by its annotations
/// (`checkAWSLoadBalancerTypeAnnotation`). The nodes of a Service without node ports are no targets
/// (`buildTargetType` in `pkg/service/model_build_target_group.go`).
pub(crate) fn is_annotated(service: &Service) -> bool {
    let has_node_ports = service.spec.kind == "NodePort";
    let annotation = |key: &str| service.metadata.annotations.get(key).map(String::as_str);
    service.spec.load_balancer_class.is_none()
        && match annotation(LOAD_BALANCER_TYPE) {
            Some("nlb-ip") => true,
            Some("external") => match annotation(TARGET_TYPE) {
                Some("ip") => true,
                Some("instance") => has_node_ports,
                _ => false,
            },
            _ => false,
        }
}

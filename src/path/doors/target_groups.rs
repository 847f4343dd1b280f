//! `TargetGroupBindings`: pods behind a load balancer that is not in the package.
//!
//! Source: `controllers/elbv2/targetgroupbinding_controller.go` of the AWS Load Balancer Controller
//! registers the pods of `spec.serviceRef` as targets. The controller also writes such objects for
//! its own Ingresses, Services and Gateways, with a `…k8s.aws/stack` label
//! (`pkg/deploy/tracking/provider.go`): those doors are judged by what they are written for.

use super::context::DoorContext;
use super::door::Door;
use super::kinds::DoorKind;

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    if !context.readers.has(DoorKind::TargetGroupBinding) {
        return;
    }
    for kept in &context.cluster.objects.target_group_bindings {
        let binding = &kept.object;
        let labels = &binding.metadata.labels;
        if labels
            .keys()
            .any(|key| key.ends_with("k8s.aws/stack-name") || key.ends_with("k8s.aws/stack"))
        {
            continue;
        }
        let service = &binding.spec.service_ref.name;
        let Some(hit) = context.reach.hit(&kept.resource.namespace, service) else { continue };
        let group =
            match (binding.spec.target_group_arn.as_str(), binding.spec.target_group_name.as_str())
            {
                ("", "") => "its target group",
                ("", name) => name,
                (arn, _) => arn,
            };
        let missing = format!(
            "the rules of the listeners that forward to {group}, which no object of the package holds"
        );
        let verdict = context.not_judged(hit.set, missing);
        doors.push(Door {
            kind: DoorKind::TargetGroupBinding,
            resource: kept.resource.clone(),
            created: None,
            field: "spec.serviceRef.name".to_owned(),
            to: context.name_of(hit),
            verdict,
        });
    }
}

//! Services that are protected and not in the input.

use super::diags::{AbsentClass, AbsentService};
use crate::controllers::alb::annotations::CLASS;
use crate::finding::Finding;
use crate::path::World;
use crate::path::doors::{Protected, TargetPods};

/// The protected Services that no object of the package is: without it, its pods and the other ways
/// to them are not known.
pub(super) fn services(world: &World<'_>, protected: &Protected) -> Vec<Finding> {
    let services = &world.cluster.objects.services;
    let is_there = |namespace: &Option<String>, name: &str| {
        let of_package = services.iter().any(|one| {
            one.resource.name == name
                && crate::cluster::may_be_one(&one.resource.namespace, namespace)
        });
        let of_gateway = world.cluster.objects.gateways.iter().any(|one| {
            one.object.service_of_istio() == name
                && crate::cluster::may_be_one(&one.resource.namespace, namespace)
        });
        of_package || of_gateway || world.kserve.pods.iter().any(|pods| pods.is_behind(name))
    };
    let named = protected.targets.iter().filter_map(|target| match &target.pods {
        TargetPods::Service(name) => Some((&target.namespace, name.as_str())),
        TargetPods::Labels(_) => None,
    });
    let absent = named.filter(|(namespace, name)| !is_there(namespace, name));
    absent.map(|(namespace, name)| finding(world, namespace, name)).collect()
}

/// The Ingresses to protected Services whose class is not in the input. `alb` is what the load
/// balancer's controller is installed with.
pub(super) fn classes(world: &World<'_>, protected: &Protected) -> Vec<Finding> {
    let classes = &world.cluster.objects.ingress_classes;
    let absent = world.cluster.objects.ingresses.iter().filter_map(|kept| {
        let ingress = &kept.object;
        let annotation = ingress.metadata.annotations.get(CLASS);
        let class = annotation.or(ingress.spec.ingress_class_name.as_ref())?;
        let is_known = class == "alb" || classes.iter().any(|one| one.resource.name == *class);
        let leads = protected.targets.iter().any(|target| match &target.pods {
            TargetPods::Service(name) => {
                target.namespace == kept.resource.namespace
                    && field_of_backend(ingress, name).is_some()
            }
            TargetPods::Labels(_) => false,
        });
        let field = match annotation {
            Some(_) => format!("metadata.annotations[{CLASS}]"),
            None => "spec.ingressClassName".to_owned(),
        };
        let finding = Finding::from(AbsentClass(class)).on(&kept.resource).field(field.as_str());
        (!is_known && leads).then_some(finding)
    });
    absent.collect()
}

/// The finding, on the first Ingress that leads to the Service.
fn finding(world: &World<'_>, namespace: &Option<String>, name: &str) -> Finding {
    let ingresses = world.cluster.objects.ingresses.iter();
    let found = ingresses
        .filter(|kept| kept.resource.namespace == *namespace)
        .find_map(|kept| Some((kept, field_of_backend(&kept.object, name)?)));
    let finding = Finding::from(AbsentService { namespace, name });
    match found {
        Some((kept, field)) => finding.on(&kept.resource).field(field),
        None => finding,
    }
}

fn field_of_backend(
    ingress: &crate::controllers::alb::objects::Ingress,
    name: &str,
) -> Option<String> {
    ingress.spec.rules.iter().enumerate().find_map(|(rule, of_rule)| {
        let paths = of_rule.http.iter().flat_map(|http| &http.paths).enumerate();
        let mut own = paths.filter(|(_, path)| {
            path.backend.service.as_ref().is_some_and(|service| service.name == name)
        });
        let (path, _) = own.next()?;
        Some(format!("spec.rules[{rule}].http.paths[{path}].backend.service.name"))
    })
}

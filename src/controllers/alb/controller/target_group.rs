//! The target group of a Service.
//!
//! Source: `pkg/ingress/model_build_target_group.go`, v3.5.

use super::annotations::{Annotations, parse_int};
use super::backend;
use super::builder::Builder;
use super::error::{BuildError, BuildErrorKind};
use super::model::TargetGroup;
use super::objects::{IntOrString, Service, ServicePort};

/// Builds the target group of a Service's port.
///
/// # Errors
/// The controller's reason.
pub(crate) fn build(
    builder: &Builder<'_>,
    member: usize,
    name: &str,
    port: &IntOrString,
) -> Result<TargetGroup, BuildError> {
    let ingress = builder.members[member].ingress;
    let service = backend::service(builder.objects, ingress.namespace(), name);
    let annotations = service.map_or_else(
        || Annotations::of(&ingress.metadata.annotations),
        |service| {
            Annotations::of_service_over_ingress(
                &service.metadata.annotations,
                &ingress.metadata.annotations,
            )
        },
    );
    let service_port = service.map(|service| find_port(service, port)).transpose()?;
    let target_type = target_type(builder, member, annotations)?;
    let protocol = one_of(
        annotations,
        "backend-protocol",
        &["HTTP", "HTTPS"],
        "backend protocol must be within [HTTP, HTTPS]: ",
    )?;
    let version = one_of(
        annotations,
        "backend-protocol-version",
        &["HTTP1", "HTTP2", "GRPC"],
        "backend protocol version must be within [HTTP1, HTTP2, GRPC]: ",
    )?;
    check_health_check(service, annotations, &target_type, &protocol)?;
    annotations.map("target-group-attributes")?;
    if let Some(service) = service {
        Annotations::of(&service.metadata.annotations).map("tags")?;
        builder.tags_of(member)?;
        if service.spec.ip_families.iter().any(|family| family == "IPv6")
            && builder.ip_address_type == "ipv4"
        {
            return Err(BuildError::new("unsupported IPv6 configuration, lb not dual-stack"));
        }
    }
    let control = annotations.int32(&format!("target-control-port.{name}.{port}"))?;
    if control.is_some() && target_type == "instance" {
        return Err(BuildError::new(
            "target control port is not supported for instance target target group",
        ));
    }
    if let (Some(service), Some(service_port)) = (service, service_port) {
        require_port(builder, service, service_port, &target_type)?;
    }
    if target_type == "instance" {
        annotations.map("target-node-labels")?;
    }
    let multi = |annotations: Annotations<'_>| annotations.boolean("multi-cluster-target-group");
    if multi(Annotations::of(&ingress.metadata.annotations))? != Some(true)
        && let Some(service) = service
    {
        multi(Annotations::of(&service.metadata.annotations))?;
    }
    let default_path = if version == "GRPC" { "/AWS.ALB/healthcheck" } else { "/" };
    Ok(TargetGroup::Service {
        namespace: ingress.namespace().to_owned(),
        name: name.to_owned(),
        port: port.clone(),
        target_type,
        protocol,
        health_check_path: annotations.text("healthcheck-path").unwrap_or(default_path).to_owned(),
        assumed: service.is_none(),
    })
}

fn find_port<'a>(service: &'a Service, port: &IntOrString) -> Result<&'a ServicePort, BuildError> {
    service
        .spec
        .ports
        .iter()
        .find(|candidate| match port {
            IntOrString::Int(number) => candidate.port == *number,
            IntOrString::Text(name) => &candidate.name == name,
        })
        .ok_or_else(|| {
            BuildError::new("unable to find port ").quoting(&port.to_string()).saying(format!(
                " on service {}/{}",
                service.namespace(),
                service.metadata.name
            ))
        })
}

fn target_type(
    builder: &Builder<'_>,
    member: usize,
    annotations: Annotations<'_>,
) -> Result<String, BuildError> {
    let by_params = builder.members[member]
        .params
        .map(|params| params.spec.target_type.as_str())
        .filter(|given| !given.is_empty());
    // The EKS user guide: "The default is `ip`".
    let default = if builder.members[member].auto_mode.is_some() { "ip" } else { "instance" };
    match by_params.or(annotations.text("target-type")).unwrap_or(default) {
        known @ ("instance" | "ip") => Ok(known.to_owned()),
        unknown => {
            let error =
                BuildError::new("unknown targetType: ").choosing(unknown, &["instance", "ip"]);
            Err(error.of_annotation("target-type"))
        }
    }
}

fn one_of(
    annotations: Annotations<'_>,
    suffix: &'static str,
    allowed: &[&str],
    words: &str,
) -> Result<String, BuildError> {
    let value = annotations.text(suffix).unwrap_or(allowed[0]);
    if allowed.contains(&value) {
        Ok(value.to_owned())
    } else {
        Err(BuildError::new(words).choosing(value, allowed).of_annotation(suffix))
    }
}

fn check_health_check(
    service: Option<&Service>,
    annotations: Annotations<'_>,
    target_type: &str,
    protocol: &str,
) -> Result<(), BuildError> {
    if let Some(raw) = annotations.text("healthcheck-port")
        && raw != "traffic-port"
        && parse_int(raw, i64::from(i32::MIN), i64::from(i32::MAX)).is_err()
        && let Some(service) = service
    {
        let port = find_port(service, &IntOrString::Text(raw.to_owned()))
            .map_err(|error| error.within("failed to resolve healthCheckPort"))?;
        if target_type != "instance" && matches!(port.target_port, Some(IntOrString::Text(_))) {
            return Err(BuildError::new(
                "cannot use named healthCheckPort for IP TargetType when service's targetPort is \
                 a named port",
            ));
        }
    }
    if !matches!(annotations.text("healthcheck-protocol").unwrap_or(protocol), "HTTP" | "HTTPS") {
        return Err(BuildError::new("healthCheckProtocol must be within [HTTP, HTTPS]"));
    }
    for suffix in [
        "healthcheck-interval-seconds",
        "healthcheck-timeout-seconds",
        "healthy-threshold-count",
        "unhealthy-threshold-count",
    ] {
        annotations.int32(suffix)?;
    }
    Ok(())
}

/// A target group needs a port: the node's, which the API server gives to a `NodePort` or
/// `LoadBalancer` Service that has none yet, or the pods'.
fn require_port(
    builder: &Builder<'_>,
    service: &Service,
    port: &ServicePort,
    target_type: &str,
) -> Result<(), BuildError> {
    if target_type == "ip" {
        let number = match &port.target_port {
            Some(IntOrString::Int(number)) => *number,
            Some(IntOrString::Text(_)) => 1,
            None => port.port,
        };
        return if number == 0 {
            Err(BuildError::new(
                "TargetGroup port is empty. Are you using the correct service type?",
            ))
        } else {
            Ok(())
        };
    }
    let allocated = builder.options.assume_missing
        && matches!(service.spec.kind.as_str(), "NodePort" | "LoadBalancer");
    if port.node_port == 0 && !allocated {
        return Err(BuildError::new(
            "TargetGroup port is empty. When using Instance targets, your service be must of type \
             'NodePort' or 'LoadBalancer'",
        )
        .of_kind(BuildErrorKind::NoNodePort));
    }
    Ok(())
}

//! What a backend of an Ingress is to the controller: conditions and transforms by the backend's
//! name, an action, a login.
//!
//! Source: `pkg/ingress/enhanced_backend_builder.go`, v3.5.

use super::actions::{ActionConfig, TransformConfig};
use super::annotations::Annotations;
use super::auth::{AuthConfig, JwtConfig, auth_config, jwt_config};
use super::conditions::RuleCondition;
use super::error::BuildError;
use super::objects::{BackendRef, Ingress, IntOrString, Objects, Service};
use crate::controllers::alb::Options;
use crate::go::json::GoSlice;

/// The port name that makes a backend's name that of an action.
pub(crate) const USE_ANNOTATION: &str = "use-annotation";

/// A backend with its annotations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Backend {
    /// `conditions.<name>`.
    pub conditions: Vec<RuleCondition>,
    /// `transforms.<name>`.
    pub transforms: Vec<TransformConfig>,
    /// What happens to a request.
    pub action: ActionConfig,
    /// The login.
    pub auth: AuthConfig,
    /// The token check.
    pub jwt: Option<JwtConfig>,
}

/// Finds a Service.
pub(crate) fn service<'a>(
    objects: &'a Objects,
    namespace: &str,
    name: &str,
) -> Option<&'a Service> {
    objects
        .services
        .iter()
        .find(|service| service.metadata.name == name && service.namespace() == namespace)
}

/// Builds a backend.
///
/// # Errors
/// A backend without Service, a broken annotation, a Service that is not there.
pub(crate) fn build(
    ingress: &Ingress,
    backend: &BackendRef,
    objects: &Objects,
    options: &Options,
) -> Result<Backend, BuildError> {
    let Some(reference) = &backend.service else {
        return Err(BuildError::new("missing required \"service\" field"));
    };
    let annotations = Annotations::of(&ingress.metadata.annotations);
    let conditions = conditions(annotations, &reference.name)?;
    let transforms = transforms(annotations, &reference.name)?;
    let mut action = if reference.port.name == USE_ANNOTATION {
        action_by_annotation(annotations, &reference.name)?
    } else if reference.port.name.is_empty() {
        ActionConfig::to_service(&reference.name, IntOrString::Int(reference.port.number))
    } else {
        ActionConfig::to_service(&reference.name, IntOrString::Text(reference.port.name.clone()))
    };
    if !options.assume_missing {
        require_services(&mut action, ingress.namespace(), objects)?;
    }
    let auth = auth_config(auth_annotations(&action, ingress, objects))?;
    let jwt = jwt_config(annotations)?;
    Ok(Backend { conditions, transforms, action, auth, jwt })
}

/// Reads and checks `conditions.<name>`.
///
/// # Errors
/// Broken JSON or an incomplete condition.
pub(crate) fn conditions(
    annotations: Annotations<'_>,
    name: &str,
) -> Result<Vec<RuleCondition>, BuildError> {
    let mut conditions: GoSlice<RuleCondition> = GoSlice::default();
    annotations.json(&format!("conditions.{name}"), &mut conditions)?;
    for condition in conditions.iter() {
        condition.validate().map_err(BuildError::new)?;
    }
    Ok(conditions.to_vec())
}

fn transforms(
    annotations: Annotations<'_>,
    name: &str,
) -> Result<Vec<TransformConfig>, BuildError> {
    let mut transforms: GoSlice<TransformConfig> = GoSlice::default();
    annotations.json(&format!("transforms.{name}"), &mut transforms)?;
    for transform in transforms.iter() {
        transform.validate()?;
    }
    Ok(transforms.to_vec())
}

fn action_by_annotation(
    annotations: Annotations<'_>,
    name: &str,
) -> Result<ActionConfig, BuildError> {
    let mut action = ActionConfig::default();
    if !annotations.json(&format!("actions.{name}"), &mut action)? {
        return Ok(ActionConfig::unavailable("Backend action does not exist"));
    }
    action.validate()?;
    action.normalize();
    Ok(action)
}

/// Replaces a forward to one Service that is not there by a fixed 503.
fn require_services(
    action: &mut ActionConfig,
    namespace: &str,
    objects: &Objects,
) -> Result<(), BuildError> {
    let Some(forward) = action.forward.as_ref().filter(|_| action.kind.0 == "forward") else {
        return Ok(());
    };
    let mut missing = forward
        .target_groups
        .iter()
        .filter_map(|target| target.service_name.as_deref())
        .filter(|name| service(objects, namespace, name).is_none());
    let Some(name) = missing.next() else { return Ok(()) };
    if forward.target_groups.len() > 1 {
        return Err(BuildError::new(format!("services \"{name}\" not found")));
    }
    *action = ActionConfig::unavailable("Backend service does not exist");
    Ok(())
}

/// Those of the one Service that is forwarded to, over those of the Ingress.
pub(crate) fn auth_annotations<'a>(
    action: &ActionConfig,
    ingress: &'a Ingress,
    objects: &'a Objects,
) -> Annotations<'a> {
    let of_ingress = &ingress.metadata.annotations;
    let targets = action.forward.as_ref().map(|forward| &*forward.target_groups);
    match (action.kind.0.as_str(), targets) {
        ("forward", Some([target])) => target
            .service_name
            .as_deref()
            .and_then(|name| service(objects, ingress.namespace(), name))
            .map_or_else(
                || Annotations::of(of_ingress),
                |service| {
                    Annotations::of_service_over_ingress(&service.metadata.annotations, of_ingress)
                },
            ),
        _ => Annotations::of(of_ingress),
    }
}

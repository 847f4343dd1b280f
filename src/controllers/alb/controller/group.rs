//! Which Ingresses the controller manages, and which of them share a load balancer.
//!
//! Source: `pkg/ingress/class_loader.go`, `class_annotation_matcher.go`, `group_loader.go`, v3.5.

use std::collections::BTreeMap;
use std::fmt;

use super::annotations::{self, Annotations};
use super::class::{IngressClass, IngressClassParams};
use super::error::BuildError;
use super::objects::{Ingress, Objects};
use crate::controllers::alb::Options;

/// What an `IngressClass` of this controller names as its controller.
pub(crate) const CONTROLLER: &str = "ingress.k8s.aws/alb";

/// What an `IngressClass` of EKS Auto Mode names: the same controller, run by AWS, which takes class and
/// group from the class alone (EKS user guide, "Create an `IngressClass` to configure an Application
/// Load Balancer").
pub(crate) const AUTO_MODE: &str = "eks.amazonaws.com/alb";

/// The `IngressClass` that the controller's Helm chart creates.
const DEFAULT_NAME: &str = "alb";

const DEFAULT_CLASS: &str = "ingressclass.kubernetes.io/is-default-class";

/// The Ingresses of one load balancer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupId {
    /// By `group.name` or by `IngressClassParams`; from any namespace.
    Named(String),
    /// By the `IngressClassParams` of EKS Auto Mode.
    AutoMode(String),
    /// One Ingress by itself, as `namespace/name`.
    Single(String),
}

impl fmt::Display for GroupId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) | Self::AutoMode(name) | Self::Single(name) => out.write_str(name),
        }
    }
}

/// An Ingress with the parameters of its class.
#[derive(Clone, Copy)]
pub struct Member<'a> {
    /// The Ingress.
    pub ingress: &'a Ingress,
    /// The parameters; never there when the class is given by the annotation.
    pub params: Option<&'a IngressClassParams>,
    /// The class, where it is one of EKS Auto Mode.
    pub auto_mode: Option<&'a IngressClass>,
}

impl<'a> Member<'a> {
    pub(crate) fn annotations(&self) -> Annotations<'a> {
        Annotations::of(&self.ingress.metadata.annotations)
    }
}

/// Why an Ingress has no load balancer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmanaged {
    /// It is of another class.
    OtherClass,
    /// Its class, of this name, is not in the cluster.
    AbsentClass(String),
    /// Its class cannot be loaded, in the controller's words.
    InvalidClass(String),
    /// Its group's name is invalid, in the controller's words.
    InvalidGroup(String),
}

impl fmt::Display for Unmanaged {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherClass => out.write_str("not of this controller's class"),
            Self::AbsentClass(name) => write!(
                out,
                "invalid ingress class: ingressclasses.networking.k8s.io \"{name}\" not found"
            ),
            Self::InvalidClass(words) => out.write_str(words),
            Self::InvalidGroup(words) => write!(out, "invalid ingress group: {words}"),
        }
    }
}

/// The members of every group in the order of their rules, and the Ingresses that have none.
pub(crate) struct Grouped<'a> {
    /// The groups, by their id; an error is a broken or out-of-range `group.order`.
    pub groups: BTreeMap<GroupId, Result<Vec<Member<'a>>, BuildError>>,
    /// The others, in the order of the objects.
    pub unmanaged: Vec<(&'a Ingress, Unmanaged)>,
}

/// Sorts Ingresses into groups.
#[must_use]
pub(crate) fn group<'a>(objects: &'a Objects, options: &Options) -> Grouped<'a> {
    let mut members: BTreeMap<GroupId, Vec<Member<'a>>> = BTreeMap::new();
    let mut unmanaged = Vec::new();
    for ingress in &objects.ingresses {
        match classify(ingress, objects, options)
            .and_then(|member| Ok((group_id(&member)?, member)))
        {
            Ok((id, member)) => members.entry(id).or_default().push(member),
            Err(reason) => unmanaged.push((ingress, reason)),
        }
    }
    let groups = members.into_iter().map(|(id, members)| (id, in_order(members))).collect();
    Grouped { groups, unmanaged }
}

/// Whether the controller manages an Ingress, and with which class parameters.
///
/// # Errors
/// Why it does not.
pub fn classify<'a>(
    ingress: &'a Ingress,
    objects: &'a Objects,
    options: &Options,
) -> Result<Member<'a>, Unmanaged> {
    let class = managed_class(ingress, objects, options)?;
    let params = class.map(|class| params_of(class, ingress, objects, options)).transpose()?;
    let auto_mode = class.filter(|class| class.spec.controller == AUTO_MODE);
    Ok(Member { ingress, params: params.flatten(), auto_mode })
}

/// The `IngressClass` of an Ingress that the controller manages, where it has one, without its
/// parameters: as far as the webhook looks.
///
/// # Errors
/// Why the controller does not manage it.
pub(crate) fn managed_class<'a>(
    ingress: &Ingress,
    objects: &'a Objects,
    options: &Options,
) -> Result<Option<&'a IngressClass>, Unmanaged> {
    if let Some(class) = ingress.metadata.annotations.get(annotations::CLASS) {
        let watched =
            class == &options.ingress_class || (options.ingress_class.is_empty() && class == "alb");
        return if watched { Ok(None) } else { Err(Unmanaged::OtherClass) };
    }
    let Some(class) = class_of(ingress, objects, options)? else {
        return if options.ingress_class.is_empty() {
            Ok(None)
        } else {
            Err(Unmanaged::OtherClass)
        };
    };
    let Class::Known(class) = class else { return Ok(None) };
    if ![CONTROLLER, AUTO_MODE].contains(&class.spec.controller.as_str()) {
        return Err(Unmanaged::OtherClass);
    }
    Ok(Some(class))
}

enum Class<'a> {
    Known(&'a IngressClass),
    /// Not in the input, taken for this controller's.
    AssumedOurs,
}

fn class_of<'a>(
    ingress: &Ingress,
    objects: &'a Objects,
    options: &Options,
) -> Result<Option<Class<'a>>, Unmanaged> {
    let name = match &ingress.spec.ingress_class_name {
        Some(name) => name,
        None => {
            let mut defaults = objects.ingress_classes.iter().filter(|class| {
                class.metadata.annotations.get(DEFAULT_CLASS).is_some_and(|value| value == "true")
            });
            match (defaults.next(), defaults.next()) {
                (None, _) => return Ok(None),
                (Some(class), None) => &class.metadata.name,
                (Some(_), Some(_)) => {
                    let words = "multiple default IngressClasses found";
                    return Err(Unmanaged::InvalidClass(words.to_owned()));
                }
            }
        }
    };
    if let Some(class) = objects.ingress_classes.iter().find(|class| &class.metadata.name == name) {
        return Ok(Some(Class::Known(class)));
    }
    if options.assume_missing && name == DEFAULT_NAME {
        return Ok(Some(Class::AssumedOurs));
    }
    Err(Unmanaged::AbsentClass(name.clone()))
}

fn params_of<'a>(
    class: &IngressClass,
    ingress: &Ingress,
    objects: &'a Objects,
    options: &Options,
) -> Result<Option<&'a IngressClassParams>, Unmanaged> {
    let invalid =
        |words: String| Err(Unmanaged::InvalidClass(format!("invalid ingress class: {words}")));
    let Some(reference) = &class.spec.parameters else { return Ok(None) };
    let is_auto_mode = class.spec.controller == AUTO_MODE;
    let (group, known) = if is_auto_mode {
        ("eks.amazonaws.com", &objects.auto_mode_params)
    } else {
        ("elbv2.k8s.aws", &objects.ingress_class_params)
    };
    if reference.api_group.as_deref() != Some(group) || reference.kind != "IngressClassParams" {
        return invalid(format!(
            "IngressClass {} references unknown parameters",
            class.metadata.name
        ));
    }
    let found = known.iter().find(|params| params.metadata.name == reference.name);
    let Some(params) = found else {
        if options.assume_missing {
            return Ok(None);
        }
        return invalid(format!("ingressclassparams.{group} \"{}\" not found", reference.name));
    };
    let Some(selector) = &params.spec.namespace_selector else { return Ok(Some(params)) };
    let namespace =
        objects.namespaces.iter().find(|namespace| namespace.metadata.name == ingress.namespace());
    match namespace {
        Some(namespace) if selector.matches(&namespace.metadata.labels) => Ok(Some(params)),
        None if options.assume_missing => Ok(Some(params)),
        None => invalid(format!("namespaces \"{}\" not found", ingress.namespace())),
        Some(_) => invalid(format!(
            "namespaceSelector of IngressClassParams {} mismatch",
            params.metadata.name
        )),
    }
}

/// The group of an Ingress.
///
/// # Errors
/// An invalid name.
pub fn group_id(member: &Member<'_>) -> Result<GroupId, Unmanaged> {
    let by_params = member.params.and_then(|params| params.spec.group.as_ref());
    let name = match by_params {
        Some(group) => Some(group.name.as_str()),
        None if member.auto_mode.is_some() => None,
        None => member.annotations().text("group.name"),
    };
    match name {
        None => Ok(GroupId::Single(member.ingress.key())),
        Some(name) => {
            check_group_name(name).map_err(|words| Unmanaged::InvalidGroup(words.to_owned()))?;
            Ok(match member.auto_mode {
                Some(_) => GroupId::AutoMode(name.to_owned()),
                None => GroupId::Named(name.to_owned()),
            })
        }
    }
}

/// Checks a group's name.
///
/// # Errors
/// The controller's words.
pub(crate) fn check_group_name(name: &str) -> Result<(), &'static str> {
    let inner = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
    let edge = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9');
    let bytes = name.as_bytes();
    if !(bytes.first().is_some_and(edge)
        && bytes.last().is_some_and(edge)
        && bytes.iter().all(inner))
    {
        return Err("groupName must consist of lower case alphanumeric characters, '-' or '.', \
                    and must start and end with an alphanumeric character");
    }
    if bytes.len() > 63 {
        return Err("groupName must be no more than 63 characters");
    }
    Ok(())
}

/// By `group.order`, then by `namespace/name`.
fn in_order(mut members: Vec<Member<'_>>) -> Result<Vec<Member<'_>>, BuildError> {
    // The API server lists them so, which decides whose broken order is complained about.
    members.sort_by_key(|member| {
        (member.ingress.namespace().to_owned(), member.ingress.metadata.name.clone())
    });
    let mut ordered = Vec::with_capacity(members.len());
    for member in members {
        let key = member.ingress.key();
        let order = member.annotations().int32("group.order").map_err(|error| {
            error.within(&format!("failed to load Ingress group order for ingress: {key}"))
        })?;
        if let Some(order) = order.filter(|order| !(-1000..=1000).contains(order)) {
            return Err(BuildError::new(format!(
                "explicit Ingress group order must be within [-1000:1000], Ingress: {key}, order: \
                 {order}"
            )));
        }
        ordered.push((order.unwrap_or_default(), key, member));
    }
    ordered.sort_by(|left, right| (left.0, &left.1).cmp(&(right.0, &right.1)));
    Ok(ordered.into_iter().map(|(_, _, member)| member).collect())
}

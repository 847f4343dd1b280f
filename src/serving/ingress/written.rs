//! What an Ingress says, given as its JSON value.

use serde_json::Value;

use crate::controllers::alb::annotations::key;

/// An annotation of the load balancer's controller, by its suffix.
pub(super) fn annotation<'v>(ingress: &'v Value, suffix: &str) -> Option<&'v str> {
    ingress.pointer("/metadata/annotations")?.get(key(suffix))?.as_str()
}

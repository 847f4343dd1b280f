//! What is said of Ingresses: one struct a finding, with its facts as fields. Severity and message
//! are here and nowhere else.

mod attributes;
mod balancer;
mod cause;
mod class;
mod conditions;
mod ingress;
mod jwt;
mod load_balancer;
mod login;
mod opening;
mod params;

pub(crate) use attributes::*;
pub(crate) use balancer::*;
pub(crate) use cause::*;
pub(crate) use class::*;
pub(crate) use conditions::*;
pub(crate) use ingress::*;
pub(crate) use jwt::{JwtOfAnnotation, WrongJwt};
pub(crate) use load_balancer::*;
pub(crate) use login::{SecretRenamed, WrongLogin};
pub(crate) use opening::*;
pub(crate) use params::*;

use crate::controllers::alb::annotations;
use crate::controllers::alb::objects::Ingress;
use crate::finding::{FieldPath, Finding, Fix};

/// The field of an annotation.
pub(crate) fn at(key: &str) -> String {
    format!("metadata.annotations[{key}]")
}

/// The same as a path.
fn annotation(suffix: &str) -> FieldPath {
    FieldPath::from("metadata.annotations").key(annotations::key(suffix))
}

/// Another value for an annotation that an Ingress has.
fn set_annotation(ingress: &Ingress, suffix: &str, value: String) -> Option<Fix> {
    let found = ingress.metadata.annotations.get(&annotations::key(suffix))?;
    (*found != value).then(|| Fix::replace(annotation(suffix), value))
}

/// Another value for an annotation, which an Ingress may lack.
fn set_or_add_annotation(ingress: &Ingress, suffix: &str, value: &str) -> Option<Fix> {
    match ingress.metadata.annotations.contains_key(&annotations::key(suffix)) {
        true => Some(Fix::replace(annotation(suffix), value)),
        false if ingress.metadata.annotations.is_empty() => None,
        false => Some(Fix::add(annotation(suffix), value)),
    }
}

/// The one of these words that a text is but for its case.
fn same_word(text: &str, words: &[&'static str]) -> Option<&'static str> {
    words.iter().find(|word| text.trim().eq_ignore_ascii_case(word)).copied()
}

/// A finding on an annotation of the load balancer's controller.
fn on_annotation(finding: Finding, ingress: &Ingress, suffix: &str) -> Finding {
    finding.on(&ingress.reference()).field(at(&annotations::key(suffix)))
}

//! What is said of the attributes and certificates that an Ingress lists.

use super::{on_annotation, same_word, set_annotation};
use crate::controllers::alb::annotations;
use crate::controllers::alb::objects::Ingress;
use crate::finding::{Code, Finding, Fix};
use krm_package::text::suggest::{is_within, nearest};

const ATTRIBUTES: &str = "load-balancer-attributes";

/// Attributes that something else than a comma separates.
pub(crate) struct AttributesGlued<'a> {
    pub(crate) ingress: &'a Ingress,
}

impl From<AttributesGlued<'_>> for Finding {
    fn from(found: AttributesGlued<'_>) -> Self {
        let words = "attributes must be separated by commas: the controller reads text joined by \";\" or a newline as one attribute, so the others are not applied";
        let finding = Self::error(Code::AlbAttributesGlued, words);
        let fix = separated(found.ingress, ATTRIBUTES, |letter| matches!(letter, '\n' | ';' | ','));
        on_annotation(finding, found.ingress, ATTRIBUTES).fix(fix)
    }
}

/// An attribute that AWS does not know.
pub(crate) struct UnknownAttribute<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) name: &'a str,
    /// Those that it knows.
    pub(crate) known: &'a [&'static str],
}

impl From<UnknownAttribute<'_>> for Finding {
    fn from(found: UnknownAttribute<'_>) -> Self {
        let words = format!(
            "unknown attribute {} of an application load balancer; check its name in the AWS documentation",
            found.name
        );
        let fix = nearest(found.name, found.known).and_then(|known| {
            let fix = with_attribute(found.ingress, found.name, |_, value| (known, value))?;
            Some(if is_within(found.name, known, 1) { fix } else { fix.if_intended() })
        });
        let finding = Self::warning(Code::AlbAttributeUnknown, words);
        on_annotation(finding, found.ingress, ATTRIBUTES).fix(fix)
    }
}

/// An attribute that is neither on nor off.
pub(crate) struct AttributeValue<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
}

impl From<AttributeValue<'_>> for Finding {
    fn from(found: AttributeValue<'_>) -> Self {
        let words =
            format!("invalid value of {} \"{}\": must be true or false", found.name, found.value);
        let fix = same_word(found.value, &["true", "false"])
            .and_then(|word| with_attribute(found.ingress, found.name, |name, _| (name, word)));
        let finding = Self::warning(Code::AlbAttributeValue, words);
        on_annotation(finding, found.ingress, ATTRIBUTES).fix(fix)
    }
}

/// Logs that are to be written nowhere.
pub(crate) struct BucketMissing<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) name: &'a str,
    /// The attribute that is missing.
    pub(crate) bucket: &'a str,
}

impl From<BucketMissing<'_>> for Finding {
    fn from(BucketMissing { ingress, name, bucket }: BucketMissing<'_>) -> Self {
        let words =
            format!("{name} requires a bucket, and AWS refuses the attributes; set {bucket}");
        on_annotation(Self::warning(Code::AlbAttributeValue, words), ingress, ATTRIBUTES)
    }
}

/// The attributes with another name or value for one of them.
fn with_attribute<'a>(
    ingress: &'a Ingress,
    changed: &str,
    new: impl Fn(&'a str, &'a str) -> (&'a str, &'a str),
) -> Option<Fix> {
    let text = ingress.metadata.annotations.get(&annotations::key(ATTRIBUTES))?;
    let attribute = |one: &'a str| match one.split_once('=') {
        Some((name, value)) if name.trim() == changed => {
            let (name, value) = new(name.trim(), value.trim());
            format!("{name}={value}")
        }
        _ => one.to_owned(),
    };
    let attributes: Vec<String> = text.split(',').map(attribute).collect();
    set_annotation(ingress, ATTRIBUTES, attributes.join(","))
}

/// A list with commas in place of what separates it.
fn separated(ingress: &Ingress, suffix: &str, separates: fn(char) -> bool) -> Option<Fix> {
    let text = ingress.metadata.annotations.get(&annotations::key(suffix))?;
    let entries = text.split(separates).map(str::trim).filter(|entry| !entry.is_empty());
    set_annotation(ingress, suffix, entries.collect::<Vec<_>>().join(","))
}

/// Certificates that something else than a comma separates.
pub(crate) struct CertificatesGlued<'a> {
    pub(crate) ingress: &'a Ingress,
}

impl From<CertificatesGlued<'_>> for Finding {
    fn from(found: CertificatesGlued<'_>) -> Self {
        let words = "certificates must be separated by commas: the controller reads text joined by white space or \";\" as one ARN";
        let finding = Self::error(Code::AlbCertificatesGlued, words);
        let separates = |letter: char| letter.is_whitespace() || matches!(letter, ';' | ',');
        let fix = separated(found.ingress, "certificate-arn", separates);
        on_annotation(finding, found.ingress, "certificate-arn").fix(fix)
    }
}

//! What is said of the class of an Ingress, and of the controller that it picks.

use super::{at, on_annotation};
use crate::controllers::alb::Unmanaged;
use crate::controllers::alb::annotations;
use crate::controllers::alb::objects::Ingress;
use crate::finding::{Code, FieldPath, Finding, Fix};

/// An Ingress that parameters set, or whose annotations require a credential, and that the controller
/// does not manage.
pub(crate) struct NotManaged<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) reason: &'a Unmanaged,
    /// The class to give it.
    pub(crate) class: &'a str,
}

impl From<NotManaged<'_>> for Finding {
    fn from(found: NotManaged<'_>) -> Self {
        let NotManaged { ingress, reason, class } = found;
        let advice = match reason {
            Unmanaged::AbsentClass(_) => "add its IngressClass to the input, or ",
            _ => "",
        };
        let words = format!(
            "the AWS Load Balancer Controller ignores this Ingress ({reason}), so the annotations set here have no effect; {advice}set the class {class}"
        );
        let field = if ingress.metadata.annotations.contains_key(annotations::CLASS) {
            at(annotations::CLASS)
        } else {
            "spec.ingressClassName".to_owned()
        };
        let path = FieldPath::from(field.as_str());
        let has_class =
            ingress.spec.ingress_class_name.is_some() || path != "spec.ingressClassName";
        let fix = if has_class { Fix::replace(path, class) } else { Fix::add(path, class) };
        Self::error(Code::AlbNotManaged, words)
            .on(&ingress.reference())
            .field(field)
            .fix(fix.if_intended())
    }
}

/// The class is given twice, the same.
pub(crate) struct ClassTwice<'a> {
    pub(crate) ingress: &'a Ingress,
}

impl From<ClassTwice<'_>> for Finding {
    fn from(found: ClassTwice<'_>) -> Self {
        let words = "the class is set by annotation and by spec.ingressClassName, which Kubernetes up to 1.26 refuses, and IngressClassParams are ignored; remove the annotation";
        // Without it, IngressClassParams apply.
        let fix = Fix::remove(FieldPath::from("metadata.annotations").key(annotations::CLASS));
        Self::warning(Code::AlbIngressClassTwice, words)
            .on(&found.ingress.reference())
            .field(at(annotations::CLASS))
            .fix(fix.if_intended())
    }
}

/// The class is given twice, differently.
pub(crate) struct ClassConflict<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) annotation: &'a str,
    pub(crate) name: &'a str,
}

impl From<ClassConflict<'_>> for Finding {
    fn from(found: ClassConflict<'_>) -> Self {
        let words = format!(
            "the annotation sets class {} and spec.ingressClassName sets {}; remove one of them",
            found.annotation, found.name
        );
        Self::error(Code::AlbIngressClassConflict, words)
            .on(&found.ingress.reference())
            .field(at(annotations::CLASS))
    }
}

/// An annotation that EKS Auto Mode does not read.
pub(crate) struct AutoModeIgnores<'a> {
    pub(crate) ingress: &'a Ingress,
    /// The annotation's full key.
    pub(crate) key: &'a str,
    /// What to do instead.
    pub(crate) instead: &'static str,
}

impl From<AutoModeIgnores<'_>> for Finding {
    fn from(found: AutoModeIgnores<'_>) -> Self {
        let words = format!(
            "EKS Auto Mode (eks.amazonaws.com/alb) ignores this annotation; {}",
            found.instead
        );
        Self::error(Code::AlbAutoModeIgnores, words)
            .on(&found.ingress.reference())
            .field(at(found.key))
    }
}

/// An Ingress that EKS Auto Mode manages.
pub(crate) struct AutoMode<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) class: &'a str,
}

impl From<AutoMode<'_>> for Finding {
    fn from(found: AutoMode<'_>) -> Self {
        let words = format!(
            "EKS Auto Mode (eks.amazonaws.com/alb) manages this Ingress by its class {}; the group is that of the class's IngressClassParams alone",
            found.class
        );
        Self::info(Code::AlbAutoMode, words)
            .on(&found.ingress.reference())
            .field("spec.ingressClassName")
    }
}

/// An annotation that the class overrides.
pub(crate) struct ClassOverrides<'a> {
    pub(crate) ingress: &'a Ingress,
    /// The name of the IngressClassParams.
    pub(crate) params: &'a str,
    pub(crate) suffix: &'static str,
    /// What they set: `the scheme internal`.
    pub(crate) sets: String,
}

impl From<ClassOverrides<'_>> for Finding {
    fn from(found: ClassOverrides<'_>) -> Self {
        let words = format!(
            "the class's IngressClassParams {} override this annotation with {}; change it there, or set another class on the Ingress",
            found.params, found.sets
        );
        on_annotation(Self::error(Code::AlbClassOverrides, words), found.ingress, found.suffix)
    }
}

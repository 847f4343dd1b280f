//! A VirtualService that no longer answers at a domain.

use crate::finding::{Code, Finding};
use crate::values::k8s::ResourceRef;

/// A VirtualService for every host, from which the services' paths take a host.
pub(crate) struct Shadowed<'a> {
    pub(crate) resource: &'a ResourceRef,
    pub(crate) domain: &'a str,
    pub(crate) gateway: &'a str,
}

impl From<Shadowed<'_>> for Finding {
    fn from(Shadowed { resource, domain, gateway }: Shadowed<'_>) -> Self {
        let message = format!(
            "pathTemplate gives {domain} a virtual host of its own on {gateway}, so this VirtualService for every host no longer answers there: {domain}/ and all other paths get 404; set ingressDomain to a domain that is for models alone"
        );
        Self::warning(Code::KservePathTemplateDashboard, message).on(resource).field("spec.hosts")
    }
}

//! Hosts that `KServe` makes itself.

use std::collections::{BTreeMap, BTreeSet};

use super::ingress_settings::IngressSettings;
use crate::go::template::{Record, StringMap, Template, TemplateError};
use crate::go::url;
use crate::values::release::Release;
use crate::values::route_host::{RouteHost, RouteHostError, is_subdomain};
use krm_package::text::excerpt::shortened;

/// From here on a domain that is given twice counts once.
const DOMAINS_ONCE: Release = Release::new(0, 14, 0);

/// Why a host or path of a template cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplatedError {
    /// The template of a host.
    #[error("domainTemplate {0}")]
    Domain(TemplateError),
    /// What the template gives is not a host.
    #[error("{0}")]
    Host(#[from] RouteHostError),
    /// The template of a path.
    #[error("pathTemplate {0}")]
    Path(TemplateError),
    /// What the template gives is not a path.
    #[error(
        "pathTemplate renders to {0:?}, which {1}; use a template such as /serving/{{{{ .Namespace }}}}/{{{{ .Name }}}}"
    )]
    NoPath(String, &'static str),
}

/// A host of Standard mode.
///
/// Source: `GenerateDomainName` in `reconcilers/ingress/domain.go`.
pub(super) fn templated_host(
    name: &str,
    namespace: &str,
    labels: &StringMap,
    annotations: &StringMap,
    settings: &IngressSettings,
) -> Result<RouteHost, TemplatedError> {
    let template = Template::parse(&settings.domain_template).map_err(TemplatedError::Domain)?;
    let values = Record::new()
        .text("Name", name)
        .text("Namespace", namespace)
        .text("IngressDomain", &settings.ingress_domain)
        .map("Annotations", annotations)
        .map("Labels", labels);
    let host = template.render(&values).map_err(TemplatedError::Domain)?;
    Ok(RouteHost::parse(&host)?)
}

/// The path of a path-based URL, decoded.
///
/// Source: `GenerateUrlPath` in `reconcilers/ingress/path.go`.
pub(super) fn templated_path(
    name: &str,
    namespace: &str,
    settings: &IngressSettings,
) -> Result<String, TemplatedError> {
    let template = Template::parse(&settings.path_template).map_err(TemplatedError::Path)?;
    let values = Record::new().text("Name", name).text("Namespace", namespace);
    let text = template.render(&values).map_err(TemplatedError::Path)?;
    url::request_path(&text).map_err(|problem| TemplatedError::NoPath(shortened(&text), problem))
}

/// What there is to say of `additionalIngressDomains`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdditionalDomainRemark {
    /// They add no host.
    NoHost {
        /// The host, which is not under one of the domains that they replace.
        host: String,
    },
    /// Several domains end the host, and the controller replaces one of them at random.
    Random {
        /// The host.
        host: String,
        /// The domains.
        domains: Vec<String>,
    },
    /// A domain that makes no DNS name is left out silently.
    Invalid(String),
}

/// The hosts under further domains, and what is silently wrong with them.
#[derive(Debug, Default)]
pub(super) struct AdditionalHosts {
    pub(super) hosts: Vec<String>,
    pub(super) remarks: Vec<AdditionalDomainRemark>,
}

/// The hosts of `additionalIngressDomains`: what is before a domain of `domains` in `host`,
/// with each further domain behind it. Where several of `domains` end the host, the controller
/// takes the first of a map in random order: then every host that may come out is given.
///
/// Source: `GetAdditionalHosts` in `reconcilers/ingress/domain.go`.
pub(super) fn additional_hosts<'a>(
    host: &str,
    domains: impl Iterator<Item = &'a str>,
    settings: &IngressSettings,
    kserve: Release,
) -> AdditionalHosts {
    let mut additional = AdditionalHosts::default();
    if settings.additional_ingress_domains.is_empty() {
        return additional;
    }
    let fronts: BTreeMap<&str, &str> =
        domains.filter_map(|domain| Some((host.strip_suffix(domain)?, domain))).collect();
    match fronts.keys().filter(|front| !front.is_empty()).count() {
        0 => additional.remarks.push(AdditionalDomainRemark::NoHost { host: host.to_owned() }),
        _ if fronts.len() == 1 => {}
        _ => additional.remarks.push(AdditionalDomainRemark::Random {
            host: host.to_owned(),
            domains: fronts.values().map(|domain| (*domain).to_owned()).collect(),
        }),
    }
    let mut refused = BTreeSet::new();
    for front in fronts.keys().filter(|front| !front.is_empty()) {
        let mut seen = BTreeSet::new();
        for domain in &settings.additional_ingress_domains {
            let whole = format!("{front}{domain}");
            if !is_subdomain(&whole) {
                refused.insert(domain.as_str());
            } else if seen.insert(domain) || kserve < DOMAINS_ONCE {
                additional.hosts.push(whole);
            }
        }
    }
    let invalid = refused.into_iter().map(str::to_owned).map(AdditionalDomainRemark::Invalid);
    additional.remarks.extend(invalid);
    additional
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(domains: &[&str]) -> IngressSettings {
        let mut settings = IngressSettings::stock();
        settings.additional_ingress_domains =
            domains.iter().map(|domain| (*domain).to_owned()).collect();
        settings
    }

    #[test]
    fn further_domains_replace_the_domain_of_the_host() {
        let settings = settings(&["a.net", "A.net", "a.net", "", "b.net"]);
        let new = additional_hosts(
            "iris.t.example.com",
            ["example.com"].into_iter(),
            &settings,
            Release::new(0, 15, 0),
        );
        assert_eq!(new.hosts, ["iris.t.a.net", "iris.t.b.net"]);
        assert_eq!(new.remarks.len(), 2);
        let old = additional_hosts(
            "iris.t.example.com",
            ["example.com"].into_iter(),
            &settings,
            Release::new(0, 13, 1),
        );
        assert_eq!(old.hosts, ["iris.t.a.net", "iris.t.a.net", "iris.t.b.net"]);
    }

    #[test]
    fn nested_domains_are_random_and_said() {
        let found = additional_hosts(
            "i.t.prod.x.com",
            ["x.com", "prod.x.com"].into_iter(),
            &settings(&["a.net"]),
            Release::new(0, 20, 0),
        );
        assert_eq!(found.hosts, ["i.t.a.net", "i.t.prod.a.net"]);
        assert!(matches!(found.remarks[..], [AdditionalDomainRemark::Random { .. }]));
        let none = additional_hosts(
            "i.t.y.com",
            ["x.com"].into_iter(),
            &settings(&["a.net"]),
            Release::new(0, 20, 0),
        );
        let bare = additional_hosts(
            "x.com",
            ["x.com"].into_iter(),
            &settings(&["a.net"]),
            Release::new(0, 20, 0),
        );
        for none in [none, bare] {
            assert!(none.hosts.is_empty());
            assert!(matches!(none.remarks[..], [AdditionalDomainRemark::NoHost { .. }]));
        }
    }

    #[test]
    fn a_path_template_gives_a_path_or_says_why_not() {
        let mut settings = settings(&[]);
        settings.path_template = "/serving/{{ .Namespace }}/{{ .Name }}?x".to_owned();
        assert_eq!(templated_path("iris", "t", &settings).as_deref(), Ok("/serving/t/iris"));
        settings.path_template = "serving/{{ .Name }}".to_owned();
        let error = templated_path("iris", "t", &settings).unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"pathTemplate renders to "serving/iris", which does not start with a slash; use a template such as /serving/{{ .Namespace }}/{{ .Name }}"#
        );
        settings.path_template = "/{{ .Foo }}".to_owned();
        assert!(matches!(templated_path("iris", "t", &settings), Err(TemplatedError::Path(_))));
    }
}

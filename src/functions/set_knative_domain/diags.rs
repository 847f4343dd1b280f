//! What `set-knative-domain` has to say, one struct or variant a finding.

use super::spec::DEFAULT_NAMESPACE;
use crate::controllers::knative::{
    ConfigDomainError, ConfigNetworkError, RewriteRemark, RouteSelectorError, WantedDomainsError,
};
use crate::finding::{Code, Finding, key_path};
use crate::runtime::Invalid;
use krm_package::text::excerpt::{Excerpt, shortened};

impl From<RewriteRemark> for Finding {
    fn from(remark: RewriteRemark) -> Self {
        match remark {
            RewriteRemark::DefaultReplaced { domain, default } => {
                let message = format!("removed: {} is now the only default", shortened(&default));
                Finding::info(Code::DefaultDomainReplaced, message).field(key_path("data", &domain))
            }
            RewriteRemark::NoDefault => Finding::warning(
                Code::KnativeNoDefaultDomain,
                "config-domain has no default domain, so every Route without a matching selector is cluster-local; set domain",
            ),
            RewriteRemark::DefaultInsideOnly => Finding::warning(
                Code::KnativeClusterLocalDomain,
                "the default domain svc.cluster.local makes every Route without a matching selector cluster-local; set domain to a public domain",
            ),
            RewriteRemark::SelectedInsideOnly => Finding::warning(
                Code::KnativeClusterLocalDomain,
                "Routes that match the selector of svc.cluster.local are cluster-local",
            ),
            RewriteRemark::SelectorTie { kept, wanted } => {
                let (wins, loses) = if kept.as_str() < wanted.as_str() {
                    (kept.as_str(), wanted.as_str())
                } else {
                    (wanted.as_str(), kept.as_str())
                };
                let message = format!(
                    "{} and {wanted} have the same selector, so {} always wins; remove {}",
                    shortened(&kept),
                    shortened(wins),
                    shortened(loses)
                );
                Finding::warning(Code::KnativeSelectorTie, message)
            }
            RewriteRemark::NoHostBelow(domain) => {
                let message = format!(
                    "invalid domain {}: no Route under it can have a host; remove it, or use lowercase letters, digits, hyphens and dots",
                    Excerpt::new(&domain)
                );
                Finding::error(Code::DomainInvalid, message).field(key_path("data", &domain))
            }
        }
    }
}

/// The configuration requires nothing.
pub(super) struct NothingWanted;

impl From<NothingWanted> for Finding {
    fn from(_: NothingWanted) -> Self {
        let message = "the configuration sets nothing; set domain, domains or domainTemplate";
        Finding::error(Code::BadConfig, message).field("spec")
    }
}

/// A domain that no Route can live under.
pub(super) struct InvalidDomain<'a> {
    pub(super) field: &'a str,
    pub(super) invalid: &'a Invalid,
}

impl From<InvalidDomain<'_>> for Finding {
    fn from(InvalidDomain { field, invalid }: InvalidDomain<'_>) -> Self {
        let text = invalid.text();
        let message = match text.strip_prefix("*.") {
            Some(without) => format!(
                "{} has a wildcard, but Knative prepends each Route's name to the domain; set it to {}",
                Excerpt::new(text),
                Excerpt::new(without)
            ),
            None => invalid.error.clone(),
        };
        Finding::error(Code::DomainInvalid, message).field(field)
    }
}

/// Labels that no Route can have.
pub(super) struct InvalidSelector {
    pub(super) field: String,
    pub(super) error: RouteSelectorError,
}

impl From<InvalidSelector> for Finding {
    fn from(InvalidSelector { field, error }: InvalidSelector) -> Self {
        Finding::error(Code::SelectorInvalid, error.to_string()).field(field)
    }
}

/// Domains that cannot be in one `config-domain`.
pub(super) struct ConflictingDomains {
    pub(super) field: String,
    pub(super) error: WantedDomainsError,
}

impl From<ConflictingDomains> for Finding {
    fn from(ConflictingDomains { field, error }: ConflictingDomains) -> Self {
        Finding::error(Code::DomainsConflict, error.to_string()).field(field)
    }
}

/// A domain template that Knative refuses.
pub(super) struct InvalidTemplate(pub(super) ConfigNetworkError);

impl From<InvalidTemplate> for Finding {
    fn from(InvalidTemplate(error): InvalidTemplate) -> Self {
        let message = format!(
            "{error}; set a template such as {{{{.Name}}}}.{{{{.Namespace}}}}.{{{{.Domain}}}}"
        );
        Finding::error(Code::DomainTemplateInvalid, message).field("spec.domainTemplate")
    }
}

/// A text that is not a namespace.
pub(super) struct InvalidNamespace<'a>(pub(super) &'a Invalid);

impl From<InvalidNamespace<'_>> for Finding {
    fn from(InvalidNamespace(invalid): InvalidNamespace<'_>) -> Self {
        let message = format!("{}; default: {DEFAULT_NAMESPACE}", invalid.error);
        Finding::error(Code::BadConfig, message).field("spec.namespace")
    }
}

/// A `config-domain` that Knative refuses as it stays.
pub(super) struct RefusedConfigDomain(pub(super) ConfigDomainError);

impl From<RefusedConfigDomain> for Finding {
    fn from(RefusedConfigDomain(error): RefusedConfigDomain) -> Self {
        let field = key_path("data", &error.domain);
        Finding::error(Code::KnativeConfigDomain, error.to_string()).field(field)
    }
}

/// A `config-network` that Knative refuses as it stays.
pub(super) struct RefusedConfigNetwork(pub(super) ConfigNetworkError);

impl From<RefusedConfigNetwork> for Finding {
    fn from(RefusedConfigNetwork(error): RefusedConfigNetwork) -> Self {
        Finding::error(Code::KnativeConfigNetwork, error.to_string()).field("data")
    }
}

/// A ConfigMap of Knative that is not in the input, and is not to be created.
pub(super) struct MissingConfigMap<'a> {
    pub(super) name: &'a str,
    pub(super) namespace: &'a str,
    /// Another namespace that has one of the name.
    pub(super) elsewhere: Option<&'a str>,
    /// The namespace of the operator's object, where that is another one.
    pub(super) operator: Option<&'a str>,
}

impl From<MissingConfigMap<'_>> for Finding {
    fn from(missing: MissingConfigMap<'_>) -> Self {
        let MissingConfigMap { name, namespace, elsewhere, operator } = missing;
        let instead = match (operator, elsewhere) {
            (Some(namespace), _) => {
                format!("set namespace to {namespace}, which has the operator's KnativeServing")
            }
            (None, Some(namespace)) => format!("set namespace to {namespace}, which has one"),
            (None, None) => {
                "add Knative Serving's manifests, or set createIfMissing: true".to_owned()
            }
        };
        let message = format!("ConfigMap {name} not found in namespace {namespace}; {instead}");
        Finding::error(Code::ConfigMapMissing, message).field("spec.namespace")
    }
}

/// A ConfigMap that the function creates.
pub(super) struct CreatedConfigMap;

impl From<CreatedConfigMap> for Finding {
    fn from(_: CreatedConfigMap) -> Self {
        Finding::info(Code::ConfigMapCreated, "created: the input has no such ConfigMap")
    }
}

/// A ConfigMap that an earlier run created, and that goes.
pub(super) enum RemovedConfigMap {
    /// Another one takes its place.
    Replaced,
    /// The configuration requires none.
    Unwanted,
}

impl From<RemovedConfigMap> for Finding {
    fn from(removed: RemovedConfigMap) -> Self {
        let why = match removed {
            RemovedConfigMap::Replaced => "another one replaces it",
            RemovedConfigMap::Unwanted => "this configuration no longer requires it",
        };
        let message = format!("removed: an earlier run created it, and {why}");
        Finding::info(Code::ResourceRemoved, message)
    }
}

/// An entry of a ConfigMap that an earlier run created, and that is no longer wanted.
pub(super) struct UnwantedEntry<'a>(pub(super) &'a str);

impl From<UnwantedEntry<'_>> for Finding {
    fn from(UnwantedEntry(key): UnwantedEntry<'_>) -> Self {
        let message = "removed: an earlier run created this ConfigMap, and this configuration no longer requires the entry";
        Finding::info(Code::ConfigMapEntryRemoved, message).field(key_path("data", key))
    }
}

/// A service that leaves the public gateway under the new domains.
pub(super) struct LeavesPublicGateway;

impl From<LeavesPublicGateway> for Finding {
    fn from(_: LeavesPublicGateway) -> Self {
        let message = "under these domains its Route is cluster-local and no longer on the public gateway; set a public domain for it";
        Finding::warning(Code::KnativeClusterLocalDomain, message)
    }
}

//! What the MeshConfig says about authorization.

use super::identity::Identity;
use crate::controllers::oauth2_proxy::OpenPaths;

/// The settings of the mesh that policies depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mesh {
    /// `rootNamespace`: its policies are for every namespace.
    pub root_namespace: String,
    /// `trustDomain`.
    pub trust_domain: String,
    /// `trustDomainAliases`.
    pub trust_domain_aliases: Vec<String>,
    /// `extensionProviders[].name`, where the MeshConfig is known.
    pub extension_providers: Option<Vec<String>>,
    /// `pathNormalization.normalization`.
    pub path_normalization: PathNormalization,
    /// What a provider that is an oauth2-proxy lets through without a login, where its settings are known.
    pub open_paths: Option<OpenPaths>,
}

/// `pathNormalization.normalization` of the MeshConfig.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PathNormalization {
    /// `NONE`: the path as sent.
    None,
    /// `BASE`, the default: dot segments, escapes of unreserved characters and backslashes.
    #[default]
    Base,
    /// `MERGE_SLASHES`: and repeated slashes become one.
    MergeSlashes,
    /// `DECODE_AND_MERGE_SLASHES`: and `%2F` and `%5C` are decoded first.
    DecodeAndMergeSlashes,
}

impl Default for Mesh {
    /// Istio's own defaults; the providers are not known.
    fn default() -> Self {
        Self {
            root_namespace: "istio-system".to_owned(),
            trust_domain: "cluster.local".to_owned(),
            trust_domain_aliases: Vec::new(),
            extension_providers: None,
            path_normalization: PathNormalization::Base,
            open_paths: None,
        }
    }
}

impl Mesh {
    /// The trust domain, then its aliases.
    pub(super) fn trust_domains(&self) -> impl Iterator<Item = &str> + Clone {
        std::iter::once(self.trust_domain.as_str())
            .chain(self.trust_domain_aliases.iter().map(String::as_str))
    }

    /// Whether a provider of external authorization lets a request through without a login.
    pub(super) fn needs_no_login(&self, provider: &str, method: &str, path: &str) -> bool {
        let open = self.open_paths.as_ref().filter(|_| provider.contains("oauth2-proxy"));
        open.is_some_and(|open| open.has(method, path))
    }

    /// Whether a sidecar's TLS takes a peer's certificate (`TrustDomainsForValidation`,
    /// `pilot/pkg/networking/plugin/authn/util.go`).
    pub(super) fn trusts(&self, peer: &Identity) -> bool {
        self.trust_domains().any(|domain| peer.trust_domain() == domain)
    }
}

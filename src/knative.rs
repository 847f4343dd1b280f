//! Knative Serving: which host a Route gets under a `config-domain` and a `config-network`.

mod config_domain;
mod config_network;
mod domain_rewrite;
mod domain_value;
mod example;
mod route;

pub use config_domain::{ConfigDomain, ConfigDomainError, DomainName, DomainNameError};
pub use config_domain::{Selector, default_domain, stock_labels};
pub use config_network::{ConfigNetwork, ConfigNetworkError, HttpProtocol, MeshCompatibilityMode};
pub use domain_rewrite::{DomainRewrite, RewriteError, WantedDomain, rewrite};
pub use example::{CHECKSUM_ANNOTATION, EXAMPLE_KEY, example_checksum};
pub use route::{Route, RouteError, RouteHosts};

/// The domain of Services inside of the cluster.
pub const CLUSTER_LOCAL_DOMAIN: &str = "svc.cluster.local";

/// The label that keeps a Knative Service inside of the cluster, with the value
/// [`CLUSTER_LOCAL`].
pub const VISIBILITY_LABEL: &str = "networking.knative.dev/visibility";

/// The value of a visibility label that keeps a service inside of the cluster.
pub const CLUSTER_LOCAL: &str = "cluster-local";

//! Knative Serving: which host a Route gets under a `config-domain` and a `config-network`.

mod child_name;
mod config_domain;
mod config_network;
mod domain_rewrite;
mod domain_value;
mod example;
mod operator;
mod other_ingress;
mod revision_annotations;
mod route;
mod route_selector;
mod stock_labels;
mod wanted_domains;

pub(crate) use child_name::child_name;
pub use config_domain::{ConfigDomain, ConfigDomainError, Selector, default_domain};
pub(crate) use config_network::{CONFIG_NETWORK, MESH_COMPATIBILITY_MODE};
pub use config_network::{ConfigNetwork, ConfigNetworkError};
pub use domain_rewrite::{DomainRewrite, RewriteRemark, rewrite};
pub use example::{CHECKSUM_ANNOTATION, EXAMPLE_KEY, example_checksum};
pub(crate) use operator::{KnativeServing, KnativeServingSpec};
pub(crate) use other_ingress::OtherIngress;
pub use revision_annotations::RefusedAnnotation;
pub(crate) use revision_annotations::refused_annotation;
pub use route::{Route, RouteError, RouteHosts};
pub use route_selector::{RouteSelector, RouteSelectorError};
pub(crate) use stock_labels::stock_labels;
pub use wanted_domains::{WantedDomain, WantedDomains, WantedDomainsError};

/// The domain of Services inside the cluster.
pub(crate) const CLUSTER_LOCAL_DOMAIN: &str = "svc.cluster.local";

/// The label that keeps a Knative Service inside the cluster, with the value
/// [`CLUSTER_LOCAL`].
pub(crate) const VISIBILITY_LABEL: &str = "networking.knative.dev/visibility";

/// The value of a visibility label that keeps a service inside the cluster.
pub(crate) const CLUSTER_LOCAL: &str = "cluster-local";

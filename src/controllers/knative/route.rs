//! A Route and its hosts.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::config_domain::ConfigDomain;
use super::config_network::{ConfigNetwork, host_record};
use super::{CLUSTER_LOCAL, CLUSTER_LOCAL_DOMAIN, VISIBILITY_LABEL};
use crate::go::template::TemplateError;
use crate::values::route_host::{RouteHost, RouteHostError};

/// A Route, as a Knative Service makes it: its labels are the Service's with
/// `serving.knative.dev/service`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Route {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
    /// The tags of its traffic.
    pub tags: Vec<String>,
}

/// The hosts of a Route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteHosts {
    /// The host of its URL.
    pub host: RouteHost,
    /// The scheme of its URL.
    pub scheme: String,
    /// Whether only the cluster reaches it.
    pub cluster_local: bool,
    /// The hosts of its tags.
    pub tags: BTreeMap<String, RouteHost>,
    /// The host that it has inside the cluster, public or not.
    pub local: String,
}

/// Why a Route gets no host; it is never ready.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// A template.
    #[error("{key} of config-network {source}")]
    Template {
        /// The key.
        key: &'static str,
        /// What is wrong.
        source: TemplateError,
    },
    /// A host that Knative refuses.
    #[error("{0}")]
    Host(#[from] RouteHostError),
}

impl Route {
    /// The Route's hosts.
    ///
    /// Source: `updateRouteStatusURL` in `pkg/reconciler/route/route.go`, `visibility/visibility.go`
    /// and `domains/domains.go` of knative.dev/serving 0.50.
    ///
    /// # Errors
    /// [`RouteError`] where Knative refuses the Route's own host or the host of one of its tags.
    pub fn hosts(
        &self,
        domains: &ConfigDomain,
        network: &ConfigNetwork,
    ) -> Result<RouteHosts, RouteError> {
        let cluster_local = domains.lookup(&self.labels) == CLUSTER_LOCAL_DOMAIN;
        // The host is that of a Route whose visibility label says what has just been found, so
        // that another value of the label is gone before selectors and templates see it.
        let found = cluster_local.then_some(CLUSTER_LOCAL);
        let mut labels = Cow::Borrowed(&self.labels);
        if labels.get(VISIBILITY_LABEL).map(String::as_str) != found {
            let labels = labels.to_mut();
            match found {
                Some(value) => labels.insert(VISIBILITY_LABEL.to_owned(), value.to_owned()),
                None => labels.remove(VISIBILITY_LABEL),
            };
        }
        let domain = domains.lookup(&labels);
        let host = |name: &str| -> Result<RouteHost, RouteError> {
            let values = host_record(name, &self.namespace, domain, &self.annotations, &labels);
            let host = network
                .host(cluster_local, &values)
                .map_err(|source| RouteError::Template { key: "domain-template", source })?;
            Ok(RouteHost::parse(&host)?)
        };
        let mut tags = BTreeMap::new();
        for tag in &self.tags {
            let name = network
                .tagged(&self.name, tag)
                .map_err(|source| RouteError::Template { key: "tag-template", source })?;
            tags.insert(tag.clone(), host(&name)?);
        }
        let scheme =
            if cluster_local { "http" } else { network.external_scheme(&self.annotations) };
        Ok(RouteHosts {
            host: host(&self.name)?,
            scheme: scheme.to_owned(),
            cluster_local,
            tags,
            local: format!("{}.{}.{CLUSTER_LOCAL_DOMAIN}", self.name, self.namespace),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn hosts(
        domains: &[(&str, &str)],
        network: &[(&str, &str)],
        labels: &[(&str, &str)],
    ) -> Result<RouteHosts, RouteError> {
        let domains = ConfigDomain::parse(&map(domains), CLUSTER_LOCAL_DOMAIN).unwrap();
        let network = ConfigNetwork::parse(&map(network)).unwrap();
        let route = Route {
            name: "iris-predictor".to_owned(),
            namespace: "team-a".to_owned(),
            labels: map(labels),
            tags: vec!["latest".to_owned()],
            ..Route::default()
        };
        route.hosts(&domains, &network)
    }

    #[test]
    fn a_public_route_and_its_tag_have_hosts_of_the_domain() {
        let found =
            hosts(&[("example.com", "")], &[("tag-template", "{{.Name}}-{{.Tag}}")], &[]).unwrap();
        assert_eq!(found.host.as_str(), "iris-predictor.team-a.example.com");
        assert_eq!(found.tags["latest"].as_str(), "iris-predictor-latest.team-a.example.com");
        assert_eq!(found.local, "iris-predictor.team-a.svc.cluster.local");
        assert!(!found.cluster_local);
    }

    #[test]
    fn the_domain_template_does_not_reach_into_the_cluster() {
        let found = hosts(&[], &[("domain-template", "{{.Name}}.{{.Domain}}")], &[]).unwrap();
        assert_eq!(found.host.as_str(), "iris-predictor.team-a.svc.cluster.local");
        assert!(found.cluster_local);
    }

    #[test]
    fn another_value_of_the_visibility_label_is_gone_before_the_template() {
        let domains = [
            ("example.com", ""),
            ("x.org", "selector: {networking.knative.dev/visibility: private}"),
        ];
        let found = hosts(&domains, &[], &[(VISIBILITY_LABEL, "private")]).unwrap();
        assert_eq!(found.host.as_str(), "iris-predictor.team-a.example.com");
    }

    #[test]
    fn a_refused_tag_refuses_the_route() {
        let error = hosts(&[("example.com", "")], &[("tag-template", "{{.Tag}}_{{.Name}}")], &[])
            .unwrap_err();
        assert!(matches!(error, RouteError::Host(RouteHostError::BadLabel(..))), "{error}");
        assert!(hosts(&[("Example.com", "")], &[], &[]).is_err());
    }
}

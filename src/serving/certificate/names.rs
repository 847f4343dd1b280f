//! The smallest ordered list of names that covers hosts.

use std::collections::{BTreeMap, BTreeSet};

use crate::values::dns_name::{DnsName, WildcardName};

/// The octets of the first name, which is the subject's common name.
pub(crate) const FIRST_NAME_OCTETS: usize = 64;

/// A host that a certificate must cover, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// The namespace whose services answer there; `None` for the platform itself.
    pub namespace: Option<String>,
    /// The host; with `*.`, every host of one more label.
    pub host: WildcardName,
}

/// A name of a certificate and the hosts that it is there for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoveredName {
    /// The name.
    pub name: WildcardName,
    /// The hosts, sorted, each once.
    pub hosts: Vec<WildcardName>,
}

/// The names of one certificate of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateGroup {
    /// The namespaces whose hosts it covers, sorted.
    pub namespaces: Vec<String>,
    /// Its names, the subject's first.
    pub names: Vec<CoveredName>,
}

/// The fewest names that cover every host, the first of them short enough to be the subject's
/// where one is.
///
/// Hosts with the same parent share one wildcard: no name covers hosts of two parents, so there
/// are no fewer. The `domain` itself and hosts right below a top-level domain are named as they
/// are, because their wildcard would reach over what is somebody else's. The order depends on the
/// names alone: fewer labels first, then by the labels from the right.
///
/// ```
/// use kserve_aws::serving::certificate::names_for;
///
/// let hosts = ["iris.staging.example.com", "mnist.staging.example.com", "iris.prod.example.com"];
/// let hosts = hosts.map(|host| host.parse().unwrap());
/// let names: Vec<String> =
///     names_for(hosts, None).iter().map(|covered| covered.name.to_string()).collect();
/// assert_eq!(names, ["*.prod.example.com", "*.staging.example.com"]);
/// ```
#[must_use]
pub fn names_for(
    hosts: impl IntoIterator<Item = WildcardName>,
    domain: Option<&DnsName>,
) -> Vec<CoveredName> {
    let hosts: BTreeSet<WildcardName> = hosts.into_iter().collect();
    let mut names: BTreeMap<WildcardName, Vec<WildcardName>> = BTreeMap::new();
    for host in &hosts {
        let wildcard = wildcard_of(host).filter(|wildcard| {
            let is_apex = domain.is_some_and(|domain| domain == host.name());
            !is_apex || has_other_host_below(&hosts, wildcard, host)
        });
        names.entry(wildcard.unwrap_or_else(|| host.clone())).or_default().push(host.clone());
    }
    let names = names.into_iter().map(|(name, hosts)| CoveredName { name, hosts });
    ordered(names.collect())
}

/// The name that covers a host and its siblings; itself, of a host that is a wildcard.
fn wildcard_of(host: &WildcardName) -> Option<WildcardName> {
    if host.is_wildcard() {
        return Some(host.clone());
    }
    let parent = host.name().parent()?;
    // No authority signs a wildcard for a whole top-level domain.
    parent.parent()?;
    WildcardName::below(&parent).ok()
}

fn has_other_host_below(
    hosts: &BTreeSet<WildcardName>,
    wildcard: &WildcardName,
    apex: &WildcardName,
) -> bool {
    hosts.iter().any(|host| host != apex && wildcard.covers(host))
}

fn ordered(mut names: Vec<CoveredName>) -> Vec<CoveredName> {
    names.sort_by_cached_key(|covered| {
        let labels = covered.name.name().labels().rev();
        let labels: Vec<String> = labels.map(str::to_owned).collect();
        (covered.name.label_count(), labels, covered.name.is_wildcard())
    });
    let first =
        names.iter().position(|covered| covered.name.to_string().len() <= FIRST_NAME_OCTETS);
    if let Some(place) = first {
        names[..=place].rotate_right(1);
    }
    names
}

/// The names for every need in groups of at most `most` names, namespace by namespace.
///
/// The platform's own hosts come first, then namespaces in alphabetical order; one that does not
/// fit beside those before it starts a new group, and only one that needs more than `most` names
/// by itself continues in the next. A name is in one group only: a load balancer takes any of its
/// certificates that covers the host.
#[must_use]
pub fn grouped(needs: &[Need], domain: Option<&DnsName>, most: usize) -> Vec<CertificateGroup> {
    let most = most.max(1);
    let names = names_for(needs.iter().map(|need| need.host.clone()), domain);
    let mut place_of: BTreeMap<&WildcardName, usize> = BTreeMap::new();
    for (place, covered) in names.iter().enumerate() {
        place_of.extend(covered.hosts.iter().map(|host| (host, place)));
    }
    let mut wanted: Vec<(Option<&str>, usize)> = needs
        .iter()
        .filter_map(|need| Some((need.namespace.as_deref(), *place_of.get(&need.host)?)))
        .collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut groups: Vec<CertificateGroup> = Vec::new();
    // The group of each name.
    let mut placed: Vec<Option<usize>> = vec![None; names.len()];
    for of_namespace in wanted.chunk_by(|left, right| left.0 == right.0) {
        let new = of_namespace.iter().filter(|(_, place)| placed[*place].is_none()).count();
        let room = groups.last().map_or(0, |group| most - group.names.len());
        if new > room {
            groups.push(CertificateGroup::default());
        }
        let mut own = Vec::new();
        for (_, place) in of_namespace {
            let group = placed[*place].unwrap_or_else(|| {
                if groups.last().is_none_or(|group| group.names.len() == most) {
                    groups.push(CertificateGroup::default());
                }
                let last = groups.len() - 1;
                groups[last].names.push(names[*place].clone());
                last
            });
            placed[*place] = Some(group);
            own.push(group);
        }
        own.sort_unstable();
        own.dedup();
        for group in own {
            groups[group].namespaces.extend(of_namespace[0].0.map(str::to_owned));
        }
    }
    for group in &mut groups {
        group.names = ordered(std::mem::take(&mut group.names));
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> WildcardName {
        text.parse().unwrap()
    }

    fn planned(hosts: &[&str], domain: Option<&str>) -> Vec<String> {
        let domain = domain.map(|domain| domain.parse().unwrap());
        let names = names_for(hosts.iter().map(|host| name(host)), domain.as_ref());
        names.iter().map(|covered| covered.name.to_string()).collect()
    }

    #[test]
    fn plans_the_fewest_names() {
        for (hosts, domain, expected) in [
            (&["a.s.p.example.com", "b.s.p.example.com"][..], None, &["*.s.p.example.com"][..]),
            (
                &["a.s.p.example.com", "s.p.example.com"],
                None,
                &["*.p.example.com", "*.s.p.example.com"],
            ),
            // The apex is not covered by its own wildcard, nor does it claim its parent's.
            (
                &["p.example.com", "a.p.example.com"],
                Some("p.example.com"),
                &["p.example.com", "*.p.example.com"],
            ),
            (&["p.example.com", "q.example.com"], Some("p.example.com"), &["*.example.com"]),
            (&["example.com", "example.org"], None, &["example.com", "example.org"]),
            (&["*.s.example.com", "a.s.example.com"], None, &["*.s.example.com"]),
            (
                &["*.s.example.com", "a.b.s.example.com"],
                None,
                &["*.s.example.com", "*.b.s.example.com"],
            ),
            (&[], None, &[]),
        ] {
            assert_eq!(planned(hosts, domain), expected, "{hosts:?}");
        }
    }

    #[test]
    fn puts_a_short_name_first() {
        let long = "a".repeat(60);
        let names = planned(&[&format!("x.{long}.com"), "x.b.c.d.example.com"], None);
        assert_eq!(names, ["*.b.c.d.example.com".to_owned(), format!("*.{long}.com")]);
    }

    #[test]
    fn groups_by_namespace() {
        let need = |namespace: &str, host: &str| Need {
            namespace: (!namespace.is_empty()).then(|| namespace.to_owned()),
            host: name(host),
        };
        let needs = [
            need("c", "x.c.example.com"),
            need("", "kubeflow.example.com"),
            need("a", "x.a.example.com"),
            need("b", "x.b.example.com"),
            need("b", "x.shared.example.com"),
            need("c", "y.shared.example.com"),
        ];
        let groups = grouped(&needs, None, 3);
        let shown: Vec<(Vec<String>, Vec<String>)> = groups
            .iter()
            .map(|group| {
                let names = group.names.iter().map(|covered| covered.name.to_string());
                (group.namespaces.clone(), names.collect())
            })
            .collect();
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            shown,
            [
                (texts(&["a"]), texts(&["*.example.com", "*.a.example.com"])),
                (
                    texts(&["b", "c"]),
                    texts(&["*.b.example.com", "*.c.example.com", "*.shared.example.com"]),
                ),
            ]
        );
        let one = grouped(&needs, None, 1);
        assert!(one.iter().all(|group| group.names.len() == 1));
        assert_eq!(one.len(), 5);
    }
}

//! Trust domain aliases: a principal of one is a principal of all.

use std::collections::BTreeSet;

use crate::controllers::istio::mesh::Mesh;

const CLUSTER_LOCAL: &str = "cluster.local";

/// The principals that a policy's principal represents: where its trust domain is the mesh's, one
/// of its aliases or `cluster.local`, one of each trust domain of the mesh
/// (`ReplaceTrustDomainAliases`, `pilot/pkg/security/trustdomain/bundle.go`).
pub(super) fn principals(principal: &str, mesh: &Mesh) -> Vec<String> {
    let as_written = || vec![principal.to_owned()];
    let Some((domain, rest)) = principal.split_once('/') else { return as_written() };
    if rest.matches('/').count() != 3 || domain == "*" {
        return as_written();
    }
    if domain != CLUSTER_LOCAL && !mesh.trust_domains().any(|own| are_alike(domain, own)) {
        return as_written();
    }
    let mut seen = BTreeSet::new();
    mesh.trust_domains()
        .map(
            |own| {
                if ends_like(own, domain) { principal.to_owned() } else { format!("{own}/{rest}") }
            },
        )
        .filter(|principal| seen.insert(principal.clone()))
        .collect()
}

/// The trust domains that a policy's values represent: one of the mesh's represents all of them
/// (`ExpandTrustDomainAliases`).
pub(super) fn expand(values: &[String], mesh: &Mesh) -> Vec<String> {
    let own = values.iter().any(|value| mesh.trust_domains().any(|domain| domain == value));
    let aliases = mesh.trust_domains().filter(|_| own).map(str::to_owned);
    let mut seen = BTreeSet::new();
    values.iter().cloned().chain(aliases).filter(|value| seen.insert(value.clone())).collect()
}

fn are_alike(domain: &str, own: &str) -> bool {
    domain == own
        || own == "*"
        || starts_like(domain, own)
        || starts_like(own, domain)
        || ends_like(domain, own)
        || ends_like(own, domain)
}

fn starts_like(text: &str, pattern: &str) -> bool {
    pattern.strip_suffix('*').is_some_and(|prefix| text.starts_with(prefix))
}

fn ends_like(text: &str, pattern: &str) -> bool {
    pattern.strip_prefix('*').is_some_and(|suffix| text.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mesh(aliases: &[&str]) -> Mesh {
        Mesh {
            trust_domain: "new-td".to_owned(),
            trust_domain_aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
            ..Mesh::default()
        }
    }

    #[test]
    fn a_principal_of_one_domain_is_one_of_all() {
        let mesh = mesh(&["old-td"]);
        for (principal, expected) in [
            ("cluster.local/ns/a/sa/b", vec!["new-td/ns/a/sa/b", "old-td/ns/a/sa/b"]),
            ("old-td/ns/a/sa/b", vec!["new-td/ns/a/sa/b", "old-td/ns/a/sa/b"]),
            ("*-td/ns/a/sa/b", vec!["*-td/ns/a/sa/b"]),
            ("*w-td/ns/a/sa/b", vec!["*w-td/ns/a/sa/b", "old-td/ns/a/sa/b"]),
            ("other/ns/a/sa/b", vec!["other/ns/a/sa/b"]),
            ("*/ns/a/sa/b", vec!["*/ns/a/sa/b"]),
            ("cluster.local/ns/a*", vec!["cluster.local/ns/a*"]),
            ("*", vec!["*"]),
        ] {
            assert_eq!(principals(principal, &mesh), expected, "{principal}");
        }
    }

    #[test]
    fn one_domain_of_the_mesh_stands_for_all() {
        let expanded = |value: &str| expand(&[value.to_owned()], &mesh(&["old-td"]));
        assert_eq!(expanded("old-td"), ["old-td", "new-td"]);
        assert_eq!(expanded("cluster.local"), ["cluster.local"]);
    }
}

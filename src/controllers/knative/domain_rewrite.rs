//! What a rewrite of `config-domain` changes.

use std::collections::BTreeMap;

use super::config_domain::{ConfigDomain, ConfigDomainError, Selector};
use super::wanted_domains::WantedDomains;
use super::{CHECKSUM_ANNOTATION, CLUSTER_LOCAL_DOMAIN, EXAMPLE_KEY};
use crate::finding::{Code, Finding, key_path};
use crate::values::dns_name::DnsName;
use crate::values::route_host::{RouteHost, excerpt};

/// Changes to a `config-domain`. A rewrite of its result is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DomainRewrite {
    /// Keys of `data` to set, with their text.
    pub set: BTreeMap<String, String>,
    /// Keys of `data` to remove.
    pub remove: Vec<String>,
    /// Annotations to remove.
    pub remove_annotations: Vec<String>,
}

/// Plans the changes that give `config-domain` the wanted domains and exactly one default.
/// Without a wanted default the one that Knative picks today stays. Entries with a selector stay;
/// `_example` and its checksum go.
///
/// # Errors
/// A value that stays and that Knative refuses.
pub fn rewrite(
    data: &BTreeMap<String, String>,
    annotations: &BTreeMap<String, String>,
    wanted: &WantedDomains,
) -> Result<(DomainRewrite, Vec<Finding>), ConfigDomainError> {
    // A wanted domain's old value may be anything: it is replaced.
    let kept: BTreeMap<_, _> = data
        .iter()
        .filter(|(key, _)| !wanted.has(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let kept = ConfigDomain::parse(&kept, "")?;
    let written = |key: &str| data.contains_key(key);
    let mut old_defaults = kept.defaults().filter(|domain| written(domain));
    let default = wanted.default_domain();
    let stays = if default.is_some() { None } else { old_defaults.next() };

    let mut changes = DomainRewrite::default();
    for one in wanted.iter() {
        let current = data.get(one.domain.as_str());
        let same = current.is_some_and(|text| {
            super::domain_value::selector(text).is_ok_and(|selector| selector == *one.labels())
        });
        if !same {
            changes.set.insert(one.domain.as_str().to_owned(), value(one.labels()));
        }
    }
    let gone: Vec<String> = old_defaults.map(str::to_owned).collect();
    if written(EXAMPLE_KEY) {
        changes.remove.push(EXAMPLE_KEY.to_owned());
    }
    if annotations.contains_key(CHECKSUM_ANNOTATION) {
        changes.remove_annotations.push(CHECKSUM_ANNOTATION.to_owned());
    }
    let default = default.map(DnsName::as_str).or(stays);
    let mut findings: Vec<_> = gone.iter().map(|domain| replaced(domain, default)).collect();
    changes.remove.splice(0..0, gone);
    findings.extend(warnings(&kept, wanted, default));
    Ok((changes, findings))
}

fn replaced(domain: &str, default: Option<&str>) -> Finding {
    let message =
        format!("removed: {} is the only default now", excerpt(default.unwrap_or_default()));
    Finding::info(Code::DefaultDomainReplaced, message).field(key_path("data", domain))
}

fn warnings(kept: &ConfigDomain, wanted: &WantedDomains, default: Option<&str>) -> Vec<Finding> {
    let mut findings = Vec::new();
    match default {
        None => findings.push(Finding::warning(
            Code::KnativeNoDefaultDomain,
            "config-domain has no default domain, so that every Route without a matching selector stays inside of the cluster; write domain",
        )),
        Some(CLUSTER_LOCAL_DOMAIN) => findings.push(Finding::warning(
            Code::KnativeClusterLocalDomain,
            "svc.cluster.local as the default keeps every Route without a matching selector inside of the cluster; write a domain that DNS knows",
        )),
        Some(_) => {}
    }
    for one in wanted.iter() {
        if one.domain.as_str() == CLUSTER_LOCAL_DOMAIN && !one.selector.is_empty() {
            findings.push(Finding::warning(
                Code::KnativeClusterLocalDomain,
                "the Routes that the selector of svc.cluster.local matches stay inside of the cluster",
            ));
        }
    }
    for (domain, selector) in kept.domains().filter(|(_, selector)| !selector.is_empty()) {
        for one in wanted.iter().filter(|one| one.labels() == selector) {
            let (wins, loses) = if domain < one.domain.as_str() {
                (domain, one.domain.as_str())
            } else {
                (one.domain.as_str(), domain)
            };
            findings.push(Finding::warning(
                Code::KnativeSelectorTie,
                format!(
                    "{} and {} have the same selector, so that {} always wins; remove {}",
                    excerpt(domain),
                    one.domain,
                    excerpt(wins),
                    excerpt(loses)
                ),
            ));
        }
        // The shortest host that a Route can have.
        if RouteHost::parse(&format!("a.b.{domain}")).is_err() {
            let message = format!(
                "no Route under {:?} can have a host; remove it, or write it in lower case letters, digits, hyphens and dots",
                excerpt(domain)
            );
            findings.push(
                Finding::warning(Code::KnativeBadDomain, message).field(key_path("data", domain)),
            );
        }
    }
    findings
}

/// A domain's value; a label is quoted unless every YAML reader takes it for that string.
fn value(selector: &Selector) -> String {
    if selector.is_empty() {
        return String::new();
    }
    let mut out = String::from("selector:\n");
    for (key, value) in selector {
        out.push_str(&format!("  {}: {}\n", scalar(key), scalar(value)));
    }
    out
}

fn scalar(text: &str) -> String {
    const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    if plain { text.to_owned() } else { serde_json::Value::String(text.to_owned()).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controllers::knative::{RouteSelector, WantedDomain};

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn wanted(domains: &[(&str, &[(&str, &str)])]) -> WantedDomains {
        let domains = domains.iter().map(|(domain, selector)| WantedDomain {
            domain: domain.parse().unwrap(),
            selector: RouteSelector::parse(&map(selector)).unwrap(),
        });
        WantedDomains::new(domains.collect()).unwrap()
    }

    fn codes(findings: &[Finding]) -> Vec<Code> {
        findings.iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn exactly_one_default_is_left_and_selectors_stay() {
        let data = map(&[
            ("_example", "x"),
            ("example.com", ""),
            ("platform.example.com", "selector: {a: b}"),
            ("z.org", "type: wildcard"),
            ("team.org", "selector: {team: blue}"),
        ]);
        let annotations = map(&[(CHECKSUM_ANNOTATION, "0"), ("a", "b")]);
        let (changes, findings) =
            rewrite(&data, &annotations, &wanted(&[("platform.example.com", &[])])).unwrap();
        assert_eq!(changes.set, map(&[("platform.example.com", "")]));
        assert_eq!(changes.remove, ["example.com", "z.org", "_example"]);
        assert_eq!(changes.remove_annotations, [CHECKSUM_ANNOTATION]);
        assert_eq!(codes(&findings), [Code::DefaultDomainReplaced; 2]);
    }

    #[test]
    fn without_a_wanted_default_the_one_in_force_stays() {
        let data = map(&[("b.com", ""), ("a.com", "")]);
        let wanted = wanted(&[("team.org", &[("team", "blue"), ("ok", "yes")])]);
        let (changes, _) = rewrite(&data, &BTreeMap::new(), &wanted).unwrap();
        assert_eq!(changes.remove, ["b.com"]);
        assert_eq!(changes.set["team.org"], "selector:\n  ok: \"yes\"\n  team: blue\n");
        let (_, findings) = rewrite(&BTreeMap::new(), &BTreeMap::new(), &wanted).unwrap();
        assert_eq!(findings[0].code, Code::KnativeNoDefaultDomain);
    }

    #[test]
    fn a_second_rewrite_changes_nothing() {
        let wanted = wanted(&[("a.com", &[]), ("b.com", &[("n", "1"), ("x/y", "")])]);
        let (first, _) = rewrite(&map(&[("example.com", "")]), &BTreeMap::new(), &wanted).unwrap();
        let (second, _) = rewrite(&first.set, &BTreeMap::new(), &wanted).unwrap();
        assert_eq!(second, DomainRewrite::default());
    }

    #[test]
    fn what_cannot_be_meant_is_refused_or_warned_of() {
        let one = wanted(&[("a.com", &[])]);
        assert!(rewrite(&map(&[("x.com", "[")]), &BTreeMap::new(), &one).is_err());
        assert!(rewrite(&map(&[("a.com", "[")]), &BTreeMap::new(), &one).is_ok());
        let data = map(&[("A.com", "selector: {a: b}")]);
        let local = wanted(&[("svc.cluster.local", &[]), ("b.com", &[("a", "b")])]);
        let (_, findings) = rewrite(&data, &BTreeMap::new(), &local).unwrap();
        assert_eq!(
            codes(&findings),
            [Code::KnativeClusterLocalDomain, Code::KnativeSelectorTie, Code::KnativeBadDomain]
        );
    }
}

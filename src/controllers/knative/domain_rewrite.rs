//! What a rewrite of `config-domain` changes.

use std::collections::BTreeMap;

use super::config_domain::{ConfigDomain, ConfigDomainError, Selector};
use super::wanted_domains::WantedDomains;
use super::{CHECKSUM_ANNOTATION, CLUSTER_LOCAL_DOMAIN, EXAMPLE_KEY};
use crate::values::dns_name::DnsName;
use crate::values::route_host::RouteHost;

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

/// What there is to say of a rewrite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RewriteRemark {
    /// A default domain is removed.
    DefaultReplaced {
        /// The domain.
        domain: String,
        /// The only default after it.
        default: String,
    },
    /// No default domain is left.
    NoDefault,
    /// The default domain is that of the cluster.
    DefaultInsideOnly,
    /// A selector's domain is that of the cluster.
    SelectedInsideOnly,
    /// Two domains have the same selector.
    SelectorTie {
        /// The domain that was there.
        kept: String,
        /// The wanted domain.
        wanted: DnsName,
    },
    /// No Route under a domain that stays can have a host.
    NoHostBelow(String),
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
) -> Result<(DomainRewrite, Vec<RewriteRemark>), ConfigDomainError> {
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
    let replaced = |domain: &String| RewriteRemark::DefaultReplaced {
        domain: domain.clone(),
        default: default.unwrap_or_default().to_owned(),
    };
    let mut remarks: Vec<_> = gone.iter().map(replaced).collect();
    changes.remove.splice(0..0, gone);
    remarks.extend(of_result(&kept, wanted, default));
    Ok((changes, remarks))
}

/// What there is to say of the domains after the rewrite.
fn of_result(
    kept: &ConfigDomain,
    wanted: &WantedDomains,
    default: Option<&str>,
) -> Vec<RewriteRemark> {
    let mut remarks = Vec::new();
    match default {
        None => remarks.push(RewriteRemark::NoDefault),
        Some(CLUSTER_LOCAL_DOMAIN) => remarks.push(RewriteRemark::DefaultInsideOnly),
        Some(_) => {}
    }
    for one in wanted.iter() {
        if one.domain.as_str() == CLUSTER_LOCAL_DOMAIN && !one.selector.is_empty() {
            remarks.push(RewriteRemark::SelectedInsideOnly);
        }
    }
    for (domain, selector) in kept.domains().filter(|(_, selector)| !selector.is_empty()) {
        for one in wanted.iter().filter(|one| one.labels() == selector) {
            let (kept, wanted) = (domain.to_owned(), one.domain.clone());
            remarks.push(RewriteRemark::SelectorTie { kept, wanted });
        }
        // The shortest host that a Route can have.
        if RouteHost::parse(&format!("a.b.{domain}")).is_err() {
            remarks.push(RewriteRemark::NoHostBelow(domain.to_owned()));
        }
    }
    remarks
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
        let (changes, remarks) =
            rewrite(&data, &annotations, &wanted(&[("platform.example.com", &[])])).unwrap();
        assert_eq!(changes.set, map(&[("platform.example.com", "")]));
        assert_eq!(changes.remove, ["example.com", "z.org", "_example"]);
        assert_eq!(changes.remove_annotations, [CHECKSUM_ANNOTATION]);
        let replaced = |domain: &str| RewriteRemark::DefaultReplaced {
            domain: domain.to_owned(),
            default: "platform.example.com".to_owned(),
        };
        assert_eq!(remarks, [replaced("example.com"), replaced("z.org")]);
    }

    #[test]
    fn without_a_wanted_default_the_one_in_force_stays() {
        let data = map(&[("b.com", ""), ("a.com", "")]);
        let wanted = wanted(&[("team.org", &[("team", "blue"), ("ok", "yes")])]);
        let (changes, _) = rewrite(&data, &BTreeMap::new(), &wanted).unwrap();
        assert_eq!(changes.remove, ["b.com"]);
        assert_eq!(changes.set["team.org"], "selector:\n  ok: \"yes\"\n  team: blue\n");
        let (_, remarks) = rewrite(&BTreeMap::new(), &BTreeMap::new(), &wanted).unwrap();
        assert_eq!(remarks, [RewriteRemark::NoDefault]);
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
        let (_, remarks) = rewrite(&data, &BTreeMap::new(), &local).unwrap();
        assert_eq!(
            remarks,
            [
                RewriteRemark::DefaultInsideOnly,
                RewriteRemark::SelectorTie {
                    kept: "A.com".to_owned(),
                    wanted: "b.com".parse().unwrap()
                },
                RewriteRemark::NoHostBelow("A.com".to_owned()),
            ]
        );
    }
}

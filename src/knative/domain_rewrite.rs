//! What a rewrite of `config-domain` changes.

use std::collections::BTreeMap;

use super::config_domain::{ConfigDomain, ConfigDomainError, DomainName, Selector};
use super::{CHECKSUM_ANNOTATION, CLUSTER_LOCAL_DOMAIN, EXAMPLE_KEY};
use crate::finding::{Code, Finding};
use crate::route_host::excerpt;

/// A domain that `config-domain` shall have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedDomain {
    /// The domain.
    pub domain: DomainName,
    /// The labels of the Routes that it is for; empty for the default.
    pub selector: Selector,
}

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

/// Why a rewrite cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RewriteError {
    /// Two domains without a selector.
    #[error(
        "{0} and {1} have no selector; exactly one domain is the default, so give the other one a selector"
    )]
    TwoDefaults(DomainName, DomainName),
    /// One domain twice.
    #[error("domain {0} is given twice; write it once")]
    Twice(DomainName),
    /// A value that stays and that Knative refuses.
    #[error(transparent)]
    Config(#[from] ConfigDomainError),
}

/// Plans the changes that give `config-domain` the wanted domains and exactly one default.
/// Without a wanted default the one that Knative picks today stays. Entries with a selector stay;
/// `_example` and its checksum go.
///
/// # Errors
/// [`RewriteError`].
pub fn rewrite(
    data: &BTreeMap<String, String>,
    annotations: &BTreeMap<String, String>,
    wanted: &[WantedDomain],
) -> Result<(DomainRewrite, Vec<Finding>), RewriteError> {
    let mut names = BTreeMap::new();
    let mut default: Option<&DomainName> = None;
    for one in wanted {
        if names.insert(one.domain.as_str(), one).is_some() {
            return Err(RewriteError::Twice(one.domain.clone()));
        }
        if one.selector.is_empty()
            && let Some(first) = default.replace(&one.domain)
        {
            return Err(RewriteError::TwoDefaults(first.clone(), one.domain.clone()));
        }
    }
    // A wanted domain's old value may be anything: it is replaced.
    let kept: BTreeMap<_, _> = data
        .iter()
        .filter(|(key, _)| !names.contains_key(key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let kept = ConfigDomain::parse(&kept, "")?;
    let written = |key: &str| data.contains_key(key);
    let mut old_defaults = kept.defaults().filter(|domain| written(domain));
    let stays = if default.is_some() { None } else { old_defaults.next() };

    let mut changes = DomainRewrite::default();
    for one in wanted {
        let current = data.get(one.domain.as_str());
        let same = current.is_some_and(|text| {
            super::domain_value::selector(text).is_ok_and(|selector| selector == one.selector)
        });
        if !same {
            changes.set.insert(one.domain.as_str().to_owned(), value(&one.selector));
        }
    }
    changes.remove.extend(old_defaults.map(str::to_owned));
    if written(EXAMPLE_KEY) {
        changes.remove.push(EXAMPLE_KEY.to_owned());
    }
    if annotations.contains_key(CHECKSUM_ANNOTATION) {
        changes.remove_annotations.push(CHECKSUM_ANNOTATION.to_owned());
    }
    let default = default.map(DomainName::as_str).or(stays);
    let findings = warnings(&kept, wanted, default);
    Ok((changes, findings))
}

fn warnings(kept: &ConfigDomain, wanted: &[WantedDomain], default: Option<&str>) -> Vec<Finding> {
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
    for one in wanted {
        if one.domain.as_str() == CLUSTER_LOCAL_DOMAIN && !one.selector.is_empty() {
            findings.push(Finding::warning(
                Code::KnativeClusterLocalDomain,
                "the Routes that the selector of svc.cluster.local matches stay inside of the cluster",
            ));
        }
    }
    for (domain, selector) in kept.domains().filter(|(_, selector)| !selector.is_empty()) {
        for one in wanted.iter().filter(|one| one.selector == *selector) {
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
        if DomainName::parse(domain).is_err() {
            findings.push(Finding::warning(
                Code::KnativeBadDomain,
                format!(
                    "domain {:?} stays in config-domain, and no Route under it can have a host",
                    excerpt(domain)
                ),
            ));
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

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn wanted(domain: &str, selector: &[(&str, &str)]) -> WantedDomain {
        WantedDomain { domain: DomainName::parse(domain).unwrap(), selector: map(selector) }
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
            rewrite(&data, &annotations, &[wanted("platform.example.com", &[])]).unwrap();
        assert_eq!(changes.set, map(&[("platform.example.com", "")]));
        assert_eq!(changes.remove, ["example.com", "z.org", "_example"]);
        assert_eq!(changes.remove_annotations, [CHECKSUM_ANNOTATION]);
        assert_eq!(findings, []);
    }

    #[test]
    fn without_a_wanted_default_the_one_in_force_stays() {
        let data = map(&[("b.com", ""), ("a.com", "")]);
        let wanted = [wanted("team.org", &[("team", "blue"), ("ok", "yes")])];
        let (changes, _) = rewrite(&data, &BTreeMap::new(), &wanted).unwrap();
        assert_eq!(changes.remove, ["b.com"]);
        assert_eq!(changes.set["team.org"], "selector:\n  ok: \"yes\"\n  team: blue\n");
        let (_, findings) = rewrite(&BTreeMap::new(), &BTreeMap::new(), &wanted).unwrap();
        assert_eq!(findings[0].code, Code::KnativeNoDefaultDomain);
    }

    #[test]
    fn a_second_rewrite_changes_nothing() {
        let wanted = [wanted("a.com", &[]), wanted("b.com", &[("n", "1"), ("x/y", "")])];
        let (first, _) = rewrite(&map(&[("example.com", "")]), &BTreeMap::new(), &wanted).unwrap();
        let (second, _) = rewrite(&first.set, &BTreeMap::new(), &wanted).unwrap();
        assert_eq!(second, DomainRewrite::default());
    }

    #[test]
    fn what_cannot_be_meant_is_refused_or_warned_of() {
        let two = [wanted("a.com", &[]), wanted("b.com", &[])];
        let error = rewrite(&BTreeMap::new(), &BTreeMap::new(), &two).unwrap_err();
        assert!(matches!(error, RewriteError::TwoDefaults(..)), "{error}");
        let twice = [wanted("a.com", &[]), wanted("a.com", &[("a", "b")])];
        assert!(rewrite(&BTreeMap::new(), &BTreeMap::new(), &twice).is_err());
        assert!(rewrite(&map(&[("x.com", "[")]), &BTreeMap::new(), &two[..1]).is_err());
        assert!(rewrite(&map(&[("a.com", "[")]), &BTreeMap::new(), &two[..1]).is_ok());
        let data = map(&[("A.com", "selector: {a: b}")]);
        let local = [wanted("svc.cluster.local", &[]), wanted("b.com", &[("a", "b")])];
        let (_, findings) = rewrite(&data, &BTreeMap::new(), &local).unwrap();
        let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
        assert_eq!(
            codes,
            [Code::KnativeClusterLocalDomain, Code::KnativeSelectorTie, Code::KnativeBadDomain]
        );
    }
}

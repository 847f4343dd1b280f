//! The annotations by which external-dns learns the names of an Ingress.

use std::collections::BTreeMap;

use super::marks::{Marks, listed, split};
use crate::values::release::Release;

/// From here on external-dns reads the other prefix by default.
const NEW_PREFIX: Release = Release::new(0, 22, 0);
const PREFIX: &str = "external-dns.kubernetes.io/";
const PREFIX_BEFORE: &str = "external-dns.alpha.kubernetes.io/";
/// Which names each configuration put into the list, so that they can go again.
const OUR_NAMES: &str = "fn.kserve-aws.dev/dns-names";
/// Which of `ttl` and `target` each configuration set.
const OUR_SETTINGS: &str = "fn.kserve-aws.dev/dns-settings";
const CONTROLLER: &str = "controller";
const SOURCE: &str = "ingress-hostname-source";

/// The prefixes to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AnnotationPrefixes(&'static [&'static str]);

impl AnnotationPrefixes {
    /// The one that a release reads by default (v0.22.0 changed it; `--annotation-prefix` sets
    /// another); both where the release is not known.
    #[must_use]
    pub(crate) fn of(release: Option<Release>) -> Self {
        Self(match release {
            None => &[PREFIX_BEFORE, PREFIX],
            Some(release) if release < NEW_PREFIX => &[PREFIX_BEFORE],
            Some(_) => &[PREFIX],
        })
    }
}

/// What an Ingress says to external-dns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HostnameAnnotations<'a> {
    all: &'a BTreeMap<String, String>,
    read: AnnotationPrefixes,
    configuration: &'a str,
}

impl<'a> HostnameAnnotations<'a> {
    /// Those of an object's annotations, as a configuration sees them; `read` are the prefixes that
    /// external-dns may look for.
    #[must_use]
    pub(crate) fn of(
        annotations: &'a BTreeMap<String, String>,
        read: AnnotationPrefixes,
        configuration: Option<&'a str>,
    ) -> Self {
        Self { all: annotations, read, configuration: configuration.unwrap_or_default() }
    }

    fn get(&self, prefix: &str, name: &str) -> Option<&'a str> {
        self.all.get(&format!("{prefix}{name}")).map(String::as_str)
    }

    /// Whether another controller than external-dns is named, so that it passes the object over
    /// (`source/annotations/processors.go`, `IsControllerMismatch`).
    fn is_left_to_others(&self, prefix: &str) -> bool {
        self.get(prefix, CONTROLLER).is_some_and(|controller| controller != "dns-controller")
    }

    /// Whether names of a kind become records (`source/ingress.go`: without
    /// `ingress-hostname-source` both kinds do, with an unknown word none).
    fn takes(&self, prefix: &str, word: &str) -> bool {
        let source = self.get(prefix, SOURCE);
        !self.is_left_to_others(prefix)
            && source.is_none_or(|source| source.eq_ignore_ascii_case(word))
    }

    /// Whether the hosts of the rules become records.
    #[must_use]
    pub(crate) fn takes_hosts(&self) -> bool {
        self.read.0.iter().any(|prefix| self.takes(prefix, "defined-hosts-only"))
    }

    /// The annotation that keeps the names of annotations from becoming records.
    #[must_use]
    pub(crate) fn obstacle(&self) -> Option<String> {
        let prefix = self.read.0.iter().find(|prefix| !self.takes(prefix, "annotation-only"))?;
        let name = if self.is_left_to_others(prefix) { CONTROLLER } else { SOURCE };
        Some(format!("{prefix}{name}"))
    }

    fn listed(&self, prefix: &str) -> Vec<String> {
        split(self.get(prefix, "hostname").unwrap_or_default())
    }

    fn marks(&self, annotation: &str) -> Marks {
        Marks::parse(self.all.get(annotation).map(String::as_str).unwrap_or_default())
    }

    /// The names that anybody listed, as far as they become records.
    #[must_use]
    pub(crate) fn names(&self) -> Vec<String> {
        let read = self.read.0.iter().filter(|prefix| self.takes(prefix, "annotation-only"));
        read.flat_map(|prefix| self.listed(prefix)).collect()
    }

    /// The names that somebody else listed, as far as they become records; spaces count for
    /// nothing.
    #[must_use]
    pub(crate) fn foreign(&self) -> Vec<String> {
        let marks = self.marks(OUR_NAMES);
        let mut names = self.names();
        names.retain(|name| !marks.may_be_of(self.configuration, name));
        names
    }

    /// The names that an earlier release put into the list, and that this configuration does not want.
    #[must_use]
    pub(crate) fn unclaimed(&self, names: &[String]) -> Vec<String> {
        if self.configuration.is_empty() {
            return Vec::new();
        }
        let mut unclaimed = self.marks(OUR_NAMES).unclaimed().to_vec();
        unclaimed.retain(|name| !names.contains(name));
        unclaimed
    }

    /// What other configurations set otherwise: each setting, with the configuration.
    #[must_use]
    pub(crate) fn settings_of_others(
        &self,
        ttl: Option<u32>,
        target: Option<&str>,
    ) -> Vec<(&'static str, String)> {
        let marks = self.marks(OUR_SETTINGS);
        let mut found = Vec::new();
        for (setting, wanted) in wanted_settings(ttl, target) {
            let Some(wanted) = wanted else { continue };
            let mut set = self.read.0.iter().filter_map(|prefix| self.get(prefix, setting));
            if set.any(|text| text != wanted)
                && let Some(other) = marks.others(self.configuration, setting).next()
            {
                found.push((setting, other.to_owned()));
            }
        }
        found
    }

    /// What each annotation becomes: a text, or `None` where it goes. Names of others stay in front;
    /// a prefix that the release does not read keeps only those. `ttl` and `target` are set where
    /// they are required; where they are not, those of an earlier run are removed and those of others stay.
    ///
    /// What is required belongs to this configuration from now on, whoever wrote it before: so a second run
    /// finds everything as the first has left it.
    #[must_use]
    pub(crate) fn set(
        &self,
        names: &[String],
        ttl: Option<u32>,
        target: Option<&str>,
    ) -> Vec<(String, Option<String>)> {
        let name_marks = self.marks(OUR_NAMES);
        let setting_marks = self.marks(OUR_SETTINGS);
        let settings = wanted_settings(ttl, target);
        let mut wanted = Vec::new();
        for prefix in [PREFIX_BEFORE, PREFIX] {
            let is_read = self.read.0.contains(&prefix);
            let before = self.listed(prefix);
            let mut list = before.clone();
            list.retain(|name| {
                let shared = name_marks.others(self.configuration, name).next().is_some();
                let ours = name_marks.is_of(self.configuration, name) || names.contains(name);
                !ours || (shared && !names.contains(name))
            });
            if is_read {
                list.extend_from_slice(names);
            }
            if sorted(&list) != sorted(&before) {
                wanted.push((format!("{prefix}hostname"), listed(&list)));
            }
            for (name, value) in &settings {
                let shared = setting_marks.others(self.configuration, name).next().is_some();
                let was_ours = setting_marks.is_of(self.configuration, name) && !shared;
                if value.is_some() || was_ours {
                    wanted.push((format!("{prefix}{name}"), value.clone().filter(|_| is_read)));
                }
            }
        }
        let set: Vec<String> = settings
            .iter()
            .filter(|(_, value)| value.is_some())
            .map(|(name, _)| (*name).to_owned())
            .collect();
        wanted.push((OUR_NAMES.to_owned(), name_marks.with(self.configuration, names)));
        wanted.push((OUR_SETTINGS.to_owned(), setting_marks.with(self.configuration, &set)));
        wanted.retain(|(key, text)| self.all.get(key) != text.as_ref());
        wanted
    }
}

fn wanted_settings(ttl: Option<u32>, target: Option<&str>) -> [(&'static str, Option<String>); 2] {
    [("ttl", ttl.map(|ttl| ttl.to_string())), ("target", target.map(str::to_owned))]
}

fn sorted(names: &[String]) -> Vec<&String> {
    let mut names: Vec<&String> = names.iter().collect();
    names.sort_unstable();
    names
}

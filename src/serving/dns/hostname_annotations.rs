//! The annotations by which external-dns learns the names of an Ingress.

use std::collections::BTreeMap;

use crate::values::release::Release;

/// From here on external-dns reads the other prefix by default.
const NEW_PREFIX: Release = Release::new(0, 22, 0);
const PREFIX: &str = "external-dns.kubernetes.io/";
const PREFIX_BEFORE: &str = "external-dns.alpha.kubernetes.io/";
/// Which names a run put into the list, so that they can go again.
const OUR_NAMES: &str = "fn.kserve-aws.dev/dns-names";
/// Which of `ttl` and `target` a run set.
const OUR_SETTINGS: &str = "fn.kserve-aws.dev/dns-settings";
const CONTROLLER: &str = "controller";
const SOURCE: &str = "ingress-hostname-source";

/// The prefixes to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnnotationPrefixes(&'static [&'static str]);

impl AnnotationPrefixes {
    /// The one that a release reads by default (v0.22.0 changed it; `--annotation-prefix` sets
    /// another); both where the release is not known.
    #[must_use]
    pub fn of(release: Option<Release>) -> Self {
        Self(match release {
            None => &[PREFIX_BEFORE, PREFIX],
            Some(release) if release < NEW_PREFIX => &[PREFIX_BEFORE],
            Some(_) => &[PREFIX],
        })
    }
}

/// What an Ingress says to external-dns.
#[derive(Debug, Clone, Copy)]
pub struct HostnameAnnotations<'a> {
    all: &'a BTreeMap<String, String>,
    read: AnnotationPrefixes,
}

impl<'a> HostnameAnnotations<'a> {
    /// Those of an object's annotations; `read` are the prefixes that external-dns may look for.
    #[must_use]
    pub fn of(annotations: &'a BTreeMap<String, String>, read: AnnotationPrefixes) -> Self {
        Self { all: annotations, read }
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
    pub fn takes_hosts(&self) -> bool {
        self.read.0.iter().any(|prefix| self.takes(prefix, "defined-hosts-only"))
    }

    /// The annotation that keeps the names of annotations from becoming records.
    #[must_use]
    pub fn obstacle(&self) -> Option<String> {
        let prefix = self.read.0.iter().find(|prefix| !self.takes(prefix, "annotation-only"))?;
        let name = if self.is_left_to_others(prefix) { CONTROLLER } else { SOURCE };
        Some(format!("{prefix}{name}"))
    }

    fn listed(&self, prefix: &str) -> Vec<String> {
        split(self.get(prefix, "hostname").unwrap_or_default())
    }

    fn marked(&self, mark: &str) -> Vec<String> {
        split(self.all.get(mark).map(String::as_str).unwrap_or_default())
    }

    /// The names that somebody else listed, as far as they become records; spaces count for
    /// nothing.
    #[must_use]
    pub fn foreign(&self) -> Vec<String> {
        let ours = self.marked(OUR_NAMES);
        let read = self.read.0.iter().filter(|prefix| self.takes(prefix, "annotation-only"));
        let mut names: Vec<String> = read.flat_map(|prefix| self.listed(prefix)).collect();
        names.retain(|name| !ours.contains(name));
        names
    }

    /// What each annotation becomes: a text, or `None` where it goes. Names of others stay in front;
    /// a prefix that the release does not read keeps only those. `ttl` and `target` are set where
    /// they are asked for; where they are not, those of an earlier run go and those of others stay.
    ///
    /// What is asked for is this function's from now on, whoever wrote it before: so a second run
    /// finds everything as the first has left it.
    #[must_use]
    pub fn set(
        &self,
        names: &[String],
        ttl: Option<u32>,
        target: Option<&str>,
    ) -> Vec<(String, Option<String>)> {
        let names_before = self.marked(OUR_NAMES);
        let settings_before = self.marked(OUR_SETTINGS);
        let settings =
            [("ttl", ttl.map(|ttl| ttl.to_string())), ("target", target.map(str::to_owned))];
        let mut wanted = Vec::new();
        for prefix in [PREFIX_BEFORE, PREFIX] {
            let is_read = self.read.0.contains(&prefix);
            let before = self.listed(prefix);
            let mut list = before.clone();
            list.retain(|name| !names_before.contains(name) && !names.contains(name));
            if is_read {
                list.extend_from_slice(names);
            }
            if list != before {
                wanted.push((format!("{prefix}hostname"), listed(&list)));
            }
            for (name, asked) in &settings {
                let is_ours = asked.is_some() || settings_before.iter().any(|ours| ours == name);
                if is_ours {
                    wanted.push((format!("{prefix}{name}"), asked.clone().filter(|_| is_read)));
                }
            }
        }
        let set: Vec<String> = settings
            .iter()
            .filter(|(_, asked)| asked.is_some())
            .map(|(name, _)| (*name).to_owned())
            .collect();
        wanted.push((OUR_NAMES.to_owned(), listed(names)));
        wanted.push((OUR_SETTINGS.to_owned(), listed(&set)));
        wanted.retain(|(key, text)| self.all.get(key) != text.as_ref());
        wanted
    }
}

/// A list as an annotation holds it; an empty one has none.
fn listed(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| names.join(","))
}

fn split(text: &str) -> Vec<String> {
    let names = text.split(',').map(|name| name.replace(' ', ""));
    names.filter(|name| !name.is_empty()).collect()
}

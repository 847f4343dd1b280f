//! What each configuration wrote into an annotation that several may write into.

use std::collections::BTreeMap;

/// The entries of an annotation by the configuration that set them: a JSON object of lists. The list
/// of a configuration without a name, and of releases that named none, is under the empty name; where
/// it is the only one it has no name, with commas between.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Marks {
    by_configuration: BTreeMap<String, Vec<String>>,
}

impl Marks {
    /// Reads an annotation.
    pub(super) fn parse(text: &str) -> Self {
        let by_configuration = serde_json::from_str(text).unwrap_or_else(|_| {
            let entries = split(text);
            let nameless = Some((String::new(), entries)).filter(|(_, all)| !all.is_empty());
            nameless.into_iter().collect()
        });
        Self { by_configuration }
    }

    /// Whether an entry is a configuration's own.
    pub(super) fn is_of(&self, configuration: &str, entry: &str) -> bool {
        self.of(configuration).any(|own| own == entry)
    }

    /// Whether an entry is a configuration's own, or one of which no configuration is known.
    pub(super) fn may_be_of(&self, configuration: &str, entry: &str) -> bool {
        self.is_of(configuration, entry) || self.is_of("", entry)
    }

    fn of(&self, configuration: &str) -> impl Iterator<Item = &String> {
        self.by_configuration.get(configuration).into_iter().flatten()
    }

    /// The entries of which no configuration is known.
    pub(super) fn unclaimed(&self) -> &[String] {
        self.by_configuration.get("").map_or(&[], Vec::as_slice)
    }

    /// The other configurations that have an entry.
    pub(super) fn others(&self, configuration: &str, entry: &str) -> impl Iterator<Item = &str> {
        let others = self.by_configuration.iter().filter(move |(name, entries)| {
            *name != configuration && !name.is_empty() && entries.iter().any(|one| one == entry)
        });
        others.map(|(name, _)| name.as_str())
    }

    /// The annotation after a configuration has set these entries: it takes over those of them of which
    /// no configuration is known. `None` where nobody has any.
    pub(super) fn with(&self, configuration: &str, entries: &[String]) -> Option<String> {
        let mut marks = self.clone();
        if let Some(nameless) = marks.by_configuration.get_mut("") {
            nameless.retain(|entry| !entries.contains(entry));
        }
        marks.by_configuration.insert(configuration.to_owned(), entries.to_vec());
        marks.by_configuration.retain(|_, entries| !entries.is_empty());
        let all = &marks.by_configuration;
        match all.get("") {
            Some(nameless) if all.len() == 1 => listed(nameless),
            _ if all.is_empty() => None,
            _ => serde_json::to_string(all).ok(),
        }
    }
}

/// A list as an annotation holds it; an empty one has none.
pub(super) fn listed(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| names.join(","))
}

pub(super) fn split(text: &str) -> Vec<String> {
    let names = text.split(',').map(|name| name.replace(' ', ""));
    names.filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        split(text)
    }

    #[test]
    fn configurations_keep_their_entries_apart() {
        let staging = Marks::default().with("staging", &names("a,b")).unwrap();
        assert_eq!(staging, r#"{"staging":["a","b"]}"#);
        let both = Marks::parse(&staging).with("prod", &names("b,c")).unwrap();
        let marks = Marks::parse(&both);
        assert!(marks.is_of("staging", "a") && !marks.is_of("prod", "a"));
        assert_eq!(marks.others("prod", "b").collect::<Vec<_>>(), ["staging"]);
        assert_eq!(marks.with("staging", &[]).as_deref(), Some(r#"{"prod":["b","c"]}"#));
        assert_eq!(Marks::parse(&staging).with("staging", &[]), None);
    }

    #[test]
    fn entries_of_earlier_releases_are_taken_over_by_who_wants_them() {
        let earlier = Marks::parse("a,b");
        assert!(earlier.may_be_of("staging", "a") && !earlier.is_of("staging", "a"));
        let text = earlier.with("staging", &names("a")).unwrap();
        assert_eq!(text, r#"{"":["b"],"staging":["a"]}"#);
        assert_eq!(earlier.with("", &names("a")).as_deref(), Some("a"));
    }
}

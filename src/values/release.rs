//! A release of a controller, as labels and image tags name it.

use std::fmt;
use std::str::FromStr;

/// A release: `1.16.2`, `v0.15.0`, `knative-v1.8.0`, `0.22`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Release {
    /// The first number.
    pub major: u16,
    /// The second number.
    pub minor: u16,
    /// The third number; 0 where it is not given.
    pub patch: u16,
}

/// A text that names no release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid version {0:?}: expected a release such as 0.15.0")]
pub struct ReleaseError(String);

impl Release {
    /// A release by its numbers.
    #[must_use]
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }

    /// The release of an image's tag: `kserve/kserve-controller:v0.15.0` is 0.15.0. `None` where
    /// the image has no tag or a tag that is not a release (`latest`, a digest).
    #[must_use]
    pub(crate) fn of_image(image: &str) -> Option<Self> {
        let image = image.split_once('@').map_or(image, |(image, _)| image);
        let (name, tag) = image.rsplit_once(':')?;
        // A colon before a slash belongs to a registry's port.
        if name.is_empty() || tag.contains('/') {
            return None;
        }
        tag.parse().ok()
    }
}

impl FromStr for Release {
    type Err = ReleaseError;

    /// What follows the numbers (`-rc0`, `-gpu`, `+build`) does not count: a release candidate
    /// behaves as its release.
    fn from_str(text: &str) -> Result<Self, ReleaseError> {
        let refused = || ReleaseError(krm_package::text::excerpt::shortened(text));
        let numbers = text.strip_prefix("knative-").unwrap_or(text);
        let numbers = numbers.strip_prefix('v').unwrap_or(numbers);
        let end = numbers.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(numbers.len());
        let (numbers, suffix) = numbers.split_at(end);
        if !suffix.is_empty() && !suffix.starts_with(['-', '+', '_']) {
            return Err(refused());
        }
        let mut parts = numbers.split('.').map(|part| part.parse().map_err(|_| refused()));
        let (Some(major), Some(minor)) = (parts.next(), parts.next()) else {
            return Err(refused());
        };
        let patch = parts.next().transpose()?.unwrap_or(0);
        if parts.next().is_some() {
            return Err(refused());
        }
        Ok(Self { major: major?, minor: minor?, patch })
    }
}

impl fmt::Display for Release {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_read_from_labels_and_tags() {
        assert_eq!("v0.15.0".parse(), Ok(Release::new(0, 15, 0)));
        assert_eq!("1.16".parse(), Ok(Release::new(1, 16, 0)));
        assert_eq!("knative-v1.8.0".parse(), Ok(Release::new(1, 8, 0)));
        assert_eq!("v0.20.0-rc0".parse(), Ok(Release::new(0, 20, 0)));
        for text in ["devel", "", "1", "1.x", "v1.2.3.4", "1.2a", "1..2"] {
            assert!(text.parse::<Release>().is_err(), "{text}");
        }
        assert!(Release::new(0, 9, 9) < Release::new(0, 10, 0));
    }

    #[test]
    fn images_name_releases() {
        let release = Some(Release::new(0, 15, 0));
        assert_eq!(Release::of_image("kserve/kserve-controller:v0.15.0"), release);
        assert_eq!(Release::of_image("r:5000/kserve/agent:v0.15.0@sha256:00"), release);
        assert_eq!(Release::of_image("r:5000/kserve/agent"), None);
        assert_eq!(Release::of_image("kserve/agent:latest"), None);
    }
}

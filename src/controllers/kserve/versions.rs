//! Which releases of the controllers the manifests install.

use std::fmt;

use crate::values::release::Release;

/// The newest release of `KServe` whose rules are known.
pub(crate) const NEWEST_KSERVE: Release = Release::new(0, 20, 0);

/// The newest release of Knative Serving whose rules are known.
pub(crate) const NEWEST_KNATIVE: Release = Release::new(1, 21, 0);

/// Where a version was taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionSource {
    /// The manifests say so, here.
    Manifests(String),
    /// The configuration of the function or command says so.
    Config,
    /// Nobody says so: the newest one.
    Newest,
}

/// A release and where it was taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The release.
    pub release: Release,
    /// Where it was taken from.
    pub source: VersionSource,
}

impl Version {
    /// The manifests' word, then the configuration's, then the newest.
    pub(super) fn pick(
        manifests: Option<(Release, String)>,
        config: Option<Release>,
        newest: Release,
    ) -> Self {
        match (manifests, config) {
            (Some((release, place)), _) => {
                Self { release, source: VersionSource::Manifests(place) }
            }
            (None, Some(release)) => Self { release, source: VersionSource::Config },
            (None, None) => Self { release: newest, source: VersionSource::Newest },
        }
    }

    /// Whether the routes of Standard mode give canaries their parts of the traffic, under names without the
    /// predictor's own: 85b0908 of kserve/kserve, which no release has up to 0.20. Where nobody says which one it is, it
    /// may be what comes next.
    pub(super) fn routes_canaries(&self) -> bool {
        self.release > NEWEST_KSERVE || self.source == VersionSource::Newest
    }

    /// What is assumed of a controller; `None` where the manifests say it.
    pub(super) fn assumption(&self, controller: &str) -> Option<String> {
        match self.source {
            VersionSource::Manifests(_) => None,
            VersionSource::Config => Some(format!("{controller} {}: as given", self.release)),
            VersionSource::Newest => Some(format!(
                "{controller} {}: the newest known, because no manifest names one",
                self.release
            )),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.release)?;
        match &self.source {
            VersionSource::Manifests(place) => write!(out, " ({place})"),
            VersionSource::Config => out.write_str(" (as given)"),
            VersionSource::Newest => out.write_str(" (the newest known)"),
        }
    }
}

/// The release of a controller by its image: the name behind the last slash must be `name`.
pub(super) fn of_controller_image(image: &str, name: &str) -> Option<Release> {
    let last = image.rsplit('/').next()?;
    let found = last.split([':', '@']).next()?;
    (found == name).then(|| Release::of_image(image)).flatten()
}

//! The name of an object.

use std::fmt;

/// Which object a finding is about: `apiVersion/kind/namespace/name`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceRef {
    /// `apiVersion` of the object.
    pub api_version: String,
    /// `kind` of the object.
    pub kind: String,
    /// `metadata.namespace`; `None` where the object has none.
    pub namespace: Option<String>,
    /// `metadata.name`.
    pub name: String,
}

impl ResourceRef {
    /// The API group: what is in front of the `/` of its `apiVersion`. Empty for the core group,
    /// whose version is alone.
    ///
    /// ```
    /// use krm_function::ResourceRef;
    ///
    /// let of = |api_version: &str| ResourceRef { api_version: api_version.into(), ..Default::default() };
    /// assert_eq!(of("apps/v1").group(), "apps");
    /// assert_eq!(of("v1").group(), "");
    /// ```
    #[must_use]
    pub fn group(&self) -> &str {
        group_and_version(&self.api_version).0
    }

    /// The version, without the group.
    #[must_use]
    pub fn version(&self) -> &str {
        group_and_version(&self.api_version).1
    }
}

/// The group of an `apiVersion`, empty for the core group, and the version.
///
/// ```
/// assert_eq!(krm_function::group_and_version("apps/v1"), ("apps", "v1"));
/// assert_eq!(krm_function::group_and_version("v1"), ("", "v1"));
/// ```
#[must_use]
pub fn group_and_version(api_version: &str) -> (&str, &str) {
    api_version.split_once('/').unwrap_or(("", api_version))
}

impl fmt::Display for ResourceRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}/", self.api_version, self.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(out, "{namespace}/")?;
        }
        out.write_str(&self.name)
    }
}

//! Where a configuration came from.

/// Where a configuration came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigSource<'c> {
    /// The `functionConfig` of a ResourceList.
    ResourceList,
    /// A file, named by the user.
    File(&'c str),
}

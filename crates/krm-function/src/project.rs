//! What the functions of one project share.

use krm_package::{FieldPath, NodeRef};

use super::code::Code;
use super::items::Items;
use super::secrets::Secrets;

/// A project: the API version of its configurations, the codes of its findings, and what it keeps
/// secret.
///
/// ```
/// use krm_function::{Owned, Project};
///
/// struct Example;
///
/// impl Project for Example {
///     const API_VERSION: &'static str = "fn.example.com/v1";
///     type Code = &'static str;
/// }
///
/// assert_eq!(Example::ANNOTATION_PREFIX, "fn.example.com");
/// ```
pub trait Project: 'static {
    /// The `apiVersion` of every typed configuration: a group and a version.
    const API_VERSION: &'static str;
    /// What is in front of the `/` in the annotations by which objects that were generated are
    /// known again. Default: the group of [`Project::API_VERSION`].
    const ANNOTATION_PREFIX: &'static str = group_of(Self::API_VERSION);
    /// The ids of what its functions find.
    type Code: Code;

    /// Parts of the names of fields that hold secrets: no excerpt of a file shows a value of one.
    const SECRET_FIELDS: &'static [&'static str] = &[];

    /// What is wrong with a text of a configuration, in whatever field of whatever function: a sentence
    /// without the text, or `None`. The path is that of the field below `spec`, or the key in a
    /// ConfigMap's `data`. Default: nothing is.
    #[must_use]
    fn refused_text(_path: &FieldPath, _text: &str) -> Option<(Self::Code, &'static str)> {
        None
    }

    /// What of an entry of a ConfigMap that is a configuration was not meant to be part of its key or its value,
    /// such as quotes in the file that it was generated from: a sentence without the value, or `None`.
    /// Default: nothing is.
    #[must_use]
    fn misread_entry(_key: &str, _text: &str) -> Option<String> {
        None
    }

    /// The texts that no finding may show, of the configurations and of the objects.
    ///
    /// A rule takes care by itself that it quotes none; this comes after all rules, because a
    /// secret may be pasted where no rule expects one. Default: there are none.
    #[must_use]
    fn secrets(_configs: &[NodeRef<'_>], _items: &Items<'_>) -> Secrets {
        Secrets::default()
    }
}

const fn group_of(api_version: &str) -> &str {
    let bytes = api_version.as_bytes();
    let mut end = 0;
    while end < bytes.len() && bytes[end] != b'/' {
        end += 1;
    }
    api_version.split_at(end).0
}

//! The stable ids of rules.

use std::fmt;

/// The id of a rule, as its findings carry it: kebab-case, and never of another meaning.
///
/// A project has an enum of its own ([`codes!`](crate::codes) writes one), so that a code can be
/// matched on. `&'static str` is a code, too, for a function that has only a few.
pub trait Code: Copy + Eq + fmt::Debug + From<RuntimeCode> + 'static {
    /// The kebab-case id.
    fn as_str(self) -> &'static str;

    /// Every id, also of before, where the project has a list of them; a misspelt one is then refused.
    #[must_use]
    fn ids() -> Vec<&'static str> {
        Vec::new()
    }

    /// Whether an id means this code: its own, or one that its findings had before, which stays valid
    /// where a user wrote it.
    #[must_use]
    fn is_known_as(self, id: &str) -> bool {
        self.as_str() == id
    }

    /// Whether an error of this code can be accepted by name: not where it kept the function from its
    /// work, and so from looking any further. Default: the runtime's own errors cannot.
    #[must_use]
    fn can_be_accepted(self) -> bool {
        RuntimeCode::ALL.iter().all(|code| Self::from(*code) != self)
    }
}

impl Code for &'static str {
    fn as_str(self) -> &'static str {
        self
    }
}

impl From<RuntimeCode> for &'static str {
    fn from(code: RuntimeCode) -> Self {
        code.as_str()
    }
}

/// Declares an enum of codes: each variant with its documentation, which is also its meaning, and its
/// id. The enum gets `ALL`, `as_str`, `meaning`, `Display`, and the traits of a plain value.
///
/// ```
/// use krm_function::{Code, RuntimeCode, codes};
///
/// codes! {
///     /// What the functions of this project find.
///     pub enum Rule {
///         /// The runtime's own findings.
///         Runtime = "runtime",
///         /// A Deployment without replicas.
///         NoReplicas = "no-replicas",
///     }
/// }
///
/// impl Code for Rule {
///     fn as_str(self) -> &'static str {
///         Rule::as_str(self)
///     }
/// }
///
/// impl From<RuntimeCode> for Rule {
///     fn from(_: RuntimeCode) -> Self {
///         Rule::Runtime
///     }
/// }
///
/// assert_eq!(Rule::NoReplicas.to_string(), "no-replicas");
/// assert_eq!(Rule::NoReplicas.meaning(), "A Deployment without replicas.");
/// assert_eq!(Rule::ALL.len(), 2);
/// ```
///
/// A project with many of them gives each one severity and a page of documentation, `ID.md` in a folder of
/// its crate, whose second paragraph is the meaning; and the ids that its findings had before, where it had
/// others. One that was split is listed with each of its parts.
///
/// ```ignore
/// codes! {
///     /// What the functions of this project find.
///     pub enum Rule in "/docs/findings/";
///
///     NoReplicas = "no-replicas": Error,
///     ManyReplicas = "many-replicas": Warning, ["too-many-replicas"],
/// }
/// ```
#[macro_export]
macro_rules! codes {
    (
        $(#[$about:meta])*
        $visibility:vis enum $name:ident {
            $($(#[doc = $doc:literal])+ $variant:ident = $id:literal,)*
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility enum $name {
            $($(#[doc = $doc])+ $variant,)*
        }

        impl $name {
            /// Every code, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The kebab-case id.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)*
                }
            }

            /// What the rule is about, in a sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),+).trim_ascii(),)*
                }
            }
        }

        $crate::codes!(@display $name);
    };
    (
        $(#[$about:meta])*
        $visibility:vis enum $name:ident in $folder:literal;
        $($variant:ident = $id:literal: $severity:ident $(, [$($former:literal),+])?,)*
    ) => {
        $(#[$about])*
        #[allow(clippy::doc_markdown)]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility enum $name {
            $(
                #[doc = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), $folder, $id, ".md"))]
                $variant,
            )*
        }

        impl $name {
            /// Every code, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The kebab-case id.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)*
                }
            }

            /// How much a finding of this code weighs.
            #[must_use]
            pub fn severity(self) -> $crate::Severity {
                match self {
                    $(Self::$variant => $crate::Severity::$severity,)*
                }
            }

            /// The ids that findings of this code had before.
            #[must_use]
            pub fn former_ids(self) -> &'static [&'static str] {
                match self {
                    $(Self::$variant => &[$($($former),+)?],)*
                }
            }

            /// Whether an id, of today or of before, means this code.
            #[must_use]
            pub fn is_known_as(self, id: &str) -> bool {
                self.as_str() == id || self.former_ids().contains(&id)
            }

            /// The page that explains the code, in Markdown.
            #[must_use]
            pub fn page(self) -> &'static str {
                match self {
                    $(Self::$variant => {
                        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), $folder, $id, ".md"))
                    })*
                }
            }

            /// What the rule is about, in a sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                self.page().split("\n\n").nth(1).unwrap_or_default()
            }
        }

        $crate::codes!(@display $name);
    };
    (@display $name:ident) => {
        impl ::std::fmt::Display for $name {
            fn fmt(&self, out: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                out.write_str(self.as_str())
            }
        }
    };
}

codes! {
    /// What the runtime itself finds. A project maps each to a code of its own by
    /// `From<RuntimeCode>`.
    pub enum RuntimeCode {
        /// The input is not a ResourceList that can be read.
        BadInput = "bad-input",
        /// The functionConfig is not what the function takes.
        BadConfig = "bad-config",
        /// An item is not a Kubernetes object.
        BadItem = "bad-item",
        /// An object is not what its kind says.
        BadObject = "bad-object",
        /// An entry of `accept` that accepts nothing.
        AcceptUnused = "accept-unused",
        /// An edit cannot be applied without changing something else.
        EditRefused = "edit-refused",
        /// The output has no reader.
        OutputLost = "output-lost",
        /// An object of that name is somebody else's.
        ResourceNotOwned = "resource-not-owned",
        /// An object that an earlier run generated goes.
        ResourceRemoved = "resource-removed",
        /// An object that an earlier run generated, of which no configuration is known.
        ResourceUnclaimed = "resource-unclaimed",
    }
}

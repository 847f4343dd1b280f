//! A finding: one sentence about one field of one object, built by a rule and formatted elsewhere.

use std::fmt;

use serde_json::Value;

use crate::k8s::ResourceRef;

/// How much a finding weighs. An error fails the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The run fails: what would be rendered is wrong, or open.
    Error,
    /// Right, but its author should know.
    Warning,
    /// What the function did or took for granted.
    Info,
}

impl Severity {
    /// `error`, `warning` or `info`, as a ResourceList's results spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// The field that a finding is about.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Field {
    /// The path, with a map key that has dots in brackets:
    /// `metadata.annotations[alb.ingress.kubernetes.io/scheme]`, `spec.rules[0].host`.
    pub path: String,
    /// What stands there now. Never a token.
    pub current: Option<Value>,
    /// What to write instead. Never a token.
    pub proposed: Option<Value>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The rule's stable id.
    pub code: Code,
    /// How much it weighs.
    pub severity: Severity,
    /// The object, where there is one.
    pub resource: Option<ResourceRef>,
    /// The field, where there is one.
    pub field: Option<Field>,
    /// What was found and what to write instead. Never a token.
    pub message: String,
}

impl Finding {
    /// A finding that fails the run.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A finding that its author should know of.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// A finding that says what was done.
    #[must_use]
    pub fn info(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Info, code, message)
    }

    fn new(severity: Severity, code: Code, message: impl Into<String>) -> Self {
        Self { code, severity, resource: None, field: None, message: message.into() }
    }

    /// Names the object.
    #[must_use]
    pub fn on(mut self, resource: &ResourceRef) -> Self {
        self.resource = Some(resource.clone());
        self
    }

    /// Names the field.
    #[must_use]
    pub fn field(mut self, path: impl Into<String>) -> Self {
        self.field.get_or_insert_default().path = path.into();
        self
    }

    /// Says what stands in the field now.
    #[must_use]
    pub fn current(mut self, value: impl Into<Value>) -> Self {
        self.field.get_or_insert_default().current = Some(value.into());
        self
    }

    /// Says what to write into the field instead.
    #[must_use]
    pub fn proposed(mut self, value: impl Into<Value>) -> Self {
        self.field.get_or_insert_default().proposed = Some(value.into());
        self
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $id:literal,)*) => {
        /// The stable id of a rule. Its kebab-case name is the `code` tag of a result and never
        /// changes its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
        }

        impl Code {
            /// Every code, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The kebab-case id.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)*
                }
            }
        }
    };
}

codes! {
    // The runtime
    /// The input is not a ResourceList that can be read.
    BadInput = "bad-input",
    /// The functionConfig is not what the function takes.
    BadConfig = "bad-config",

    // Knative
    /// `config-domain` has no default: Routes without a matching selector are cluster-local.
    KnativeNoDefaultDomain = "knative-no-default-domain",
    /// A domain that keeps Routes inside of the cluster.
    KnativeClusterLocalDomain = "knative-cluster-local-domain",
    /// Two domains with the same selector: the smaller name always wins.
    KnativeSelectorTie = "knative-selector-tie",
    /// A domain under which no Route can have a host.
    KnativeBadDomain = "knative-bad-domain",
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_kebab_case() {
        let ids: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(ids.len(), Code::ALL.len());
        for id in ids {
            assert!(
                id.split('-').all(|word| !word.is_empty()
                    && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())),
                "{id} is not kebab-case"
            );
        }
    }
}

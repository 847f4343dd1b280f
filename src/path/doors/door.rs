//! A door and its verdict.

use std::fmt;
use std::rc::Rc;

use super::kinds::DoorKind;
use crate::values::k8s::ResourceRef;

/// A door to protected pods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// What kind of door it is.
    pub kind: DoorKind,
    /// The object that opens it, and that a user can change.
    pub resource: Rc<ResourceRef>,
    /// What a controller creates of it and what leads to the pods; `None` where it does itself.
    pub created: Option<Rc<ResourceRef>>,
    /// The field that opens it.
    pub field: String,
    /// What it leads to, in words.
    pub to: String,
    /// Whether a request passes.
    pub verdict: Verdict,
}

/// Whether a request passes a door without what was required.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Not without this.
    Guarded {
        /// What guards it.
        by: String,
        /// Whether the pods' own policies do, which every request through any door meets.
        is_by_pods: bool,
    },
    /// It does.
    Open {
        /// Why, and what to change.
        why: String,
        /// A command that shows it; empty where there is none.
        request: String,
    },
    /// It cannot be decided.
    NotJudged {
        /// What is missing for it.
        missing: Missing,
    },
    /// It is reached from inside, from the nodes' network or with other hosts only.
    Noted {
        /// From where.
        why: String,
    },
    /// Whether there is one is not known: it would be among objects that the input does not have.
    Unseen {
        /// Those objects.
        objects: String,
    },
}

/// What is missing to judge a door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// A namespace: one of two objects has none, and may get the other's.
    Namespace,
    /// The class of an Ingress, or what the controller of another class demands of a request.
    Class(String),
    /// Anything else, in words.
    Other(String),
}

impl From<String> for Missing {
    fn from(words: String) -> Self {
        Self::Other(words)
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Namespace => out.write_str(
                "a namespace: one of the two objects has none and may be applied to the other's; set metadata.namespace on both",
            ),
            Self::Class(words) | Self::Other(words) => out.write_str(words),
        }
    }
}

/// Settings of the platform.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Platform {
    /// Whether the nodes' ports are reached from outside.
    pub node_ports_public: bool,
}

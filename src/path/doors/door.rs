//! A door and its verdict.

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

/// Whether a request passes a door without what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Not without this.
    Guarded {
        /// What guards it.
        by: String,
    },
    /// It does.
    Open {
        /// Why, and what to change.
        why: String,
        /// A command that shows it; empty where there is none.
        request: String,
    },
    /// It cannot be told.
    NotJudged {
        /// What is missing for it.
        missing: String,
    },
    /// It is reached from inside, from the nodes' network or with other hosts only.
    Noted {
        /// From where.
        why: String,
    },
}

/// Settings of the platform.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Platform {
    /// Whether the nodes' ports are reached from outside.
    pub node_ports_public: bool,
}

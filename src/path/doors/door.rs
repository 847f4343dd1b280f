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

impl Verdict {
    /// What is open before what is not judged, and both before the rest.
    fn rank(&self) -> u8 {
        match self {
            Self::Open { .. } => 3,
            Self::NotJudged { .. } => NOT_JUDGED,
            Self::Guarded { .. } => 1,
            Self::Noted { .. } | Self::Unseen { .. } => 0,
        }
    }
}

const NOT_JUDGED: u8 = 2;

/// Of the doors that one object opens each one that is open or not judged, so that accepting one hides no other;
/// where there is none, the first of the rest.
pub(crate) fn each_opening(doors: impl IntoIterator<Item = Door>) -> Vec<Door> {
    let (openings, rest): (Vec<Door>, Vec<Door>) =
        doors.into_iter().partition(|door| door.verdict.rank() >= NOT_JUDGED);
    if !openings.is_empty() {
        return openings;
    }
    // Of several that are the last, the first.
    rest.into_iter().rev().max_by_key(|door| door.verdict.rank()).into_iter().collect()
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

//! What `set-ingress-params` has to say of its configuration, one struct a finding.

use crate::finding::{Code, Finding};

/// Nothing is set, from which an overlay that is open to every request would be inferred.
pub(super) struct NothingSet;

impl From<NothingSet> for Finding {
    fn from(_: NothingSet) -> Self {
        let message = "nothing is set, and no overlay that is open to every request is inferred from that; set certArn with httpHeaderValues or cognito, or paramsFrom, or overlay: base if every request is to pass";
        Self::error(Code::BadConfig, message).field("spec")
    }
}

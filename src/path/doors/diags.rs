//! The findings on doors.

use super::door::{Door, Missing, Verdict};
use super::kinds::DoorKind;
use crate::finding::{Code, Finding};

/// An open door is an error, as is one that cannot be judged; a guarded one is information.
#[must_use]
pub(crate) fn findings(doors: &[Door]) -> Vec<Finding> {
    doors.iter().map(Finding::from).collect()
}

impl From<&Door> for Finding {
    fn from(door: &Door) -> Self {
        let to = &door.to;
        let finding = match &door.verdict {
            Verdict::Open { why, request } => {
                let shown = if request.is_empty() { String::new() } else { format!(": {request}") };
                if door.kind == DoorKind::GivenTwice {
                    Self::error(Code::DoorGivenTwice, format!("{why}; it leads to {to}"))
                } else {
                    let message = format!("another way leads to {to}: {why}{shown}");
                    Self::error(Code::DoorOpen, message)
                }
            }
            Verdict::NotJudged { missing } => Self::error(
                not_judged(door.kind, missing),
                format!("another way may lead to {to}; it cannot be judged without {missing}"),
            ),
            Verdict::Guarded { by, .. } => {
                Self::info(Code::DoorGuarded, format!("another way leads to {to}, guarded by {by}"))
            }
            Verdict::Noted { why } => {
                Self::info(Code::DoorNoted, format!("another way leads to {to}: {why}"))
            }
            Verdict::Unseen { objects } => Self::info(
                Code::DoorNoted,
                format!(
                    "another way may lead to {to}: {objects} are not in the input; run kserve-aws check on them, too"
                ),
            ),
        };
        finding.on(&door.resource).field(door.field.as_str())
    }
}

/// The code of a door that is not judged. What an Ingress of another class demands may be enough:
/// its code does not say that it is open. One of the load balancer that lacks a namespace has the
/// code of the load balancer's own proof.
fn not_judged(kind: DoorKind, missing: &Missing) -> Code {
    match (kind, missing) {
        (_, Missing::Class(_)) => Code::IngressClassNotJudged,
        (DoorKind::LoadBalancerIngress, Missing::Namespace) => Code::AlbNamespaceMissing,
        _ => Code::DoorNotJudged,
    }
}

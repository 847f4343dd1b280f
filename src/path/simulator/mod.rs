//! Would this request get through? A request is followed from its DNS name to the pods that serve it,
//! over what the manifests alone say: each hop with its verdict, the object and field that decide, and
//! in the end the status that the client sees.
//!
//! What the manifests do not decide is not guessed: the walk continues as if it passed, notes what would
//! come of it otherwise, and the outcome is unknown where that makes a difference.

mod bearer;
mod credentials;
mod facts;
mod follow;
mod hops;
mod mesh;
mod outcome;
mod probe;
mod readiness;
mod reconciled_routes;
mod request;
mod simulated;
mod walk;

pub use facts::Facts;
pub(crate) use hops::target::HealthCheck;
pub use outcome::{Cause, Outcome, Way};
pub(crate) use outcome::{Hop, HopVerdict, Place, Trace};
pub(crate) use probe::Unhealthy;
pub use request::{Client, SentRequest};
pub(crate) use simulated::Simulator;

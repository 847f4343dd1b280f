//! The Ingress in front of `KServe`: what users set, and what the controller reads.

mod alb_ingress;
mod annotations;
mod diags;
mod earlier;
pub mod gateway;
pub mod lint;
mod objects;
mod params;
pub mod proof;
mod record_target;
mod settings;

pub use alb_ingress::AlbIngress;
pub use annotations::{ALB_CLASS, backend_services, edits, hosts_outside};
pub use earlier::earlier;
pub use objects::objects;
pub use params::{Cognito, IngressParams, Named, OneOrMany, Overlay, ParamsSource, Target};
pub use record_target::RecordTarget;
pub use settings::{Layer, LayerSource, Protection, Settings};

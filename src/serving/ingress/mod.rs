//! The Ingress in front of `KServe`: what users set, and what the controller reads.

mod alb_ingress;
mod annotations;
mod balancer_annotations;
mod balancer_params;
mod class_fields;
mod diags;
mod earlier;
pub(crate) mod gateway;
mod jwt_params;
pub mod lint;
mod login_params;
mod objects;
mod params;
pub(crate) mod proof;
mod record_target;
mod settings;
mod token_params;
mod written;

pub(crate) use alb_ingress::AlbIngress;
pub(crate) use annotations::{ALB_CLASS, backend_services, edits, hosts_outside};
pub(crate) use balancer_annotations::without_effect;
pub(crate) use balancer_params::HealthCheckParams;
pub(crate) use class_fields::{ClassField, class_fields};
pub(crate) use earlier::earlier;
pub(crate) use jwt_params::Jwt;
pub(crate) use login_params::Oidc;
pub(crate) use objects::objects;
pub(crate) use params::{
    Cognito, IngressParams, Named, NodePorts, OneOrMany, Overlay, ParamsSource, Target,
    TargetParams,
};
pub(crate) use record_target::RecordTarget;
pub(crate) use settings::{Balancer, Layer, LayerSource, Protection, Settings};
pub(crate) use token_params::TokenParam;

//! What the controllers of others do with the objects that they read: pure models, one a folder, each
//! after the controller's own code.

pub mod alb;
pub mod gateway_api;
pub(crate) mod gateway_listeners;
pub(crate) mod gateway_of_istio;
pub(crate) mod gateway_routes;
pub mod istio;
pub mod knative;
pub mod kserve;
pub mod oauth2_proxy;

//! Routes: Gateways and VirtualServices, and which of them takes a request.

mod gateway;
mod hosts;
mod route_match;
mod routes;
mod text_match;
mod virtual_service;
mod visibility;

pub use gateway::Gateway;
pub use routes::{GatewayRoutes, RouteName, Routing};
pub use text_match::StringMatch;
pub use virtual_service::{
    Destination, DirectResponse, HeaderOperations, Headers, HttpRoute, PortSelector, RegexRewrite,
    Rewrite, RouteMatch, VirtualService, VirtualServiceSpec, WeightedDestination,
};

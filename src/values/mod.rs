//! Values that can only be created from valid text: a dictionary of the domain.

pub mod arn;
pub mod cognito;
pub mod dns_name;
pub(crate) mod elb;
pub(crate) mod elb_attribute;
pub mod elb_name;
pub(crate) mod env_entry;
pub mod header;
pub(crate) mod https_url;
pub(crate) mod jwt;
pub mod k8s;
pub(crate) mod oidc;
pub(crate) mod parsed_text;
pub(crate) mod placeholder;
pub mod release;
pub(crate) mod route_host;
pub(crate) mod scheme;
pub(crate) mod words;

//! How Elastic Load Balancing matches a request against the rules of a listener.

pub mod pattern;
pub mod regex;
pub mod request;

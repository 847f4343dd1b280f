//! How many names and certificates AWS gives: "Number of domain names per ACM certificate" of "Quotas" in the user
//! guide of AWS Certificate Manager (`acm-limits`), and "Certificates per Application Load Balancer (excluding default
//! certificates)" of "Quotas for your Application Load Balancers" in the user guide of Elastic Load Balancing
//! (`load-balancer-limits`).

/// The names that a certificate may have before its account's quota is raised.
pub(crate) const NAMES_QUOTA: usize = 10;
/// The names that a certificate may have with the highest quota that is given.
pub const MOST_NAMES: usize = 100;
/// The certificates that a load balancer may have beside its default one, before its account's quota
/// is raised.
pub(crate) const CERTIFICATES_QUOTA: usize = 25;

//! The functions, one a file, and the one list of them.

mod generate_authorization_policies;
mod generate_dns_records;
mod plan_certificate;
mod set_ingress_params;
mod set_knative_domain;

use crate::runtime::Registered;
use crate::suggest;

/// Every function, in the order in which help lists them.
pub const ALL: &[Registered] = &[
    Registered::of::<set_ingress_params::SetIngressParams>(),
    Registered::of::<set_knative_domain::SetKnativeDomain>(),
    Registered::of::<generate_authorization_policies::GenerateAuthorizationPolicies>(),
    Registered::of::<plan_certificate::PlanCertificate>(),
    Registered::of::<generate_dns_records::GenerateDnsRecords>(),
];

/// The function of a name.
///
/// # Errors
/// An unknown name, with what to write instead.
pub fn named(name: &str) -> Result<&'static Registered, String> {
    let names: Vec<&str> = ALL.iter().map(|function| function.name).collect();
    let found = ALL.iter().find(|function| function.name == name);
    found.ok_or_else(|| suggest::hint(name, &names))
}

/// The function whose configuration has a kind.
///
/// # Errors
/// An unknown kind, with what to write instead.
pub fn of_kind(kind: &str) -> Result<&'static Registered, String> {
    let kinds: Vec<&str> = ALL.iter().map(|function| function.kind).collect();
    let found = ALL.iter().find(|function| function.kind == kind);
    found.ok_or_else(|| suggest::hint(kind, &kinds))
}

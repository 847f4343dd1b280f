//! The objects that the function generates.

use crate::runtime::Owned;

/// Plans, checks and requests the certificate.
pub(crate) struct PlanCertificate;

pub(super) const CERTIFICATE: (&str, &str) = ("acm.services.k8s.aws", "Certificate");
pub(crate) const OWNED: Owned = Owned::by::<PlanCertificate>(&[CERTIFICATE]);

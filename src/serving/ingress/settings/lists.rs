//! The parameters that are lists.

use crate::finding::{Code, FieldPath, Finding};
use crate::runtime::{Checked, Reading};
use crate::serving::ingress::diags::{
    MissingParameter, PreviousToken, SameHost, TooManyTokens, UnusualCertificateId, WeakToken,
    WrongCertificates,
};
use crate::serving::ingress::token_params::TokenParam;
use crate::values::arn::{CertificateArn, with_right_region};
use crate::values::dns_name::ListenerHost;
use crate::values::header::HeaderToken;

/// Elastic Load Balancing documents three match evaluations for a condition, and refuses a rule with
/// more than five values: the path, the host and three tokens.
const MAX_TOKENS: usize = 3;

pub(super) fn certificates(
    arns: &[Checked<CertificateArn>],
    reading: &mut Reading<Code>,
) -> Vec<CertificateArn> {
    let field = FieldPath::from("certArn");
    if arns.is_empty() {
        reading.report(&field, MissingParameter::ListedCertificate);
    }
    if arns.iter().any(|arn| arn.to_string().contains(',')) {
        reading.report(&field, WrongCertificates::OneText);
        return Vec::new();
    }
    let several = arns.len() > 1;
    let mut certificates: Vec<CertificateArn> = Vec::new();
    for (place, arn) in arns.iter().enumerate() {
        let field = if several { field.clone().index(place) } else { field.clone() };
        let Some(certificate) = certificate(arn, &field, reading) else { continue };
        if certificates.contains(&certificate) {
            reading.report(&field, WrongCertificates::Twice);
        }
        certificates.push(certificate);
    }
    let mut regions = certificates.iter().filter_map(CertificateArn::region);
    if let Some(first) = regions.next()
        && let Some(other) = regions.find(|region| *region != first)
    {
        reading.report(&field, WrongCertificates::Regions(first, other));
    }
    certificates
}

/// The certificate of one ARN.
fn certificate(
    arn: &Checked<CertificateArn>,
    field: &FieldPath,
    reading: &mut Reading<Code>,
) -> Option<CertificateArn> {
    let Some(certificate) = reading.field(Code::CertificateArnInvalid, field, Some(arn)) else {
        let right = with_right_region(&arn.to_string());
        let right = right.filter(|right| right.parse::<CertificateArn>().is_ok());
        if let Some((right, wrong)) = right.zip(reading.findings.last_mut()) {
            wrong.field.get_or_insert_default().proposed = Some(Box::new(right.into()));
        }
        return None;
    };
    if certificate.unusual_id() {
        reading.report(field, UnusualCertificateId);
    }
    Some(certificate)
}

/// What is wrong with the ARN of a certificate that somebody wrote into an annotation or a class, by the same
/// reader.
#[must_use]
pub(crate) fn certificate_limits(arn: &str) -> Vec<Finding> {
    let mut reading = Reading::of(FieldPath::root());
    certificate(&Checked::of(arn), &FieldPath::root(), &mut reading);
    reading.findings
}

pub(super) fn tokens(
    texts: &[TokenParam],
    is_new: bool,
    reading: &mut Reading<Code>,
) -> Vec<HeaderToken> {
    let list = FieldPath::from("httpHeaderValues");
    if texts.is_empty() {
        reading.report(&list, MissingParameter::ListedToken);
    }
    if !texts.is_empty() && texts.iter().all(TokenParam::is_previous) {
        reading.report(&list, MissingParameter::CurrentToken);
    }
    if texts.len() > MAX_TOKENS {
        reading.report(&list, TooManyTokens { count: texts.len(), most: MAX_TOKENS });
    }
    let mut tokens: Vec<HeaderToken> = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        let entry = list.clone().index(place);
        let field = if text.is_previous() { entry.key("previous") } else { entry };
        let Some(token) = reading.field(Code::HeaderValueInvalid, &field, Some(text.text())) else {
            continue;
        };
        if text.is_previous() {
            reading.report(&field, PreviousToken);
        }
        if is_new {
            weigh_token(&token, &tokens, &field, reading);
        }
        tokens.push(token);
    }
    tokens
}

fn weigh_token(
    token: &HeaderToken,
    before: &[HeaderToken],
    field: &FieldPath,
    reading: &mut Reading<Code>,
) {
    if token.is_placeholder() {
        reading.report(field, WeakToken::Placeholder);
    } else if token.is_short() {
        reading.report(field, WeakToken::Short);
    }
    if let Some(twin) = before.iter().position(|earlier| earlier.same_ignoring_case(token)) {
        reading.report(field, WeakToken::SameAs(twin));
    }
}

pub(super) fn hosts(
    texts: &[Checked<ListenerHost>],
    reading: &mut Reading<Code>,
) -> Vec<ListenerHost> {
    let list = FieldPath::from("hosts");
    if texts.is_empty() {
        reading.report(&list, MissingParameter::ListedHost);
    }
    let mut hosts: Vec<ListenerHost> = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        let field = list.clone().index(place);
        match reading.field(Code::HostInvalid, &field, Some(text)) {
            Some(host) if hosts.contains(&host) => reading.report(&field, SameHost),
            host => hosts.extend(host),
        }
    }
    hosts
}

//! What is said of a load balancer as a whole.

use super::{on_annotation, same_word, set_annotation, set_or_add_annotation};
use crate::controllers::alb::model::Listener;
use crate::controllers::alb::objects::Ingress;
use crate::controllers::alb::{BuildError, BuildErrorKind, GroupId, annotations};
use crate::finding::{Code, Finding, Fix, Severity};
use crate::values::arn::{Partition, RegionError, with_right_region};

/// The attribute that drops headers with odd names.
pub(crate) const DROP_INVALID: &str = "routing.http.drop_invalid_header_fields.enabled";

/// A load balancer that the controller cannot build.
pub(crate) struct NotBuilt<'a> {
    /// Its group, where it has several members.
    pub(crate) group: Option<&'a GroupId>,
    /// The Ingress to blame.
    pub(crate) ingress: Option<&'a Ingress>,
    pub(crate) error: &'a BuildError,
}

impl From<NotBuilt<'_>> for Finding {
    fn from(found: NotBuilt<'_>) -> Self {
        let NotBuilt { group, ingress, error } = found;
        let others = group.map_or_else(String::new, |group| {
            format!(", and with it every member of the group {group}")
        });
        let code = match error.kind() {
            BuildErrorKind::Scheme => Code::AlbScheme,
            _ => Code::AlbNotBuilt,
        };
        let why = match error.kind() {
            BuildErrorKind::LoginAndJwt => {
                "a rule requires both a login and a JSON Web Token; remove auth-type or jwt-validation"
                    .to_owned()
            }
            BuildErrorKind::NoNodePort => format!(
                "{error}; set the annotation alb.ingress.kubernetes.io/target-type: ip, or the Service's type: NodePort"
            ),
            BuildErrorKind::Scheme | BuildErrorKind::Other => error.to_string(),
        };
        let words = format!("the controller cannot build the load balancer{others}: {why}");
        let finding = Self::error(code, words);
        let Some(ingress) = ingress else { return finding };
        // The annotation of a Service is not the Ingress's, and a scheme may be the class's.
        let of_ingress = |suffix: &&str| {
            error.kind() == BuildErrorKind::Scheme
                || ingress.metadata.annotations.contains_key(&annotations::key(suffix))
        };
        match error.annotation().filter(of_ingress) {
            Some(suffix) => on_annotation(finding, ingress, suffix).fix(scheme(ingress, error)),
            None => finding.on(&ingress.reference()).field("metadata.annotations"),
        }
    }
}

/// A scheme that is one of AWS's but for its case.
fn scheme(ingress: &Ingress, error: &BuildError) -> Option<Fix> {
    let suffix = error.annotation().filter(|_| error.kind() == BuildErrorKind::Scheme)?;
    let text = ingress.metadata.annotations.get(&annotations::key(suffix))?;
    let word = same_word(&text.replace('_', "-"), &["internal", "internet-facing"])?;
    set_annotation(ingress, suffix, word.to_owned())
}

/// The ports of a load balancer that serves HTTPS alone.
fn https_port(ingress: &Ingress) -> Option<Fix> {
    set_or_add_annotation(ingress, "listen-ports", "[{\"HTTPS\":443}]").map(Fix::if_intended)
}

/// Makes a warning of what keeps the load balancer of other Ingresses from coming to be: nothing is
/// open there, and another run sets them.
pub(crate) fn left_to_others(finding: &mut Finding) {
    finding.code = Code::AlbLeftToOthers;
    finding.severity = Severity::Warning;
    finding.message.push_str("; another run has to set this Ingress");
}

/// An Ingress without a port.
pub(crate) struct NoListener<'a> {
    pub(crate) ingress: &'a Ingress,
}

impl From<NoListener<'_>> for Finding {
    fn from(found: NoListener<'_>) -> Self {
        let words = "listen-ports has no port, so the load balancer has no listener; set it to [{\"HTTPS\":443}]";
        on_annotation(Self::error(Code::AlbNoListener, words), found.ingress, "listen-ports")
            .fix(https_port(found.ingress))
    }
}

/// A port with two protocols.
pub(crate) struct RandomListener<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) port: i32,
    /// Whether one object has both; of two objects the last one wins.
    pub(crate) is_random: bool,
}

impl From<RandomListener<'_>> for Finding {
    fn from(RandomListener { ingress, port, is_random }: RandomListener<'_>) -> Self {
        let words = if is_random {
            format!(
                "one object sets both HTTP and HTTPS for port {port}, and the controller takes one of them at random; use an object with its own port for each protocol"
            )
        } else {
            format!(
                "listen-ports sets both HTTP and HTTPS for port {port}, and the controller takes the last of them; use a port of its own for each protocol"
            )
        };
        on_annotation(Self::error(Code::AlbRandomListener, words), ingress, "listen-ports")
    }
}

/// HTTPS without `certificate-arn`: the controller looks for certificates.
pub(crate) struct CertificateDiscovered<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) listener: &'a Listener,
}

impl From<CertificateDiscovered<'_>> for Finding {
    fn from(found: CertificateDiscovered<'_>) -> Self {
        let words = format!(
            "{} has no certificate-arn: the controller discovers certificates for the hosts in the account, and fails if it finds none; set certificate-arn",
            found.listener
        );
        let finding = Self::warning(Code::CertificateDiscovered, words);
        on_annotation(finding, found.ingress, "certificate-arn")
    }
}

/// HTTPS without any certificate.
pub(crate) struct CertificateMissing<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) listener: &'a Listener,
}

impl From<CertificateMissing<'_>> for Finding {
    fn from(found: CertificateMissing<'_>) -> Self {
        let words = format!(
            "{} has no certificate, and AWS refuses it; set certificate-arn",
            found.listener
        );
        let finding = Self::error(Code::CertificateMissing, words);
        on_annotation(finding, found.ingress, "certificate-arn")
    }
}

/// What is wrong with the ARN of a certificate of an annotation or a class.
pub(crate) struct CertificateOf<'a> {
    pub(crate) ingress: &'a Ingress,
    /// The field of the Ingress that names it.
    pub(crate) field: &'a str,
    /// Its place, where there are several.
    pub(crate) place: Option<usize>,
    pub(crate) found: Finding,
}

impl From<CertificateOf<'_>> for Finding {
    fn from(of: CertificateOf<'_>) -> Self {
        let CertificateOf { ingress, field, place, mut found } = of;
        found.field = None;
        if let Some(place) = place {
            found.message = format!("certificate {}: {}", place + 1, found.message);
        }
        found.on(&ingress.reference()).field(field.to_owned())
    }
}

/// A certificate that no listener uses.
pub(crate) struct CertificateUnused<'a> {
    pub(crate) ingress: &'a Ingress,
}

impl From<CertificateUnused<'_>> for Finding {
    fn from(found: CertificateUnused<'_>) -> Self {
        let words = "listen-ports has no HTTPS port, so the certificate has no effect and all traffic is plain HTTP; set it to [{\"HTTPS\":443}]";
        on_annotation(Self::warning(Code::AlbPlainHttp, words), found.ingress, "listen-ports")
            .fix(https_port(found.ingress))
    }
}

/// `spec.tls` without an HTTPS listener.
pub(crate) struct TlsUnused<'a> {
    pub(crate) ingress: &'a Ingress,
}

impl From<TlsUnused<'_>> for Finding {
    fn from(found: TlsUnused<'_>) -> Self {
        let words = "spec.tls alone creates no HTTPS listener; set certificate-arn, or listen-ports to [{\"HTTPS\":443}]";
        Self::warning(Code::AlbPlainHttp, words).on(&found.ingress.reference()).field("spec.tls")
    }
}

/// Rules that a redirect of the group takes away.
pub(crate) struct RulesRemoved<'a> {
    pub(crate) ingress: &'a Ingress,
}

impl From<RulesRemoved<'_>> for Finding {
    fn from(found: RulesRemoved<'_>) -> Self {
        let words = "ssl-redirect of the group removes every rule of this Ingress, which has no HTTPS listener; set the listen-ports and certificate-arn of the others";
        Self::warning(Code::AlbRulesRemoved, words)
            .on(&found.ingress.reference())
            .field("spec.rules")
    }
}

/// An Ingress without a rule.
pub(crate) struct NoRules<'a> {
    pub(crate) ingress: &'a Ingress,
}

impl From<NoRules<'_>> for Finding {
    fn from(found: NoRules<'_>) -> Self {
        let words = "this Ingress creates no listener rule; add rules with paths";
        Self::warning(Code::AlbNoRules, words).on(&found.ingress.reference()).field("spec.rules")
    }
}

/// An Ingress whose rules another member of its group hides.
pub(crate) struct NeverReached<'a> {
    pub(crate) ingress: &'a Ingress,
    /// The member that takes the requests.
    pub(crate) other: String,
    /// Whether it requires a login.
    pub(crate) has_login: bool,
    /// The rule, where others of the Ingress are reached.
    pub(crate) rule: Option<String>,
}

impl From<NeverReached<'_>> for Finding {
    fn from(found: NeverReached<'_>) -> Self {
        let login = if found.has_login { ", with a login," } else { "" };
        let whose = if found.rule.is_some() { "this rule" } else { "the rules of this Ingress" };
        let (other, fix) = if found.other == found.ingress.key() {
            ("an earlier rule".to_owned(), "set the rule with the token above it")
        } else {
            (found.other, "set a lower group.order on this Ingress")
        };
        let words = format!(
            "no request reaches {whose}: {other}{login} takes the same hosts and paths before it; {fix}"
        );
        let finding = Self::error(Code::AlbNeverReached, words);
        match found.rule {
            Some(field) => finding.on(&found.ingress.reference()).field(field),
            None => on_annotation(finding, found.ingress, "group.order"),
        }
    }
}

/// Something of another region than what the load balancer has already.
pub(crate) struct TwoRegions<'a> {
    pub(crate) ingress: &'a Ingress,
    /// The field of the Ingress that names it.
    pub(crate) field: String,
    pub(crate) region: String,
    /// What is in the other region, and where it is given.
    pub(crate) other: String,
    pub(crate) other_region: String,
}

impl From<TwoRegions<'_>> for Finding {
    fn from(found: TwoRegions<'_>) -> Self {
        let words = format!(
            "this is in region {}, and {} in {}; a load balancer only takes resources of its own region",
            found.region, found.other, found.other_region
        );
        Self::error(Code::AlbTwoRegions, words).on(&found.ingress.reference()).field(found.field)
    }
}

/// An ARN of one partition with a region of another.
pub(crate) struct ForeignRegion<'a> {
    pub(crate) ingress: &'a Ingress,
    /// The field of the Ingress that names it.
    pub(crate) field: String,
    pub(crate) region: String,
    /// The ARN's partition.
    pub(crate) partition: Partition,
}

impl From<ForeignRegion<'_>> for Finding {
    fn from(found: ForeignRegion<'_>) -> Self {
        let ForeignRegion { ingress, field, region, partition } = found;
        let words = format!(
            "region {region} does not belong to partition {partition} of the ARN, so AWS knows no such resource; use the ARN that AWS shows"
        );
        Self::error(Code::AlbTwoRegions, words).on(&ingress.reference()).field(field)
    }
}

/// An ARN whose region is the name of none.
pub(crate) struct UnknownRegion<'a> {
    pub(crate) ingress: &'a Ingress,
    /// The field of the Ingress that names it.
    pub(crate) field: String,
    pub(crate) arn: String,
    pub(crate) error: RegionError,
}

impl From<UnknownRegion<'_>> for Finding {
    fn from(found: UnknownRegion<'_>) -> Self {
        let UnknownRegion { ingress, field, arn, error } = found;
        let words = format!("{error} in the ARN; use the ARN that AWS shows");
        let mut annotations = ingress.metadata.annotations.iter();
        let text = annotations.find(|(key, _)| super::at(key) == field).map(|(_, text)| text);
        let fix = text.zip(with_right_region(&arn)).map(|(text, right)| {
            Fix::replace(field.as_str(), text.replace(&arn, &right)).if_intended()
        });
        Self::error(Code::AlbTwoRegions, words).on(&ingress.reference()).field(field).fix(fix)
    }
}

/// A rule that requires a login and a token.
pub(crate) struct LoginAndToken<'a> {
    pub(crate) ingress: &'a Ingress,
    pub(crate) backend: &'a str,
}

impl From<LoginAndToken<'_>> for Finding {
    fn from(found: LoginAndToken<'_>) -> Self {
        let LoginAndToken { ingress, backend } = found;
        let words = format!(
            "the rule requires both a login and a token: a browser sends no token and a client has no login; remove conditions.{backend} or auth-type, and set the token on an Ingress of its own"
        );
        on_annotation(
            Self::error(Code::AlbLoginAndToken, words),
            ingress,
            &format!("conditions.{backend}"),
        )
    }
}

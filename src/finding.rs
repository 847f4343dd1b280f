//! The findings of this project: [`krm_function::Finding`] with its codes.

use krm_function::RuntimeCode;

pub use krm_function::{Field, FieldPath, Fix, Severity, key_path};

/// One finding.
pub type Finding = krm_function::Finding<Code>;

/// Declares the codes: each with its id, its severity, and the ids that its findings had before. The
/// page of a code, `docs/findings/ID.md`, is its documentation.
macro_rules! codes {
    ($($variant:ident = $id:literal: $severity:ident $(, [$($former:literal),+])?,)*) => {
        /// The stable id of a rule. Its kebab-case name is the `code` tag of a result and never
        /// changes its meaning. Each has one severity and one page, which `kserve-aws explain` prints.
        #[allow(clippy::doc_markdown)]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(
                #[doc = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/findings/", $id, ".md"))]
                $variant,
            )*
        }

        impl Code {
            /// Every code, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The kebab-case id.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)*
                }
            }

            /// How much a finding of this code weighs.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self {
                    $(Self::$variant => Severity::$severity,)*
                }
            }

            /// The ids that findings of this code had before. One that was split stands with each of
            /// its parts.
            #[must_use]
            pub fn former_ids(self) -> &'static [&'static str] {
                match self {
                    $(Self::$variant => &[$($($former),+)?],)*
                }
            }

            /// The page that explains the code, in Markdown.
            #[must_use]
            pub fn page(self) -> &'static str {
                match self {
                    $(Self::$variant => include_str!(concat!(
                        env!("CARGO_MANIFEST_DIR"), "/docs/findings/", $id, ".md"
                    )),)*
                }
            }
        }
    };
}

codes! {
    // The runtime
    BadInput = "bad-input": Error,
    BadConfig = "bad-config": Error,
    BadItem = "bad-item": Error,
    FileSkipped = "file-skipped": Info, ["passed-over"],
    BadObject = "bad-object": Error,
    AcceptUnused = "accept-unused": Warning,
    EditRefused = "edit-refused": Error,
    OutputLost = "output-lost": Error,

    // Parameters of the Ingress
    OverlayInferred = "overlay-inferred": Info,
    EndpointUnprotected = "endpoint-unprotected": Warning,
    ParameterNotUsed = "parameter-not-used": Error,
    CertificateMissing = "certificate-missing": Error, ["alb-https-without-certificate"],
    CertificateArnInvalid = "certificate-arn-invalid": Error,
    CertificateIdUnusual = "certificate-id-unusual": Warning,
    AlbTwoRegions = "alb-two-regions": Error, ["certificate-regions-differ"],
    HeaderNameInvalid = "header-name-invalid": Error, ["alb-header-name"],
    HeaderValuesMissing = "header-values-missing": Error,
    ConditionValuesTooMany = "condition-values-too-many": Error, ["header-values-too-many", "alb-too-many-condition-values"],
    HeaderValueInvalid = "header-value-invalid": Error,
    TokenPlaceholder = "token-placeholder": Warning, ["alb-placeholder-token"],
    TokenShort = "token-short": Warning, ["alb-short-token"],
    TokensDifferInCaseOnly = "tokens-differ-in-case-only": Warning, ["alb-token-case"],
    SchemeInvalid = "scheme-invalid": Error,
    HostInvalid = "host-invalid": Error,
    HostNotListed = "host-not-listed": Error,
    CognitoInvalid = "cognito-invalid": Error,
    TargetNotFound = "target-not-found": Error,
    TargetTwice = "target-twice": Error,
    ParamsConsumed = "params-consumed": Info,
    ParamsKept = "params-kept": Info,
    ParamsConsumedEarlier = "params-consumed-earlier": Info,
    ParamsNotFound = "params-not-found": Error,
    ParamsAmbiguous = "params-ambiguous": Error,
    ParamsInvalid = "params-invalid": Error,

    // Knative's ConfigMaps
    DomainInvalid = "domain-invalid": Error, ["knative-bad-domain"],
    SelectorInvalid = "selector-invalid": Error,
    DomainsConflict = "domains-conflict": Error,
    DomainTemplateInvalid = "domain-template-invalid": Error,
    ConfigMapMissing = "config-map-missing": Error,
    ConfigMapCreated = "config-map-created": Info,
    ResourceRemoved = "resource-removed": Info, ["config-map-removed"],
    ConfigMapEntryRemoved = "config-map-entry-removed": Info, ["made-entry-removed"],
    DefaultDomainReplaced = "default-domain-replaced": Info,

    // Objects that a function generates
    ResourceNotOwned = "resource-not-owned": Error,
    CertificateRemoved = "certificate-removed": Warning, ["resource-removed"],
    ResourceUnclaimed = "resource-unclaimed": Warning,

    // What configurations list
    NamespaceUnknown = "namespace-unknown": Error,
    NamespaceLeftOut = "namespace-left-out": Warning,
    HostMisspelt = "host-misspelt": Warning,
    DomainContradicts = "domain-contradicts": Error,

    // AuthorizationPolicies
    AuthorizationNothingServed = "authorization-nothing-served": Warning,
    AuthorizationPrincipalInvalid = "authorization-principal-invalid": Error,
    AuthorizationPolicyUnreadable = "authorization-policy-unreadable": Warning, ["bad-object"],
    AuthorizationFieldNotUsed = "authorization-field-not-used": Error,
    MeshCompatibilityMode = "mesh-compatibility-mode": Error,
    AuthorizationMeshWide = "authorization-mesh-wide": Warning,
    AuthorizationPlaintextPeers = "authorization-plaintext-peers": Warning,
    AuthorizationGenericLabels = "authorization-generic-labels": Warning,
    AuthorizationRefused = "authorization-refused": Error,
    AuthorizationDenied = "authorization-denied": Warning, ["authorization-refused"],
    AuthorizationUndecided = "authorization-undecided": Info,
    AuthorizationTooMany = "authorization-too-many": Info, ["authorization-undecided"],
    AuthorizationOwnPolicyInvalid = "authorization-own-policy-invalid": Error, ["authorization-undecided"],
    AuthorizationWithoutSidecar = "authorization-without-sidecar": Warning,
    AuthorizationProtocolGuessed = "authorization-protocol-guessed": Warning,
    AuthorizationProtocolStated = "authorization-protocol-stated": Info,
    AuthorizationBehindZtunnel = "authorization-behind-ztunnel": Error,
    AuthorizationNotEnforced = "authorization-not-enforced": Error,
    AuthorizationCallRefused = "authorization-call-refused": Warning,
    AuthorizationSeveralNodes = "authorization-several-nodes": Info,
    AuthorizationAssumed = "authorization-assumed": Info,
    AuthorizationNamespaceAssumed = "authorization-namespace-assumed": Warning, ["authorization-assumed"],
    AuthorizationKindNotCovered = "authorization-kind-not-covered": Warning,

    // The certificate's names
    CertificateNames = "certificate-names": Info,
    CertificateNameCovers = "certificate-name-covers": Info,
    CertificateWithoutHosts = "certificate-without-hosts": Error,
    CertificateNameInvalid = "certificate-name-invalid": Error,
    CertificateNamesOverQuota = "certificate-names-over-quota": Warning,
    CertificateNamesTooMany = "certificate-names-too-many": Error,
    CertificateFirstNameTooLong = "certificate-first-name-too-long": Error,
    CertificateHostOutsideDomain = "certificate-host-outside-domain": Warning,
    CertificateHostUncovered = "certificate-host-uncovered": Error,
    CertificateNamesUnknown = "certificate-names-unknown": Info,
    CertificatesOverQuota = "certificates-over-quota": Warning,
    CertificateUnreadable = "certificate-unreadable": Error,
    CertificateValidity = "certificate-validity": Info,
    CertificateStatus = "certificate-status": Error,
    CertificatePending = "certificate-pending": Warning, ["certificate-status"],
    CertificateRegionDiffers = "certificate-region-differs": Error,
    CertificateReplaced = "certificate-replaced": Warning,
    CertificateResourceInvalid = "certificate-resource-invalid": Error,

    // DNS records
    DnsRecords = "dns-records": Info,
    DnsWithoutHosts = "dns-without-hosts": Error,
    DnsConfigInvalid = "dns-config-invalid": Error,
    DnsTargetInvalid = "dns-target-invalid": Error,
    DnsTargetRegion = "dns-target-region": Error,
    DnsTargetMissing = "dns-target-missing": Error,
    DnsIngressNotFound = "dns-ingress-not-found": Error,
    DnsAnnotationIgnored = "dns-annotation-ignored": Error,
    DnsHostOutsideZone = "dns-host-outside-zone": Error,
    DnsCnameAtApex = "dns-cname-at-apex": Error,
    DnsTtlIgnored = "dns-ttl-ignored": Warning,
    DnsNameNotServed = "dns-name-not-served": Error,
    DnsNameClaimedTwice = "dns-name-claimed-twice": Error,
    DnsWildcardCatches = "dns-wildcard-catches": Warning,
    DnsBareNameStops = "dns-bare-name-stops": Warning,

    // The load balancer: a request without the token or login is forwarded
    AlbOpenConditionIgnored = "alb-open-condition-ignored": Error,
    AlbOpenConditionsEmpty = "alb-open-conditions-empty": Error,
    AlbOpenDuplicateKey = "alb-open-duplicate-key": Error,
    AlbOpenConditionPartial = "alb-open-condition-partial": Error,
    AlbOpenConditionsUnbound = "alb-open-conditions-unbound": Error,
    AlbOpenActionConditions = "alb-open-action-conditions": Error,
    AlbOpenDefaultBackend = "alb-open-default-backend": Error,
    AlbOpenOtherPath = "alb-open-other-path": Error,
    AlbOpenGroupMember = "alb-open-group-member": Error,
    AlbOpenSeparateLoadBalancer = "alb-open-separate-load-balancer": Error,
    AlbOpenMemberPorts = "alb-open-member-ports": Error,
    AlbOpenHttpListener = "alb-open-http-listener": Error,
    AlbOpenLoginOff = "alb-open-login-off": Error,
    AlbOpenUnauthenticatedAllowed = "alb-open-unauthenticated-allowed": Error,
    AlbOpenAnyValue = "alb-open-any-value": Error,
    AlbOpenConditionWidens = "alb-open-condition-widens": Error,
    AlbOpenAnnotationMisspelt = "alb-open-annotation-misspelt": Error,
    AlbAnnotationMisspelt = "alb-annotation-misspelt": Error,
    AlbConditionsEmpty = "alb-conditions-empty": Error,
    AlbOpenRule = "alb-open-rule": Error,
    AlbAbsentService = "alb-absent-service": Error,
    AlbLeftOpen = "alb-left-open": Warning,
    AlbLeftToOthers = "alb-left-to-others": Warning,
    AlbOtherApplication = "alb-other-application": Info,
    AlbJwtWithoutClaims = "alb-jwt-without-claims": Error,
    AlbNamespaceMissing = "alb-namespace-missing": Error,
    AlbNeverReached = "alb-never-reached": Error,
    LoginLeftAlone = "login-left-alone": Info,
    AlbClassOverrides = "alb-class-overrides": Error,

    // The load balancer: refused, not built, or not what it says
    AlbUnresolvedVariable = "alb-unresolved-variable": Error,
    AlbIngressClassConflict = "alb-ingress-class-conflict": Error,
    AlbNotManaged = "alb-not-managed": Error,
    AlbIngressClassTwice = "alb-ingress-class-twice": Warning,
    AlbRefusedByApiServer = "alb-refused-by-api-server": Error,
    AlbRefusedByWebhook = "alb-refused-by-webhook": Error,
    AlbNotBuilt = "alb-not-built": Error,
    AlbScheme = "alb-scheme": Error,
    AlbGroupName = "alb-group-name": Error,
    AlbNoListener = "alb-no-listener": Error,
    AlbRandomListener = "alb-random-listener": Error,
    CertificateDiscovered = "certificate-discovered": Warning, ["alb-https-without-certificate"],
    AlbPlainHttp = "alb-plain-http": Warning,
    AlbAttributesGlued = "alb-attributes-glued": Error,
    AlbCertificatesGlued = "alb-certificates-glued": Error,
    AlbAttributeUnknown = "alb-attribute-unknown": Warning,
    AlbAttributeValue = "alb-attribute-value": Warning,
    AlbOnUnauthenticated = "alb-on-unauthenticated": Error,
    HeaderNameUnusual = "header-name-unusual": Warning, ["alb-header-name"],
    AlbConditionValue = "alb-condition-value": Error,
    AlbConditionIgnored = "alb-condition-ignored": Warning,
    AlbConditionsUnbound = "alb-conditions-unbound": Warning,
    AlbHostlessRule = "alb-hostless-rule": Warning,
    AlbTokenWildcard = "alb-token-wildcard": Warning,
    AlbDeadAction = "alb-dead-action": Warning,
    AlbMissingAction = "alb-missing-action": Warning,
    AlbUnknownAnnotation = "alb-unknown-annotation": Warning,
    AlbRuleIgnored = "alb-rule-ignored": Warning,
    AlbRulesRemoved = "alb-rules-removed": Warning,
    AlbNoRules = "alb-no-rules": Warning,

    // The path of a request
    PathServiceAbsent = "path-service-absent": Error,
    PathBroken = "path-broken": Error,
    PathOpen = "path-open": Error,
    PathOpenUnknown = "path-open-unknown": Error,
    PathUnknown = "path-unknown": Warning,
    PathUnhealthy = "path-unhealthy": Error,
    PathUnexpected = "path-unexpected": Error,
    PathPodAdmitted = "path-pod-admitted": Warning,
    PolicyRefused = "policy-refused": Error,
    PolicyNotEnforced = "policy-not-enforced": Error,

    // The whole endpoint
    EndpointInvalid = "endpoint-invalid": Error,
    EndpointPending = "endpoint-pending": Warning,
    PathTokenPlaceholder = "path-token-placeholder": Error, ["token-placeholder", "alb-placeholder-token"],
    PathTokenShort = "path-token-short": Error, ["token-short", "alb-short-token"],
    PathLeftOpen = "path-left-open": Error, ["alb-left-open"],

    // Doors
    DoorOpen = "door-open": Error,
    DoorNotJudged = "door-not-judged": Error,
    IngressClassNotJudged = "ingress-class-not-judged": Error,
    DoorGivenTwice = "door-given-twice": Error,
    DoorGuarded = "door-guarded": Info,
    DoorNoted = "door-noted": Info,

    // Knative
    KnativeNoDefaultDomain = "knative-no-default-domain": Warning,
    KnativeClusterLocalDomain = "knative-cluster-local-domain": Warning,
    KnativeSelectorTie = "knative-selector-tie": Warning,
    KnativeConfigDomain = "knative-config-domain": Error,
    KnativeConfigNetwork = "knative-config-network": Error,
    KnativeOperatorOverrides = "knative-operator-overrides": Warning,
    KnativeTwoDefaults = "knative-two-defaults": Warning,
    KnativeHostInvalid = "knative-host-invalid": Error,
    KnativeAnnotationRefused = "knative-annotation-refused": Error,

    // KServe
    KserveOtherVersion = "kserve-other-version": Info, ["kserve-other-kind"],
    KserveUnreadable = "kserve-unreadable": Error,
    KserveNamespaceAmbiguous = "kserve-namespace-ambiguous": Warning,
    KserveNameInvalid = "kserve-name-invalid": Error,
    KserveNameTooLong = "kserve-name-too-long": Error,
    KserveModeAnnotationIgnored = "kserve-mode-annotation-ignored": Warning,
    KserveModeRefused = "kserve-mode-refused": Error, ["kserve-mode-annotation-ignored"],
    KserveAnnotationMisspelt = "kserve-annotation-misspelt": Warning,
    KserveVisibilityIgnored = "kserve-visibility-ignored": Error,
    KserveVisibilityValue = "kserve-visibility-value": Warning, ["kserve-visibility-ignored"],
    KservePublicGatewayLeak = "kserve-public-gateway-leak": Error,
    KserveHostNotStripped = "kserve-host-not-stripped": Warning,
    KservePredictorNameInHost = "kserve-predictor-name-in-host": Warning,
    KservePathTemplateNoRoute = "kserve-path-template-no-route": Error,
    KservePathTemplateClusterLocal = "kserve-path-template-cluster-local": Warning, ["kserve-path-template-no-route"],
    KservePathTemplateDomain = "kserve-path-template-domain": Info,
    KservePathTemplateCatchAll = "kserve-path-template-catch-all": Warning, ["kserve-path-template-domain"],
    KserveIngressConfig = "kserve-ingress-config": Error,
    KserveDeployConfig = "kserve-deploy-config": Error,
    KserveServiceConfig = "kserve-service-config": Error,
    KserveConfigNull = "kserve-config-null": Error,
    KserveUnknownIngressKey = "kserve-unknown-ingress-key": Warning,
    KserveSettingIgnored = "kserve-setting-ignored": Warning,
    KserveIngressDomainUnused = "kserve-ingress-domain-unused": Info, ["kserve-setting-ignored"],
    KserveHostInvalid = "kserve-host-invalid": Error,
    KserveDomainTemplate = "kserve-domain-template": Error,
    KserveUrlInvalid = "kserve-url-invalid": Error,
    KserveGatewayWithoutNamespace = "kserve-gateway-without-namespace": Warning,
    KserveTransformerBackend = "kserve-transformer-backend": Warning,
    KserveExplainerWithoutHost = "kserve-explainer-without-host": Warning,
    KserveStatusUrl = "kserve-status-url": Warning,
    KserveGraphWaits = "kserve-graph-waits": Error,
    KserveUrlWithoutRoute = "kserve-url-without-route": Info,
    KserveAdditionalHostsRandom = "kserve-additional-hosts-random": Warning,
    KserveAdditionalDomainInvalid = "kserve-additional-domain-invalid": Warning,
    KserveAdditionalDomainIgnored = "kserve-additional-domain-ignored": Warning,
    KserveComponentNotReady = "kserve-component-not-ready": Error,
    KserveNotAdmitted = "kserve-not-admitted": Error,
    KserveHostOfGateway = "kserve-host-of-gateway": Info,
    KserveRuntimeRefused = "kserve-runtime-refused": Error,
    KserveNoRuntime = "kserve-no-runtime": Warning,
    KserveNameTaken = "kserve-name-taken": Error,
    KserveHostTaken = "kserve-host-taken": Error,
    KserveCanaryPercent = "kserve-canary-percent": Error,
    KserveCanaryBackend = "kserve-canary-backend": Warning,
    KserveCanaryIgnored = "kserve-canary-ignored": Warning,
    KserveStopped = "kserve-stopped": Info,
    KserveComponentStopped = "kserve-component-stopped": Warning, ["kserve-stopped"],
    KserveModelMesh = "kserve-model-mesh": Info,
    ServiceNotServed = "service-not-served": Warning, ["knative-host-invalid", "kserve-host-invalid", "kserve-name-too-long", "kserve-name-invalid", "kserve-unreadable", "kserve-not-admitted", "kserve-ingress-config", "kserve-deploy-config", "kserve-service-config", "kserve-config-null", "kserve-domain-template", "kserve-url-invalid", "kserve-path-template-no-route", "kserve-component-not-ready", "kserve-mode-refused", "kserve-visibility-ignored", "kserve-public-gateway-leak", "kserve-runtime-refused", "kserve-name-taken", "kserve-host-taken", "kserve-canary-percent", "knative-annotation-refused", "knative-operator-overrides"],
}

impl Code {
    /// What the rule is about, in a sentence.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.page().split("\n\n").nth(1).unwrap_or_default()
    }

    /// Whether an id, of today or of before, means this code.
    #[must_use]
    pub fn is_known_as(self, id: &str) -> bool {
        self.as_str() == id || self.former_ids().contains(&id)
    }

    /// The codes that an id means: one, or the parts of a former one that was split.
    pub fn known_as(id: &str) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |code| code.is_known_as(id))
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.as_str())
    }
}

impl krm_function::Code for Code {
    fn as_str(self) -> &'static str {
        Self::as_str(self)
    }

    fn ids() -> Vec<&'static str> {
        let former = Self::ALL.iter().flat_map(|code| code.former_ids());
        Self::ALL.iter().map(|code| code.as_str()).chain(former.copied()).collect()
    }

    fn is_known_as(self, id: &str) -> bool {
        Self::is_known_as(self, id)
    }

    fn can_be_accepted(self) -> bool {
        !NOT_ACCEPTED.contains(&self)
    }
}

/// Errors that keep a function from its work, so that it looks no further: accepted, they would hide
/// what it did not find. They are mended, not accepted.
const NOT_ACCEPTED: &[Code] = &[
    Code::BadInput,
    Code::BadConfig,
    Code::BadItem,
    Code::BadObject,
    Code::AcceptUnused,
    Code::EditRefused,
    Code::OutputLost,
    Code::ResourceNotOwned,
    Code::CertificateMissing,
    Code::CertificateArnInvalid,
    Code::AlbTwoRegions,
    Code::HeaderNameInvalid,
    Code::HeaderValuesMissing,
    Code::ConditionValuesTooMany,
    Code::HeaderValueInvalid,
    Code::TokenPlaceholder,
    Code::TokensDifferInCaseOnly,
    Code::ParameterNotUsed,
    Code::SchemeInvalid,
    Code::HostInvalid,
    Code::CognitoInvalid,
    Code::TargetNotFound,
    Code::ParamsNotFound,
    Code::ParamsAmbiguous,
    Code::ParamsInvalid,
    Code::DomainInvalid,
    Code::SelectorInvalid,
    Code::DomainsConflict,
    Code::DomainTemplateInvalid,
    Code::ConfigMapMissing,
    Code::KnativeConfigDomain,
    Code::KnativeConfigNetwork,
    Code::AuthorizationPrincipalInvalid,
    Code::AuthorizationFieldNotUsed,
    Code::CertificateNameInvalid,
    Code::CertificateWithoutHosts,
    Code::CertificateUnreadable,
    Code::CertificateResourceInvalid,
    Code::DnsConfigInvalid,
    Code::DnsTargetInvalid,
    Code::DnsTargetMissing,
    Code::DnsIngressNotFound,
    Code::DnsWithoutHosts,
];

impl From<RuntimeCode> for Code {
    fn from(code: RuntimeCode) -> Self {
        match code {
            RuntimeCode::BadInput => Self::BadInput,
            RuntimeCode::BadConfig => Self::BadConfig,
            RuntimeCode::BadItem => Self::BadItem,
            RuntimeCode::BadObject => Self::BadObject,
            RuntimeCode::AcceptUnused => Self::AcceptUnused,
            RuntimeCode::EditRefused => Self::EditRefused,
            RuntimeCode::OutputLost => Self::OutputLost,
            RuntimeCode::ResourceNotOwned => Self::ResourceNotOwned,
            RuntimeCode::ResourceRemoved => Self::ResourceRemoved,
            RuntimeCode::ResourceUnclaimed => Self::ResourceUnclaimed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_kebab_case() {
        let ids: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(ids.len(), Code::ALL.len());
        for id in ids {
            assert!(
                id.split('-').all(|word| !word.is_empty()
                    && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())),
                "{id} is not kebab-case"
            );
        }
    }
}

//! The findings of this project: [`krm_function::Finding`] with its codes.

use krm_function::RuntimeCode;

pub use krm_function::{Field, FieldPath, Fix, Severity, key_path};

/// One finding.
pub type Finding = krm_function::Finding<Code>;

krm_function::codes! {
    /// The stable id of a rule. Its kebab-case name is the `code` tag of a result and never
    /// changes its meaning.
    pub enum Code {
        // The runtime
        /// The input is not a ResourceList that can be read.
        BadInput = "bad-input",
        /// The functionConfig is not what the function takes.
        BadConfig = "bad-config",
        /// An item is no Kubernetes object.
        BadItem = "bad-item",
        /// A file in a folder that holds no Kubernetes object.
        PassedOver = "passed-over",
        /// An object is not what its kind says.
        BadObject = "bad-object",
        /// An entry of `accept` that accepts nothing.
        AcceptUnused = "accept-unused",
        /// An edit can't be made without changing something else.
        EditRefused = "edit-refused",
        /// The output has no reader.
        OutputLost = "output-lost",

        // Parameters of the Ingress
        /// Which overlay was taken, and why.
        OverlayInferred = "overlay-inferred",
        /// The overlay that was inferred forwards every request.
        EndpointUnprotected = "endpoint-unprotected",
        /// A parameter that the overlay makes no use of.
        ParameterNotUsed = "parameter-not-used",
        /// HTTPS without a certificate.
        CertificateMissing = "certificate-missing",
        /// A text that is no certificate's ARN.
        CertificateArnInvalid = "certificate-arn-invalid",
        /// A certificate ID that is no UUID.
        CertificateIdUnusual = "certificate-id-unusual",
        /// Certificates of several regions on one load balancer.
        CertificateRegionsDiffer = "certificate-regions-differ",
        /// A header that the load balancer can't compare.
        HeaderNameInvalid = "header-name-invalid",
        /// No token where one is asked for.
        HeaderValuesMissing = "header-values-missing",
        /// More tokens than a rule takes.
        HeaderValuesTooMany = "header-values-too-many",
        /// A token that the load balancer can't compare, or that matches others.
        HeaderValueInvalid = "header-value-invalid",
        /// A guide's token.
        TokenPlaceholder = "token-placeholder",
        /// A token that can be guessed.
        TokenShort = "token-short",
        /// Tokens that are one to the load balancer.
        TokensDifferInCaseOnly = "tokens-differ-in-case-only",
        /// A scheme that the controller does not know.
        SchemeInvalid = "scheme-invalid",
        /// A host that a listener rule can't have.
        HostInvalid = "host-invalid",
        /// A rule for a host beside those that the Ingress is restricted to.
        HostNotListed = "host-not-listed",
        /// Cognito settings that are missing or malformed.
        CognitoInvalid = "cognito-invalid",
        /// No Ingress to set.
        TargetNotFound = "target-not-found",
        /// Parameters were read and their object removed.
        ParamsConsumed = "params-consumed",
        /// Parameters were read and their object stays.
        ParamsKept = "params-kept",
        /// Parameters were read by an earlier run.
        ParamsConsumedEarlier = "params-consumed-earlier",
        /// Parameters that are not among the objects.
        ParamsNotFound = "params-not-found",
        /// Several objects of one name hold parameters.
        ParamsAmbiguous = "params-ambiguous",
        /// A value in a ConfigMap or Secret of parameters that can't be read.
        ParamsInvalid = "params-invalid",

        // Knative's ConfigMaps
        /// A domain that no Route can live under.
        DomainInvalid = "domain-invalid",
        /// Labels that no Route can have.
        SelectorInvalid = "selector-invalid",
        /// One domain twice, or two default domains.
        DomainsConflict = "domains-conflict",
        /// A domain template that Knative refuses.
        DomainTemplateInvalid = "domain-template-invalid",
        /// A ConfigMap of Knative that is not among the objects.
        ConfigMapMissing = "config-map-missing",
        /// A ConfigMap of Knative that was made.
        ConfigMapCreated = "config-map-created",
        /// A ConfigMap of Knative that an earlier run made, and that is no longer asked for.
        ConfigMapRemoved = "config-map-removed",
        /// An entry of such a ConfigMap that is no longer asked for.
        MadeEntryRemoved = "made-entry-removed",
        /// A default domain that went, so that one is left.
        DefaultDomainReplaced = "default-domain-replaced",

        // Objects that a function generates
        /// An object of the name that is generated is somebody else's.
        ResourceNotOwned = "resource-not-owned",
        /// An object that was generated before is no longer wanted.
        ResourceRemoved = "resource-removed",
        /// An object that an earlier run generated, of which no configuration is known.
        ResourceUnclaimed = "resource-unclaimed",

        // What configurations list
        /// A listed namespace that no object is in, near to one that objects are in.
        NamespaceUnknown = "namespace-unknown",

        // AuthorizationPolicies
        /// No component to write a policy for.
        AuthorizationNothingServed = "authorization-nothing-served",
        /// A principal or trust domain that no certificate has.
        AuthorizationPrincipalInvalid = "authorization-principal-invalid",
        /// A field that counts for nothing in this mode.
        AuthorizationFieldNotUsed = "authorization-field-not-used",
        /// Knative's config-network has to know of the mesh.
        MeshCompatibilityMode = "mesh-compatibility-mode",
        /// Policies for every namespace of the mesh.
        AuthorizationMeshWide = "authorization-mesh-wide",
        /// Components that answer peers who prove no identity.
        AuthorizationPlaintextPeers = "authorization-plaintext-peers",
        /// Other pods that carry the labels that a policy selects.
        AuthorizationGenericLabels = "authorization-generic-labels",
        /// A request that a component serves and the policies refuse.
        AuthorizationRefused = "authorization-refused",
        /// A request of which the objects do not tell whether it is refused.
        AuthorizationUndecided = "authorization-undecided",
        /// A component without sidecar, for which no policy counts.
        AuthorizationWithoutSidecar = "authorization-without-sidecar",
        /// A protocol that is a guess, so that paths may be closed.
        AuthorizationProtocolGuessed = "authorization-protocol-guessed",
        /// A protocol that the manifests state, beside that of the configuration.
        AuthorizationProtocolStated = "authorization-protocol-stated",
        /// A component in ambient mode, for which policies with paths allow nothing.
        AuthorizationBehindZtunnel = "authorization-behind-ztunnel",
        /// A component of mode strict whose namespace keeps sidecars out.
        AuthorizationNotEnforced = "authorization-not-enforced",
        /// A call between components that mode strict refuses.
        AuthorizationCallRefused = "authorization-call-refused",
        /// A predictor of several nodes, whose pods talk to each other.
        AuthorizationSeveralNodes = "authorization-several-nodes",
        /// What was assumed of a component.
        AuthorizationAssumed = "authorization-assumed",
        /// A kind of service that no policy is generated for.
        AuthorizationKindNotCovered = "authorization-kind-not-covered",

        // The certificate's names
        /// The names that a certificate needs.
        CertificateNames = "certificate-names",
        /// The hosts that a name of the certificate covers.
        CertificateNameCovers = "certificate-name-covers",
        /// Nothing to plan names for.
        CertificateWithoutHosts = "certificate-without-hosts",
        /// A domain, namespace or host that can't be in a certificate.
        CertificateNameInvalid = "certificate-name-invalid",
        /// More names than the first quota.
        CertificateNamesOverQuota = "certificate-names-over-quota",
        /// More names than a certificate takes.
        CertificateNamesTooMany = "certificate-names-too-many",
        /// No name is short enough to be the first.
        CertificateFirstNameTooLong = "certificate-first-name-too-long",
        /// A host outside of the domain.
        CertificateHostOutsideDomain = "certificate-host-outside-domain",
        /// A host that no known certificate covers.
        CertificateHostUncovered = "certificate-host-uncovered",
        /// A certificate of which only the ARN is known, which says nothing of its names.
        CertificateNamesUnknown = "certificate-names-unknown",
        /// More certificates than the first quota of a load balancer.
        CertificatesOverQuota = "certificates-over-quota",
        /// What is said of a certificate can't be read.
        CertificateUnreadable = "certificate-unreadable",
        /// When a certificate is valid.
        CertificateValidity = "certificate-validity",
        /// A certificate that ACM does not serve.
        CertificateStatus = "certificate-status",
        /// A certificate of another region than the load balancer.
        CertificateRegionDiffers = "certificate-region-differs",
        /// A certificate that ACM makes anew for other names.
        CertificateReplaced = "certificate-replaced",
        /// Tags or settings that ACM refuses.
        CertificateResourceInvalid = "certificate-resource-invalid",

        // DNS records
        /// The names that records are made for.
        DnsRecords = "dns-records",
        /// Nothing to make records for.
        DnsWithoutHosts = "dns-without-hosts",
        /// A setting that can't be read, or that does not go with another.
        DnsConfigInvalid = "dns-config-invalid",
        /// A target that is no load balancer's name.
        DnsTargetInvalid = "dns-target-invalid",
        /// A load balancer of another region.
        DnsTargetRegion = "dns-target-region",
        /// No target where the mode needs one.
        DnsTargetMissing = "dns-target-missing",
        /// No Ingress to annotate, or several.
        DnsIngressNotFound = "dns-ingress-not-found",
        /// An Ingress whose annotations external-dns does not take names from.
        DnsAnnotationIgnored = "dns-annotation-ignored",
        /// A name outside of the zone.
        DnsHostOutsideZone = "dns-host-outside-zone",
        /// A CNAME at the zone's apex.
        DnsCnameAtApex = "dns-cname-at-apex",
        /// A TTL that counts for nothing.
        DnsTtlIgnored = "dns-ttl-ignored",
        /// A name that two objects claim.
        DnsNameClaimedTwice = "dns-name-claimed-twice",
        /// A wildcard that leads the hosts to another load balancer.
        DnsWildcardCatches = "dns-wildcard-catches",
        /// A name that a wildcard no longer matches.
        DnsBareNameStops = "dns-bare-name-stops",

        // The load balancer: a request without the token or login is forwarded
        /// A condition's `field` is not exactly `http-header`, and the controller passes it over.
        AlbOpenConditionIgnored = "alb-open-condition-ignored",
        /// `conditions.*` holds no condition.
        AlbOpenConditionsEmpty = "alb-open-conditions-empty",
        /// A condition gives a key twice, and the last one is wrong.
        AlbOpenDuplicateKey = "alb-open-duplicate-key",
        /// One condition counts, but the one on the header does not.
        AlbOpenConditionPartial = "alb-open-condition-partial",
        /// `conditions.*` names no backend, or stands on the Service.
        AlbOpenConditionsUnbound = "alb-open-conditions-unbound",
        /// `conditions.*` is named after the Service where the backend is an action.
        AlbOpenActionConditions = "alb-open-action-conditions",
        /// The default backend takes what no rule takes.
        AlbOpenDefaultBackend = "alb-open-default-backend",
        /// Another path or backend of the same Ingress has no conditions.
        AlbOpenOtherPath = "alb-open-other-path",
        /// Another member of the group has no conditions.
        AlbOpenGroupMember = "alb-open-group-member",
        /// Another load balancer leads to the same pods.
        AlbOpenSeparateLoadBalancer = "alb-open-separate-load-balancer",
        /// The member that asks is not on this listener.
        AlbOpenMemberPorts = "alb-open-member-ports",
        /// A login is asked for on a plain HTTP listener.
        AlbOpenHttpListener = "alb-open-http-listener",
        /// An identity provider without `auth-type`, or a Service that turns the login off.
        AlbOpenLoginOff = "alb-open-login-off",
        /// The login lets requests through without.
        AlbOpenUnauthenticatedAllowed = "alb-open-unauthenticated-allowed",
        /// A value that any header satisfies.
        AlbOpenAnyValue = "alb-open-any-value",
        /// Conditions that restrict nothing, or only add to what the rule takes.
        AlbOpenConditionWidens = "alb-open-condition-widens",
        /// An annotation that asks is misspelt.
        AlbOpenAnnotationMisspelt = "alb-open-annotation-misspelt",
        /// An annotation that asks is misspelt, for other pods than those that are set.
        AlbAnnotationMisspelt = "alb-annotation-misspelt",
        /// `conditions.*` holds no condition, for other pods than those that are set.
        AlbConditionsEmpty = "alb-conditions-empty",
        /// A rule that nothing guards.
        AlbOpenRule = "alb-open-rule",
        /// Open, if an absent Service exists after all.
        AlbAbsentService = "alb-absent-service",
        /// A load balancer for other hosts of the same pods is still open.
        AlbLeftOpen = "alb-left-open",
        /// Another application, on other hosts, shares the load balancer.
        AlbOtherApplication = "alb-other-application",
        /// A JSON Web Token of which no claim is required: any of the issuer's is let in.
        AlbJwtWithoutClaims = "alb-jwt-without-claims",
        /// Open, if an object without a namespace is applied to the one of another.
        AlbNamespaceMissing = "alb-namespace-missing",
        /// Other rules of the load balancer take every request of an Ingress before it.
        AlbNeverReached = "alb-never-reached",
        /// One load balancer has certificates, user pools or web ACLs of two regions.
        AlbTwoRegions = "alb-two-regions",
        /// A token is not set on an Ingress that has a login.
        LoginLeftAlone = "login-left-alone",
        /// The class's parameters override what was asked for.
        AlbClassOverrides = "alb-class-overrides",

        // The load balancer: refused, not built, or not what it says
        /// A `$(…)` reference in an annotation.
        AlbUnresolvedVariable = "alb-unresolved-variable",
        /// The class annotation and `spec.ingressClassName` differ.
        AlbIngressClassConflict = "alb-ingress-class-conflict",
        /// Parameters set an Ingress that the controller does not manage.
        AlbNotManaged = "alb-not-managed",
        /// The class is given twice, with the same name.
        AlbIngressClassTwice = "alb-ingress-class-twice",
        /// The API server refuses the Ingress.
        AlbRefusedByApiServer = "alb-refused-by-api-server",
        /// The controller's webhook refuses the Ingress.
        AlbRefusedByWebhook = "alb-refused-by-webhook",
        /// The controller can't build the load balancer.
        AlbNotBuilt = "alb-not-built",
        /// An unknown scheme, or several in a group.
        AlbScheme = "alb-scheme",
        /// The group's name is invalid.
        AlbGroupName = "alb-group-name",
        /// No listener.
        AlbNoListener = "alb-no-listener",
        /// One port with both protocols.
        AlbRandomListener = "alb-random-listener",
        /// HTTPS without a certificate.
        AlbHttpsWithoutCertificate = "alb-https-without-certificate",
        /// Plain HTTP where a certificate or `spec.tls` is given.
        AlbPlainHttp = "alb-plain-http",
        /// Attributes that are separated by a newline or a semicolon.
        AlbAttributesGlued = "alb-attributes-glued",
        /// Certificates that are separated by white space or a semicolon.
        AlbCertificatesGlued = "alb-certificates-glued",
        /// An attribute that AWS does not know.
        AlbAttributeUnknown = "alb-attribute-unknown",
        /// A switch that is neither `true` nor `false`.
        AlbAttributeValue = "alb-attribute-value",
        /// `auth-on-unauthenticated-request` with another word than AWS's.
        AlbOnUnauthenticated = "alb-on-unauthenticated",
        /// More than five condition values in a rule.
        AlbTooManyConditionValues = "alb-too-many-condition-values",
        /// A header's name that AWS refuses or drops.
        AlbHeaderName = "alb-header-name",
        /// A condition value that AWS refuses.
        AlbConditionValue = "alb-condition-value",
        /// A condition whose field the controller does not know.
        AlbConditionIgnored = "alb-condition-ignored",
        /// Conditions that are never read.
        AlbConditionsUnbound = "alb-conditions-unbound",
        /// A rule without host: a token opens every host.
        AlbHostlessRule = "alb-hostless-rule",
        /// A token that looks like an example's.
        AlbPlaceholderToken = "alb-placeholder-token",
        /// A token of few letters.
        AlbShortToken = "alb-short-token",
        /// Tokens that differ only in case.
        AlbTokenCase = "alb-token-case",
        /// A token with a wildcard.
        AlbTokenWildcard = "alb-token-wildcard",
        /// An action that is never read.
        AlbDeadAction = "alb-dead-action",
        /// A backend whose action is not there.
        AlbMissingAction = "alb-missing-action",
        /// An annotation that the controller does not know.
        AlbUnknownAnnotation = "alb-unknown-annotation",
        /// A rule that the controller makes nothing of.
        AlbRuleIgnored = "alb-rule-ignored",
        /// Rules that `ssl-redirect` removes.
        AlbRulesRemoved = "alb-rules-removed",
        /// An Ingress without any rule.
        AlbNoRules = "alb-no-rules",

        // Doors
        /// A door to protected pods lets requests through without what was asked for.
        DoorOpen = "door-open",
        /// A door to protected pods that cannot be judged, because something is missing.
        DoorNotJudged = "door-not-judged",
        /// An Ingress of another class leads to protected pods, and what its controller demands of a
        /// request is not known.
        IngressClassNotJudged = "ingress-class-not-judged",
        /// An object that leads to protected pods is given twice.
        DoorGivenTwice = "door-given-twice",
        /// Another door to protected pods is guarded.
        DoorGuarded = "door-guarded",
        /// Another way to protected pods, from inside, from the nodes or for other hosts.
        DoorNoted = "door-noted",

        // The path of a request
        /// A protected Service that is not among the manifests.
        PathServiceAbsent = "path-service-absent",

        // Knative
        /// `config-domain` has no default: Routes without a matching selector are cluster-local.
        KnativeNoDefaultDomain = "knative-no-default-domain",
        /// A domain that keeps Routes inside of the cluster.
        KnativeClusterLocalDomain = "knative-cluster-local-domain",
        /// Two domains with the same selector: the smaller name always wins.
        KnativeSelectorTie = "knative-selector-tie",
        /// A domain under which no Route can have a host.
        KnativeBadDomain = "knative-bad-domain",
        /// Knative refuses `config-domain`.
        KnativeConfigDomain = "knative-config-domain",
        /// Knative refuses `config-network`.
        KnativeConfigNetwork = "knative-config-network",
        /// A ConfigMap of Knative that the operator overwrites.
        KnativeOperatorOverrides = "knative-operator-overrides",
        /// Several domains have no selector: the smallest name wins.
        KnativeTwoDefaults = "knative-two-defaults",
        /// Knative refuses the host of a Route.
        KnativeHostInvalid = "knative-host-invalid",
        /// An annotation that Knative refuses.
        KnativeAnnotationRefused = "knative-annotation-refused",

        // KServe
        /// An `InferenceService` of another version than v1beta1.
        KserveOtherVersion = "kserve-other-version",
        /// A kind of `KServe` that is not modelled.
        KserveOtherKind = "kserve-other-kind",
        /// An item that the API server would refuse.
        KserveUnreadable = "kserve-unreadable",
        /// No namespace is given and several could be meant.
        KserveNamespaceAmbiguous = "kserve-namespace-ambiguous",
        /// A name that the webhook refuses.
        KserveNameInvalid = "kserve-name-invalid",
        /// A name that is too long for its mode, which nothing says at admission.
        KserveNameTooLong = "kserve-name-too-long",
        /// A deployment mode that counts for nothing.
        KserveModeAnnotationIgnored = "kserve-mode-annotation-ignored",
        /// An annotation or label that is nearly one that counts.
        KserveAnnotationMisspelt = "kserve-annotation-misspelt",
        /// A visibility label that counts for nothing.
        KserveVisibilityIgnored = "kserve-visibility-ignored",
        /// A service inside of the cluster whose VirtualService takes the public gateway.
        KservePublicGatewayLeak = "kserve-public-gateway-leak",
        /// A host that still has a component's suffix, or lost a part of its name.
        KserveHostNotStripped = "kserve-host-not-stripped",
        /// A host that has the predictor's own name.
        KservePredictorNameInHost = "kserve-predictor-name-in-host",
        /// A `pathTemplate` whose URL no route answers to.
        KservePathTemplateNoRoute = "kserve-path-template-no-route",
        /// A `pathTemplate` that puts the bare domain into each route.
        KservePathTemplateDomain = "kserve-path-template-domain",
        /// The controller refuses `ingress`.
        KserveIngressConfig = "kserve-ingress-config",
        /// The controller refuses `deploy`.
        KserveDeployConfig = "kserve-deploy-config",
        /// The controller refuses another part of its configuration.
        KserveServiceConfig = "kserve-service-config",
        /// A part of the configuration is `null`, which stops the controller.
        KserveConfigNull = "kserve-config-null",
        /// A key of `ingress` that counts for nothing.
        KserveUnknownIngressKey = "kserve-unknown-ingress-key",
        /// A setting that counts for nothing in this mode.
        KserveSettingIgnored = "kserve-setting-ignored",
        /// A host that a route cannot have.
        KserveHostInvalid = "kserve-host-invalid",
        /// A `domainTemplate` that gives no host.
        KserveDomainTemplate = "kserve-domain-template",
        /// A scheme or a domain that makes no URL.
        KserveUrlInvalid = "kserve-url-invalid",
        /// A Gateway without a namespace.
        KserveGatewayWithoutNamespace = "kserve-gateway-without-namespace",
        /// An Ingress that sends the transformer's host to the predictor.
        KserveTransformerBackend = "kserve-transformer-backend",
        /// An Ingress that gives the explainer no host of its own.
        KserveExplainerWithoutHost = "kserve-explainer-without-host",
        /// A URL that no route answers to.
        KserveUrlWithoutRoute = "kserve-url-without-route",
        /// Additional hosts that change from run to run.
        KserveAdditionalHostsRandom = "kserve-additional-hosts-random",
        /// An additional domain that is left out in silence.
        KserveAdditionalDomainInvalid = "kserve-additional-domain-invalid",
        /// Additional domains that add no host.
        KserveAdditionalDomainIgnored = "kserve-additional-domain-ignored",
        /// A component without a host, so that the service has no route.
        KserveComponentNotReady = "kserve-component-not-ready",
        /// A service that the API server or the webhook refuses.
        KserveNotAdmitted = "kserve-not-admitted",
        /// A service whose hosts are those of its Gateway.
        KserveHostOfGateway = "kserve-host-of-gateway",
        /// A model that no runtime among the objects takes, and none that `KServe` ships.
        KserveRuntimeRefused = "kserve-runtime-refused",
        /// A model that no runtime of `KServe`'s own serves.
        KserveNoRuntime = "kserve-no-runtime",
        /// Two services with an object of one name.
        KserveNameTaken = "kserve-name-taken",
        /// A host that two services have.
        KserveHostTaken = "kserve-host-taken",
        /// A canary's percentage that Knative refuses.
        KserveCanaryPercent = "kserve-canary-percent",
        /// A canary that takes traffic of other components.
        KserveCanaryBackend = "kserve-canary-backend",
        /// A canary that counts for nothing.
        KserveCanaryIgnored = "kserve-canary-ignored",
        /// A service, or a component of it, that its annotation stops.
        KserveStopped = "kserve-stopped",
        /// A service without hosts of its own.
        KserveModelMesh = "kserve-model-mesh",
    }
}

impl krm_function::Code for Code {
    fn as_str(self) -> &'static str {
        Self::as_str(self)
    }

    fn ids() -> Vec<&'static str> {
        Self::ALL.iter().map(|code| code.as_str()).collect()
    }

    fn renamed() -> &'static [(&'static str, &'static str)] {
        RENAMED
    }

    fn can_be_accepted(self) -> bool {
        !NOT_ACCEPTED.contains(&self)
    }
}

/// Ids that were given up, and the one in place of each: they stay valid in `accept` and in baselines.
const RENAMED: &[(&str, &str)] = &[];

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
    Code::CertificateRegionsDiffer,
    Code::HeaderNameInvalid,
    Code::HeaderValuesMissing,
    Code::HeaderValuesTooMany,
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

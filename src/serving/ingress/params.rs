//! The fields of `IngressParams`, as users write them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::runtime::Checked;
use crate::serving::ingress::balancer_params::{Group, HealthCheckParams};
use crate::serving::ingress::jwt_params::Jwt;
use crate::serving::ingress::login_params::{Oidc, OnUnauthenticated};
use crate::serving::ingress::token_params::TokenParam;
use crate::values::arn::{CertificateArn, UserPoolArn, WebAclArn};
use crate::values::cognito::{UserPoolClientId, UserPoolDomain};
use crate::values::dns_name::ListenerHost;
use crate::values::elb::{Cidr, SecurityGroup, SslPolicy, Subnet};
use crate::values::header::HeaderName;
use crate::values::oidc::LoginScope;
use crate::values::scheme::Scheme;

/// Which of the guide's overlays to render.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Overlay {
    /// Plain HTTP on port 80, open to every request.
    Base,
    /// HTTPS on port 443, open to every request.
    Https,
    /// HTTPS; a request needs one of the tokens in its header.
    Api,
    /// HTTPS; a request needs a Cognito login.
    Cognito,
    /// HTTPS; a request needs a JSON Web Token, which the load balancer validates.
    Jwt,
    /// HTTPS; a request needs a login with an `OpenID` Connect provider.
    Oidc,
}

impl Overlay {
    /// Its name.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Https => "https",
            Self::Api => "api",
            Self::Cognito => "cognito",
            Self::Jwt => "jwt",
            Self::Oidc => "oidc",
        }
    }

    /// Whether browsers log in.
    #[must_use]
    pub(crate) fn has_login(self) -> bool {
        matches!(self, Self::Cognito | Self::Oidc)
    }
}

/// One text, or a list of them.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a string or a list of strings")]
pub(crate) enum OneOrMany<T> {
    /// `certArn: arn:…`
    One(T),
    /// `certArn: [arn:…, arn:…]`
    Many(Vec<T>),
}

impl<T: Clone> OneOrMany<T> {
    /// All of them, in order.
    #[must_use]
    pub(crate) fn to_vec(&self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one.clone()],
            Self::Many(many) => many.clone(),
        }
    }
}

/// What to set on the Ingress in front of `KServe`: where it listens, with which certificate, and who
/// may pass.
///
/// A wrong text is kept with what is wrong with it, so each can be reported with its place. No
/// `Debug`: some of them are tokens.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct IngressParams {
    /// Which overlay to render. Default: `cognito` if Cognito settings are given, `oidc` if those of
    /// another provider are, `jwt` if those of JSON Web Tokens are, `api` if header values are, `https` if a certificate is, else `base`.
    pub overlay: Option<Overlay>,
    /// Who manages the Ingresses. With `auto-mode`, EKS Auto Mode: the class is set by name, and what its
    /// IngressClassParams can say is written there; a class that the input does not have is generated.
    /// Default: what the IngressClass says.
    pub platform: Option<Platform>,
    /// The Ingress to set. Default: every Ingress of class `alb` with the backend
    /// `istio-ingressgateway`.
    pub target: Option<Target>,
    /// Several Ingresses, each with fields of its own, in place of `target`: a token a stage, or a
    /// login and a token in front of one gateway. The other fields of this configuration are those
    /// of every entry that has none of its own.
    pub targets: Option<Vec<TargetParams>>,
    /// ARN of the listener's certificate in ACM or IAM; of several, the first is the listener's
    /// default and the others are chosen by SNI.
    #[schemars(
        example = &"arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    )]
    pub cert_arn: Option<OneOrMany<Checked<CertificateArn>>>,
    /// Name of the header that holds the token. Default: `x-api-key`.
    #[schemars(example = &"x-api-key")]
    pub http_header_name: Option<Checked<HeaderName>>,
    /// The tokens, each of which opens the listener: one to three of 1 to 128 printable ASCII
    /// characters, without `*` and `?`. One that is being replaced is written as `previous: TOKEN`: it
    /// opens the listener beside the new one, and is reported until it is removed.
    #[schemars(
        length(min = 1, max = 3),
        example = &["0f5b1c2e9d8a4736a1b2c3d4e5f60718"]
    )]
    pub http_header_values: Option<Vec<TokenParam>>,
    /// Whether the load balancer has public addresses. Default: what the Ingress says.
    #[schemars(example = &"internet-facing")]
    pub load_balancer_scheme: Option<Checked<Scheme>>,
    /// The only hosts that the Ingress serves; a first label `*` matches one or more characters.
    /// Default: what the rules of the Ingress say.
    #[schemars(example = &["*.staging.platform.example.com"])]
    pub hosts: Option<Vec<Checked<ListenerHost>>>,
    /// The Cognito user pool to log in to.
    pub cognito: Cognito,
    /// The `OpenID` Connect provider to log in to.
    pub oidc: Oidc,
    /// The scope of a login, of either provider: words with one space between them, `openid` among them.
    /// Default: what the Ingress says, else `openid`.
    #[schemars(example = &"openid email")]
    pub scope: Option<Checked<LoginScope>>,
    /// Seconds after which a browser logs in again, 1 to 604800. Default: what the Ingress says, else
    /// 604800, which is seven days.
    #[schemars(range(min = 1, max = 604_800), example = &3600)]
    pub session_timeout: Option<u32>,
    /// What becomes of a request without a session: it is sent to the login, or refused. Default: what the
    /// Ingress says, else `authenticate`.
    #[schemars(example = &"deny")]
    pub on_unauthenticated_request: Option<OnUnauthenticated>,
    /// The JSON Web Tokens that a request must have one of.
    pub jwt: Jwt,
    /// The load balancer's health check. Default: what the Ingress says; where it has none, and the gateway of
    /// the input would not answer with what is taken, the gateway's own readiness.
    pub health_check: HealthCheckParams,
    /// The group of Ingresses that share the load balancer, and the place in it.
    pub group: Group,
    /// The HTTPS port that every HTTP listener of the load balancer redirects to. The rules of HTTP listeners
    /// are removed, those of the other Ingresses of the group as well; without an HTTP listener one is added
    /// on port 80. Default: what the Ingress says, else no redirect.
    #[schemars(range(min = 1, max = 65535), example = &443)]
    pub ssl_redirect: Option<u16>,
    /// The security policy of the HTTPS listener. Default: what the Ingress says, else that of Elastic Load
    /// Balancing.
    #[schemars(example = &"ELBSecurityPolicy-TLS13-1-2-2021-06")]
    pub ssl_policy: Option<Checked<SslPolicy>>,
    /// The addresses that the load balancer's own security group lets in. Default: what the Ingress says,
    /// else all.
    #[schemars(length(min = 1), example = &["10.0.0.0/8"])]
    pub inbound_cidrs: Option<Vec<Checked<Cidr>>>,
    /// The load balancer's security groups, by ID or by the tag `Name`, in place of one of the controller's
    /// own, so `inboundCidrs` has no effect; they must let clients in, and the nodes' and pods' must let them in:
    /// see `manageBackendSecurityGroupRules`.
    #[schemars(length(min = 1), example = &["sg-0a1b2c3d4e5f60718"])]
    pub security_groups: Option<Vec<Checked<SecurityGroup>>>,
    /// Whether the controller writes rules into the security groups of the nodes and pods that let in the load
    /// balancer with its `securityGroups`: it then has another group of the controller's beside them. With
    /// `false` these rules are somebody else's. Default: what the Ingress says, else what the controller's flag
    /// says, which is `false`.
    pub manage_backend_security_group_rules: Option<bool>,
    /// ARN of a regional web ACL of AWS WAF, in the load balancer's region.
    #[schemars(
        example = &"arn:aws:wafv2:us-west-2:123456789012:regional/webacl/models/3ab78708-85b0-49d3-b4e1-7a9615a6613b"
    )]
    pub waf_acl_arn: Option<Checked<WebAclArn>>,
    /// Attributes of the load balancer. Others that the Ingress has stay.
    #[schemars(example = &serde_json::json!({ "idle_timeout.timeout_seconds": "120" }))]
    pub load_balancer_attributes: Option<BTreeMap<String, String>>,
    /// The load balancer's subnets, by ID or by the tag `Name`. Default: what the Ingress says, else those
    /// that the controller finds by their tags.
    #[schemars(length(min = 1), example = &["subnet-0a1b2c3d4e5f60718", "subnet-1b2c3d4e5f607189a"])]
    pub subnets: Option<Vec<Checked<Subnet>>>,
    /// Tags of what the controller creates. Others that the Ingress has stay.
    #[schemars(example = &serde_json::json!({ "team": "models" }))]
    pub tags: Option<BTreeMap<String, String>>,
    /// From where the ports of the nodes are reached. With `public` a Service of type `NodePort` in front
    /// of the protected pods is an open door. Default: `internal`.
    pub node_ports: Option<NodePorts>,
    /// ConfigMaps and Secrets of the input that hold these fields as `key: text`, as kustomize
    /// generates them from a `params.env`. Later ones override earlier ones, and fields of this
    /// configuration override all.
    pub params_from: Vec<ParamsSource>,
}

impl IngressParams {
    /// Whether no parameter is given, here or in another object.
    #[must_use]
    pub(crate) fn sets_nothing(&self) -> bool {
        let own = self.clone();
        let where_alone = Self {
            target: own.target,
            platform: own.platform,
            node_ports: own.node_ports,
            ..Self::default()
        };
        *self == where_alone
    }
}

/// Who manages Ingresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Platform {
    /// EKS Auto Mode.
    AutoMode,
}

/// From where the ports of the nodes are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum NodePorts {
    /// From the VPC alone: the nodes' security group lets in the load balancer alone.
    Internal,
    /// From everywhere.
    Public,
}

/// Which Ingress to set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Target {
    /// `metadata.name` of the Ingress.
    pub name: Option<String>,
    /// `metadata.namespace` of the Ingress.
    pub namespace: Option<String>,
}

/// An Ingress to set, with what is set on it alone.
#[derive(Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TargetParams {
    /// `metadata.name` of the Ingress.
    pub name: Option<String>,
    /// `metadata.namespace` of the Ingress.
    pub namespace: Option<String>,
    /// As the field of the configuration.
    pub overlay: Option<Overlay>,
    /// As the field of the configuration.
    pub cert_arn: Option<OneOrMany<Checked<CertificateArn>>>,
    /// As the field of the configuration.
    pub http_header_name: Option<Checked<HeaderName>>,
    /// As the field of the configuration.
    #[schemars(length(min = 1, max = 3))]
    pub http_header_values: Option<Vec<TokenParam>>,
    /// As the field of the configuration.
    pub load_balancer_scheme: Option<Checked<Scheme>>,
    /// As the field of the configuration.
    pub hosts: Option<Vec<Checked<ListenerHost>>>,
    /// As the field of the configuration.
    pub cognito: Cognito,
    /// As the field of the configuration.
    pub oidc: Oidc,
    /// As the field of the configuration.
    pub scope: Option<Checked<LoginScope>>,
    /// As the field of the configuration.
    #[schemars(range(min = 1, max = 604_800))]
    pub session_timeout: Option<u32>,
    /// As the field of the configuration.
    pub on_unauthenticated_request: Option<OnUnauthenticated>,
    /// As the field of the configuration.
    pub jwt: Jwt,
    /// As the field of the configuration.
    pub health_check: HealthCheckParams,
    /// As the field of the configuration.
    pub group: Group,
    /// As the field of the configuration.
    #[schemars(range(min = 1, max = 65535))]
    pub ssl_redirect: Option<u16>,
    /// As the field of the configuration.
    pub ssl_policy: Option<Checked<SslPolicy>>,
    /// As the field of the configuration.
    #[schemars(length(min = 1))]
    pub inbound_cidrs: Option<Vec<Checked<Cidr>>>,
    /// As the field of the configuration.
    #[schemars(length(min = 1))]
    pub security_groups: Option<Vec<Checked<SecurityGroup>>>,
    /// As the field of the configuration.
    pub manage_backend_security_group_rules: Option<bool>,
    /// As the field of the configuration.
    pub waf_acl_arn: Option<Checked<WebAclArn>>,
    /// As the field of the configuration.
    pub load_balancer_attributes: Option<BTreeMap<String, String>>,
    /// As the field of the configuration.
    #[schemars(length(min = 1))]
    pub subnets: Option<Vec<Checked<Subnet>>>,
    /// As the field of the configuration.
    pub tags: Option<BTreeMap<String, String>>,
    /// As the field of the configuration.
    pub params_from: Vec<ParamsSource>,
}

impl TargetParams {
    /// Which Ingress it is.
    #[must_use]
    pub(crate) fn target(&self) -> Target {
        Target { name: self.name.clone(), namespace: self.namespace.clone() }
    }

    /// What is set on it.
    #[must_use]
    pub(crate) fn params(&self) -> IngressParams {
        let own = self.clone();
        IngressParams {
            overlay: own.overlay,
            platform: None,
            target: None,
            targets: None,
            cert_arn: own.cert_arn,
            http_header_name: own.http_header_name,
            http_header_values: own.http_header_values,
            load_balancer_scheme: own.load_balancer_scheme,
            hosts: own.hosts,
            cognito: own.cognito,
            oidc: own.oidc,
            scope: own.scope,
            session_timeout: own.session_timeout,
            on_unauthenticated_request: own.on_unauthenticated_request,
            jwt: own.jwt,
            health_check: own.health_check,
            group: own.group,
            ssl_redirect: own.ssl_redirect,
            ssl_policy: own.ssl_policy,
            inbound_cidrs: own.inbound_cidrs,
            security_groups: own.security_groups,
            manage_backend_security_group_rules: own.manage_backend_security_group_rules,
            waf_acl_arn: own.waf_acl_arn,
            load_balancer_attributes: own.load_balancer_attributes,
            subnets: own.subnets,
            tags: own.tags,
            node_ports: None,
            params_from: own.params_from,
        }
    }
}

/// The Cognito user pool that a request must be logged in to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Cognito {
    /// ARN of the user pool.
    #[schemars(
        example = &"arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_abcdef123"
    )]
    pub user_pool_arn: Option<Checked<UserPoolArn>>,
    /// ID of the user pool's app client.
    #[schemars(example = &"1example23456789")]
    pub user_pool_client_id: Option<Checked<UserPoolClientId>>,
    /// Domain of the user pool: the prefix of Amazon's domain, or a domain of one's own.
    #[schemars(example = &"auth.platform.example.com")]
    pub user_pool_domain: Option<Checked<UserPoolDomain>>,
}

/// A ConfigMap or a Secret that holds parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ParamsSource {
    /// A ConfigMap.
    pub config_map: Option<Named>,
    /// A Secret.
    pub secret: Option<Named>,
    /// Keeps the object in the output. Default: it is removed, so no token is applied with it.
    pub keep: bool,
}

/// The name of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    /// `metadata.name`.
    pub name: String,
    /// `metadata.namespace`. Default: any.
    #[serde(default)]
    pub namespace: Option<String>,
}

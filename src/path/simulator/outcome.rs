//! What came of a request.

use std::fmt;

use crate::values::k8s::ResourceRef;

/// The way of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trace {
    /// The request, without what its headers hold.
    pub request: String,
    /// The hops in order.
    pub hops: Vec<Hop>,
    /// What the client sees.
    pub outcome: Outcome,
    /// What was taken for granted.
    pub assumed: Vec<String>,
    /// Namespace and name of the Service behind the load balancer, where it is not in the input.
    pub absent_service: Option<(String, String)>,
}

/// One hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hop {
    /// Where.
    pub place: Place,
    /// The outcome of the request.
    pub verdict: HopVerdict,
    /// The object that decides, where one does.
    pub by: Option<ResourceRef>,
    /// Its field.
    pub field: Option<String>,
    /// In a sentence.
    pub text: String,
}

/// Where a hop is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The DNS name.
    Dns,
    /// The listener and its certificate.
    Tls,
    /// The load balancer's rules.
    LoadBalancer,
    /// The policies and filters of a gateway.
    Gateway,
    /// The routes of a gateway.
    Route,
    /// The policies before the pods that serve.
    Workload,
    /// The pods that serve.
    Application,
}

impl Place {
    /// As reports spell it.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "DNS",
            Self::Tls => "TLS",
            Self::LoadBalancer => "load balancer",
            Self::Gateway => "gateway",
            Self::Route => "route",
            Self::Workload => "workload",
            Self::Application => "application",
        }
    }
}

/// The outcome of a request at a hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HopVerdict {
    /// It continues.
    Passes,
    /// It ends here.
    Ends,
    /// The manifests do not decide; the walk continues as if it passed.
    Unknown,
}

/// What the client sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// This.
    Decided(Way),
    /// Any of these: the manifests do not decide.
    Unknown {
        /// What is not decided.
        why: Vec<String>,
        /// What comes of it, each way.
        ways: Vec<Way>,
    },
}

/// One way that it may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    /// The status; `None` where no answer comes.
    pub status: Option<u16>,
    /// Why.
    pub cause: Cause,
}

impl fmt::Display for Way {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(out, "{status} ({})", self.cause),
            None => write!(out, "no answer ({})", self.cause),
        }
    }
}

impl Outcome {
    /// Whether the model's pods answer with 2xx, for sure.
    #[must_use]
    pub(crate) fn is_success(&self) -> bool {
        matches!(self, Self::Decided(way) if way.status.is_some_and(|one| (200..300).contains(&one)))
    }

    /// Every way that it may end.
    #[must_use]
    pub fn ways(&self) -> &[Way] {
        match self {
            Self::Decided(way) => std::slice::from_ref(way),
            Self::Unknown { ways, .. } => ways,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decided(way) => write!(out, "{way}"),
            Self::Unknown { why, ways } => {
                let ways: Vec<String> = ways.iter().map(ToString::to_string).collect();
                write!(out, "unknown: {}; either {}", why.join("; "), ways.join(" or "))
            }
        }
    }
}

macro_rules! causes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $id:literal,)*) => {
        /// Why a request ends as it does: a closed list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Cause {
            $($(#[doc = $doc])+ $variant,)*
        }

        impl Cause {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The kebab-case id.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $id,)*
                }
            }
        }
    };
}

causes! {
    /// The pods that serve answer.
    ModelAnswers = "model-answers",
    /// The pods that serve know no such path.
    ModelPathUnknown = "model-path-unknown",
    /// Kubeflow's dashboard takes what no other route has.
    DashboardAnswers = "dashboard-answers",
    /// Another Service of the cluster answers.
    OtherServiceAnswers = "other-service-answers",
    /// No record has the name.
    DnsNoRecord = "dns-no-record",
    /// The name leads to a load balancer that is not in the package.
    DnsElsewhere = "dns-elsewhere",
    /// No load balancer of the package has rules for the host.
    NoLoadBalancer = "no-load-balancer",
    /// The load balancer does not listen on the port.
    NoListener = "no-listener",
    /// The listener speaks another protocol than the client.
    WrongProtocol = "wrong-protocol",
    /// No certificate has the host's name.
    TlsNameUncovered = "tls-name-uncovered",
    /// No rule of the load balancer takes the request.
    AlbNoRule = "alb-no-rule",
    /// The load balancer sends the client to its login.
    AlbLogin = "alb-login",
    /// The load balancer refuses who has not logged in.
    AlbLoginRefused = "alb-login-refused",
    /// The load balancer refuses who has no valid JSON Web Token.
    AlbJwtRefused = "alb-jwt-refused",
    /// A rule redirects.
    AlbRedirect = "alb-redirect",
    /// A rule answers by itself.
    AlbFixedResponse = "alb-fixed-response",
    /// The rule has no target.
    AlbNoTarget = "alb-no-target",
    /// The target group's health check does not pass.
    AlbUnhealthy = "alb-unhealthy",
    /// A filter of the gateway sends the client to a login.
    GatewayLogin = "gateway-login",
    /// A filter of the gateway that is not modelled.
    GatewayFilter = "gateway-filter",
    /// The policies of the gateway refuse.
    GatewayRefused = "gateway-refused",
    /// The gateway refuses the request's token.
    GatewayTokenRefused = "gateway-token-refused",
    /// The gateway does not take the request.
    GatewayBadRequest = "gateway-bad-request",
    /// The gateway has no server on the port.
    GatewayNoServer = "gateway-no-server",
    /// The gateway redirects to `https`.
    GatewayHttpsRedirect = "gateway-https-redirect",
    /// No route of the gateway takes the request.
    GatewayNoRoute = "gateway-no-route",
    /// A route redirects.
    RouteRedirect = "route-redirect",
    /// A route answers by itself.
    RouteDirectResponse = "route-direct-response",
    /// The routes lead in a circle.
    RouteCircle = "route-circle",
    /// The policies before the pods refuse.
    WorkloadRefused = "workload-refused",
    /// The proxy before the pods refuses the request's token.
    WorkloadTokenRefused = "workload-token-refused",
    /// The proxy before the pods closes the connection.
    WorkloadNoConnection = "workload-no-connection",
    /// The policies before the predictor refuse its transformer.
    PredictorRefused = "predictor-refused",
}

impl fmt::Display for Cause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

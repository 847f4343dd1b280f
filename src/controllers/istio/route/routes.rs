//! Which route a gateway takes for a request.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use super::gateway::{Gateway, Server};
use super::hosts::intersection;
use super::route_match::ReadyMatch;
use super::virtual_service::VirtualService;
use super::visibility::{MESH, is_from_here, visible};
use crate::controllers::istio::answer::{Answer, Doubt};
use crate::controllers::istio::facts::Facts;
use crate::controllers::istio::mesh::{Mesh, PathNormalization};
use crate::controllers::istio::order::oldest_first;
use crate::controllers::istio::path::{InvalidPath, NormalPath};
use crate::controllers::istio::request::{HttpRequest, Request};
use crate::controllers::istio::workload::{Workload, WorkloadKind};

/// Which match of which route of which VirtualService.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteName {
    /// The VirtualService's namespace.
    pub namespace: String,
    /// The VirtualService's name.
    pub virtual_service: String,
    /// The route's index in `spec.http`.
    pub index: usize,
    /// The match's index in the route's `match`; `None` where it has none.
    pub match_index: Option<usize>,
}

impl fmt::Display for RouteName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{} http[{}]", self.namespace, self.virtual_service, self.index)
    }
}

/// Where a gateway sends a request that its policies let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routing {
    /// No Gateway of these pods has an HTTP server on the port: the connection is refused.
    NoServer,
    /// The proxy does not take the request: 400.
    Malformed,
    /// 404: no VirtualService has the host, or none of its routes matches. The proxy does not look
    /// at a less specific host then.
    NotFound {
        /// The host of the VirtualServices that were consulted, `*` or with a star; `None` where none has
        /// the request's host.
        host: Option<String>,
    },
    /// 301 to `https`: a server of the host has `httpsRedirect`.
    HttpsRedirect,
    /// This route.
    Route(RouteName),
    /// The objects and the request do not tell.
    Undecided {
        /// What is missing.
        why: BTreeSet<Doubt>,
    },
}

/// The HTTP routes of a gateway's pods on one port.
#[derive(Debug, Clone)]
pub struct GatewayRoutes {
    workload: Workload,
    normalization: PathNormalization,
    has_server: bool,
    routes: Vec<ReadyRoute>,
    hosts: BTreeMap<String, VirtualHost>,
    /// The hosts with a star and more, the longest first.
    wildcards: Vec<String>,
}

#[derive(Debug, Clone)]
struct ReadyRoute {
    name: RouteName,
    matches: ReadyMatch,
}

#[derive(Debug, Clone, Default)]
struct VirtualHost {
    /// Those of each VirtualService, as places in [`GatewayRoutes::routes`]: hosts share them.
    routes: Vec<Range<usize>>,
    wants_https: bool,
}

impl GatewayRoutes {
    /// The routes of the workload's pods on a port, without TLS, as istiod writes them
    /// (`buildGatewayHTTPRouteConfig`, `pilot/pkg/networking/core/gateway.go`).
    ///
    /// `port` is `spec.servers[].port.number` of a Gateway. HTTPS servers (chosen by server name) and
    /// servers with a `bind` of their own are not covered, nor are delegates, which are a doubt.
    #[must_use]
    pub fn on_port(
        mesh: &Mesh,
        workload: &Workload,
        gateways: &[Gateway],
        virtual_services: &[VirtualService],
        port: u32,
    ) -> Self {
        let mut routes = Self::empty(mesh, workload);
        let gateways = oldest_first(gateways, |gateway| &gateway.metadata);
        let selected = gateways.iter().filter(|gateway| gateway.selects(&workload.labels));
        let servers: Vec<(&Gateway, &Server)> = selected
            .flat_map(|gateway| gateway.spec.servers.iter().map(|server| (*gateway, server)))
            .filter(|(_, server)| server.port.number == port && server.bind.is_empty())
            .filter(|(_, server)| server.is_plain_http() || server.tls.is_none())
            .collect();
        // The first plaintext server on a port decides its protocol; HTTP joins HTTP only.
        if servers.first().is_none_or(|(_, first)| !first.is_plain_http()) {
            return routes;
        }
        let servers = servers.into_iter().filter(|(_, server)| server.is_plain_http());
        routes.add(servers, virtual_services);
        routes
    }

    /// The routes behind a server that ends TLS, which has them for itself.
    #[must_use]
    pub(crate) fn of_tls_server(
        mesh: &Mesh,
        workload: &Workload,
        (gateway, server): (&Gateway, &Server),
        virtual_services: &[VirtualService],
    ) -> Self {
        let mut routes = Self::empty(mesh, workload);
        routes.add(std::iter::once((gateway, server)), virtual_services);
        routes
    }

    fn empty(mesh: &Mesh, workload: &Workload) -> Self {
        Self {
            workload: workload.clone(),
            normalization: mesh.path_normalization,
            has_server: false,
            routes: Vec::new(),
            hosts: BTreeMap::new(),
            wildcards: Vec::new(),
        }
    }

    /// Writes the routes of servers.
    fn add<'a>(
        &mut self,
        servers: impl Iterator<Item = (&'a Gateway, &'a Server)>,
        virtual_services: &[VirtualService],
    ) {
        self.has_server = true;
        let virtual_services = oldest_first(virtual_services, |one| &one.metadata);
        let mut written: BTreeMap<(String, usize), Range<usize>> = BTreeMap::new();
        let workload = self.workload.clone();
        for (gateway, server) in servers {
            let gateway_name = gateway.full_name();
            let is_for = |service: &VirtualService| {
                let mut own = service.spec.gateways.iter().filter(|name| *name != MESH);
                own.any(|name| service.gateway_name(name) == gateway_name)
            };
            for (place, virtual_service) in visible(&virtual_services, is_for, &workload) {
                let own = written.entry((gateway_name.clone(), place)).or_insert_with(|| {
                    self.write(virtual_service, &gateway_name, server.port.number)
                });
                self.join(virtual_service, own, gateway, server);
            }
            if server.wants_https() {
                for host in server.hosts_for("", gateway.namespace()) {
                    let host = self.hosts.entry(host.to_ascii_lowercase()).or_default();
                    host.wants_https = true;
                }
            }
        }
        self.sort();
    }

    /// The routes of a pod's sidecar for what the pod sends, as istiod writes them of the VirtualServices
    /// for `mesh` (`buildSidecarVirtualHostsForVirtualService`, `core/route/route.go`).
    #[must_use]
    pub fn of_sidecar(
        mesh: &Mesh,
        workload: &Workload,
        virtual_services: &[VirtualService],
        port: u32,
    ) -> Self {
        let mut routes = Self::empty(mesh, workload);
        routes.has_server = true;
        let is_for = |service: &VirtualService| {
            service.spec.gateways.is_empty()
                || service.spec.gateways.iter().any(|name| name == MESH)
        };
        let virtual_services = oldest_first(virtual_services, |one| &one.metadata);
        for (_, service) in visible(&virtual_services, is_for, workload) {
            let own = routes.write(service, MESH, port);
            if own.is_empty() {
                continue;
            }
            for host in service.full_hosts() {
                // The first VirtualService of a host is the one.
                let host = routes.hosts.entry(host.to_ascii_lowercase()).or_default();
                if host.routes.is_empty() {
                    host.routes.push(own.clone());
                }
            }
        }
        routes.sort();
        routes
    }

    /// Writes the routes of a VirtualService down, up to one that takes everything, and gives their
    /// places (`BuildHTTPRoutesForVirtualService`, `core/route/route.go`).
    fn write(&mut self, service: &VirtualService, gateway: &str, port: u32) -> Range<usize> {
        let start = self.routes.len();
        for (index, route) in service.spec.http.iter().enumerate() {
            let name = |match_index| RouteName {
                namespace: service.namespace().to_owned(),
                virtual_service: service.metadata.name.clone(),
                index,
                match_index,
            };
            let everything = [(None, ReadyMatch::everything(route.delegate.as_ref()))];
            let some = route.matches.iter().enumerate().filter_map(|(match_index, one)| {
                let applies = (one.port == 0 || one.port == port)
                    && is_from_here(service, one, gateway, &self.workload);
                applies.then(|| (Some(match_index), ReadyMatch::new(one, route.delegate.as_ref())))
            });
            let matches: Vec<(Option<usize>, ReadyMatch)> =
                if route.matches.is_empty() { everything.into() } else { some.collect() };
            for (match_index, matches) in matches {
                let is_catch_all = matches.is_catch_all();
                self.routes.push(ReadyRoute { name: name(match_index), matches });
                if is_catch_all {
                    return start..self.routes.len();
                }
            }
        }
        start..self.routes.len()
    }

    fn join(
        &mut self,
        service: &VirtualService,
        own: &Range<usize>,
        gateway: &Gateway,
        server: &Server,
    ) {
        if own.is_empty() {
            return;
        }
        let served = server.hosts_for(service.namespace(), gateway.namespace());
        let hosts: Vec<String> = service.full_hosts().collect();
        for host in intersection(&served, &hosts) {
            let host = self.hosts.entry(host.to_ascii_lowercase()).or_default();
            host.routes.push(own.clone());
            host.wants_https |= server.wants_https();
        }
    }

    /// Puts the long wildcards first.
    fn sort(&mut self) {
        self.wildcards = self
            .hosts
            .keys()
            .filter(|host| host.len() > 1 && host.starts_with('*'))
            .cloned()
            .collect();
        self.wildcards.sort_by_key(|host| std::cmp::Reverse(host.len()));
    }

    /// Finds the route of a request, which the policies are taken to let through.
    #[must_use]
    pub fn route(&self, request: &Request) -> Routing {
        match &request.http {
            Some(http) => self.route_to(request, &http.host),
            None => Routing::NoServer,
        }
    }

    /// The same where a short name of a Service stands for its full one, `host`.
    #[must_use]
    pub fn route_to(&self, request: &Request, host: &str) -> Routing {
        let Some(http) = request.http.as_ref().filter(|_| self.has_server) else {
            return Routing::NoServer;
        };
        let (path, older) = match NormalPath::readings(&http.path, self.normalization) {
            Ok(paths) => paths,
            Err(InvalidPath::WholeUrl) => {
                return Routing::Undecided { why: BTreeSet::from([Doubt::AbsoluteTarget]) };
            }
            Err(InvalidPath::NotAbsolute | InvalidPath::Character) => return Routing::Malformed,
        };
        let Some((name, host)) = self.find_host(host) else {
            return Routing::NotFound { host: None };
        };
        if host.wants_https && !self.is_https(request) {
            return Routing::HttpsRedirect;
        }
        let routing = self.route_path(request, (http, &path), (name, host));
        match older.map(|older| self.route_path(request, (http, &older), (name, host))) {
            Some(other) if other != routing => {
                Routing::Undecided { why: BTreeSet::from([Doubt::DotParameters]) }
            }
            _ => routing,
        }
    }

    fn route_path(
        &self,
        request: &Request,
        http: (&HttpRequest, &NormalPath),
        (name, host): (&str, &VirtualHost),
    ) -> Routing {
        let facts =
            Facts { request, workload: &self.workload, http: Some(http), remote_address: None };
        for route in self.in_order(host) {
            match route.matches.answer(&facts) {
                Answer::Yes => return Routing::Route(route.name.clone()),
                Answer::No => {}
                Answer::Unknown(why) => return Routing::Undecided { why },
            }
        }
        Routing::NotFound { host: Some(name.to_owned()) }
    }

    /// The routes of a host in their order: what takes everything comes last (`SortVHostRoutes`).
    fn in_order(&self, host: &VirtualHost) -> impl Iterator<Item = &ReadyRoute> {
        let routes =
            || host.routes.iter().cloned().flatten().filter_map(|place| self.routes.get(place));
        let some = routes().filter(|route| !route.matches.is_catch_all());
        some.chain(routes().filter(|route| route.matches.is_catch_all()))
    }

    /// The most specific host, in any case and without the port: itself, then the longest that ends
    /// alike, then `*` (`findVirtualHost`, Envoy's `source/common/router/config_impl.cc`).
    fn find_host(&self, sent: &str) -> Option<(&str, &VirtualHost)> {
        let end = match (sent.rfind(':'), sent.rfind(']')) {
            (Some(colon), bracket) if bracket.is_none_or(|bracket| bracket < colon) => colon,
            _ => sent.len(),
        };
        let host = sent[..end].to_ascii_lowercase();
        let exact = Some(host.as_str()).filter(|host| !host.starts_with('*'));
        let wildcard = || {
            self.wildcards
                .iter()
                .map(String::as_str)
                .find(|wildcard| host.len() >= wildcard.len() && host.ends_with(&wildcard[1..]))
        };
        let found = |name: &str| self.hosts.get_key_value(name);
        exact
            .and_then(found)
            .or_else(|| wildcard().and_then(found))
            .or_else(|| found("*"))
            .map(|(name, host)| (name.as_str(), host))
    }

    /// Whether a trusted proxy in front says that the client came over `https`.
    fn is_https(&self, request: &Request) -> bool {
        let trusts = matches!(
            self.workload.kind,
            WorkloadKind::Gateway { trusted_proxies } if trusted_proxies > 0
        );
        let told = request.http.as_ref().and_then(|http| http.header("x-forwarded-proto"));
        trusts && told.is_some_and(|scheme| scheme == "https")
    }
}

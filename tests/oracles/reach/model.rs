//! What our own evaluation says of the tables' requests.

use kserve_aws::controllers::istio::{
    AuthorizationPolicy, Gateway, GatewayRoutes, HttpRequest, Identity, Jwt, Mesh, Peer,
    PoliciesInForce, Request, Routing, Verdict, VirtualService, Workload,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::mesh::{GatewayPods, Pods};
use super::rows::{REFUSED, Sent};

pub(crate) struct Model {
    policies: Vec<AuthorizationPolicy>,
    gateways: Vec<Gateway>,
    routes: Vec<VirtualService>,
}

impl Model {
    pub(crate) fn of(objects: &[Value]) -> Self {
        Self {
            policies: of_kind(objects, "AuthorizationPolicy"),
            gateways: of_kind(objects, "Gateway"),
            routes: of_kind(objects, "VirtualService"),
        }
    }

    /// Whether pods let a request through to their application.
    pub(crate) fn lets_in(&self, pods: &Workload, peer: Option<&str>, sent: &Sent) -> bool {
        let in_force = PoliciesInForce::for_workload(&Mesh::default(), pods, &self.policies, &[]);
        match in_force.evaluate(&request(peer, 8012, sent)).verdict {
            Verdict::Allowed => true,
            Verdict::Denied { .. } => false,
            Verdict::Undecided { why } => panic!("{why:?}"),
        }
    }

    /// Where a request leads that comes to a gateway, and whether it is answered there.
    pub(crate) fn through(&self, gateway: GatewayPods, sent: &Sent) -> (String, bool) {
        let workload = gateway.workload();
        if !self.lets_in(&workload, None, sent) {
            return (REFUSED.to_owned(), false);
        }
        let port = gateway.server_port();
        let routes =
            GatewayRoutes::on_port(&Mesh::default(), &workload, &self.gateways, &self.routes, port);
        let route = match routes.route(&request(None, gateway.pod_port(), sent)) {
            Routing::Route(name) => name,
            Routing::NotFound { .. } => return ("nothing".to_owned(), false),
            other => panic!("{other:?}"),
        };
        let service = self.routes.iter().find(|service| {
            service.metadata.name == route.virtual_service && service.namespace() == route.namespace
        });
        let route = &service.unwrap().spec.http[route.index];
        let host = &route.route[0].destination.host;
        if host.starts_with(GatewayPods::Local.service()) {
            let set = &route.headers.as_ref().unwrap().request.set;
            let sent = Sent { host: set["Host"].clone(), ..sent.clone() };
            return self.through(GatewayPods::Local, &sent);
        }
        let found = Pods::all()
            .into_iter()
            .find(|pods| host.starts_with(&format!("{}-00001.", pods.knative_service())));
        let Some(pods) = found else { return ("the dashboard".to_owned(), true) };
        let peer = format!("cluster.local/ns/istio-system/sa/{}", gateway.service_account());
        (pods.name(), self.lets_in(&pods.workload(), Some(&peer), sent))
    }
}

fn of_kind<T: DeserializeOwned>(objects: &[Value], kind: &str) -> Vec<T> {
    let found = objects.iter().filter(|object| object["kind"] == kind);
    found.map(|object| serde_json::from_value(object.clone()).unwrap()).collect()
}

fn request(peer: Option<&str>, port: u16, sent: &Sent) -> Request {
    let identity = |peer: &str| Peer::Mutual(Identity::parse(peer).unwrap());
    Request {
        peer: peer.map_or(Peer::Plaintext, identity),
        source_address: None,
        destination_address: None,
        destination_port: port,
        sni: None,
        http: Some(HttpRequest {
            host: sent.host.clone(),
            method: sent.method.clone(),
            path: sent.path.clone(),
            headers: sent.headers.clone(),
            jwt: Jwt::Absent,
        }),
    }
}

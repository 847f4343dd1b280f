//! Istio's own configuration generator and Envoy are the judges of who gets through with named callers:
//! each cell of `table.md`, over the gateways of three releases of Kubeflow and what
//! `generate-authorization-policies` adds to them.

mod envoy;
mod logins;
mod request;

use std::collections::BTreeMap;

use kserve_aws::controllers::istio::{
    Action, AuthorizationPolicy, Doubt, HttpRequest, Identity, Mesh, Peer, PoliciesInForce,
    Request, RequestAuthentication, Token, TokenRefusal, TokenRules, Verdict, Workload,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use test_support::oracle::{Oracle, Recorded, Said, hold_alike, record};
use test_support::{documents, project};

use crate::reach::mesh::GatewayPods;
use crate::reach::run_with;
use crate::tokens::TokenOf;
use envoy::Envoy;
use logins::Settings;

const RECORDED: &str = "istio/callers.jsonl";
const TABLE: &str = include_str!("table.md");
const RELEASES: [&str; 3] = ["1.7", "1.10", "26.03"];

const POOL: &str = "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_cEPNNVy5C";
const OTHER_POOL: &str = "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_another00";
const DEX: &str = "http://dex.auth.svc.cluster.local:5556/dex";
const CLUSTER: &str = "https://oidc.eks.us-west-2.amazonaws.com/id/EXAMPLE";
const KUBERNETES: &str = "https://kubernetes.default.svc.cluster.local";
const SIGNERS: [&str; 5] = [POOL, OTHER_POOL, DEX, CLUSTER, KUBERNETES];

const CONFIG: &str = "apiVersion: fn.kserve-aws.dev/v1alpha1
kind: ServingAuthorization
metadata:
  name: serving
spec:
  callers:
  - serviceAccount: pipelines/runner
  - user: ada@example.com
  - jwt:
      userPoolArn: arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_cEPNNVy5C
      clientIds: [client1]
      scopes: [models/predict]
  clusterIssuer:
    issuer: https://oidc.eks.us-west-2.amazonaws.com/id/EXAMPLE
  userIssuer:
    issuer: http://dex.auth.svc.cluster.local:5556/dex
";

const IRIS: &str = "apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: iris
  namespace: team-a
spec:
  predictor:
    model:
      modelFormat:
        name: sklearn
      protocolVersion: v1
";

/// The routes of gateways: the dashboard, what `KServe` creates, with and without a path, and Knative.
const ROUTES: &str = include_str!("routes.yaml");
const PATH_ROUTE: &str = include_str!("path-route.yaml");
const LOGIN_ROUTES: &str = include_str!("login-routes.yaml");

/// What Kubeflow sets for oauth2-proxy.
const MESH: &str = "extensionProviders:
- name: oauth2-proxy
  envoyExtAuthzHttp:
    service: oauth2-proxy.oauth2-proxy.svc.cluster.local
    port: 80
    includeRequestHeadersInCheck: [authorization, cookie]
    headersToUpstreamOnAllow: [authorization, path, x-auth-request-email, x-auth-request-groups, x-auth-request-user]
    headersToDownstreamOnDeny: [content-type, set-cookie]
";

/// The user of a caller that sends the cookie of a session.
fn session_of(name: &str) -> Option<&'static str> {
    match name {
        "the named user's session" => Some("ada@example.com"),
        "another user's session" => Some("eve@example.com"),
        _ => None,
    }
}

/// The token of a user of Dex.
fn token_of_user(email: &str) -> TokenOf {
    let claims = json!({ "iss": DEX, "sub": "CgNhZGESBWxvY2Fs", "email": email });
    TokenOf {
        claims: claims.as_object().unwrap().clone(),
        signer: DEX.to_owned(),
        is_expired: false,
    }
}

/// The token of a caller. The gateways' servers are plain HTTP: nothing but it and a cookie tells who calls.
fn caller(name: &str) -> Option<TokenOf> {
    let token = |issuer: &str, claims: Value| {
        let mut claims = claims.as_object().unwrap().clone();
        claims.insert("iss".to_owned(), issuer.into());
        TokenOf { claims, signer: issuer.to_owned(), is_expired: false }
    };
    let client = |issuer: &str, id: &str, scope: &str| {
        let claims = json!({ "sub": id, "client_id": id, "scope": scope, "token_use": "access" });
        token(issuer, claims)
    };
    let right = || client(POOL, "client1", "openid models/predict");
    let account = |namespace: &str| {
        token(CLUSTER, json!({ "sub": format!("system:serviceaccount:{namespace}:runner") }))
    };
    let user = token_of_user;
    match name {
        "no token" => None,
        name if session_of(name).is_some() => None,
        "the named service account" => Some(account("pipelines")),
        "another namespace's service account" => Some(account("team-z")),
        "the named user of Dex" => Some(user("ada@example.com")),
        "another user of Dex" => Some(user("eve@example.com")),
        "the named client of Cognito" => Some(right()),
        "the same with another scope" => Some(client(POOL, "client1", "openid")),
        "another client of the pool" => Some(client(POOL, "client2", "models/predict")),
        "the named client, expired" => Some(TokenOf { is_expired: true, ..right() }),
        "the named client, signed by another" => {
            Some(TokenOf { signer: OTHER_POOL.to_owned(), ..right() })
        }
        "a client of another pool" => Some(client(OTHER_POOL, "client1", "openid models/predict")),
        _ => panic!("{name}"),
    }
}

/// The objects of Istio in a release's mesh, each with what the function generates.
fn istio_objects(release: &str) -> Vec<Value> {
    let platform = format!("fixtures/kubeflow-mesh/releases/kubeflow-{release}.yaml");
    let platform = std::fs::read_to_string(project(&platform)).unwrap();
    let routes = if release == "26.03" { PATH_ROUTE } else { "" };
    let input = format!("{platform}---\n{ROUTES}{routes}---\n{IRIS}");
    let ran = run_with(Some(CONFIG), &input);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let is_istios = |object: &Value| {
        object["apiVersion"].as_str().is_some_and(|version| version.contains(".istio.io/"))
    };
    documents(&ran.stdout).into_iter().filter(is_istios).collect()
}

/// The release and the way of each column.
type Head = Vec<(String, String)>;

/// Each caller with its cells.
type Cells = Vec<(String, Vec<String>)>;

/// The table: its head without the first column, and each row's name and cells.
fn table() -> (Head, Cells) {
    let rows = TABLE.lines().filter(|line| line.starts_with("| "));
    let rows: Vec<Vec<String>> = rows
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
        .collect();
    let (head, rows) = rows.split_first().unwrap();
    let column = |text: &String| {
        let (release, way) = text.split_once(' ').unwrap();
        (release.to_owned(), way.to_owned())
    };
    let head = head[1..].iter().map(column).collect();
    let row = |row: &Vec<String>| (row[0].clone(), row[1..].to_vec());
    (head, rows.iter().map(row).collect())
}

/// A release by its name: a question is all cells of its columns, row by row.
fn releases() -> Vec<String> {
    RELEASES.iter().map(|release| (*release).to_owned()).collect()
}

/// The cells of a release: caller, way, and what is written.
fn cells(release: &str) -> Vec<(String, String, String)> {
    let (head, rows) = table();
    let of_row = |(name, cells): &(String, Vec<String>)| {
        let own = head.iter().zip(cells).filter(|((of, _), _)| of == release);
        let cell = own.map(|((_, way), cell)| (name.clone(), way.clone(), cell.clone()));
        cell.collect::<Vec<_>>()
    };
    rows.iter().flat_map(of_row).collect()
}

/// What the table says.
struct Written;

impl Oracle for Written {
    type Question = String;
    type Answer = Vec<Said>;

    fn ask(&self, releases: &[String]) -> Vec<Vec<Said>> {
        let said = |release: &String| {
            cells(release).into_iter().map(|(_, _, cell)| Said::Is(cell.into())).collect()
        };
        releases.iter().map(said).collect()
    }
}

/// Host and path of a way, and the gateway that it starts at.
fn way_of(way: &str) -> (GatewayPods, &'static str, &'static str) {
    let predict = "/v1/models/iris:predict";
    match way {
        "host" => (GatewayPods::Ingress, "iris.team-a.example.com", predict),
        "path" => {
            (GatewayPods::Ingress, "example.com", "/serving/team-a/iris/v1/models/iris:predict")
        }
        "local" => (GatewayPods::Local, "iris.team-a.svc.cluster.local", predict),
        _ => panic!("{way}"),
    }
}

/// What oauth2-proxy answers who has no session, with Kubeflow's `skip_provider_button = false`.
const SIGN_IN: &str = "sign-in page";

/// Our evaluation. Where a login decides it says so, also where a DENY policy refuses afterwards.
struct Ours;

impl Oracle for Ours {
    type Question = String;
    type Answer = Vec<Said>;

    fn ask(&self, releases: &[String]) -> Vec<Vec<Said>> {
        let said = |release: &String| {
            let objects = istio_objects(release);
            let mesh = Proxies {
                release,
                policies: of_kind(&objects, "AuthorizationPolicy"),
                tokens: of_kind(&objects, "RequestAuthentication"),
            };
            let answer =
                |(name, way, _): &(String, String, String)| Said::Is(mesh.answer(name, way).into());
            cells(release).iter().map(answer).collect()
        };
        releases.iter().map(said).collect()
    }
}

fn of_kind<T: DeserializeOwned>(objects: &[Value], kind: &str) -> Vec<T> {
    let found = objects.iter().filter(|object| object["kind"] == kind);
    found.map(|object| serde_json::from_value(object.clone()).unwrap()).collect()
}

struct Proxies<'a> {
    release: &'a str,
    policies: Vec<AuthorizationPolicy>,
    tokens: Vec<RequestAuthentication>,
}

impl Proxies<'_> {
    fn answer(&self, name: &str, way: &str) -> &'static str {
        let as_known = |one: TokenOf| Token {
            claims: one.claims,
            signer: one.signer,
            is_expired: one.is_expired,
        };
        let token = caller(name).map(as_known);
        let user = session_of(name);
        let (first, host, mut path) = way_of(way);
        // The filter of 1.7 knows no token.
        if self.release == "1.7" && first == GatewayPods::Ingress && user.is_none() {
            return "login";
        }
        let pods = Workload::sidecar(
            "team-a",
            BTreeMap::from([
                ("component".to_owned(), "predictor".to_owned()),
                ("serving.kserve.io/inferenceservice".to_owned(), "iris".to_owned()),
            ]),
        );
        let account = GatewayPods::Local.service_account();
        let of_local =
            Peer::Mutual(Identity::of_service_account("cluster.local", "istio-system", account));
        let to_model = way != "path" || self.release == "26.03";
        let (ingress, local) = (GatewayPods::Ingress, GatewayPods::Local);
        let hops = match first {
            GatewayPods::Ingress if to_model => vec![
                (ingress.workload(), Peer::Plaintext),
                (local.workload(), Peer::Plaintext),
                (pods, of_local),
            ],
            GatewayPods::Ingress => vec![(ingress.workload(), Peer::Plaintext)],
            GatewayPods::Local => {
                vec![(local.workload(), Peer::Plaintext), (pods, of_local)]
            }
        };
        let mut token = token;
        for (workload, peer) in hops {
            let request = Sent { peer: peer.clone(), host, path, token: token.as_ref() };
            let mut passes = self.passes(&workload, request);
            // oauth2-proxy has the token of a session sent on, before anything looks at tokens.
            if let (Err(SIGN_IN), Some(user)) = (passes, user) {
                token = Some(as_known(token_of_user(user)));
                passes = self.passes(&workload, Sent { peer, host, path, token: token.as_ref() });
            }
            match passes {
                Ok(true) => {}
                Ok(false) => token = None,
                Err(refused) => return refused,
            }
            // The route to the model rewrites the path.
            path = way_of("host").2;
        }
        if to_model { "model" } else { "dashboard" }
    }

    /// Whether a proxy lets a request through with its token, or the status.
    fn passes(&self, workload: &Workload, sent: Sent<'_>) -> Result<bool, &'static str> {
        let mesh = Mesh::default();
        let rules = TokenRules::for_workload(&mesh, workload, &self.tokens);
        let authenticated = match rules.authenticate(sent.token) {
            Ok(authenticated) => authenticated,
            Err(TokenRefusal::Audience) => return Err("403"),
            Err(_) => return Err("401"),
        };
        let mut headers = Vec::new();
        headers.extend(sent.token.map(|_| ("authorization".to_owned(), "Bearer x".to_owned())));
        authenticated.apply(&mut headers);
        let request = |policies: &[AuthorizationPolicy]| {
            let request = Request {
                peer: sent.peer.clone(),
                source_address: Some([127, 0, 0, 1].into()),
                destination_address: None,
                destination_port: 8012,
                sni: None,
                http: Some(HttpRequest {
                    host: sent.host.to_owned(),
                    method: "POST".to_owned(),
                    path: sent.path.to_owned(),
                    headers: headers.clone(),
                    jwt: authenticated.jwt.clone(),
                }),
            };
            let in_force = PoliciesInForce::for_workload(&mesh, workload, policies, &[]);
            in_force.evaluate(&request).verdict
        };
        // Providers are asked before every other policy: their answer is the one that the client gets.
        let is_other = |one: &&AuthorizationPolicy| one.spec.action != Action::Deny;
        let without_deny: Vec<AuthorizationPolicy> =
            self.policies.iter().filter(is_other).cloned().collect();
        if let Verdict::Undecided { why } = request(&without_deny) {
            assert!(why.iter().all(|one| matches!(one, Doubt::Provider { .. })), "{why:?}");
            return Err(SIGN_IN);
        }
        match request(&self.policies) {
            Verdict::Allowed => Ok(authenticated.is_forwarded),
            Verdict::Denied { .. } => Err("403"),
            other => panic!("{other:?}"),
        }
    }
}

struct Sent<'a> {
    peer: Peer,
    host: &'static str,
    path: &'static str,
    token: Option<&'a Token>,
}

fn show(release: &String) -> String {
    format!("Kubeflow {release}, {} cells", cells(release).len())
}

#[test]
fn every_cell_is_as_written() {
    let releases = releases();
    assert_eq!(releases.iter().map(|one| cells(one).len()).sum::<usize>(), 117);
    hold_alike("callers, our evaluation", &releases, &Ours, &Written, show).assert();
}

#[test]
fn every_cell_is_what_envoy_answered() {
    let recorded = Recorded::read(RECORDED);
    hold_alike("callers, recorded", &releases(), &Written, &recorded, show).assert();
}

#[test]
#[ignore = "asks Istio's generator and Envoy: make oracle"]
fn every_cell_is_what_envoy_answers() {
    let Some(envoy) = Envoy::found("callers", Settings::KUBEFLOW) else { return };
    record(RECORDED, &releases(), &envoy);
    hold_alike("callers", &releases(), &Written, &envoy, show).assert();
}

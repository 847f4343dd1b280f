//! Who gets through to a model with named callers: each caller, by each way, under each platform's
//! policies. What is expected was written from the text of the policies, before it was evaluated.

use std::collections::BTreeMap;

use kserve_aws::controllers::istio::{
    AuthorizationPolicy, HttpRequest, Identity, Mesh, Peer, PoliciesInForce, Request,
    RequestAuthentication, Token, TokenRules, Verdict, Workload,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use test_support::kubeflow::Kubeflow;

use crate::cases::command::fn_on;
use crate::cases::forms::objects;

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

/// What Kubeflow 1.9 and later add to the ingress gateway, beside `login.yaml`.
const ISSUERS: &str = "apiVersion: security.istio.io/v1beta1
kind: RequestAuthentication
metadata:
  name: issuers
  namespace: istio-system
spec:
  selector:
    matchLabels:
      app: istio-ingressgateway
  jwtRules:
  - issuer: http://dex.auth.svc.cluster.local:5556/dex
    forwardOriginalToken: true
    outputClaimToHeaders:
    - header: kubeflow-userid
      claim: email
  - issuer: https://oidc.eks.us-west-2.amazonaws.com/id/EXAMPLE
    forwardOriginalToken: true
    outputClaimToHeaders:
    - header: kubeflow-userid
      claim: sub
";

/// `open`: Kubeflow 1.7, which has no login at the gateways' policies. `login`: 1.9 and later, 26.03.
///
/// `host`: from outside, through both gateways and the activator. `local`: a pod, through the gateway
/// inside the cluster and the activator. `direct`: a pod with a sidecar calls the component's pods.
const EXPECTED: &str = "
| caller                       | open host | open local | open direct | login host | login local | login direct |
|------------------------------|-----------|------------|-------------|------------|-------------|--------------|
| none                         | no        | no         | no          | no         | no          | no           |
| runner without token         | no        | no         | yes         | no         | no          | yes          |
| runner                       | yes       | yes        | yes         | yes        | yes         | yes          |
| another namespace's          | no        | no         | no          | no         | no          | no           |
| Dex user ada                 | yes       | yes        | yes         | yes        | yes         | yes          |
| Dex user eve                 | no        | no         | no          | no         | no          | no           |
| Cognito client               | yes       | yes        | yes         | yes        | yes         | yes          |
| Cognito, wrong scope         | no        | no         | no          | no         | no          | no           |
| Cognito, wrong client        | no        | no         | no          | no         | no          | no           |
| Cognito, ID token            | no        | no         | no          | no         | no          | no           |
| Cognito, expired             | no        | no         | no          | no         | no          | no           |
| Cognito, forged              | no        | no         | no          | no         | no          | no           |
| another pool                 | no        | no         | no          | no         | no          | no           |
| ada's claims, Cognito issuer | no        | no         | no          | no         | no          | no           |
";

const POOL: &str = "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_cEPNNVy5C";
const DEX: &str = "http://dex.auth.svc.cluster.local:5556/dex";
const CLUSTER: &str = "https://oidc.eks.us-west-2.amazonaws.com/id/EXAMPLE";

fn token(issuer: &str, claims: &Value) -> Token {
    let mut claims = claims.as_object().unwrap().clone();
    claims.insert("iss".to_owned(), issuer.into());
    Token { claims, signer: issuer.to_owned(), is_expired: false }
}

/// Service account and token of a caller.
fn caller(name: &str) -> ((&'static str, &'static str), Option<Token>) {
    let client = |scope: &str, id: &str| {
        token(POOL, &json!({"sub": id, "client_id": id, "scope": scope, "token_use": "access"}))
    };
    let right = || client("openid models/predict", "client1");
    let account = |namespace: &str, name: &str| {
        token(CLUSTER, &json!({"sub": format!("system:serviceaccount:{namespace}:{name}")}))
    };
    let user = |email: &str| token(DEX, &json!({"sub": "CgNhZGE", "email": email}));
    let pod = ("team-z", "default");
    match name {
        "none" => (pod, None),
        "runner without token" => (("pipelines", "runner"), None),
        "runner" => (("pipelines", "runner"), Some(account("pipelines", "runner"))),
        "another namespace's" => (pod, Some(account("team-z", "runner"))),
        "Dex user ada" => (pod, Some(user("ada@example.com"))),
        "Dex user eve" => (pod, Some(user("eve@example.com"))),
        "Cognito client" => (pod, Some(right())),
        "Cognito, wrong scope" => (pod, Some(client("openid", "client1"))),
        "Cognito, wrong client" => (pod, Some(client("models/predict", "client2"))),
        "Cognito, ID token" => {
            let claims = json!({"sub": "ada", "aud": "client1", "token_use": "id"});
            (pod, Some(token(POOL, &claims)))
        }
        "Cognito, expired" => (pod, Some(Token { is_expired: true, ..right() })),
        "Cognito, forged" => (pod, Some(Token { signer: "me".to_owned(), ..right() })),
        "another pool" => {
            let other = format!("{POOL}X");
            let claims = json!({"sub": "c", "client_id": "client1", "scope": "models/predict", "token_use": "access"});
            (pod, Some(token(&other, &claims)))
        }
        "ada's claims, Cognito issuer" => {
            (pod, Some(token(POOL, &json!({"sub": "CgNhZGE", "email": "ada@example.com"}))))
        }
        _ => panic!("{name}"),
    }
}

/// The proxies of a package.
struct Package {
    policies: Vec<AuthorizationPolicy>,
    tokens: Vec<RequestAuthentication>,
}

impl Package {
    fn of(platform: &str) -> Self {
        let answer = fn_on(
            "generate-authorization-policies",
            CONFIG,
            &format!("{platform}---\n{IRIS}"),
            &[],
        );
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        let objects = objects(&answer.stdout);
        let read = |kind: &str| objects.iter().filter(|one| one["kind"] == kind).cloned().collect();
        Self {
            policies: typed(read("AuthorizationPolicy")),
            tokens: typed(read("RequestAuthentication")),
        }
    }

    /// Whether a proxy lets a request through, and the token that it leaves in it.
    fn passes(
        &self,
        workload: &Workload,
        peer: Peer,
        token: Option<&Token>,
        path: &str,
    ) -> Option<Option<Token>> {
        let mesh = Mesh::default();
        let rules = TokenRules::for_workload(&mesh, workload, &self.tokens);
        let authenticated = rules.authenticate(token).ok()?;
        let request = Request {
            peer,
            source_address: Some([10, 0, 0, 9].into()),
            destination_address: None,
            destination_port: 8012,
            sni: None,
            http: Some(HttpRequest {
                host: "iris.team-a.example.com".to_owned(),
                method: "POST".to_owned(),
                path: path.to_owned(),
                headers: authenticated.headers,
                jwt: authenticated.jwt,
            }),
        };
        let in_force = PoliciesInForce::for_workload(&mesh, workload, &self.policies, &[]);
        let allowed = in_force.evaluate(&request).verdict == Verdict::Allowed;
        allowed.then(|| token.filter(|_| authenticated.is_forwarded).cloned())
    }

    /// Whether a caller gets to the model by a way.
    fn reaches(&self, name: &str, way: &str, path: &str) -> bool {
        let ((namespace, account), token) = caller(name);
        let identity = |namespace: &str, name: &str| {
            Peer::Mutual(Identity::of_service_account("cluster.local", namespace, name))
        };
        let ingress = gateway(&[("app", "istio-ingressgateway"), ("istio", "ingressgateway")]);
        let local =
            gateway(&[("app", "cluster-local-gateway"), ("istio", "cluster-local-gateway")]);
        let pods = Workload::sidecar(
            "team-a",
            labels(&[("component", "predictor"), ("serving.kserve.io/inferenceservice", "iris")]),
        );
        let own = identity(namespace, account);
        let activator = identity("knative-serving", "activator");
        let of_ingress = identity("istio-system", "istio-ingressgateway-service-account");
        let hops = match way {
            "host" => vec![(ingress, Peer::Plaintext), (local, of_ingress), (pods, activator)],
            "local" => vec![(local, own), (pods, activator)],
            "direct" => vec![(pods, own)],
            _ => panic!("{way}"),
        };
        let mut token = token;
        for (workload, peer) in hops {
            match self.passes(&workload, peer, token.as_ref(), path) {
                Some(left) => token = left,
                None => return false,
            }
        }
        true
    }
}

fn typed<T: DeserializeOwned>(objects: Vec<Value>) -> Vec<T> {
    objects.into_iter().map(|object| serde_json::from_value(object).unwrap()).collect()
}

fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn gateway(pairs: &[(&str, &str)]) -> Workload {
    Workload::gateway("istio-system", labels(pairs))
}

#[test]
fn exactly_the_named_callers_get_through() {
    let open = Package::of(&Kubeflow::New.platform());
    let login = Package::of(&format!("{}---\n{ISSUERS}", Kubeflow::Login.platform()));
    let rows: Vec<Vec<&str>> = EXPECTED
        .lines()
        .filter(|line| line.starts_with("| "))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let (head, rows) = rows.split_first().unwrap();
    let mut wrong = Vec::new();
    for row in rows {
        for (column, expected) in head.iter().zip(row).skip(1) {
            let (platform, way) = column.split_once(' ').unwrap();
            let package = if platform == "open" { &open } else { &login };
            let found = package.reaches(row[0], way, "/v1/models/x:predict");
            if found != (*expected == "yes") {
                wrong.push(format!("{}, {column}: {found}", row[0]));
            }
            let elsewhere = package.reaches(row[0], way, "/admin");
            assert!(!elsewhere, "{}, {column}: /admin", row[0]);
        }
    }
    assert_eq!(rows.len(), 14);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The component for Kubeflow beside a model: what comes out, and what is reported.
#[test]
fn the_component_for_kubeflow_extends_the_ingress_gateway() {
    let kustomization = "resources:\n- iris.yaml\ncomponents:\n- ../awsconfigs/common/serving-authorization/kubeflow\n";
    let memory = crate::render::project()
        .with_file("mine/kustomization.yaml", kustomization)
        .with_file("mine/iris.yaml", IRIS);
    let answer = memory.run(&["render", "mine"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let found: Vec<&str> = answer.stderr.lines().filter(|line| line.contains("] ")).collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("authorization-gateway-extended: "), "{found:#?}");
    let objects = objects(&answer.stdout);
    let names: Vec<String> = objects
        .iter()
        .map(|one| {
            format!(
                "{} {}",
                one["kind"].as_str().unwrap(),
                one["metadata"]["name"].as_str().unwrap()
            )
        })
        .collect();
    let gateway = "serving-authorization-istio-ingressgateway";
    let (policy, tokens) =
        (format!("AuthorizationPolicy {gateway}"), format!("RequestAuthentication {gateway}"));
    assert!(names.contains(&policy) && names.contains(&tokens), "{names:?}");
    assert_eq!(objects.len(), 5, "{names:?}");
}

#[test]
fn the_component_that_is_shipped_names_its_callers() {
    let kustomization = "resources:\n- iris.yaml\ncomponents:\n- ../awsconfigs/common/serving-authorization/callers\n";
    let memory = crate::render::project()
        .with_file("mine/kustomization.yaml", kustomization)
        .with_file("mine/iris.yaml", IRIS);
    let answer = memory.run(&["render", "mine"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let objects = objects(&answer.stdout);
    let kinds: Vec<&str> = objects.iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["AuthorizationPolicy", "RequestAuthentication", "InferenceService"]);
    let rules = &objects[1]["spec"]["jwtRules"];
    assert_eq!(rules[0]["issuer"], POOL);
    assert_eq!(
        rules[1]["issuer"],
        json!("https://oidc.eks.us-west-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B716D3041E")
    );
}

//! What the policies say of a request, one rule of the evaluation at a time.

use std::collections::{BTreeMap, BTreeSet};

use kserve_aws::controllers::istio::{
    AuthorizationPolicy, Doubt, HttpRequest, Identity, Jwt, Mesh, Peer, PeerAuthentication,
    PoliciesInForce, Refusal, Request, Verdict, Workload,
};
use serde::de::DeserializeOwned;
use serde_json::json;

fn read<T: DeserializeOwned>(yaml: &str) -> Vec<T> {
    serde_yaml::Deserializer::from_str(yaml).map(|one| T::deserialize(one).unwrap()).collect()
}

fn labels() -> BTreeMap<String, String> {
    BTreeMap::from([("app".to_owned(), "iris".to_owned())])
}

fn get(path: &str) -> Request {
    Request {
        peer: Peer::Mutual(Identity::of_service_account("cluster.local", "prod", "default")),
        source_address: Some([10, 0, 0, 9].into()),
        destination_address: None,
        destination_port: 8080,
        sni: None,
        http: Some(HttpRequest {
            host: "iris.prod.example.com".to_owned(),
            method: "GET".to_owned(),
            path: path.to_owned(),
            headers: vec![("X-User".to_owned(), "me".to_owned())],
            jwt: Jwt::Absent,
        }),
    }
}

fn verdict_in(mesh: &Mesh, workload: &Workload, yaml: &str, request: &Request) -> Verdict {
    let policies: Vec<AuthorizationPolicy> = read(yaml);
    for policy in &policies {
        assert_eq!(policy.validate().err(), None);
    }
    PoliciesInForce::for_workload(mesh, workload, &policies, &[]).evaluate(request).verdict
}

fn verdict(yaml: &str, request: &Request) -> Verdict {
    verdict_in(&Mesh::default(), &Workload::sidecar("staging", labels()), yaml, request)
}

fn policy(spec: &str) -> String {
    format!("{{metadata: {{name: p, namespace: staging}}, spec: {spec}}}")
}

fn is_denied(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Denied { .. })
}

fn doubts(verdict: Verdict) -> BTreeSet<Doubt> {
    match verdict {
        Verdict::Undecided { why } => why,
        decided => panic!("{decided:?}"),
    }
}

#[test]
fn rules_absent_never_match_and_an_empty_rule_always_does() {
    assert_eq!(verdict("", &get("/")), Verdict::Allowed);
    let nothing = verdict(&policy("{}"), &get("/"));
    let by = Refusal::NoAllow(vec!["staging/p".to_owned()]);
    assert_eq!(nothing, Verdict::Denied { by });
    assert_eq!(verdict(&policy("{rules: [{}]}"), &get("/")), Verdict::Allowed);
    assert!(is_denied(&verdict(&policy("{action: DENY, rules: [{}]}"), &get("/"))));
}

#[test]
fn a_dry_run_is_a_shadow() {
    let yaml = "{metadata: {name: p, namespace: staging, annotations: {istio.io/dry-run: 'true'}}, \
                spec: {action: DENY, rules: [{}]}}";
    let in_force = PoliciesInForce::for_workload(
        &Mesh::default(),
        &Workload::sidecar("staging", labels()),
        &read(yaml),
        &[],
    );
    let evaluation = in_force.evaluate(&get("/"));
    assert_eq!(evaluation.verdict, Verdict::Allowed);
    assert_eq!(evaluation.shadowed[0].to_string(), "staging/p rules[0]");
    let shadow = yaml.replace("action: DENY, rules: [{}]", "");
    assert_eq!(verdict(&shadow, &get("/")), Verdict::Allowed);
}

#[test]
fn an_audit_is_noted_and_decides_nothing() {
    let yaml = policy("{action: AUDIT, rules: [{to: [{operation: {paths: [/x]}}]}]}");
    let workload = Workload::sidecar("staging", labels());
    let in_force = PoliciesInForce::for_workload(&Mesh::default(), &workload, &read(&yaml), &[]);
    assert_eq!(in_force.evaluate(&get("/x")).audited.len(), 1);
    assert_eq!(in_force.evaluate(&get("/y")).audited.len(), 0);
    assert_eq!(in_force.evaluate(&get("/x")).verdict, Verdict::Allowed);
}

#[test]
fn absent_values_fail_what_asks_and_pass_what_forbids() {
    let mut plaintext = get("/");
    plaintext.peer = Peer::Plaintext;
    for (source, allowed) in [
        ("principals: ['*']", false),
        ("notPrincipals: ['*']", true),
        ("notNamespaces: ['*']", true),
        ("notServiceAccounts: [prod/default]", true),
        ("trustDomains: ['*']", false),
        ("requestPrincipals: ['*']", false),
        ("notRequestPrincipals: ['*']", true),
    ] {
        let yaml = policy(&format!("{{rules: [{{from: [{{source: {{{source}}}}}]}}]}}"));
        assert_eq!(!is_denied(&verdict(&yaml, &plaintext)), allowed, "{source}");
    }
    for (condition, allowed) in [
        ("{key: 'request.headers[missing]', notValues: ['*']}", true),
        ("{key: 'request.headers[x-user]', notValues: ['*']}", false),
        ("{key: 'request.auth.claims[iss]', notValues: [x]}", true),
        ("{key: 'request.auth.audiences', values: [x]}", false),
        ("{key: connection.sni, notValues: ['*']}", true),
    ] {
        let yaml = policy(&format!("{{rules: [{{when: [{condition}]}}]}}"));
        assert_eq!(!is_denied(&verdict(&yaml, &plaintext)), allowed, "{condition}");
    }
}

#[test]
fn a_tcp_port_drops_http_allow_rules_and_widens_deny_rules() {
    let mut tcp = get("/");
    tcp.http = None;
    let operation = "rules: [{to: [{operation: {methods: [POST], ports: ['8080']}}]}]";
    assert!(is_denied(&verdict(&policy(&format!("{{{operation}}}")), &tcp)));
    assert!(is_denied(&verdict(&policy(&format!("{{action: DENY, {operation}}}")), &tcp)));
    let elsewhere = operation.replace("8080", "9090");
    assert_eq!(verdict(&policy(&format!("{{action: DENY, {elsewhere}}}")), &tcp), Verdict::Allowed);
    let ports = "{rules: [{to: [{operation: {ports: ['8080']}}]}]}";
    assert_eq!(verdict(&policy(ports), &tcp), Verdict::Allowed);
}

#[test]
fn a_key_that_istiod_writes_nothing_for_drops_an_allow_rule_and_widens_a_deny_rule() {
    let when = "rules: [{when: [{key: 'request.headersx[a]', values: [b]}]}]";
    assert!(is_denied(&verdict(&policy(&format!("{{{when}}}")), &get("/"))));
    assert!(is_denied(&verdict(&policy(&format!("{{action: DENY, {when}}}")), &get("/"))));
}

#[test]
fn what_is_not_known_is_said_and_not_guessed() {
    let mut request = get("/");
    request.source_address = None;
    request.http.as_mut().unwrap().jwt = Jwt::Unknown;
    let allow = |rule: &str| policy(&format!("{{rules: [{rule}]}}"));
    for (rule, doubt) in [
        ("{from: [{source: {ipBlocks: [10.0.0.0/8]}}]}", Doubt::SourceAddress),
        ("{from: [{source: {notRemoteIpBlocks: [10.0.0.0/8]}}]}", Doubt::RemoteAddress),
        ("{from: [{source: {requestPrincipals: ['*']}}]}", Doubt::Token),
        ("{when: [{key: destination.ip, values: [10.0.0.1]}]}", Doubt::DestinationAddress),
        ("{when: [{key: connection.sni, values: [x]}]}", Doubt::Sni),
        (
            "{when: [{key: 'request.headers[X-Request-Id]', values: [x]}]}",
            Doubt::Header("x-request-id".to_owned()),
        ),
        (
            "{when: [{key: 'experimental.envoy.filters.a[b]', values: [x]}]}",
            Doubt::FilterMetadata("experimental.envoy.filters.a[b]".to_owned()),
        ),
        ("{to: [{operation: {paths: ['{*}']}}]}", Doubt::RefusedByProxy("{*}".to_owned())),
    ] {
        assert_eq!(doubts(verdict(&allow(rule), &request)), BTreeSet::from([doubt]), "{rule}");
    }
    let decided = "{from: [{source: {ipBlocks: [10.0.0.0/8]}}], to: [{operation: {paths: [/x]}}]}";
    assert!(is_denied(&verdict(&allow(decided), &request)));
    let either = format!("{decided}, {{to: [{{operation: {{paths: [/]}}}}]}}");
    assert_eq!(verdict(&allow(&either), &request), Verdict::Allowed);
    request.http.as_mut().unwrap().path = "http://other/".to_owned();
    assert_eq!(doubts(verdict("", &request)), BTreeSet::from([Doubt::AbsoluteTarget]));
}

/// Envoy before 1.36.10, 1.37.6, 1.38.4 and 1.39.1 takes `..;` for a name.
#[test]
fn a_dot_segment_with_parameters_is_decided_where_all_releases_agree() {
    let policies = |action: &str, path: &str| {
        policy(&format!(
            "{{action: {action}, rules: [{{to: [{{operation: {{paths: ['{path}']}}}}]}}]}}"
        ))
    };
    let sent = get("/v1/models/..;x/admin");
    for (action, path) in [
        ("ALLOW", "/v1/models/*"),
        ("ALLOW", "/v1/admin"),
        ("DENY", "/v1/models/*"),
        ("DENY", "/v1/admin"),
    ] {
        let why = doubts(verdict(&policies(action, path), &sent));
        assert_eq!(why, BTreeSet::from([Doubt::DotParameters]), "{action} {path}");
    }
    assert_eq!(verdict(&policies("ALLOW", "/v1/*"), &sent), Verdict::Allowed);
    assert!(is_denied(&verdict(&policies("DENY", "/v1/*"), &sent)));
    assert!(is_denied(&verdict(&policies("ALLOW", "/v2/*"), &sent)));
    // Each is refused, by another policy.
    let both = [policies("DENY", "/v1/models/*"), policies("DENY", "/v1/admin")].join("\n---\n");
    assert!(is_denied(&verdict(&both, &sent)));
    assert_eq!(
        verdict(&policies("ALLOW", "/v1/models/*"), &get("/v1/models/a;x/b")),
        Verdict::Allowed
    );
}

#[test]
fn a_provider_decides_unless_another_policy_does_or_it_cannot_be_asked() {
    let custom = |name: &str, provider: &str| {
        format!(
            "{{metadata: {{name: {name}, namespace: staging}}, spec: {{action: CUSTOM, provider: \
             {{name: {provider}}}, rules: [{{to: [{{operation: {{paths: [/x]}}}}]}}]}}}}"
        )
    };
    let one = custom("a", "oauth2-proxy");
    let asked = doubts(verdict(&one, &get("/x")));
    assert!(
        matches!(asked.first(), Some(Doubt::Provider { provider, .. }) if provider == "oauth2-proxy")
    );
    assert_eq!(verdict(&one, &get("/y")), Verdict::Allowed);
    let denied = format!("{one}\n---\n{}", policy("{action: DENY, rules: [{}]}"));
    assert!(is_denied(&verdict(&denied, &get("/x"))));
    let two = format!("{one}\n---\n{}", custom("b", "other"));
    assert!(is_denied(&verdict(&two, &get("/x"))));
    assert_eq!(verdict(&two, &get("/y")), Verdict::Allowed);
    let mesh = Mesh { extension_providers: Some(Vec::new()), ..Mesh::default() };
    let workload = Workload::sidecar("staging", labels());
    assert!(is_denied(&verdict_in(&mesh, &workload, &one, &get("/x"))));
}

#[test]
fn a_policy_attaches_by_namespace_labels_and_references() {
    let deny_all = |namespace: &str, rest: &str| {
        format!(
            "{{metadata: {{name: p, namespace: {namespace}}}, spec: {{action: DENY, rules: [{{}}], {rest}}}}}"
        )
    };
    let reference =
        "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: serving}]";
    let sidecar = Workload::sidecar("staging", labels());
    let mut gateway_labels = labels();
    gateway_labels
        .insert("gateway.networking.k8s.io/gateway-name".to_owned(), "serving".to_owned());
    let gateway = Workload::gateway("staging", gateway_labels);
    let mesh = Mesh::default();
    for (workload, namespace, rest, denied) in [
        (&sidecar, "staging", "", true),
        (&sidecar, "istio-system", "", true),
        (&sidecar, "prod", "", false),
        (&sidecar, "staging", "selector: {}", true),
        (&sidecar, "staging", "selector: {matchLabels: {app: iris}}", true),
        (&sidecar, "staging", "selector: {matchLabels: {app: iris, x: y}}", false),
        (&sidecar, "staging", reference, false),
        (&gateway, "staging", reference, true),
        (&gateway, "istio-system", reference, false),
        (&gateway, "staging", "selector: {matchLabels: {app: iris}}", true),
    ] {
        let verdict = verdict_in(&mesh, workload, &deny_all(namespace, rest), &get("/"));
        assert_eq!(is_denied(&verdict), denied, "{namespace} {rest}");
    }
}

#[test]
fn peer_authentication_comes_before_any_policy() {
    let refusal = |yaml: &str, request: &Request| {
        let peers: Vec<PeerAuthentication> = read(yaml);
        let workload = Workload::sidecar("staging", labels());
        let in_force = PoliciesInForce::for_workload(&Mesh::default(), &workload, &[], &peers);
        match in_force.evaluate(request).verdict {
            Verdict::Denied { by } => Some(by),
            _ => None,
        }
    };
    let mut plaintext = get("/");
    plaintext.peer = Peer::Plaintext;
    assert_eq!(refusal("", &plaintext), None);
    let mesh_wide = "{metadata: {name: m, namespace: istio-system}, spec: {mtls: {mode: STRICT}}}";
    assert_eq!(refusal(mesh_wide, &plaintext), Some(Refusal::PlaintextPeer));
    let own = "{metadata: {name: n, namespace: staging}, spec: {mtls: {mode: DISABLE}}}";
    assert_eq!(refusal(&format!("{mesh_wide}\n---\n{own}"), &plaintext), None);
    assert_eq!(refusal(own, &get("/")), Some(Refusal::MutualTlsPeer));
    let of_port = "{metadata: {name: w, namespace: staging}, spec: {selector: {matchLabels: {app: \
                   iris}}, mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: PERMISSIVE}}}}";
    assert_eq!(refusal(of_port, &plaintext), None);
    plaintext.destination_port = 8081;
    assert_eq!(refusal(of_port, &plaintext), Some(Refusal::PlaintextPeer));
    let older = "{metadata: {name: z, namespace: staging, creationTimestamp: '2026-01-01T00:00:00Z'}, \
                 spec: {mtls: {mode: STRICT}}}";
    let newer = own.replace(
        "namespace: staging",
        "namespace: staging, creationTimestamp: '2026-01-02T00:00:00Z'",
    );
    assert_eq!(refusal(&format!("{newer}\n---\n{older}"), &get("/")), None);
    let mut stranger = get("/");
    stranger.peer = Peer::Mutual(Identity::parse("other.domain/ns/prod/sa/default").unwrap());
    assert_eq!(refusal("", &stranger), Some(Refusal::UntrustedPeer));
}

#[test]
fn the_clients_address_is_what_trusted_proxies_tell() {
    let from = |block: &str| {
        policy(&format!("{{rules: [{{from: [{{source: {{remoteIpBlocks: [{block}]}}}}]}}]}}"))
    };
    let mut request = get("/");
    let headers = &mut request.http.as_mut().unwrap().headers;
    headers.push(("X-Forwarded-For".to_owned(), "1.1.1.1, 2.2.2.2".to_owned()));
    headers.push(("x-forwarded-for".to_owned(), "3.3.3.3".to_owned()));
    let mesh = Mesh::default();
    let sidecar = Workload::sidecar("staging", labels());
    let mut gateway = Workload::gateway("staging", labels());
    assert_eq!(verdict_in(&mesh, &sidecar, &from("3.3.3.3"), &request), Verdict::Allowed);
    assert_eq!(verdict_in(&mesh, &gateway, &from("10.0.0.9"), &request), Verdict::Allowed);
    gateway.kind = kserve_aws::controllers::istio::WorkloadKind::Gateway { trusted_proxies: 2 };
    assert_eq!(verdict_in(&mesh, &gateway, &from("2.2.2.2"), &request), Verdict::Allowed);
}

#[test]
fn claims_are_read_from_the_token() {
    let mut request = get("/");
    let claims = json!({"iss": "https://dex.example.com", "sub": "me", "groups": ["ml"]});
    request.http.as_mut().unwrap().jwt = Jwt::Claims(claims.as_object().unwrap().clone());
    for rule in [
        "{from: [{source: {requestPrincipals: ['https://dex.example.com/*']}}]}",
        "{when: [{key: 'request.auth.claims[groups]', values: [ml]}]}",
        "{when: [{key: request.auth.principal, values: ['*/me']}]}",
    ] {
        assert_eq!(verdict(&policy(&format!("{{rules: [{rule}]}}")), &request), Verdict::Allowed);
    }
}

#[test]
fn each_value_of_a_header_counts_unless_envoy_keeps_them_as_one() {
    let sent = |name: &str, values: &[&str]| {
        let mut request = get("/");
        let header = |value: &&str| (name.to_owned(), (*value).to_owned());
        request.http.as_mut().unwrap().headers = values.iter().map(header).collect();
        request
    };
    let asks = |name: &str, value: &str| {
        policy(&format!("{{rules: [{{when: [{{key: 'request.headers[{name}]', {value}}}]}}]}}"))
    };
    for (name, condition, values, allowed) in [
        ("X-User", "values: [ada]", ["eve", "ada"], true),
        ("x-user", "values: ['eve,ada']", ["eve", "ada"], false),
        ("x-user", "notValues: [ada]", ["eve", "ada"], false),
        ("x-user", "notValues: ['eve,ada']", ["eve", "ada"], true),
        ("x-user", "values: ['*']", ["", ""], true),
        ("Authorization", "values: [ada]", ["eve", "ada"], false),
        ("authorization", "values: ['eve,ada']", ["eve", "ada"], true),
    ] {
        let found = verdict(&asks(name, condition), &sent(name, &values));
        assert_eq!(found == Verdict::Allowed, allowed, "{name}, {condition}");
    }
    let cookies = verdict(&asks("cookie", "values: [a]"), &sent("cookie", &["a", "b"]));
    assert_eq!(doubts(cookies), BTreeSet::from([Doubt::Header("cookie".to_owned())]));
}

#[test]
fn hosts_match_with_their_port_in_any_case() {
    let host = |pattern: &str, host: &str| {
        let mut request = get("/");
        request.http.as_mut().unwrap().host = host.to_owned();
        let rule = format!("{{rules: [{{to: [{{operation: {{hosts: ['{pattern}']}}}}]}}]}}");
        !is_denied(&verdict(&policy(&rule), &request))
    };
    assert!(host("a.example.com", "A.Example.Com") && !host("a.example.com", "a.example.com:80"));
    assert!(host("*.example.com", "x.EXAMPLE.com") && host("a.example.com:*", "a.example.com:80"));
    assert!(!host("*", "a b"), "a host that the proxy does not take");
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    fn one_of(values: &'static [&'static str]) -> impl Strategy<Value = String> {
        prop::sample::select(values).prop_map(str::to_owned)
    }

    fn field(name: &'static str, values: &'static [&'static str]) -> BoxedStrategy<String> {
        prop_oneof![
            2 => Just(String::new()),
            1 => (any::<bool>(), prop::collection::vec(one_of(values), 1..3)).prop_map(
                move |(not, values)| {
                    let mut letters = name.chars();
                    let first = letters.next().unwrap().to_uppercase();
                    let negated = format!("not{first}{}", letters.as_str());
                    let key = if not { negated } else { name.to_owned() };
                    format!("{key}: ['{}'], ", values.join("', '"))
                }
            ),
        ]
        .boxed()
    }

    fn rule() -> impl Strategy<Value = String> {
        let source = (
            field("principals", &["*", "cluster.local/ns/prod/*"]),
            field("namespaces", &["prod", "st*"]),
            field("ipBlocks", &["10.0.0.0/8", "192.0.2.1"]),
            field("requestPrincipals", &["*", "iss/me"]),
        )
            .prop_map(|(a, b, c, d)| {
                format!("from: [{{source: {{{a}{b}{c}{d}remoteIpBlocks: ['0.0.0.0/0']}}}}], ")
            });
        let operation = (
            field("paths", &["/v1/*", "/x", "/{*}/y"]),
            field("methods", &["GET", "P*"]),
            field("hosts", &["*.com", "a"]),
        )
            .prop_map(|(a, b, c)| format!("to: [{{operation: {{{a}{b}{c}ports: ['8080']}}}}], "));
        let either = |part: BoxedStrategy<String>| prop_oneof![Just(String::new()), part];
        (either(source.boxed()), either(operation.boxed()))
            .prop_map(|(source, operation)| format!("{{{source}{operation}}}"))
    }

    fn generated(action: &'static str) -> impl Strategy<Value = AuthorizationPolicy> {
        prop::collection::vec(rule(), 1..4).prop_map(move |rules| {
            let spec = format!("{{action: {action}, rules: [{}]}}", rules.join(", "));
            read(&policy(&spec)).pop().unwrap()
        })
    }

    fn any_policies() -> impl Strategy<Value = Vec<AuthorizationPolicy>> {
        let one = prop_oneof![generated("ALLOW"), generated("DENY"), generated("AUDIT")];
        prop::collection::vec(one, 0..4)
    }

    fn any_request() -> impl Strategy<Value = Request> {
        (
            one_of(&["/v1/models", "/x", "/x/y", "/v1/../x"]),
            one_of(&["GET", "POST"]),
            prop::option::of(one_of(&["prod", "staging"])),
            any::<bool>(),
        )
            .prop_map(|(path, method, namespace, token)| {
                let mut request = get(&path);
                request.peer = namespace.map_or(Peer::Plaintext, |namespace| {
                    Peer::Mutual(Identity::of_service_account(
                        "cluster.local",
                        &namespace,
                        "default",
                    ))
                });
                let http = request.http.as_mut().unwrap();
                http.method = method;
                if token {
                    let claims = json!({"iss": "iss", "sub": "me"});
                    http.jwt = Jwt::Claims(claims.as_object().unwrap().clone());
                }
                request
            })
    }

    fn decide(policies: &[AuthorizationPolicy], request: &Request) -> Verdict {
        let workload = Workload::sidecar("staging", labels());
        PoliciesInForce::for_workload(&Mesh::default(), &workload, policies, &[])
            .evaluate(request)
            .verdict
    }

    proptest! {
        #[test]
        fn generated_policies_are_valid(policies in any_policies()) {
            for policy in policies {
                prop_assert_eq!(policy.validate().err(), None);
            }
        }

        #[test]
        fn a_deny_policy_only_takes_away(
            policies in any_policies(), deny in generated("DENY"), request in any_request(),
        ) {
            let before = decide(&policies, &request);
            let after = decide(&[policies, vec![deny]].concat(), &request);
            prop_assert!(!is_denied(&before) || is_denied(&after));
        }

        #[test]
        fn the_first_allow_policy_only_takes_away_and_a_further_one_only_adds(
            policies in any_policies(), allow in generated("ALLOW"), request in any_request(),
        ) {
            let has_allow = policies.iter().any(|policy| policy.spec.action.as_str() == "ALLOW");
            let before = decide(&policies, &request);
            let after = decide(&[policies, vec![allow]].concat(), &request);
            if has_allow {
                prop_assert!(is_denied(&before) || !is_denied(&after));
            } else {
                prop_assert!(!is_denied(&before) || is_denied(&after));
            }
        }

        #[test]
        fn what_is_decided_without_a_fact_is_decided_so_with_it(
            policies in any_policies(), request in any_request(),
        ) {
            let mut less = request.clone();
            less.source_address = None;
            less.http.as_mut().unwrap().jwt = Jwt::Unknown;
            let known = decide(&policies, &request);
            let decided = !matches!(known, Verdict::Undecided { .. });
            prop_assert!(decided);
            let unknown = decide(&policies, &less);
            if !matches!(unknown, Verdict::Undecided { .. }) {
                prop_assert_eq!(is_denied(&known), is_denied(&unknown));
            }
        }

        #[test]
        fn another_namespace_has_no_say(
            policies in any_policies(), mut other in generated("DENY"), request in any_request(),
        ) {
            let before = decide(&policies, &request);
            other.metadata.namespace = Some("prod".to_owned());
            prop_assert_eq!(decide(&[policies, vec![other]].concat(), &request), before);
        }
    }
}

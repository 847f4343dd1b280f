//! Parameters and Ingresses as their authors may have written them: right, nearly right, or anything.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A parameter as its author may have written it: right, nearly right, or anything.
pub(crate) fn text_like(right: &'static [&'static str]) -> BoxedStrategy<Value> {
    prop_oneof![
        6 => proptest::sample::select(right).prop_map(Value::from),
        1 => (proptest::sample::select(right), any::<prop::sample::Index>(), any::<char>()).prop_map(
            |(text, place, other)| {
                let mut characters: Vec<char> = text.chars().collect();
                let place = place.index(characters.len());
                characters[place] = other;
                characters.into_iter().collect::<String>().into()
            }
        ),
        1 => prop_oneof![Just(Value::Null), Just(json!("")), Just(json!("$(value)")), any::<u32>().prop_map(Value::from), any::<bool>().prop_map(Value::from), ".{0,20}".prop_map(Value::from)],
    ]
    .boxed()
}

pub(crate) const ARNS: &[&str] = &[
    "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    "arn:aws:acm:us-west-2:123456789012:certificate/87654321-4321-4321-4321-210987654321",
    "arn:aws:acm:eu-west-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    "arn:aws:iam::123456789012:server-certificate/gateway",
];

/// Long enough to be found in no message by chance.
fn token() -> BoxedStrategy<Value> {
    prop_oneof![
        8 => "[ -~]{24,40}".prop_map(Value::from),
        2 => "[a-z0-9]{24,32}".prop_map(Value::from),
        1 => "\\PC{24,40}".prop_map(Value::from),
        1 => (1_000_000_000_000_u64..).prop_map(Value::from),
    ]
    .boxed()
}

/// A token in use, or one that is being replaced.
pub(crate) fn entry() -> BoxedStrategy<Value> {
    prop_oneof![3 => token(), 1 => token().prop_map(|token| json!({ "previous": token }))].boxed()
}

/// The token of an entry.
pub(crate) fn token_of(entry: &Value) -> &Value {
    entry.get("previous").unwrap_or(entry)
}

pub(crate) fn params() -> BoxedStrategy<Value> {
    let optional = |strategy: BoxedStrategy<Value>| prop::option::of(strategy);
    (
        optional(text_like(&["base", "https", "api", "api", "api", "cognito", "oidc", "jwt"])),
        optional(prop_oneof![
            3 => text_like(ARNS),
            1 => prop::collection::vec(text_like(ARNS), 0..4).prop_map(Value::from),
        ].boxed()),
        optional(text_like(&["x-api-key", "Authorization", "X-Token"])),
        optional(prop::collection::vec(entry(), 0..5).prop_map(Value::from).boxed()),
        optional(text_like(&["internal", "internet-facing"])),
        optional(prop::collection::vec(text_like(&["models.example.com", "*.example.com"]), 0..3).prop_map(Value::from).boxed()),
        optional(text_like(&["my-login", "auth.example.com"])),
        balancer(),
        provider(),
        jwt(),
    )
        .prop_map(|(overlay, arn, name, values, scheme, hosts, domain, balancer, oidc, jwt)| {
            let cognito = domain.map(|domain| json!({
                "userPoolArn": "arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_abcdef123",
                "userPoolClientId": "1example23456789",
                "userPoolDomain": domain,
            }));
            let fields = [
                ("overlay", overlay),
                ("certArn", arn),
                ("httpHeaderName", name),
                ("httpHeaderValues", values),
                ("loadBalancerScheme", scheme),
                ("hosts", hosts),
                ("cognito", cognito),
                ("oidc", oidc),
                ("jwt", jwt),
            ];
            let given = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
            Value::Object(given.chain(balancer).collect())
        })
        .boxed()
}

/// A provider of logins, seldom.
pub(crate) fn provider() -> BoxedStrategy<Option<Value>> {
    let endpoint = |right: &'static [&'static str]| text_like(right);
    let provider = (
        endpoint(&["https://login.example.com", "https://login.example.com/realms/models"]),
        endpoint(&["https://login.example.com/authorize"]),
        endpoint(&["https://login.example.com/token"]),
        endpoint(&["https://login.example.com/userinfo"]),
        endpoint(&["oidc-client"]),
    )
        .prop_map(|(issuer, authorization, token, user_info, secret)| {
            json!({
                "issuer": issuer,
                "authorizationEndpoint": authorization,
                "tokenEndpoint": token,
                "userInfoEndpoint": user_info,
                "secretName": secret,
            })
        });
    prop::option::weighted(0.15, provider).boxed()
}

/// Who issues tokens, and whose are taken, seldom.
pub(crate) fn jwt() -> BoxedStrategy<Option<Value>> {
    const POOLS: &[&str] =
        &["arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_abcdef123"];
    let list = |right: &'static [&'static str]| {
        let some = prop::collection::vec(text_like(right), 0..4).prop_map(Value::from).boxed();
        prop::option::weighted(0.4, some)
    };
    let issuer = prop_oneof![
        3 => text_like(POOLS).prop_map(|pool| json!({ "userPoolArn": pool })),
        2 => (
            text_like(&["https://issuer.example.com"]),
            text_like(&["https://issuer.example.com/.well-known/jwks.json"]),
        )
            .prop_map(|(issuer, keys)| json!({ "issuer": issuer, "jwksEndpoint": keys })),
        1 => Just(json!({})),
    ];
    let lists = (
        list(&["1example23456789", "client2"]),
        list(&["models", "graphs"]),
        list(&["app"]),
        list(&["models/predict", "openid"]),
    );
    let jwt = (issuer, lists).prop_map(|(mut jwt, (clients, audiences, parties, scopes))| {
        let given = [
            ("clientIds", clients),
            ("audiences", audiences),
            ("authorizedParties", parties),
            ("scopes", scopes),
        ];
        for (name, list) in given {
            if let Some(list) = list {
                jwt[name] = list;
            }
        }
        jwt
    });
    prop::option::weighted(0.2, jwt).boxed()
}

/// What the load balancer itself is set to, seldom all of it.
fn balancer() -> BoxedStrategy<Map<String, Value>> {
    let list = |right: &'static [&'static str]| {
        prop::collection::vec(text_like(right), 0..3).prop_map(Value::from).boxed()
    };
    let map = |right: &'static [&'static str], values: &'static [&'static str]| {
        let name = proptest::sample::select(right).prop_map(str::to_owned);
        let entries = prop::collection::btree_map(name, text_like(values), 0..3);
        entries.prop_map(|entries| Value::Object(entries.into_iter().collect())).boxed()
    };
    let order = prop_oneof![-1000..=1000_i32, any::<i32>()].prop_map(Value::from).boxed();
    let port = prop_oneof![Just(443_u32), any::<u32>()].prop_map(Value::from).boxed();
    let seldom = |strategy: BoxedStrategy<Value>| prop::option::weighted(0.1, strategy);
    (
        seldom(text_like(&["platform", "my-team.models"])),
        seldom(order),
        seldom(port),
        seldom(list(&["10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32"])),
        seldom(list(&["sg-0a1b2c3d4e5f60718", "the models group"])),
        seldom(text_like(&[
            "arn:aws:wafv2:us-west-2:123456789012:regional/webacl/models/3ab78708-85b0",
        ])),
        seldom(text_like(&["ELBSecurityPolicy-TLS13-1-2-2021-06"])),
        seldom(map(
            &["idle_timeout.timeout_seconds", "routing.http2.enabled"],
            &["60", "true", "false"],
        )),
        seldom(list(&["subnet-0a1b2c3d", "public-a", "public-b"])),
        seldom(map(&["team", "cost center", "aws:x"], &["models", "a=b", "c:d"])),
    )
        .prop_map(|(name, order, port, cidrs, groups, acl, policy, attributes, subnets, tags)| {
            let group = [("name", name), ("order", order)];
            let group: Map<String, Value> = group
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                .collect();
            let fields = [
                ("group", (!group.is_empty()).then(|| group.into())),
                ("sslRedirect", port),
                ("inboundCidrs", cidrs),
                ("securityGroups", groups),
                ("wafAclArn", acl),
                ("sslPolicy", policy),
                ("loadBalancerAttributes", attributes),
                ("subnets", subnets),
                ("tags", tags),
            ];
            fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
        })
        .boxed()
}

pub(crate) fn ingress() -> BoxedStrategy<Value> {
    let service = proptest::sample::select(vec!["istio-ingressgateway", "dashboard", "models"]);
    let path = service.prop_map(|name| {
        json!({
            "path": "/*",
            "pathType": "ImplementationSpecific",
            "backend": { "service": { "name": name, "port": { "number": 80 } } },
        })
    });
    let rule = (
        prop::option::of(proptest::sample::select(vec![
            "models.example.com",
            "*.example.com",
            "x.example.com",
        ])),
        prop::collection::vec(path, 1..3),
    )
        .prop_map(|(host, paths)| {
            let mut rule = Map::new();
            if let Some(host) = host {
                rule.insert("host".to_owned(), host.into());
            }
            rule.insert("http".to_owned(), json!({ "paths": paths }));
            Value::Object(rule)
        });
    let suffix = proptest::sample::select(vec![
        "conditions.istio-ingressgateway",
        "conditions.dashboard",
        "listen-ports",
        "certificate-arn",
        "scheme",
        "auth-type",
        "group.name",
    ]);
    let text = prop_oneof![
        Just("[]".to_owned()),
        Just(r#"[{"HTTP":80}]"#.to_owned()),
        Just(r#"[{"HTTP":80},{"HTTPS":8443}]"#.to_owned()),
        Just(r#"[{"field":"source-ip","sourceIpConfig":{"values":["10.0.0.0/8"]}}]"#.to_owned()),
        Just(r#"[{"Field":"http-header","httpHeaderConfig":{"httpHeaderName":"x-tenant","values":["an-older-value-of-theirs"]}}]"#.to_owned()),
        Just("internal".to_owned()),
        "[ -~]{0,12}",
    ];
    let annotations = prop::collection::btree_map(suffix, text, 0..3);
    (prop::collection::vec(rule, 0..3), annotations, any::<bool>())
        .prop_map(|(rules, more, by_class)| {
            let mut annotations = Map::new();
            for (suffix, text) in more {
                annotations.insert(format!("alb.ingress.kubernetes.io/{suffix}"), text.into());
            }
            let mut ingress = json!({
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": { "name": "istio-ingress", "namespace": "istio-system" },
                "spec": { "rules": rules },
            });
            if by_class {
                ingress["spec"]["ingressClassName"] = "alb".into();
            } else {
                annotations.insert("kubernetes.io/ingress.class".to_owned(), "alb".into());
            }
            if !annotations.is_empty() {
                ingress["metadata"]["annotations"] = annotations.into();
            }
            ingress
        })
        .boxed()
}

/// The same parameters in every place that they can come from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    Typed,
    ConfigMap,
    FromConfigMap,
    FromSecret,
}

fn flat(params: &Value) -> Map<String, Value> {
    let mut data = Map::new();
    for (name, value) in params.as_object().unwrap() {
        match value {
            Value::Object(nested)
                if ["cognito", "oidc", "jwt", "group"].contains(&name.as_str()) =>
            {
                for (key, value) in nested {
                    data.insert(format!("{name}.{key}"), text(value));
                }
            }
            other => {
                data.insert(name.clone(), text(other));
            }
        }
    }
    data
}

pub(crate) fn text(value: &Value) -> Value {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned).into()
}

/// The configuration, and the object that holds the parameters.
pub(crate) fn in_form(params: &Value, form: Form) -> (Value, Option<Value>) {
    let typed = |spec: Value| {
        json!({
            "apiVersion": "fn.kserve-aws.dev/v1alpha1",
            "kind": "IngressParams",
            "metadata": { "name": "params" },
            "spec": spec,
        })
    };
    let object = |kind: &str, field: &str| json!({ "apiVersion": "v1", "kind": kind, "metadata": { "name": "given" }, field: flat(params) });
    match form {
        Form::Typed => (typed(params.clone()), None),
        Form::ConfigMap => (object("ConfigMap", "data"), None),
        Form::FromConfigMap => {
            let from = json!({ "paramsFrom": [{ "configMap": { "name": "given" } }] });
            (typed(from), Some(object("ConfigMap", "data")))
        }
        Form::FromSecret => {
            let from = json!({ "paramsFrom": [{ "secret": { "name": "given" } }] });
            (typed(from), Some(object("Secret", "stringData")))
        }
    }
}

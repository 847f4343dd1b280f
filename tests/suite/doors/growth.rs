//! What is looked for takes time that grows with the package and no faster, whichever kind it has many of.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::package::{self, SYSTEM};
use super::{Readers, found};

/// Nanoseconds of this thread on a processor, whatever else the machine does; Linux tells them.
fn clock() -> Option<u64> {
    // Up to now: of a thread that is running the kernel counts only to its last tick.
    std::thread::sleep(Duration::from_nanos(1));
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok()
}

/// How long the doors of a package with so many of something take, at best of three.
fn time(count: usize, planted: fn(usize) -> Vec<Value>) -> Duration {
    let mut facts = package::many(0, false);
    facts.objects.extend((0..count).flat_map(planted));
    let once = || {
        let (before, start) = (clock(), Instant::now());
        assert!(found(&facts, Readers::ALL).len() >= count);
        match (before, clock()) {
            (Some(before), Some(after)) => Duration::from_nanos(after - before),
            _ => start.elapsed(),
        }
    };
    (0..3).map(|_| once()).min().unwrap()
}

/// Four times as many take four times as long; every one looked at for every other would take sixteen times.
#[track_caller]
fn assert_linear(what: &str, planted: fn(usize) -> Vec<Value>) {
    let (one, four) = (time(500, planted), time(2_000, planted));
    println!("{what}: 500 {one:?}, 2,000 {four:?}");
    assert!(four < one * 9, "{what}: {one:?}, four times as many {four:?}");
}

fn object(api_version: &str, kind: &str, name: String, spec: Value) -> Value {
    json!({
        "apiVersion": api_version, "kind": kind, "metadata": { "name": name, "namespace": SYSTEM }, "spec": spec,
    })
}

#[test]
fn of_gateways_and_their_routes() {
    assert_linear("Gateways with a class and a route each", |place| {
        let api = "gateway.networking.k8s.io/v1";
        let listeners = json!([{ "name": "http", "port": 80, "protocol": "HTTP" }]);
        let backend = json!({ "name": "istio-ingressgateway", "port": 80 });
        vec![
            object(
                api,
                "GatewayClass",
                format!("class-{place}"),
                json!({ "controllerName": "istio.io/gateway-controller" }),
            ),
            object(
                api,
                "Gateway",
                format!("edge-{place}"),
                json!({ "gatewayClassName": format!("class-{place}"), "listeners": listeners }),
            ),
            object(
                api,
                "HTTPRoute",
                format!("route-{place}"),
                json!({
                    "parentRefs": [{ "name": format!("edge-{place}") }], "rules": [{ "backendRefs": [backend] }],
                }),
            ),
        ]
    });
}

#[test]
fn of_gateways_of_istio() {
    assert_linear(
        "Gateways on pods of their own, each with a VirtualService and a Service",
        |place| {
            let (name, labels) =
                (format!("edge-{place}"), json!({ "istio": format!("edge-{place}") }));
            let api = "networking.istio.io/v1";
            let route =
                json!([{ "route": [{ "destination": { "host": "istio-ingressgateway" } }] }]);
            vec![
                object(api, "Gateway", name.clone(), json!({ "selector": labels, "servers": [] })),
                object(
                    api,
                    "VirtualService",
                    name.clone(),
                    json!({ "hosts": ["*"], "gateways": [name], "http": route }),
                ),
                object(
                    "v1",
                    "Service",
                    name,
                    json!({ "type": "LoadBalancer", "selector": labels, "ports": [{ "port": 80 }] }),
                ),
            ]
        },
    );
}

#[test]
fn of_addresses_and_what_names_them() {
    assert_linear(
        "pods with an address, one that a Service has by hand, and an object that names it",
        |place| {
            let ip = format!("10.1.{}.{}", place / 250, place % 250);
            let labels = json!({ "app": "istio-ingressgateway", "istio": "ingressgateway" });
            let mut pod = object("v1", "Pod", format!("pod-{place}"), json!({ "containers": [] }));
            pod["metadata"]["labels"] = labels;
            pod["status"]["podIP"] = ip.as_str().into();
            let mut by_hand = object("v1", "Endpoints", format!("hand-{place}"), Value::Null);
            by_hand["subsets"] = json!([{ "addresses": [{ "ip": ip }] }]);
            vec![
                pod,
                by_hand,
                object(
                    "example.com/v1",
                    "Exposure",
                    format!("exposure-{place}"),
                    json!({ "to": ip }),
                ),
            ]
        },
    );
}

#[test]
fn of_hosts_of_service_entries() {
    assert_linear("ServiceEntries of the pods, with a route each", |place| {
        let api = "gateway.networking.k8s.io/v1";
        let host = format!("models-{place}.internal");
        let selector = json!({ "labels": { "app": "istio-ingressgateway" } });
        let backend =
            json!({ "group": "networking.istio.io", "kind": "Hostname", "name": host, "port": 80 });
        vec![
            object(
                "networking.istio.io/v1",
                "ServiceEntry",
                format!("entry-{place}"),
                json!({ "hosts": [host], "workloadSelector": selector }),
            ),
            object(
                api,
                "HTTPRoute",
                format!("route-{place}"),
                json!({
                    "parentRefs": [{ "name": "elsewhere" }], "rules": [{ "backendRefs": [backend] }],
                }),
            ),
        ]
    });
}

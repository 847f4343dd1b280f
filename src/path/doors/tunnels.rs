//! Proxies whose configuration is not an object of its own: tunnels, and Services that an ingress controller
//! forwards ports to.
//!
//! `cloudflared` reads `ingress[].service` of a YAML file (`config/configuration.go` of
//! cloudflare/cloudflared) or the argument `--url`, ingress-nginx the entries `PORT: NAMESPACE/NAME:PORT` of a
//! ConfigMap (`docs/user-guide/exposing-tcp-udp-services.md` of kubernetes/ingress-nginx), and nginx its
//! `proxy_pass`. What they require of a request is not known.

use std::rc::Rc;

use super::context::DoorContext;
use super::door::{Door, each_opening};
use super::kinds::DoorKind;
use super::other_kinds::{Search, door_through};
use super::reach::Hit;
use crate::cluster::plain::ConfigMap;
use crate::values::k8s::ResourceRef;

/// Emissary's mappings on a Service of whatever pods (`ParseAnnotations` in `pkg/snapshot/v1/annotations.go` of
/// emissary-ingress/emissary 3.9).
const MAPPINGS: &str = "getambassador.io/config";

pub(crate) fn read(context: &DoorContext<'_, '_>, doors: &mut Vec<Door>) {
    if !context.readers.has(DoorKind::OtherKind) {
        return;
    }
    for kept in &context.cluster.objects.config_maps {
        let Ok(map) = kept.object.read::<ConfigMap>() else { continue };
        let namespace = &kept.resource.namespace;
        let mut search = Search { context, namespace, found: Vec::new() };
        for (key, text) in &map.texts() {
            let path = vec![format!("data[{key}]")];
            if key.bytes().all(|b| b.is_ascii_digit()) {
                if let Some((namespace, rest)) = text.split_once('/') {
                    let name = rest.split(':').next().unwrap_or_default();
                    search.note(&Some(namespace.to_owned()), name, &path);
                }
            } else {
                for url in upstreams(text) {
                    search.text("url", url, &path);
                }
            }
        }
        let found = search.found.into_iter().map(|found| door(context, &kept.resource, found));
        doors.extend(each_opening(found));
    }
    for kept in &context.cluster.objects.services {
        let Some(mappings) = kept.object.metadata.annotations.get(MAPPINGS) else { continue };
        let namespace = &kept.resource.namespace;
        let mut search = Search { context, namespace, found: Vec::new() };
        let path = vec![format!("metadata.annotations[{MAPPINGS}]")];
        for line in mappings.lines() {
            if let Some((_, service)) = line.split_once("service:") {
                search.text("service", service.trim(), &path);
            }
        }
        // Of one that leads to the Service itself its own reader tells.
        let is_own = context.reach.hit(namespace, &kept.resource.name).is_some();
        let found = search.found.into_iter().filter(|_| !is_own);
        let found = found.map(|found| door_through("Emissary", context, &kept.resource, found));
        doors.extend(each_opening(found));
    }
    for pods in context.cluster.pod_templates() {
        let namespace = &pods.resource.namespace;
        let mut search = Search { context, namespace, found: Vec::new() };
        let containers = pods.spec.containers.iter().enumerate();
        let containers = containers.map(|(place, one)| (format!("containers[{place}]"), one));
        let init = pods.spec.init_containers.iter().enumerate();
        let init = init.map(|(place, one)| (format!("initContainers[{place}]"), one));
        for (place, container) in containers.chain(init) {
            let path = vec![format!("{}.{place}.args", pods.field)];
            for (namespace, kind, name) in by_kubectl(&container.kubectl) {
                let namespace = namespace.or(search.namespace.as_deref()).map(str::to_owned);
                search.named(&namespace, (kind, name), &path);
            }
            // socat writes `TCP:HOST:PORT`, others `--url=URL`.
            let words = container.tunnel.iter().flat_map(|word| word.split([',', '=', ' ']));
            for word in words {
                search.text("url", word, &path);
                if let Some((_, host)) = word.split_once(':') {
                    search.text("url", host, &path);
                }
            }
        }
        let found = search.found.into_iter().map(|found| door(context, pods.resource, found));
        doors.extend(each_opening(found));
    }
}

/// What a proxy's configuration forwards to: `service` of a tunnel's `ingress`, `proxy_pass` and `server` of nginx,
/// `server` of HAProxy, `reverse_proxy` of Caddy, `address` of Envoy's clusters, `url` of Traefik's servers.
pub(super) fn upstreams(text: &str) -> impl Iterator<Item = &str> {
    const FORWARDS: [&str; 4] = ["proxy_pass", "grpc_pass", "reverse_proxy", "uwsgi_pass"];
    let is_tunnel = text.contains("ingress");
    let has_servers = ["upstream", "backend", "loadBalancer"].iter().any(|one| text.contains(one));
    let has_clusters = text.contains("socket_address") || text.contains("socketAddress");
    let is_upstream = move |line: &str| {
        FORWARDS.iter().any(|word| line.contains(word))
            || (is_tunnel && line.contains("service") && line.contains("://"))
            || (has_servers && line.contains("server"))
            || (has_clusters && line.contains("address"))
    };
    let is_name = |word: &&str| word.contains('.') || word.contains("://");
    let lines = text.lines().filter(move |line| is_upstream(line));
    let words =
        lines.flat_map(|line| line.split(|c: char| c.is_whitespace() || "\"',;{}[]()".contains(c)));
    words.filter(is_name)
}

/// Flags of these commands that a value comes after.
const WITH_VALUES: [&str; 9] = [
    "--address",
    "--context",
    "--kubeconfig",
    "--name",
    "--namespace",
    "-n",
    "--port",
    "--target-port",
    "--type",
];

/// What `kubectl expose` creates a Service for and `kubectl port-forward` leads to: a Service, or what has pods, as
/// `KIND NAME` or `KIND/NAME`, and a Pod by its name alone.
fn by_kubectl(words: &[String]) -> Vec<(Option<&str>, &str, &str)> {
    let words: Vec<&str> = words
        .iter()
        .flat_map(|word| word.split_whitespace())
        .map(|word| word.trim_end_matches(';'))
        .filter(|word| !word.is_empty())
        .collect();
    let mut found = Vec::new();
    for (place, _) in
        words.iter().enumerate().filter(|(_, word)| matches!(**word, "expose" | "port-forward"))
    {
        // Flags stand before the command and after it.
        let first = words[..place].iter().rposition(|word| word.ends_with("kubectl"));
        let last = words[place..].iter().position(|word| matches!(*word, "&&" | "||" | "|"));
        let own = &words[first.unwrap_or(0)..last.map_or(words.len(), |last| place + last)];
        let namespace = own.iter().enumerate().find_map(|(at, word)| match *word {
            "-n" | "--namespace" => own.get(at + 1).copied(),
            word => word.strip_prefix("--namespace=").or_else(|| word.strip_prefix("-n=")),
        });
        let at = place - first.unwrap_or(0) + 1;
        let mut names = own[at..].iter().enumerate().filter_map(|(after, word)| {
            let is_value = after > 0 && WITH_VALUES.contains(&own[at + after - 1]);
            (!word.starts_with('-') && !is_value).then_some(word)
        });
        let Some(named) = names.next() else { continue };
        match named.split_once('/') {
            Some((kind, name)) => found.push((namespace, kind, name)),
            None => found.extend(names.next().map(|name| (namespace, *named, *name))),
        }
    }
    found
}

fn door(context: &DoorContext<'_, '_>, resource: &Rc<ResourceRef>, found: (String, Hit)) -> Door {
    door_through("the proxy that reads this", context, resource, found)
}

#[cfg(test)]
mod tests {
    use super::{by_kubectl, upstreams};

    #[test]
    fn reads_what_kubectl_leads_to() {
        for (text, expected) in [
            (
                "kubectl -n mesh expose deployment gateway --type=LoadBalancer",
                Some((Some("mesh"), "deployment", "gateway")),
            ),
            ("kubectl port-forward svc/gateway 8080:80", Some((None, "svc", "gateway"))),
            (
                "kubectl port-forward --address=0.0.0.0 svc/gateway 80 --namespace=mesh && sleep 1",
                Some((Some("mesh"), "svc", "gateway")),
            ),
            (
                "kubectl port-forward --address 0.0.0.0 svc/gateway 80",
                Some((None, "svc", "gateway")),
            ),
            ("kubectl get svc gateway", None),
            ("kubectl expose", None),
        ] {
            let words = [text.to_owned()];
            assert_eq!(by_kubectl(&words).first().copied(), expected, "{text}");
        }
    }

    #[test]
    fn reads_where_a_proxy_forwards_to() {
        for (text, expected) in [
            (
                "ingress:\n- service: http://a.b:80/x\n- service: http_status:404",
                &["http://a.b:80/x"][..],
            ),
            ("{\"ingress\": [{\"service\": \"https://a.b\"}]}", &["https://a.b"]),
            ("location / { proxy_pass http://a.b.svc; }", &["http://a.b.svc"]),
            ("service: http://a.b", &[]),
            ("ingress:\n- hostname: https://a.b", &[]),
            ("upstream a { server a.b.svc:80; }", &["a.b.svc:80"]),
            ("backend a\n  server s1 a.b.svc:80 check", &["a.b.svc:80"]),
            (":80 {\n  reverse_proxy a.b:80\n}", &["a.b:80"]),
            ("socket_address: {address: a.b.svc, port_value: 80}", &["a.b.svc"]),
            ("service: a.b.svc\naddress: a.b.svc", &[]),
        ] {
            assert_eq!(upstreams(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }
}

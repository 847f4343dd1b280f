//! Proxies whose configuration is not an object of its own: tunnels, and Services that an ingress controller
//! forwards ports to.
//!
//! `cloudflared` reads `ingress[].service` of a YAML file (`config/configuration.go` of
//! cloudflare/cloudflared) or the argument `--url`, ingress-nginx the entries `PORT: NAMESPACE/NAME:PORT` of a
//! ConfigMap (`docs/user-guide/exposing-tcp-udp-services.md` of kubernetes/ingress-nginx), and nginx its
//! `proxy_pass`. What they require of a request is not known.

use std::rc::Rc;

use super::door::Door;
use super::kinds::DoorKind;
use super::other_kinds::{Search, door_through};
use super::reach::Hit;
use super::scene::Scene;
use crate::cluster::plain::ConfigMap;
use crate::values::k8s::ResourceRef;

pub(crate) fn read(scene: &Scene<'_, '_>, doors: &mut Vec<Door>) {
    if !scene.readers.has(DoorKind::OtherKind) {
        return;
    }
    for kept in &scene.cluster.objects.config_maps {
        let Ok(map) = kept.object.read::<ConfigMap>() else { continue };
        let namespace = &kept.resource.namespace;
        let mut search = Search { scene, namespace, found: None };
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
        doors.extend(search.found.map(|found| door(scene, &kept.resource, found)));
    }
    for pods in scene.cluster.pod_templates() {
        let namespace = &pods.resource.namespace;
        let mut search = Search { scene, namespace, found: None };
        let containers = pods.spec.containers.iter().enumerate();
        for (place, container) in containers {
            if container.tunnel.is_empty() {
                continue;
            }
            let path = vec![format!("{}.containers[{place}].args", pods.field)];
            for word in &container.tunnel {
                search.text("url", word.rsplit('=').next().unwrap_or_default(), &path);
            }
        }
        doors.extend(search.found.map(|found| door(scene, pods.resource, found)));
    }
}

/// The URLs that a proxy's configuration forwards to: behind `service` of a tunnel's `ingress`, and behind
/// `proxy_pass`.
fn upstreams(text: &str) -> impl Iterator<Item = &str> {
    let is_tunnel = text.contains("ingress");
    text.lines().flat_map(move |line| {
        let starts = line.match_indices("://").filter_map(move |(place, _)| {
            let before = line.get(..place)?;
            let is_upstream =
                before.contains("proxy_pass") || (is_tunnel && before.contains("service"));
            let scheme = before.rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
            is_upstream.then_some(scheme)
        });
        starts.filter_map(move |start| {
            let url = line.get(start..)?;
            let end = url.find(|c: char| c.is_whitespace() || "\"',;}".contains(c));
            url.get(..end.unwrap_or(url.len()))
        })
    })
}

fn door(scene: &Scene<'_, '_>, resource: &Rc<ResourceRef>, found: (String, Hit)) -> Door {
    door_through("the proxy that reads this", scene, resource, found)
}

#[cfg(test)]
mod tests {
    use super::upstreams;

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
        ] {
            assert_eq!(upstreams(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }
}

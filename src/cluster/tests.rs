use krm_package::{Edit, ItemId, Package, operation};

use super::*;
use crate::finding::Code;

const PACKAGE: &str = "\
apiVersion: v1
kind: Service
metadata: {name: gateway, namespace: istio-system}
spec: {type: LoadBalancer, selector: {istio: ingressgateway}, externalIPs: [203.0.113.7]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front, namespace: istio-system}
spec: {ingressClassName: alb}
---
apiVersion: extensions/v1beta1
kind: Ingress
metadata: {name: old}
spec:
  backend: {serviceName: gateway, servicePort: 80}
  rules: [{host: a.example.com, http: {paths: [{path: /, backend: {serviceName: other, servicePort: http}}]}}]
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: gateway, namespace: istio-system}
spec: {}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: gateway, namespace: istio-system}
spec:
  template:
    metadata: {labels: {istio: ingressgateway}}
    spec: {hostNetwork: true, containers: [{name: proxy, ports: [{containerPort: 8080, hostPort: 80}]}]}
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: {name: front}
spec: {routes: [{services: [{name: gateway}]}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: front}
spec: {parentRefs: [{name: public}], rules: [{backendRefs: [{name: gateway, port: 80}]}]}
";

fn world(text: &str, look: impl FnOnce(&Cluster<'_>, &[Finding])) {
    let package = Package::stream(text).unwrap();
    let items = Items::of(&package).unwrap();
    let (cluster, findings) = Cluster::of(&items);
    look(&cluster, &findings);
}

#[test]
fn every_object_is_in_its_place_once() {
    world(PACKAGE, |cluster, findings| {
        assert_eq!(findings, []);
        let objects = &cluster.objects;
        let service = &objects.services[0];
        assert_eq!(objects.services.len(), 1, "a Knative Service is another kind");
        assert_eq!(service.id, Some(ItemId(0)));
        assert_eq!(service.object.spec.kind, "LoadBalancer");
        assert_eq!(service.object.spec.external_ips, ["203.0.113.7"]);
        assert_eq!(objects.ingresses[0].resource.name, "front");
        let old = &objects.removed_ingresses[0].object;
        let backends: Vec<_> =
            old.backends().map(|(at, to)| (at, to.service_name.as_str())).collect();
        assert_eq!(
            backends,
            [
                ("spec.backend".to_owned(), "gateway"),
                ("spec.rules[0].http.paths[0].backend".to_owned(), "other")
            ]
        );
        assert_eq!(objects.knative_services.len(), 1);
        let pods = &objects.workloads[0].object.spec.template;
        assert!(pods.spec.host_network);
        assert_eq!(pods.spec.containers[0].ports[0].host_port, 80);
        assert_eq!(objects.others[0].resource.kind, "IngressRoute");
        assert_eq!(objects.routes[0].object.spec.rules[0].backend_refs[0].name, "gateway");
    });
}

#[test]
fn what_is_not_of_its_kind_is_said_and_left_out() {
    let text = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: many}\n";
    world(text, |cluster, findings| {
        assert_eq!(cluster.objects.services.len(), 0);
        assert_eq!(cluster.objects.unreadable[0].name, "a");
        assert_eq!(findings[0].code, Code::BadObject);
        assert_eq!(findings[0].field.as_ref().unwrap().path, "spec.ports");
    });
}

#[test]
fn the_world_after_edits_is_the_edited_one() {
    world(PACKAGE, |cluster, _| {
        let patch = |item, operations| Edit::Patch {
            item: ItemId(item),
            operations: json_patch::Patch(operations),
        };
        let edits = [
            patch(0, vec![operation::replace(&["spec", "type"], "ClusterIP")]),
            patch(0, vec![operation::remove(&["spec", "externalIPs"])]),
            // It does not apply: no part of it is made.
            patch(
                1,
                vec![
                    operation::replace(&["spec", "ingressClassName"], "nginx"),
                    operation::remove(&["spec", "absent"]),
                ],
            ),
            Edit::RemoveItem(ItemId(4)),
            Edit::add_item(serde_json::json!({
                "apiVersion": "v1", "kind": "Service", "metadata": {"name": "new"},
            })),
        ];
        let (after, findings) = cluster.after(&edits);
        assert_eq!(findings, []);
        let services: Vec<_> = after
            .objects
            .services
            .iter()
            .map(|one| (one.resource.name.as_str(), one.object.spec.kind.as_str()))
            .collect();
        assert_eq!(services, [("gateway", "ClusterIP"), ("new", "")]);
        assert!(after.objects.services[0].object.spec.external_ips.is_empty());
        let class = after.objects.ingresses[0].object.spec.ingress_class_name.as_deref();
        assert_eq!(class, Some("alb"));
        assert!(after.objects.workloads.is_empty());
        assert_eq!(after.objects.routes.len(), 1);
        // The world before is as it was.
        assert_eq!(cluster.objects.services[0].object.spec.kind, "LoadBalancer");
        assert_eq!(cluster.objects.workloads.len(), 1);
    });
}

#[test]
fn what_is_unreadable_can_be_mended_by_an_edit() {
    let text = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: many}\n";
    world(text, |cluster, _| {
        let mended = Edit::Patch {
            item: ItemId(0),
            operations: json_patch::Patch(vec![operation::remove(&["spec", "ports"])]),
        };
        let (after, findings) = cluster.after(&[mended]);
        assert_eq!(findings, []);
        assert!(after.objects.unreadable.is_empty());
        assert_eq!(after.objects.services.len(), 1);
    });
}

#[test]
fn an_object_without_a_namespace_may_be_another_of_its_name() {
    let object = |version: &str, name: &str, namespace: &str| {
        let namespace =
            if namespace.is_empty() { String::new() } else { format!(", namespace: {namespace}") };
        format!(
            "apiVersion: {version}\nkind: Service\nmetadata: {{name: {name}{namespace}}}\n---\n"
        )
    };
    let text = [
        object("v1", "a", "one"),
        object("v1", "a", "two"),
        object("v1", "b", "one"),
        object("v1", "b", ""),
        object("v1", "c", "one"),
        object("v1", "c", "one"),
        object("serving.knative.dev/v1", "d", "one"),
        object("v1", "d", "one"),
    ]
    .concat();
    world(&text, |cluster, _| {
        let found: Vec<Vec<String>> = cluster
            .duplicates()
            .iter()
            .map(|same| same.iter().map(|one| one.resource.to_string()).collect())
            .collect();
        assert_eq!(
            found,
            [
                vec!["v1/Service/b".to_owned(), "v1/Service/one/b".to_owned()],
                vec!["v1/Service/one/c".to_owned(), "v1/Service/one/c".to_owned()],
            ]
        );
    });
}

#[test]
fn a_reference_gets_the_name_that_kustomize_will_write() {
    let renamed = |name: &str, namespace: &str, earlier: &str, prefixes: &str| {
        format!(
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n  namespace: {namespace}\n  \
             annotations:\n    internal.config.kubernetes.io/previousNames: {earlier}\n    \
             internal.config.kubernetes.io/prefixes: {prefixes}\n---\n"
        )
    };
    let text = [
        renamed("dev-gateway", "istio-system", "gateway", "dev-"),
        // Named twice: each layer notes what it was.
        renamed("eu-dev-two", "istio-system", "two,dev-two", "dev-,eu-"),
        // One base twice, under two prefixes.
        renamed("a-three", "istio-system", "three", "a-"),
        renamed("b-three", "istio-system", "three", "b-"),
        // It only moved to another namespace.
        renamed("four", "istio-system", "four", "''"),
        renamed("x-gateway", "other", "gateway", "x-"),
    ]
    .concat()
        + "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: b-front\n  \
           namespace: istio-system\n  annotations:\n    \
           internal.config.kubernetes.io/prefixes: b-\n";
    world(&text, |cluster, _| {
        let referrer = |name: &str, namespace: &str| ResourceRef {
            api_version: "networking.k8s.io/v1".to_owned(),
            kind: "Ingress".to_owned(),
            namespace: Some(namespace.to_owned()),
            name: name.to_owned(),
        };
        let coming = |from: &ResourceRef, name: &str| {
            cluster.renames().coming_name(from, "Service", name).map(str::to_owned)
        };
        let front = referrer("front", "istio-system");
        assert_eq!(coming(&front, "gateway").as_deref(), Some("dev-gateway"));
        assert_eq!(coming(&front, "two").as_deref(), Some("eu-dev-two"));
        assert_eq!(coming(&front, "dev-two").as_deref(), Some("eu-dev-two"));
        assert_eq!(coming(&front, "three"), None, "two could be meant");
        assert_eq!(
            coming(&referrer("b-front", "istio-system"), "three").as_deref(),
            Some("b-three")
        );
        assert_eq!(coming(&front, "four"), None);
        assert_eq!(coming(&front, "dev-gateway"), None);
        assert_eq!(coming(&referrer("front", "other"), "gateway").as_deref(), Some("x-gateway"));
        assert_eq!(coming(&referrer("front", "third"), "gateway"), None);
        assert_eq!(cluster.renames().coming_name(&front, "ConfigMap", "gateway"), None);
    });
}

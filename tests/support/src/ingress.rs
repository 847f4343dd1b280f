//! The smallest run of `set-ingress-params`: an Ingress, and a configuration that opens port 80 of it.

pub const CONFIG: &str = "\
apiVersion: fn.kserve-aws.dev/v1alpha1
kind: IngressParams
metadata:
  name: params
spec:
  overlay: base
";

pub const INGRESS: &str = "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: istio-ingress
  namespace: istio-system
  annotations:
    kubernetes.io/ingress.class: alb
spec:
  rules:
  - host: models.example.com
    http:
      paths:
      - path: /*
        pathType: ImplementationSpecific
        backend:
          service:
            name: istio-ingressgateway
            port:
              number: 80
";

pub fn list_of(config: &str, items: &[&str]) -> String {
    let mut list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n".to_owned();
    if !config.is_empty() {
        list.push_str(&format!("functionConfig:\n  {}\n", indented(config)));
    }
    list.push_str("items:\n");
    for item in items {
        list.push_str(&format!("- {}\n", indented(item)));
    }
    list
}

pub fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n  ")
}

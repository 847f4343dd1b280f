//! Objects of our own in the shape of a platform's build: nine tenths of its bytes are the schemas
//! of CustomResourceDefinitions.

use std::fmt::Write;

const BUILDS: usize = 3;
const OBJECTS_OF_A_BUILD: usize = 436;

/// The builds; the same on every machine.
pub(super) fn builds() -> Vec<Vec<String>> {
    (0..BUILDS)
        .map(|build| (0..OBJECTS_OF_A_BUILD).map(|place| object(build, place)).collect())
        .collect()
}

fn object(build: usize, place: usize) -> String {
    let name = format!("platform-{build}-{place}");
    match place % 10 {
        0 => definition(&name),
        1 | 2 => format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  labels:\n    app: {name}\n  name: {name}\n  namespace: platform\nspec:\n  replicas: 1\n  selector:\n    matchLabels:\n      app: {name}\n  template:\n    metadata:\n      annotations:\n        sidecar.istio.io/inject: \"false\"\n      labels:\n        app: {name}\n    spec:\n      containers:\n      - args:\n        - --metrics-addr=127.0.0.1:8080\n        - --enable-leader-election\n        env:\n        - name: POD_NAMESPACE\n          valueFrom:\n            fieldRef:\n              fieldPath: metadata.namespace\n        image: registry.example.com/platform/{name}:v1.10.2\n        name: manager\n        resources:\n          limits:\n            cpu: 100m\n            memory: 300Mi\n        volumeMounts:\n        - mountPath: /etc/config\n          name: config\n      volumes:\n      - configMap:\n          defaultMode: 0644\n          name: {name}\n        name: config\n"
        ),
        3 => format!(
            "apiVersion: v1\ndata:\n  _example: |\n    ################################\n    # EXAMPLE CONFIGURATION        #\n    ################################\n\n    enable: \"yes\"\n    timeout: 1_000\n  settings: '{{\"default\": {{\"image\": \"registry.example.com/a\", \"limits\": [\"1\", \"2\"]}}}}'\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: platform\n"
        ),
        4..=6 => format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: {name}\nrules:\n- apiGroups:\n  - \"\"\n  resources:\n  - configmaps\n  - secrets\n  verbs:\n  - get\n  - list\n  - watch\n- apiGroups: [\"*\"]\n  resources: [\"*\"]\n  verbs: [get, list]\n"
        ),
        7 | 8 => format!(
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n  namespace: platform\nspec:\n  ports:\n  - name: http\n    port: 80\n    targetPort: 8080\n  selector:\n    app: {name}\n"
        ),
        _ => format!(
            "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {name}\n  namespace: platform\n"
        ),
    }
}

fn definition(name: &str) -> String {
    let mut text = format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  annotations:\n    controller-gen.kubebuilder.io/version: v0.16.2\n  name: {name}.platform.example.com\nspec:\n  group: platform.example.com\n  names:\n    kind: Widget\n    plural: {name}\n  scope: Namespaced\n  versions:\n  - name: v1\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n"
    );
    properties(&mut text, 10, 3);
    text.push_str("    served: true\n    storage: true\n    subresources:\n      status: {}\n");
    text
}

fn properties(text: &mut String, column: usize, depth: usize) {
    let pad = " ".repeat(column);
    for place in 0..6 {
        // A String takes whatever is written to it.
        let _ = write!(
            text,
            "{pad}field{place}:\n{pad}  description: The level of the field at this place, as the controller reads it and\n{pad}    writes it back; see https://platform.example.com/docs#field for its values.\n"
        );
        if depth > 0 && place < 4 {
            let _ = writeln!(text, "{pad}  properties:");
            properties(text, column + 4, depth - 1);
            let _ = write!(text, "{pad}  required:\n{pad}  - field0\n{pad}  type: object\n");
        } else {
            let _ = write!(
                text,
                "{pad}  enum:\n{pad}  - \"on\"\n{pad}  - \"off\"\n{pad}  type: string\n"
            );
        }
    }
}

//! A model, and the configuration under which it is served.

pub(crate) const IRIS: &str = "
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: iris, namespace: team-a}
spec: {predictor: {model: {modelFormat: {name: sklearn}, storageUri: gs://b/m}}}
";

/// The platform of the snapshot in `fixtures/serving-model`.
pub(crate) const PLATFORM: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: config-domain, namespace: knative-serving, labels: {app.kubernetes.io/version: 1.16.2}}
data: {platform.example.com: ''}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: config-network, namespace: knative-serving}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: kserve-controller-manager, namespace: kserve}
spec: {template: {spec: {containers: [{name: manager, image: 'kserve/kserve-controller:v0.15.0'}]}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: inferenceservice-config, namespace: kserve}
data:
  deploy: '{\"defaultDeploymentMode\": \"Serverless\"}'
  ingress: '{\"ingressGateway\": \"kubeflow/kubeflow-gateway\", \"localGateway\": \"knative-serving/knative-local-gateway\", \"ingressDomain\": \"example.com\"}'
";

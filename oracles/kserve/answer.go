package main

import (
	"context"
	"encoding/json"
	"log"
	"slices"
	"strings"

	istioclientv1beta1 "istio.io/client-go/pkg/apis/networking/v1beta1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	knservingv1 "knative.dev/serving/pkg/apis/serving/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	gwapiv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kserve/kserve/pkg/apis/serving/v1alpha1"
	"github.com/kserve/kserve/pkg/apis/serving/v1beta1"
)

// refusal is an object that is not there, and who did not want it.
type refusal struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	// By is apiserver, schema or webhook.
	By      string `json:"by"`
	Message string `json:"message"`
}

// object is one that is there in the end.
type object struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	// Owner is the kind and name of the object whose controller made it.
	Owner       string            `json:"owner,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Spec        any               `json:"spec,omitempty"`
	Status      any               `json:"status,omitempty"`
	// Route is what Knative makes of a Knative Service.
	Route *route `json:"route,omitempty"`
}

// answer is what becomes of a question.
type answer struct {
	Refused []refusal `json:"refused,omitempty"`
	// Errors are those with which the reconcilers end, by object.
	Errors   map[string]string `json:"errors,omitempty"`
	Objects  []object          `json:"objects"`
	Outcomes int               `json:"outcomes"`
}

// pods is what a Deployment says of its pods.
type pods struct {
	Labels         map[string]string `json:"labels,omitempty"`
	Annotations    map[string]string `json:"annotations,omitempty"`
	ServiceAccount string            `json:"serviceAccountName,omitempty"`
}

func (w *world) answer(ctx context.Context) answer {
	a := answer{Refused: w.refused, Errors: w.errors}
	for _, list := range append([]client.ObjectList{
		&v1beta1.InferenceServiceList{}, &v1alpha1.InferenceGraphList{},
		&istioclientv1beta1.VirtualServiceList{}, &netv1.IngressList{}, &gwapiv1.HTTPRouteList{},
		&knservingv1.ServiceList{}, &corev1.ServiceList{}, &appsv1.DeploymentList{},
	}, llmLists()...) {
		if err := w.client.List(ctx, list); err != nil {
			log.Fatal(err)
		}
		items, err := meta.ExtractList(list)
		if err != nil {
			log.Fatal(err)
		}
		for _, item := range items {
			a.Objects = append(a.Objects, w.told(ctx, item.(client.Object)))
		}
	}
	slices.SortFunc(a.Objects, func(a, b object) int {
		return strings.Compare(a.Kind+"/"+a.Namespace+"/"+a.Name, b.Kind+"/"+b.Namespace+"/"+b.Name)
	})
	return a
}

func (w *world) told(ctx context.Context, item client.Object) object {
	kind, err := apiutil.GVKForObject(item, w.scheme)
	if err != nil {
		log.Fatal(err)
	}
	told := object{
		Kind: kind.Kind, Namespace: item.GetNamespace(), Name: item.GetName(),
		Labels: item.GetLabels(), Annotations: item.GetAnnotations(),
	}
	if owner := metav1.GetControllerOf(item); owner != nil {
		told.Owner = owner.Kind + " " + owner.Name
	}
	if kind.Group == "serving.knative.dev" {
		told.Kind = "Knative" + told.Kind
	}
	plain, err := runtime.DefaultUnstructuredConverter.ToUnstructured(item)
	if err != nil {
		log.Fatal(err)
	}
	switch item := item.(type) {
	case *istioclientv1beta1.VirtualService:
		// A protocol buffer, which only its own code writes as the API server has it.
		text, err := json.Marshal(item)
		if err == nil {
			err = json.Unmarshal(text, &plain)
		}
		if err != nil {
			log.Fatal(err)
		}
		told.Spec = plain["spec"]
	case *netv1.Ingress, *gwapiv1.HTTPRoute, *corev1.Service:
		told.Spec = plain["spec"]
	case *knservingv1.Service:
		route := w.route(ctx, item)
		told.Route = &route
		told.Spec = pods{item.Spec.Template.Labels, item.Spec.Template.Annotations, item.Spec.Template.Spec.ServiceAccountName}
	case *appsv1.Deployment:
		template := item.Spec.Template
		told.Spec = pods{template.Labels, template.Annotations, template.Spec.ServiceAccountName}
	default:
		// One that KServe reconciles. Its conditions have the time in them.
		status, _ := plain["status"].(map[string]any)
		conditions, _ := status["conditions"].([]any)
		for _, condition := range conditions {
			delete(condition.(map[string]any), "lastTransitionTime")
		}
		told.Status = status
	}
	return told
}

package main

import (
	"context"
	"encoding/json"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"knative.dev/pkg/apis"
	knservingv1 "knative.dev/serving/pkg/apis/serving/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"github.com/kserve/kserve/pkg/apis/serving/v1alpha1"
	"github.com/kserve/kserve/pkg/apis/serving/v1beta1"
)

// admit takes an object of the question through the API server: pruning and defaults of its schema,
// KServe's defaulting, the schema, KServe's validation.
func (w *world) admit(raw json.RawMessage) (client.Object, *refusal) {
	var given unstructured.Unstructured
	if err := given.UnmarshalJSON(raw); err != nil {
		return nil, &refusal{By: "apiserver", Message: err.Error()}
	}
	refused := &refusal{Kind: given.GetKind(), Namespace: given.GetNamespace(), Name: given.GetName()}
	by := func(who string, err error) (client.Object, *refusal) {
		refused.By, refused.Message = who, err.Error()
		return nil, refused
	}
	kind := given.GroupVersionKind()
	definition := w.schemas[kind]
	if definition != nil {
		definition.complete(given.Object)
	}
	object, err := w.typed(given.Object)
	if err != nil {
		return by("apiserver", err)
	}
	if err := recovered(func() error { return w.defaulted(object) }); err != nil {
		return by("webhook", err)
	}
	if definition != nil {
		after, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
		if err != nil {
			return by("apiserver", err)
		}
		// What Go writes of an empty struct is not in the request of the webhook's patch.
		after["apiVersion"], after["kind"] = given.GetAPIVersion(), given.GetKind()
		definition.complete(after)
		if err := definition.validate(after); err != nil {
			return by("schema", err)
		}
	}
	if errs := metadata(object); len(errs) > 0 {
		return by("apiserver", errs.ToAggregate())
	}
	if err := recovered(func() error { return w.validated(object) }); err != nil {
		return by("webhook", err)
	}
	if _, ok := object.(*v1beta1.InferenceService); ok {
		// That of the first version of a spec.
		object.SetGeneration(1)
	}
	return object, nil
}

func (w *world) typed(object map[string]any) (client.Object, error) {
	text, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	kind := (&unstructured.Unstructured{Object: object}).GroupVersionKind()
	made, err := w.scheme.New(kind)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, made); err != nil {
		return nil, err
	}
	return made.(client.Object), nil
}

// defaulted runs the mutating webhooks of KServe.
func (w *world) defaulted(object client.Object) error {
	if isvc, ok := object.(*v1beta1.InferenceService); ok {
		return (&v1beta1.InferenceServiceDefaulter{}).Default(context.Background(), isvc)
	}
	return defaultLLM(w, object)
}

// validated runs the validating webhooks of KServe.
func (w *world) validated(object client.Object) error {
	ctx := context.Background()
	var err error
	switch object := object.(type) {
	case *v1beta1.InferenceService:
		_, err = (&v1beta1.InferenceServiceValidator{}).ValidateCreate(ctx, object)
	case *v1alpha1.InferenceGraph:
		_, err = (&v1alpha1.InferenceGraphValidator{}).ValidateCreate(ctx, object)
	default:
		err = validateLLM(object)
	}
	return err
}

// metadata is what the API server says of an object's name and labels.
func metadata(object client.Object) field.ErrorList {
	meta := metav1.ObjectMeta{
		Name: object.GetName(), Namespace: object.GetNamespace(),
		Labels: object.GetLabels(), Annotations: object.GetAnnotations(),
	}
	named := apivalidation.NameIsDNSSubdomain
	switch object.(type) {
	case *corev1.Service:
		named = apivalidation.NameIsDNS1035Label
	case *corev1.Namespace:
		named = apivalidation.NameIsDNSLabel
	}
	return apivalidation.ValidateObjectMeta(&meta, object.GetNamespace() != "", named, field.NewPath("metadata"))
}

// created is what the API server and the webhooks of others say of an object that KServe writes.
func (w *world) created(object, before client.Object) error {
	errs := metadata(object)
	switch object := object.(type) {
	case *appsv1.Deployment:
		errs = append(errs, metav1validation.ValidateLabels(object.Spec.Template.Labels, field.NewPath("spec.template.metadata.labels"))...)
		if object.Spec.Selector != nil {
			errs = append(errs, metav1validation.ValidateLabels(object.Spec.Selector.MatchLabels, field.NewPath("spec.selector.matchLabels"))...)
		}
	case *corev1.Service:
		errs = append(errs, metav1validation.ValidateLabels(object.Spec.Selector, field.NewPath("spec.selector"))...)
		if name := object.Spec.ExternalName; name != "" {
			for _, message := range validation.IsDNS1123Subdomain(name) {
				errs = append(errs, field.Invalid(field.NewPath("spec.externalName"), name, message))
			}
		}
	case *netv1.Ingress:
		for at, rule := range object.Spec.Rules {
			for _, message := range ingressHost(rule.Host) {
				errs = append(errs, field.Invalid(field.NewPath("spec.rules").Index(at).Child("host"), rule.Host, message))
			}
		}
	case *knservingv1.Service:
		ctx := apis.WithinCreate(context.Background())
		if before, ok := before.(*knservingv1.Service); ok {
			ctx = apis.WithinUpdate(context.Background(), before)
		}
		object.SetDefaults(ctx)
		// What Knative only warns of is no refusal.
		if err := object.Validate(ctx).Filter(apis.ErrorLevel); err != nil {
			return fmt.Errorf("admission webhook \"validation.webhook.serving.knative.dev\" denied the request: %w", err)
		}
	}
	if len(errs) > 0 {
		return errs.ToAggregate()
	}
	kind, err := apiutil.GVKForObject(object, w.scheme)
	if err != nil {
		return err
	}
	definition := w.schemas[kind]
	if definition == nil {
		return nil
	}
	plain, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return err
	}
	plain["apiVersion"], plain["kind"] = kind.GroupVersion().String(), kind.Kind
	// Whoever writes an object does not write its status, which is a resource of its own.
	delete(plain, "status")
	definition.complete(plain)
	return definition.validate(plain)
}

// ingressHost is ValidateIngressSpec's reading of a host (k8s.io/kubernetes/pkg/apis/networking/validation).
func ingressHost(host string) []string {
	switch {
	case host == "":
		return nil
	case len(validation.IsValidIP(field.NewPath("host"), host)) == 0:
		return []string{"must be a DNS name, not an IP address"}
	case host[0] == '*':
		return validation.IsWildcardDNS1123Subdomain(host)
	default:
		return validation.IsDNS1123Subdomain(host)
	}
}

// recovered is the error of a function, a panic among them: a webhook or controller that panics has not
// answered either.
func recovered(run func() error) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	return run()
}

package main

import (
	"context"
	"encoding/json"
	"log"
	"slices"
	"sync"

	kedav1alpha1 "github.com/kedacore/keda/v2/apis/keda/v1alpha1"
	otelv1beta1 "github.com/open-telemetry/opentelemetry-operator/apis/v1beta1"
	istioclientv1beta1 "istio.io/client-go/pkg/apis/networking/v1beta1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/meta/testrestmapper"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes"
	kubefake "k8s.io/client-go/kubernetes/fake"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/testing"
	"k8s.io/client-go/tools/record"
	knservingv1 "knative.dev/serving/pkg/apis/serving/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	gwapiv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/kserve/kserve/pkg/apis/serving/v1alpha1"
	"github.com/kserve/kserve/pkg/apis/serving/v1beta1"
	graphcontroller "github.com/kserve/kserve/pkg/controller/v1alpha1/inferencegraph"
)

// rounds are more than any controller needs until it writes nothing new.
const rounds = 10

// world is a cluster that a question describes.
type world struct {
	scheme    *runtime.Scheme
	client    client.WithWatch
	clientset kubernetes.Interface
	server    *apiServer
	schemas   schemas
	// served are the objects that KServe reconciles, in the order in which it does here.
	served  []client.Object
	refused []refusal
	// errors are those of the last round, by object.
	errors map[string]string
}

// known are the kinds of the cluster, and which of them have a namespace: the same for every question.
var known = sync.OnceValues(func() (*runtime.Scheme, meta.RESTMapper) {
	scheme, err := newScheme()
	if err != nil {
		log.Fatal(err)
	}
	return scheme, testrestmapper.TestOnlyStaticRESTMapper(scheme)
})

func newScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	for _, add := range append([]func(*runtime.Scheme) error{
		clientgoscheme.AddToScheme,
		v1alpha1.AddToScheme,
		v1beta1.AddToScheme,
		knservingv1.AddToScheme,
		istioclientv1beta1.AddToScheme,
		kedav1alpha1.AddToScheme,
		otelv1beta1.AddToScheme,
		gwapiv1.Install,
	}, llmScheme...) {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	return scheme, nil
}

func newWorld(q question, server *apiServer, schemas schemas) *world {
	scheme, mapper := known()
	w := &world{scheme: scheme, server: server, schemas: schemas}
	// The webhooks read ConfigMaps, so that these are there first.
	var kube []runtime.Object
	var others []json.RawMessage
	found := map[string]bool{}
	for _, raw := range q.Objects {
		var core metav1.TypeMeta
		if err := json.Unmarshal(raw, &core); err != nil || core.APIVersion != "v1" {
			others = append(others, raw)
			continue
		}
		object, refused := w.admit(raw)
		if refused != nil {
			w.refused = append(w.refused, *refused)
			continue
		}
		found[object.GetNamespace()+"/"+object.GetName()] = true
		kube = append(kube, object)
	}
	// Knative's installation has it, and no question is about it.
	if !found["knative-serving/config-autoscaler"] {
		kube = append(kube, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "config-autoscaler", Namespace: "knative-serving"}})
	}
	w.clientset = kubefake.NewSimpleClientset(kube...)
	server.clientset.Store(&w.clientset)
	objects := wellKnown()
	for _, object := range kube {
		objects = append(objects, object.(client.Object))
	}
	for _, raw := range others {
		object, refused := w.admit(raw)
		if refused != nil {
			w.refused = append(w.refused, *refused)
			continue
		}
		objects = append(objects, object)
		if rank(object) > 0 {
			w.served = append(w.served, object)
		}
	}
	slices.SortStableFunc(w.served, func(a, b client.Object) int { return rank(a) - rank(b) })
	builder := fake.NewClientBuilder().WithScheme(scheme).WithRESTMapper(mapper).
		WithStatusSubresource(append([]client.Object{
			&v1beta1.InferenceService{}, &v1alpha1.InferenceGraph{}, &knservingv1.Service{},
			&appsv1.Deployment{}, &gwapiv1.HTTPRoute{}, &gwapiv1.Gateway{},
		}, llmStatuses...)...).
		WithInterceptorFuncs(w.interceptors()).
		// Without the managed fields, of which no controller here reads any: they are a third of the time.
		WithObjectTracker(testing.NewObjectTracker(scheme, serializer.NewCodecFactory(scheme).UniversalDecoder()))
	builder = indexLLM(builder)
	for _, object := range objects {
		builder = builder.WithObjects(object)
	}
	w.client = builder.Build()
	return w
}

// rank orders what KServe reconciles: a graph reads the status of its services. 0 is for what it does not.
func rank(object client.Object) int {
	switch object.(type) {
	case *v1beta1.InferenceService:
		return 1
	case *v1alpha1.InferenceGraph:
		return 2
	default:
		if isLLM(object) {
			return 3
		}
		return 0
	}
}

// interceptors let the API server and the webhooks of others see what KServe writes.
func (w *world) interceptors() interceptor.Funcs {
	refuse := func(object client.Object, err error) error {
		refused := refusal{Kind: w.kind(object), Namespace: object.GetNamespace(), Name: object.GetName(), By: "apiserver", Message: err.Error()}
		if !slices.Contains(w.refused, refused) {
			w.refused = append(w.refused, refused)
		}
		return err
	}
	return interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.CreateOption) error {
			if err := w.created(object, nil); err != nil {
				return refuse(object, err)
			}
			address(object)
			if err := c.Create(ctx, object, options...); err != nil {
				return err
			}
			return w.mirror(ctx, object)
		},
		Update: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.UpdateOption) error {
			before := object.DeepCopyObject().(client.Object)
			if err := c.Get(ctx, client.ObjectKeyFromObject(object), before); err != nil {
				return err
			}
			if err := w.created(object, before); err != nil {
				return refuse(object, err)
			}
			address(object)
			if err := c.Update(ctx, object, options...); err != nil {
				return err
			}
			keepStatus(object, before)
			return w.mirror(ctx, object)
		},
	}
}

// clusterIP is the address of every Service here.
const clusterIP = "127.0.0.1"

// address gives a Service one, as an API server does. All of them have the one that is in KServe's certificates anyway:
// where an address is not in a certificate, or missing, KServe draws a new key of 4096 bits in each round.
func address(object client.Object) {
	service, ok := object.(*corev1.Service)
	if ok && service.Spec.ClusterIP == "" && service.Spec.Type != corev1.ServiceTypeExternalName {
		service.Spec.ClusterIP = clusterIP
	}
}

// keepStatus gives a Deployment that an update is tried with the status that it has: an API server answers a dry
// run with the whole object.
func keepStatus(object, before client.Object) {
	if deployment, ok := object.(*appsv1.Deployment); ok {
		deployment.Status = before.(*appsv1.Deployment).Status
	}
}

// mirror writes a ConfigMap for those who read it by the clientset, which is a store of its own here: a cluster has
// one.
func (w *world) mirror(ctx context.Context, object client.Object) error {
	written, ok := object.(*corev1.ConfigMap)
	if !ok {
		return nil
	}
	configMaps := w.clientset.CoreV1().ConfigMaps(written.Namespace)
	copied := written.DeepCopy()
	copied.ResourceVersion = ""
	_, err := configMaps.Create(ctx, copied, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		_, err = configMaps.Update(ctx, copied, metav1.UpdateOptions{})
	}
	return err
}

func (w *world) kind(object client.Object) string {
	kind, err := apiutil.GVKForObject(object, w.scheme)
	if err != nil {
		log.Fatal(err)
	}
	return kind.Kind
}

// run lets the controllers work until nothing changes, and tells what is there.
func (w *world) run() answer {
	ctx := context.Background()
	before := ""
	for round := 0; round < rounds; round++ {
		w.errors = map[string]string{}
		for _, object := range w.served {
			request := ctrl.Request{NamespacedName: client.ObjectKeyFromObject(object)}
			err := recovered(func() error { return w.reconcile(ctx, object, request) })
			if err != nil {
				w.errors[w.kind(object)+" "+request.String()] = err.Error()
			}
		}
		if err := w.others(ctx); err != nil {
			log.Fatal(err)
		}
		text, err := json.Marshal(w.answer(ctx))
		if err != nil {
			log.Fatal(err)
		}
		if string(text) == before {
			break
		}
		before = string(text)
	}
	return w.answer(ctx)
}

func (w *world) reconcile(ctx context.Context, object client.Object, request ctrl.Request) error {
	recorder := record.NewFakeRecorder(1000)
	switch object.(type) {
	case *v1beta1.InferenceService:
		_, err := inferenceServices(w, recorder).Reconcile(ctx, request)
		return err
	case *v1alpha1.InferenceGraph:
		graphs := graphcontroller.InferenceGraphReconciler{
			Client: w.client, ClientConfig: w.server.config, Clientset: w.clientset,
			Log: ctrl.Log, Scheme: w.scheme, Recorder: recorder,
		}
		_, err := graphs.Reconcile(ctx, request)
		return err
	default:
		return reconcileLLM(ctx, w, recorder, request)
	}
}

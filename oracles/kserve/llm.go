//go:build !kserve_0_15

package main

import (
	"context"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/record"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	igwapi "sigs.k8s.io/gateway-api-inference-extension/api/v1"
	gwapiv1 "sigs.k8s.io/gateway-api/apis/v1"
	lwsapi "sigs.k8s.io/lws/api/leaderworkerset/v1"
	"sigs.k8s.io/yaml"

	"github.com/kserve/kserve/pkg/apis/serving/v1alpha2"
	"github.com/kserve/kserve/pkg/controller/v1alpha2/llmisvc"
	isvccontroller "github.com/kserve/kserve/pkg/controller/v1beta1/inferenceservice"
	kservescheme "github.com/kserve/kserve/pkg/scheme"
	llmwebhook "github.com/kserve/kserve/pkg/webhook/admission/llminferenceservice"
)

var (
	llmScheme   = []func(*runtime.Scheme) error{kservescheme.AddLLMISVCAPIs}
	llmStatuses = []client.Object{&v1alpha2.LLMInferenceService{}, &igwapi.InferencePool{}, &lwsapi.LeaderWorkerSet{}}
)

func inferenceServices(w *world, recorder record.EventRecorder) *isvccontroller.InferenceServiceReconciler {
	return &isvccontroller.InferenceServiceReconciler{
		Client: w.client, ClientConfig: w.server.config, Clientset: w.clientset,
		Log: ctrl.Log, Scheme: w.scheme, Recorder: recorder, VirtualServiceAvailable: true,
	}
}

func isLLM(object client.Object) bool {
	_, ok := object.(*v1alpha2.LLMInferenceService)
	return ok
}

func llmLists() []client.ObjectList {
	return []client.ObjectList{&v1alpha2.LLMInferenceServiceList{}}
}

// indexLLM adds the index by which members of a routing group find one another.
func indexLLM(builder *fake.ClientBuilder) *fake.ClientBuilder {
	return builder.WithIndex(&v1alpha2.LLMInferenceService{}, ".spec.router.route.group", func(object client.Object) []string {
		return groupOf(object.(*v1alpha2.LLMInferenceService))
	})
}

// empty is a cluster with nothing in it.
var empty = sync.OnceValue(func() client.Client {
	scheme, _ := known()
	return fake.NewClientBuilder().WithScheme(scheme).Build()
})

func defaultLLM(w *world, object client.Object) error {
	service, ok := object.(*v1alpha2.LLMInferenceService)
	if !ok {
		return nil
	}
	return (&llmwebhook.LLMInferenceServiceDefaulterV1Alpha2{Client: empty(), Clientset: w.clientset}).Default(context.Background(), service)
}

func validateLLM(object client.Object) error {
	service, ok := object.(*v1alpha2.LLMInferenceService)
	if !ok {
		return nil
	}
	_, err := (&v1alpha2.LLMInferenceServiceValidator{}).ValidateCreate(context.Background(), service)
	return err
}

func reconcileLLM(ctx context.Context, w *world, recorder record.EventRecorder, request ctrl.Request) error {
	reconciler := llmisvc.LLMISVCReconciler{
		Client: w.client, Config: w.server.config, EventRecorder: recorder, Clientset: w.clientset,
		Validator: func(_ context.Context, service *v1alpha2.LLMInferenceService) error { return validateLLM(service) },
	}
	if err := certify(ctx, w, request); err != nil {
		return err
	}
	_, err := reconciler.Reconcile(ctx, request)
	return err
}

// wellKnown are the configurations that KServe installs beside its controller.
func wellKnown() (found []client.Object) {
	for _, config := range installed() {
		found = append(found, config.DeepCopy())
	}
	return found
}

var installed = sync.OnceValue(func() (found []*v1alpha2.LLMInferenceServiceConfig) {
	directory := filepath.Join(kserveModule, "config/llmisvcconfig")
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasPrefix(entry.Name(), "config-llm-") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		config := &v1alpha2.LLMInferenceServiceConfig{}
		if err := yaml.Unmarshal(text, config); err != nil {
			return err
		}
		config.Namespace = "kserve"
		found = append(found, config)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	return found
})

// othersForLLM lets gateways accept the pools, and the pods of several nodes become ready.
func othersForLLM(ctx context.Context, w *world) error {
	var pools igwapi.InferencePoolList
	if err := w.client.List(ctx, &pools); err != nil {
		return err
	}
	var routes gwapiv1.HTTPRouteList
	if err := w.client.List(ctx, &routes); err != nil {
		return err
	}
	for at := range pools.Items {
		pool := &pools.Items[at]
		pool.Status.Parents = nil
		for _, route := range routes.Items {
			for _, parent := range route.Spec.ParentRefs {
				reference := igwapi.ParentReference{Name: igwapi.ObjectName(parent.Name)}
				if parent.Namespace != nil {
					reference.Namespace = igwapi.Namespace(*parent.Namespace)
				}
				pool.Status.Parents = append(pool.Status.Parents, igwapi.ParentStatus{
					ParentRef: reference,
					Conditions: []metav1.Condition{{
						Type: string(igwapi.InferencePoolConditionAccepted), Status: metav1.ConditionTrue, Reason: "Accepted", ObservedGeneration: pool.Generation,
					}},
				})
			}
		}
		if err := w.client.Status().Update(ctx, pool); err != nil {
			return err
		}
	}
	var sets lwsapi.LeaderWorkerSetList
	if err := w.client.List(ctx, &sets); err != nil {
		return err
	}
	for at := range sets.Items {
		set := &sets.Items[at]
		set.Status.Conditions = []metav1.Condition{{Type: string(lwsapi.LeaderWorkerSetAvailable), Status: metav1.ConditionTrue, Reason: "AllGroupsReady"}}
		if err := w.client.Status().Update(ctx, set); err != nil {
			return err
		}
	}
	return nil
}

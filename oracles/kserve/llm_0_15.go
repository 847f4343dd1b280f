//go:build kserve_0_15

package main

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/record"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	isvccontroller "github.com/kserve/kserve/pkg/controller/v1beta1/inferenceservice"
)

// There is no LLMInferenceService before 0.16.
var (
	llmScheme   []func(*runtime.Scheme) error
	llmStatuses []client.Object
)

func inferenceServices(w *world, recorder record.EventRecorder) *isvccontroller.InferenceServiceReconciler {
	return &isvccontroller.InferenceServiceReconciler{
		Client: w.client, ClientConfig: w.server.config, Clientset: w.clientset,
		Log: ctrl.Log, Scheme: w.scheme, Recorder: recorder,
	}
}

func isLLM(client.Object) bool                                 { return false }
func llmLists() []client.ObjectList                            { return nil }
func indexLLM(builder *fake.ClientBuilder) *fake.ClientBuilder { return builder }
func defaultLLM(*world, client.Object) error                   { return nil }
func validateLLM(client.Object) error                          { return nil }
func wellKnown() []client.Object                               { return nil }
func othersForLLM(context.Context, *world) error               { return nil }
func reconcileLLM(_ context.Context, _ *world, _ record.EventRecorder, request ctrl.Request) error {
	return fmt.Errorf("%s is nothing that KServe 0.15 reconciles", request)
}

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// apiServer is the part of an API server that KServe asks by a connection of its own, which no fake client
// replaces: the defaulting webhook for its ConfigMap, and the reconcilers for the kinds that there are.
type apiServer struct {
	config *rest.Config
	// clientset is that of the cluster which is being asked.
	clientset atomic.Pointer[kubernetes.Interface]
}

// available are the kinds that a cluster of the questions has, by group and version.
var available = map[string][]string{
	"serving.knative.dev/v1":                 {"Service"},
	"networking.istio.io/v1beta1":            {"VirtualService"},
	"gateway.networking.k8s.io/v1":           {"Gateway", "GatewayClass", "HTTPRoute"},
	"inference.networking.k8s.io/v1":         {"InferencePool"},
	"inference.networking.x-k8s.io/v1alpha2": {"InferencePool", "InferenceModel", "InferenceObjective"},
	"leaderworkerset.x-k8s.io/v1":            {"LeaderWorkerSet"},
	"serving.kserve.io/v1alpha1":             {"ServingRuntime", "ClusterServingRuntime", "InferenceGraph"},
	"serving.kserve.io/v1beta1":              {"InferenceService"},
}

// serve listens on a port of the loopback, and tells KServe's webhook of it as an operator would: by a
// kubeconfig.
func serve() (*apiServer, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	url := "http://" + listener.Addr().String()
	directory, err := os.MkdirTemp("", "kserve-oracle-")
	if err != nil {
		return nil, err
	}
	kubeconfig := filepath.Join(directory, "kubeconfig")
	text := fmt.Sprintf(`{"apiVersion": "v1", "kind": "Config", "current-context": "c",
		"clusters": [{"name": "c", "cluster": {"server": %q}}],
		"contexts": [{"name": "c", "context": {"cluster": "c"}}]}`, url)
	if err := os.WriteFile(kubeconfig, []byte(text), 0o600); err != nil {
		return nil, err
	}
	if err := os.Setenv("KUBECONFIG", kubeconfig); err != nil {
		return nil, err
	}
	server := &apiServer{config: &rest.Config{Host: url}}
	go func() { _ = http.Serve(listener, server) }()
	return server, nil
}

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var found any
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	// /api/v1/namespaces/NAMESPACE/configmaps/NAME
	case len(parts) == 6 && parts[0] == "api" && parts[4] == "configmaps":
		configMap, err := (*s.clientset.Load()).CoreV1().ConfigMaps(parts[3]).Get(context.Background(), parts[5], metav1.GetOptions{})
		if err != nil {
			break
		}
		configMap.APIVersion, configMap.Kind = "v1", "ConfigMap"
		found = configMap
	// /apis/GROUP/VERSION
	case len(parts) == 3 && parts[0] == "apis":
		version := parts[1] + "/" + parts[2]
		list := metav1.APIResourceList{GroupVersion: version}
		list.Kind, list.APIVersion = "APIResourceList", "v1"
		for _, kind := range available[version] {
			list.APIResources = append(list.APIResources, metav1.APIResource{Name: strings.ToLower(kind) + "s", Kind: kind, Namespaced: true})
		}
		if len(list.APIResources) > 0 {
			found = list
		}
	}
	w.Header().Set("Content-Type", "application/json")
	if found == nil {
		w.WriteHeader(http.StatusNotFound)
		found = metav1.Status{
			TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
			Status:   metav1.StatusFailure, Reason: metav1.StatusReasonNotFound, Code: http.StatusNotFound,
			Message: r.URL.Path + " not found",
		}
	}
	_ = json.NewEncoder(w).Encode(found)
}

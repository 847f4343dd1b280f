package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	netv1alpha1 "knative.dev/networking/pkg/apis/networking/v1alpha1"
	network "knative.dev/networking/pkg/config"
	"knative.dev/pkg/apis"
	duckv1 "knative.dev/pkg/apis/duck/v1"
	knservingv1 "knative.dev/serving/pkg/apis/serving/v1"
	"knative.dev/serving/pkg/reconciler/route/config"
	"knative.dev/serving/pkg/reconciler/route/domains"
	"knative.dev/serving/pkg/reconciler/route/visibility"
	"knative.dev/serving/pkg/reconciler/service/resources"
	gwapiv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// route is what Knative makes of a Knative Service.
type route struct {
	Host         string            `json:"host,omitempty"`
	Scheme       string            `json:"scheme,omitempty"`
	ClusterLocal bool              `json:"cluster_local,omitempty"`
	Tags         map[string]string `json:"tags,omitempty"`
	Error        string            `json:"error,omitempty"`
}

// others plays the controllers of others, after which everything is ready.
func (w *world) others(ctx context.Context) error {
	var services knservingv1.ServiceList
	if err := w.client.List(ctx, &services); err != nil {
		return err
	}
	for at := range services.Items {
		service := &services.Items[at]
		w.serve(ctx, service)
		if err := w.client.Status().Update(ctx, service); err != nil {
			return err
		}
	}
	var deployments appsv1.DeploymentList
	if err := w.client.List(ctx, &deployments); err != nil {
		return err
	}
	for at := range deployments.Items {
		deployment := &deployments.Items[at]
		deployment.Status.Conditions = []appsv1.DeploymentCondition{
			{Type: appsv1.DeploymentAvailable, Status: corev1.ConditionTrue, Reason: "MinimumReplicasAvailable"},
			{Type: appsv1.DeploymentProgressing, Status: corev1.ConditionTrue, Reason: "NewReplicaSetAvailable"},
		}
		deployment.Status.AvailableReplicas = 1
		if replicas := deployment.Spec.Replicas; replicas != nil {
			deployment.Status.AvailableReplicas = *replicas
		}
		if err := w.client.Status().Update(ctx, deployment); err != nil {
			return err
		}
	}
	var routes gwapiv1.HTTPRouteList
	if err := w.client.List(ctx, &routes); err != nil {
		return err
	}
	for at := range routes.Items {
		route := &routes.Items[at]
		route.Status.Parents = nil
		for _, parent := range route.Spec.ParentRefs {
			route.Status.Parents = append(route.Status.Parents, gwapiv1.RouteParentStatus{
				ParentRef: parent, ControllerName: "example.com/gateway",
				Conditions: []metav1.Condition{
					{Type: string(gwapiv1.RouteConditionAccepted), Status: metav1.ConditionTrue, Reason: "Accepted", ObservedGeneration: route.Generation},
					{Type: string(gwapiv1.RouteConditionResolvedRefs), Status: metav1.ConditionTrue, Reason: "ResolvedRefs", ObservedGeneration: route.Generation},
				},
			})
		}
		if err := w.client.Status().Update(ctx, route); err != nil {
			return err
		}
	}
	return othersForLLM(ctx, w)
}

// serve gives a Knative Service the status that Knative would.
func (w *world) serve(ctx context.Context, service *knservingv1.Service) {
	route := w.route(ctx, service)
	ready := corev1.ConditionTrue
	service.Status = knservingv1.ServiceStatus{}
	if route.Error != "" {
		ready = corev1.ConditionFalse
	}
	conditions := duckv1.Conditions{
		{Type: knservingv1.ServiceConditionConfigurationsReady, Status: corev1.ConditionTrue},
		{Type: knservingv1.ServiceConditionReady, Status: ready, Message: route.Error},
		{Type: knservingv1.ServiceConditionRoutesReady, Status: ready, Message: route.Error},
	}
	service.Status.Conditions = conditions
	revision := service.Name + "-00001"
	service.Status.LatestCreatedRevisionName, service.Status.LatestReadyRevisionName = revision, revision
	if route.Error != "" {
		return
	}
	service.Status.URL = &apis.URL{Scheme: route.Scheme, Host: route.Host}
	service.Status.Address = &duckv1.Addressable{URL: &apis.URL{Scheme: "http", Host: service.Name + "." + service.Namespace + ".svc.cluster.local"}}
	for _, target := range service.Spec.Traffic {
		if target.RevisionName == "" {
			target.RevisionName = revision
		}
		service.Status.Traffic = append(service.Status.Traffic, target)
	}
}

// route asks Knative's own code for the hosts.
func (w *world) route(ctx context.Context, service *knservingv1.Service) route {
	found, err := w.hosts(ctx, service)
	if err != nil {
		return route{Error: err.Error()}
	}
	return found
}

func (w *world) hosts(ctx context.Context, service *knservingv1.Service) (found route, err error) {
	data := func(name string) map[string]string {
		configMap, err := w.clientset.CoreV1().ConfigMaps("knative-serving").Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return nil
		}
		return configMap.Data
	}
	domain, err := config.NewDomainFromConfigMap(&corev1.ConfigMap{Data: data("config-domain")})
	if err != nil {
		return found, fmt.Errorf("config-domain: %w", err)
	}
	net, err := network.NewConfigFromMap(data("config-network"))
	if err != nil {
		return found, fmt.Errorf("config-network: %w", err)
	}
	ctx = config.ToContext(ctx, &config.Config{Domain: domain, Network: net})
	made := resources.MakeRoute(service)
	indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	visible, err := visibility.NewResolver(corev1listers.NewServiceLister(indexer)).GetVisibility(ctx, made)
	if err != nil {
		return found, err
	}
	hosts, err := domains.GetAllDomainsAndTags(ctx, made, slices.Collect(maps.Keys(visible)), visible)
	if err != nil {
		return found, err
	}
	found.Tags = map[string]string{}
	for host, tag := range hosts {
		if tag == "" {
			found.Host = host
		} else {
			found.Tags[tag] = host
		}
	}
	found.ClusterLocal = visible[""] == netv1alpha1.IngressVisibilityClusterLocal
	switch {
	case found.ClusterLocal:
		found.Scheme = "http"
	case net.ExternalDomainTLS:
		found.Scheme = "https"
	default:
		found.Scheme = net.DefaultExternalScheme
	}
	return found, nil
}

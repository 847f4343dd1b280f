// Command knative answers, for each JSON line on standard input, which hosts Knative Serving's own
// code gives a Route under a config-domain and a config-network.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	netv1alpha1 "knative.dev/networking/pkg/apis/networking/v1alpha1"
	network "knative.dev/networking/pkg/config"
	servingv1 "knative.dev/serving/pkg/apis/serving/v1"
	"knative.dev/serving/pkg/reconciler/route/config"
	"knative.dev/serving/pkg/reconciler/route/domains"
	"knative.dev/serving/pkg/reconciler/route/visibility"
)

// question is one triple of config-domain, config-network and Route.
type question struct {
	DefaultDomain string            `json:"default_domain"`
	Domain        map[string]string `json:"domain"`
	Network       map[string]string `json:"network"`
	Name          string            `json:"name"`
	Namespace     string            `json:"namespace"`
	Labels        map[string]string `json:"labels"`
	Annotations   map[string]string `json:"annotations"`
	Tags          []string          `json:"tags"`
}

// answer has an error or hosts.
type answer struct {
	Error        string            `json:"error"`
	Host         string            `json:"host"`
	Scheme       string            `json:"scheme"`
	ClusterLocal bool              `json:"cluster_local"`
	Tags         map[string]string `json:"tags"`
}

func ask(q question, resolver *visibility.Resolver) (a answer, err error) {
	config.DefaultDomain = q.DefaultDomain
	domain, err := config.NewDomainFromConfigMap(&corev1.ConfigMap{Data: q.Domain})
	if err != nil {
		return a, fmt.Errorf("config-domain: %w", err)
	}
	net, err := network.NewConfigFromMap(q.Network)
	if err != nil {
		return a, fmt.Errorf("config-network: %w", err)
	}
	ctx := config.ToContext(context.Background(), &config.Config{Domain: domain, Network: net})
	route := &servingv1.Route{ObjectMeta: metav1.ObjectMeta{
		Name: q.Name, Namespace: q.Namespace, Labels: q.Labels, Annotations: q.Annotations,
	}}
	for _, tag := range q.Tags {
		route.Spec.Traffic = append(route.Spec.Traffic, servingv1.TrafficTarget{Tag: tag})
	}
	visible, err := resolver.GetVisibility(ctx, route)
	if err != nil {
		return a, err
	}
	a.ClusterLocal = visible[""] == netv1alpha1.IngressVisibilityClusterLocal
	a.Tags = map[string]string{}
	for name, visibility := range visible {
		found, err := domains.GetDomainsForVisibility(ctx, name, route, visibility)
		if err != nil {
			return a, err
		}
		if name == "" {
			a.Host = found.Primary
		} else {
			a.Tags[name] = found.Primary
		}
	}
	switch {
	case a.ClusterLocal:
		a.Scheme = "http"
	case net.ExternalDomainTLS:
		a.Scheme = "https"
	default:
		a.Scheme = net.DefaultExternalScheme
	}
	return a, nil
}

func main() {
	log.SetFlags(0)
	indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc})
	resolver := visibility.NewResolver(corev1listers.NewServiceLister(indexer))
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	out := bufio.NewWriter(os.Stdout)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			log.Fatal(err)
		}
		a, err := ask(q, resolver)
		if err != nil {
			a = answer{Error: err.Error()}
		}
		text, err := json.Marshal(a)
		if err != nil {
			log.Fatal(err)
		}
		out.Write(text)
		out.WriteByte('\n')
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

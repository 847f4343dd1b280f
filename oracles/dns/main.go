// Command dns answers, for each JSON line on standard input, which records external-dns's own code
// makes of an Ingress or of the endpoints of a DNSEndpoint, and what its Route 53 provider turns them
// into.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"

	"github.com/sirupsen/logrus"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	"sigs.k8s.io/external-dns/apis/v1alpha1"
	"sigs.k8s.io/external-dns/endpoint"
	"sigs.k8s.io/external-dns/provider/aws"
	"sigs.k8s.io/external-dns/source"
	"sigs.k8s.io/external-dns/source/annotations"
)

// question has Ingresses, whose load balancer's name is in their status, or a DNSEndpoint.
type question struct {
	// Prefix is that of --annotation-prefix; without one, the release's own.
	Prefix    string                  `json:"prefix"`
	Ingresses []*networkingv1.Ingress `json:"ingresses"`
	Endpoint  *v1alpha1.DNSEndpoint   `json:"endpoint"`
}

// record is one that Route 53 is asked for.
type record struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	Targets []string `json:"targets"`
	TTL     int64    `json:"ttl"`
	Alias   bool     `json:"alias"`
}

// answer has an error or records, and the prefix that was read.
type answer struct {
	Error   string   `json:"error"`
	Prefix  string   `json:"prefix"`
	Records []record `json:"records"`
}

func endpoints(q question) ([]*endpoint.Endpoint, error) {
	if q.Endpoint != nil {
		return q.Endpoint.Spec.Endpoints, nil
	}
	var objects []runtime.Object
	for _, ingress := range q.Ingresses {
		objects = append(objects, ingress)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	config := &source.Config{LabelFilter: labels.Everything()}
	ingresses, err := source.NewIngressSource(ctx, fake.NewClientset(objects...), config)
	if err != nil {
		return nil, err
	}
	return ingresses.Endpoints(ctx)
}

func ask(q question) (a answer, err error) {
	prefix := q.Prefix
	if prefix == "" {
		prefix = annotations.DefaultAnnotationPrefix
	}
	annotations.SetAnnotationPrefix(prefix)
	a.Prefix = prefix
	found, err := endpoints(q)
	if err != nil {
		return a, err
	}
	adjusted, err := (&aws.AWSProvider{}).AdjustEndpoints(found)
	if err != nil {
		return a, err
	}
	a.Records = []record{}
	for _, made := range adjusted {
		alias, _ := made.GetProviderSpecificProperty("alias")
		a.Records = append(a.Records, record{
			Name: made.DNSName, Type: made.RecordType, Targets: made.Targets,
			TTL: int64(made.RecordTTL), Alias: alias == "true",
		})
	}
	slices.SortFunc(a.Records, func(x, y record) int {
		return strings.Compare(x.Name+" "+x.Type, y.Name+" "+y.Type)
	})
	return a, nil
}

func main() {
	log.SetFlags(0)
	logrus.SetOutput(io.Discard)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	out := bufio.NewWriter(os.Stdout)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			log.Fatal(err)
		}
		a, err := ask(q)
		if err != nil {
			a.Error = err.Error()
		}
		text, err := json.Marshal(a)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Fprintf(out, "%s\n", text)
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

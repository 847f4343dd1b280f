// Command mesh answers, for each JSON line on standard input, what becomes of requests in a mesh: Istio's
// own configuration generator feeds real Envoys, and the requests go over real connections.
//
//	mesh -envoy path/to/envoy
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"

	"istio.io/istio/pilot/pkg/features"
	istiolog "istio.io/istio/pkg/log"
	"istio.io/istio/pkg/test"
)

// question is one mesh and the requests to send in it.
type question struct {
	// Istio's objects, as YAML. A rule of a RequestAuthentication without keys gets those of its issuer.
	Istio string `json:"istio"`
	// Mesh is the MeshConfig, as YAML: what it has beside Istio's own.
	Mesh string `json:"mesh"`
	// Proxies are the pods with an Envoy.
	Proxies []proxy `json:"proxies"`
	// Services lead to a proxy, or to an application without one.
	Services []service `json:"services"`
	Requests []request `json:"requests"`
	// Commands run after the requests.
	Commands []command `json:"commands"`
}

// proxy is a pod with an Envoy: a gateway, or a sidecar whose application answers with the proxy's name.
type proxy struct {
	Name           string            `json:"name"`
	Gateway        bool              `json:"gateway"`
	Namespace      string            `json:"namespace"`
	ServiceAccount string            `json:"service_account"`
	Labels         map[string]string `json:"labels"`
	// Port is the one that a sidecar listens on.
	Port uint32 `json:"port"`
	// Client is whether the sidecar listens for what its pod sends, on the port 80 of its address, and not
	// for what comes to it.
	Client bool `json:"client"`
	// Serves are the methods and paths that its application has; all where there are none.
	Serves [][2]string `json:"serves"`
}

// service is a Kubernetes Service.
type service struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Proxy is the name of the proxy behind it; without one, an application answers with the Service's name.
	Proxy string `json:"proxy"`
	// Ports leads from a port of the Service to one of the pod.
	Ports map[string]uint32 `json:"ports"`
	// ExternalName is the name that it stands for, in place of pods.
	ExternalName string `json:"external_name"`
	// Dials is the pod that its application passes requests on to.
	Dials *dialled `json:"dials"`
	// Provider is whether its application decides about requests of others.
	Provider bool `json:"provider"`
}

// answer has a status for each request, or the reason that there is none.
type answer struct {
	Error string `json:"error"`
	// Rejected has the words of Istio's validation, by the index of the document; it is not in force.
	Rejected  map[int]string `json:"rejected"`
	Responses []response     `json:"responses"`
	// Ran is how each command ended.
	Ran []ran `json:"ran"`
}

func main() {
	log.SetFlags(0)
	envoy := flag.String("envoy", "", "the path of Envoy")
	flag.Parse()
	// Filters that only Istio's own build of Envoy has.
	features.MetadataExchange = false
	features.ALPNFilter = false
	for _, scope := range istiolog.Scopes() {
		scope.SetOutputLevel(istiolog.NoneLevel)
	}

	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var q question
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			log.Fatal(err)
		}
		var a answer
		if err := test.Wrap(func(t test.Failer) { a = ask(t, *envoy, q) }); err != nil {
			a = answer{Error: err.Error()}
		}
		if err := out.Encode(a); err != nil {
			log.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}

// ask starts the mesh, sends the requests and stops it.
func ask(t test.Failer, envoy string, q question) answer {
	m, err := plan(q)
	if err != nil {
		t.Fatal(err)
	}
	m.start(t, envoy)
	a := answer{Rejected: m.rejected}
	for i, r := range q.Requests {
		address, ok := m.addresses[r.Proxy]
		if !ok {
			t.Fatal(fmt.Sprintf("requests[%d] is for %q, which is no proxy", i, r.Proxy))
		}
		a.Responses = append(a.Responses, m.send(r, address))
	}
	for _, c := range q.Commands {
		ended, err := m.run(c)
		if err != nil {
			t.Fatal(err)
		}
		a.Ran = append(a.Ran, ended)
	}
	return a
}

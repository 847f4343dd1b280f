package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"

	"istio.io/istio/pkg/test"
)

// application is what a sidecar or a Service leads to.
type application struct {
	listener net.Listener
	name     string
	// serves are the methods and paths that it has, {} being a part of a path; all where there are none.
	serves [][2]string
	// dials is the pod that a proxy of Knative, its activator, passes requests on to.
	dials *dialled
	// provider is whether it decides about requests of others (external authorization).
	provider bool
}

// dialled is a pod as Knative's activator dials it: in plaintext, and where that is refused with the
// certificate of its own proxy.
type dialled struct {
	Proxy string `json:"proxy"`
	Port  uint32 `json:"port"`
	Peer  string `json:"peer"`
}

// listenFor gives the application of a Service or a proxy.
func (m *mesh) listenFor(of, name string) (*application, error) {
	found, ok := m.applications[of]
	if !ok {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		found = &application{listener: listener, name: name}
		m.applications[of] = found
	}
	return found, nil
}

func (a *application) port() int {
	return a.listener.Addr().(*net.TCPAddr).Port
}

// decision is the status with which providers answer the request that is under way.
type decision struct{ status atomic.Int32 }

// serve answers until the test ends.
func (m *mesh) serve(t test.Failer, a *application) {
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case a.provider:
			w.Header().Set("location", "https://login.example.com/")
			w.WriteHeader(int(m.decision.status.Load()))
		case a.dials != nil:
			m.passOn(w, r, a.dials)
		case a.has(r.Method, r.URL.Path):
			_, _ = io.WriteString(w, a.name)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})}
	go func() { _ = server.Serve(a.listener) }()
	t.Cleanup(func() { _ = server.Close() })
}

func (a *application) has(method, path string) bool {
	for _, one := range a.serves {
		route := strings.ReplaceAll(regexp.QuoteMeta(one[1]), `\{\}`, "[^/]+")
		if one[0] == method && regexp.MustCompile("^"+route+"$").MatchString(path) {
			return true
		}
	}
	return len(a.serves) == 0
}

// passOn sends a request on as it came.
func (m *mesh) passOn(w http.ResponseWriter, r *http.Request, to *dialled) {
	on := request{Host: r.Host, Method: r.Method, Path: r.RequestURI}
	for name, values := range r.Header {
		for _, value := range values {
			if !bytes.EqualFold([]byte(name), []byte("content-length")) {
				on.Headers = append(on.Headers, [2]string{name, value})
			}
		}
	}
	address := fmt.Sprintf("%s:%d", m.addresses[to.Proxy], to.Port)
	status, body, err := m.authority.exchange(on, address)
	if err != nil {
		on.Peer = to.Peer
		status, body, err = m.authority.exchange(on, address)
	}
	if err != nil {
		status, body = http.StatusBadGateway, err.Error()
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

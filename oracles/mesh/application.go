package main

import (
	"io"
	"net"
	"net/http"

	"istio.io/istio/pkg/test"
)

// listenFor gives the port of the application of that name.
func (m *mesh) listenFor(name string) (int, error) {
	listener, ok := m.applications[name]
	if !ok {
		var err error
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return 0, err
		}
		m.applications[name] = listener
	}
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// serve answers every request with the name of the application.
func serve(t test.Failer, name string, listener net.Listener) {
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, name)
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
}

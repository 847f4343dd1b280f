package main

import (
	"fmt"
	"net"

	"istio.io/istio/pilot/test/xds"
	meshconfig "istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/test"
)

// The ports of each pod beside its own; the generator has an address of its own.
const (
	outboundPort = 15001
	adminPort    = 15000
	configPort   = 15010
	secretPort   = 15011
	// clientPort is where a sidecar takes what its pod sends.
	clientPort = 80
)

// start runs the generator, the applications and an Envoy for each proxy, until the test ends.
func (m *mesh) start(t test.Failer, program string) {
	for _, one := range m.applications {
		m.serve(t, one)
	}
	settings, err := meshconfig.ApplyMeshConfigDefaults(m.Mesh)
	if err != nil {
		t.Fatal(err)
	}
	config := m.network + "1"
	xds.NewFakeDiscoveryServer(t, xds.FakeOptions{
		MeshConfig:        settings,
		Configs:           m.configs,
		KubernetesObjects: m.objects,
		ListenerBuilder: func() (net.Listener, error) {
			return net.Listen("tcp", fmt.Sprintf("%s:%d", config, configPort))
		},
	})
	envoys := make([]*envoy, 0, len(m.Proxies))
	for _, p := range m.Proxies {
		e, err := startEnvoy(t, program, bootstrap{p, m.addresses[p.Name], config}, m.authority)
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		envoys = append(envoys, e)
	}
	for _, e := range envoys {
		if err := e.await(); err != nil {
			t.Fatalf("%s: %v", e.proxy.Name, err)
		}
	}
}

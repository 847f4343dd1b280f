package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"time"

	secret "github.com/envoyproxy/go-control-plane/envoy/service/secret/v3"
	"google.golang.org/grpc"
	"istio.io/istio/pkg/test"
)

const patience = 60 * time.Second

// envoy is a running one.
type envoy struct {
	bootstrap
	printed *bytes.Buffer
	ended   chan error
}

// bootstrap is what an Envoy is told before istiod tells it the rest.
type bootstrap struct {
	proxy   proxy
	address string
	// config is the generator's address.
	config string
}

type object = map[string]any

func (b bootstrap) node() object {
	kind := "sidecar"
	metadata := object{
		"LABELS": b.proxy.Labels, "NAMESPACE": b.proxy.Namespace, "SERVICE_ACCOUNT": b.proxy.ServiceAccount,
		"ISTIO_VERSION": "1.31.0", "CLUSTER_ID": "Kubernetes",
	}
	if b.proxy.Gateway {
		kind = "router"
	} else {
		metadata["INTERCEPTION_MODE"] = "NONE"
	}
	namespace := b.proxy.Namespace
	return object{
		"id":       fmt.Sprintf("%s~%s~%s.%s~%s.svc.cluster.local", kind, b.address, podName(b.proxy), namespace, namespace),
		"cluster":  podName(b.proxy) + "." + namespace,
		"metadata": metadata,
	}
}

func (b bootstrap) json() ([]byte, error) {
	sources := object{"ads": object{}, "resource_api_version": "V3"}
	return json.Marshal(object{
		"node":  b.node(),
		"admin": object{"address": socket(b.address, adminPort)},
		"dynamic_resources": object{
			"ads_config": object{
				"api_type": "GRPC", "transport_api_version": "V3",
				"grpc_services": []object{{"envoy_grpc": object{"cluster_name": "xds-grpc"}}},
			},
			"lds_config": sources, "cds_config": sources,
		},
		"static_resources": object{"clusters": []object{
			grpcCluster("xds-grpc", b.config, configPort), grpcCluster("sds-grpc", b.address, secretPort),
		}},
	})
}

func socket(address string, port int) object {
	return object{"socket_address": object{"address": address, "port_value": port}}
}

func grpcCluster(name, address string, port int) object {
	const options = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
	return object{
		"name": name, "type": "STATIC", "connect_timeout": "1s",
		"typed_extension_protocol_options": object{options: object{
			"@type":                "type.googleapis.com/" + options,
			"explicit_http_config": object{"http2_protocol_options": object{}},
		}},
		"load_assignment": object{
			"cluster_name": name,
			"endpoints":    []object{{"lb_endpoints": []object{{"endpoint": object{"address": socket(address, port)}}}}},
		},
	}
}

// startEnvoy runs an Envoy and its source of certificates until the test ends.
func startEnvoy(t test.Failer, program string, b bootstrap, a *authority) (*envoy, error) {
	principal := fmt.Sprintf("cluster.local/ns/%s/sa/%s", b.proxy.Namespace, b.proxy.ServiceAccount)
	own, err := newSecrets(a, principal)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", fmt.Sprintf("%s:%d", b.address, secretPort))
	if err != nil {
		return nil, err
	}
	server := grpc.NewServer()
	secret.RegisterSecretDiscoveryServiceServer(server, own)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)

	text, err := b.json()
	if err != nil {
		return nil, err
	}
	e := &envoy{b, &bytes.Buffer{}, make(chan error, 1)}
	command := exec.Command(program, "--config-yaml", string(text), "--concurrency", "1",
		"--disable-hot-restart", "--log-level", "warning")
	command.Stderr = e.printed
	if err := command.Start(); err != nil {
		return nil, err
	}
	gone := make(chan struct{})
	go func() {
		e.ended <- command.Wait()
		close(gone)
	}()
	// The next mesh has the same addresses.
	t.Cleanup(func() {
		_ = command.Process.Kill()
		<-gone
	})
	return e, nil
}

// await returns when the Envoy has taken all of its configuration.
func (e *envoy) await() error {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-e.ended:
			return fmt.Errorf("Envoy ended (%w): %s", err, e.printed)
		default:
		}
		status, _, err := e.admin("/ready")
		if err != nil || status != http.StatusOK {
			continue
		}
		return e.nothingRejected()
	}
	return errors.New("Envoy is not ready after a minute; it waits for a cluster, a route or a certificate")
}

// nothingRejected tells a configuration that Envoy refuses from one that refuses requests.
func (e *envoy) nothingRejected() error {
	_, stats, err := e.admin("/stats?filter=update_rejected&usedonly")
	if err != nil {
		return err
	}
	for line := range strings.Lines(stats) {
		if name, count, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && count != "0" {
			return fmt.Errorf("Envoy rejects what istiod writes (%s)", name)
		}
	}
	return nil
}

func (e *envoy) admin(path string) (int, string, error) {
	answered, err := http.Get(fmt.Sprintf("http://%s:%d%s", e.address, adminPort, path))
	if err != nil {
		return 0, "", err
	}
	defer answered.Body.Close()
	body, err := io.ReadAll(answered.Body)
	return answered.StatusCode, string(body), err
}

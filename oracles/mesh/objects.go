package main

import (
	"bytes"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	networking "istio.io/api/networking/v1alpha3"
	security "istio.io/api/security/v1beta1"
	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/gvk"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"
)

// mesh is what istiod would see of a cluster, with a loopback address for each pod.
type mesh struct {
	question
	authority *authority
	configs   []config.Config
	objects   []runtime.Object
	rejected  map[int]string
	// addresses are those of pods, by the proxy's name.
	addresses map[string]string
	// applications are what sidecars and Services lead to, by name.
	applications map[string]*application
	// decision is that of the providers.
	decision decision
	// issuers sign tokens, by name.
	issuers map[string]*issuer
	// network is where the addresses are from: programs that run at the same time have their own.
	network string
}

func plan(q question) (*mesh, error) {
	a, err := newAuthority()
	if err != nil {
		return nil, err
	}
	pid := os.Getpid()
	m := &mesh{
		question:     q,
		authority:    a,
		rejected:     map[int]string{},
		addresses:    map[string]string{},
		applications: map[string]*application{},
		issuers:      map[string]*issuer{},
		network:      fmt.Sprintf("127.%d.%d.", 64+pid/256%128, pid%256),
	}
	for i, p := range q.Proxies {
		m.addresses[p.Name] = m.network + strconv.Itoa(10+i)
	}
	if err := m.readIstio(); err != nil {
		return nil, err
	}
	for i, p := range q.Proxies {
		m.objects = append(m.objects, m.pod(p))
		if p.Gateway {
			continue
		}
		application, err := m.listenFor(p.Name, p.Name)
		if err != nil {
			return nil, err
		}
		application.serves = p.Serves
		m.configs = append(m.configs, m.sidecar(i, p, application.port()))
	}
	for i, s := range q.Services {
		if err := m.addService(i, s); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// readIstio takes the objects that Istio's validation takes.
func (m *mesh) readIstio() error {
	for i, document := range bytes.Split([]byte(m.Istio), []byte("\n---\n")) {
		var kind metav1.TypeMeta
		if err := yaml.Unmarshal(document, &kind); err != nil {
			return fmt.Errorf("document %d: %w", i, err)
		}
		configs, others, err := crd.ParseInputs(string(document))
		if err != nil {
			m.rejected[i] = err.Error()
			continue
		}
		if len(others) != 0 {
			return fmt.Errorf("document %d is a %s of %s, which is not Istio's", i, kind.Kind, kind.APIVersion)
		}
		for _, c := range configs {
			switch spec := c.Spec.(type) {
			case *networking.Gateway:
				m.bindGateway(spec)
			case *security.RequestAuthentication:
				if err := m.giveKeys(spec); err != nil {
					return err
				}
			}
			// As of a package that is applied at once: the store would give each a time of its own, and
			// istiod takes the older of two that are for one host.
			if c.CreationTimestamp.IsZero() {
				c.CreationTimestamp = time.Unix(1, 0)
			}
			m.configs = append(m.configs, c)
		}
	}
	return nil
}

// bindGateway gives the servers of a Gateway the address of the pod that it selects, instead of every one.
func (m *mesh) bindGateway(gateway *networking.Gateway) {
	for _, p := range m.Proxies {
		if p.Gateway && contains(p.Labels, gateway.Selector) {
			for _, server := range gateway.Servers {
				server.Bind = m.addresses[p.Name]
			}
		}
	}
}

func contains(labels, selector map[string]string) bool {
	for key, value := range selector {
		if labels[key] != value {
			return false
		}
	}
	return true
}

func (m *mesh) pod(p proxy) *corev1.Pod {
	labels := maps.Clone(p.Labels)
	if !p.Gateway {
		// As the injection of a sidecar does: peers use mutual TLS.
		labels["security.istio.io/tlsMode"] = "istio"
	}
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: podName(p), Namespace: p.Namespace, Labels: labels},
		Spec: corev1.PodSpec{
			ServiceAccountName: p.ServiceAccount,
			Containers:         []corev1.Container{{Name: "application", Image: "application"}},
		},
		Status: corev1.PodStatus{
			Phase:      corev1.PodRunning,
			PodIP:      m.addresses[p.Name],
			PodIPs:     []corev1.PodIP{{IP: m.addresses[p.Name]}},
			Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
		},
	}
}

func podName(p proxy) string {
	return strings.ReplaceAll(p.Name, " ", "-")
}

// sidecar stands for the traffic redirection of a pod: its Envoy listens on the pod's port itself.
func (m *mesh) sidecar(i int, p proxy, port int) config.Config {
	address := m.addresses[p.Name]
	meta := config.Meta{
		GroupVersionKind: gvk.Sidecar,
		Name:             fmt.Sprintf("pod-%d", i),
		Namespace:        p.Namespace,
	}
	selector := &networking.WorkloadSelector{Labels: p.Labels}
	if p.Client {
		return config.Config{Meta: meta, Spec: &networking.Sidecar{
			WorkloadSelector: selector,
			Egress: []*networking.IstioEgressListener{{
				Port:        &networking.SidecarPort{Number: clientPort, Protocol: "HTTP", Name: "http-all"},
				Bind:        address,
				CaptureMode: networking.CaptureMode_NONE,
				Hosts:       []string{"*/*"},
			}},
		}}
	}
	application := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	return config.Config{
		Meta: meta,
		Spec: &networking.Sidecar{
			WorkloadSelector: selector,
			Ingress: []*networking.IstioIngressListener{{
				Port:            &networking.SidecarPort{Number: p.Port, Protocol: "HTTP", Name: "http"},
				Bind:            address,
				CaptureMode:     networking.CaptureMode_NONE,
				DefaultEndpoint: application,
			}},
			Egress: []*networking.IstioEgressListener{{
				Port:  &networking.SidecarPort{Number: outboundPort, Protocol: "HTTP", Name: "http-none"},
				Bind:  address,
				Hosts: []string{"./none.example.com"},
			}, {
				Port:  &networking.SidecarPort{Number: clientPort, Protocol: "HTTP", Name: "http-asked"},
				Bind:  address,
				Hosts: m.asked(),
			}},
		},
	}
}

// asked are the Services that a pod's own proxy asks: those that decide about its requests.
func (m *mesh) asked() []string {
	hosts := []string{"./none.example.com"}
	for _, s := range m.Services {
		if s.Provider {
			hosts = append(hosts, fmt.Sprintf("%s/%s.%s.svc.cluster.local", s.Namespace, s.Name, s.Namespace))
		}
	}
	return hosts
}

func (m *mesh) addService(i int, s service) error {
	if s.ExternalName != "" {
		alias := &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Name: s.Name, Namespace: s.Namespace},
			Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: s.ExternalName},
		}
		for _, text := range slices.Sorted(maps.Keys(s.Ports)) {
			number, err := strconv.ParseInt(text, 10, 32)
			if err != nil {
				return err
			}
			alias.Spec.Ports = append(alias.Spec.Ports, corev1.ServicePort{
				Name: "http-" + text, Port: int32(number), TargetPort: intstr.FromInt32(int32(s.Ports[text])),
			})
		}
		m.objects = append(m.objects, alias)
		return nil
	}
	addresses, labels := []string{m.addresses[s.Proxy]}, map[string]string{}
	var target *corev1.ObjectReference
	if s.Proxy == "" {
		addresses = []string{"127.0.0.1"}
		labels["application"] = s.Name
	}
	for _, p := range m.Proxies {
		if p.Name == s.Proxy {
			labels = p.Labels
			target = &corev1.ObjectReference{Kind: "Pod", Name: podName(p), Namespace: p.Namespace}
		}
	}
	if s.Proxy != "" && target == nil {
		return fmt.Errorf("services[%d] leads to %q, which is no proxy", i, s.Proxy)
	}
	ready := true
	kubernetes := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: s.Name, Namespace: s.Namespace},
		Spec: corev1.ServiceSpec{
			ClusterIP: fmt.Sprintf("10.0.%d.%d", i/250, 1+i%250),
			Selector:  labels,
		},
	}
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Name:      s.Name,
			Namespace: s.Namespace,
			Labels:    map[string]string{discoveryv1.LabelServiceName: s.Name},
		},
		AddressType: discoveryv1.AddressTypeIPv4,
		Endpoints: []discoveryv1.Endpoint{{
			Addresses:  addresses,
			Conditions: discoveryv1.EndpointConditions{Ready: &ready},
			TargetRef:  target,
		}},
	}
	for _, text := range slices.Sorted(maps.Keys(s.Ports)) {
		number, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			return err
		}
		name, to := "http-"+text, int32(s.Ports[text])
		if s.Proxy == "" {
			application, err := m.listenFor(s.Namespace+"/"+s.Name, s.Name)
			if err != nil {
				return err
			}
			application.dials, application.provider = s.Dials, s.Provider
			to = int32(application.port())
		}
		kubernetes.Spec.Ports = append(kubernetes.Spec.Ports, corev1.ServicePort{
			Name: name, Port: int32(number), TargetPort: intstr.FromInt32(to), Protocol: corev1.ProtocolTCP,
		})
		slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{Name: &name, Port: &to})
	}
	m.objects = append(m.objects, kubernetes, slice)
	return nil
}

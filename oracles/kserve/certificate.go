//go:build !kserve_0_15

package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"knative.dev/pkg/kmeta"
	"knative.dev/pkg/network"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/kserve/kserve/pkg/apis/serving/v1alpha2"
)

// certify writes the Secret of a service's pods as an earlier reconciliation left it. The controller keeps a
// certificate that has all names; else it makes an RSA key of 4096 bits, which takes most of the time of a question.
func certify(ctx context.Context, w *world, request ctrl.Request) error {
	service := &v1alpha2.LLMInferenceService{}
	if err := w.client.Get(ctx, request.NamespacedName, service); err != nil {
		return client.IgnoreNotFound(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	names := []string{"localhost"}
	for _, suffix := range []string{"-kserve-workload-svc", "-epp-service"} {
		name := kmeta.ChildName(service.Name, suffix)
		names = append(names, network.GetServiceHostname(name, service.Namespace), name+"."+service.Namespace+".svc")
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: names, IPAddresses: []net.IP{net.ParseIP(clusterIP)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(10, 0, 0),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	text := func(kind string, bytes []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes})
	}
	err = w.client.Create(ctx, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Name: kmeta.ChildName(service.Name, "-kserve-self-signed-certs"), Namespace: service.Namespace,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(service, v1alpha2.LLMInferenceServiceGVK)},
		},
		Type: corev1.SecretTypeTLS,
		Data: map[string][]byte{"tls.key": text("PRIVATE KEY", private), "tls.crt": text("CERTIFICATE", certificate)},
	})
	if apierrors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

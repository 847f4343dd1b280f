package main

import (
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	tls "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	secret "github.com/envoyproxy/go-control-plane/envoy/service/secret/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// secrets answers what the agent beside each Envoy answers: its certificate and the mesh's root, under
// the names that istiod writes into every configuration.
type secrets struct {
	secret.UnimplementedSecretDiscoveryServiceServer
	byName map[string]*tls.Secret
}

func newSecrets(a *authority, principal string) (*secrets, error) {
	chain, key, err := a.identity(principal)
	if err != nil {
		return nil, err
	}
	certificate := &tls.TlsCertificate{CertificateChain: inline(chain), PrivateKey: inline(key)}
	root := &tls.CertificateValidationContext{TrustedCa: inline(a.root)}
	return &secrets{byName: map[string]*tls.Secret{
		"default": {Name: "default", Type: &tls.Secret_TlsCertificate{TlsCertificate: certificate}},
		"ROOTCA":  {Name: "ROOTCA", Type: &tls.Secret_ValidationContext{ValidationContext: root}},
	}}, nil
}

func inline(bytes []byte) *core.DataSource {
	return &core.DataSource{Specifier: &core.DataSource_InlineBytes{InlineBytes: bytes}}
}

// StreamSecrets answers each request but the acknowledgements.
func (s *secrets) StreamSecrets(stream secret.SecretDiscoveryService_StreamSecretsServer) error {
	for {
		asked, err := stream.Recv()
		if err != nil {
			return err
		}
		if asked.ResponseNonce != "" {
			continue
		}
		given := &discovery.DiscoveryResponse{VersionInfo: "1", Nonce: "1", TypeUrl: asked.TypeUrl}
		for _, name := range asked.ResourceNames {
			found, ok := s.byName[name]
			if !ok {
				continue
			}
			packed, err := anypb.New(proto.Message(found))
			if err != nil {
				return err
			}
			given.Resources = append(given.Resources, packed)
		}
		if err := stream.Send(given); err != nil {
			return err
		}
	}
}

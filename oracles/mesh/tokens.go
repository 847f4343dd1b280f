package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"time"

	security "istio.io/api/security/v1beta1"
)

// token is a JSON Web Token.
type token struct {
	// Claims are what it says, but its time.
	Claims map[string]any `json:"claims"`
	// Signer is the issuer whose key signs it.
	Signer  string `json:"signer"`
	Expired bool   `json:"expired"`
}

// issuer signs tokens.
type issuer struct{ key *ecdsa.PrivateKey }

func (m *mesh) issuer(name string) (*issuer, error) {
	found, ok := m.issuers[name]
	if !ok {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		found = &issuer{key}
		m.issuers[name] = found
	}
	return found, nil
}

// giveKeys gives each rule without keys those of its issuer.
func (m *mesh) giveKeys(spec *security.RequestAuthentication) error {
	for _, rule := range spec.JwtRules {
		if rule.Jwks != "" {
			continue
		}
		own, err := m.issuer(rule.Issuer)
		if err != nil {
			return err
		}
		public := own.key.PublicKey
		keys, err := json.Marshal(object{"keys": []object{{
			"kty": "EC", "alg": "ES256", "use": "sig", "kid": "1", "crv": "P-256",
			"x": encoded(public.X.FillBytes(make([]byte, 32))),
			"y": encoded(public.Y.FillBytes(make([]byte, 32))),
		}}})
		if err != nil {
			return err
		}
		rule.Jwks, rule.JwksUri = string(keys), ""
	}
	return nil
}

func encoded(bytes []byte) string {
	return base64.RawURLEncoding.EncodeToString(bytes)
}

// sign gives the token's text.
func (m *mesh) sign(t *token) (string, error) {
	own, err := m.issuer(t.Signer)
	if err != nil {
		return "", err
	}
	until := time.Now().Add(time.Hour)
	if t.Expired {
		until = time.Now().Add(-time.Hour)
	}
	claims := object{"exp": until.Unix(), "iat": until.Add(-2 * time.Hour).Unix()}
	maps.Copy(claims, t.Claims)
	head, err := json.Marshal(object{"alg": "ES256", "typ": "JWT", "kid": "1"})
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	text := encoded(head) + "." + encoded(body)
	digest := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, own.key, digest[:])
	if err != nil {
		return "", err
	}
	signature := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	return text + "." + encoded(signature), nil
}

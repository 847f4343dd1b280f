// Command login is an OpenID provider with the paths, the form and the client of Kubeflow's Dex, whose
// releases after 2018 the Go proxy does not serve: zitadel's provider over its in-memory example storage. It
// serves until its standard input ends, and prints a line when it listens.
//
//	login -listen 127.0.0.1:5556 -issuer http://dex.auth.svc.cluster.local:5556/dex -key key.pem \
//	  -client ID:SECRET -redirect /oauth2/callback -user ada@example.com:PASSWORD
package main

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// users are those that may log in, by their email.
type users map[string]*storage.User

func (u users) GetUserByID(id string) *storage.User         { return u[id] }
func (u users) GetUserByUsername(name string) *storage.User { return u[name] }
func (u users) ExampleClientID() string                     { return "" }

func (u users) String() string { return "" }

// Set takes EMAIL:PASSWORD.
func (u users) Set(text string) error {
	email, password, ok := strings.Cut(text, ":")
	if !ok {
		return fmt.Errorf("expected EMAIL:PASSWORD")
	}
	u[email] = &storage.User{ID: email, Username: email, Password: password, Email: email, EmailVerified: true}
	return nil
}

// store is the example's, with a key of the caller's.
type store struct {
	*storage.Storage
	key signingKey
}

type signingKey struct{ private *rsa.PrivateKey }

func (signingKey) ID() string                                  { return "1" }
func (signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k signingKey) Key() any                                  { return k.private }

type publicKey struct{ signingKey }

func (publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (publicKey) Use() string                        { return "sig" }
func (k publicKey) Key() any                         { return &k.private.PublicKey }

func (s store) SigningKey(context.Context) (op.SigningKey, error) { return s.key, nil }
func (s store) KeySet(context.Context) ([]op.Key, error)          { return []op.Key{publicKey{s.key}}, nil }

// CreateAuthRequest ignores prompt=none, which Kubeflow has oauth2-proxy send, as Dex ignores it: it shows its
// form to who has no session (dexidp/dex, server/oauth2.go, parseAuthorizationRequest).
func (s store) CreateAuthRequest(ctx context.Context, request *oidc.AuthRequest, user string) (op.AuthRequest, error) {
	request.Prompt = nil
	return s.Storage.CreateAuthRequest(ctx, request, user)
}

// client is oauth2-proxy as Dex knows it: its redirect has no host, and the token has the email.
type client struct{ op.Client }

func (client) ApplicationType() op.ApplicationType  { return op.ApplicationTypeNative }
func (client) IDTokenUserinfoClaimsAssertion() bool { return true }
func (client) LoginURL(id string) string            { return "/dex/auth/local/login?state=" + url.QueryEscape(id) }

func (s store) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	found, err := s.Storage.GetClientByClientID(ctx, id)
	if err != nil {
		return nil, err
	}
	return client{found}, nil
}

func main() {
	log.SetFlags(0)
	listen := flag.String("listen", "127.0.0.1:5556", "the address")
	issuer := flag.String("issuer", "", "the issuer's URL")
	file := flag.String("key", "", "the PEM file of the RSA key")
	of := flag.String("client", "", "ID:SECRET of the client")
	redirect := flag.String("redirect", "", "the client's redirect URI")
	known := users{}
	flag.Var(known, "user", "EMAIL:PASSWORD, for each user")
	flag.Parse()

	private, err := readKey(*file)
	if err != nil {
		log.Fatal(err)
	}
	id, secret, _ := strings.Cut(*of, ":")
	clients := map[string]*storage.Client{id: storage.WebClient(id, secret, *redirect)}
	handler, err := serve(*issuer, store{storage.NewStorageWithClients(known, clients), signingKey{private}})
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", *listen)
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.Serve(listener, handler)) }()
	fmt.Println("listens")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func readKey(file string) (*rsa.PrivateKey, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s is not PEM", file)
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s is a key of another algorithm", file)
	}
	return private, nil
}

// serve has the provider under /dex, with Dex's form of a local password.
func serve(issuer string, s store) (http.Handler, error) {
	provider, err := op.NewProvider(
		&op.Config{CodeMethodS256: true}, s, op.StaticIssuer(issuer), op.WithAllowInsecure(),
		op.WithCustomAuthEndpoint(op.NewEndpoint("auth")),
		op.WithCustomTokenEndpoint(op.NewEndpoint("token")),
		op.WithCustomKeysEndpoint(op.NewEndpoint("keys")),
	)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /dex/auth/local/login", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("content-type", "text/html")
		_, _ = io.WriteString(w, `<form method="post"><input name="login"><input name="password" type="password"></form>`)
	})
	// The names of the fields are Dex's (server/handlers.go, handlePasswordLogin).
	mux.HandleFunc("POST /dex/auth/local/login", func(w http.ResponseWriter, r *http.Request) {
		request := r.URL.Query().Get("state")
		if err := s.CheckUsernamePassword(r.PostFormValue("login"), r.PostFormValue("password"), request); err != nil {
			http.Error(w, "Invalid Email Address and password.", http.StatusUnauthorized)
			return
		}
		http.Redirect(w, r, "/dex/auth/callback?id="+url.QueryEscape(request), http.StatusSeeOther)
	})
	mux.Handle("/dex/", http.StripPrefix("/dex", provider))
	return mux, nil
}

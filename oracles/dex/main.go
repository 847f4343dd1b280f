// Command dex serves Dex's own server package with its own pages, over its storage in memory, configured by
// the part of Dex's file that Kubeflow's ConfigMap has. It ends with its standard input.
//
// v2.13.0 is the newest release that the Go proxy serves: later ones are named v2 without a module of that
// name. Its program can't be built, since the commit of a dependency of its SQL storage is not served either.
//
//	dex -config FILE -listen 127.0.0.1:5556
package main

import (
	"context"
	"flag"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/dexidp/dex/server"
	"github.com/dexidp/dex/storage"
	"github.com/dexidp/dex/storage/memory"
	"github.com/ghodss/yaml"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"
)

// config is what Dex's own program reads of these keys.
type config struct {
	Issuer string `json:"issuer"`
	OAuth2 struct {
		SkipApprovalScreen bool `json:"skipApprovalScreen"`
	} `json:"oauth2"`
	StaticPasswords []struct {
		Email    string `json:"email"`
		Hash     string `json:"hash"`
		Username string `json:"username"`
		UserID   string `json:"userID"`
	} `json:"staticPasswords"`
	StaticClients []storage.Client `json:"staticClients"`
}

// web is the folder of Dex's pages, in its module; the build sets it.
var web string

func main() {
	log.SetFlags(0)
	log.SetPrefix("dex: ")
	file := flag.String("config", "", "the configuration, as Dex's own")
	listen := flag.String("listen", "127.0.0.1:5556", "the address to listen on")
	flag.Parse()
	if err := run(*file, *listen); err != nil {
		log.Fatal(err)
	}
}

func run(file, address string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var c config
	if err := yaml.Unmarshal(text, &c); err != nil {
		return err
	}
	logger := logrus.New()
	logger.Level = logrus.WarnLevel
	dex, err := server.NewServer(context.Background(), server.Config{
		Issuer:             c.Issuer,
		Storage:            c.storage(logger),
		SkipApprovalScreen: c.OAuth2.SkipApprovalScreen,
		Web:                server.WebConfig{Dir: web},
		Logger:             logger,
		PrometheusRegistry: prometheus.NewRegistry(),
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	own := &http.Server{Handler: dex, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = own.Close()
	}()
	if err := own.Serve(listener); err != http.ErrServerClosed {
		return err
	}
	return nil
}

// storage is what Dex's program opens for enablePasswordDB: true.
func (c config) storage(logger logrus.FieldLogger) storage.Storage {
	passwords := make([]storage.Password, 0, len(c.StaticPasswords))
	for _, one := range c.StaticPasswords {
		passwords = append(passwords, storage.Password{
			Email: one.Email, Hash: []byte(one.Hash), Username: one.Username, UserID: one.UserID,
		})
	}
	own := storage.WithStaticClients(memory.New(logger), c.StaticClients)
	own = storage.WithStaticPasswords(own, passwords, logger)
	return storage.WithStaticConnectors(own, []storage.Connector{
		{ID: server.LocalConnector, Type: server.LocalConnector, Name: "Email"},
	})
}

package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// request is sent to a port of a proxy, its target and headers as they are.
type request struct {
	Proxy string `json:"proxy"`
	Port  uint32 `json:"port"`
	// Peer is TRUST-DOMAIN/ns/NAMESPACE/sa/SERVICE-ACCOUNT; without one the connection is in plaintext.
	Peer    string      `json:"peer"`
	Host    string      `json:"host"`
	Method  string      `json:"method"`
	Path    string      `json:"path"`
	Headers [][2]string `json:"headers"`
}

// response is what came back; status 0 is a connection that was refused or reset.
type response struct {
	Status int    `json:"status"`
	Body   string `json:"body"`
	Error  string `json:"error"`
}

func (a *authority) send(r request, address string) response {
	status, body, err := a.exchange(r, fmt.Sprintf("%s:%d", address, r.Port))
	if err != nil {
		return response{Error: err.Error()}
	}
	return response{Status: status, Body: body}
}

func (a *authority) exchange(r request, address string) (int, string, error) {
	connection, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return 0, "", err
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return 0, "", err
	}
	if r.Peer != "" {
		config, err := a.client(r.Peer)
		if err != nil {
			return 0, "", err
		}
		connection = tls.Client(connection, config)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s HTTP/1.1\r\nhost: %s\r\n", r.Method, r.Path, r.Host)
	for _, header := range r.Headers {
		fmt.Fprintf(&text, "%s: %s\r\n", header[0], header[1])
	}
	text.WriteString("content-length: 0\r\nconnection: close\r\n\r\n")
	if _, err := io.WriteString(connection, text.String()); err != nil {
		return 0, "", err
	}
	answered, err := http.ReadResponse(bufio.NewReader(connection), &http.Request{Method: r.Method})
	if err != nil {
		return 0, "", err
	}
	defer answered.Body.Close()
	body, err := io.ReadAll(answered.Body)
	return answered.StatusCode, strings.TrimSpace(string(body)), err
}

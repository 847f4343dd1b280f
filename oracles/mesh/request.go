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
	// Token is signed and sent as Authorization: Bearer.
	Token *token `json:"token"`
	// Decision is the status with which providers answer; 200 where it is 0.
	Decision int `json:"decision"`
	// Again is how often the request is sent after the first time, at most until another status comes.
	Again int `json:"again"`
}

// response is what came back; status 0 is a connection that was refused or reset.
type response struct {
	Status int `json:"status"`
	// Other is another status that came of the same request.
	Other int    `json:"other"`
	Body  string `json:"body"`
	Error string `json:"error"`
}

func (m *mesh) send(r request, address string) response {
	if r.Token != nil {
		signed, err := m.sign(r.Token)
		if err != nil {
			return response{Error: err.Error()}
		}
		r.Headers = append(r.Headers, [2]string{"authorization", "Bearer " + signed})
	}
	if r.Decision == 0 {
		r.Decision = http.StatusOK
	}
	m.decision.status.Store(int32(r.Decision))
	address = fmt.Sprintf("%s:%d", address, r.Port)
	status, body, err := m.authority.exchange(r, address)
	if err != nil {
		return response{Error: err.Error()}
	}
	for range r.Again {
		if other, _, err := m.authority.exchange(r, address); err == nil && other != status {
			return response{Status: status, Other: other, Body: body}
		}
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

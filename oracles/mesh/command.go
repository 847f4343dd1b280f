package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
)

// command is a program that runs while the mesh is there.
type command struct {
	// Arguments are the program and its arguments; {NAME} in one is the address of the proxy of that name.
	Arguments []string `json:"arguments"`
	// Environment is what the program finds beside this one's own, NAME=VALUE.
	Environment []string `json:"environment"`
}

// ran is how a program ended.
type ran struct {
	Code   int    `json:"code"`
	Stdout string `json:"stdout"`
	Stderr string `json:"stderr"`
}

func (m *mesh) run(c command) (ran, error) {
	var pairs []string
	for name, address := range m.addresses {
		pairs = append(pairs, "{"+name+"}", address)
	}
	replacer := strings.NewReplacer(pairs...)
	arguments := make([]string, 0, len(c.Arguments))
	for _, argument := range c.Arguments {
		arguments = append(arguments, replacer.Replace(argument))
	}
	program := exec.Command(arguments[0], arguments[1:]...)
	program.Env = append(os.Environ(), c.Environment...)
	var stdout, stderr bytes.Buffer
	program.Stdout, program.Stderr = &stdout, &stderr
	err := program.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return ran{}, err
	}
	return ran{program.ProcessState.ExitCode(), stdout.String(), stderr.String()}, nil
}

// Command yaml answers how Go's readers of manifests read texts: one JSON string a line on stdin, one
// answer a line on stdout.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// answer is what each reader makes of a text: its documents, those without a value left out, or why it
// takes none.
type answer struct {
	Kubectl      []json.RawMessage `json:"kubectl"`
	KubectlError string            `json:"kubectlError,omitempty"`
	YAML         []any             `json:"yaml"`
	YAMLError    string            `json:"yamlError,omitempty"`
	Kyaml        []any             `json:"kyaml"`
	KyamlError   string            `json:"kyamlError,omitempty"`
}

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "yaml:", err)
		os.Exit(1)
	}
}

func serve(in io.Reader, out io.Writer) error {
	questions := bufio.NewReaderSize(in, 1<<20)
	answers := bufio.NewWriter(out)
	encoder := json.NewEncoder(answers)
	for {
		line, err := questions.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			var text string
			if err := json.Unmarshal(line, &text); err != nil {
				return err
			}
			if err := encoder.Encode(ask(text)); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return answers.Flush()
		}
		if err != nil {
			return err
		}
		if questions.Buffered() == 0 {
			if err := answers.Flush(); err != nil {
				return err
			}
		}
	}
}

func ask(text string) (found answer) {
	found.Kubectl, found.KubectlError = told(func() ([]json.RawMessage, error) { return readKubectl(text) })
	found.YAML, found.YAMLError = told(func() ([]any, error) { return readYAML(text) })
	found.Kyaml, found.KyamlError = told(func() ([]any, error) { return readKyaml(text) })
	return found
}

// told runs a reader; what it panics at is an error of its own.
func told[T any](read func() ([]T, error)) (documents []T, failure string) {
	defer func() {
		if panicked := recover(); panicked != nil {
			documents, failure = nil, fmt.Sprint("panic: ", panicked)
		}
	}()
	documents, err := read()
	if err != nil {
		return nil, err.Error()
	}
	return documents, ""
}

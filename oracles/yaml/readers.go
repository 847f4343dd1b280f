package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	yaml3 "go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/kustomize/kyaml/kio"
)

// captured keeps a document as the JSON that kubectl makes of it.
type captured struct{ text json.RawMessage }

func (c *captured) UnmarshalJSON(text []byte) error {
	c.text = append(json.RawMessage(nil), text...)
	return nil
}

// readKubectl reads as kubectl's resource builder does (k8s.io/cli-runtime, StreamVisitor).
func readKubectl(text string) ([]json.RawMessage, error) {
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	documents := []json.RawMessage{}
	for {
		var document captured
		if err := decoder.Decode(&document); err != nil {
			if errors.Is(err, io.EOF) {
				return documents, nil
			}
			return nil, err
		}
		if value := bytes.TrimSpace(document.text); len(value) > 0 && !bytes.Equal(value, []byte("null")) {
			documents = append(documents, value)
		}
	}
}

func readYAML(text string) ([]any, error) {
	decoder := yaml3.NewDecoder(strings.NewReader(text))
	documents := []any{}
	for {
		var document yaml3.Node
		if err := decoder.Decode(&document); err != nil {
			if errors.Is(err, io.EOF) {
				return documents, nil
			}
			return nil, err
		}
		if root := shape(&document); root != nil {
			documents = append(documents, root)
		}
	}
}

func readKyaml(text string) ([]any, error) {
	reader := kio.ByteReader{
		Reader: strings.NewReader(text), OmitReaderAnnotations: true, DisableUnwrapping: true,
	}
	objects, err := reader.Read()
	if err != nil {
		return nil, err
	}
	documents := []any{}
	for _, object := range objects {
		if root := shape(object.YNode()); root != nil {
			documents = append(documents, root)
		}
	}
	return documents, nil
}

// shape is a node without its style: a scalar's text, the name behind an alias, a collection's nodes.
// A document that is null is none.
func shape(node *yaml3.Node) any {
	if node.Kind == yaml3.DocumentNode {
		if len(node.Content) == 0 {
			return nil
		}
		node = node.Content[0]
	}
	if node.Kind == yaml3.ScalarNode && node.Tag == "!!null" {
		return nil
	}
	return inner(node)
}

func inner(node *yaml3.Node) any {
	switch node.Kind {
	case yaml3.AliasNode:
		return map[string]any{"alias": node.Value}
	case yaml3.MappingNode:
		return map[string]any{"mapping": all(node)}
	case yaml3.SequenceNode:
		return map[string]any{"sequence": all(node)}
	default:
		return node.Value
	}
}

func all(node *yaml3.Node) []any {
	nodes := make([]any, 0, len(node.Content))
	for _, child := range node.Content {
		nodes = append(nodes, inner(child))
	}
	return nodes
}

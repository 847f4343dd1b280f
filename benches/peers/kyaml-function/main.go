// The edit of set-ingress-params as one writes it today, with kustomize's own Go framework: the
// parameters of a ConfigMap become annotations of the Ingresses in front of Istio's gateway, and
// the ConfigMap is left out. It checks nothing.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

const prefix = "alb.ingress.kubernetes.io/"

type config struct {
	Spec struct {
		ParamsFrom []struct {
			ConfigMap struct {
				Name string `yaml:"name"`
			} `yaml:"configMap"`
		} `yaml:"paramsFrom"`
	} `yaml:"spec"`
}

// The annotation's JSON, in the order of the controller's documentation.
type condition struct {
	Field  string       `json:"field"`
	Header headerConfig `json:"httpHeaderConfig"`
}

type headerConfig struct {
	Name   string   `json:"httpHeaderName"`
	Values []string `json:"values"`
}

func main() {
	if err := framework.Execute(framework.ResourceListProcessorFunc(process), nil); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func process(list *framework.ResourceList) error {
	var config config
	if err := framework.LoadFunctionConfig(list.FunctionConfig, &config); err != nil {
		return err
	}
	params := map[string]string{}
	consumed := map[*yaml.RNode]bool{}
	for _, source := range config.Spec.ParamsFrom {
		for _, item := range list.Items {
			if item.GetKind() == "ConfigMap" && item.GetName() == source.ConfigMap.Name {
				for key, value := range item.GetDataMap() {
					params[key] = value
				}
				consumed[item] = true
			}
		}
	}
	var kept []*yaml.RNode
	for _, item := range list.Items {
		if consumed[item] {
			continue
		}
		if item.GetKind() == "Ingress" {
			if err := set(item, params); err != nil {
				return err
			}
		}
		kept = append(kept, item)
	}
	list.Items = kept
	return nil
}

func set(ingress *yaml.RNode, params map[string]string) error {
	services, err := services(ingress)
	if err != nil || !services["istio-ingressgateway"] {
		return err
	}
	var tokens []string
	if err := json.Unmarshal([]byte(params["httpHeaderValues"]), &tokens); err != nil {
		return err
	}
	conditions, err := json.Marshal([]condition{{
		Field:  "http-header",
		Header: headerConfig{Name: params["httpHeaderName"], Values: tokens},
	}})
	if err != nil {
		return err
	}
	annotations := map[string]string{
		"certificate-arn": params["certArn"],
		"listen-ports":    `[{"HTTPS":443}]`,
		"scheme":          params["loadBalancerScheme"],
	}
	for service := range services {
		annotations["conditions."+service] = string(conditions)
	}
	for name, value := range annotations {
		if err := ingress.PipeE(yaml.SetAnnotation(prefix+name, value)); err != nil {
			return err
		}
	}
	return nil
}

func services(ingress *yaml.RNode) (map[string]bool, error) {
	names := map[string]bool{}
	rules, err := ingress.Pipe(yaml.Lookup("spec", "rules"))
	if err != nil || rules == nil {
		return names, err
	}
	err = rules.VisitElements(func(rule *yaml.RNode) error {
		paths, err := rule.Pipe(yaml.Lookup("http", "paths"))
		if err != nil || paths == nil {
			return err
		}
		return paths.VisitElements(func(path *yaml.RNode) error {
			name, err := path.Pipe(yaml.Lookup("backend", "service", "name"))
			if name != nil {
				names[name.YNode().Value] = true
			}
			return err
		})
	})
	return names, err
}

//go:build !kserve_0_15 && !kserve_0_19

package main

import "github.com/kserve/kserve/pkg/apis/serving/v1alpha2"

// groupOf is the key of a routing group.
func groupOf(service *v1alpha2.LLMInferenceService) []string {
	if group := service.Spec.Router.Group(); group != nil {
		return []string{service.Namespace + "/" + *group}
	}
	return nil
}

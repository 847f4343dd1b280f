//go:build kserve_0_19

package main

import "github.com/kserve/kserve/pkg/apis/serving/v1alpha2"

// groupOf is empty: there are no routing groups before 0.20.
func groupOf(*v1alpha2.LLMInferenceService) []string {
	return nil
}

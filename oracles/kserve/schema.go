package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	runtimeschema "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

// definition is a version of a CustomResourceDefinition, as the API server applies it.
type definition struct {
	structural *schema.Structural
	validator  validation.SchemaValidator
	rules      *cel.Validator
}

type schemas map[runtimeschema.GroupVersionKind]*definition

// readSchemas reads the definitions of KServe, and of the Gateway API's standard channel.
func readSchemas() (schemas, error) {
	found := schemas{}
	for _, directory := range []string{
		filepath.Join(kserveModule, "config/crd/full"),
		filepath.Join(gatewayModule, "config/crd/standard"),
	} {
		err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".yaml") {
				return err
			}
			return found.read(path)
		})
		if err != nil {
			return nil, err
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("no CustomResourceDefinition under %q and %q", kserveModule, gatewayModule)
	}
	return found, nil
}

func (s schemas) read(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(text, &crd); err != nil || crd.Kind != "CustomResourceDefinition" || crd.Spec.Group == "" {
		// A kustomization or a patch.
		return nil
	}
	for _, version := range crd.Spec.Versions {
		if version.Schema == nil || version.Schema.OpenAPIV3Schema == nil {
			continue
		}
		var internal apiextensions.JSONSchemaProps
		if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(version.Schema.OpenAPIV3Schema, &internal, nil); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		structural, err := schema.NewStructural(&internal)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		validator, _, err := validation.NewSchemaValidator(&internal)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		kind := runtimeschema.GroupVersionKind{Group: crd.Spec.Group, Version: version.Name, Kind: crd.Spec.Names.Kind}
		s[kind] = &definition{structural, validator, cel.NewValidator(structural, true, celconfig.PerCallLimit)}
	}
	return nil
}

// complete prunes unknown fields and writes the schema's defaults.
func (d *definition) complete(object map[string]any) {
	pruning.Prune(object, d.structural, true)
	defaulting.PruneNonNullableNullsWithoutDefaults(object, d.structural)
	defaulting.Default(object, d.structural)
}

func (d *definition) validate(object map[string]any) error {
	errs := validation.ValidateCustomResource(field.NewPath(""), object, d.validator)
	if len(errs) == 0 {
		ruled, _ := d.rules.Validate(context.Background(), field.NewPath(""), d.structural, object, nil, celconfig.RuntimeCELCostBudget)
		errs = append(errs, ruled...)
	}
	return errs.ToAggregate()
}

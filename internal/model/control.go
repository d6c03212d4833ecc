package model

import "strings"

// Control is one testable statement about assets of a type or class. Its YAML
// form is the field names below in snake case; see docs/adding-a-control.md.
type Control struct {
	// ID is <provider>-<service>-<what should hold>; it is never reused.
	ID    string `json:"id" yaml:"id"`
	Title string `json:"title" yaml:"title"`
	// Exactly one of Type and Class is set.
	Type       string   `json:"type,omitempty" yaml:"type,omitempty"`
	Class      Class    `json:"class,omitempty" yaml:"class,omitempty"`
	Severity   Severity `json:"severity" yaml:"severity"`
	Categories []string `json:"categories,omitempty" yaml:"categories,omitempty"`

	// When and Holds are CEL expressions of type bool. When When is false the
	// control is not applicable; when Holds is false it fails.
	When  string `json:"when,omitempty" yaml:"when,omitempty"`
	Holds string `json:"holds" yaml:"holds"`
	// Managed says that the vendor's own assets are judged too, such as the
	// policies of AWS; the owner of an account decides how they are used.
	Managed bool `json:"managed,omitempty" yaml:"managed,omitempty"`
	// Message says what is wrong on a failing asset. {{name}}, {{id}},
	// {{region}}, {{account}}, {{partition}}, {{params.x}} and any
	// {{config.path}} are replaced by their values.
	Message string         `json:"message" yaml:"message"`
	Why     string         `json:"why" yaml:"why"`
	Params  map[string]any `json:"params,omitempty" yaml:"params,omitempty"`
	Fix     Fix            `json:"fix,omitzero" yaml:"fix,omitempty"`
	// Fixes are those of a control on a class, by provider.
	Fixes map[string]Fix `json:"fixes,omitempty" yaml:"fixes,omitempty"`
	// KnownAs maps a tool (prowler, elastic, securityhub, checkov, trivy) to
	// the ids under which it knows the same statement.
	KnownAs    map[string][]string `json:"known_as,omitempty" yaml:"known_as,omitempty"`
	References []string            `json:"references" yaml:"references"`
	// Unmapped says why the control answers no requirement of any framework.
	Unmapped string    `json:"unmapped,omitempty" yaml:"unmapped,omitempty"`
	Examples []Example `json:"examples,omitempty" yaml:"examples"`

	// Types are the asset types that a control on a class judges: those for
	// which all its facts are known. The catalogue fills it.
	Types []string `json:"types,omitempty" yaml:"-"`
	// Version is the hash of what decides the verdict (type, when, holds,
	// params); it changes when the verdict may change for the same asset.
	Version string `json:"version,omitempty" yaml:"-"`
	// File is the path of the control in the catalogue.
	File string `json:"-" yaml:"-"`
}

// Provider returns the cloud of the control, or "" for one across clouds.
func (c *Control) Provider() string {
	for _, p := range []string{AWS, Azure, GCP} {
		if len(c.ID) > len(p) && c.ID[:len(p)] == p && c.ID[len(p)] == '-' {
			return p
		}
	}
	return ""
}

// Fix says how to repair a failing asset. Texts may hold the placeholders of
// Control.Message.
type Fix struct {
	// Action names an automated fix, where one exists.
	Action         string   `json:"action,omitempty" yaml:"action,omitempty"`
	Steps          []string `json:"steps,omitempty" yaml:"steps,omitempty"`
	CLI            string   `json:"cli,omitempty" yaml:"cli,omitempty"`
	Terraform      string   `json:"terraform,omitempty" yaml:"terraform,omitempty"`
	CloudFormation string   `json:"cloudformation,omitempty" yaml:"cloudformation,omitempty"`
}

// Example is one asset with the verdict that the control must give on it. Each
// control carries at least one pass, one fail and one unknown.
type Example struct {
	Name    string  `json:"name" yaml:"name"`
	Verdict Verdict `json:"verdict" yaml:"verdict"`
	// Type is the asset's type in examples of a control on a class.
	Type string `json:"type,omitempty" yaml:"type,omitempty"`
	// Config, Facts, Tags and Region are the asset's; Gaps are paths of the
	// document that could not be read ("" for the whole of it).
	ID     string            `json:"id,omitempty" yaml:"id,omitempty"`
	Region string            `json:"region,omitempty" yaml:"region,omitempty"`
	Config map[string]any    `json:"config,omitempty" yaml:"config,omitempty"`
	Facts  Facts             `json:"facts,omitempty" yaml:"facts,omitempty"`
	Tags   map[string]string `json:"tags,omitempty" yaml:"tags,omitempty"`
	Gaps   []string          `json:"gaps,omitempty" yaml:"gaps,omitempty"`
	Params map[string]any    `json:"params,omitempty" yaml:"params,omitempty"`
	// With are other assets of the account; GapTypes are asset types whose
	// listing failed.
	With     []ExampleAsset `json:"with,omitempty" yaml:"with,omitempty"`
	GapTypes []string       `json:"gap_types,omitempty" yaml:"gap_types,omitempty"`
	// GapTypesAbove are asset types whose listing in the accounts above failed.
	GapTypesAbove []string `json:"gap_types_above,omitempty" yaml:"gap_types_above,omitempty"`
	// Because, when set, must occur in the finding's message or evidence.
	Because string `json:"because,omitempty" yaml:"because,omitempty"`
}

// ExampleAsset is a further asset of an example.
type ExampleAsset struct {
	Type   string `json:"type" yaml:"type"`
	ID     string `json:"id" yaml:"id"`
	Region string `json:"region,omitempty" yaml:"region,omitempty"`
	// Account is another one than the example's, such as one above it.
	Account string         `json:"account,omitempty" yaml:"account,omitempty"`
	Config  map[string]any `json:"config,omitempty" yaml:"config,omitempty"`
	Gaps    []string       `json:"gaps,omitempty" yaml:"gaps,omitempty"`
}

// Fact is a statement about assets of a class that every cloud decides by its
// own documents. Controls on classes are made of facts.
type Fact struct {
	// ID is its name in expressions: "facts.public".
	ID    string `json:"id" yaml:"id"`
	Class Class  `json:"class" yaml:"class"`
	// Says is the statement that holds when it is true.
	Says string `json:"says" yaml:"says"`
	// Types are the CEL expressions that decide it, by asset type.
	Types map[string]string `json:"types" yaml:"types"`
}

// ProviderOf returns the provider of an asset type, by the form of its name.
func ProviderOf(typ string) string {
	switch {
	case strings.HasPrefix(typ, "AWS::"):
		return AWS
	case strings.HasPrefix(typ, "Microsoft."), strings.HasPrefix(typ, "graph/"):
		return Azure
	case strings.Contains(typ, ".googleapis.com/"), strings.Contains(typ, "k8s.io/"):
		return GCP
	}
	return ""
}

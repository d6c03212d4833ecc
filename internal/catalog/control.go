package catalog

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// controlFile is the form of a file below controls/: one control, or a family
// of controls that differ by their parameters.
type controlFile struct {
	model.Control `yaml:",inline"`
	// Instances make one control each out of the rest of the file. What an
	// instance sets replaces what the file says; params are merged.
	Instances []instance `yaml:"instances,omitempty"`
}

type instance struct {
	ID       string              `yaml:"id"`
	Title    string              `yaml:"title"`
	Severity model.Severity      `yaml:"severity,omitempty"`
	Message  string              `yaml:"message,omitempty"`
	Why      string              `yaml:"why,omitempty"`
	Params   map[string]any      `yaml:"params,omitempty"`
	KnownAs  map[string][]string `yaml:"known_as,omitempty"`
	Fix      *model.Fix          `yaml:"fix,omitempty"`
	Examples []model.Example     `yaml:"examples,omitempty"`
}

func parseControls(file string, data []byte) ([]model.Control, error) {
	var f controlFile
	if err := strict(data, &f); err != nil {
		return nil, err
	}
	stem := strings.TrimSuffix(path.Base(file), ".yaml")
	if f.ID != stem {
		return nil, fmt.Errorf("%w id %q: want the file's name %q", model.ErrInvalid, f.ID, stem)
	}
	var out []model.Control
	if len(f.Instances) == 0 {
		out = append(out, f.Control)
	}
	for _, in := range f.Instances {
		out = append(out, in.apply(f.Control))
	}
	for i := range out {
		c := &out[i]
		c.File = file
		params, _ := model.Plain(c.Params).(map[string]any)
		c.Params = params
		plainExamples(c.Examples)
		c.Version = version(c)
	}
	return out, nil
}

func (in instance) apply(base model.Control) model.Control {
	c := base
	c.ID, c.Title = in.ID, in.Title
	if in.Severity != "" {
		c.Severity = in.Severity
	}
	if in.Message != "" {
		c.Message = in.Message
	}
	if in.Why != "" {
		c.Why = in.Why
	}
	if in.Fix != nil {
		c.Fix = *in.Fix
	}
	c.Params = map[string]any{}
	for k, v := range base.Params {
		c.Params[k] = v
	}
	for k, v := range in.Params {
		c.Params[k] = v
	}
	if in.KnownAs != nil {
		c.KnownAs = in.KnownAs
	}
	c.Examples = append(copyExamples(base.Examples), in.Examples...)
	return c
}

// copyExamples makes a copy of the list; what the entries hold is shared.
func copyExamples(in []model.Example) []model.Example { return slices.Clone(in) }

func plainExamples(examples []model.Example) {
	for i := range examples {
		e := &examples[i]
		if e.Config != nil {
			e.Config, _ = model.Plain(e.Config).(map[string]any)
		}
		if e.Params != nil {
			e.Params, _ = model.Plain(e.Params).(map[string]any)
		}
		for j := range e.With {
			if e.With[j].Config != nil {
				e.With[j].Config, _ = model.Plain(e.With[j].Config).(map[string]any)
			}
		}
	}
}

var (
	idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)
	tools  = []string{"checkov", "elastic", "prowler", "securityhub", "trivy"}
)

// check says what an auditor or the engine would miss in a control.
// The examples of tested ones were looked at before, and are not there.
func check(c *model.Control, tested bool) error {
	var problems []error
	need := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Errorf("%s: "+format, append([]any{c.ID}, args...)...))
		}
	}
	need(idForm.MatchString(c.ID), "id must be lower case words joined by dashes")
	need(c.Title != "", "title is missing")
	need((c.Type == "") != (c.Class == ""), "set either type or class")
	need(c.Severity.Rank() > 0, "severity %q is not one of critical, high, medium, low, info", c.Severity)
	need(c.Holds != "", "holds is missing")
	need(c.Message != "", "message is missing")
	need(len(c.Why) >= 40, "why must explain in a sentence or two what an attacker gains")
	if c.Class == "" {
		need(len(c.Fix.Steps) > 0 || c.Fix.CLI != "", "fix needs steps or cli")
		need(len(c.Fixes) == 0, "fixes belong to controls on a class")
	} else {
		need(len(c.Fixes) > 0, "fixes must tell, by provider, how to mend it")
		need(c.Provider() == "", "a control on a class has no provider in its id")
		for provider, f := range c.Fixes {
			need(slices.Contains([]string{model.AWS, model.Azure, model.GCP}, provider), "fixes names %q, want aws, azure or gcp", provider)
			need(len(f.Steps) > 0 || f.CLI != "", "the fix for %s needs steps or cli", provider)
		}
	}
	need(len(c.References) > 0, "references must name the vendor's documentation")
	for tool := range c.KnownAs {
		need(slices.Contains(tools, tool), "known_as names %q, want one of %s", tool, strings.Join(tools, ", "))
	}
	if tested {
		return errors.Join(problems...)
	}
	have := map[model.Verdict]bool{}
	for _, e := range c.Examples {
		have[e.Verdict] = true
		need(e.Name != "", "an example has no name")
	}
	for _, v := range []model.Verdict{model.Pass, model.Fail, model.Unknown} {
		need(have[v], "needs an example with verdict %s", v)
	}
	return errors.Join(problems...)
}

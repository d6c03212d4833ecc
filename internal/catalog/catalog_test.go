package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

const (
	goodControl = `id: aws-x-is-y
title: X is Y
type: AWS::X::Y
severity: low
holds: config.Y
message: X is not Y.
why: Without Y anybody who can reach X can read what it holds.
fix: {steps: [Set Y.]}
references: [https://example.com]
examples:
  - {name: a, verdict: pass, config: {Y: true}}
  - {name: b, verdict: fail, config: {Y: false}}
  - {name: c, verdict: unknown, gaps: [Y]}
`
	goodFramework = `id: f
title: F
version: "1"
requirements:
  - {id: "1", title: One, controls: [aws-x-is-y]}
  - {id: "2", title: Two, manual: Ask., controls: [aws-x-is-y]}
`
)

func root(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, data := range files {
		out[name] = &fstest.MapFile{Data: []byte(data)}
	}
	return out
}

// with returns the good files with some others, or without those that are empty.
func with(others map[string]string) map[string]string {
	files := map[string]string{"controls/aws/x/aws-x-is-y.yaml": goodControl, "frameworks/f.yaml": goodFramework}
	maps.Copy(files, others)
	maps.DeleteFunc(files, func(_, data string) bool { return data == "" })
	return files
}

// TestLoadSaysWhatIsWrong holds that faults are reported with their file and, by
// the YAML package, with their line.
func TestLoadSaysWhatIsWrong(t *testing.T) {
	const control = "controls/aws/x/aws-x-is-y.yaml"
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  []string // lines of the error
	}{
		{"nothing", nil, nil},
		{"unknown key", map[string]string{control: strings.Replace(goodControl, "holds:", "hold:", 1)}, []string{
			control + ": invalid: yaml: unmarshal errors:", "  line 5: field hold not found in type catalog.controlFile",
			`f 1: control "aws-x-is-y" does not exist`, `f 2: control "aws-x-is-y" does not exist`,
		}},
		{"key twice", map[string]string{control: goodControl + "title: again\n", "frameworks/f.yaml": ""}, []string{
			control + ": invalid: yaml: unmarshal errors:", `  line 14: mapping key "title" already defined at line 2`,
		}},
		{"wrong type", map[string]string{control: strings.Replace(goodControl, "[https://example.com]", "https://example.com", 1), "frameworks/f.yaml": ""}, []string{
			control + ": invalid: yaml: unmarshal errors:", "  line 9: cannot unmarshal !!str `https:/...` into []string",
		}},
		{"no YAML", map[string]string{control: strings.Replace(goodControl, "config.Y", "config.Y: z", 1), "frameworks/f.yaml": ""}, []string{
			control + ": invalid: yaml: line 5: mapping values are not allowed in this context",
		}},
		{"empty", map[string]string{control: "# nothing\n", "frameworks/f.yaml": ""}, []string{control + ": invalid: EOF"}},
		{"file's name", map[string]string{"controls/aws/x/z.yaml": goodControl, control: "", "frameworks/f.yaml": ""}, []string{
			`controls/aws/x/z.yaml: invalid id "aws-x-is-y": want the file's name "z"`,
		}},
		{"no examples", map[string]string{control: strings.SplitAfter(goodControl, "com]\n")[0], "frameworks/f.yaml": ""}, []string{
			control + ": aws-x-is-y: needs an example with verdict pass", "aws-x-is-y: needs an example with verdict fail", "aws-x-is-y: needs an example with verdict unknown",
		}},
		{"control twice", map[string]string{"controls/any/aws-x-is-y.yaml": goodControl}, []string{
			control + ": control aws-x-is-y stands in controls/any/aws-x-is-y.yaml too",
		}},
		{"another kind of file", map[string]string{"frameworks/notes.txt": "x"}, []string{
			"frameworks/notes.txt: invalid file in the catalogue: controls and frameworks end in .yaml",
		}},
		{"framework", map[string]string{"frameworks/f.yaml": strings.NewReplacer(`id: "2"`, `id: "1"`, "Ask.", `""`, "title: Two, ", "", ", controls: [aws-x-is-y]}\n  -", ", controls: [aws-x]}\n  -").Replace(goodFramework)}, []string{
			`f 1: control "aws-x" does not exist`, "f 1: a requirement needs id and title", "f 1: stands twice",
		}},
		{"manual without a reason", map[string]string{"frameworks/f.yaml": "id: g\ntitle: F\nversion: \"1\"\nrequirements:\n  - {id: \"1\", title: One}\n"}, []string{
			`frameworks/f.yaml: id is "g", want the file's name "f"`, "g 1: has neither controls nor a reason why it is manual",
		}},
		{"fact", map[string]string{"facts/a.yaml": "id: b\n", "facts/c.yaml": "id: c\n", "facts/d.yaml": "id: d\nsays: d\nclass: x\ntype: {}\n"}, []string{
			`facts/a.yaml: id is "b", want the file's name "a"`, "facts/c.yaml: a fact needs class, says and types",
			"facts/d.yaml: invalid: yaml: unmarshal errors:", "  line 4: field type not found in type model.Fact",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			if _, err := Load(root(with(tt.files))); err != nil {
				got = strings.Split(err.Error(), "\n")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestLoadTested holds what is left out for one provider, and that examples of
// the tested root alone are.
func TestLoadTested(t *testing.T) {
	azure := strings.NewReplacer("aws-x-is-y", "azure-x-is-y", "AWS::X::Y", "Microsoft.X/y").Replace(goodControl)
	tested := root(with(map[string]string{
		"controls/azure/x/azure-x-is-y.yaml": azure,
		"frameworks/g.yaml":                  "id: g\ntitle: G\nversion: \"1\"\nprovider: azure\nrequirements:\n  - {id: \"1\", title: One, controls: [azure-x-is-y]}\n",
		"frameworks/h.yaml":                  "id: h\ntitle: H\nversion: \"1\"\nrequirements:\n  - {id: \"1\", title: One, controls: [azure-x-is-y, aws-x-is-y, aws-x-is-z]}\n",
	}))
	further := root(map[string]string{"controls/aws-x-is-z.yaml": strings.ReplaceAll(goodControl, "aws-x-is-y", "aws-x-is-z")})
	for _, tt := range []struct {
		provider             string
		controls, frameworks []string
	}{
		{"", []string{"aws-x-is-y 0", "aws-x-is-z 3", "azure-x-is-y 0"}, []string{"f", "g", "h"}},
		{model.AWS, []string{"aws-x-is-y 0", "aws-x-is-z 3"}, []string{"f", "h"}},
		{model.Azure, []string{"aws-x-is-z 3", "azure-x-is-y 0"}, []string{"f", "g", "h"}},
	} {
		t.Run(tt.provider, func(t *testing.T) {
			c, err := LoadTested(tested, tt.provider, further)
			if err != nil {
				t.Fatal(err)
			}
			var controls, frameworks []string
			for i := range c.Controls {
				controls = append(controls, fmt.Sprintf("%s %d", c.Controls[i].ID, len(c.Controls[i].Examples)))
			}
			for i := range c.Frameworks {
				frameworks = append(frameworks, c.Frameworks[i].ID)
			}
			if diff := cmp.Diff(tt.controls, controls); diff != "" {
				t.Errorf("controls and their examples (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.frameworks, frameworks); diff != "" {
				t.Errorf("frameworks (-want +got)\n%s", diff)
			}
		})
	}
}

// TestRequirements holds who answers what, in the order of the frameworks.
func TestRequirements(t *testing.T) {
	c, err := Load(root(with(map[string]string{
		"controls/aws-x-is-w.yaml": strings.ReplaceAll(goodControl, "aws-x-is-y", "aws-x-is-w"),
		"frameworks/e.yaml":        "id: e\ntitle: E\nversion: \"1\"\nrequirements:\n  - {id: \"3\", title: Three, controls: [aws-x-is-y]}\n",
	})))
	if err != nil {
		t.Fatal(err)
	}
	want := []model.RequirementRef{{Framework: "e", Requirement: "3"}, {Framework: "f", Requirement: "1"}, {Framework: "f", Requirement: "2"}}
	if got := c.Requirements("aws-x-is-y"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, id := range []string{"aws-x-is-w", "aws-x-is-z"} { // one that answers nothing, and none
		if got := c.Requirements(id); got != nil {
			t.Errorf("%s answers %#v", id, got)
		}
	}
}

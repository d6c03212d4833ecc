package content_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stance-sec/stance/content"
	"github.com/stance-sec/stance/internal/catalog"
	"github.com/stance-sec/stance/internal/model"
)

// TestFrameworks holds what a reader of a framework relies on: every
// requirement is answered or says what a person must look at, stands once and
// in the publisher's order, and sections are not torn apart. That the controls
// exist is checked when the catalogue is loaded.
func TestFrameworks(t *testing.T) {
	cat := load(t)
	if len(cat.Frameworks) == 0 {
		t.Fatal("no frameworks")
	}
	for _, f := range cat.Frameworks {
		t.Run(f.ID, func(t *testing.T) {
			if f.Title == "" || f.Version == "" {
				t.Errorf("title %q, version %q: want both", f.Title, f.Version)
			}
			if len(f.Requirements) == 0 {
				t.Error("no requirements")
			}
			for _, problem := range frameworkProblems(f) {
				t.Error(problem)
			}
		})
	}
}

// TestFrameworkProblems shows that the checks of TestFrameworks can fail.
func TestFrameworkProblems(t *testing.T) {
	one := func(id, section string, controls ...string) model.Requirement {
		return model.Requirement{ID: id, Section: section, Title: "something", Controls: controls}
	}
	for _, tt := range []struct {
		name string
		f    model.Framework
		want string
	}{
		{"twice", model.Framework{Requirements: []model.Requirement{one("1.1", "a", "x"), one("1.1", "a", "x")}}, "stands twice"},
		{"order", model.Framework{Requirements: []model.Requirement{one("1.10", "a", "x"), one("1.9", "a", "x")}}, "comes after"},
		{"torn", model.Framework{Requirements: []model.Requirement{one("a", "a", "x"), one("b", "b", "x"), one("c", "a", "x")}}, "is torn apart"},
		{"empty", model.Framework{Requirements: []model.Requirement{one("1.1", "a")}}, "neither controls nor a manual reason"},
		{"same control", model.Framework{Requirements: []model.Requirement{one("1.1", "a", "x", "x")}}, "names x twice"},
		{"other cloud", model.Framework{Provider: model.AWS, Requirements: []model.Requirement{one("1.1", "a", "gcp-iam-x")}}, "is of gcp"},
		{"fine", model.Framework{Provider: model.AWS, Requirements: []model.Requirement{one("1.9", "a", "aws-iam-x"), one("1.10", "a", "x")}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(frameworkProblems(tt.f), "; ")
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("problems %q, want one with %q", got, tt.want)
			}
		})
	}
}

// TestControlsAnswerFrameworks holds that no control is forgotten: it answers
// a requirement, or says why it answers none.
func TestControlsAnswerFrameworks(t *testing.T) {
	cat := load(t)
	for _, c := range cat.Controls {
		answers := cat.Requirements(c.ID)
		switch {
		case len(answers) == 0 && strings.TrimSpace(c.Unmapped) == "":
			t.Errorf("%s answers no requirement of any framework: map it, or say why not by the key unmapped", c.ID)
		case len(answers) > 0 && c.Unmapped != "":
			t.Errorf("%s is said to be unmapped, but answers %s %s", c.ID, answers[0].Framework, answers[0].Requirement)
		}
	}
}

func load(t *testing.T) *catalog.Catalog {
	t.Helper()
	cat, err := catalog.Load(content.FS())
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func frameworkProblems(f model.Framework) []string {
	var problems []string
	ids, sections, last := map[string]bool{}, map[string]bool{}, model.Requirement{}
	for _, r := range f.Requirements {
		if ids[r.ID] {
			problems = append(problems, r.ID+" stands twice")
		}
		ids[r.ID] = true
		if before(r.ID, last.ID) {
			problems = append(problems, r.ID+" comes after "+last.ID)
		}
		if r.Section != last.Section && sections[r.Section] {
			problems = append(problems, "section "+r.Section+" is torn apart at "+r.ID)
		}
		sections[r.Section] = true
		last = r
		if len(r.Controls) == 0 && strings.TrimSpace(r.Manual) == "" {
			problems = append(problems, r.ID+" has neither controls nor a manual reason")
		}
		for i, id := range r.Controls {
			if slices.Contains(r.Controls[:i], id) {
				problems = append(problems, r.ID+" names "+id+" twice")
			}
			c := model.Control{ID: id}
			if p := c.Provider(); f.Provider != "" && p != "" && p != f.Provider {
				problems = append(problems, r.ID+" names "+id+", which is of "+p)
			}
		}
	}
	return problems
}

var numbered = regexp.MustCompile(`^\d+(\.\d+)*$`)

// before says whether a dotted number stands before another one. Ids that are
// not plain numbers have their publisher's own order.
func before(id, other string) bool {
	if !numbered.MatchString(id) || !numbered.MatchString(other) {
		return false
	}
	return slices.Compare(numbers(id), numbers(other)) < 0
}

func numbers(id string) []int {
	var out []int
	for part := range strings.SplitSeq(id, ".") {
		n, _ := strconv.Atoi(part)
		out = append(out, n)
	}
	return out
}

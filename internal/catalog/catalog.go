// Package catalog reads what Stance knows from content/: controls and
// frameworks. It checks every file strictly, so that a catalogue that loads can
// be evaluated and read by an auditor; it evaluates nothing but the examples.
package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// Catalog is a checked set of controls and frameworks.
type Catalog struct {
	// Controls and Frameworks are sorted by id.
	Controls   []model.Control
	Frameworks []model.Framework
	Facts      []model.Fact

	provider     string // "" when nothing was left out
	controls     map[string]int
	requirements [][]model.RequirementRef // by control
}

// Load reads controls/, facts/ and frameworks/ below the root of each file system; a
// later one may not redefine an id. All problems are reported together, each
// with its file.
func Load(roots ...fs.FS) (*Catalog, error) { return load(nil, "", roots) }

// LoadTested is Load with one more root, whose controls come without their
// examples: these are most of what there is to read, and were evaluated when the
// root was made part of the program. With a provider, what is about other clouds
// alone is left out of all roots.
func LoadTested(tested fs.FS, provider string, roots ...fs.FS) (*Catalog, error) {
	return load(tested, provider, append([]fs.FS{tested}, roots...))
}

func load(tested fs.FS, provider string, roots []fs.FS) (*Catalog, error) {
	c := &Catalog{controls: map[string]int{}, provider: provider}
	var problems []error
	for i, root := range roots {
		problems = append(problems, c.loadControls(root, tested != nil && i == 0)...)
		problems = append(problems, c.loadFacts(root)...)
		problems = append(problems, c.loadFrameworks(root)...)
	}
	slices.SortFunc(c.Controls, func(a, b model.Control) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(c.Frameworks, func(a, b model.Framework) int { return strings.Compare(a.ID, b.ID) })
	for i := range c.Controls {
		if j, dup := c.controls[c.Controls[i].ID]; dup {
			problems = append(problems, fmt.Errorf("%s: control %s stands in %s too", c.Controls[i].File, c.Controls[i].ID, c.Controls[j].File))
		}
		c.controls[c.Controls[i].ID] = i
	}
	problems = append(problems, c.link()...)
	c.versions()
	return c, errors.Join(problems...)
}

// Control returns the control of that id.
func (c *Catalog) Control(id string) (model.Control, error) {
	i, ok := c.controls[id]
	if !ok {
		return model.Control{}, fmt.Errorf("control %q: %w", id, model.ErrNotFound)
	}
	return c.Controls[i], nil
}

// Framework returns the framework of that id.
func (c *Catalog) Framework(id string) (model.Framework, error) {
	for _, f := range c.Frameworks {
		if f.ID == id {
			return f, nil
		}
	}
	return model.Framework{}, fmt.Errorf("framework %q: %w", id, model.ErrNotFound)
}

// Requirements returns the requirements that a control answers, sorted.
func (c *Catalog) Requirements(control string) []model.RequirementRef {
	i, ok := c.controls[control]
	if !ok {
		return nil
	}
	return c.requirements[i]
}

func (c *Catalog) loadControls(root fs.FS, tested bool) []error {
	files, err := readAll(c, root, "controls", func(name string, data []byte) ([]model.Control, error) {
		if tested {
			data = withoutExamples(data)
		}
		return parseControls(name, data)
	})
	problems := []error{err}
	for _, f := range files {
		problems = append(problems, f.err)
		for i := range f.read {
			if err := check(&f.read[i], tested); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", f.name, err))
				continue
			}
			c.Controls = append(c.Controls, f.read[i])
		}
	}
	return problems
}

// foreign says that a provider's content was left out.
func (c *Catalog) foreign(provider string) bool {
	switch provider {
	case model.AWS, model.Azure, model.GCP:
		return c.provider != "" && c.provider != provider
	}
	return false
}

func (c *Catalog) loadFacts(root fs.FS) []error {
	files, err := readAll(c, root, "facts", func(_ string, data []byte) (f model.Fact, err error) {
		return f, strict(data, &f)
	})
	problems := []error{err}
	for _, f := range files {
		if f.err != nil {
			problems = append(problems, f.err)
			continue
		}
		switch want := strings.TrimSuffix(path.Base(f.name), ".yaml"); {
		case f.read.ID != want:
			problems = append(problems, fmt.Errorf("%s: id is %q, want the file's name %q", f.name, f.read.ID, want))
		case f.read.Class == "" || f.read.Says == "" || len(f.read.Types) == 0:
			problems = append(problems, fmt.Errorf("%s: a fact needs class, says and types", f.name))
		}
		c.Facts = append(c.Facts, f.read)
	}
	return problems
}

// factName finds the facts that expressions name.
var factName = regexp.MustCompile(`\bfacts\.([a-z][a-z0-9_]*)`)

// versions makes the version of a control on a class change with its facts, and
// notes which types it judges.
func (c *Catalog) versions() {
	for i := range c.Controls {
		ctl := &c.Controls[i]
		if ctl.Class == "" {
			continue
		}
		named := map[string]bool{}
		for _, m := range factName.FindAllStringSubmatch(ctl.When+" "+ctl.Holds, -1) {
			named[m[1]] = true
		}
		var used []model.Fact
		know := map[string]int{}
		for _, f := range c.Facts {
			if !named[f.ID] {
				continue
			}
			used = append(used, f)
			for typ := range f.Types {
				know[typ]++
			}
		}
		ctl.Types = nil
		for typ, n := range know {
			if n == len(named) {
				ctl.Types = append(ctl.Types, typ)
			}
		}
		slices.Sort(ctl.Types)
		ctl.Version = hash([]any{ctl.Version, used})
	}
}

func (c *Catalog) loadFrameworks(root fs.FS) []error {
	files, err := readAll(c, root, "frameworks", func(_ string, data []byte) (*model.Framework, error) {
		if c.foreign(frameworkProvider(data)) {
			return nil, nil
		}
		f := new(model.Framework)
		return f, strict(data, f)
	})
	problems := []error{err}
	for _, f := range files {
		switch want := strings.TrimSuffix(path.Base(f.name), ".yaml"); {
		case f.err != nil:
			problems = append(problems, f.err)
			continue
		case f.read == nil || c.foreign(f.read.Provider):
			continue
		case f.read.ID != want:
			problems = append(problems, fmt.Errorf("%s: id is %q, want the file's name %q", f.name, f.read.ID, want))
		}
		c.Frameworks = append(c.Frameworks, *f.read)
	}
	return problems
}

// link checks the frameworks against the controls and notes who answers what.
func (c *Catalog) link() []error {
	var problems []error
	named := make([]int, 0, c.mentions())  // the control that each mention is of, -1 for none
	counts := make([]int, len(c.Controls)) // of mentions
	for i := range c.Frameworks {
		f := &c.Frameworks[i]
		seen := make(map[string]bool, len(f.Requirements))
		for j := range f.Requirements {
			r := &f.Requirements[j]
			wrong := func(format string, args ...any) {
				problems = append(problems, fmt.Errorf("%s %s: "+format, append([]any{f.ID, r.ID}, args...)...))
			}
			if r.ID == "" || r.Title == "" {
				wrong("a requirement needs id and title")
			}
			if seen[r.ID] {
				wrong("stands twice")
			}
			seen[r.ID] = true
			if len(r.Controls) == 0 && r.Manual == "" {
				wrong("has neither controls nor a reason why it is manual")
			}
			for _, id := range r.Controls {
				at, ok := c.controls[id]
				switch {
				case ok:
					counts[at]++
				case !c.foreign((&model.Control{ID: id}).Provider()):
					wrong("control %q does not exist", id)
					fallthrough
				default:
					at = -1
				}
				named = append(named, at)
			}
		}
	}
	c.require(named, counts)
	return problems
}

// mentions counts how often requirements name a control.
func (c *Catalog) mentions() int {
	n := 0
	for i := range c.Frameworks {
		for j := range c.Frameworks[i].Requirements {
			n += len(c.Frameworks[i].Requirements[j].Controls)
		}
	}
	return n
}

// require notes the requirements of each control, all in one piece of memory.
func (c *Catalog) require(named, counts []int) {
	c.requirements = make([][]model.RequirementRef, len(c.Controls))
	refs := make([]model.RequirementRef, len(named))
	for i, n := range counts {
		if n > 0 {
			c.requirements[i], refs = refs[:0:n], refs[n:]
		}
	}
	for i := range c.Frameworks {
		f := &c.Frameworks[i]
		for j := range f.Requirements {
			r := &f.Requirements[j]
			for _, at := range named[:len(r.Controls)] {
				if at >= 0 {
					c.requirements[at] = append(c.requirements[at], model.RequirementRef{Framework: f.ID, Requirement: r.ID})
				}
			}
			named = named[len(r.Controls):]
		}
	}
}

// version returns the hash of what decides a control's verdict.
func version(c *model.Control) string {
	return hash([]any{c.Type, c.Class, c.When, c.Holds, c.Managed, c.Params})
}

func hash(v []any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}

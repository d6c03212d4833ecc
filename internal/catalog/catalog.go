// Package catalog reads what Stance knows from content/: controls and
// frameworks. It checks every file strictly, so that a catalogue that loads can
// be evaluated and read by an auditor; it evaluates nothing but the examples.
package catalog

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"go.yaml.in/yaml/v3"

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
	requirements map[string][]model.RequirementRef
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
	c := &Catalog{controls: map[string]int{}, requirements: map[string][]model.RequirementRef{}, provider: provider}
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
func (c *Catalog) Requirements(control string) []model.RequirementRef { return c.requirements[control] }

func (c *Catalog) loadControls(root fs.FS, tested bool) []error {
	var problems []error
	var files []controlSource
	err := walk(root, "controls", func(file string, data []byte) {
		if of, _, _ := strings.Cut(strings.TrimPrefix(file, "controls/"), "/"); c.foreign(of) {
			return
		}
		files = append(files, controlSource{name: file, data: data})
	})
	if err != nil {
		problems = append(problems, err)
	}
	each(len(files), func(i int) {
		f := &files[i]
		if tested {
			f.data = withoutExamples(f.data)
		}
		f.controls, f.err = parseControls(f.name, f.data)
	})
	for _, f := range files {
		if f.err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", f.name, f.err))
			continue
		}
		for i := range f.controls {
			if err := check(&f.controls[i], tested); err != nil {
				problems = append(problems, fmt.Errorf("%s: %w", f.name, err))
				continue
			}
			c.Controls = append(c.Controls, f.controls[i])
		}
	}
	return problems
}

// each calls do for 0 to n-1, on all cores: reading YAML is most of what loading
// costs, and no file needs another.
func each(n int, do func(i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	workers.Wait()
}

var (
	examplesKey = []byte("\nexamples:")
	topKey      = regexp.MustCompile(`(?m)^[a-z_]+:`)
)

// withoutExamples cuts the examples out of a file of controls. Where another key
// follows them it may refer to what they define, so the file is left as it is.
func withoutExamples(data []byte) []byte {
	at := bytes.Index(data, examplesKey)
	if at < 0 || topKey.Match(data[at+len(examplesKey):]) {
		return data
	}
	return data[:at+1]
}

var providerKey = regexp.MustCompile(`(?m)^provider: *([a-z]+)`)

// foreign says that a provider's content was left out.
func (c *Catalog) foreign(provider string) bool {
	switch provider {
	case model.AWS, model.Azure, model.GCP:
		return c.provider != "" && c.provider != provider
	}
	return false
}

// controlSource is a file of controls while it is read.
type controlSource struct {
	name     string
	data     []byte
	controls []model.Control
	err      error
}

func (c *Catalog) loadFacts(root fs.FS) []error {
	var problems []error
	err := walk(root, "facts", func(file string, data []byte) {
		var f model.Fact
		if err := strict(data, &f); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", file, err))
			return
		}
		switch want := strings.TrimSuffix(path.Base(file), ".yaml"); {
		case f.ID != want:
			problems = append(problems, fmt.Errorf("%s: id is %q, want the file's name %q", file, f.ID, want))
		case f.Class == "" || f.Says == "" || len(f.Types) == 0:
			problems = append(problems, fmt.Errorf("%s: a fact needs class, says and types", file))
		}
		c.Facts = append(c.Facts, f)
	})
	if err != nil {
		problems = append(problems, err)
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
	var problems []error
	var names []string
	var sources [][]byte
	err := walk(root, "frameworks", func(file string, data []byte) {
		if m := providerKey.FindSubmatch(data); m != nil && c.foreign(string(m[1])) {
			return
		}
		names, sources = append(names, file), append(sources, data)
	})
	if err != nil {
		problems = append(problems, err)
	}
	read := make([]model.Framework, len(names))
	failed := make([]error, len(names))
	each(len(names), func(i int) { failed[i] = strict(sources[i], &read[i]) })
	for i, f := range read {
		if failed[i] != nil {
			problems = append(problems, fmt.Errorf("%s: %w", names[i], failed[i]))
			continue
		}
		if want := strings.TrimSuffix(path.Base(names[i]), ".yaml"); f.ID != want {
			problems = append(problems, fmt.Errorf("%s: id is %q, want the file's name %q", names[i], f.ID, want))
		}
		c.Frameworks = append(c.Frameworks, f)
	}
	return problems
}

// link checks the frameworks against the controls and notes who answers what.
func (c *Catalog) link() []error {
	var problems []error
	for _, f := range c.Frameworks {
		seen := map[string]bool{}
		for _, r := range f.Requirements {
			where := f.ID + " " + r.ID
			if r.ID == "" || r.Title == "" {
				problems = append(problems, fmt.Errorf("%s: a requirement needs id and title", where))
			}
			if seen[r.ID] {
				problems = append(problems, fmt.Errorf("%s: stands twice", where))
			}
			seen[r.ID] = true
			if len(r.Controls) == 0 && r.Manual == "" {
				problems = append(problems, fmt.Errorf("%s: has neither controls nor a reason why it is manual", where))
			}
			for _, id := range r.Controls {
				if _, ok := c.controls[id]; !ok && c.foreign((&model.Control{ID: id}).Provider()) {
					continue
				} else if !ok {
					problems = append(problems, fmt.Errorf("%s: control %q does not exist", where, id))
					continue
				}
				c.requirements[id] = append(c.requirements[id], model.RequirementRef{Framework: f.ID, Requirement: r.ID})
			}
		}
	}
	return problems
}

func walk(root fs.FS, dir string, do func(file string, data []byte)) error {
	return fs.WalkDir(root, dir, func(p string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && p == dir {
			return nil // a root may hold controls only
		}
		if err != nil {
			return fmt.Errorf("read catalogue: %w", err)
		}
		if d.IsDir() {
			return nil
		}
		if ext := path.Ext(p); ext != ".yaml" {
			return fmt.Errorf("%s: %w file in the catalogue: controls and frameworks end in .yaml", p, model.ErrInvalid)
		}
		data, err := fs.ReadFile(root, p)
		if err != nil {
			return fmt.Errorf("read catalogue: %w", err)
		}
		do(p, data)
		return nil
	})
}

// strict decodes one YAML document; a key that v does not have is an error.
func strict(data []byte, v any) error {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("%w: %w", model.ErrInvalid, err)
	}
	return nil
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

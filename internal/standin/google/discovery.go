package google

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// document is the part of a discovery document that routing and checking need.
// See https://developers.google.com/discovery/v1/reference/apis.
type document struct {
	ID          string               `json:"id"`
	Name        string               `json:"name"`
	RootURL     string               `json:"rootUrl"`
	ServicePath string               `json:"servicePath"`
	Parameters  map[string]*schema   `json:"parameters"`
	Schemas     map[string]*schema   `json:"schemas"`
	Resources   map[string]*resource `json:"resources"`
	Methods     map[string]*rawCall  `json:"methods"`
}

type resource struct {
	Methods   map[string]*rawCall  `json:"methods"`
	Resources map[string]*resource `json:"resources"`
}

type rawCall struct {
	ID         string             `json:"id"`
	Verb       string             `json:"httpMethod"`
	Path       string             `json:"path"`
	FlatPath   string             `json:"flatPath"`
	Parameters map[string]*schema `json:"parameters"`
	Request    *schema            `json:"request"`
	Response   *schema            `json:"response"`
}

// schema describes a value or a parameter.
type schema struct {
	Ref        string             `json:"$ref"`
	Type       string             `json:"type"`
	Format     string             `json:"format"`
	Pattern    string             `json:"pattern"`
	Location   string             `json:"location"`
	Required   bool               `json:"required"`
	Repeated   bool               `json:"repeated"`
	Enum       []string           `json:"enum"`
	Items      *schema            `json:"items"`
	Properties map[string]*schema `json:"properties"`
	Extra      *schema            `json:"additionalProperties"`
	ID         string             `json:"id"`
}

// resolve follows a reference to the schema that it names.
func (d *document) resolve(s *schema) *schema {
	for s != nil && s.Ref != "" {
		s = d.Schemas[s.Ref]
	}
	return s
}

// library loads discovery documents once and keeps them: they are large, never
// change, and are shared by all the stand-ins of a process.
type library struct {
	dir string

	mu       sync.Mutex
	docs     map[string]*document
	services map[string]*service
}

// libraries holds a library for each folder that was asked for.
var libraries sync.Map

func openLibrary(dir string) (*library, error) {
	if dir == "" {
		found, err := moduleDir()
		if err != nil {
			return nil, err
		}
		dir = found
	}
	lib, _ := libraries.LoadOrStore(dir, &library{dir: dir, docs: map[string]*document{}, services: map[string]*service{}})
	return lib.(*library), nil
}

// moduleDir asks the go command where the client library lies. The command has
// to be run inside a module that requires it, as tests and go run are.
var moduleDir = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "google.golang.org/api").Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, strings.TrimSpace(string(exit.Stderr)))
		}
		return "", fmt.Errorf("find the folder of google.golang.org/api (or name it with Options.Discovery): %w", err)
	}
	dir := strings.TrimSpace(string(out))
	if dir == "" {
		return "", errors.New("find the folder of google.golang.org/api: the module is not downloaded; run go mod download")
	}
	return dir, nil
})

// load returns the document of an API in a version ("compute", "v1"). The error
// is fs.ErrNotExist if the client library does not have it.
func (l *library) load(api, version string) (*document, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.loadLocked(api, version)
}

func (l *library) loadLocked(api, version string) (*document, error) {
	key := api + "/" + version
	if doc, ok := l.docs[key]; ok {
		return doc, nil
	}
	if !filepath.IsLocal(key) {
		return nil, fmt.Errorf("discovery document %s: %w", key, fs.ErrNotExist)
	}
	files, err := filepath.Glob(filepath.Join(l.dir, api, filepath.FromSlash(version), "*-api.json"))
	if err != nil {
		return nil, fmt.Errorf("discovery document %s: %w", key, err)
	}
	if len(files) != 1 {
		return nil, fmt.Errorf("discovery document %s: %w", key, fs.ErrNotExist)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		return nil, fmt.Errorf("discovery document %s: %w", key, err)
	}
	doc := &document{}
	if err := json.Unmarshal(data, doc); err != nil {
		return nil, fmt.Errorf("discovery document %s: %w", key, err)
	}
	l.docs[key] = doc
	return doc, nil
}

// versions lists what the client library has of an API; nothing if it does not
// know the API at all.
func (l *library) versions(api string) []string {
	if !filepath.IsLocal(api) {
		return nil
	}
	entries, err := os.ReadDir(filepath.Join(l.dir, api))
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if files, _ := filepath.Glob(filepath.Join(l.dir, api, e.Name(), "*-api.json")); len(files) == 1 {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return out
}

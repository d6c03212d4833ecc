package google

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// served lists the versions that a service's host answers where "the stable
// ones" is not right. Every other service of the client library is served with
// all versions of the form v1, v2, …
var served = map[string][]string{
	"sqladmin":             {"v1", "v1beta4"},
	"admin":                {"directory/v1", "reports/v1"},
	"cloudresourcemanager": {"v3", "v2", "v1"},
	"oauth2":               {"v2"},
}

var stable = regexp.MustCompile(`^v[0-9]+$`)

// service is what one host answers: the methods of all its versions.
type service struct {
	name    string
	byVerb  map[string][]*method
	ordered []*method
}

// method is one REST method.
type method struct {
	service string
	api     string // as in "run:v2", since ids are the same in several versions
	name    string // as in "projects.locations.services.list"
	verb    string
	doc     *document
	params  map[string]*schema
	request *schema
	answer  *schema

	pattern *regexp.Regexp
	names   []string // path parameters in the order of the pattern's groups p0, p1, …
	weight  int
}

// call is the method's name over all services: "run:v2/projects.locations.services.list".
func (m *method) call() string { return m.api + "/" + m.name }

// service returns the methods of a host's first label. The error is
// fs.ErrNotExist for a service that the client library does not know.
func (l *library) service(name string) (*service, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s, ok := l.services[name]; ok {
		return s, nil
	}
	versions := served[name]
	if versions == nil {
		for _, v := range l.versions(name) {
			if stable.MatchString(v) {
				versions = append(versions, v)
			}
		}
	}
	if len(versions) == 0 {
		return nil, fmt.Errorf("service %q: %w", name, fs.ErrNotExist)
	}
	s := &service{name: name, byVerb: map[string][]*method{}}
	for _, v := range versions {
		doc, err := l.loadLocked(name, v)
		if err != nil {
			return nil, err
		}
		if err := s.add(doc, doc.Methods); err != nil {
			return nil, err
		}
		if err := s.walk(doc, doc.Resources); err != nil {
			return nil, err
		}
	}
	for _, methods := range s.byVerb {
		slices.SortFunc(methods, func(a, b *method) int {
			return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.call(), b.call()))
		})
	}
	slices.SortFunc(s.ordered, func(a, b *method) int { return cmp.Compare(a.call(), b.call()) })
	l.services[name] = s
	return s, nil
}

func (s *service) walk(doc *document, resources map[string]*resource) error {
	for _, r := range resources {
		if err := s.add(doc, r.Methods); err != nil {
			return err
		}
		if err := s.walk(doc, r.Resources); err != nil {
			return err
		}
	}
	return nil
}

func (s *service) add(doc *document, calls map[string]*rawCall) error {
	for _, c := range calls {
		_, name, _ := strings.Cut(c.ID, ".")
		m := &method{
			service: s.name, api: doc.ID, name: name, verb: c.Verb, doc: doc,
			params: c.Parameters, request: c.Request, answer: c.Response,
		}
		if err := m.compile("/"+doc.ServicePath+c.Path, c.FlatPath); err != nil {
			return fmt.Errorf("%s: path %q: %w", m.call(), c.Path, err)
		}
		s.byVerb[m.verb] = append(s.byVerb[m.verb], m)
		s.ordered = append(s.ordered, m)
	}
	return nil
}

var placeholder = regexp.MustCompile(`\{(\+?)([A-Za-z0-9_.$]+)\}`)

// compile turns the path template into a pattern. {x} is one segment; {+x} may
// span several, and its parameter's own pattern tells which. Where two templates
// match, the one with more written-out text wins, and a custom verb (…:search)
// before a name that could end like it.
func (m *method) compile(path, flat string) error {
	var b strings.Builder
	b.WriteString("^")
	rest := path
	for {
		at := placeholder.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		b.WriteString(regexp.QuoteMeta(rest[:at[0]]))
		m.weight += at[0]
		name := rest[at[4]:at[5]]
		inner := `[^/]+`
		if at[2] != at[3] {
			inner = `.+`
			if p := m.params[name]; p != nil && p.Pattern != "" {
				inner = strings.TrimSuffix(strings.TrimPrefix(p.Pattern, "^"), "$")
			}
		}
		fmt.Fprintf(&b, "(?P<p%d>%s)", len(m.names), inner)
		m.names = append(m.names, name)
		rest = rest[at[1]:]
	}
	b.WriteString(regexp.QuoteMeta(rest))
	b.WriteString("$")
	m.weight += len(rest)
	if strings.Contains(rest, ":") {
		m.weight += 1000
	}
	m.weight = m.weight*100 + len(placeholder.ReplaceAllString(flat, ""))
	pattern, err := regexp.Compile(b.String())
	m.pattern = pattern
	return err
}

// route finds the method of a request and the values of its path parameters.
func (s *service) route(verb, escaped string) (*method, map[string]string) {
	path := plain(escaped)
	for _, m := range s.byVerb[verb] {
		groups := m.pattern.FindStringSubmatch(path)
		if groups == nil {
			continue
		}
		params := map[string]string{}
		for i, name := range m.names {
			params[name] = groups[m.pattern.SubexpIndex(fmt.Sprintf("p%d", i))]
		}
		return m, params
	}
	return nil, nil
}

// plain decodes a path but keeps an encoded slash apart from a separator: deny
// policies are attached to "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F…".
// Client libraries encode such a name a second time; that is undone, too.
func plain(escaped string) string {
	segments := strings.Split(escaped, "/")
	for i, seg := range segments {
		for range 2 {
			if decoded, err := url.PathUnescape(seg); err == nil {
				seg = decoded
			}
		}
		segments[i] = strings.ReplaceAll(seg, "/", "%2F")
	}
	return strings.Join(segments, "/")
}

// find returns the method that a seed names: "run:v2/projects.…" or, where only
// one version has it, "run.projects.…".
func (l *library) find(call string) (*method, error) {
	found, err := l.all(call)
	if err != nil {
		return nil, err
	}
	if len(found) == 1 {
		return found[0], nil
	}
	var calls []string
	for _, m := range found {
		calls = append(calls, m.call())
	}
	return nil, fmt.Errorf("call %q: say which version: %s", call, strings.Join(calls, ", "))
}

// all returns the methods of a name, in several versions where the name does not
// tell: "run:v2/projects.…", "run.projects.…" or "run:projects.…".
func (l *library) all(call string) ([]*method, error) {
	label, name := split(call)
	_, _, versioned := strings.Cut(call, "/")
	s, err := l.service(label)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("call %q: the client library has no service %q", call, label)
	}
	if err != nil {
		return nil, err
	}
	var found []*method
	for _, m := range s.ordered {
		if versioned && m.call() == call || !versioned && m.name == name {
			found = append(found, m)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("call %q: no such method", call)
	}
	return found, nil
}

// split takes a call apart into service and method id.
func split(call string) (service, name string) {
	if api, rest, ok := strings.Cut(call, "/"); ok {
		service, _, _ = strings.Cut(api, ":")
		return service, rest
	}
	at := strings.IndexAny(call, ".:")
	if at < 0 {
		return call, ""
	}
	return call[:at], call[at+1:]
}

package azure

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// modelType is a struct of a module's models or responses.
type modelType struct {
	name    string
	fields  map[string]string // Go field -> Go type
	embeds  []string          // Go types embedded in it (responses only)
	members map[string]string // JSON member -> Go type
	times   map[string]string // JSON member -> how a time is written, where it is not RFC 3339
	open    bool              // has additional properties
}

// enumType holds the values of a string type.
type enumType struct {
	base   string // string, int32 or int64
	values []string
}

// unionType is a polymorphic type: the value of one member chooses the struct.
type unionType struct {
	member   string
	cases    map[string]string // value -> struct
	fallback string
}

// newerMembers are members that an accepted api-version has and the module,
// made from an older one, has not.
var newerMembers = map[string]struct{ in, is string }{
	"RegistryProperties.anonymousPullEnabled": {"armcontainerregistry", "*bool"},
	"RegistryProperties.roleAssignmentMode":   {"armcontainerregistry", "*string"},
}

var (
	reStruct   = regexp.MustCompile(`^type (\w+) struct \{`)
	reField    = regexp.MustCompile(`^\t(\w+)\s+([^\s/]\S*)(?:\s+` + "`" + `json:"([^",]+))?`)
	reEmbed    = regexp.MustCompile(`^\t\*?([A-Z]\w*)$`)
	reUnmarsh  = regexp.MustCompile(`^func \(\w+ \*(\w+)\) UnmarshalJSON\(`)
	reCase     = regexp.MustCompile(`^\t\tcase "([^"]+)":`)
	reTarget   = regexp.MustCompile(`(?:&\w+\.(\w+)[,)]|^\t+\w+\.(\w+)(?:, err)? = )`)
	reUnpop    = regexp.MustCompile(`unpopulate(?:Time|DateTime)?(Unix|RFC1123|\[datetime\.\w+\]|DateType)?\w*\(`)
	reEnumType = regexp.MustCompile(`^type (\w+) (string|int32|int64|float32|float64)$`)
	reEnum     = regexp.MustCompile(`^\t(\w+)\s+(\w+) = (?:"([^"]*)"|(-?\d+))`)
	reUnion    = regexp.MustCompile(`^func unmarshal(\w+Classification)\(`)
	reSwitch   = regexp.MustCompile(`^\tswitch m\["([^"]+)"\]`)
	reUnionOf  = regexp.MustCompile(`^\t\tb = &(\w+)\{`)
	reUnionKey = regexp.MustCompile(`string\((\w+)\)|"([^"]+)"`)
)

// load reads the module's models once.
func (m *module) load() error {
	m.once.Do(func() { m.err = m.readModels() })
	return m.err
}

func (m *module) readModels() error {
	m.models, m.enums, m.unions = map[string]*modelType{}, map[string]*enumType{}, map[string]*unionType{}
	consts := map[string]string{}
	for _, step := range []struct {
		file string
		read func([][]byte)
	}{
		{"constants.go", func(l [][]byte) { m.readEnums(l, consts) }},
		{"models.go", m.readStructs},
		{"responses.go", m.readStructs},
		{"response_types.go", m.readStructs},
		{"models_serde.go", m.readMembers},
		{"polymorphic_helpers.go", func(l [][]byte) { m.readUnions(l, consts) }},
	} {
		data, err := os.ReadFile(filepath.Join(m.dir, step.file))
		if errors.Is(err, fs.ErrNotExist) && step.file != "models.go" {
			continue
		}
		if err != nil {
			return fmt.Errorf("read models of %s: %w", m.path, err)
		}
		step.read(bytes.Split(data, []byte("\n")))
	}
	for key, typ := range newerMembers {
		model, member, _ := strings.Cut(key, ".")
		if t := m.models[model]; t != nil && strings.Contains(m.path, typ.in) {
			t.members[member] = typ.is
		}
	}
	if len(m.models) == 0 {
		return fmt.Errorf("read models of %s: no model was recognized; has the generator changed its form?", m.path)
	}
	return nil
}

func (m *module) readStructs(lines [][]byte) {
	var cur *modelType
	for _, line := range lines {
		switch {
		case bytes.HasPrefix(line, []byte("type ")):
			if g := reStruct.FindSubmatch(line); g != nil {
				cur = &modelType{name: string(g[1]), fields: map[string]string{}, members: map[string]string{}, times: map[string]string{}}
				m.models[cur.name] = cur
				m.models[strings.ToLower(cur.name)] = cur
			}
		case cur == nil || len(line) < 2 || line[0] != '\t' || line[1] == '/':
			if bytes.HasPrefix(line, []byte("}")) {
				cur = nil
			}
		default:
			if g := reEmbed.FindSubmatch(line); g != nil {
				cur.embeds = append(cur.embeds, string(g[1]))
			} else if g := reField.FindSubmatch(line); g != nil {
				cur.fields[string(g[1])] = string(g[2])
				if len(g[3]) > 0 {
					cur.members[string(g[3])] = string(g[2])
				}
			}
		}
	}
}

func (m *module) readMembers(lines [][]byte) {
	var cur *modelType
	var member string
	for _, line := range lines {
		switch {
		case bytes.HasPrefix(line, []byte("func ")):
			cur, member = nil, ""
			if g := reUnmarsh.FindSubmatch(line); g != nil {
				cur = m.models[string(g[1])]
			}
		case cur == nil:
		case bytes.HasPrefix(line, []byte("\t\tcase \"")):
			if g := reCase.FindSubmatch(line); g != nil {
				member = string(g[1])
			}
		case bytes.HasPrefix(line, []byte("\t\tdefault:")):
			cur.open, member = true, ""
		case member != "":
			g := reTarget.FindSubmatch(line)
			if g == nil {
				continue
			}
			typ := cur.fields[string(g[1])+string(g[2])]
			if typ == "" {
				continue
			}
			cur.members[member] = typ
			if u := reUnpop.FindSubmatch(line); u != nil && len(u[1]) > 0 {
				cur.times[member] = strings.Trim(string(u[1]), "[]")
			}
			member = ""
		}
	}
}

func (m *module) readEnums(lines [][]byte, consts map[string]string) {
	for _, line := range lines {
		if bytes.HasPrefix(line, []byte("type ")) {
			if g := reEnumType.FindSubmatch(line); g != nil {
				m.enums[string(g[1])] = &enumType{base: string(g[2])}
			}
			continue
		}
		g := reEnum.FindSubmatch(line)
		if g == nil {
			continue
		}
		value := string(g[3]) + string(g[4])
		consts[string(g[1])] = value
		if e := m.enums[string(g[2])]; e != nil {
			e.values = append(e.values, value)
		}
	}
}

func (m *module) readUnions(lines [][]byte, consts map[string]string) {
	var cur *unionType
	var keys []string
	for _, line := range lines {
		switch {
		case bytes.HasPrefix(line, []byte("func ")):
			cur = nil
			if g := reUnion.FindSubmatch(line); g != nil {
				cur = &unionType{cases: map[string]string{}}
				m.unions[string(g[1])] = cur
			}
		case cur == nil:
		case bytes.HasPrefix(line, []byte("\tswitch ")):
			if g := reSwitch.FindSubmatch(line); g != nil {
				cur.member = string(g[1])
			}
		case bytes.HasPrefix(line, []byte("\tcase ")):
			keys = nil
			for _, g := range reUnionKey.FindAllSubmatch(line, -1) {
				if len(g[1]) > 0 {
					keys = append(keys, consts[string(g[1])])
				} else {
					keys = append(keys, string(g[2]))
				}
			}
		case bytes.HasPrefix(line, []byte("\tdefault:")):
			keys = nil
		case bytes.HasPrefix(line, []byte("\t\tb = &")):
			g := reUnionOf.FindSubmatch(line)
			if g == nil {
				continue
			}
			if keys == nil {
				cur.fallback = string(g[1])
			}
			for _, k := range keys {
				cur.cases[k] = string(g[1])
			}
		}
	}
}

// response finds what a call answers with: the model's Go type, and for a list
// the type of its items. Both are empty when the call answers with nothing.
func (m *module) response(name string) (body, item string, paged bool, err error) {
	if err := m.load(); err != nil {
		return "", "", false, err
	}
	r := m.models[name]
	if r == nil {
		return "", "", false, nil
	}
	switch {
	case len(r.embeds) > 0:
		body = r.embeds[0]
	case r.fields["Value"] != "":
		return "", strings.TrimLeft(r.fields["Value"], "[]*"), false, nil
	default:
		for _, t := range r.fields {
			body = strings.TrimLeft(t, "*")
		}
	}
	if t := m.models[body]; t != nil {
		if v, ok := t.members["value"]; ok && strings.HasPrefix(v, "[]") {
			_, paged = t.members["nextLink"]
			return body, strings.TrimLeft(v, "[]*"), paged, nil
		}
	}
	return body, "", false, nil
}

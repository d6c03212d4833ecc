package azure

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// call is one operation of a vendor client.
type call struct {
	mod      *module
	verb     string
	path     string // template with literal singletons filled in
	version  string
	response string // name of the response struct, in lower case
}

// The clients are generated code in one fixed shape, so lines are enough: each
// …CreateRequest method names the path, its literal parts, the verb and the
// api-version, in this order.
var (
	reCreate  = regexp.MustCompile(`^func \(client \*(\w+)\) (\w+)CreateRequest\(`)
	reURLPath = regexp.MustCompile(`^\turlPath := "([^"]+)"`)
	reLiteral = regexp.MustCompile(`^\turlPath = strings\.ReplaceAll\(urlPath, "(\{\w+\})", url\.PathEscape\("([^"]*)"\)\)`)
	reRequest = regexp.MustCompile(`runtime\.NewRequest\(ctx, http\.Method(\w+), runtime\.JoinPaths\(`)
	reVersion = regexp.MustCompile(`^\treqQP\.Set\("api-version", (?:"([^"]+)"|(\w+))\)`)
	reConst   = regexp.MustCompile(`^\t?(?:const )?(version\w+)\s+(?:string )?= "([^"]+)"`)
)

func (m *module) readCalls() error {
	m.versions = map[string]string{}
	consts, err := os.ReadFile(filepath.Join(m.dir, "constants.go"))
	if err != nil {
		return fmt.Errorf("read calls of %s: %w", m.path, err)
	}
	for line := range bytes.Lines(consts) {
		if !bytes.Contains(line, []byte("version2")) {
			continue
		}
		if g := reConst.FindSubmatch(line); g != nil {
			m.versions[string(g[1])] = string(g[2])
		}
	}
	files, err := filepath.Glob(filepath.Join(m.dir, "*_client.go"))
	if err != nil {
		return fmt.Errorf("read calls of %s: %w", m.path, err)
	}
	for _, f := range files {
		if err := m.readClient(f); err != nil {
			return fmt.Errorf("read calls of %s: %w", m.path, err)
		}
	}
	if len(m.calls) == 0 {
		return fmt.Errorf("read calls of %s: no call was recognized; has the generator changed its form?", m.path)
	}
	return nil
}

func (m *module) readClient(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var cur *call
	s := bufio.NewScanner(bytes.NewReader(data))
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		line := s.Bytes()
		switch {
		case bytes.HasPrefix(line, []byte("func ")):
			cur = nil
			if g := reCreate.FindSubmatch(line); g != nil {
				cur = &call{mod: m, response: strings.ToLower(string(g[1]) + string(g[2]) + "Response")}
			}
		case cur == nil:
		case bytes.HasPrefix(line, []byte("\turlPath := ")):
			if g := reURLPath.FindSubmatch(line); g != nil {
				cur.path = string(g[1])
			}
		case bytes.HasPrefix(line, []byte("\turlPath = ")):
			if g := reLiteral.FindSubmatch(line); g != nil {
				cur.path = strings.ReplaceAll(cur.path, string(g[1]), string(g[2]))
			}
		case bytes.HasPrefix(line, []byte("\treq, err := ")):
			if g := reRequest.FindSubmatch(line); g != nil {
				cur.verb = strings.ToUpper(string(g[1]))
			}
		case bytes.HasPrefix(line, []byte("\treqQP.Set(\"api-version\"")):
			g := reVersion.FindSubmatch(line)
			if g == nil {
				continue
			}
			cur.version = string(g[1])
			if cur.version == "" {
				cur.version = m.versions[string(g[2])]
			}
			if cur.path != "" && cur.verb != "" && cur.version != "" {
				m.calls = append(m.calls, cur)
			}
			cur = nil
		}
	}
	return s.Err()
}

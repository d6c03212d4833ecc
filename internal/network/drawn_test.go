package network

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

// TestDrawn runs the cases of testdata/*.txt.
func TestDrawn(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no drawn cases: %v", err)
	}
	cases := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var d *drawing
		lines := strings.Split(string(data), "\n")
		for i := 0; i < len(lines); i++ {
			verb, rest, _ := strings.Cut(lines[i], " ")
			switch verb {
			case "", "#":
			case "case":
				d = newDrawing()
				d.name = rest
				cases++
			case "ask":
				var want []string
				line := i + 1
				for ; i+1 < len(lines) && strings.HasPrefix(lines[i+1], "> "); i++ {
					want = append(want, lines[i+1][2:])
				}
				t.Run(fmt.Sprintf("%s/line %d", d.name, line), func(t *testing.T) {
					if diff := cmp.Diff(want, d.ask(t, strings.Fields(rest))); diff != "" {
						t.Errorf("%s:%d: ask %s (-want +got):\n%s", file, line, rest, diff)
					}
				})
			default:
				if !strings.HasPrefix(verb, "#") {
					d.set(t, verb, rest)
				}
			}
		}
	}
	if cases < 40 {
		t.Errorf("%d cases, want 40 or more", cases)
	}
}

// drawing is what a case says about one interface.
type drawing struct {
	name        string
	group       map[string]any
	acl         map[string]any
	routes      map[string]any
	lists       map[string][]string
	aclAll      bool
	bpa, v4, v6 Truth
}

func newDrawing() *drawing {
	return &drawing{lists: map[string][]string{}}
}

func (d *drawing) set(t *testing.T, verb, rest string) {
	t.Helper()
	words := strings.Fields(rest)
	add := func(doc *map[string]any, member string) {
		v, err := model.DecodeJSON([]byte(rest))
		if err != nil {
			t.Fatalf("%s: %v", rest, err)
		}
		if *doc == nil {
			*doc = map[string]any{}
		}
		items, _ := (*doc)[member].([]any)
		(*doc)[member] = append(items, v)
	}
	truth := func(s string) Truth {
		return map[string]Truth{"true": True, "false": False}[s]
	}
	switch verb {
	case "permit":
		add(&d.group, "IpPermissions")
	case "entry":
		add(&d.acl, "Entries")
	case "route":
		add(&d.routes, "Routes")
	case "list":
		d.lists[words[0]] = words[1:]
	case "aclall":
		d.aclAll = true
	case "bpa":
		d.bpa = truth(rest)
	case "public":
		if words[0] == "v4" {
			d.v4 = truth(words[1])
		} else {
			d.v6 = truth(words[1])
		}
	case "nothing":
	default:
		t.Fatalf("%q is not a verb", verb)
	}
}

func (d *drawing) prefixLists(id string) ([]string, bool) {
	cidrs, ok := d.lists[id]
	return cidrs, ok
}

func (d *drawing) ask(t *testing.T, words []string) []string {
	t.Helper()
	q := query(t, words[1:])
	switch words[0] {
	case "sg":
		return drawAnswer(Exposed(SecurityGroupIngress(d.group, d.prefixLists), q))
	case "acl":
		return drawAnswer(Exposed(NetworkACL(d.acl).Ingress, q))
	case "interface":
		return drawExposure(d.iface().Exposed(q))
	}
	t.Fatalf("cannot ask %q", words[0])
	return nil
}

func (d *drawing) iface() Interface {
	i := Interface{PublicIPv4: d.v4, PublicIPv6: d.v6, BlockPublicAccess: d.bpa}
	if d.group != nil {
		i.Groups = []Filter{SecurityGroupIngress(d.group, d.prefixLists)}
	}
	if d.aclAll {
		i.ACL = &ACL{AllowAll(), AllowAll()}
	} else if d.acl != nil {
		acl := NetworkACL(d.acl)
		i.ACL = &acl
	}
	if d.routes != nil {
		r := ReplyRoute(d.routes, d.prefixLists)
		i.Route = &r
	}
	return i
}

func query(t *testing.T, words []string) Query {
	t.Helper()
	var q Query
	for i := 0; i < len(words); i++ {
		switch w := words[i]; w {
		case "any":
			q.Family = AnyFamily
		case "v4":
			q.Family = IPv4
		case "v6":
			q.Family = IPv6
		case "strict":
			q.Strict = true
		case "wide":
			q.MinBreadth = BreadthWide
		case "from":
			i++
			s, err := ParseCIDRSet(words[i : i+1])
			if err != nil {
				t.Fatal(err)
			}
			q.From = s
		case "tcp", "udp", "icmp", "icmpv6", "132":
			p, _ := parseProtocol(w)
			q.Protocols = append(q.Protocols, p.from)
		default:
			from, to, isRange := strings.Cut(w, "-")
			if !isRange {
				to = from
			}
			a, errA := strconv.Atoi(from)
			b, errB := strconv.Atoi(to)
			if errA != nil || errB != nil {
				t.Fatalf("%q is no part of a question", w)
			}
			q.Ports = append(q.Ports, PortRange{uint16(a), uint16(b)})
		}
	}
	return q
}

func drawAnswer(a Answer) []string {
	out := []string{strings.TrimSpace(a.Value.String() + " " + a.Breadth.String() + " " + open(a.Ports, a.Sources))}
	for _, r := range a.Rules {
		out = append(out, "+ "+r.Text)
	}
	for _, r := range a.Denied {
		out = append(out, "- "+r.Text)
	}
	for _, g := range a.Gaps {
		out = append(out, "? "+g)
	}
	return out
}

func open(p PortSet, s AddrSet) string {
	if p.IsEmpty() {
		return ""
	}
	return p.String() + " " + s.String()
}

func drawExposure(e Exposure) []string {
	out := []string{strings.TrimSpace(strings.Join([]string{
		e.Value.String(), e.Family.String(), e.Breadth.String(), open(e.Ports, e.Sources),
	}, " "))}
	var blocked []string
	for _, s := range e.Stages {
		if slices.Contains(e.Blocked, s.Code) {
			code := s.Code
			for _, r := range s.Rules {
				code += " rule " + strconv.FormatInt(r.Number, 10)
			}
			blocked = append(blocked, code)
		}
		if s.Note != "" {
			out = append(out, "note "+s.Code+" "+s.Note)
		}
	}
	if len(blocked) > 0 {
		out = append(out, "blocked "+strings.Join(blocked, ", "))
	}
	if len(e.Gaps) > 0 {
		out = append(out, "? "+strings.Join(e.Gaps, ", "))
	}
	return out
}

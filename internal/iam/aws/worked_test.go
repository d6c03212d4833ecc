package aws

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

const (
	accountA = "111122223333"
	accountB = "444455556666"
)

// cast is who the drawn cases speak of.
var cast = map[string]Principal{
	"ana":  {Kind: User, ARN: "arn:aws:iam::" + accountA + ":user/ana", OrgID: "o-1"},
	"bo":   {Kind: User, ARN: "arn:aws:iam::" + accountB + ":user/bo", OrgID: "o-2"},
	"R1/s": {Kind: RoleSession, ARN: "arn:aws:iam::" + accountA + ":role/R1", Session: "s", OrgID: "o-1"},
	"root": {Kind: Root, ARN: "arn:aws:iam::" + accountA + ":root", OrgID: "o-1"},
	"mgmt": {Kind: User, ARN: "arn:aws:iam::" + accountA + ":user/mia", OrgID: "o-1", Management: true},
	"F":    {Kind: FederatedUser, ARN: "arn:aws:sts::" + accountA + ":federated-user/F", Parent: "arn:aws:iam::" + accountA + ":user/ana", OrgID: "o-1"},
	"anon": {Kind: Anonymous},
}

const github = "arn:aws:iam::" + accountA + ":oidc-provider/token.actions.githubusercontent.com"

func drawnPrincipal(name string) Principal {
	if p, ok := cast[name]; ok {
		return p
	}
	typ, rest, _ := strings.Cut(name, ":")
	switch typ {
	case "svc":
		return Principal{Kind: Service, ARN: rest}
	case "fed":
		return Principal{Kind: Federated, ARN: github}
	case "role":
		return Principal{Kind: RoleSession, ARN: "arn:aws:iam::" + accountA + ":role/" + rest, Session: "s", OrgID: "o-1"}
	}
	panic("who is " + name)
}

// drawnEntry is a name of the cases as a Principal element.
func drawnEntry(name string) (typ, value string) {
	switch name {
	case "A":
		return "AWS", "arn:aws:iam::" + accountA + ":root"
	case "B":
		return "AWS", accountB
	case "R1", "Admin":
		return "AWS", "arn:aws:iam::" + accountA + ":role/" + name
	case "R1/s":
		return "AWS", "arn:aws:sts::" + accountA + ":assumed-role/R1/s"
	case "fed:github":
		return "Federated", github
	}
	if s, ok := strings.CutPrefix(name, "svc:"); ok {
		return "Service", s
	}
	if p, ok := cast[name]; ok {
		return "AWS", p.ARN
	}
	if s, ok := strings.CutPrefix(name, "fed:"); ok {
		return "Federated", s
	}
	return "AWS", name
}

// drawnStatement reads "+ for X a,b on r,s if Op key v|w and …".
func drawnStatement(words []string, hasResource bool) map[string]any {
	s := map[string]any{"Effect": map[string]string{"+": "Allow", "-": "Deny"}[words[0]]}
	words = words[1:]
	next := func() string { w := words[0]; words = words[1:]; return w }
	list := func(w string) []any {
		var out []any
		for _, e := range strings.Split(w, ",") {
			out = append(out, e)
		}
		return out
	}
	if words[0] == "for" || words[0] == "for-all-but" {
		element := map[string]string{"for": "Principal", "for-all-but": "NotPrincipal"}[next()]
		m := map[string]any{}
		for _, n := range strings.Split(next(), ",") {
			typ, v := drawnEntry(n)
			l, _ := m[typ].([]any)
			m[typ] = append(l, v)
		}
		s[element] = m
	}
	if words[0] == "all-but" {
		next()
		s["NotAction"] = list(next())
	} else {
		s["Action"] = list(next())
	}
	for len(words) > 0 {
		switch w := next(); w {
		case "on":
			s["Resource"] = resourceList(next())
		case "not-on":
			s["NotResource"] = resourceList(next())
		case "if", "and":
			block, _ := s["Condition"].(map[string]any)
			if block == nil {
				block = map[string]any{}
				s["Condition"] = block
			}
			op := next()
			keys, _ := block[op].(map[string]any)
			if keys == nil {
				keys = map[string]any{}
				block[op] = keys
			}
			key := next()
			var vs []any
			for _, v := range strings.Split(next(), "|") {
				vs = append(vs, v)
			}
			keys[key] = vs
		default:
			panic("what is " + w)
		}
	}
	if s["Resource"] == nil && s["NotResource"] == nil && hasResource {
		s["Resource"] = "*"
	}
	return s
}

// resourceList splits at commas outside ${…}.
func resourceList(s string) []any {
	var out []any
	depth, from := 0, 0
	for i, r := range s {
		switch {
		case r == '{':
			depth++
		case r == '}':
			depth--
		case r == ',' && depth == 0:
			out = append(out, s[from:i])
			from = i + 1
		}
	}
	return append(out, s[from:])
}

type drawnCase struct {
	name     string
	docs     map[string][]any // statements by kind
	empty    map[string]bool
	version  string
	requests []Request
	owner    string
	tags     map[string]string
	policies Policies
	want     string
	rest     []string // lines that this parser does not know
}

func drawnCases(t testing.TB, file string) []drawnCase {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []drawnCase
	for para := range strings.SplitSeq(string(data), "\n\n") {
		c := drawnCase{docs: map[string][]any{}, empty: map[string]bool{}, version: "2012-10-17", owner: accountA}
		for line := range strings.Lines(para) {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				c.read(line)
			}
		}
		if c.name != "" {
			out = append(out, c)
		}
	}
	return out
}

func (c *drawnCase) read(line string) {
	words := strings.Fields(line)
	switch kind, rest := words[0], words[1:]; kind {
	case "case":
		c.name = strings.Join(rest, " ")
	case "version":
		c.version = ""
	case "owner":
		c.owner = rest[0]
	case "tag":
		k, v, _ := strings.Cut(rest[0], "=")
		c.tags = map[string]string{k: v}
	case "switch":
		reflect.ValueOf(&c.policies.Switches).Elem().FieldByName(rest[0]).SetBool(true)
	case "missing":
		reflect.ValueOf(&c.policies.Missing).Elem().FieldByName(rest[0]).SetString(strings.Join(rest[1:], " "))
	case "restrict-public":
		c.policies.RestrictPublicBuckets = true
	case "grant":
		k, v, _ := strings.Cut(rest[2], "=")
		_, grantee := drawnEntry(rest[1])
		c.policies.Grants = []Grant{{Grantee: grantee, Operations: []string{rest[0]}, ContextEquals: map[string]string{k: v}}}
	case "request":
		p := drawnPrincipal(rest[0])
		p.Tags = c.tags
		c.requests = append(c.requests, Request{Principal: p, Action: rest[1], Resource: rest[2], Context: Context{}})
	case "ctx":
		k, v, _ := strings.Cut(strings.Join(rest, " "), "=")
		val := Is(strings.Split(v, ",")...)
		switch v {
		case "?":
			val = Value{State: Unfetched}
		case "~":
			val = Value{State: Free}
		case "!":
			val = Is()
		}
		c.requests[len(c.requests)-1].Context[k] = val
	case "want":
		c.want = strings.Join(rest, " ")
	case "I", "R", "BD", "SP", "RCP", "VE", "T", "SCP1", "SCP2", "SCP3":
		if rest[0] == "empty" {
			c.empty[kind] = true
			return
		}
		c.docs[kind] = append(c.docs[kind], drawnStatement(rest, kind != "T"))
	default:
		c.rest = append(c.rest, line)
	}
}

func (c *drawnCase) policy(kind string, k Kind) []Policy {
	if len(c.docs[kind]) == 0 {
		return nil
	}
	doc := map[string]any{"Statement": c.docs[kind]}
	if c.version != "" {
		doc["Version"] = c.version
	}
	return []Policy{Parse(doc, k)}
}

func (c *drawnCase) build() Policies {
	p := c.policies
	// "acl" is read here for decisions and in public_test.go for exposure.
	for _, line := range c.rest {
		if w := strings.Fields(line); w[0] == "acl" {
			p.ACL = append(p.ACL, ACLGrant{Grantee: "http://acs.amazonaws.com/groups/global/" + w[1], Permission: w[2], Object: len(w) > 3})
		}
	}
	p.Identity = c.policy("I", KindIdentity)
	p.Session = c.policy("SP", KindSession)
	p.Resource = append(c.policy("R", KindResource), c.policy("T", KindTrust)...)
	if b := c.policy("BD", KindBoundary); b != nil {
		p.Boundary = &b[0]
	}
	if e := c.policy("VE", KindEndpoint); e != nil {
		p.Endpoint = &e[0]
	}
	if r := c.policy("RCP", KindRCP); r != nil {
		p.RCP = [][]Policy{r}
	}
	for _, level := range []string{"SCP1", "SCP2", "SCP3"} {
		if s := c.policy(level, KindSCP); s != nil || c.empty[level] {
			p.SCP = append(p.SCP, s)
		}
	}
	return p
}

func (c *drawnCase) decide() Decision {
	p := c.build()
	var ds []Decision
	for _, r := range c.requests {
		if Account(r.Resource) == "" && r.Resource != "*" {
			r.ResourceAccount = c.owner
		}
		ds = append(ds, Decide(r, p))
	}
	if len(ds) == 1 {
		return ds[0]
	}
	return Combine(ds...)
}

// outcome is a decision in the words of the cases.
func outcome(d Decision) string {
	switch d.Outcome {
	case Allow:
		return "allow"
	case Undecided:
		return "unknown"
	case AllowIf:
		word := "allow-if "
		if d.CallerChosen {
			word = "caller-chosen "
		}
		return word + d.Residual.String()
	}
	s := strings.ReplaceAll(string(d.Step), " ", "-")
	switch {
	case d.Undetermined:
		s += " undetermined"
	case d.Step == StepSCP:
		s += " " + d.Detail
	}
	return s
}

func TestWorkedCases(t *testing.T) {
	cases := drawnCases(t, "testdata/decide.txt")
	numbered := map[string]bool{}
	for _, c := range cases {
		name, _, _ := strings.Cut(c.name, " ")
		numbered[name] = true
		t.Run(name, func(t *testing.T) {
			for _, line := range c.rest {
				if !strings.HasPrefix(line, "acl ") {
					t.Fatalf("cannot read %q", line)
				}
			}
			d := c.decide()
			if got := outcome(d); got != c.want {
				t.Errorf("%s\n got %s\nwant %s\n%+v", c.name, got, c.want, d)
			}
			if again := c.decide(); fmt.Sprint(again) != fmt.Sprint(d) {
				t.Errorf("second decision differs:\n%+v\n%+v", d, again)
			}
		})
	}
	var missing []int
	for i := 1; i <= 90; i++ {
		if !numbered[fmt.Sprint(i)] {
			missing = append(missing, i)
		}
	}
	if len(missing) > 0 {
		t.Errorf("cases without a test: %v", missing)
	}
}

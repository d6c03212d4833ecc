package aws

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// drawnQuestion is a case of public.txt as a question.
func drawnQuestion(t *testing.T, c drawnCase) Answer {
	t.Helper()
	s := S3Access{PublicQuery: PublicQuery{Account: accountA, OrgID: "o-1", ZoneAccounts: []string{"777788889999"}}, Ownership: "ObjectWriter"}
	var blocks []PublicAccessBlock
	url := ""
	for _, line := range c.rest {
		w := strings.Fields(line)
		switch w[0] {
		case "resource":
			s.Resources = []string{w[1]}
			if strings.HasPrefix(w[1], "arn:aws:s3:::") {
				s.Resources = append(s.Resources, w[1]+"/*")
			}
		case "block":
			blocks = append(blocks, drawnBlock(w[1:]))
		case "acl":
			s.ACL = append(s.ACL, ACLGrant{Grantee: "http://acs.amazonaws.com/groups/global/" + w[1], Permission: w[2], Object: len(w) > 3})
		case "ownership":
			s.Ownership = w[1]
		case "kms-only":
			s.KMSOnly = true
		case "policy-missing":
			s.PolicyMissing = strings.Join(w[1:], " ")
		case "acl-missing":
			s.ACLMissing = strings.Join(w[1:], " ")
		case "url":
			url = w[1]
		default:
			t.Fatalf("cannot read %q", line)
		}
	}
	if r := c.policy("R", KindResource); r != nil {
		s.Policy = r[0]
	}
	s.Guardrails = c.policy("RCP", KindRCP)
	switch {
	case url != "":
		return FunctionURLPublic(s.Policy, s.PublicQuery, url == "new")
	case !strings.HasPrefix(s.Resources[0], "arn:aws:s3:::"):
		return Public(s.Policy, s.PublicQuery)
	}
	if s.Blocks = blocks; s.Blocks == nil {
		s.Blocks = []PublicAccessBlock{NoBlock}
	}
	return S3Public(s)
}

func drawnBlock(words []string) PublicAccessBlock {
	b := NoBlock
	for _, w := range words {
		switch w {
		case "all":
			b = FullBlock
		case "unread":
			b = PublicAccessBlock{}
		case "RestrictPublicBuckets":
			b.RestrictPublicBuckets = True
		case "BlockPublicPolicy":
			b.BlockPublicPolicy = True
		case "IgnorePublicAcls":
			b.IgnorePublicAcls = True
		}
	}
	return b
}

// describeAnswer is an answer in the words of the cases.
func describeAnswer(a Answer, want string) string {
	if a.Value == Unknown {
		return "unknown"
	}
	if want == "not-public" {
		if a.Value == False {
			return want
		}
	}
	var parts []string
	parts = append(parts, a.Level.String()[:2])
	var caps []string
	for _, c := range slices.Sorted(maps.Keys(a.Capabilities)) {
		if a.Capabilities[c] == a.Level && a.Level > Private {
			caps = append(caps, string(c))
		}
	}
	parts = append(parts, caps...)
	if len(a.Networks) > 0 {
		parts = append(parts, "from")
		for _, n := range a.Networks {
			parts = append(parts, n.String())
		}
	}
	if strings.Contains(want, " on ") {
		parts = append(parts, "on")
		parts = append(parts, a.Resources...)
	}
	if a.Latent {
		parts = append(parts, "latent")
	}
	return strings.Join(parts, " ")
}

func TestPublic(t *testing.T) {
	for _, c := range drawnCases(t, "testdata/public.txt") {
		name, _, _ := strings.Cut(c.name, " ")
		t.Run(name, func(t *testing.T) {
			a := drawnQuestion(t, c)
			if got := describeAnswer(a, c.want); got != c.want {
				t.Errorf("%s\n got %s\nwant %s\n%+v", c.name, got, c.want, a)
			}
			if (a.Level >= AnyAuthenticated) != (a.Value == True) && a.Value != Unknown {
				t.Errorf("level %v with value %v", a.Level, a.Value)
			}
			if a.Value == True && len(a.Because) == 0 {
				t.Error("public without a reason")
			}
			if again := drawnQuestion(t, c); fmt.Sprint(again) != fmt.Sprint(a) {
				t.Errorf("second answer differs:\n%+v\n%+v", a, again)
			}
		})
	}
}

package estate_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stance-sec/stance/internal/collect/gcp"
	"github.com/stance-sec/stance/internal/model"
)

// googleTypes are the declarations of Google Cloud's collectors, by asset type.
type googleTypes map[string]*gcp.Type

func declaredOfGoogle() googleTypes {
	out := googleTypes{}
	for _, c := range gcp.Collectors() {
		for i := range c.Types {
			out[c.Types[i].Name] = &c.Types[i]
		}
	}
	return out
}

var (
	service  = regexp.MustCompile(`^//[a-z.]+\.googleapis\.com/`)
	template = regexp.MustCompile(`\{[^}]+\}`)
)

// check holds an asset of Google Cloud to its declaration: what a scan would call
// it, when it was made, whose it is, and that every read has ended in the document
// or in a gap.
func (types googleTypes) check(t *testing.T, a *model.Asset) {
	t.Helper()
	d := types[a.Type]
	if d == nil {
		t.Errorf("%s: no collector declares type %s", a.ID, a.Type)
		return
	}
	if !service.MatchString(a.ID) {
		t.Errorf("%s is no full resource name", a.ID)
	}
	name := a.ID[strings.LastIndexByte(a.ID, '/')+1:]
	if d.Label != "" {
		if text, complete := fill(template.FindString(d.Label), a); complete && text != "" {
			name = text
		}
	}
	if name != a.Name {
		t.Errorf("%s: name is %q, a scan would make it %q", a.ID, a.Name, name)
	}
	if made := created(d, a); !made.Equal(a.CreatedAt) {
		t.Errorf("%s: created at %s, a scan would make it %s", a.ID, a.CreatedAt, made)
	}
	if managed := d.Managed != nil && d.Managed(a.Config); managed != (a.ManagedBy == model.GCP) {
		t.Errorf("%s: managed by %q, a scan would say %t", a.ID, a.ManagedBy, managed)
	}
	if a.Config["iamPolicy"] != nil && !d.Policy {
		t.Errorf("%s: has an allow policy, though its type has none", a.ID)
	}
	for i := range d.Side {
		r := &d.Side[i]
		if r.When != nil && !r.When(a.Config) || len(r.Absent) > 0 {
			continue
		}
		gap := slices.ContainsFunc(a.Gaps, func(g model.Gap) bool { return g.Path == r.Member })
		if lacks(map[string]any(a.Config), r.Member) && !gap {
			t.Errorf("%s: lacks %s, which a scan reads", a.ID, r.Member)
		}
	}
	path := a.Scope.OrgPath
	if own := "projects/" + a.Scope.Account; !strings.HasSuffix(path, own) && !strings.HasSuffix(path, a.Scope.Account) || !strings.HasPrefix(path, "organizations/") {
		t.Errorf("%s: account %s stands at %s", a.ID, a.Scope.Account, path)
	}
}

// created is when the document says that the asset was made.
func created(d *gcp.Type, a *model.Asset) time.Time {
	members := []string{"createTime", "creationTimestamp", "timeCreated", "creationTime", "metadata.creationTimestamp"}
	if d.Created != "" {
		members = []string{d.Created}
	}
	for _, m := range members {
		text, complete := fill("{"+m+"}", a)
		if !complete {
			continue
		}
		if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return at
		}
		if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
			return time.UnixMilli(ms)
		}
	}
	return time.Time{}
}

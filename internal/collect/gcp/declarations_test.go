package gcp

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// reads are the verbs of methods that change nothing. aggregatedList, listRules and
// the like begin or end with one of them.
var reads = regexp.MustCompile(`^(list|get|search|aggregatedList|query|fetch|effective|batchGet)`)

// TestDeclarations holds what every declaration promises.
func TestDeclarations(t *testing.T) {
	schemas := Schemas()
	permission := regexp.MustCompile(`^[a-z0-9]+(\.[A-Za-z0-9]+){2,3}$`)
	for _, op := range Operations() {
		if !permission.MatchString(op.Action) {
			t.Errorf("%s of %s needs the permission %q, which is none", op.Operation, op.Type, op.Action)
		}
		if verb := op.Operation[strings.LastIndexAny(op.Operation, ".:")+1:]; !reads.MatchString(verb) {
			t.Errorf("%s of %s is no read", op.Operation, op.Type)
		}
	}
	for _, c := range Collectors() {
		for i := range c.Types {
			typ := &c.Types[i]
			if schemas[typ.Name] == nil || len(schemas[typ.Name].Fields) == 0 {
				t.Errorf("%s: %s has no shape", c.Name, typ.Name)
			}
			for j := range typ.Side {
				m := typ.Side[j].Member
				if top, _, _ := strings.Cut(m, "."); schemas[typ.Name].Field(top) == nil {
					t.Errorf("%s: a read of %s has the member %q, which has no shape", c.Name, typ.Name, m)
				}
			}
			if typ.List == nil {
				continue
			}
			if typ.Policy || typ.AccessPolicy {
				t.Errorf("%s: %s is listed by the service, and has no policies of the inventory", c.Name, typ.Name)
			}
			if !slices.Contains([]Level{PerProject, PerOrganization, PerScope}, typ.List.Per) || typ.List.ID == "" {
				t.Errorf("%s: the listing of %s has no level or no id", c.Name, typ.Name)
			}
		}
	}
}

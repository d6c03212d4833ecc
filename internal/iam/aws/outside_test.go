package aws

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestOutsideCanonical(t *testing.T) {
	const own, other = "0a0a0a0a0a0a0a0a", "ffffffffffffffff"
	statement := func(effect string, principal any) map[string]any {
		return map[string]any{"Effect": effect, "Principal": principal, "Action": "s3:*", "Resource": []any{"arn:aws:s3:::b", "arn:aws:s3:::b/*"}}
	}
	canonical := func(ids ...any) any { return map[string]any{"CanonicalUser": ids} }
	q := PublicQuery{Account: "111122223333", Resources: []string{"arn:aws:s3:::b", "arn:aws:s3:::b/*"}}
	known, anyone := q, q
	known.CanonicalIDs, anyone.AnyCanonical = []string{own}, true
	for _, tt := range []struct {
		name       string
		statements []any
		query      PublicQuery
		want       []string
	}{
		{"own", []any{statement("Allow", canonical(own))}, known, nil},
		{"another", []any{statement("Allow", canonical(own, other))}, known, []string{other}},
		{"both, own not known", []any{statement("Allow", canonical(own, other))}, q, []string{own, other}},
		{"both taken for own", []any{statement("Allow", canonical(own, other))}, anyone, nil},
		{"denied again", []any{statement("Allow", canonical(other)), statement("Deny", canonical(other))}, known, nil},
		{"beside an account", []any{statement("Allow", map[string]any{"CanonicalUser": other, "AWS": "444455556666"})}, known, []string{"444455556666", other}},
		{"log delivery", []any{statement("Allow", canonical(logDelivery[0]))}, known, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, sure := OutsideAccounts(Parse(map[string]any{"Version": "2012-10-17", "Statement": tt.statements}, KindResource), tt.query)
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" || sure != True {
				t.Errorf("%s (-want +got):\n%s", sure, diff)
			}
		})
	}
}

func TestOutsideGrantees(t *testing.T) {
	q := PublicQuery{Account: "111122223333", CanonicalIDs: []string{"own"}}
	grants := []ACLGrant{{Grantee: "own"}, {Grantee: "z"}, {Grantee: "a"}, {Grantee: "z"}, {Grantee: logDelivery[1]}, {Grantee: "http://acs.amazonaws.com/groups/s3/LogDelivery"}, {}}
	named, public := OutsideGrantees(grants, q)
	if diff := cmp.Diff([]string{"a", "z"}, named); diff != "" || public {
		t.Errorf("public %v (-want +got):\n%s", public, diff)
	}
	if _, public := OutsideGrantees([]ACLGrant{{Grantee: AuthenticatedUsers}}, q); !public {
		t.Error("a list for every AWS user is not public")
	}
}

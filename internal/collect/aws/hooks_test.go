package aws

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/smithy-go"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

// TestCustomGaps holds that a hook that could not read a member of a document
// yields the document and a gap, and that an error of the whole hook leaves
// what was yielded before.
func TestCustomGaps(t *testing.T) {
	s := testSession(nil)
	op := operation{Service: "iam", Name: "GetThing", Action: "iam:GetThing"}
	denied := &opError{op, &smithy.GenericAPIError{Code: "AccessDenied", Message: "explicit deny in a service control policy"}}
	typ := &Type{
		Name: "T", ID: "arn:{Name} | arn:settings/{account}",
		Custom: &Custom{Ops: []operation{{Service: "iam", Name: "ListThings", Action: "iam:ListThings"}}, Yields: []string{"U"}},
	}
	typ.Custom.Run = func(_ context.Context, _ *Session, _ string, yield Yield) error {
		yield("T", model.Document{"Name": "a"}, Unread{"Report", denied})
		yield("U", model.Document{})
		yield("T", model.Document{})
		return errors.New("the page after")
	}
	u := &Unit{Session: s, typ: typ, types: map[string]*Type{"T": typ, "U": {Name: "U", ID: "u"}}}
	var got []string
	for a, err := range u.Collect(t.Context(), model.Scope{}) {
		var gap *model.Gap
		switch {
		case errors.As(err, &gap):
			got = append(got, "gap "+gap.Type+" "+gap.Operation+" "+string(gap.Reason))
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, a.ID)
			for _, g := range a.Gaps {
				got = append(got, g.Asset+" "+g.Path+" "+g.Operation+" "+string(g.Reason)+" "+g.DeniedBy)
			}
		}
	}
	want := []string{
		"arn:a", "arn:a Report iam:GetThing denied scp", "u", "arn:settings/123456789012",
		"gap T iam:ListThings failed", "gap U iam:ListThings failed",
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("collected (-want +got):\n%s", diff)
	}
}

// TestNotInOrganization holds that an account outside of an organization has
// one asset that says so, and no gap.
func TestNotInOrganization(t *testing.T) {
	assets, gaps := replayed(t, "AWS::Organizations::Organization", `-- DescribeOrganization --
400
Content-Type: application/x-amz-json-1.1
X-Amzn-Errortype: AWSOrganizationsNotInUseException

{"__type":"AWSOrganizationsNotInUseException","Message":"Your account is not a member of an organization."}
`)
	if len(assets) != 1 || len(gaps) != 0 || len(assets[0].Gaps) != 0 {
		t.Fatalf("got %v and gaps %v, want one asset", assets, gaps)
	}
	if diff := gocmp.Diff(model.Document{"Enabled": false}, assets[0].Config); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
	if want := "arn:aws:organizations::123456789012:settings/organization"; assets[0].ID != want {
		t.Errorf("id %s, want %s", assets[0].ID, want)
	}
}

// TestSkippedMemberIsNoProof holds that what no control needs is a gap, and that
// children which come from a member have it read.
func TestSkippedMemberIsNoProof(t *testing.T) {
	typ := &Type{
		Name: "T", ID: "t", List: one(),
		Side: []Read{compute("Keys", &model.Schema{}, []operation{{Service: "iam", Name: "ListKeys"}},
			func(context.Context, *Session, string, *model.Asset) (any, error) {
				return []any{map[string]any{"Id": "k"}}, nil
			})},
		Children: []Type{{Name: "C", ID: "{Id}", List: within[struct{ Id *string }]("Keys")}},
	}
	for _, wanted := range []bool{true, false} {
		s := testSession(nil)
		s.opts.Needed = func(string, string) bool { return false }
		s.opts.Types = func(name string) bool { return wanted || name != "C" }
		u := &Unit{Session: s, typ: typ}
		var got []string
		for a, err := range u.Collect(t.Context(), model.Scope{}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, a.Type+" "+a.ID)
			for _, g := range a.Gaps {
				got = append(got, g.Path+" "+string(g.Reason))
			}
		}
		want := []string{"T t", "Keys skipped"}
		if wanted {
			want = []string{"T t", "C k"}
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("children wanted: %v (-want +got):\n%s", wanted, diff)
		}
	}
}

package policy

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/stance-sec/stance/internal/model"
)

// TestContents holds that documents have the same contents only if they are equal:
// answers are kept by them.
func TestContents(t *testing.T) {
	docs := []any{
		nil, "", "0", true, false, int64(0), int64(1), 0.0, 1.0, math.Copysign(0, -1),
		[]any{},
		map[string]any{},
		[]any{nil},
		[]any{[]any{}},
		[]any{"ab"},
		[]any{"a", "b"},
		[]any{"a", []any{"b"}},
		[]any{[]any{"a"}, "b"},
		"s1a",
		map[string]any{"a": "b"},
		map[string]any{"a": nil},
		map[string]any{"a": map[string]any{"b": "c"}},
		map[string]any{"a": map[string]any{}, "b": "c"},
		map[string]any{"ab": "c"},
		map[string]any{"a": "bc"},
		[]any{"k1a"},
		[]any{map[string]any{"a": "b"}},
	}
	seen := map[string]any{}
	for _, d := range docs {
		b, ok := appendContents(nil, d)
		if !ok {
			t.Fatalf("%v has no contents", d)
		}
		if other, taken := seen[string(b)]; taken {
			t.Errorf("%#v and %#v have the same contents", d, other)
		}
		seen[string(b)] = d
	}
	if _, ok := appendContents(nil, []any{struct{}{}}); ok {
		t.Error("what is no document has contents")
	}
	large := []any{string(make([]byte, mostDocumentSize+1)), "x"}
	if _, ok := appendContents(nil, large); ok {
		t.Error("a large document is kept")
	}
}

// TestTrustOfEachAccount asks one evaluator about roles of one document in two
// accounts, back and forth: what is own in the one is foreign in the other.
func TestTrustOfEachAccount(t *testing.T) {
	schemas := map[string]*model.Schema{
		roleType:         shape(map[string]*model.Schema{"AssumeRolePolicyDocument": kind(model.Any)}),
		organizationType: shape(map[string]*model.Schema{"Id": kind(model.String)}),
		memberType:       shape(map[string]*model.Schema{"Id": kind(model.String)}),
	}
	e, err := New(schemas)
	if err != nil {
		t.Fatal(err)
	}
	p, err := e.Compile(model.Control{ID: "test", Type: roleType, Title: "t", Message: "m", Holds: `!asset.trust_external(config.AssumeRolePolicyDocument)`})
	if err != nil {
		t.Fatal(err)
	}
	role := func(account, member string) (*model.Asset, *Inventory) {
		scope := model.Scope{Provider: model.AWS, Partition: "aws", Account: account}
		a := &model.Asset{ID: "arn:aws:iam::" + account + ":role/r", Name: "r", Type: roleType, Scope: scope, Config: model.Document{
			"AssumeRolePolicyDocument": map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{
				"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"AWS": "arn:aws:iam::111111111111:root"},
			}}},
		}}
		inv := NewInventory()
		inv.Add(a)
		inv.Add(&model.Asset{ID: "m", Type: memberType, Scope: scope, Config: model.Document{"Id": member}})
		return a, inv
	}
	own, ownView := role("111111111111", "111111111111")
	foreign, foreignView := role("222222222222", "222222222222")
	sister, sisterView := role("222222222222", "111111111111")
	ev := NewEvaluator(NewInventory(), now)
	var got []model.Verdict
	for range 2 {
		for _, c := range []struct {
			a   *model.Asset
			inv *Inventory
		}{{own, ownView}, {foreign, foreignView}, {sister, sisterView}} {
			ev.In(c.inv)
			got = append(got, ev.Evaluate(p, c.a).Verdict)
		}
	}
	want := []model.Verdict{model.Pass, model.Fail, model.Pass, model.Pass, model.Fail, model.Pass}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
}

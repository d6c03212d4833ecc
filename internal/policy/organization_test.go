package policy

import (
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

// TestOptsOutOfAI holds that shapes that no service would keep decide nothing in
// favour; what well-formed policies mean stands in the control's examples.
func TestOptsOutOfAI(t *testing.T) {
	const locked = `"@@operators_allowed_for_child_policies": ["@@none"]`
	for _, tt := range []struct {
		name, doc string
		want      bool
	}{
		{"all of it", `{"services": {` + locked + `, "default": {"opt_out_policy": {` + locked + `, "@@assign": "optOut"}}}}`, true},
		{"nothing", `{}`, false},
		{"a text", `"optOut"`, false},
		{"services are a list", `{"services": [{"default": {"opt_out_policy": {"@@assign": "optOut"}}}]}`, false},
		{"the choice is a text", `{"services": {` + locked + `, "default": {"opt_out_policy": "optOut"}}}`, false},
		{"a service is a text", `{"services": {` + locked + `, "lex": "optOut", "default": {"opt_out_policy": {` + locked + `, "@@assign": "optOut"}}}}`, false},
		{"no operator in the list", `{"services": {"@@operators_allowed_for_child_policies": [], "default": {"opt_out_policy": {` + locked + `, "@@assign": "optOut"}}}}`, false},
		{"the word in other letters", `{"services": {` + locked + `, "default": {"opt_out_policy": {` + locked + `, "@@assign": "optout"}}}}`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := model.DecodeJSON([]byte(tt.doc))
			if err != nil {
				t.Fatal(err)
			}
			if got := optsOutOfAI(doc); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	if optsOutOfAI(nil) {
		t.Error("a document that is not there opts out")
	}
}

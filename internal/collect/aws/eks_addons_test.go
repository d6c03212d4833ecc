package aws

import (
	"testing"

	"github.com/stance-sec/stance/internal/model"
)

// TestKeepNetworkPolicy holds how the setting of the add-on is read, and that a
// configuration that is not understood is a gap.
func TestKeepNetworkPolicy(t *testing.T) {
	for _, tt := range []struct {
		name, addon, values string
		want                any
		gaps                int
	}{
		{"text in JSON", "vpc-cni", `{"enableNetworkPolicy": "true", "env": {"A": "b"}}`, true, 0},
		{"boolean in JSON", "vpc-cni", `{"enableNetworkPolicy": true}`, true, 0},
		{"YAML", "vpc-cni", "env:\n  A: b\nenableNetworkPolicy: \"true\"\n", true, 0},
		{"off", "vpc-cni", `{"enableNetworkPolicy": "false"}`, false, 0},
		{"not named", "vpc-cni", `{"env": {"enableNetworkPolicy": "true"}}`, false, 0},
		{"no configuration", "vpc-cni", "", false, 0},
		{"neither JSON nor YAML", "vpc-cni", "{enableNetworkPolicy: [", nil, 1},
		{"another add-on", "coredns", `{"enableNetworkPolicy": "true"}`, nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := model.Asset{Config: model.Document{"AddonName": tt.addon}}
			if tt.values != "" {
				a.Config["ConfigurationValues"] = tt.values
			}
			keepNetworkPolicy(&a)
			if got := a.Config["EnableNetworkPolicy"]; got != tt.want || len(a.Gaps) != tt.gaps {
				t.Errorf("%v and gaps %v, want %v and %d", got, a.Gaps, tt.want, tt.gaps)
			}
		})
	}
}

// TestUnreadAddon holds that an add-on that was not read says nothing.
func TestUnreadAddon(t *testing.T) {
	a := model.Asset{Config: model.Document{"AddonName": "vpc-cni"}, Gaps: []model.Gap{{Path: "", Reason: model.Denied}}}
	keepNetworkPolicy(&a)
	if got, ok := a.Config["EnableNetworkPolicy"]; ok {
		t.Errorf("got %v, want nothing", got)
	}
}

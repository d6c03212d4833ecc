package aws

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/stance-sec/stance/internal/model"
)

// settingOfCNI is what the add-on vpc-cni calls the setting by which it enforces
// network policies, and the member of Stance's own that holds it: the rest of
// the configuration may hold credentials and is left out.
// https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html
const (
	settingOfCNI  = "enableNetworkPolicy"
	memberOfCNI   = "EnableNetworkPolicy"
	addonOfCNI    = "vpc-cni"
	valuesOfAddon = "ConfigurationValues"
)

// keepNetworkPolicy reads the setting from the configuration of the add-on, which
// is JSON or YAML. One that does not name it leaves it off.
func keepNetworkPolicy(a *model.Asset) {
	if a.Config["AddonName"] != addonOfCNI {
		return
	}
	for i := range a.Gaps {
		if a.Gaps[i].Path == "" || a.Gaps[i].Path == "Addon" {
			return // the configuration was not read
		}
	}
	text, _ := a.Config[valuesOfAddon].(string)
	var values map[string]any
	if err := yaml.Unmarshal([]byte(text), &values); err != nil {
		a.Gaps = append(a.Gaps, model.Gap{
			Scope: a.Scope, Type: a.Type, Asset: a.ID, Path: memberOfCNI, Reason: model.Failed,
			Operation: "eks:DescribeAddon", Permission: "eks:DescribeAddon", Detail: "the configuration of the add-on is neither JSON nor YAML",
		})
		return
	}
	setting, ok := values[settingOfCNI]
	a.Config[memberOfCNI] = ok && strings.EqualFold(fmt.Sprint(setting), "true")
}

func networkPolicyShape(s *model.Schema) { s.Fields[memberOfCNI] = &model.Schema{Kind: model.Bool} }

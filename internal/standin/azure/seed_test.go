package azure

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestSeedsAreRefused(t *testing.T) {
	const acc = `"id": "` + accountA + `x"`
	res := func(s string) func(*Seed) {
		return func(seed *Seed) { seed.Resources = append(seed.Resources, json.RawMessage(s)) }
	}
	graph := func(path, s string) func(*Seed) {
		return func(seed *Seed) { seed.Graph[path] = json.RawMessage(s) }
	}
	for _, tt := range []struct {
		name string
		edit func(*Seed)
		want string
	}{
		{"misspelt member", res(`{` + acc + `, "properties": {"supportsHttpTrafficOnly": true}}`), `resources[19].properties.supportsHttpTrafficOnly: is not a member of AccountProperties; did you mean "supportsHttpsTrafficOnly"?`},
		{"member in the wrong case", res(`{` + acc + `, "properties": {"minimumTLSVersion": "TLS1_2"}}`), `did you mean "minimumTlsVersion"?`},
		{"misspelt member deep inside", res(`{` + acc + `, "properties": {"networkAcls": {"ipRules": [{"valu": "10.0.0.0/8"}]}}}`), `resources[19].properties.networkAcls.ipRules[0].valu: is not a member of IPRule`},
		{"misspelt root member", res(`{` + acc + `, "propertys": {}}`), `resources[19].propertys: is not a member of Account; did you mean "properties"?`},
		{"wrong type", res(`{` + acc + `, "properties": {"supportsHttpsTrafficOnly": "true"}}`), `resources[19].properties.supportsHttpsTrafficOnly: is string, want boolean`},
		{"number for a text", res(`{` + acc + `, "tags": {"a": 1}}`), `resources[19].tags.a: is number, want string`},
		{"unknown enum value", res(`{` + acc + `, "properties": {"minimumTlsVersion": "TLS12"}}`), `is "TLS12", want one of TLS1_0`},
		{"broken number", res(`{"id": "` + accountA + `/managementPolicies/default", "properties": {"policy": {"rules": [{"name": "r", "enabled": true, "type": "Lifecycle", "definition": {"actions": {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": "x"}}}}}]}}}`), `daysAfterModificationGreaterThan: is string, want number`},
		{"wrong time", res(`{` + acc + `, "properties": {"creationTime": "yesterday"}}`), `is "yesterday", want a time`},
		{"polymorphic member", res(`{"id": "/subscriptions/` + subA + `/providers/Microsoft.Security/settings/WDATP", "kind": "DataExportSettings", "properties": {"enabeld": true}}`), `did you mean "enabled"?`},
		{"polymorphic kind", res(`{"id": "/subscriptions/` + subA + `/providers/Microsoft.Security/settings/WDATP", "kind": "DataExport", "properties": {"enabled": true}}`), `resources[19].kind: is "DataExport", want one of`},
		{"root of a type without module", res(`{"id": "` + rgA + `/providers/Microsoft.Web/sites/b", "zone": ["1"]}`), `resources[19].zone: is not a member of an ARM object; did you mean "zones"?`},
		{"wrong kind of a root member", res(`{"id": "` + rgA + `/providers/Microsoft.Web/sites/b", "properties": []}`), `resources[19].properties: is array, want object`},
		{"unknown type", res(`{"id": "` + rgA + `/providers/Microsoft.Web/sitez/b"}`), `type Microsoft.Web/sitez is neither in the vendor's modules nor in the table of routes`},
		{"type that is not the id's", res(`{` + acc + `, "type": "Microsoft.Web/sites"}`), `resources[19].type: is "Microsoft.Web/sites", but the id is of "Microsoft.Storage/storageAccounts"`},
		{"id of a list", res(`{"id": "` + rgA + `/providers/Microsoft.Storage/storageAccounts"}`), `ends in a type`},
		{"twice", res(`{"id": "` + strings.ToUpper(accountA) + `"}`), `occurs twice`},
		{"subscription that is not there", res(`{"id": "/subscriptions/zzz/resourceGroups/rg"}`), `subscription zzz is not in the seed`},
		{"answer of an action", func(s *Seed) {
			s.Actions[0].Body = json.RawMessage(`{"value": [{"effectiveSecurityRule": []}]}`)
		}, `actions[0].body.value[0].effectiveSecurityRule: is not a member of EffectiveNetworkSecurityGroup`},
		{"unknown action", func(s *Seed) { s.Actions[0].Path += "x" }, `is not a call of the vendor`},
		{"Graph property", graph("users", `[{"id": "1", "acountEnabled": true}]`), `graph.users[0].acountEnabled: is not a member of user; did you mean "accountEnabled"?`},
		{"Graph member without type", graph("groups/1/members", `[{"id": "1"}]`), `graph.groups/1/members[0].@odata.type: is missing`},
		{"Graph path", graph("usrs", `[]`), `graph.usrs: is not a list or object of Microsoft Graph`},
		{"Graph list for an object", graph("policies/authorizationPolicy", `[]`), `want an object`},
		{"table", func(s *Seed) { s.Tables = map[string][]json.RawMessage{"policyresource": nil} }, `tables.policyresource: is not a table of Resource Graph`},
		{"parent group", func(s *Seed) { s.ManagementGroups[1].Parent = "x" }, `managementGroups[1].parent: "x" is not a management group of the seed`},
		{"circle of groups", func(s *Seed) { s.ManagementGroups[0].Parent = "platform" }, `form a circle`},
		{"state", func(s *Seed) { s.Subscriptions[0].State = "Off" }, `subscriptions[0].state: is "Off"`},
		{"fault", func(s *Seed) { s.Faults = []Fault{{Kind: "x"}} }, `faults[0]: kind "x" is none of`},
		{"licence", func(s *Seed) { s.Tenant.Licence = "E5" }, `tenant.licence: is "E5"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			seed := testSeed(t)
			tt.edit(&seed)
			s, err := New(seed, Options{})
			if err == nil {
				s.Close()
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestLenientSeedTakesNewEnumValues(t *testing.T) {
	seed := testSeed(t)
	seed.Lenient = true
	seed.Resources = append(seed.Resources, json.RawMessage(`{"id": "`+accountA+`x", "properties": {"minimumTlsVersion": "TLS1_9"}}`))
	start(t, seed)
}

func TestReadSeedRefusesUnknownMembers(t *testing.T) {
	for _, text := range []string{`{"tenat": {}}`, `{} {}`, `[`} {
		if _, err := ReadSeed(strings.NewReader(text)); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

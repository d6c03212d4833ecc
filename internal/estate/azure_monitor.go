package estate

import "strings"

// workspace adds a store of logs and returns its id.
func (s subscription) workspace(group, name, team string, days int) string {
	return idOf(s.add(group, "Microsoft.OperationalInsights/workspaces", name, team, doc{
		"retentionInDays": days, "publicNetworkAccessForIngestion": "Enabled", "publicNetworkAccessForQuery": "Enabled",
		"features": doc{"disableLocalAuth": true, "enableLogAccessUsingOnlyResourcePermissions": true},
	}))
}

// alerts adds an alarm for each of the operations that the CIS benchmark names,
// and who is told.
func (s subscription) alerts(group string, operations ...string) {
	told := s.add(group, "Microsoft.Insights/actionGroups", "ag-security", "security", doc{
		"enabled": true, "emailReceivers": list{doc{"name": "security", "emailAddress": "security@" + companyDomain, "status": "Enabled"}}, "webhookReceivers": list{}, "armRoleReceivers": list{},
	}, doc{"location": "global"})
	alert := func(name string, conditions ...doc) {
		all := list{}
		for _, c := range conditions {
			all = append(all, c)
		}
		s.add(group, "Microsoft.Insights/activityLogAlerts", name, "security", doc{
			"enabled": true, "scopes": list{"/subscriptions/" + s.sub}, "condition": doc{"allOf": all}, "actions": doc{"actionGroups": list{doc{"actionGroupId": idOf(told)}}},
		}, doc{"location": "global"})
	}
	for _, op := range operations {
		_, short, _ := strings.Cut(op, "/")
		alert("al-"+strings.ReplaceAll(strings.ToLower(short), "/", "-"), doc{"field": "category", "equals": "Administrative"}, doc{"field": "operationName", "equals": op})
	}
	alert("al-service-health", doc{"field": "category", "equals": "ServiceHealth"}, doc{"field": "properties.incidentType", "equals": "Incident"})
}

// watched are the operations that raise an alarm; the last four came later, and
// not to the subscription of finance.
var watched = []string{
	"Microsoft.Authorization/policyAssignments/write", "Microsoft.Authorization/policyAssignments/delete", "Microsoft.Network/networkSecurityGroups/write",
	"Microsoft.Network/networkSecurityGroups/delete", "Microsoft.Security/securitySolutions/write", "Microsoft.Security/securitySolutions/delete",
	"Microsoft.Sql/servers/firewallRules/write", "Microsoft.Sql/servers/firewallRules/delete", "Microsoft.Network/publicIPAddresses/write", "Microsoft.Network/publicIPAddresses/delete",
}

package azure

import (
	"slices"
	"strings"
)

// Escalation is a way in which the holder of a role can get more than the role
// gives, out of the role itself.
type Escalation struct {
	// ID names the row of the table: "Z001".
	ID string
	// Actions are those that the way takes, all of them.
	Actions []string
	// Gain is what the holder gets.
	Gain string
}

// String is the escalation in one line.
func (e Escalation) String() string {
	return e.ID + " " + strings.Join(e.Actions, " + ") + ": " + e.Gain
}

// hosts are what can be given a managed identity and made to run code by
// whoever may write it.
var hosts = []string{
	"Microsoft.Compute/virtualMachines/write", "Microsoft.Compute/virtualMachineScaleSets/write", "Microsoft.Web/sites/write",
	"Microsoft.ContainerInstance/containerGroups/write", "Microsoft.Automation/automationAccounts/write",
	"Microsoft.Logic/workflows/write", "Microsoft.DataFactory/factories/write", "Microsoft.Resources/deploymentScripts/write",
	"Microsoft.App/containerApps/write",
}

// escalations are the ways that need nothing but the role and its scope. Ways
// through what already runs there, such as commands on a machine, need the
// inventory and are not among them.
var escalations = func() []Escalation {
	const auth = "Microsoft.Authorization/"
	out := []Escalation{
		{"Z001", []string{auth + "roleAssignments/write"}, "any role at the scope and below"},
		{"Z003", []string{auth + "elevateAccess/action"}, "User Access Administrator of the whole tenant, for a Global Administrator"},
		{"Z004", []string{auth + "roleDefinitions/write"}, "any action, by a change of the own role"},
		{"Z005", []string{auth + "roleAssignmentScheduleRequests/write"}, "any role, active by Privileged Identity Management"},
		{"Z006", []string{auth + "roleEligibilityScheduleRequests/write"}, "any role after activation"},
		{"Z013", []string{auth + "policyAssignments/write", "Microsoft.PolicyInsights/remediations/write"}, "the roles of a policy assignment's identity"},
		{"Z014", []string{"Microsoft.Management/managementGroups/subscriptions/write"}, "rights inherited at another management group"},
		{"Z015", []string{"Microsoft.ManagedServices/registrationDefinitions/write", "Microsoft.ManagedServices/registrationAssignments/write"}, "roles for another tenant"},
		{"Z018", []string{"Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write"}, "a managed identity, signed in from outside"},
	}
	for _, host := range hosts {
		out = append(out, Escalation{"Z017", []string{"Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", host}, "any user-assigned identity in the scope"})
	}
	return out
}()

// Escalations returns the ways in which the holder of the role can get more, in
// the order of the table. The answer is True if there is one, and Unknown if
// none is sure and the role was not understood.
func (d Definition) Escalations() (Answer, []Escalation) {
	out := Answer{Value: False}
	var found []Escalation
	for _, e := range escalations {
		a := d.all(lower(e.Actions))
		out.Value = out.Value.Or(a.Value)
		switch a.Value {
		case True:
			e.Actions = slices.Clone(e.Actions)
			found = append(found, e)
			out.Because = append(out.Because, a.Because...)
		case Unknown:
			out.Missing = append(out.Missing, a.Missing...)
		}
	}
	if out.Value == False {
		out.Because = []string{d.Label() + " leads no further by itself"}
	}
	return answer(out.Value, out.Because, out.Missing), found
}

func lower(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.ToLower(s)
	}
	return out
}

// builtIn are names of built-in roles by the last segment of their id, which is
// the same in every tenant.
// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
var builtIn = map[string]string{
	"8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
	"b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
	"acdd72a7-3385-48ef-bd42-f606fba81ae7": "Reader",
	"18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
	"f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
}

// BuiltInName returns the name of a well-known built-in role by the id of its
// definition, or "".
func BuiltInName(id string) string { return builtIn[roleID(id)] }

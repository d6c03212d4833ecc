package azure

import "github.com/stance-sec/stance/internal/model"

const (
	authorizationVersion = "2022-04-01"
	eligibilityVersion   = "2020-10-01"
	// https://learn.microsoft.com/azure/templates/microsoft.aadiam/diagnosticsettings
	directoryLogsVersion = "2017-04-01"
)

// roleAssignment gives a principal a role at a scope and below.
// https://learn.microsoft.com/rest/api/authorization/role-assignments/get
type roleAssignment struct {
	PrincipalID                        string `json:"principalId"`
	PrincipalType                      string `json:"principalType"`
	RoleDefinitionID                   string `json:"roleDefinitionId"`
	Scope                              string `json:"scope"`
	Condition                          string `json:"condition"`
	ConditionVersion                   string `json:"conditionVersion"`
	DelegatedManagedIdentityResourceID string `json:"delegatedManagedIdentityResourceId"`
	CreatedOn                          string `json:"createdOn"`
}

type permission struct {
	Actions        []string `json:"actions"`
	NotActions     []string `json:"notActions"`
	DataActions    []string `json:"dataActions"`
	NotDataActions []string `json:"notDataActions"`
}

// roleDefinition is a role. https://learn.microsoft.com/rest/api/authorization/role-definitions/get
type roleDefinition struct {
	RoleName         string       `json:"roleName"`
	Type             string       `json:"type"`
	Description      string       `json:"description"`
	Permissions      []permission `json:"permissions"`
	AssignableScopes []string     `json:"assignableScopes"`
}

type principal struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

type denyAssignment struct {
	DenyAssignmentName      string       `json:"denyAssignmentName"`
	Scope                   string       `json:"scope"`
	Permissions             []permission `json:"permissions"`
	Principals              []principal  `json:"principals"`
	ExcludePrincipals       []principal  `json:"excludePrincipals"`
	DoNotApplyToChildScopes bool         `json:"doNotApplyToChildScopes"`
	IsSystemProtected       bool         `json:"isSystemProtected"`
}

// schedule is an eligible or active role of Privileged Identity Management.
// https://learn.microsoft.com/rest/api/authorization/role-eligibility-schedule-instances
type schedule struct {
	PrincipalID      string `json:"principalId"`
	PrincipalType    string `json:"principalType"`
	RoleDefinitionID string `json:"roleDefinitionId"`
	Scope            string `json:"scope"`
	MemberType       string `json:"memberType"`
	AssignmentType   string `json:"assignmentType"`
	StartDateTime    string `json:"startDateTime"`
	EndDateTime      string `json:"endDateTime"`
	Status           string `json:"status"`
}

// lock keeps what stands at its scope from being changed or deleted.
// https://learn.microsoft.com/rest/api/resources/management-locks
type lock struct {
	Level string `json:"level"`
	Notes string `json:"notes"`
}

type policyAssignment struct {
	DisplayName        string         `json:"displayName"`
	PolicyDefinitionID string         `json:"policyDefinitionId"`
	Scope              string         `json:"scope"`
	NotScopes          []string       `json:"notScopes"`
	EnforcementMode    string         `json:"enforcementMode"`
	Parameters         map[string]any `json:"parameters"`
}

type policyDefinition struct {
	DisplayName       string `json:"displayName"`
	PolicyType        string `json:"policyType"`
	Mode              string `json:"mode"`
	PolicyRule        any    `json:"policyRule"`
	PolicyDefinitions []struct {
		PolicyDefinitionID string `json:"policyDefinitionId"`
	} `json:"policyDefinitions"`
}

type policyExemption struct {
	ExemptionCategory  string `json:"exemptionCategory"`
	ExpiresOn          string `json:"expiresOn"`
	PolicyAssignmentID string `json:"policyAssignmentId"`
}

// classicAdministrator is of the retired way to give rights to a subscription.
// https://learn.microsoft.com/azure/role-based-access-control/classic-administrators
type classicAdministrator struct {
	EmailAddress string `json:"emailAddress"`
	Role         string `json:"role"`
}

// rolePolicy are the rules by which an eligible role is activated.
// https://learn.microsoft.com/rest/api/authorization/role-management-policy-assignments
type rolePolicy struct {
	Scope            string           `json:"scope"`
	RoleDefinitionID string           `json:"roleDefinitionId"`
	PolicyID         string           `json:"policyId"`
	EffectiveRules   []map[string]any `json:"effectiveRules"`
}

// policyState is what a policy says of one asset.
// https://learn.microsoft.com/rest/api/policyinsights/policy-states
type policyState struct {
	ComplianceState      string `json:"complianceState"`
	PolicyAssignmentID   string `json:"policyAssignmentId"`
	PolicyDefinitionID   string `json:"policyDefinitionId"`
	PolicyDefinitionName string `json:"policyDefinitionName"`
	ResourceID           string `json:"resourceId"`
	Timestamp            string `json:"timestamp"`
}

// subscriptionPolicy says whether subscriptions may change their tenant.
// https://learn.microsoft.com/rest/api/subscription/subscription-policy/list-policy-for-tenant
type subscriptionPolicy struct {
	BlockSubscriptionsLeavingTenant bool     `json:"blockSubscriptionsLeavingTenant"`
	BlockSubscriptionsIntoTenant    bool     `json:"blockSubscriptionsIntoTenant"`
	ExemptedPrincipals              []string `json:"exemptedPrincipals"`
}

type userAssignedIdentity struct {
	PrincipalID string `json:"principalId"`
	ClientID    string `json:"clientId"`
	TenantID    string `json:"tenantId"`
}

// federatedCredential lets tokens of another issuer act as an identity.
// https://learn.microsoft.com/rest/api/managedidentity/federated-identity-credentials/list
type federatedCredential struct {
	Issuer    string   `json:"issuer"`
	Subject   string   `json:"subject"`
	Audiences []string `json:"audiences"`
}

// noPremium is what Privileged Identity Management and access reviews answer in a
// tenant without the licence for them: nobody can be eligible or activate anything
// there, and nothing is reviewed. That reports refuse a tenant as "non-premium" is no
// such proof, as they do so for lack of a permission as well.
// https://learn.microsoft.com/entra/id-governance/licensing-fundamentals
// https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/3581
var noPremium = []string{"AadPremiumLicenseRequired"}

// builtIn says that a role or a definition of a policy is Microsoft's own.
func builtIn(member string, values ...string) func(model.Document) bool {
	return func(doc model.Document) bool {
		properties, _ := doc["properties"].(map[string]any)
		for _, v := range values {
			if properties[member] == v {
				return true
			}
		}
		return false
	}
}

func init() {
	perSubscription := func(name, version string) *List {
		return &List{Path: "providers/Microsoft.Authorization/" + name, Version: version}
	}
	premium := func(name string) *List {
		l := perSubscription(name, eligibilityVersion)
		l.Absent = noPremium
		return l
	}
	register(Collector{Name: "authorization", Types: []Type{
		{Name: "Microsoft.Authorization/roleAssignments", Class: "role assignment", Table: "authorizationresources", Version: authorizationVersion, Properties: roleAssignment{}},
		{
			Name: "Microsoft.Authorization/roleDefinitions", Class: "role", Table: "authorizationresources", Version: authorizationVersion, Properties: roleDefinition{},
			Label: "{properties.roleName}", Managed: builtIn("type", "BuiltInRole"),
		},
		{Name: "Microsoft.Authorization/denyAssignments", Class: "policy", Version: authorizationVersion, Properties: denyAssignment{}, List: perSubscription("denyAssignments", authorizationVersion)},
		{Name: "Microsoft.Authorization/roleEligibilityScheduleInstances", Class: "role assignment", Version: eligibilityVersion, Properties: schedule{}, List: premium("roleEligibilityScheduleInstances")},
		{Name: "Microsoft.Authorization/roleAssignmentScheduleInstances", Class: "role assignment", Version: eligibilityVersion, Properties: schedule{}, List: premium("roleAssignmentScheduleInstances")},
		{Name: "Microsoft.Authorization/roleManagementPolicyAssignments", Class: "role policy", Version: eligibilityVersion, Properties: rolePolicy{}, List: perSubscription("roleManagementPolicyAssignments", eligibilityVersion)},
		{Name: "Microsoft.Authorization/classicAdministrators", Class: "role assignment", Table: "authorizationresources", Properties: classicAdministrator{}, Label: "{properties.emailAddress}"},
		{Name: "Microsoft.Authorization/locks", Class: "lock", Version: "2020-05-01", Properties: lock{}, List: perSubscription("locks", "2020-05-01")},
	}})
	register(Collector{Name: "policy", Types: []Type{
		{Name: "Microsoft.Authorization/policyAssignments", Class: "policy", Table: "policyresources", Version: "2024-05-01", Properties: policyAssignment{}, Label: "{properties.displayName}"},
		{
			Name: "Microsoft.Authorization/policyDefinitions", Class: "policy", Table: "policyresources", Version: "2024-05-01", Properties: policyDefinition{},
			Label: "{properties.displayName}", Managed: builtIn("policyType", "BuiltIn", "Static"),
		},
		{
			Name: "Microsoft.Authorization/policySetDefinitions", Class: "policy", Table: "policyresources", Version: "2024-05-01", Properties: policyDefinition{},
			Label: "{properties.displayName}", Managed: builtIn("policyType", "BuiltIn", "Static"),
		},
		{Name: "Microsoft.Authorization/policyExemptions", Class: "policy", Table: "policyresources", Version: "2022-07-01-preview", Properties: policyExemption{}},
		{
			// Those that comply are as many as assets times policies.
			Name: "Microsoft.PolicyInsights/policyStates", Class: "vendor finding", Table: "policyresources", Properties: policyState{},
			Where: "properties.complianceState =~ 'NonCompliant'",
		},
	}})
	register(Collector{Name: "tenant", Types: []Type{
		{
			Name: "Microsoft.Subscription/policies", Class: "tenant settings", Version: "2021-10-01", Properties: subscriptionPolicy{},
			List: &List{Parent: TenantType, Path: "providers/Microsoft.Subscription/policies", Version: "2021-10-01"}, Label: "subscription policy",
		},
		{
			Name: "Microsoft.Aadiam/diagnosticSettings", Class: "log collection", Version: directoryLogsVersion, Properties: diagnosticSetting{},
			List: &List{Parent: TenantType, Path: "providers/Microsoft.Aadiam/diagnosticSettings", Version: directoryLogsVersion},
		},
	}})
	register(Collector{Name: "managedidentity", Types: []Type{{
		Name: "Microsoft.ManagedIdentity/userAssignedIdentities", Class: "service identity", Table: "resources", Version: "2023-01-31", Properties: userAssignedIdentity{},
		Side: []Read{{Member: "federatedIdentityCredentials", Path: "federatedIdentityCredentials", Version: "2023-01-31", Items: true, Item: federatedCredential{}}},
	}}})
}

package azure

import (
	"reflect"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

// subscriptionProperties are those of a subscription's row, with what Azure
// Resource Manager says of it.
// https://learn.microsoft.com/rest/api/resources/subscriptions/get
type subscriptionProperties struct {
	State                         string     `json:"state"`
	TenantID                      string     `json:"tenantId"`
	AuthorizationSource           string     `json:"authorizationSource"`
	ManagementGroupAncestorsChain []ancestor `json:"managementGroupAncestorsChain"`
	SubscriptionPolicies          struct {
		LocationPlacementID string `json:"locationPlacementId"`
		QuotaID             string `json:"quotaId"`
		SpendingLimit       string `json:"spendingLimit"`
	} `json:"subscriptionPolicies"`
	ManagedByTenants []struct {
		TenantID string `json:"tenantId"`
	} `json:"managedByTenants"`
}

// ancestor is a management group above, the nearest first.
type ancestor struct {
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
}

// managementGroup is a management group's row.
type managementGroup struct {
	TenantID    string `json:"tenantId"`
	DisplayName string `json:"displayName"`
	Details     struct {
		ManagementGroupAncestorsChain []ancestor `json:"managementGroupAncestorsChain"`
		Parent                        struct {
			ID          string `json:"id"`
			Name        string `json:"name"`
			DisplayName string `json:"displayName"`
		} `json:"parent"`
	} `json:"details"`
}

type resourceGroup struct {
	ProvisioningState string `json:"provisioningState"`
}

// defenderPlan is one plan of Defender for Cloud.
// https://learn.microsoft.com/rest/api/defenderforcloud/pricings/list
type defenderPlan struct {
	PricingTier            string `json:"pricingTier"`
	SubPlan                string `json:"subPlan"`
	Enforce                string `json:"enforce"`
	Inherited              string `json:"inherited"`
	InheritedFrom          string `json:"inheritedFrom"`
	Deprecated             bool   `json:"deprecated"`
	EnablementTime         string `json:"enablementTime"`
	FreeTrialRemainingTime string `json:"freeTrialRemainingTime"`
	ResourcesCoverage      string `json:"resourcesCoverageStatus"`
	Extensions             []struct {
		Name                          string         `json:"name"`
		IsEnabled                     string         `json:"isEnabled"`
		AdditionalExtensionProperties map[string]any `json:"additionalExtensionProperties"`
	} `json:"extensions"`
}

// securityContact is who is told of alerts.
// https://learn.microsoft.com/rest/api/defenderforcloud/security-contacts/list
type securityContact struct {
	IsEnabled           bool   `json:"isEnabled"`
	Emails              string `json:"emails"`
	Phone               string `json:"phone"`
	NotificationsByRole struct {
		State string   `json:"state"`
		Roles []string `json:"roles"`
	} `json:"notificationsByRole"`
	NotificationsSources []struct {
		SourceType       string `json:"sourceType"`
		MinimalSeverity  string `json:"minimalSeverity"`
		MinimalRiskLevel string `json:"minimalRiskLevel"`
	} `json:"notificationsSources"`
}

type autoProvisioningSetting struct {
	AutoProvision string `json:"autoProvision"`
}

// securitySetting is a switch of Defender for Cloud: MCAS, WDATP, Sentinel.
type securitySetting struct {
	Enabled bool `json:"enabled"`
}

type serverVulnerabilityAssessmentsSetting struct {
	SelectedProvider string `json:"selectedProvider"`
}

type workspaceSetting struct {
	WorkspaceID string `json:"workspaceId"`
	Scope       string `json:"scope"`
}

// securityAutomation is a continuous export or a workflow.
type securityAutomation struct {
	Description string `json:"description"`
	IsEnabled   bool   `json:"isEnabled"`
	Scopes      []struct {
		Description string `json:"description"`
		ScopePath   string `json:"scopePath"`
	} `json:"scopes"`
	Sources []struct {
		EventSource string           `json:"eventSource"`
		RuleSets    []map[string]any `json:"ruleSets"`
	} `json:"sources"`
	Actions []struct {
		ActionType          string `json:"actionType"`
		WorkspaceResourceID string `json:"workspaceResourceId"`
		EventHubResourceID  string `json:"eventHubResourceId"`
		LogicAppResourceID  string `json:"logicAppResourceId"`
	} `json:"actions"`
}

// activityLogSetting says where the activity log goes.
// https://learn.microsoft.com/rest/api/monitor/subscription-diagnostic-settings/list
type activityLogSetting struct {
	WorkspaceID                 string `json:"workspaceId"`
	StorageAccountID            string `json:"storageAccountId"`
	EventHubAuthorizationRuleID string `json:"eventHubAuthorizationRuleId"`
	EventHubName                string `json:"eventHubName"`
	MarketplacePartnerID        string `json:"marketplacePartnerId"`
	ServiceBusRuleID            string `json:"serviceBusRuleId"`
	Logs                        []struct {
		Category      string    `json:"category"`
		CategoryGroup string    `json:"categoryGroup"`
		Enabled       bool      `json:"enabled"`
		Retention     retention `json:"retentionPolicy"`
	} `json:"logs"`
}

// logProfile is the retired form of the activity log's export.
type logProfile struct {
	StorageAccountID string    `json:"storageAccountId"`
	ServiceBusRuleID string    `json:"serviceBusRuleId"`
	Locations        []string  `json:"locations"`
	Categories       []string  `json:"categories"`
	RetentionPolicy  retention `json:"retentionPolicy"`
}

type scopeLock struct {
	Level  string `json:"level"`
	Notes  string `json:"notes"`
	Owners []struct {
		ApplicationID string `json:"applicationId"`
	} `json:"owners"`
}

// roleScheduleInstance is an eligible or active role of Privileged Identity
// Management.
// https://learn.microsoft.com/rest/api/authorization/role-eligibility-schedule-instances/list-for-scope
type roleScheduleInstance struct {
	Scope            string `json:"scope"`
	RoleDefinitionID string `json:"roleDefinitionId"`
	PrincipalID      string `json:"principalId"`
	PrincipalType    string `json:"principalType"`
	StartDateTime    string `json:"startDateTime"`
	EndDateTime      string `json:"endDateTime"`
	CreatedOn        string `json:"createdOn"`
	Status           string `json:"status"`
	MemberType       string `json:"memberType"`
	AssignmentType   string `json:"assignmentType"`
	Condition        string `json:"condition"`
	ConditionVersion string `json:"conditionVersion"`
}

// scopeDenyAssignment takes actions away, whatever roles give.
// https://learn.microsoft.com/rest/api/authorization/deny-assignments/list
type scopeDenyAssignment struct {
	DenyAssignmentName      string           `json:"denyAssignmentName"`
	Description             string           `json:"description"`
	Scope                   string           `json:"scope"`
	IsSystemProtected       bool             `json:"isSystemProtected"`
	DoNotApplyToChildScopes bool             `json:"doNotApplyToChildScopes"`
	Principals              []scopePrincipal `json:"principals"`
	ExcludePrincipals       []scopePrincipal `json:"excludePrincipals"`
	Permissions             []struct {
		Actions        []string `json:"actions"`
		NotActions     []string `json:"notActions"`
		DataActions    []string `json:"dataActions"`
		NotDataActions []string `json:"notDataActions"`
	} `json:"permissions"`
}

type scopePrincipal struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// tenantDocument is a tenant as its list shows it.
// https://learn.microsoft.com/rest/api/resources/tenants/list
type tenantDocument struct {
	ID             string   `json:"id"`
	Name           string   `json:"name"`
	Type           string   `json:"type"`
	TenantID       string   `json:"tenantId"`
	DisplayName    string   `json:"displayName"`
	TenantCategory string   `json:"tenantCategory"`
	TenantType     string   `json:"tenantType"`
	CountryCode    string   `json:"countryCode"`
	DefaultDomain  string   `json:"defaultDomain"`
	Domains        []string `json:"domains"`
}

func init() {
	list := func(member, provider, version string, item any) Read {
		return Read{Member: member, Path: "providers/" + provider + "/" + member, Version: version, Items: true, Item: item}
	}
	const security, authorization, insights = "Microsoft.Security", "Microsoft.Authorization", "Microsoft.Insights"
	register(Collector{Name: "scope", Types: []Type{
		{
			Name: SubscriptionType, Class: "account", Table: "resourcecontainers", Version: subscriptionsVersion, Properties: subscriptionProperties{},
			Side: []Read{
				list("pricings", security, "2024-01-01", defenderPlan{}),
				list("securityContacts", security, "2023-12-01-preview", securityContact{}),
				list("autoProvisioningSettings", security, "2017-08-01-preview", autoProvisioningSetting{}),
				list("settings", security, "2022-05-01", securitySetting{}),
				list("serverVulnerabilityAssessmentsSettings", security, "2023-05-01", serverVulnerabilityAssessmentsSetting{}),
				list("workspaceSettings", security, "2017-08-01-preview", workspaceSetting{}),
				list("automations", security, "2023-12-01-preview", securityAutomation{}),
				list("diagnosticSettings", insights, "2021-05-01-preview", activityLogSetting{}),
				list("logProfiles", insights, "2016-03-01", logProfile{}),
				list("locks", authorization, "2020-05-01", scopeLock{}),
				list("roleEligibilityScheduleInstances", authorization, "2020-10-01", roleScheduleInstance{}),
				list("roleAssignmentScheduleInstances", authorization, "2020-10-01", roleScheduleInstance{}),
				list("denyAssignments", authorization, "2022-04-01", scopeDenyAssignment{}),
			},
		},
		{
			Name: "Microsoft.Resources/subscriptions/resourceGroups", Class: "resource group", Table: "resourcecontainers",
			Version: "2021-04-01", Properties: resourceGroup{},
		},
		{
			Name: GroupType, Class: "folder", Table: "resourcecontainers", Version: groupsVersion, Properties: managementGroup{},
		},
		{
			Name: TenantType, Class: "organization", Version: subscriptionsVersion,
			Shape: func(s *model.Schema) { *s = *(&collect.Shapes{}).Of(reflect.TypeFor[tenantDocument]()) },
		},
	}})
}

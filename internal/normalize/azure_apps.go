package normalize

import (
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

func azureApplications() {
	on(func(s shape) {
		s.service()
		s.arm(model.MemberOf, azureSubnet, s.text("properties.virtualNetworkSubnetId"))
		s.arm(model.MemberOf, "Microsoft.Web/serverfarms", s.text("properties.serverFarmId"))
		if s.siteAnswersAll() {
			s.exposed("its public network access")
		}
	}, "Microsoft.Web/sites")
	on(func(s shape) {
		s.service()
		s.below("Microsoft.Web/sites", "/slots/")
		s.arm(model.MemberOf, azureSubnet, s.text("properties.virtualNetworkSubnetId"))
		s.arm(model.MemberOf, "Microsoft.Web/serverfarms", s.text("properties.serverFarmId"))
		if s.siteAnswersAll() {
			s.exposed("its public network access")
		}
	}, "Microsoft.Web/sites/slots")
	on(func(s shape) {
		s.endpoints()
		if s.known("properties") && !s.is("properties.publicNetworkAccess", "Disabled") {
			s.exposed("its public network access")
		}
	}, "Microsoft.Web/staticSites")
	on(func(s shape) { s.identity() }, "Microsoft.Logic/workflows")
	on(func(s shape) {
		s.service()
		s.arm(model.MemberOf, azureSubnet, s.text("properties.virtualNetworkConfiguration.subnetResourceId"))
		// https://learn.microsoft.com/azure/api-management/virtual-network-concepts
		if s.known("properties") && !s.is("properties.virtualNetworkType", "Internal") && !s.is("properties.publicNetworkAccess", "Disabled") {
			s.exposed("its gateway")
		}
	}, "Microsoft.ApiManagement/service")
	on(func(s shape) {
		s.service()
		s.vaultKey(s.text("properties.encryption.keyVaultProperties.keyvaultUri"), s.text("properties.encryption.keyVaultProperties.keyName"))
	}, "Microsoft.Automation/automationAccounts")
	on(func(s shape) {
		s.identity()
		s.diagnostics()
		for _, p := range s.list("securityPolicies") {
			s.arm(model.AttachedTo, "Microsoft.Network/frontDoorWebApplicationFirewallPolicies", itemText(p, "properties.parameters.wafPolicy.id"))
		}
	}, "Microsoft.Cdn/profiles")
	on(func(s shape) {
		s.holdsData()
		s.service()
		s.vaultKey(s.text("properties.encryption.keyVaultProperties.keyVaultUri"), s.text("properties.encryption.keyVaultProperties.keyName"))
		s.armEach(model.AttachedTo, azureSubnet, "properties.networkAcls.virtualNetworkRules", "id")
	}, "Microsoft.CognitiveServices/accounts")
	on(func(s shape) {
		s.holdsData()
		s.service()
		s.keyURI(s.text("properties.encryption.keyVaultProperties.keyIdentifier"))
		s.arm(model.Uses, azureStorage, s.text("properties.storageAccount"))
		s.arm(model.Uses, azureVault, s.text("properties.keyVault"))
		s.arm(model.Uses, "Microsoft.ContainerRegistry/registries", s.text("properties.containerRegistry"))
		s.arm(model.LogsTo, "Microsoft.Insights/components", s.text("properties.applicationInsights"))
	}, "Microsoft.MachineLearningServices/workspaces")
	on(func(s shape) {
		s.holdsData()
		s.service()
	}, "Microsoft.Search/searchServices")
	on(func(s shape) { s.service() }, "Microsoft.SignalRService/signalR", "Microsoft.SignalRService/webPubSub")
}

// siteAnswersAll says whether an app is reached from everywhere: public access is
// not off, and the restrictions of its addresses, which end in a denial once
// there is one, admit all. What was not read exposes nothing.
// https://learn.microsoft.com/azure/app-service/overview-access-restrictions
func (s shape) siteAnswersAll() bool {
	if !s.known("properties.siteConfig") || s.is("properties.publicNetworkAccess", "Disabled") {
		return false
	}
	restrictions := s.list("properties.siteConfig.ipSecurityRestrictions")
	if len(restrictions) == 0 {
		return !s.is("properties.siteConfig.ipSecurityRestrictionsDefaultAction", "Deny")
	}
	for _, r := range restrictions {
		switch address := itemText(r, "ipAddress"); {
		case !strings.EqualFold(itemText(r, "action"), "Allow"):
			if strings.EqualFold(address, "Any") {
				return false
			}
		case strings.EqualFold(address, "Any"), address == "0.0.0.0/0":
			return true
		}
	}
	return false
}

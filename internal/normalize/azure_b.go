package normalize

import (
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/network"
)

// Types of Azure that documents of compute, applications and databases name.
const (
	azureIdentity    = "Microsoft.ManagedIdentity/userAssignedIdentities"
	azureEndpoint    = "Microsoft.Network/privateEndpoints"
	azureDisk        = "Microsoft.Compute/disks"
	azureDiskKeys    = "Microsoft.Compute/diskEncryptionSets"
	azureScaleSet    = "Microsoft.Compute/virtualMachineScaleSets"
	azureSQLServer   = "Microsoft.Sql/servers"
	azureEnvironment = "Microsoft.App/managedEnvironments"
)

func init() {
	azureMachines()
	azureContainers()
	azureApplications()
	azureDatabases()
	azureData()
}

// identity relates the asset to the identities that it runs as: its own service
// principal, which the directory knows by the same id, and the shared ones.
func (s shape) identity() {
	if id := s.text("identity.principalId"); id != "" {
		s.to(model.RunsAs, "graph/servicePrincipal", "graph/servicePrincipals/"+strings.ToLower(id))
	}
	shared, _ := at(map[string]any(s.Config), "identity.userAssignedIdentities").(map[string]any)
	ids := make([]string, 0, len(shared))
	for id := range shared {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	s.arm(model.RunsAs, azureIdentity, ids...)
}

// endpoints relates the asset to the private endpoints that lead to it.
func (s shape) endpoints() {
	for _, c := range s.list("properties.privateEndpointConnections") {
		if strings.EqualFold(itemText(c, "properties.privateLinkServiceConnectionState.status"), "Approved") {
			s.arm(model.AttachedTo, azureEndpoint, itemText(c, "properties.privateEndpoint.id"))
		}
	}
}

// keyURI relates the asset to a key by its address, with or without a version.
func (s shape) keyURI(addresses ...string) {
	for _, address := range addresses {
		if uri, rest, ok := strings.Cut(address, "/keys/"); ok {
			name, _, _ := strings.Cut(rest, "/")
			s.vaultKey(uri, name)
		}
	}
}

// service derives what the documents of most services have in common.
func (s shape) service() {
	s.identity()
	s.endpoints()
	s.diagnostics()
}

// is says whether the text at a path is one of these; case does not count.
func (s shape) is(path string, values ...string) bool {
	have := s.text(path)
	return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, have) })
}

// unread says that a member could not be read, so that nothing follows from its
// absence.
func (s shape) unread(path string) bool {
	return slices.ContainsFunc(s.Gaps, func(g model.Gap) bool {
		return g.Path == "" || g.Path == path || strings.HasPrefix(path, g.Path+".") || strings.HasPrefix(g.Path, path+".")
	})
}

// known says that all of a member was read and that it is there.
func (s shape) known(path string) bool {
	return at(map[string]any(s.Config), path) != nil && !s.unread(path)
}

// openRules says whether the rules of a database's firewall together admit the
// internet. Azure calls the members differently.
func (s shape) openRules() bool {
	var all network.AddrSet
	for _, r := range s.list("firewallRules") {
		first, last := itemText(r, "properties.startIpAddress"), itemText(r, "properties.endIpAddress")
		if first == "" {
			first, last = itemText(r, "properties.startIP"), itemText(r, "properties.endIP")
		}
		if set, err := network.AddrRange(first, last); err == nil {
			all = all.Union(set)
		}
	}
	return network.BreadthOf(all, network.AnyFamily) == network.BreadthAny
}

// openPrefixes says whether addresses at a path together are the internet.
func (s shape) openPrefixes(path, member string) bool {
	var cidrs []string
	for _, e := range s.list(path) {
		if c := itemText(e, member); c != "" {
			cidrs = append(cidrs, c)
		}
	}
	return network.IsInternet(cidrs)
}

func azureMachines() {
	on(func(s shape) {
		s.identity()
		s.armEach(model.Uses, azureInterface, "properties.networkProfile.networkInterfaces", "id")
		s.arm(model.MemberOf, azureScaleSet, s.text("properties.virtualMachineScaleSet.id"))
		s.storage("properties.storageProfile")
	}, azureMachine)
	on(func(s shape) {
		s.identity()
		s.storage("properties.virtualMachineProfile.storageProfile")
		for _, n := range s.list("properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations") {
			m, _ := n.(map[string]any)
			s.arm(model.AttachedTo, azureFilter, text(m, "properties.networkSecurityGroup.id"))
			for _, c := range list(m, "properties.ipConfigurations") {
				s.arm(model.MemberOf, azureSubnet, itemText(c, "properties.subnet.id"))
			}
		}
	}, azureScaleSet)
	on(func(s shape) { s.below(azureMachine, "/extensions/") }, "Microsoft.Compute/virtualMachines/extensions")
	on(func(s shape) {
		s.holdsData()
		s.arm(model.AttachedTo, azureMachine, s.text("managedBy"))
		s.arm(model.EncryptsWith, azureDiskKeys, s.text("properties.encryption.diskEncryptionSetId"))
	}, azureDisk)
	on(func(s shape) {
		s.holdsData()
		s.arm(model.EncryptsWith, azureDiskKeys, s.text("properties.encryption.diskEncryptionSetId"))
		s.arm(model.Uses, azureDisk, s.text("properties.creationData.sourceResourceId"))
	}, "Microsoft.Compute/snapshots")
	on(func(s shape) {
		s.holdsData()
		s.arm(model.Uses, azureMachine, s.text("properties.sourceVirtualMachine.id"))
		s.storage("properties.storageProfile")
	}, "Microsoft.Compute/images")
	on(func(s shape) {
		s.holdsData()
		if s.is("properties.sharingProfile.permissions", "Community") {
			s.exposed("its sharing with everybody")
		}
	}, "Microsoft.Compute/galleries")
	on(func(s shape) {
		s.identity()
		s.keyURI(s.text("properties.activeKey.keyUrl"))
		s.arm(model.Uses, azureVault, s.text("properties.activeKey.sourceVault.id"))
	}, azureDiskKeys)
	on(func(s shape) { s.identity() }, "Microsoft.HybridCompute/machines")
	on(func(s shape) {
		s.armEach(model.Protects, azureMachine, "properties.virtualMachines", "id")
	}, "Microsoft.Security/locations/jitNetworkAccessPolicies")
}

// storage relates a machine to its disks, their keys and its image.
func (s shape) storage(path string) {
	profile, _ := at(map[string]any(s.Config), path).(map[string]any)
	disks := append(list(profile, "osDisk"), list(profile, "dataDisks")...)
	for _, d := range disks {
		s.arm(model.Uses, azureDisk, itemText(d, "managedDisk.id"))
		s.arm(model.EncryptsWith, azureDiskKeys, itemText(d, "managedDisk.diskEncryptionSet.id"))
	}
	s.arm(model.Uses, "", text(profile, "imageReference.id"))
}

func azureContainers() {
	on(func(s shape) {
		s.service()
		s.arm(model.EncryptsWith, azureDiskKeys, s.text("properties.diskEncryptionSetID"))
		s.armEach(model.MemberOf, azureSubnet, "properties.agentPoolProfiles", "vnetSubnetID")
		kubelet, _ := at(map[string]any(s.Config), "properties.identityProfile.kubeletidentity").(map[string]any)
		s.arm(model.RunsAs, azureIdentity, text(kubelet, "resourceId"))
		private := at(map[string]any(s.Config), "properties.apiServerAccessProfile.enablePrivateCluster") == true || s.is("properties.publicNetworkAccess", "Disabled")
		ranges := s.list("properties.apiServerAccessProfile.authorizedIPRanges")
		if s.known("properties") && !private && (len(ranges) == 0 || s.openPrefixes("properties.apiServerAccessProfile.authorizedIPRanges", "")) {
			s.exposed("its API")
		}
	}, "Microsoft.ContainerService/managedClusters")
	on(func(s shape) {
		s.holdsData()
		s.service()
		s.keyURI(s.text("properties.encryption.keyVaultProperties.keyIdentifier"))
		if at(map[string]any(s.Config), "properties.anonymousPullEnabled") == true && !s.is("properties.publicNetworkAccess", "Disabled") {
			s.exposed("its anonymous pulls")
		}
	}, "Microsoft.ContainerRegistry/registries")
	on(func(s shape) {
		s.identity()
		s.armEach(model.MemberOf, azureSubnet, "properties.subnetIds", "id")
		s.vaultKey(s.text("properties.encryptionProperties.vaultBaseUrl"), s.text("properties.encryptionProperties.keyName"))
		if s.is("properties.ipAddress.type", "Public") {
			s.exposed("its public address")
		}
	}, "Microsoft.ContainerInstance/containerGroups")
	// An external ingress is one of the environment's network, which may be shut.
	on(func(s shape) {
		s.identity()
		s.arm(model.MemberOf, azureEnvironment, s.text("properties.managedEnvironmentId"), s.text("properties.environmentId"))
	}, "Microsoft.App/containerApps")
	on(func(s shape) {
		s.arm(model.MemberOf, azureSubnet, s.text("properties.vnetConfiguration.infrastructureSubnetId"))
	}, azureEnvironment)
	on(func(s shape) {
		s.service()
		s.keyURI(s.text("properties.encryption.keyVaultProperties.keyIdentifier"))
	}, "Microsoft.Batch/batchAccounts")
}

package estate

import (
	"strings"

	"github.com/stance-sec/stance/internal/model"
)

// server is a virtual machine. What is not said is as the company wants it.
type server struct {
	name, team, group string
	age               int
	subnet            string // its id
	address           string // a public address
	windows           bool
	size, private     string
	plain             bool // an old image: no trusted launch, disks that anybody may export
	password          bool
	encryptionSet     string
	image             string // of the company's own
	identity          doc
	data              int // size of a data disk
	note              string
}

// machine adds a virtual machine with its interface and disks.
func (s subscription) machine(m server) *model.Asset {
	nic := s.path(m.group, "Microsoft.Network/networkInterfaces", "nic-"+m.name)
	id := s.path(m.group, "Microsoft.Compute/virtualMachines", m.name)
	ip := doc{"privateIPAddress": m.private, "privateIPAddressVersion": "IPv4", "subnet": refTo(m.subnet), "primary": true, "applicationSecurityGroups": list{}}
	if m.address != "" {
		ip["publicIPAddress"] = refTo(s.address(m.group, "pip-"+m.name, m.team, m.address, nic+"/ipConfigurations/ipconfig1"))
	}
	n := doc{
		"ipConfigurations":   list{doc{"id": nic + "/ipConfigurations/ipconfig1", "name": "ipconfig1", "properties": ip}},
		"enableIPForwarding": false, "virtualMachine": refTo(id),
	}
	s.add(m.group, "Microsoft.Network/networkInterfaces", "nic-"+m.name, m.team, n)
	os := s.disk(m, "osdisk", 128)
	storage := doc{
		"imageReference": doc{"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server", "version": "latest"},
		"osDisk":         doc{"name": "osdisk-" + m.name, "osType": "Linux", "managedDisk": doc{"id": os, "storageAccountType": "Premium_LRS"}}, "dataDisks": list{},
	}
	profile := doc{"computerName": m.name, "adminUsername": "lindenadmin", "allowExtensionOperations": true}
	if m.windows {
		storage["imageReference"] = doc{"publisher": "MicrosoftWindowsServer", "offer": "WindowsServer", "sku": "2022-datacenter-azure-edition", "version": "latest"}
		storage["osDisk"] = doc{"name": "osdisk-" + m.name, "osType": "Windows", "managedDisk": doc{"id": os, "storageAccountType": "Premium_LRS"}}
		profile["windowsConfiguration"] = doc{"enableAutomaticUpdates": true, "patchSettings": doc{"patchMode": "AutomaticByPlatform", "assessmentMode": "AutomaticByPlatform"}}
	} else {
		profile["linuxConfiguration"] = doc{"disablePasswordAuthentication": !m.password, "patchSettings": doc{"patchMode": "AutomaticByPlatform", "assessmentMode": "AutomaticByPlatform"}}
	}
	if m.data > 0 {
		storage["dataDisks"] = list{doc{"name": "data-" + m.name, "lun": 0, "managedDisk": doc{"id": s.disk(m, "data", m.data), "storageAccountType": "Premium_LRS"}}}
	}
	if m.image != "" {
		storage["imageReference"] = refTo(m.image)
	}
	properties := doc{
		"hardwareProfile": doc{"vmSize": m.size}, "storageProfile": storage, "osProfile": profile, "networkProfile": doc{"networkInterfaces": list{refTo(nic)}},
		"securityProfile":    doc{"encryptionAtHost": true, "securityType": "TrustedLaunch", "uefiSettings": doc{"secureBootEnabled": true, "vTpmEnabled": true}},
		"diagnosticsProfile": doc{"bootDiagnostics": doc{"enabled": true}}, "provisioningState": "Succeeded", "timeCreated": s.ago(m.age),
	}
	if m.plain {
		properties["securityProfile"] = doc{"encryptionAtHost": false}
	}
	more := doc{"zones": list{"1"}, "instanceView": doc{
		"computerName": m.name, "vmAgent": doc{"vmAgentVersion": "2.7.41491", "statuses": list{doc{"code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Ready"}}},
		"statuses": list{doc{"code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Provisioning succeeded"}, doc{"code": "PowerState/running", "level": "Info", "displayStatus": "VM running"}},
	}}
	if m.identity != nil {
		more["identity"] = m.identity
	}
	if m.note != "" {
		more = with(more, s.noted(m.team, m.note))
	}
	return s.add(m.group, "Microsoft.Compute/virtualMachines", m.name, m.team, properties, more)
}

// disk adds a disk of a machine and returns its id.
func (s subscription) disk(m server, kind string, size int) string {
	encryption := doc{"type": "EncryptionAtRestWithPlatformKey"}
	if m.encryptionSet != "" {
		encryption = doc{"type": "EncryptionAtRestWithCustomerKey", "diskEncryptionSetId": m.encryptionSet}
	}
	access, auth := "DenyAll", "AzureActiveDirectory"
	public := "Disabled"
	if m.plain {
		access, public, auth = "AllowAll", "Enabled", "None"
	}
	return idOf(s.add(m.group, "Microsoft.Compute/disks", kind+"-"+m.name, m.team, doc{
		"diskSizeGB": size, "diskState": "Attached", "encryption": encryption, "networkAccessPolicy": access, "publicNetworkAccess": public, "dataAccessAuthMode": auth,
		"timeCreated": s.ago(m.age), "creationData": doc{"createOption": "FromImage"},
	}, doc{"managedBy": s.path(m.group, "Microsoft.Compute/virtualMachines", m.name), "zones": list{"1"}, "sku": doc{"name": "Premium_LRS", "tier": "Premium"}}))
}

// extension adds a program to a machine.
func (s subscription) extension(vm *model.Asset, publisher, name, version string) {
	s.child(vm, "Microsoft.Compute/virtualMachines/extensions", "extensions/"+name, doc{
		"publisher": publisher, "type": name, "typeHandlerVersion": version, "provisioningState": "Succeeded", "enableAutomaticUpgrade": true,
	}, doc{"location": azureRegion})
}

// assigned is the identity of an asset that uses one of its own.
func (s subscription) assigned(principal string) doc {
	return doc{"type": "SystemAssigned", "principalId": s.identityOf(principal), "tenantId": Tenant}
}

// backups adds a vault that keeps machines, with its policy.
func (s subscription) backups(group, name string, machines ...*model.Asset) {
	id := s.path(group, "Microsoft.RecoveryServices/vaults", name)
	soft := doc{"softDeleteState": "AlwaysON", "softDeleteRetentionPeriodInDays": 30, "enhancedSecurityState": "AlwaysON"}
	v := s.add(group, "Microsoft.RecoveryServices/vaults", name, "platform", doc{
		"publicNetworkAccess": "Disabled", "encryption": doc{"infrastructureEncryption": "Disabled"}, "privateEndpointConnections": list{},
		"securitySettings":   doc{"immutabilitySettings": doc{"state": "Unlocked"}, "softDeleteSettings": soft, "multiUserAuthorization": "Disabled"},
		"redundancySettings": doc{"standardTierStorageRedundancy": "GeoRedundant", "crossRegionRestore": "Enabled"},
	}, doc{
		"sku":          doc{"name": "RS0", "tier": "Standard"},
		"backupconfig": part(id, "backupconfig/vaultconfig", doc{"enhancedSecurityState": "Enabled", "softDeleteFeatureState": "AlwaysON", "storageModelType": "GeoRedundant"}), "diagnosticSettings": list{},
	})
	policy := s.child(v, "Microsoft.RecoveryServices/vaults/backupPolicies", "backupPolicies/daily", doc{
		"backupManagementType": "AzureIaasVM", "policyType": "V2", "protectedItemsCount": len(machines), "instantRpRetentionRangeInDays": 7,
		"retentionPolicy": doc{"retentionPolicyType": "LongTermRetentionPolicy", "dailySchedule": doc{"retentionDuration": doc{"count": 35, "durationType": "Days"}}},
	})
	for _, m := range machines {
		container := "iaasvmcontainer;iaasvmcontainerv2;" + strings.Split(m.ID, "/")[4] + ";" + m.Name
		s.child(v, "Microsoft.RecoveryServices/vaults/backupFabrics/protectionContainers/protectedItems", "backupFabrics/Azure/protectionContainers/"+container+"/protectedItems/vm;"+container, doc{
			"protectedItemType": "Microsoft.Compute/virtualMachines", "sourceResourceId": idOf(m), "protectionState": "Protected", "protectionStatus": "Healthy",
			"lastBackupStatus": "Completed", "lastBackupTime": s.ago(0), "policyId": idOf(policy),
		}, doc{"location": azureRegion})
	}
}

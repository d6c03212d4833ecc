package estate

import "github.com/stance-sec/stance/internal/model"

// account is a storage account. What is not said is as the company wants it.
type account struct {
	name, team, group string
	age               int
	sku               string
	note              string
	properties        doc // changes of the usual properties
	// careless leaves the settings of blobs and files as they come out of the
	// portal: nothing that was deleted comes back.
	careless bool
	// audited sends the logs of blobs to a workspace.
	audited string
}

// storage adds a storage account with the settings of its services.
func (s subscription) storage(a account) *model.Asset {
	id := s.path(a.group, "Microsoft.Storage/storageAccounts", a.name)
	if a.sku == "" {
		a.sku = "Standard_GRS"
	}
	on, off := doc{"enabled": true, "days": 30}, doc{"enabled": false}
	if a.careless {
		on = off
	}
	more := doc{
		"kind": "StorageV2", "sku": doc{"name": a.sku, "tier": "Standard"}, "diagnosticSettings": list{},
		"blobServices": with(part(id, "blobServices/default", doc{
			"deleteRetentionPolicy": on, "containerDeleteRetentionPolicy": on, "isVersioningEnabled": !a.careless, "changeFeed": doc{"enabled": !a.careless},
		}), doc{"diagnosticSettings": list{}}),
		"fileServices": with(part(id, "fileServices/default", doc{
			"shareDeleteRetentionPolicy": on, "protocolSettings": doc{"smb": doc{
				"versions": "SMB3.1.1;", "authenticationMethods": "Kerberos;", "kerberosTicketEncryption": "AES-256;", "channelEncryption": "AES-256-GCM;",
			}},
		}), doc{"diagnosticSettings": list{}}),
		"queueServices":              with(part(id, "queueServices/default", doc{}), doc{"diagnosticSettings": list{}}),
		"tableServices":              with(part(id, "tableServices/default", doc{}), doc{"diagnosticSettings": list{}}),
		"defenderForStorageSettings": part(id, "providers/Microsoft.Security/defenderForStorageSettings/current", doc{"isEnabled": s.sub == ERP}),
	}
	if a.audited != "" {
		for _, service := range []string{"blobServices", "fileServices", "queueServices", "tableServices"} {
			d, _ := more[service].(doc)
			d["diagnosticSettings"] = logsTo(id+"/"+service+"/default", a.audited, "StorageRead", "StorageWrite", "StorageDelete")
		}
	}
	if a.note != "" {
		more = with(more, s.noted(a.team, a.note))
	}
	return s.add(a.group, "Microsoft.Storage/storageAccounts", a.name, a.team, with(doc{
		"supportsHttpsTrafficOnly": true, "minimumTlsVersion": "TLS1_2", "allowBlobPublicAccess": false, "allowSharedKeyAccess": false, "allowCrossTenantReplication": false,
		"defaultToOAuthAuthentication": true, "publicNetworkAccess": "Disabled", "isSftpEnabled": false, "isLocalUserEnabled": false, "isHnsEnabled": false, "isNfsV3Enabled": false,
		"dnsEndpointType": "Standard", "accessTier": "Hot", "creationTime": s.ago(a.age), "primaryLocation": azureRegion,
		"sasPolicy":       doc{"sasExpirationPeriod": "01.00:00:00", "expirationAction": "Log"},
		"networkAcls":     doc{"defaultAction": "Deny", "bypass": "AzureServices", "ipRules": list{}, "virtualNetworkRules": list{}},
		"encryption":      doc{"keySource": "Microsoft.Storage", "requireInfrastructureEncryption": true},
		"keyPolicy":       doc{"keyExpirationPeriodInDays": 90},
		"keyCreationTime": doc{"key1": s.ago(min(a.age, 40)), "key2": s.ago(min(a.age, 40))}, "privateEndpointConnections": linked(id, s.endpointID(a.name)),
	}, a.properties), more)
}

// ownKey says that an account encrypts with a key of a vault.
func (s subscription) ownKey(vault, key string) doc {
	return doc{"encryption": doc{
		"keySource": "Microsoft.Keyvault", "requireInfrastructureEncryption": true,
		"keyvaultproperties": doc{"keyname": key, "keyvaulturi": "https://" + vault + ".vault.azure.net", "keyversion": ""},
	}}
}

// atEase is how somebody sets an account up who wants no trouble with it.
func atEase() doc {
	return doc{
		"publicNetworkAccess": "Enabled", "networkAcls": doc{"defaultAction": "Allow", "bypass": "AzureServices", "ipRules": list{}, "virtualNetworkRules": list{}},
		"privateEndpointConnections": list{}, "allowSharedKeyAccess": true, "defaultToOAuthAuthentication": false, "sasPolicy": nil, "keyPolicy": nil,
		"encryption": doc{"keySource": "Microsoft.Storage", "requireInfrastructureEncryption": false},
	}
}

// container adds a container of blobs; public is "None", "Blob" or "Container".
func (s subscription) container(account *model.Asset, name, public string) {
	s.child(account, "Microsoft.Storage/storageAccounts/blobServices/containers", "blobServices/default/containers/"+name, doc{
		"publicAccess": public, "hasImmutabilityPolicy": false, "hasLegalHold": false, "defaultEncryptionScope": "$account-encryption-key", "leaseState": "available",
	})
}

// vault adds a key vault.
func (s subscription) vault(group, name, team string, changes doc, more ...doc) *model.Asset {
	id := s.path(group, "Microsoft.KeyVault/vaults", name)
	return s.add(group, "Microsoft.KeyVault/vaults", name, team, with(doc{
		"tenantId": Tenant, "vaultUri": "https://" + name + ".vault.azure.net/", "enableSoftDelete": true, "softDeleteRetentionInDays": 90, "enablePurgeProtection": true,
		"enableRbacAuthorization": true, "enabledForDeployment": false, "enabledForDiskEncryption": false, "enabledForTemplateDeployment": false,
		"publicNetworkAccess": "Disabled", "sku": doc{"family": "A", "name": "premium"}, "accessPolicies": list{},
		"networkAcls":                doc{"defaultAction": "Deny", "bypass": "AzureServices", "ipRules": list{}, "virtualNetworkRules": list{}},
		"privateEndpointConnections": linked(id, s.endpointID(name)),
	}, changes), append([]doc{{"diagnosticSettings": list{}}}, more...)...)
}

// key adds a key of a vault; it is renewed by itself before it ends, unless its
// end is 0.
func (s subscription) key(vault *model.Asset, name string, age, ends int) {
	attributes := doc{"enabled": true, "created": s.at(age).Unix(), "updated": s.at(age).Unix()}
	properties := doc{"attributes": attributes, "kty": "RSA", "keySize": 3072, "keyOps": list{"wrapKey", "unwrapKey"}}
	if ends != 0 {
		attributes["exp"] = s.at(-ends).Unix()
		properties["rotationPolicy"] = doc{
			"attributes": doc{"expiryTime": "P1Y"}, "lifetimeActions": list{
				doc{"action": doc{"type": "Rotate"}, "trigger": doc{"timeBeforeExpiry": "P30D"}}, doc{"action": doc{"type": "Notify"}, "trigger": doc{"timeBeforeExpiry": "P15D"}},
			},
		}
	}
	s.child(vault, "Microsoft.KeyVault/vaults/keys", "keys/"+name, properties)
}

// secret adds a secret of a vault; an end of 0 is none.
func (s subscription) secret(vault *model.Asset, name string, age, ends int) {
	attributes := doc{"enabled": true, "created": s.at(age).Unix(), "updated": s.at(age).Unix()}
	if ends != 0 {
		attributes["exp"] = s.at(-ends).Unix()
	}
	s.child(vault, "Microsoft.KeyVault/vaults/secrets", "secrets/"+name, doc{"attributes": attributes, "contentType": "text/plain"})
}

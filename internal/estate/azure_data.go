package estate

import (
	"maps"

	"github.com/stance-sec/stance/internal/model"
)

// sqlServer adds a logical SQL server with its settings; rules are the ranges
// that its firewall admits, by name, first and last address.
func (s subscription) sqlServer(group, name, team, keyURI string, rules [][3]string, audited bool, changes doc) *model.Asset {
	id := s.path(group, "Microsoft.Sql/servers", name)
	auditing := doc{"state": "Disabled", "retentionDays": 0, "storageEndpoint": "", "isAzureMonitorTargetEnabled": false}
	if audited {
		auditing = doc{"state": "Enabled", "retentionDays": 0, "storageEndpoint": "", "isAzureMonitorTargetEnabled": true, "auditActionsAndGroups": list{"BATCH_COMPLETED_GROUP", "SUCCESSFUL_DATABASE_AUTHENTICATION_GROUP", "FAILED_DATABASE_AUTHENTICATION_GROUP"}}
	}
	admin := s.databaseAdministrators()
	protector := doc{"serverKeyType": "ServiceManaged", "serverKeyName": "ServiceManaged", "autoRotationEnabled": false}
	if keyURI != "" {
		protector = doc{"serverKeyType": "AzureKeyVault", "serverKeyName": "key", "uri": keyURI, "autoRotationEnabled": true}
	}
	return s.add(group, "Microsoft.Sql/servers", name, team, with(doc{
		"fullyQualifiedDomainName": name + ".database.windows.net", "version": "12.0", "publicNetworkAccess": "Disabled", "minimalTlsVersion": "1.2",
		"restrictOutboundNetworkAccess": "Disabled", "administrators": maps.Clone(admin), "privateEndpointConnections": linked(id, s.endpointID(name)),
	}, changes), doc{
		"kind":                     "v12.0",
		"auditingSettings":         part(id, "auditingSettings/Default", maps.Clone(auditing)),
		"extendedAuditingSettings": part(id, "extendedAuditingSettings/Default", auditing),
		"virtualNetworkRules":      list{}, "connectionPolicies": part(id, "connectionPolicies/default", doc{"connectionType": "Default"}),
		"securityAlertPolicies":       part(id, "securityAlertPolicies/Default", doc{"state": "Enabled", "disabledAlerts": list{}, "emailAddresses": list{}, "emailAccountAdmins": true, "retentionDays": 0}),
		"vulnerabilityAssessments":    part(id, "vulnerabilityAssessments/Default", doc{"recurringScans": doc{"isEnabled": false, "emailSubscriptionAdmins": true, "emails": list{}}}),
		"sqlVulnerabilityAssessments": part(id, "sqlVulnerabilityAssessments/Default", doc{"state": "Enabled"}),
		"encryptionProtector":         part(id, "encryptionProtector/current", protector),
		"administrators":              parts(id, "administrators", "ActiveDirectory", with(maps.Clone(admin), doc{"principalType": nil, "azureADOnlyAuthentication": nil})),
		"azureADOnlyAuthentications":  parts(id, "azureADOnlyAuthentications", "Default", doc{"azureADOnlyAuthentication": true})[0],
		"firewallRules":               ranges(id, "startIpAddress", "endIpAddress", rules),
	})
}

// databaseAdministrators is the group that administers databases.
func (t *tenant) databaseAdministrators() doc {
	return doc{"administratorType": "ActiveDirectory", "principalType": "Group", "login": "Platform", "sid": t.groupID("Platform"), "azureADOnlyAuthentication": true}
}

// ranges are rules of a database's firewall.
func ranges(parent, from, to string, rules [][3]string) list {
	var args []any
	for _, r := range rules {
		args = append(args, r[0], doc{from: r[1], to: r[2]})
	}
	return parts(parent, "firewallRules", args...)
}

// sqlDatabase adds a database of a server, and the server's own beside it.
func (s subscription) sqlDatabase(server *model.Asset, name, team string, encrypted bool) {
	id := idOf(server) + "/databases/" + name
	state := "Enabled"
	if !encrypted {
		state = "Disabled"
	}
	s.child(server, "Microsoft.Sql/servers/databases", "databases/"+name, doc{
		"status": "Online", "zoneRedundant": true, "isLedgerOn": false, "requestedBackupStorageRedundancy": "Geo", "currentBackupStorageRedundancy": "Geo",
	}, doc{
		"location": azureRegion, "kind": "v12.0,user", "sku": doc{"name": "GP_Gen5", "tier": "GeneralPurpose", "family": "Gen5", "capacity": 4}, "tags": tagMap("env", s.env, "team", team, "data", "personal"),
		"transparentDataEncryption":        part(id, "transparentDataEncryption/Current", doc{"state": state}),
		"auditingSettings":                 part(id, "auditingSettings/Default", doc{"state": "Disabled", "retentionDays": 0, "isAzureMonitorTargetEnabled": false}),
		"backupShortTermRetentionPolicies": part(id, "backupShortTermRetentionPolicies/default", doc{"retentionDays": 14}),
		"backupLongTermRetentionPolicies":  part(id, "backupLongTermRetentionPolicies/default", doc{"weeklyRetention": "P5W", "monthlyRetention": "P12M", "yearlyRetention": "P10Y"}),
	})
}

// postgres adds a PostgreSQL flexible server; parameters are those that differ
// from what the company sets.
func (s subscription) postgres(group, name, team string, parameters map[string]string, rules [][3]string, changes, more doc) {
	id := s.path(group, "Microsoft.DBforPostgreSQL/flexibleServers", name)
	values := map[string]string{
		"require_secure_transport": "on", "log_checkpoints": "on", "log_connections": "on", "log_disconnections": "on", "connection_throttle.enable": "on",
		"logfiles.retention_days": "7", "ssl_min_protocol_version": "TLSv1.2", "pgaudit.log": "ddl,role",
	}
	maps.Copy(values, parameters)
	var args []any
	for _, k := range sortedKeys(plainMap(values)) {
		args = append(args, k, doc{"value": values[k], "defaultValue": values[k], "source": "user-override"})
	}
	s.add(group, "Microsoft.DBforPostgreSQL/flexibleServers", name, team, with(doc{
		"version": "16", "state": "Ready", "network": doc{"publicNetworkAccess": "Disabled", "delegatedSubnetResourceId": s.subnetID("rg-network", "vnet-erp", "snet-postgres")},
		"authConfig": doc{"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled"}, "dataEncryption": doc{"type": "SystemManaged"},
		"backup": doc{"backupRetentionDays": 35, "geoRedundantBackup": "Enabled"}, "highAvailability": doc{"mode": "ZoneRedundant"},
	}, changes), doc{
		"sku": doc{"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"}, "configurations": parts(id, "configurations", args...), "firewallRules": ranges(id, "startIpAddress", "endIpAddress", rules),
		"advancedThreatProtectionSettings": part(id, "advancedThreatProtectionSettings/Default", doc{"state": "Enabled"}),
		"administrators":                   parts(id, "administrators", s.groupID("Platform"), doc{"principalType": "Group", "principalName": "Platform", "objectId": s.groupID("Platform")}),
	}, more)
}

func plainMap(in map[string]string) doc {
	out := doc{}
	for k, v := range in {
		out[k] = v
	}
	return out
}

// cosmos adds a Cosmos DB account.
func (s subscription) cosmos(group, name, team string, changes, more doc) {
	s.add(group, "Microsoft.DocumentDB/databaseAccounts", name, team, with(doc{
		"publicNetworkAccess": "Disabled", "isVirtualNetworkFilterEnabled": true, "disableLocalAuth": true, "disableKeyBasedMetadataWriteAccess": true, "enableAutomaticFailover": true,
		"minimalTlsVersion": "Tls12", "networkAclBypass": "None", "ipRules": list{}, "virtualNetworkRules": list{}, "backupPolicy": doc{"type": "Continuous"},
		"privateEndpointConnections": linked(s.path(group, "Microsoft.DocumentDB/databaseAccounts", name), s.endpointID(name)),
	}, changes), doc{"kind": "GlobalDocumentDB", "sqlRoleAssignments": list{}, "sqlRoleDefinitions": list{}, "diagnosticSettings": list{}}, more)
}

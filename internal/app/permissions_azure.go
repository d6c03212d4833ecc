package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/collect/azure"
	"github.com/stance-sec/stance/internal/model"
)

// actionsOf returns the permissions of the operations that the selection needs.
func (a *App) actionsOf(provider string, sel Selection, operations []collect.ReadOperation) ([]string, error) {
	programs, limited, err := a.programs(provider, sel)
	if err != nil {
		return nil, err
	}
	need := newNeeds(programs)
	frame := frameTypes(provider)
	var actions []string
	for _, op := range operations {
		switch {
		case op.Action == "":
			continue
		case op.Collector == "session", slices.Contains(frame, op.Type) && op.Member == "":
		case limited && !need.typ(op.Type), op.Member != "" && !need.member(op.Type, op.Member):
			continue
		}
		actions = append(actions, op.Action)
	}
	slices.Sort(actions)
	return slices.Compact(actions), nil
}

// graphPermission tells permissions of Microsoft Graph ("User.Read.All") from
// actions of Azure ("Microsoft.Storage/storageAccounts/read").
func graphPermission(action string) bool { return !strings.Contains(action, "/") }

// PermissionsAzure returns what scanning the selection needs: a custom role for
// Azure and the application permissions of Microsoft Graph. Formats are json
// (the role), az and terraform; scope is where the role can be assigned.
func (a *App) PermissionsAzure(opts PermissionOptions) (string, error) {
	all, err := a.actionsOf(model.Azure, opts.Selection, azure.Operations())
	if err != nil {
		return "", err
	}
	var actions, graph []string
	for _, action := range all {
		if graphPermission(action) {
			graph = append(graph, action)
		} else {
			actions = append(actions, action)
		}
	}
	scope := opts.Scope
	if scope == "" {
		scope = "/providers/Microsoft.Management/managementGroups/TENANT_ID"
	}
	if !strings.HasPrefix(scope, "/") {
		return "", fmt.Errorf("%w --scope %q: give the id of a management group or subscription, such as /subscriptions/11111111-2222-3333-4444-555555555555", model.ErrInvalid, scope)
	}
	switch opts.Format {
	case "", "json":
		b, err := json.MarshalIndent(azureRole(actions, scope), "", "  ")
		return string(b) + "\n", err
	case "az":
		return azCommands(actions, graph, scope)
	case "terraform":
		return azureTerraform(actions, graph, scope), nil
	}
	return "", fmt.Errorf("%w format %q: use json, az or terraform", model.ErrInvalid, opts.Format)
}

// azureRole is a custom role in the form that az role definition create takes.
// https://learn.microsoft.com/azure/role-based-access-control/custom-roles
func azureRole(actions []string, scope string) map[string]any {
	return map[string]any{
		"Name": "Stance Reader", "IsCustom": true,
		"Description": "Reads the configuration that Stance evaluates, and no data.",
		"Actions":     actions, "NotActions": []string{}, "DataActions": []string{}, "NotDataActions": []string{},
		"AssignableScopes": []string{scope},
	}
}

func azCommands(actions, graph []string, scope string) (string, error) {
	role, err := json.MarshalIndent(azureRole(actions, scope), "", "  ")
	if err != nil {
		return "", fmt.Errorf("write the role: %w", err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `# An application with read-only access for Stance. Run it as somebody who may
# create roles at the scope and give admin consent in the tenant.
set -eu
scope=%q
graph=00000003-0000-0000-c000-000000000000 # Microsoft Graph

cat > stance-role.json <<'ROLE'
%s
ROLE
az role definition create --role-definition @stance-role.json

app=$(az ad app create --display-name stance-reader --query appId --output tsv)
az ad sp create --id "$app"
principal=$(az ad sp show --id "$app" --query id --output tsv)
az role assignment create --assignee-object-id "$principal" --assignee-principal-type ServicePrincipal \
  --role "Stance Reader" --scope "$scope"
`, scope, role)
	if len(graph) > 0 {
		b.WriteString("\n# What Entra ID is read with.\nfor permission in " + strings.Join(graph, " \\\n  ") + `
do
  id=$(az ad sp show --id "$graph" --query "appRoles[?value=='$permission'].id" --output tsv)
  az ad app permission add --id "$app" --api "$graph" --api-permissions "$id=Role"
done
az ad app permission admin-consent --id "$app"
`)
	}
	return b.String(), nil
}

func azureTerraform(actions, graph []string, scope string) string {
	var b strings.Builder
	list := func(values []string) {
		for _, v := range values {
			fmt.Fprintf(&b, "    %q,\n", v)
		}
	}
	fmt.Fprintf(&b, `resource "azuread_application" "stance_reader" {
  display_name = "stance-reader"
}

resource "azuread_service_principal" "stance_reader" {
  client_id = azuread_application.stance_reader.client_id
}

resource "azurerm_role_definition" "stance_reader" {
  name        = "Stance Reader"
  description = "Reads the configuration that Stance evaluates, and no data."
  scope       = %q
  permissions {
    actions = [
`, scope)
	for _, v := range actions {
		fmt.Fprintf(&b, "      %q,\n", v)
	}
	fmt.Fprintf(&b, `    ]
  }
  assignable_scopes = [%q]
}

resource "azurerm_role_assignment" "stance_reader" {
  scope              = %q
  role_definition_id = azurerm_role_definition.stance_reader.role_definition_resource_id
  principal_id       = azuread_service_principal.stance_reader.object_id
}
`, scope, scope)
	if len(graph) > 0 {
		b.WriteString(`
data "azuread_service_principal" "graph" {
  client_id = "00000003-0000-0000-c000-000000000000"
}

resource "azuread_app_role_assignment" "stance_reader" {
  for_each = toset([
`)
		list(graph)
		b.WriteString(`  ])
  app_role_id         = data.azuread_service_principal.graph.app_role_ids[each.value]
  principal_object_id = azuread_service_principal.stance_reader.object_id
  resource_object_id  = data.azuread_service_principal.graph.object_id
}
`)
	}
	return b.String()
}

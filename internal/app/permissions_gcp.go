package app

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/stance-sec/stance/internal/collect/gcp"
	"github.com/stance-sec/stance/internal/model"
)

// PermissionsGCP returns the custom role that scanning the selection needs, as
// json (the role), gcloud commands or terraform. scope is the organization,
// folder or project in which it is granted: "organizations/123456789012".
func (a *App) PermissionsGCP(opts PermissionOptions) (string, error) {
	permissions, err := a.actionsOf(model.GCP, opts.Selection, gcp.Operations())
	if err != nil {
		return "", err
	}
	scope := opts.Scope
	if scope == "" {
		scope = "organizations/ORGANIZATION_ID"
	}
	kind, id, ok := strings.Cut(scope, "/")
	if !ok || id == "" || kind != "organizations" && kind != "projects" {
		return "", fmt.Errorf("%w --scope %q: give organizations/NUMBER or projects/ID, where custom roles live", model.ErrInvalid, scope)
	}
	role := map[string]any{
		"title": "Stance Reader", "description": "Reads the configuration that Stance evaluates, and no data.",
		"stage": "GA", "includedPermissions": permissions,
	}
	text, err := json.MarshalIndent(role, "", "  ")
	if err != nil {
		return "", fmt.Errorf("write the role: %w", err)
	}
	switch opts.Format {
	case "", "json":
		return string(text) + "\n", nil
	case "gcloud":
		return gcloudCommands(string(text), kind, id), nil
	case "terraform":
		return gcpTerraform(permissions, kind, id), nil
	}
	return "", fmt.Errorf("%w format %q: use json, gcloud or terraform", model.ErrInvalid, opts.Format)
}

// gcloudCommands makes the role and a service account that holds it. Custom
// roles are made from a file: https://cloud.google.com/iam/docs/creating-custom-roles
func gcloudCommands(role, kind, id string) string {
	flag, bind := "--organization="+id, "organizations"
	if kind == "projects" {
		flag, bind = "--project="+id, "projects"
	}
	return fmt.Sprintf(`# A service account with read-only access for Stance. Set the project in which
# it shall live, and to which its calls are charged.
set -eu
project=SCANNER_PROJECT

cat > stance-role.json <<'ROLE'
%s
ROLE
gcloud iam roles create stanceReader %s --file=stance-role.json
gcloud iam service-accounts create stance-reader --project="$project" --display-name="Stance Reader"
member="serviceAccount:stance-reader@$project.iam.gserviceaccount.com"
gcloud %s add-iam-policy-binding %s --member="$member" --role=%s/roles/stanceReader --condition=None
gcloud projects add-iam-policy-binding "$project" --member="$member" --role=roles/serviceusage.serviceUsageConsumer --condition=None
gcloud services enable cloudasset.googleapis.com cloudresourcemanager.googleapis.com --project="$project"
`, role, flag, bind, id, kind+"/"+id)
}

func gcpTerraform(permissions []string, kind, id string) string {
	resource, member, where := "google_organization_iam_custom_role", "google_organization_iam_member", "org_id"
	if kind == "projects" {
		resource, member, where = "google_project_iam_custom_role", "google_project_iam_member", "project"
	}
	var b strings.Builder
	fmt.Fprintf(&b, `variable "scanner_project" {
  description = "Project in which the service account lives, and to which its calls are charged."
  type        = string
}

resource "google_service_account" "stance_reader" {
  project      = var.scanner_project
  account_id   = "stance-reader"
  display_name = "Stance Reader"
}

resource %q "stance_reader" {
  role_id     = "stanceReader"
  %s = %q
  title       = "Stance Reader"
  description = "Reads the configuration that Stance evaluates, and no data."
  permissions = [
`, resource, where+strings.Repeat(" ", 11-len(where)), id)
	for _, p := range permissions {
		fmt.Fprintf(&b, "    %q,\n", p)
	}
	fmt.Fprintf(&b, `  ]
}

resource %q "stance_reader" {
  %s = %q
  role   = %s.stance_reader.name
  member = google_service_account.stance_reader.member
}

resource "google_project_iam_member" "stance_quota" {
  project = var.scanner_project
  role    = "roles/serviceusage.serviceUsageConsumer"
  member  = google_service_account.stance_reader.member
}
`, member, where+strings.Repeat(" ", max(0, 6-len(where))), id, resource)
	return b.String()
}

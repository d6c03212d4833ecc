package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/stance-sec/stance/internal/app"
)

func newPermissions(t *terminal) *cobra.Command {
	cmd := &cobra.Command{Use: "permissions", Short: "Print the least permissions that scanning needs", RunE: needSub}
	cmd.AddCommand(newPermissionsAWS(t), newPermissionsAzure(t), newPermissionsGCP(t))
	return cmd
}

// roleCommand is a command that prints a custom role.
func roleCommand(t *terminal, use, short, long, example, formats, scope string, write func(*app.App, app.PermissionOptions) (string, error)) *cobra.Command {
	var opts app.PermissionOptions
	cmd := &cobra.Command{
		Use: use, Short: short, Long: long, Example: example, Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			a, err := t.app()
			if err != nil {
				return err
			}
			text, err := write(a, opts)
			if err != nil {
				return err
			}
			fmt.Fprint(t.out, text)
			return nil
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&opts.Format, "format", "json", formats)
	fs.StringVar(&opts.Scope, "scope", "", scope)
	fs.StringSliceVar(&opts.Selection.Services, "services", nil, "only what these services need")
	fs.StringSliceVar(&opts.Selection.Controls, "controls", nil, "only what these controls need")
	fs.StringVar(&opts.Selection.Framework, "framework", "", "only what this framework needs")
	return cmd
}

func newPermissionsAzure(t *terminal) *cobra.Command {
	return roleCommand(t, "azure", "Print the least-privilege role for scanning an Azure tenant",
		`Print the least-privilege role for scanning an Azure tenant: the read actions of the
selected collectors and nothing else. As az commands and Terraform it comes with an
application, its role assignment and the permissions of Microsoft Graph.`,
		`  stance permissions azure > stance-role.json
  stance permissions azure --format az --scope /providers/Microsoft.Management/managementGroups/contoso
  stance permissions azure --format terraform --framework cis-azure-6.0`,
		"json (a custom role), az or terraform", "management group or subscription that is scanned",
		(*app.App).PermissionsAzure)
}

func newPermissionsGCP(t *terminal) *cobra.Command {
	return roleCommand(t, "gcp", "Print the least-privilege role for scanning Google Cloud",
		`Print the least-privilege role for scanning Google Cloud: the read permissions of the
selected collectors and nothing else. As gcloud commands and Terraform it comes with
a service account that holds it.`,
		`  stance permissions gcp > stance-role.json
  stance permissions gcp --format gcloud --scope organizations/123456789012
  stance permissions gcp --format terraform --scope projects/shop-prod`,
		"json (a custom role), gcloud or terraform", "organizations/NUMBER or projects/ID",
		(*app.App).PermissionsGCP)
}

func newPermissionsAWS(t *terminal) *cobra.Command {
	var format, trust, external, framework string
	var services, controls []string
	cmd := &cobra.Command{
		Use:   "aws",
		Short: "Print the least-privilege policy for scanning an AWS account",
		Long: `Print the least-privilege policy for scanning an AWS account: the read actions of
the selected collectors and nothing else, with an explicit denial of reading data.
As CloudFormation and Terraform it comes with a role to assume.`,
		Example: `  stance permissions aws > stance-policy.json
  stance permissions aws --format cloudformation --trust arn:aws:iam::111122223333:role/scanner --external-id 7f3c
  stance permissions aws --services s3,iam`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			a, err := t.app()
			if err != nil {
				return err
			}
			text, err := a.PermissionsAWS(app.PermissionOptions{
				Format: format, Trust: trust, ExternalID: external,
				Selection: app.Selection{Services: services, Controls: controls, Framework: framework},
			})
			if err != nil {
				return err
			}
			fmt.Fprint(t.out, text)
			return nil
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&format, "format", "json", "json, cloudformation or terraform")
	fs.StringVar(&trust, "trust", "", "ARN of the principal that may assume the role (cloudformation, terraform)")
	fs.StringVar(&external, "external-id", "", "external id that the role's trust policy asks for")
	fs.StringSliceVar(&services, "services", nil, "only what these services need")
	fs.StringSliceVar(&controls, "controls", nil, "only what these controls need")
	fs.StringVar(&framework, "framework", "", "only what this framework needs")
	return cmd
}

package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/stance-sec/stance/internal/app"
)

func newPermissions(t *terminal) *cobra.Command {
	cmd := &cobra.Command{Use: "permissions", Short: "Print the least permissions that scanning needs", RunE: needSub}
	cmd.AddCommand(newPermissionsAWS(t))
	return cmd
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

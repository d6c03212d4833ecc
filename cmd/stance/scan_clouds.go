package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/stance-sec/stance/internal/app"
	"github.com/stance-sec/stance/internal/collect/aws"
	"github.com/stance-sec/stance/internal/collect/azure"
	"github.com/stance-sec/stance/internal/collect/gcp"
	"github.com/stance-sec/stance/internal/model"
	"github.com/stance-sec/stance/internal/store/sqlite"
)

func azureFlags(fs *pflag.FlagSet, conn *azure.Options) {
	fs.StringVar(&conn.Tenant, "tenant", "", "tenant to read (default: that of the credentials)")
	fs.StringSliceVar(&conn.ManagementGroups, "management-group", nil, "only subscriptions below these management groups")
	fs.StringSliceVar(&conn.Subscriptions, "subscription", nil, "only these subscriptions")
	fs.StringSliceVar(&conn.ExcludeSubscriptions, "exclude-subscription", nil, "subscriptions to leave out")
	fs.StringVar(&conn.Cloud, "cloud", "", "AzureCloud (default), AzureUSGovernment or AzureChinaCloud")
}

// gcpFlags adds the flags of Google Cloud; labels take key or key=value.
func gcpFlags(fs *pflag.FlagSet, conn *gcp.Options, labels *[]string) {
	fs.StringSliceVar(&conn.Organizations, "organization", nil, "organizations to read, by number (default: all that are visible)")
	fs.StringSliceVar(&conn.Folders, "folder", nil, "only these folders, by number")
	fs.StringSliceVar(&conn.Projects, "project", nil, "only these projects, by id or number")
	fs.StringSliceVar(&conn.ExcludeProjects, "exclude-project", nil, "projects to leave out")
	fs.StringSliceVar(labels, "project-label", nil, "only projects with this label: key or key=value (repeatable)")
	fs.StringVar(&conn.Impersonate, "impersonate-service-account", "", "service account to act as")
	fs.StringVar(&conn.UniverseDomain, "universe-domain", "", "domain of another universe than googleapis.com")
}

func labelsOf(list []string) map[string]string {
	if len(list) == 0 {
		return nil
	}
	out := map[string]string{}
	for _, l := range list {
		key, value, _ := strings.Cut(l, "=")
		out[key] = value
	}
	return out
}

func newScanAzure(t *terminal) *cobra.Command {
	var flags scanFlags
	var conn azure.Options
	cmd := &cobra.Command{
		Use:   "azure",
		Short: "Scan an Azure tenant: its subscriptions and Entra ID",
		Long: `Scan an Azure tenant: its subscriptions and Entra ID, with read-only access.

Sign-in is that of the Azure SDK: the environment (AZURE_TENANT_ID, AZURE_CLIENT_ID
and a secret, certificate or federated token), a managed identity, or the session
of az login. "stance permissions azure" prints the role and the permissions of
Microsoft Graph that the scan needs; what it may not read becomes a gap, and never
a pass. Sovereign and private clouds are named with --cloud or in the configuration.`,
		Example: `  stance scan azure
  stance scan azure --tenant 72f988bf-0000-0000-0000-2d7cd011db47 --management-group production
  stance scan azure --subscription 11111111-2222-3333-4444-555555555555 --framework cis-azure-6.0
  stance scan azure --cloud AzureUSGovernment --format html,json --out reports`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conn.Concurrency = flags.concurrency
			return runScan(cmd.Context(), t, &flags, model.Azure, func(ctx context.Context, a *app.App, store *sqlite.Store, opts app.ScanOptions) []app.CloudScan {
				return a.ScanAll(ctx, store, app.Connections{Azure: &conn}, opts)
			})
		},
	}
	azureFlags(cmd.Flags(), &conn)
	cmd.Flags().StringSliceVar(&flags.services, "services", nil, "only the controls of these services: "+serviceNames(model.Azure))
	flags.add(cmd)
	return cmd
}

func newScanGCP(t *terminal) *cobra.Command {
	var flags scanFlags
	var conn gcp.Options
	var labels []string
	cmd := &cobra.Command{
		Use:   "gcp",
		Short: "Scan Google Cloud: organizations, folders and projects",
		Long: `Scan Google Cloud: organizations, folders and projects, with read-only access.

Sign-in is by application default credentials: GOOGLE_APPLICATION_CREDENTIALS (a
key, or workload identity federation), the metadata server, or the session of
gcloud auth application-default login; --impersonate-service-account acts as
another account. "stance permissions gcp" prints the roles that the scan needs;
what it may not read becomes a gap, and never a pass.`,
		Example: `  stance scan gcp
  stance scan gcp --organization 123456789012
  stance scan gcp --project shop-prod --framework cis-gcp-5.0 --fail-on high
  stance scan gcp --folder 456 --impersonate-service-account stance@audit.iam.gserviceaccount.com`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conn.Concurrency, conn.ProjectLabels = flags.concurrency, labelsOf(labels)
			return runScan(cmd.Context(), t, &flags, model.GCP, func(ctx context.Context, a *app.App, store *sqlite.Store, opts app.ScanOptions) []app.CloudScan {
				return a.ScanAll(ctx, store, app.Connections{GCP: &conn}, opts)
			})
		},
	}
	gcpFlags(cmd.Flags(), &conn, &labels)
	cmd.Flags().StringSliceVar(&flags.services, "services", nil, "only the controls of these services: "+serviceNames(model.GCP))
	flags.add(cmd)
	return cmd
}

func newScanAll(t *terminal) *cobra.Command {
	var flags scanFlags
	var ofAWS aws.Options
	var ofAzure azure.Options
	var ofGCP gcp.Options
	var labels, providers []string
	cmd := &cobra.Command{
		Use:   "all",
		Short: "Scan AWS, Azure and Google Cloud in one run",
		Long: `Scan AWS, Azure and Google Cloud in one run, with one report. Each cloud is signed in
to as by its own command, whose options all work here. A cloud that cannot be
scanned does not keep the others from being scanned: it is named at the end, with
exit code 1.`,
		Example: `  stance scan all
  stance scan all --providers azure,gcp --framework nist-800-53-r5
  stance scan all --profile audit --tenant contoso.onmicrosoft.com --organization 123456789012 --format html --out reports`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conns := app.Connections{AWS: &ofAWS, Azure: &ofAzure, GCP: &ofGCP}
			for _, p := range providers {
				if !slices.Contains([]string{model.AWS, model.Azure, model.GCP}, p) {
					return usage("--providers %q: use aws, azure and gcp", p)
				}
			}
			if !slices.Contains(providers, model.AWS) {
				conns.AWS = nil
			}
			if !slices.Contains(providers, model.Azure) {
				conns.Azure = nil
			}
			if !slices.Contains(providers, model.GCP) {
				conns.GCP = nil
			}
			ofAWS.Concurrency, ofAzure.Concurrency, ofGCP.Concurrency = flags.concurrency, flags.concurrency, flags.concurrency
			ofAWS.MFAToken, ofGCP.ProjectLabels = t.mfaToken, labelsOf(labels)
			return runScan(cmd.Context(), t, &flags, "", func(ctx context.Context, a *app.App, store *sqlite.Store, opts app.ScanOptions) []app.CloudScan {
				return a.ScanAll(ctx, store, conns, opts)
			})
		},
	}
	fs := cmd.Flags()
	fs.StringSliceVar(&providers, "providers", []string{model.AWS, model.Azure, model.GCP}, "the clouds to scan")
	awsFlags(fs, &ofAWS)
	azureFlags(fs, &ofAzure)
	gcpFlags(fs, &ofGCP, &labels)
	flags.add(cmd)
	return cmd
}

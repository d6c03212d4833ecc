package collect

import "github.com/stance-sec/stance/internal/model"

// Form is the form of a vendor's export.
type Form string

// The forms that are known.
const (
	// StanceSnapshot is what "stance snapshot" writes.
	StanceSnapshot Form = "Stance snapshot"
	// ConfigItems are configuration items of AWS Config: of a snapshot or history
	// file, or of batch-get-resource-config.
	// https://docs.aws.amazon.com/config/latest/developerguide/example-s3-snapshot.html
	ConfigItems Form = "AWS Config snapshot"
	// ConfigQuery is what an advanced query of AWS Config answered.
	// https://docs.aws.amazon.com/config/latest/developerguide/querying-AWS-resources.html
	ConfigQuery Form = "result of an AWS Config advanced query"
	// CLIOutput is what one command of the AWS CLI printed.
	CLIOutput Form = "output of the AWS CLI"
	// GraphRows are rows of Resource Graph.
	// https://learn.microsoft.com/cli/azure/graph
	GraphRows Form = "output of az graph query"
	// ARMDocuments are documents as Azure Resource Manager returns them.
	ARMDocuments Form = "documents of Azure Resource Manager"
	// InventoryAssets are assets of Cloud Asset Inventory.
	// https://cloud.google.com/asset-inventory/docs/export-asset-metadata
	InventoryAssets Form = "export of Cloud Asset Inventory"
	// InventorySearch are results of a search, which hold no documents.
	// https://cloud.google.com/asset-inventory/docs/search-resources
	InventorySearch Form = "search results of Cloud Asset Inventory"
)

// Provider returns the cloud that writes the form, "" for Stance's own.
func (f Form) Provider() string {
	switch f {
	case ConfigItems, ConfigQuery, CLIOutput:
		return model.AWS
	case GraphRows, ARMDocuments:
		return model.Azure
	case InventoryAssets, InventorySearch:
		return model.GCP
	}
	return ""
}

// Exported is one value of an export: an item, a row or an asset.
type Exported struct {
	// File names the file without its folder, Path with it.
	File string
	Path string
	Form Form
	// Member is where it stood in the output of the AWS CLI: "Reservations".
	Member string
	// Whole says of such a member that Value is all of it, and not one item of a
	// list.
	Whole bool
	// Value is an object for all forms but CLIOutput, and nil where a command
	// printed an object without members or was refused.
	Value any
	// Failure is what the service answered to a command that was refused.
	Failure *Failure
	// Partial is why the file does not hold all that it was asked for: "it has a
	// token for a next page". Empty when it does not say so.
	Partial string
}

// Failure is an error of a service as the AWS CLI prints it: "An error occurred
// (NoSuchBucketPolicy) when calling the GetBucketPolicy operation: …".
// https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-troubleshooting.html
type Failure struct {
	Code      string
	Operation string
	Message   string
}

// Doc returns the value as a document, nil when it is none.
func (e *Exported) Doc() model.Document {
	m, _ := e.Value.(map[string]any)
	return m
}

// NotExported is the error of a read that an export does not answer. As a gap it
// says so wherever it comes to light.
func NotExported() *model.Gap {
	return &model.Gap{Reason: model.Unsupported, Detail: NotInExport}
}

// NotInExport is the detail of gaps of what an export does not hold.
const NotInExport = "not part of the export"

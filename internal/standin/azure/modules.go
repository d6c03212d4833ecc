//go:build standinmodules

package azure

// The stand-in reads these modules' source and never links them: the network
// module alone takes minutes to compile. The imports keep them in go.mod; the
// build constraint is never met. moduleOf in vendor.go lists the same paths.
import (
	_ "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/authorization/armauthorization/v2"
	_ "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/compute/armcompute/v7"
	_ "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/containerregistry/armcontainerregistry"
	_ "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/containerservice/armcontainerservice/v6"
	_ "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/eventhub/armeventhub"
	_ "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/keyvault/armkeyvault"
	_ "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/managementgroups/armmanagementgroups"
	_ "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/monitor/armmonitor"
	_ "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/msi/armmsi"
	_ "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"
	_ "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"
	_ "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resourcegraph/armresourcegraph"
	_ "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armresources"
	_ "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armsubscriptions"
	_ "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/security/armsecurity"
	_ "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/sql/armsql"
	_ "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/storage/armstorage"
)

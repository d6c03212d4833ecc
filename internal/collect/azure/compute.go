package azure

import (
	"reflect"

	"github.com/stance-sec/stance/internal/collect"
	"github.com/stance-sec/stance/internal/model"
)

const (
	computeVersion = "2025-04-01"
	diskVersion    = "2025-01-02"
	hybridVersion  = "2024-07-10"
)

type managedDisk struct {
	ID                 string `json:"id"`
	StorageAccountType string `json:"storageAccountType"`
	DiskEncryptionSet  ref    `json:"diskEncryptionSet"`
}

type storageProfile struct {
	ImageReference struct {
		ID                      string `json:"id"`
		CommunityGalleryImageID string `json:"communityGalleryImageId"`
		SharedGalleryImageID    string `json:"sharedGalleryImageId"`
		Publisher               string `json:"publisher"`
		Offer                   string `json:"offer"`
		SKU                     string `json:"sku"`
		Version                 string `json:"version"`
	} `json:"imageReference"`
	OSDisk struct {
		Name        string      `json:"name"`
		OSType      string      `json:"osType"`
		ManagedDisk managedDisk `json:"managedDisk"`
		VHD         struct {
			URI string `json:"uri"`
		} `json:"vhd"`
	} `json:"osDisk"`
	DataDisks []struct {
		Name        string      `json:"name"`
		Lun         int64       `json:"lun"`
		ManagedDisk managedDisk `json:"managedDisk"`
		VHD         struct {
			URI string `json:"uri"`
		} `json:"vhd"`
	} `json:"dataDisks"`
}

type osProfile struct {
	ComputerName       string `json:"computerName"`
	AdminUsername      string `json:"adminUsername"`
	LinuxConfiguration struct {
		DisablePasswordAuthentication bool `json:"disablePasswordAuthentication"`
		PatchSettings                 struct {
			PatchMode      string `json:"patchMode"`
			AssessmentMode string `json:"assessmentMode"`
		} `json:"patchSettings"`
	} `json:"linuxConfiguration"`
	WindowsConfiguration struct {
		EnableAutomaticUpdates bool `json:"enableAutomaticUpdates"`
		PatchSettings          struct {
			PatchMode      string `json:"patchMode"`
			AssessmentMode string `json:"assessmentMode"`
		} `json:"patchSettings"`
	} `json:"windowsConfiguration"`
	AllowExtensionOperations bool `json:"allowExtensionOperations"`
}

type securityProfile struct {
	EncryptionAtHost bool   `json:"encryptionAtHost"`
	SecurityType     string `json:"securityType"`
	UefiSettings     struct {
		SecureBootEnabled bool `json:"secureBootEnabled"`
		VTpmEnabled       bool `json:"vTpmEnabled"`
	} `json:"uefiSettings"`
}

// virtualMachine is the part of a virtual machine that controls read.
// https://learn.microsoft.com/rest/api/compute/virtual-machines/get
type virtualMachine struct {
	HardwareProfile struct {
		VMSize string `json:"vmSize"`
	} `json:"hardwareProfile"`
	StorageProfile storageProfile `json:"storageProfile"`
	OSProfile      osProfile      `json:"osProfile"`
	NetworkProfile struct {
		NetworkInterfaces []ref `json:"networkInterfaces"`
	} `json:"networkProfile"`
	SecurityProfile    securityProfile `json:"securityProfile"`
	DiagnosticsProfile struct {
		BootDiagnostics struct {
			Enabled    bool   `json:"enabled"`
			StorageURI string `json:"storageUri"`
		} `json:"bootDiagnostics"`
	} `json:"diagnosticsProfile"`
	ProvisioningState      string `json:"provisioningState"`
	TimeCreated            string `json:"timeCreated"`
	VirtualMachineScaleSet ref    `json:"virtualMachineScaleSet"`
	UserData               string `json:"userData"`
}

// instanceView is what a virtual machine is doing. Its answer has no properties.
// https://learn.microsoft.com/rest/api/compute/virtual-machines/instance-view
type instanceView struct {
	ComputerName string `json:"computerName"`
	OSName       string `json:"osName"`
	OSVersion    string `json:"osVersion"`
	VMAgent      struct {
		VMAgentVersion string           `json:"vmAgentVersion"`
		Statuses       []instanceStatus `json:"statuses"`
	} `json:"vmAgent"`
	Statuses []instanceStatus `json:"statuses"`
}

type instanceStatus struct {
	Code          string `json:"code"`
	Level         string `json:"level"`
	DisplayStatus string `json:"displayStatus"`
}

// extension is a program in a machine. Its settings are kept as lengths and
// hashes only, because commands in them may hold secrets.
type extension struct {
	Publisher              string `json:"publisher"`
	Type                   string `json:"type"`
	TypeHandlerVersion     string `json:"typeHandlerVersion"`
	ProvisioningState      string `json:"provisioningState"`
	EnableAutomaticUpgrade bool   `json:"enableAutomaticUpgrade"`
}

type scaleSetInstance struct {
	VMID               string `json:"vmId"`
	LatestModelApplied bool   `json:"latestModelApplied"`
	ProvisioningState  string `json:"provisioningState"`
}

type scaleSet struct {
	OrchestrationMode string `json:"orchestrationMode"`
	UpgradePolicy     struct {
		Mode                     string `json:"mode"`
		AutomaticOSUpgradePolicy struct {
			EnableAutomaticOSUpgrade bool `json:"enableAutomaticOSUpgrade"`
		} `json:"automaticOSUpgradePolicy"`
	} `json:"upgradePolicy"`
	VirtualMachineProfile struct {
		StorageProfile  storageProfile  `json:"storageProfile"`
		OSProfile       osProfile       `json:"osProfile"`
		SecurityProfile securityProfile `json:"securityProfile"`
		NetworkProfile  struct {
			NetworkInterfaceConfigurations []sub[struct {
				NetworkSecurityGroup ref `json:"networkSecurityGroup"`
				IPConfigurations     []sub[struct {
					Subnet                       ref   `json:"subnet"`
					LoadBalancerBackendPools     []ref `json:"loadBalancerBackendAddressPools"`
					ApplicationGatewayPools      []ref `json:"applicationGatewayBackendAddressPools"`
					PublicIPAddressConfiguration struct {
						Name string `json:"name"`
					} `json:"publicIPAddressConfiguration"`
				}] `json:"ipConfigurations"`
			}] `json:"networkInterfaceConfigurations"`
		} `json:"networkProfile"`
	} `json:"virtualMachineProfile"`
	ZoneBalance           bool `json:"zoneBalance"`
	AutomaticRepairPolicy struct {
		Enabled bool `json:"enabled"`
	} `json:"automaticRepairsPolicy"`
}

// disk is the part of a disk or snapshot that controls read.
// https://learn.microsoft.com/rest/api/compute/disks/get
type disk struct {
	OSType     string `json:"osType"`
	DiskSizeGB int64  `json:"diskSizeGB"`
	DiskState  string `json:"diskState"`
	Encryption struct {
		Type                string `json:"type"`
		DiskEncryptionSetID string `json:"diskEncryptionSetId"`
	} `json:"encryption"`
	EncryptionSettingsCollection struct {
		Enabled bool `json:"enabled"`
	} `json:"encryptionSettingsCollection"`
	NetworkAccessPolicy string `json:"networkAccessPolicy"`
	PublicNetworkAccess string `json:"publicNetworkAccess"`
	DataAccessAuthMode  string `json:"dataAccessAuthMode"`
	TimeCreated         string `json:"timeCreated"`
	CreationData        struct {
		CreateOption     string `json:"createOption"`
		SourceResourceID string `json:"sourceResourceId"`
	} `json:"creationData"`
}

type encryptionSet struct {
	ActiveKey struct {
		KeyURL      string `json:"keyUrl"`
		SourceVault ref    `json:"sourceVault"`
	} `json:"activeKey"`
	EncryptionType                    string `json:"encryptionType"`
	RotationToLatestKeyVersionEnabled bool   `json:"rotationToLatestKeyVersionEnabled"`
}

// gallery is the part of a gallery that controls read.
// https://learn.microsoft.com/rest/api/compute/galleries/get
type gallery struct {
	SharingProfile struct {
		Permissions          string `json:"permissions"`
		CommunityGalleryInfo struct {
			CommunityGalleryEnabled bool     `json:"communityGalleryEnabled"`
			PublicNames             []string `json:"publicNames"`
		} `json:"communityGalleryInfo"`
		Groups []struct {
			Type string   `json:"type"`
			IDs  []string `json:"ids"`
		} `json:"groups"`
	} `json:"sharingProfile"`
	SoftDeletePolicy struct {
		IsSoftDeleteEnabled bool `json:"isSoftDeleteEnabled"`
	} `json:"softDeletePolicy"`
}

// jitPolicy says which ports of which machines are opened on request only.
// https://learn.microsoft.com/rest/api/defenderforcloud/jit-network-access-policies/list
type jitPolicy struct {
	ProvisioningState string `json:"provisioningState"`
	VirtualMachines   []struct {
		ID    string `json:"id"`
		Ports []struct {
			Number                     int64  `json:"number"`
			Protocol                   string `json:"protocol"`
			MaxRequestAccessDuration   string `json:"maxRequestAccessDuration"`
			AllowedSourceAddressPrefix string `json:"allowedSourceAddressPrefix"`
		} `json:"ports"`
	} `json:"virtualMachines"`
}

func init() {
	register(Collector{Name: "compute", Types: []Type{
		{
			Name: "Microsoft.Compute/virtualMachines", Class: "instance", Table: "resources", Version: computeVersion, Properties: virtualMachine{},
			Side:   []Read{{Member: "instanceView", Path: "instanceView", Version: computeVersion}},
			Secret: []string{"properties.userData", "properties.osProfile.customData"},
			Shape: func(s *model.Schema) {
				s.Fields["instanceView"] = (&collect.Shapes{}).Of(reflect.TypeFor[instanceView]())
			},
		},
		{
			Name: "Microsoft.Compute/virtualMachines/extensions", Class: "instance extension", Table: "resources", Version: computeVersion, Properties: extension{},
			Secret: []string{"properties.settings"},
		},
		{
			Name: "Microsoft.Compute/virtualMachineScaleSets", Class: "instance group", Table: "resources", Version: computeVersion, Properties: scaleSet{},
			Side: []Read{{Member: "virtualMachines", Path: "virtualMachines", Version: computeVersion, Items: true, Item: scaleSetInstance{}}},
			Secret: []string{
				"properties.virtualMachineProfile.userData", "properties.virtualMachineProfile.osProfile.customData",
				"properties.virtualMachineProfile.extensionProfile.extensions[].properties.settings",
			},
		},
		{Name: "Microsoft.Compute/disks", Class: "disk", Table: "resources", Version: diskVersion, Properties: disk{}},
		{Name: "Microsoft.Compute/snapshots", Class: "snapshot", Table: "resources", Version: diskVersion, Properties: disk{}},
		{Name: "Microsoft.Compute/images", Class: "image", Table: "resources", Version: computeVersion, Properties: struct {
			HyperVGeneration     string         `json:"hyperVGeneration"`
			SourceVirtualMachine ref            `json:"sourceVirtualMachine"`
			StorageProfile       storageProfile `json:"storageProfile"`
		}{}},
		{
			Name: "Microsoft.Compute/galleries", Class: "image gallery", Table: "resources", Version: "2025-03-03", Properties: gallery{},
			Reread: []string{"properties.sharingProfile"},
		},
		{Name: "Microsoft.Compute/diskEncryptionSets", Class: "encryption set", Table: "resources", Version: diskVersion, Properties: encryptionSet{}},
		{
			Name: "Microsoft.HybridCompute/machines", Class: "instance", Table: "resources", Version: hybridVersion,
			Properties: struct {
				OSName       string `json:"osName"`
				OSType       string `json:"osType"`
				Status       string `json:"status"`
				AgentVersion string `json:"agentVersion"`
			}{},
			Side:   []Read{{Member: "extensions", Path: "extensions", Version: hybridVersion, Items: true, Item: extension{}}},
			Secret: []string{"extensions[].properties.settings"},
		},
	}})
	register(Collector{Name: "jit", Types: []Type{{
		Name: "Microsoft.Security/locations/jitNetworkAccessPolicies", Class: "access policy", Version: "2020-01-01", Properties: jitPolicy{},
		List: &List{
			Path: "providers/Microsoft.Security/jitNetworkAccessPolicies", Version: "2020-01-01",
			Action: "Microsoft.Security/locations/jitNetworkAccessPolicies/read",
		},
	}}})
}

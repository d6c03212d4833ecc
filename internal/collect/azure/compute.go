package azure

const computeVersion = "2025-04-01"

type managedDisk struct {
	ID                 string `json:"id"`
	StorageAccountType string `json:"storageAccountType"`
	DiskEncryptionSet  ref    `json:"diskEncryptionSet"`
}

type storageProfile struct {
	ImageReference struct {
		ID        string `json:"id"`
		Publisher string `json:"publisher"`
		Offer     string `json:"offer"`
		SKU       string `json:"sku"`
		Version   string `json:"version"`
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

type extension struct {
	Publisher          string `json:"publisher"`
	Type               string `json:"type"`
	TypeHandlerVersion string `json:"typeHandlerVersion"`
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

func init() {
	register(Collector{Name: "compute", Types: []Type{
		{
			Name: "Microsoft.Compute/virtualMachines", Class: "instance", Table: "resources", Version: computeVersion, Properties: virtualMachine{},
			Secret: []string{"properties.userData"},
		},
		{Name: "Microsoft.Compute/virtualMachines/extensions", Class: "instance extension", Table: "resources", Version: computeVersion, Properties: extension{}},
		{Name: "Microsoft.Compute/virtualMachineScaleSets", Class: "instance group", Table: "resources", Version: computeVersion, Properties: scaleSet{}},
		{Name: "Microsoft.Compute/disks", Class: "disk", Table: "resources", Version: "2025-01-02", Properties: disk{}},
		{Name: "Microsoft.Compute/snapshots", Class: "snapshot", Table: "resources", Version: "2025-01-02", Properties: disk{}},
		{Name: "Microsoft.Compute/images", Class: "image", Table: "resources", Version: computeVersion, Properties: struct {
			HyperVGeneration string `json:"hyperVGeneration"`
		}{}},
		{Name: "Microsoft.Compute/galleries", Class: "image gallery", Table: "resources", Version: "2025-03-03", Properties: struct {
			SharingProfile struct {
				Permissions string `json:"permissions"`
			} `json:"sharingProfile"`
		}{}},
		{Name: "Microsoft.Compute/diskEncryptionSets", Class: "encryption set", Table: "resources", Version: "2025-01-02", Properties: encryptionSet{}},
		{Name: "Microsoft.HybridCompute/machines", Class: "instance", Table: "resources", Version: "2024-07-10", Properties: struct {
			OSName       string `json:"osName"`
			Status       string `json:"status"`
			AgentVersion string `json:"agentVersion"`
		}{}},
	}})
}

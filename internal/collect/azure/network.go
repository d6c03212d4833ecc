package azure

import "github.com/stance-sec/stance/internal/model"

const (
	networkVersion     = "2025-05-01"
	privateZoneVersion = "2024-06-01"
)

// sub is a child that stands inside its parent's document.
type sub[T any] struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Properties T      `json:"properties"`
}

// subnet is the part of a subnet that controls read.
// https://learn.microsoft.com/rest/api/virtualnetwork/subnets/get
type subnet struct {
	AddressPrefix        string   `json:"addressPrefix"`
	AddressPrefixes      []string `json:"addressPrefixes"`
	NetworkSecurityGroup ref      `json:"networkSecurityGroup"`
	RouteTable           ref      `json:"routeTable"`
	NatGateway           ref      `json:"natGateway"`
	ServiceEndpoints     []struct {
		Service string `json:"service"`
	} `json:"serviceEndpoints"`
	Delegations []sub[struct {
		ServiceName string `json:"serviceName"`
	}] `json:"delegations"`
	PrivateEndpointNetworkPolicies string `json:"privateEndpointNetworkPolicies"`
	DefaultOutboundAccess          bool   `json:"defaultOutboundAccess"`
}

// virtualNetwork is the part of a virtual network that controls read.
// https://learn.microsoft.com/rest/api/virtualnetwork/virtual-networks/get
type virtualNetwork struct {
	AddressSpace struct {
		AddressPrefixes []string `json:"addressPrefixes"`
	} `json:"addressSpace"`
	Subnets              []sub[subnet] `json:"subnets"`
	EnableDdosProtection bool          `json:"enableDdosProtection"`
	DdosProtectionPlan   ref           `json:"ddosProtectionPlan"`
	DhcpOptions          struct {
		DNSServers []string `json:"dnsServers"`
	} `json:"dhcpOptions"`
	VirtualNetworkPeerings []sub[struct {
		RemoteVirtualNetwork      ref    `json:"remoteVirtualNetwork"`
		PeeringState              string `json:"peeringState"`
		AllowVirtualNetworkAccess bool   `json:"allowVirtualNetworkAccess"`
		AllowForwardedTraffic     bool   `json:"allowForwardedTraffic"`
		AllowGatewayTransit       bool   `json:"allowGatewayTransit"`
		UseRemoteGateways         bool   `json:"useRemoteGateways"`
	}] `json:"virtualNetworkPeerings"`
	Encryption struct {
		Enabled     bool   `json:"enabled"`
		Enforcement string `json:"enforcement"`
	} `json:"encryption"`
	FlowLogs []ref `json:"flowLogs"`
}

// securityRule is a rule of a network security group. Single members and lists
// stand beside each other; both count.
// https://learn.microsoft.com/rest/api/virtualnetwork/security-rules/get
type securityRule struct {
	Access                               string   `json:"access"`
	Direction                            string   `json:"direction"`
	Priority                             int64    `json:"priority"`
	Protocol                             string   `json:"protocol"`
	SourceAddressPrefix                  string   `json:"sourceAddressPrefix"`
	SourceAddressPrefixes                []string `json:"sourceAddressPrefixes"`
	SourcePortRange                      string   `json:"sourcePortRange"`
	SourcePortRanges                     []string `json:"sourcePortRanges"`
	SourceApplicationSecurityGroups      []ref    `json:"sourceApplicationSecurityGroups"`
	DestinationAddressPrefix             string   `json:"destinationAddressPrefix"`
	DestinationAddressPrefixes           []string `json:"destinationAddressPrefixes"`
	DestinationPortRange                 string   `json:"destinationPortRange"`
	DestinationPortRanges                []string `json:"destinationPortRanges"`
	DestinationApplicationSecurityGroups []ref    `json:"destinationApplicationSecurityGroups"`
	Description                          string   `json:"description"`
}

type networkSecurityGroup struct {
	SecurityRules        []sub[securityRule] `json:"securityRules"`
	DefaultSecurityRules []sub[securityRule] `json:"defaultSecurityRules"`
	NetworkInterfaces    []ref               `json:"networkInterfaces"`
	Subnets              []ref               `json:"subnets"`
	FlowLogs             []ref               `json:"flowLogs"`
	FlushConnection      bool                `json:"flushConnection"`
}

// networkInterface is the part of an interface that controls read.
// https://learn.microsoft.com/rest/api/virtualnetwork/network-interfaces/get
type networkInterface struct {
	IPConfigurations []sub[struct {
		PrivateIPAddress          string `json:"privateIPAddress"`
		PrivateIPAddressVersion   string `json:"privateIPAddressVersion"`
		PublicIPAddress           ref    `json:"publicIPAddress"`
		Subnet                    ref    `json:"subnet"`
		Primary                   bool   `json:"primary"`
		ApplicationSecurityGroups []ref  `json:"applicationSecurityGroups"`
	}] `json:"ipConfigurations"`
	NetworkSecurityGroup ref  `json:"networkSecurityGroup"`
	EnableIPForwarding   bool `json:"enableIPForwarding"`
	VirtualMachine       ref  `json:"virtualMachine"`
}

type publicIPAddress struct {
	IPAddress                string `json:"ipAddress"`
	PublicIPAddressVersion   string `json:"publicIPAddressVersion"`
	PublicIPAllocationMethod string `json:"publicIPAllocationMethod"`
	IPConfiguration          ref    `json:"ipConfiguration"`
	DdosSettings             struct {
		ProtectionMode string `json:"protectionMode"`
	} `json:"ddosSettings"`
	DNSSettings struct {
		FQDN string `json:"fqdn"`
	} `json:"dnsSettings"`
}

type routeTable struct {
	Routes []sub[struct {
		AddressPrefix    string `json:"addressPrefix"`
		NextHopType      string `json:"nextHopType"`
		NextHopIPAddress string `json:"nextHopIpAddress"`
	}] `json:"routes"`
	DisableBgpRoutePropagation bool  `json:"disableBgpRoutePropagation"`
	Subnets                    []ref `json:"subnets"`
}

type frontend struct {
	PublicIPAddress  ref    `json:"publicIPAddress"`
	PrivateIPAddress string `json:"privateIPAddress"`
	Subnet           ref    `json:"subnet"`
}

type loadBalancer struct {
	FrontendIPConfigurations []sub[frontend] `json:"frontendIPConfigurations"`
	LoadBalancingRules       []sub[struct {
		Protocol     string `json:"protocol"`
		FrontendPort int64  `json:"frontendPort"`
		BackendPort  int64  `json:"backendPort"`
	}] `json:"loadBalancingRules"`
	InboundNatRules []sub[struct {
		Protocol     string `json:"protocol"`
		FrontendPort int64  `json:"frontendPort"`
		BackendPort  int64  `json:"backendPort"`
	}] `json:"inboundNatRules"`
	BackendAddressPools []sub[struct {
		BackendIPConfigurations []ref `json:"backendIPConfigurations"`
	}] `json:"backendAddressPools"`
}

// sslPolicy is which versions of TLS a gateway speaks.
// https://learn.microsoft.com/azure/application-gateway/application-gateway-ssl-policy-overview
type sslPolicy struct {
	PolicyType           string   `json:"policyType"`
	PolicyName           string   `json:"policyName"`
	MinProtocolVersion   string   `json:"minProtocolVersion"`
	DisabledSSLProtocols []string `json:"disabledSslProtocols"`
	CipherSuites         []string `json:"cipherSuites"`
}

// applicationGateway is the part of an application gateway that controls read.
// https://learn.microsoft.com/rest/api/application-gateway/application-gateways/get
type applicationGateway struct {
	SKU         sku       `json:"sku"`
	SSLPolicy   sslPolicy `json:"sslPolicy"`
	SSLProfiles []sub[struct {
		SSLPolicy sslPolicy `json:"sslPolicy"`
	}] `json:"sslProfiles"`
	// DefaultPredefinedSSLPolicy is what holds where no policy is set.
	DefaultPredefinedSSLPolicy string `json:"defaultPredefinedSslPolicy"`
	HTTPListeners              []sub[struct {
		Protocol       string `json:"protocol"`
		FirewallPolicy ref    `json:"firewallPolicy"`
		SSLProfile     ref    `json:"sslProfile"`
	}] `json:"httpListeners"`
	WebApplicationFirewallConfiguration struct {
		Enabled          bool   `json:"enabled"`
		FirewallMode     string `json:"firewallMode"`
		RuleSetType      string `json:"ruleSetType"`
		RequestBodyCheck bool   `json:"requestBodyCheck"`
	} `json:"webApplicationFirewallConfiguration"`
	FirewallPolicy           ref             `json:"firewallPolicy"`
	FrontendIPConfigurations []sub[frontend] `json:"frontendIPConfigurations"`
	EnableHTTP2              bool            `json:"enableHttp2"`
}

// wafPolicy is the part of a policy of application gateways' web application
// firewalls that controls read.
// https://learn.microsoft.com/rest/api/application-gateway/web-application-firewall-policies/get
type wafPolicy struct {
	PolicySettings struct {
		State                  string `json:"state"`
		Mode                   string `json:"mode"`
		RequestBodyCheck       bool   `json:"requestBodyCheck"`
		RequestBodyEnforcement bool   `json:"requestBodyEnforcement"`
		FileUploadLimitInMb    int64  `json:"fileUploadLimitInMb"`
		MaxRequestBodySizeInKb int64  `json:"maxRequestBodySizeInKb"`
	} `json:"policySettings"`
	ManagedRules        managedRules `json:"managedRules"`
	CustomRules         any          `json:"customRules"`
	ApplicationGateways []ref        `json:"applicationGateways"`
	HTTPListeners       []ref        `json:"httpListeners"`
}

// frontDoorWAFPolicy is the same for front doors, in other words.
// https://learn.microsoft.com/rest/api/frontdoorservice/webapplicationfirewall/policies/get
type frontDoorWAFPolicy struct {
	PolicySettings struct {
		EnabledState     string `json:"enabledState"`
		Mode             string `json:"mode"`
		RequestBodyCheck string `json:"requestBodyCheck"`
	} `json:"policySettings"`
	ManagedRules      managedRules `json:"managedRules"`
	CustomRules       any          `json:"customRules"`
	FrontendEndpoints []ref        `json:"frontendEndpointLinks"`
	SecurityPolicies  []ref        `json:"securityPolicyLinks"`
}

type managedRules struct {
	ManagedRuleSets []struct {
		RuleSetType    string `json:"ruleSetType"`
		RuleSetVersion string `json:"ruleSetVersion"`
		RuleSetAction  string `json:"ruleSetAction"`
	} `json:"managedRuleSets"`
}

type azureFirewall struct {
	ThreatIntelMode  string          `json:"threatIntelMode"`
	FirewallPolicy   ref             `json:"firewallPolicy"`
	SKU              sku             `json:"sku"`
	IPConfigurations []sub[frontend] `json:"ipConfigurations"`
}

type firewallPolicy struct {
	ThreatIntelMode    string `json:"threatIntelMode"`
	SKU                sku    `json:"sku"`
	IntrusionDetection struct {
		Mode string `json:"mode"`
	} `json:"intrusionDetection"`
	TransportSecurity struct {
		CertificateAuthority struct {
			Name string `json:"name"`
		} `json:"certificateAuthority"`
	} `json:"transportSecurity"`
}

// ruleCollectionGroup holds rules of a firewall policy, which come in several
// shapes. https://learn.microsoft.com/rest/api/firewall/firewall-policy-rule-collection-groups/list
type ruleCollectionGroup struct {
	Priority        int64            `json:"priority"`
	RuleCollections []map[string]any `json:"ruleCollections"`
}

type bastionHost struct {
	DisableCopyPaste    bool            `json:"disableCopyPaste"`
	EnableFileCopy      bool            `json:"enableFileCopy"`
	EnableShareableLink bool            `json:"enableShareableLink"`
	EnableTunneling     bool            `json:"enableTunneling"`
	IPConfigurations    []sub[frontend] `json:"ipConfigurations"`
}

type linkConnection struct {
	PrivateLinkServiceID              string   `json:"privateLinkServiceId"`
	GroupIDs                          []string `json:"groupIds"`
	PrivateLinkServiceConnectionState struct {
		Status string `json:"status"`
	} `json:"privateLinkServiceConnectionState"`
}

type privateEndpoint struct {
	PrivateLinkServiceConnections       []sub[linkConnection] `json:"privateLinkServiceConnections"`
	ManualPrivateLinkServiceConnections []sub[linkConnection] `json:"manualPrivateLinkServiceConnections"`
	Subnet                              ref                   `json:"subnet"`
}

// flowLog is the part of a flow log that controls read.
// https://learn.microsoft.com/rest/api/network-watcher/flow-logs/get
type flowLog struct {
	Enabled                    bool      `json:"enabled"`
	TargetResourceID           string    `json:"targetResourceId"`
	StorageID                  string    `json:"storageId"`
	RetentionPolicy            retention `json:"retentionPolicy"`
	FlowAnalyticsConfiguration struct {
		NetworkWatcherFlowAnalyticsConfiguration struct {
			Enabled                  bool   `json:"enabled"`
			WorkspaceResourceID      string `json:"workspaceResourceId"`
			TrafficAnalyticsInterval int64  `json:"trafficAnalyticsInterval"`
		} `json:"networkWatcherFlowAnalyticsConfiguration"`
	} `json:"flowAnalyticsConfiguration"`
}

type networkGateway struct {
	GatewayType            string          `json:"gatewayType"`
	VPNType                string          `json:"vpnType"`
	EnableBgp              bool            `json:"enableBgp"`
	IPConfigurations       []sub[frontend] `json:"ipConfigurations"`
	VPNClientConfiguration struct {
		VPNAuthenticationTypes []string `json:"vpnAuthenticationTypes"`
		VPNClientProtocols     []string `json:"vpnClientProtocols"`
	} `json:"vpnClientConfiguration"`
}

func init() {
	plain := func(name, class string, properties any) Type {
		return Type{Name: "Microsoft.Network/" + name, Class: model.Class(class), Table: "resources", Version: networkVersion, Properties: properties}
	}
	with := func(t Type, side ...Read) Type {
		t.Side = side
		return t
	}
	register(Collector{Name: "network", Types: []Type{
		plain("virtualNetworks", "network", virtualNetwork{}),
		{
			Name: "Microsoft.Network/virtualNetworks/subnets", Class: "subnet", Version: networkVersion, Properties: subnet{},
			Within: &Within{Parent: "Microsoft.Network/virtualNetworks", Path: "properties.subnets"},
		},
		plain("networkSecurityGroups", "firewall", networkSecurityGroup{}),
		plain("applicationSecurityGroups", "security group", struct{}{}),
		plain("networkInterfaces", "network interface", networkInterface{}),
		plain("publicIPAddresses", "address", publicIPAddress{}),
		plain("routeTables", "route table", routeTable{}),
		plain("loadBalancers", "load balancer", loadBalancer{}),
		with(plain("applicationGateways", "load balancer", applicationGateway{}), diagnostics()),
		plain("applicationGatewayWebApplicationFirewallPolicies", "web firewall", wafPolicy{}),
		plain("frontDoorWebApplicationFirewallPolicies", "web firewall", frontDoorWAFPolicy{}),
		with(plain("azureFirewalls", "network firewall", azureFirewall{}), diagnostics()),
		with(plain("firewallPolicies", "network firewall policy", firewallPolicy{}), Read{
			Member: "ruleCollectionGroups", Path: "ruleCollectionGroups", Version: networkVersion, Items: true, Item: ruleCollectionGroup{},
		}),
		with(plain("bastionHosts", "bastion", bastionHost{}), diagnostics()),
		plain("privateEndpoints", "endpoint", privateEndpoint{}),
		with(plain("privateDnsZones", "dns zone", struct {
			NumberOfRecordSets int64 `json:"numberOfRecordSets"`
		}{}), Read{
			Member: "virtualNetworkLinks", Path: "virtualNetworkLinks", Version: privateZoneVersion, Items: true, Item: struct {
				VirtualNetwork      ref  `json:"virtualNetwork"`
				RegistrationEnabled bool `json:"registrationEnabled"`
			}{},
		}),
		plain("dnsZones", "dns zone", struct {
			ZoneType    string   `json:"zoneType"`
			NameServers []string `json:"nameServers"`
		}{}),
		plain("networkWatchers", "network watcher", struct {
			ProvisioningState string `json:"provisioningState"`
		}{}),
		plain("networkWatchers/flowLogs", "flow log", flowLog{}),
		plain("virtualNetworkGateways", "gateway", networkGateway{}),
		plain("expressRouteCircuits", "circuit", struct {
			CircuitProvisioningState string `json:"circuitProvisioningState"`
		}{}),
		plain("virtualHubs", "gateway", struct {
			AzureFirewall ref `json:"azureFirewall"`
			VirtualWan    ref `json:"virtualWan"`
		}{}),
		plain("natGateways", "gateway", struct {
			PublicIPAddresses []ref `json:"publicIpAddresses"`
			Subnets           []ref `json:"subnets"`
		}{}),
		plain("ddosProtectionPlans", "ddos plan", struct {
			VirtualNetworks []ref `json:"virtualNetworks"`
		}{}),
		plain("trafficManagerProfiles", "dns balancer", struct {
			ProfileStatus string `json:"profileStatus"`
			Endpoints     []sub[struct {
				TargetResourceID string `json:"targetResourceId"`
				Target           string `json:"target"`
				EndpointStatus   string `json:"endpointStatus"`
			}] `json:"endpoints"`
			MonitorConfig struct {
				Protocol string `json:"protocol"`
				Port     int64  `json:"port"`
			} `json:"monitorConfig"`
		}{}),
	}})
}

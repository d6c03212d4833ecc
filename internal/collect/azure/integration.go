package azure

import (
	"slices"

	"github.com/stance-sec/stance/internal/model"
)

const (
	automationVersion = "2023-11-01"
	cdnVersion        = "2024-02-01"
)

type callers struct {
	AllowedCallerIPAddresses []struct {
		AddressRange string `json:"addressRange"`
	} `json:"allowedCallerIpAddresses"`
}

// workflow is the part of a logic app of the consumption plan that controls read.
// https://learn.microsoft.com/rest/api/logic/workflows/get
type workflow struct {
	State         string `json:"state"`
	AccessControl struct {
		Triggers           callers `json:"triggers"`
		Contents           callers `json:"contents"`
		Actions            callers `json:"actions"`
		WorkflowManagement callers `json:"workflowManagement"`
	} `json:"accessControl"`
}

// gatewayService is the part of an API Management service that controls read.
// https://learn.microsoft.com/rest/api/apimanagement/api-management-service/get
type gatewayService struct {
	GatewayURL                 string                      `json:"gatewayUrl"`
	VirtualNetworkType         string                      `json:"virtualNetworkType"`
	PublicNetworkAccess        string                      `json:"publicNetworkAccess"`
	DisableGateway             bool                        `json:"disableGateway"`
	EnableClientCertificate    bool                        `json:"enableClientCertificate"`
	CustomProperties           map[string]string           `json:"customProperties"`
	PublisherEmail             string                      `json:"publisherEmail"`
	PlatformVersion            string                      `json:"platformVersion"`
	PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
	VirtualNetworkConfig       struct {
		SubnetResourceID string `json:"subnetResourceId"`
	} `json:"virtualNetworkConfiguration"`
	APIVersionConstraint struct {
		MinAPIVersion string `json:"minApiVersion"`
	} `json:"apiVersionConstraint"`
	HostnameConfigurations []struct {
		Type                       string `json:"type"`
		HostName                   string `json:"hostName"`
		KeyVaultID                 string `json:"keyVaultId"`
		NegotiateClientCertificate bool   `json:"negotiateClientCertificate"`
	} `json:"hostnameConfigurations"`
}

// gatewayReads are those of an API Management service. Values that are not
// marked as secret come with the list, and may be secret all the same.
func gatewayReads() []Read {
	const version = "2022-08-01"
	return []Read{
		{Member: "namedValues", Path: "namedValues", Version: version, Items: true, Item: struct {
			DisplayName string `json:"displayName"`
			Secret      bool   `json:"secret"`
			KeyVault    struct {
				SecretIdentifier string `json:"secretIdentifier"`
			} `json:"keyVault"`
		}{}},
		{Member: "backends", Path: "backends", Version: version, Items: true, Item: struct {
			URL      string `json:"url"`
			Protocol string `json:"protocol"`
			TLS      struct {
				ValidateCertificateChain bool `json:"validateCertificateChain"`
				ValidateCertificateName  bool `json:"validateCertificateName"`
			} `json:"tls"`
		}{}},
		diagnostics(),
	}
}

// frontDoor says that a profile is one of Azure Front Door; the older kinds have
// no parts of these.
func frontDoor(doc model.Document) bool {
	return slices.Contains([]string{"Standard_AzureFrontDoor", "Premium_AzureFrontDoor"}, textAt(doc, "sku.name"))
}

func textAt(doc model.Document, path string) string {
	s, _ := at(map[string]any(doc), path).(string)
	return s
}

func init() {
	register(Collector{Name: "integration", Types: []Type{
		{
			// The definition and its parameters are code of the customer's, which may
			// hold secrets.
			Name: "Microsoft.Logic/workflows", Class: "workflow", Table: "resources", Version: "2019-05-01", Properties: workflow{},
			Secret: []string{"properties.definition", "properties.parameters"},
		},
		{
			Name: "Microsoft.ApiManagement/service", Class: "api gateway", Table: "resources", Version: "2022-08-01", Properties: gatewayService{},
			Side: gatewayReads(), Secret: []string{"namedValues[].properties.value"},
		},
		{
			Name: "Microsoft.Automation/automationAccounts", Class: "automation account", Table: "resources", Version: automationVersion, Reread: []string{"properties.disableLocalAuth", "properties.publicNetworkAccess"},
			Properties: struct {
				PublicNetworkAccess bool `json:"publicNetworkAccess"`
				DisableLocalAuth    bool `json:"disableLocalAuth"`
				Encryption          struct {
					KeySource          string `json:"keySource"`
					KeyVaultProperties struct {
						KeyvaultURI string `json:"keyvaultUri"`
						KeyName     string `json:"keyName"`
					} `json:"keyVaultProperties"`
				} `json:"encryption"`
				PrivateEndpointConnections []privateEndpointConnection `json:"privateEndpointConnections"`
			}{},
			Side: []Read{
				{Member: "variables", Path: "variables", Version: automationVersion, Items: true, Item: struct {
					IsEncrypted bool `json:"isEncrypted"`
				}{}},
				{Member: "runbooks", Path: "runbooks", Version: automationVersion, Items: true, Item: struct {
					RunbookType string `json:"runbookType"`
					State       string `json:"state"`
				}{}},
			},
			Secret: []string{"variables[].properties.value"},
		},
		{
			Name: "Microsoft.Cdn/profiles", Class: "cdn", Table: "resources", Version: cdnVersion,
			Properties: struct {
				OriginResponseTimeoutSeconds int64  `json:"originResponseTimeoutSeconds"`
				FrontDoorID                  string `json:"frontDoorId"`
			}{},
			Side: []Read{
				{Member: "afdEndpoints", Path: "afdEndpoints", Version: cdnVersion, Items: true, When: frontDoor, Item: struct {
					HostName     string `json:"hostName"`
					EnabledState string `json:"enabledState"`
				}{}},
				{Member: "customDomains", Path: "customDomains", Version: cdnVersion, Items: true, When: frontDoor, Item: struct {
					HostName    string `json:"hostName"`
					TLSSettings struct {
						MinimumTLSVersion string `json:"minimumTlsVersion"`
						CertificateType   string `json:"certificateType"`
					} `json:"tlsSettings"`
				}{}},
				{Member: "securityPolicies", Path: "securityPolicies", Version: cdnVersion, Items: true, When: frontDoor, Item: struct {
					Parameters struct {
						Type         string `json:"type"`
						WafPolicy    ref    `json:"wafPolicy"`
						Associations []struct {
							Domains         []ref    `json:"domains"`
							PatternsToMatch []string `json:"patternsToMatch"`
						} `json:"associations"`
					} `json:"parameters"`
				}{}},
				{Member: "originGroups", Path: "originGroups", Version: cdnVersion, Items: true, When: frontDoor, Item: struct {
					SessionAffinityState string `json:"sessionAffinityState"`
				}{}},
				diagnostics(),
			},
		},
	}})
}

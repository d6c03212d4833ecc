package gcp

import (
	"google.golang.org/api/vpcaccess/v1"
)

func init() {
	register(Collector{Name: "network", Types: []Type{
		// https://cloud.google.com/network-connectivity/docs/reference/networkconnectivity/rest
		{Name: "networkconnectivity.googleapis.com/Hub", Class: "network hub", Item: hub{}, Policy: true},
		{Name: "networkconnectivity.googleapis.com/Spoke", Class: "network spoke", Item: spoke{}, Policy: true},
		// https://cloud.google.com/service-mesh/docs/reference/network-security/rest
		{Name: "networksecurity.googleapis.com/AuthorizationPolicy", Class: "authorization policy", Item: authorizationPolicy{}, Policy: true},
		// https://cloud.google.com/vpc/docs/reference/vpcaccess/rest
		{Name: "vpcaccess.googleapis.com/Connector", Class: "network connector", Item: vpcaccess.Connector{}},
	}})
}

// hub has the members of https://cloud.google.com/network-connectivity/docs/reference/networkconnectivity/rest/v1/projects.locations.global.hubs
type hub struct {
	CreateTime      string `json:"createTime"`
	Description     string `json:"description"`
	ExportPsc       bool   `json:"exportPsc"`
	ExportPscConfig struct {
		GlobalGoogleApis                       bool `json:"globalGoogleApis"`
		PublishedServicesAndRegionalGoogleApis bool `json:"publishedServicesAndRegionalGoogleApis"`
	} `json:"exportPscConfig"`
	Labels         map[string]string `json:"labels"`
	Name           string            `json:"name"`
	PolicyMode     string            `json:"policyMode"`
	PresetTopology string            `json:"presetTopology"`
	RouteTables    []string          `json:"routeTables"`
	RoutingVpcs    []struct {
		RequiredForNewSiteToSiteDataTransferSpokes bool   `json:"requiredForNewSiteToSiteDataTransferSpokes"`
		Uri                                        string `json:"uri"`
	} `json:"routingVpcs"`
	SpokeSummary struct {
		SpokeStateCounts       []any `json:"spokeStateCounts"`
		SpokeStateReasonCounts []any `json:"spokeStateReasonCounts"`
		SpokeTypeCounts        []any `json:"spokeTypeCounts"`
	} `json:"spokeSummary"`
	State      string `json:"state"`
	UniqueId   string `json:"uniqueId"`
	UpdateTime string `json:"updateTime"`
}

// spoke has the members of https://cloud.google.com/network-connectivity/docs/reference/networkconnectivity/rest/v1/projects.locations.spokes
type spoke struct {
	CreateTime              string   `json:"createTime"`
	Description             string   `json:"description"`
	Etag                    string   `json:"etag"`
	FieldPathsPendingUpdate []string `json:"fieldPathsPendingUpdate"`
	Gateway                 struct {
		Capacity            string   `json:"capacity"`
		CloudRouters        []string `json:"cloudRouters"`
		IpRangeReservations []any    `json:"ipRangeReservations"`
		SacAttachment       string   `json:"sacAttachment"`
	} `json:"gateway"`
	Group                         string            `json:"group"`
	Hub                           string            `json:"hub"`
	Labels                        map[string]string `json:"labels"`
	LinkedInterconnectAttachments struct {
		ExcludeExportRanges    []string `json:"excludeExportRanges"`
		ExcludeImportRanges    []string `json:"excludeImportRanges"`
		IncludeExportRanges    []string `json:"includeExportRanges"`
		IncludeImportRanges    []string `json:"includeImportRanges"`
		SiteToSiteDataTransfer bool     `json:"siteToSiteDataTransfer"`
		Uris                   []string `json:"uris"`
		VpcNetwork             string   `json:"vpcNetwork"`
	} `json:"linkedInterconnectAttachments"`
	LinkedProducerVpcNetwork struct {
		ExcludeExportRanges         []string `json:"excludeExportRanges"`
		IncludeExportRanges         []string `json:"includeExportRanges"`
		Network                     string   `json:"network"`
		Peering                     string   `json:"peering"`
		ProducerNetwork             string   `json:"producerNetwork"`
		ProposedExcludeExportRanges []string `json:"proposedExcludeExportRanges"`
		ProposedIncludeExportRanges []string `json:"proposedIncludeExportRanges"`
		ServiceConsumerVpcSpoke     string   `json:"serviceConsumerVpcSpoke"`
	} `json:"linkedProducerVpcNetwork"`
	LinkedRouterApplianceInstances struct {
		ExcludeExportRanges    []string `json:"excludeExportRanges"`
		ExcludeImportRanges    []string `json:"excludeImportRanges"`
		IncludeExportRanges    []string `json:"includeExportRanges"`
		IncludeImportRanges    []string `json:"includeImportRanges"`
		Instances              []any    `json:"instances"`
		SiteToSiteDataTransfer bool     `json:"siteToSiteDataTransfer"`
		VpcNetwork             string   `json:"vpcNetwork"`
	} `json:"linkedRouterApplianceInstances"`
	LinkedVpcNetwork struct {
		ExcludeExportRanges         []string `json:"excludeExportRanges"`
		IncludeExportRanges         []string `json:"includeExportRanges"`
		ProducerVpcSpokes           []string `json:"producerVpcSpokes"`
		ProposedExcludeExportRanges []string `json:"proposedExcludeExportRanges"`
		ProposedIncludeExportRanges []string `json:"proposedIncludeExportRanges"`
		Uri                         string   `json:"uri"`
	} `json:"linkedVpcNetwork"`
	LinkedVpnTunnels struct {
		ExcludeExportRanges    []string `json:"excludeExportRanges"`
		ExcludeImportRanges    []string `json:"excludeImportRanges"`
		IncludeExportRanges    []string `json:"includeExportRanges"`
		IncludeImportRanges    []string `json:"includeImportRanges"`
		SiteToSiteDataTransfer bool     `json:"siteToSiteDataTransfer"`
		Uris                   []string `json:"uris"`
		VpcNetwork             string   `json:"vpcNetwork"`
	} `json:"linkedVpnTunnels"`
	Name    string `json:"name"`
	Reasons []struct {
		Code        string `json:"code"`
		Message     string `json:"message"`
		UserDetails string `json:"userDetails"`
	} `json:"reasons"`
	SpokeType  string `json:"spokeType"`
	State      string `json:"state"`
	UniqueId   string `json:"uniqueId"`
	UpdateTime string `json:"updateTime"`
}

// authorizationPolicy has the members of https://cloud.google.com/service-mesh/docs/reference/network-security/rest/v1/projects.locations.authorizationPolicies
type authorizationPolicy struct {
	Action      string            `json:"action"`
	CreateTime  string            `json:"createTime"`
	Description string            `json:"description"`
	Labels      map[string]string `json:"labels"`
	Name        string            `json:"name"`
	Rules       []struct {
		Destinations []struct {
			Hosts           []string `json:"hosts"`
			HttpHeaderMatch any      `json:"httpHeaderMatch"`
			Methods         []string `json:"methods"`
			Ports           []int64  `json:"ports"`
		} `json:"destinations"`
		Sources []struct {
			IpBlocks   []string `json:"ipBlocks"`
			Principals []string `json:"principals"`
		} `json:"sources"`
	} `json:"rules"`
	UpdateTime string `json:"updateTime"`
}

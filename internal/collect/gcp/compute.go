package gcp

import (
	"google.golang.org/api/compute/v1"
)

func init() {
	register(Collector{Name: "compute", Types: []Type{
		// https://cloud.google.com/compute/docs/reference/rest/v1
		{Name: "compute.googleapis.com/Project", Class: "settings", Item: compute.Project{}, Fix: fixMetadata("commonInstanceMetadata"), Shape: shapeMetadata("commonInstanceMetadata")},
		{Name: "compute.googleapis.com/Instance", Class: "instance", Item: compute.Instance{}, Policy: true, Fix: fixMetadata("metadata"), Shape: shapeMetadata("metadata")},
		{Name: "compute.googleapis.com/InstanceTemplate", Class: "launch template", Item: compute.InstanceTemplate{}, Policy: true, Fix: fixMetadata("properties.metadata"), Shape: shapeMetadata("properties.metadata")},
		{Name: "compute.googleapis.com/InstanceGroupManager", Class: "instance group", Item: compute.InstanceGroupManager{}},
		{Name: "compute.googleapis.com/InstanceGroup", Class: "instance group", Item: compute.InstanceGroup{}},
		{Name: "compute.googleapis.com/Disk", Class: "disk", Item: compute.Disk{}, Policy: true},
		{Name: "compute.googleapis.com/Snapshot", Class: "snapshot", Item: compute.Snapshot{}, Policy: true},
		{Name: "compute.googleapis.com/Image", Class: "image", Item: compute.Image{}, Policy: true},
		{Name: "compute.googleapis.com/MachineImage", Class: "image", Item: compute.MachineImage{}, Policy: true},
		{Name: "compute.googleapis.com/Network", Class: "network", Item: compute.Network{}},
		{Name: "compute.googleapis.com/Subnetwork", Class: "subnet", Item: compute.Subnetwork{}, Policy: true},
		{Name: "compute.googleapis.com/Firewall", Class: "firewall", Item: compute.Firewall{}},
		{Name: "compute.googleapis.com/FirewallPolicy", Class: "firewall", Item: compute.FirewallPolicy{}, Policy: true},
		{Name: "compute.googleapis.com/Route", Class: "route", Item: compute.Route{}},
		{Name: "compute.googleapis.com/Router", Class: "gateway", Item: compute.Router{}},
		{Name: "compute.googleapis.com/Address", Class: "address", Item: compute.Address{}},
		{Name: "compute.googleapis.com/GlobalAddress", Class: "address", Item: compute.Address{}},
		{Name: "compute.googleapis.com/ForwardingRule", Class: "listener", Item: compute.ForwardingRule{}},
		{Name: "compute.googleapis.com/GlobalForwardingRule", Class: "listener", Item: compute.ForwardingRule{}},
		{Name: "compute.googleapis.com/BackendService", Class: "target group", Item: compute.BackendService{}, Policy: true},
		{Name: "compute.googleapis.com/RegionBackendService", Class: "target group", Item: compute.BackendService{}, Policy: true},
		{Name: "compute.googleapis.com/BackendBucket", Class: "target group", Item: compute.BackendBucket{}, Policy: true},
		{Name: "compute.googleapis.com/UrlMap", Class: "load balancer", Item: compute.UrlMap{}},
		{Name: "compute.googleapis.com/TargetHttpProxy", Class: "listener", Item: compute.TargetHttpProxy{}},
		{Name: "compute.googleapis.com/TargetHttpsProxy", Class: "listener", Item: compute.TargetHttpsProxy{}},
		{Name: "compute.googleapis.com/TargetSslProxy", Class: "listener", Item: compute.TargetSslProxy{}},
		{Name: "compute.googleapis.com/SslPolicy", Class: "tls policy", Item: compute.SslPolicy{}},
		{Name: "compute.googleapis.com/SslCertificate", Class: "certificate", Item: compute.SslCertificate{}, Secret: []string{"privateKey"}},
		{Name: "compute.googleapis.com/SecurityPolicy", Class: "web firewall", Item: compute.SecurityPolicy{}},
		{Name: "compute.googleapis.com/VpnTunnel", Class: "vpn", Item: compute.VpnTunnel{}, Secret: []string{"sharedSecret"}},
		{Name: "compute.googleapis.com/VpnGateway", Class: "vpn", Item: compute.VpnGateway{}},
		{Name: "compute.googleapis.com/Interconnect", Class: "interconnect", Item: compute.Interconnect{}},
		{Name: "compute.googleapis.com/InterconnectAttachment", Class: "interconnect", Item: compute.InterconnectAttachment{}},
		{Name: "compute.googleapis.com/PacketMirroring", Class: "mirror", Item: compute.PacketMirroring{}},
		{Name: "compute.googleapis.com/ServiceAttachment", Class: "endpoint service", Item: compute.ServiceAttachment{}, Policy: true},
	}})
}

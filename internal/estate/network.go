package estate

import "fmt"

// vpc is a network with what later assets ask for: its subnets by name.
type vpc struct {
	b          *builder
	region, id string
	name, team string
	subnets    map[string]string // "public-a" -> id
	zones      map[string]string // id -> zone
	groups     map[string]string // security groups by name
	addresses  int               // handed out so far
	prefix     string            // the first two parts of its addresses
	tables     []string
}

// ec2 adds an asset of EC2, whose ARNs all have one form.
func (b *builder) ec2(typ, region, kind, id, created string, config doc) {
	name := tagsIn(plain(config))["Name"]
	if name == "" {
		name = id
	}
	b.add("AWS::EC2::"+typ, region, b.arn("ec2", region, kind+"/"+id), name, created, config)
}

func plain(d doc) doc {
	out := doc{}
	for k, v := range d {
		out[k] = v
	}
	return out
}

// network adds a VPC of three tiers in two zones: public subnets behind an
// internet gateway, private ones behind a NAT gateway, and those of the
// databases, which have no way out.
func (b *builder) network(region, name, prefix, team string) *vpc {
	v := b.bareVPC(region, name, prefix, team, false)
	gateway := v.internetGateway()
	nat := b.ec2ID("nat", name)
	v.subnet("public-a", region+"a", ".0.0/22", false)
	v.subnet("public-b", region+"b", ".4.0/22", false)
	v.subnet("private-a", region+"a", ".16.0/20", false)
	v.subnet("private-b", region+"b", ".32.0/20", false)
	v.subnet("data-a", region+"a", ".64.0/24", false)
	v.subnet("data-b", region+"b", ".65.0/24", false)
	local := doc{"DestinationCidrBlock": prefix + ".0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"}
	v.routeTable("main", true, nil, local)
	v.routeTable("public", false, []string{"public-a", "public-b"}, local, doc{
		"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway, "Origin": "CreateRoute", "State": "active",
	})
	v.routeTable("private", false, []string{"private-a", "private-b"}, local, doc{
		"DestinationCidrBlock": "0.0.0.0/0", "NatGatewayId": nat, "Origin": "CreateRoute", "State": "active",
	})
	v.routeTable("data", false, []string{"data-a", "data-b"}, local)
	v.acl("tiers", false, []string{"private-a", "private-b", "data-a", "data-b"},
		entry(100, false, "allow", "-1", prefix+".0.0/16", 0, 0), entry(110, false, "allow", "6", "0.0.0.0/0", 1024, 65535),
		entry(32767, false, "deny", "-1", "0.0.0.0/0", 0, 0), entry(100, true, "allow", "-1", "0.0.0.0/0", 0, 0),
		entry(32767, true, "deny", "-1", "0.0.0.0/0", 0, 0))
	v.acl("default", true, []string{"public-a", "public-b"}, openEntries()...)
	v.closedDefaultGroup()
	v.nat(nat)
	return v
}

// defaultVPC adds the network that AWS makes in every region, as nobody ever
// changed it.
func (b *builder) defaultVPC(region string) *vpc {
	v := b.bareVPC(region, "default-"+region, "172.31", "", true)
	gateway := v.internetGateway()
	for i, zone := range []string{"a", "b", "c"} {
		v.subnet("default-"+zone, region+zone, fmt.Sprintf(".%d.0/20", i*16), true)
	}
	v.routeTable("main", true, nil,
		doc{"DestinationCidrBlock": "172.31.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable", "State": "active"},
		doc{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway, "Origin": "CreateRoute", "State": "active"})
	v.acl("default", true, []string{"default-a", "default-b", "default-c"}, openEntries()...)
	id := b.ec2ID("sg", v.name+"/default")
	v.groups["default"] = id
	b.ec2("SecurityGroup", region, "security-group", id, "", doc{
		"GroupId": id, "GroupName": "default", "Description": "default VPC security group", "VpcId": v.id, "OwnerId": b.id,
		"SecurityGroupArn":    b.arn("ec2", region, "security-group/"+id),
		"IpPermissions":       list{doc{"IpProtocol": "-1", "IpRanges": list{}, "Ipv6Ranges": list{}, "PrefixListIds": list{}, "UserIdGroupPairs": list{doc{"GroupId": id, "UserId": b.id}}}},
		"IpPermissionsEgress": list{everywhere("-1", 0, 0, "")},
	})
	b.assets[len(b.assets)-1].Name = "default"
	return v
}

func (b *builder) bareVPC(region, name, prefix, team string, isDefault bool) *vpc {
	v := &vpc{
		b: b, region: region, name: name, team: team, id: b.ec2ID("vpc", name), prefix: prefix, subnets: map[string]string{},
		zones: map[string]string{}, groups: map[string]string{},
	}
	config := doc{
		"VpcId": v.id, "CidrBlock": prefix + ".0.0/16", "IsDefault": isDefault, "State": "available", "OwnerId": b.id,
		"DhcpOptionsId": b.ec2ID("dopt", region), "InstanceTenancy": "default",
		"CidrBlockAssociationSet": list{doc{
			"AssociationId": b.ec2ID("vpc-cidr-assoc", name), "CidrBlock": prefix + ".0.0/16", "CidrBlockState": doc{"State": "associated"},
		}},
		"EnableDnsSupport": doc{"Value": true}, "EnableDnsHostnames": doc{"Value": true}, "Tags": list{},
	}
	if !isDefault {
		config["Tags"] = b.named(name, team)
	}
	b.ec2("VPC", region, "vpc", v.id, "", config)
	return v
}

func (v *vpc) tags(name string) list {
	if v.team == "" {
		return list{}
	}
	return v.b.named(v.name+"-"+name, v.team)
}

func (v *vpc) internetGateway() string {
	id := v.b.ec2ID("igw", v.name)
	v.b.ec2("InternetGateway", v.region, "internet-gateway", id, "", doc{
		"InternetGatewayId": id, "OwnerId": v.b.id, "Attachments": list{doc{"State": "available", "VpcId": v.id}}, "Tags": v.tags("igw"),
	})
	return id
}

func (v *vpc) subnet(name, zone, cidr string, public bool) {
	id := v.b.ec2ID("subnet", v.name+"/"+name)
	v.subnets[name], v.zones[id] = id, zone
	v.b.ec2("Subnet", v.region, "subnet", id, "", doc{
		"SubnetId": id, "VpcId": v.id, "AvailabilityZone": zone, "AvailabilityZoneId": zoneID(zone), "CidrBlock": v.prefix + cidr,
		"AvailableIpAddressCount": 4 + len(name)*30, "MapPublicIpOnLaunch": public, "AssignIpv6AddressOnCreation": false,
		"DefaultForAz": public, "State": "available", "OwnerId": v.b.id, "SubnetArn": v.b.arn("ec2", v.region, "subnet/"+id),
		"EnableDns64": false, "Ipv6Native": false, "Ipv6CidrBlockAssociationSet": list{}, "Tags": v.tags(name),
	})
}

// zoneID is the physical name of a zone: eu-central-1a is euc1-az2 here.
func zoneID(zone string) string {
	region := map[string]string{mainRegion: "euc1", otherRegion: "use1"}[zone[:len(zone)-1]]
	return fmt.Sprintf("%s-az%d", region, (zone[len(zone)-1]-'a'+1)%3+1)
}

func (v *vpc) routeTable(name string, isMain bool, subnets []string, routes ...doc) {
	id := v.b.ec2ID("rtb", v.name+"/"+name)
	associations := list{}
	associate := func(seed string, more doc) {
		associations = append(associations, with(doc{
			"RouteTableAssociationId": v.b.ec2ID("rtbassoc", v.name+"/"+seed), "RouteTableId": id, "Main": false,
			"AssociationState": doc{"State": "associated"},
		}, more))
	}
	if isMain {
		associate("main", doc{"Main": true})
	}
	for _, s := range subnets {
		associate(s, doc{"SubnetId": v.subnets[s]})
	}
	v.tables = append(v.tables, id)
	all := list{}
	for _, r := range routes {
		all = append(all, plain(r))
	}
	v.b.ec2("RouteTable", v.region, "route-table", id, "", doc{
		"RouteTableId": id, "VpcId": v.id, "OwnerId": v.b.id, "Associations": associations, "Routes": all, "PropagatingVgws": list{}, "Tags": v.tags(name),
	})
}

// entry is one of a network ACL. Ports count for TCP and UDP only.
func entry(number int, egress bool, action, protocol, cidr string, from, to int) doc {
	e := doc{"RuleNumber": number, "Egress": egress, "RuleAction": action, "Protocol": protocol, "CidrBlock": cidr}
	if protocol == "6" || protocol == "17" {
		e["PortRange"] = doc{"From": from, "To": to}
	}
	return e
}

func openEntries() []doc {
	return []doc{
		entry(100, true, "allow", "-1", "0.0.0.0/0", 0, 0), entry(32767, true, "deny", "-1", "0.0.0.0/0", 0, 0),
		entry(100, false, "allow", "-1", "0.0.0.0/0", 0, 0), entry(32767, false, "deny", "-1", "0.0.0.0/0", 0, 0),
	}
}

func (v *vpc) acl(name string, isDefault bool, subnets []string, entries ...doc) {
	id := v.b.ec2ID("acl", v.name+"/"+name)
	associations, all := list{}, list{}
	for _, s := range subnets {
		associations = append(associations, doc{"NetworkAclAssociationId": v.b.ec2ID("aclassoc", v.name+"/"+s), "NetworkAclId": id, "SubnetId": v.subnets[s]})
	}
	for _, e := range entries {
		all = append(all, e)
	}
	v.b.ec2("NetworkAcl", v.region, "network-acl", id, "", doc{
		"NetworkAclId": id, "VpcId": v.id, "OwnerId": v.b.id, "IsDefault": isDefault, "Associations": associations, "Entries": all, "Tags": v.tags(name),
	})
}

func (v *vpc) nat(id string) {
	b, subnet := v.b, v.subnets["public-a"]
	allocation, address := b.ec2ID("eipalloc", v.name+"/nat"), v.publicAddress()
	eni := v.eni("nat", subnet, nil, v.privateAddress("public-a"), doc{
		"Description": "Interface for NAT Gateway " + id, "InterfaceType": "nat_gateway", "RequesterManaged": true, "SourceDestCheck": false,
		"RequesterId": "778812345678", "Association": doc{"PublicIp": address, "AllocationId": allocation, "IpOwnerId": b.id},
	})
	b.ec2("NatGateway", v.region, "natgateway", id, b.ago(760), doc{
		"NatGatewayId": id, "VpcId": v.id, "SubnetId": subnet, "State": "available", "ConnectivityType": "public", "CreateTime": b.ago(760),
		"NatGatewayAddresses": list{doc{"AllocationId": allocation, "PublicIp": address, "NetworkInterfaceId": eni, "IsPrimary": true, "Status": "succeeded"}},
		"Tags":                v.tags("nat"),
	})
	v.eip(allocation, address, eni, "", v.tags("nat"))
}

func (v *vpc) eip(allocation, address, eni, instance string, tags list) {
	config := doc{
		"AllocationId": allocation, "PublicIp": address, "Domain": "vpc", "AssociationId": v.b.ec2ID("eipassoc", allocation),
		"NetworkInterfaceId": eni, "NetworkInterfaceOwnerId": v.b.id, "NetworkBorderGroup": v.region, "PublicIpv4Pool": "amazon", "Tags": tags,
	}
	if instance != "" {
		config["InstanceId"] = instance
	}
	v.b.ec2("EIP", v.region, "elastic-ip", allocation, "", config)
}

// publicAddress gives an address of the range that is kept for documents.
func (v *vpc) publicAddress() string {
	v.addresses++
	return fmt.Sprintf("203.0.113.%d", 10+v.addresses+len(v.b.assets)%200)
}

func (v *vpc) privateAddress(subnet string) string {
	v.addresses++
	third := map[byte]int{'p': 20, 'd': 64}[subnet[0]]
	return fmt.Sprintf("%s.%d.%d", v.prefix, third, 10+v.addresses)
}

// eni adds a network interface and returns its id.
func (v *vpc) eni(seed, subnet string, groups list, address string, changes doc) string {
	id := v.b.ec2ID("eni", v.name+"/"+seed)
	if groups == nil {
		groups = list{}
	}
	config := with(doc{
		"NetworkInterfaceId": id, "VpcId": v.id, "SubnetId": subnet, "Status": "in-use", "InterfaceType": "interface", "Groups": groups,
		"RequesterManaged": false, "SourceDestCheck": true, "PrivateIpAddress": address, "OwnerId": v.b.id, "AvailabilityZone": v.zones[subnet],
		"PrivateIpAddresses": list{doc{"Primary": true, "PrivateIpAddress": address}}, "Ipv6Addresses": list{}, "TagSet": list{},
		"MacAddress": "06:" + v.b.hex(id, 2) + ":1f:2a:" + v.b.hex(id, 4)[2:] + ":0c", "Description": "",
	}, changes)
	v.b.ec2("NetworkInterface", v.region, "network-interface", id, "", config)
	return id
}

// admit is a permission of a security group.
func admit(protocol string, from, to int, why string, cidrs ...string) doc {
	ranges := list{}
	for _, c := range cidrs {
		ranges = append(ranges, doc{"CidrIp": c, "Description": why})
	}
	p := doc{"IpProtocol": protocol, "IpRanges": ranges, "Ipv6Ranges": list{}, "PrefixListIds": list{}, "UserIdGroupPairs": list{}}
	if protocol != "-1" {
		p["FromPort"], p["ToPort"] = from, to
	}
	return p
}

// everywhere is a permission from or to all IPv4 addresses.
func everywhere(protocol string, from, to int, why string) doc {
	p := admit(protocol, from, to, why, "0.0.0.0/0")
	if why == "" {
		p["IpRanges"] = list{doc{"CidrIp": "0.0.0.0/0"}}
	}
	return p
}

// from is a permission for the members of another group.
func (v *vpc) from(group string, port int, why string) doc {
	p := admit("tcp", port, port, why)
	p["UserIdGroupPairs"] = list{doc{"GroupId": v.groups[group], "UserId": v.b.id, "Description": why}}
	return p
}

// group adds a security group whose members may reach what the company needs:
// HTTPS anywhere, and the network itself.
func (v *vpc) group(name, description string, in ...doc) {
	v.groupWith(name, description, v.b.named(name, v.team), in, []doc{
		everywhere("tcp", 443, 443, "HTTPS"), admit("tcp", 0, 65535, "inside the network", v.prefix+".0.0/16"),
	})
}

func (v *vpc) groupWith(name, description string, tags list, in, out []doc) {
	id := v.b.ec2ID("sg", v.name+"/"+name)
	v.groups[name] = id
	ingress, egress := list{}, list{}
	for _, p := range in {
		ingress = append(ingress, p)
	}
	for _, p := range out {
		egress = append(egress, p)
	}
	v.b.add("AWS::EC2::SecurityGroup", v.region, v.b.arn("ec2", v.region, "security-group/"+id), name, "", doc{
		"GroupId": id, "GroupName": name, "Description": description, "VpcId": v.id, "OwnerId": v.b.id,
		"SecurityGroupArn": v.b.arn("ec2", v.region, "security-group/"+id), "IpPermissions": ingress, "IpPermissionsEgress": egress, "Tags": tags,
	})
}

func (v *vpc) closedDefaultGroup() {
	v.groupWith("default", "default VPC security group", list{}, nil, nil)
}

// flowLog sends the traffic of the VPC to a log group.
func (v *vpc) flowLog(group, role string) {
	id := v.b.ec2ID("fl", v.name)
	v.b.ec2("FlowLog", v.region, "vpc-flow-log", id, v.b.ago(700), doc{
		"FlowLogId": id, "ResourceId": v.id, "FlowLogStatus": "ACTIVE", "TrafficType": "REJECT", "LogDestinationType": "cloud-watch-logs",
		"LogGroupName": group, "LogDestination": v.b.arn("logs", v.region, "log-group:"+group), "DeliverLogsPermissionArn": v.b.role(role),
		"DeliverLogsStatus": "SUCCESS", "CreationTime": v.b.ago(700), "MaxAggregationInterval": 600, "Tags": v.tags("flow"),
	})
}

// endpoint adds an endpoint of a service of AWS inside the VPC.
func (v *vpc) endpoint(service, kind string) {
	id := v.b.ec2ID("vpce", v.name+"/"+service)
	config := doc{
		"VpcEndpointId": id, "VpcEndpointType": kind, "VpcId": v.id, "ServiceName": "com.amazonaws." + v.region + "." + service,
		"State": "available", "OwnerId": v.b.id, "CreationTimestamp": v.b.ago(640), "RequesterManaged": false, "PrivateDnsEnabled": kind == "Interface",
		"PolicyDocument": policy(doc{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": doc{"StringEquals": doc{"aws:PrincipalOrgID": organizationID}}}),
		"RouteTableIds":  list{}, "SubnetIds": list{}, "Groups": list{}, "Tags": v.tags(service),
	}
	if kind == "Gateway" {
		ids := list{}
		for _, t := range v.tables {
			ids = append(ids, t)
		}
		config["RouteTableIds"] = ids
	} else {
		config["SubnetIds"] = list{v.subnets["private-a"], v.subnets["private-b"]}
		config["Groups"] = list{doc{"GroupId": v.groups["endpoints"], "GroupName": "endpoints"}}
	}
	v.b.ec2("VPCEndpoint", v.region, "vpc-endpoint", id, v.b.ago(640), config)
}

// peering adds a connection as either side sees it.
func (b *builder) peering(region, name string, requester, accepter doc) {
	id := "pcx-0" + "a41c7e90b2d35f68"
	b.ec2("VPCPeeringConnection", region, "vpc-peering-connection", id, "", doc{
		"VpcPeeringConnectionId": id, "Status": doc{"Code": "active", "Message": "Active"}, "RequesterVpcInfo": requester, "AccepterVpcInfo": accepter,
		"Tags": b.named(name, "platform"),
	})
}

// prefixLists adds a list of AWS's own, and the company's list of its offices.
func (b *builder) prefixLists(region string) {
	id := map[string]string{mainRegion: "pl-6ea54007", otherRegion: "pl-63a5400a"}[region]
	b.add("AWS::EC2::PrefixList", region, "arn:aws:ec2:"+region+":aws:prefix-list/"+id, "com.amazonaws."+region+".s3", "", doc{
		"PrefixListId": id, "PrefixListName": "com.amazonaws." + region + ".s3", "OwnerId": "AWS", "AddressFamily": "IPv4",
		"PrefixListArn": "arn:aws:ec2:" + region + ":aws:prefix-list/" + id, "State": "create-complete",
		"Entries": list{doc{"Cidr": "3.5.136.0/22"}, doc{"Cidr": "52.219.44.0/22"}, doc{"Cidr": "52.219.140.0/24"}}, "Tags": list{},
	}).ManagedBy = "aws"
}

func (b *builder) offices(region string) string {
	id := b.ec2ID("pl", region+"/offices")
	b.add("AWS::EC2::PrefixList", region, b.arn("ec2", region, "prefix-list/"+id), "lindenbrook-offices", "", doc{
		"PrefixListId": id, "PrefixListName": "lindenbrook-offices", "OwnerId": b.id, "AddressFamily": "IPv4", "MaxEntries": 10, "Version": 3,
		"PrefixListArn": b.arn("ec2", region, "prefix-list/"+id), "State": "modify-complete",
		"Entries": list{doc{"Cidr": "198.51.100.16/28", "Description": "Augsburg"}, doc{"Cidr": "198.51.100.64/29", "Description": "Rotterdam"}},
		"Tags":    b.named("lindenbrook-offices", "platform"),
	})
	return id
}

// fromList is a permission for the addresses of a prefix list.
func fromList(id string, port int, why string) doc {
	p := admit("tcp", port, port, why)
	p["PrefixListIds"] = list{doc{"PrefixListId": id, "Description": why}}
	return p
}

"""Machines and networks: for each control the situations that it tells apart.

What is made carries its situation in a tag of that name, or has it as its name;
cmd/stance/testdata/verdicts/compute.txt says which verdicts are right. What is
forgotten, broken or has another state than the API lets one make is set in
moto's own memory.
"""

import base64
import datetime
import gzip
import json

import boto3
from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

ACCOUNT = "123456789012"
HOME = "us-east-1"
AWAY = "eu-west-1"
ANY, ANY6 = "0.0.0.0/0", "::/0"
# Looks like the real thing, which the vendor's own example would not.
KEY = "AKIAQYLPMN5HJZ3K7TWX"

ec2 = boto3.client("ec2", region_name=HOME)


def make() -> None:
    net = network()
    groups(net)
    network_acls(net)
    instances(net)
    launch_templates()
    disks()
    addresses(net)
    flow_logs()
    peering()
    endpoints(net)
    defaults()
    load_balancers(net)
    classic_load_balancers(net)


def tags(situation: str, kind: str = "") -> list:
    tag = [{"Key": "situation", "Value": situation}]
    return [{"ResourceType": kind, "Tags": tag}] if kind else tag


def tag(situation: str, *ids: str, client=None) -> None:
    (client or ec2).create_tags(Resources=list(ids), Tags=tags(situation))


def vpc(situation: str, cidr: str, client=None) -> str:
    client = client or ec2
    made = client.create_vpc(CidrBlock=cidr, TagSpecifications=tags(situation, "vpc"))["Vpc"]["VpcId"]
    return made


def network() -> dict:
    """Makes a network with a public and a private subnet in each of two zones."""
    net = {"vpc": ec2.create_vpc(CidrBlock="10.1.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]["VpcId"]}
    tag("main", net["vpc"])
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=net["vpc"])
    table = ec2.create_route_table(VpcId=net["vpc"])["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock=ANY, GatewayId=gateway)
    ec2.create_route(RouteTableId=table, DestinationIpv6CidrBlock=ANY6, GatewayId=gateway)
    v6 = ec2.describe_vpcs(VpcIds=[net["vpc"]])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
    prefix = v6.split("::")[0]
    for number, (name, zone) in enumerate(
        (("public", "a"), ("public-b", "b"), ("private", "a"), ("private-b", "b"), ("guarded", "a"))
    ):
        net[name] = ec2.create_subnet(
            VpcId=net["vpc"],
            CidrBlock=f"10.1.{number}.0/24",
            Ipv6CidrBlock=f"{prefix[:-2]}{number:02x}::/64",
            AvailabilityZone=HOME + zone,
            TagSpecifications=tags(name, "subnet"),
        )["Subnet"]["SubnetId"]
        if not name.startswith("private"):
            ec2.associate_route_table(RouteTableId=table, SubnetId=net[name])
    ec2.modify_subnet_attribute(SubnetId=net["public"], MapPublicIpOnLaunch={"Value": True})
    return net


def group(net: dict, name: str, *permissions: dict) -> str:
    made = ec2.create_security_group(GroupName=name, Description=name, VpcId=net["vpc"])["GroupId"]
    if permissions:
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=list(permissions))
    net[name] = made
    return made


def allow(protocol: str, ports=None, v4=(), v6=(), lists=(), groups=()) -> dict:
    rule = {
        "IpProtocol": protocol,
        "IpRanges": [{"CidrIp": r} for r in v4],
        "Ipv6Ranges": [{"CidrIpv6": r} for r in v6],
        "PrefixListIds": [{"PrefixListId": x} for x in lists],
        "UserIdGroupPairs": [{"GroupId": g} for g in groups],
    }
    if ports is not None:
        rule["FromPort"], rule["ToPort"] = ports if isinstance(ports, tuple) else (ports, ports)
    return rule


def groups(net: dict) -> None:
    def prefix_list(name: str, *cidrs: str) -> str:
        return ec2.create_managed_prefix_list(
            PrefixListName=name,
            MaxEntries=10,
            AddressFamily="IPv6" if ":" in cidrs[0] else "IPv4",
            Entries=[{"Cidr": c} for c in cidrs],
        )["PrefixList"]["PrefixListId"]

    world = prefix_list("world", "10.0.0.0/8", "0.0.0.0/1", "128.0.0.0/1")
    office = prefix_list("office", "192.0.2.0/24")
    group(net, "no-ingress")
    group(net, "ssh-any", allow("tcp", 22, [ANY]))
    group(net, "ssh-any-v6", allow("tcp", 22, [], [ANY6]))
    group(net, "ssh-2000", allow("tcp", 22, [], ["2000::/3"]))
    group(net, "ssh-halves", allow("tcp", 22, ["0.0.0.0/1", "128.0.0.0/1"]))
    group(net, "ssh-halves-in-two-rules", allow("tcp", (20, 30), ["0.0.0.0/1"]), allow("tcp", 22, ["128.0.0.0/1"]))
    group(net, "ssh-half", allow("tcp", 22, ["0.0.0.0/1"]))
    group(net, "ssh-in-range", allow("tcp", (0, 1023), [ANY]))
    group(net, "ssh-beside-range", allow("tcp", (23, 1023), [ANY]))
    group(net, "ssh-inside", allow("tcp", 22, ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"], ["fd00::/8"]))
    group(net, "ssh-one-address", allow("tcp", 22, ["192.0.2.7/32"]))
    group(net, "ssh-world-list", allow("tcp", 22, lists=[world]))
    group(net, "ssh-office-list", allow("tcp", 22, lists=[office]))
    group(net, "ssh-from-group", allow("tcp", 22, groups=[net["ssh-any"]]))
    group(net, "ssh-udp", allow("udp", 22, [ANY]))
    group(net, "ssh-by-number", allow("6", 22, [ANY]))
    group(net, "ssh-all-protocols-in-one", allow("-1", None, ["0.0.0.0/1", "128.0.0.0/1"]))
    group(
        net,
        "ssh-everybody-but-inside",
        *(
            allow("tcp", 22, [c])
            for c in (
                "0.0.0.0/5",
                "8.0.0.0/7",
                "11.0.0.0/8",
                "12.0.0.0/6",
                "16.0.0.0/4",
                "32.0.0.0/3",
                "64.0.0.0/2",
                "128.0.0.0/1",
            )
        ),
    )
    group(net, "ssh-inside-6", allow("tcp", 22, [], ["fc00::/7", "fe80::/10"]))
    group(net, "ssh-one-network-6", allow("tcp", 22, [], ["2001:db8::/32"]))
    group(net, "icmp-v6", allow("icmpv6", (-1, -1), [], [ANY6]))
    group(net, "rdp-any", allow("tcp", 3389, [ANY]))
    group(net, "rdp-udp", allow("udp", 3389, [ANY]))
    group(net, "all-any", allow("-1", None, [ANY]))
    group(net, "all-any-v6", allow("-1", None, [], [ANY6]))
    group(net, "all-inside", allow("-1", None, ["10.0.0.0/8"]))
    group(net, "all-tcp", allow("tcp", (0, 65535), [ANY]))
    group(net, "all-tcp-from-one", allow("tcp", (1, 65535), [ANY]))
    group(net, "all-in-two-ranges", allow("tcp", (0, 30000), [ANY]), allow("tcp", (30001, 65535), [ANY]))
    group(net, "icmp-any", allow("icmp", (-1, -1), [ANY]))
    group(net, "web", allow("tcp", 80, [ANY], [ANY6]), allow("tcp", 443, [ANY], [ANY6]))
    group(net, "web-range", allow("tcp", (80, 81), [ANY]))
    for port in (
        20,
        21,
        23,
        25,
        110,
        135,
        137,
        138,
        139,
        143,
        445,
        1433,
        1521,
        2483,
        3000,
        3306,
        4333,
        5000,
        5432,
        5500,
        5601,
        6379,
        8080,
        8088,
        8888,
        9092,
        9160,
        9200,
        9300,
        11211,
        27017,
        27018,
    ):
        group(net, f"tcp-{port}", allow("tcp", port, [ANY]))
    group(net, "public-network", allow("tcp", 443, ["8.8.8.0/24"]))
    group(net, "public-networks-side-by-side", allow("tcp", 443, ["8.8.8.0/24", "8.8.9.0/24"]))
    group(net, "public-range", allow("tcp", 443, ["52.0.0.0/11"]))
    group(net, "public-network-6", allow("tcp", 443, [], ["2600:1f00::/40"]))
    group(net, "launch-wizard-7", allow("tcp", 443, ["10.0.0.0/8"]))
    group(net, "50-rules", *(allow("tcp", 8000 + i, ["10.0.0.0/8"]) for i in range(50)))
    group(net, "51-rules", *(allow("tcp", 8000 + i, ["10.0.0.0/8"]) for i in range(51)))
    quiet = group(net, "no-egress")
    rules = ec2.describe_security_groups(GroupIds=[quiet])["SecurityGroups"][0]["IpPermissionsEgress"]
    ec2.revoke_security_group_egress(GroupId=quiet, IpPermissions=rules)
    # The groups that come with a network: one as made, one of which a person
    # took all rules, one of which only the egress is left.
    for name, ingress, egress in (
        ("default-as-made", True, True),
        ("default-emptied", False, False),
        ("default-egress", False, True),
    ):
        made = ec2.describe_security_groups(
            Filters=[
                {"Name": "vpc-id", "Values": [vpc(name, "10.9.0.0/16")]},
                {"Name": "group-name", "Values": ["default"]},
            ]
        )["SecurityGroups"][0]
        tag(name, made["GroupId"])
        if not ingress and made["IpPermissions"]:
            ec2.revoke_security_group_ingress(GroupId=made["GroupId"], IpPermissions=made["IpPermissions"])
        if not egress and made["IpPermissionsEgress"]:
            ec2.revoke_security_group_egress(GroupId=made["GroupId"], IpPermissions=made["IpPermissionsEgress"])
    # A group of any other network may carry the name with other letters.
    group(net, "Default", allow("tcp", 443, ["10.0.0.0/8"]))


def network_acls(net: dict) -> None:
    def acl(situation: str, *entries: tuple) -> str:
        made = ec2.create_network_acl(VpcId=net["vpc"], TagSpecifications=tags(situation, "network-acl"))["NetworkAcl"][
            "NetworkAclId"
        ]
        for number, action, protocol, ports, source in entries:
            more = {"PortRange": dict(zip(("From", "To"), ports))} if ports else {}
            more["Ipv6CidrBlock" if ":" in source else "CidrBlock"] = source
            ec2.create_network_acl_entry(
                NetworkAclId=made, RuleNumber=number, RuleAction=action, Protocol=protocol, Egress=False, **more
            )
        return made

    acl("acl-nothing")
    acl("acl-all", (100, "allow", "-1", None, ANY))
    acl("acl-all-v6", (100, "allow", "-1", None, ANY6))
    acl("acl-all-inside", (100, "allow", "-1", None, "10.0.0.0/8"))
    acl("acl-ssh", (100, "allow", "6", (22, 22), ANY))
    acl("acl-rdp", (100, "allow", "6", (3389, 3389), ANY))
    acl("acl-ssh-udp", (100, "allow", "17", (22, 22), ANY))
    acl("acl-web", (100, "allow", "6", (443, 443), ANY))
    acl("acl-ssh-denied-before", (90, "deny", "6", (22, 22), ANY), (100, "allow", "6", (0, 1024), ANY))
    acl("acl-ssh-denied-after", (100, "allow", "6", (0, 1024), ANY), (110, "deny", "6", (22, 22), ANY))
    acl("acl-ssh-denied-other-family", (90, "deny", "6", (22, 22), ANY), (100, "allow", "6", (22, 22), ANY6))
    acl("acl-all-denied-before", (90, "deny", "-1", None, ANY), (100, "allow", "-1", None, ANY))
    acl(
        "acl-admin-denied-before-all",
        (80, "deny", "6", (22, 22), ANY),
        (90, "deny", "6", (3389, 3389), ANY),
        (100, "allow", "-1", None, ANY),
    )
    acl("acl-rdp-denied-ssh-open", (90, "deny", "6", (3389, 3389), ANY), (100, "allow", "6", (0, 65535), ANY))
    acl("acl-denied-from-half", (90, "deny", "-1", None, "0.0.0.0/1"), (100, "allow", "-1", None, ANY))
    acl(
        "acl-denied-from-halves",
        (80, "deny", "-1", None, "0.0.0.0/1"),
        (90, "deny", "-1", None, "128.0.0.0/1"),
        (100, "allow", "-1", None, ANY),
    )
    acl("acl-ssh-one-address", (100, "allow", "6", (22, 22), "192.0.2.7/32"))
    acl("acl-ssh-halves", (100, "allow", "6", (22, 22), "0.0.0.0/1"), (110, "allow", "6", (22, 22), "128.0.0.0/1"))
    used = acl(
        "acl-used",
        (80, "deny", "6", (22, 22), ANY),
        (90, "deny", "6", (3389, 3389), ANY),
        (100, "allow", "6", (0, 65535), ANY),
    )
    ec2.create_network_acl_entry(
        NetworkAclId=used, RuleNumber=100, RuleAction="allow", Protocol="-1", Egress=True, CidrBlock=ANY
    )
    of = ec2.describe_network_acls(Filters=[{"Name": "association.subnet-id", "Values": [net["guarded"]]}])[
        "NetworkAcls"
    ][0]
    tag("acl-default", of["NetworkAclId"])
    # The vendor adds these where a network has IPv6; moto does not.
    for way in (True, False):
        ec2.create_network_acl_entry(
            NetworkAclId=of["NetworkAclId"],
            RuleNumber=101,
            RuleAction="allow",
            Protocol="-1",
            Egress=way,
            Ipv6CidrBlock=ANY6,
        )
    link = next(a for a in of["Associations"] if a["SubnetId"] == net["guarded"])["NetworkAclAssociationId"]
    ec2.replace_network_acl_association(AssociationId=link, NetworkAclId=used)


def instances(net: dict) -> None:
    iam = boto3.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    for name, statement in (
        ("weak", {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::one/*"}),
        ("strong", {"Effect": "Allow", "Action": "*", "Resource": "*"}),
    ):
        iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust})
        )
        iam.put_role_policy(
            RoleName=name, PolicyName=name, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statement})
        )
        iam.create_instance_profile(InstanceProfileName=name)
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    image = ec2.register_image(
        Name="image-private", RootDeviceName="/dev/sda1", VirtualizationType="hvm", Architecture="x86_64"
    )["ImageId"]
    old = ec2.register_image(
        Name="image-paravirtual", RootDeviceName="/dev/sda1", VirtualizationType="paravirtual", Architecture="x86_64"
    )["ImageId"]
    image2 = ec2.register_image(Name="image-public", RootDeviceName="/dev/sda1", VirtualizationType="hvm")["ImageId"]
    ec2.modify_image_attribute(ImageId=image2, LaunchPermission={"Add": [{"Group": "all"}]})
    image3 = ec2.register_image(Name="image-shared", RootDeviceName="/dev/sda1", VirtualizationType="hvm")["ImageId"]
    ec2.modify_image_attribute(ImageId=image3, LaunchPermission={"Add": [{"UserId": "111122223333"}]})

    def run(
        situation: str, subnet: str = "private", public: bool = False, groups=("no-ingress",), v6: bool = False, **more
    ) -> str:
        face = {
            "DeviceIndex": 0,
            "SubnetId": net[subnet],
            "Groups": [net[g] for g in groups],
            "AssociatePublicIpAddress": public,
        }
        more.setdefault("ImageId", image)
        made = ec2.run_instances(
            MinCount=1,
            MaxCount=1,
            InstanceType="t3.micro",
            NetworkInterfaces=[face],
            TagSpecifications=tags(situation, "instance"),
            **more,
        )["Instances"][0]
        if v6:
            ec2.assign_ipv6_addresses(
                NetworkInterfaceId=made["NetworkInterfaces"][0]["NetworkInterfaceId"], Ipv6AddressCount=1
            )
        return made["InstanceId"]

    run("plain")
    run("tokens-required", MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"})
    run("tokens-optional", MetadataOptions={"HttpTokens": "optional", "HttpEndpoint": "enabled"})
    run("endpoint-off", MetadataOptions={"HttpTokens": "optional", "HttpEndpoint": "disabled"})
    run("watched", Monitoring={"Enabled": True})
    run("profile-weak", IamInstanceProfile={"Name": "weak"})
    run("paravirtual", ImageId=old)
    run("data-secret", UserData=f"#!/bin/sh\nexport AWS_ACCESS_KEY_ID={KEY}\n")
    run("data-packed-secret", UserData=gzip.compress(f"#!/bin/sh\nexport AWS_ACCESS_KEY_ID={KEY}\n".encode()))
    run("data-harmless", UserData="#!/bin/sh\nyum update -y\n")
    ec2.modify_instance_attribute(InstanceId=run("delete-protected"), DisableApiTermination={"Value": True})
    ec2.terminate_instances(InstanceIds=[run("terminated", public=True, subnet="public", groups=("ssh-any",))])
    backend = ec2_backends[ACCOUNT][HOME]

    def stopped(situation: str, days: int, **more) -> None:
        made = run(situation, **more)
        ec2.stop_instances(InstanceIds=[made])
        if days:  # of today moto says so itself
            then = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days)
            backend.get_instance(made)._reason = f"User initiated ({then:%Y-%m-%d %H:%M:%S} GMT)"

    stopped("stopped-today", 0)
    stopped("stopped-29-days", 29)
    stopped("stopped-31-days", 31, public=True, subnet="public", groups=("ssh-any",))

    # What the internet reaches takes an address, a route, a group and an ACL.
    run("public-ssh", "public", True, ("ssh-any",), IamInstanceProfile={"Name": "strong"})
    run("public-ssh-weak", "public", True, ("ssh-any",), IamInstanceProfile={"Name": "weak"})
    run("public-ssh-no-profile", "public", True, ("ssh-any",))
    run("public-ssh-halves", "public", True, ("ssh-halves-in-two-rules",))
    run("public-two-groups", "public", True, ("no-ingress", "ssh-any"))
    run("public-closed", "public", True, ("no-ingress",), IamInstanceProfile={"Name": "strong"})
    run("public-inside-only", "public", True, ("ssh-inside",))
    run("public-web", "public", True, ("web",))
    run("public-all", "public", True, ("all-any",))
    run("public-mysql", "public", True, ("tcp-3306",))
    run("public-smb", "public", True, ("tcp-445",))
    run("public-kafka", "public", True, ("tcp-9092",))
    run("public-telnet", "public", True, ("tcp-23",))
    run("public-world-list", "public", True, ("ssh-world-list",))
    run("acl-guarded-ssh", "guarded", True, ("ssh-any",))
    run("acl-guarded-web", "guarded", True, ("web",))
    run("address-without-route", "private", True, ("ssh-any",), IamInstanceProfile={"Name": "strong"})
    run("route-without-address", "public", False, ("ssh-any",))
    run("v6-ssh", "public", False, ("ssh-any-v6",), v6=True)
    run("v6-closed", "public", False, ("ssh-any",), v6=True)
    two = run("two-interfaces")
    second = ec2.create_network_interface(
        SubnetId=net["private"], Groups=[net["no-ingress"]], TagSpecifications=tags("second", "network-interface")
    )
    ec2.attach_network_interface(
        NetworkInterfaceId=second["NetworkInterface"]["NetworkInterfaceId"], InstanceId=two, DeviceIndex=1
    )
    elastic = run("elastic-address", "public", False, ("ssh-any",))
    ec2.associate_address(
        AllocationId=ec2.allocate_address(Domain="vpc", TagSpecifications=tags("address-used", "elastic-ip"))[
            "AllocationId"
        ],
        InstanceId=elastic,
    )
    # The address stands at the second interface, not at the machine.
    behind = run("elastic-on-second-interface")
    face = ec2.create_network_interface(SubnetId=net["public"], Groups=[net["ssh-any"]])["NetworkInterface"][
        "NetworkInterfaceId"
    ]
    ec2.attach_network_interface(NetworkInterfaceId=face, InstanceId=behind, DeviceIndex=1)
    ec2.associate_address(AllocationId=ec2.allocate_address(Domain="vpc")["AllocationId"], NetworkInterfaceId=face)
    run("spot", InstanceMarketOptions={"MarketType": "spot"})
    run("tokens-required-endpoint-off", MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "disabled"})
    run("data-empty", UserData="")
    free = ec2.create_network_interface(
        SubnetId=net["private"], Groups=[net["no-ingress"]], TagSpecifications=tags("unchecked", "network-interface")
    )
    ec2.modify_network_interface_attribute(
        NetworkInterfaceId=free["NetworkInterface"]["NetworkInterfaceId"], SourceDestCheck={"Value": False}
    )


def launch_templates() -> None:
    def template(name: str, *versions: dict, default: int = 1) -> None:
        ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=versions[0])
        for v in versions[1:]:
            ec2.create_launch_template_version(LaunchTemplateName=name, LaunchTemplateData=v)
        if default != 1:
            ec2.modify_launch_template(LaunchTemplateName=name, DefaultVersion=str(default))

    def face(public: bool) -> dict:
        return {"NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": public}]}

    def data(text: str) -> dict:
        return {"UserData": base64.b64encode(text.encode()).decode()}

    plain = {"InstanceType": "t3.micro"}
    required = {"MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"}}
    optional = {"MetadataOptions": {"HttpTokens": "optional", "HttpEndpoint": "enabled"}}
    template("template-plain", plain)
    template("template-required", required)
    template("template-optional", optional)
    template("template-off", {"MetadataOptions": {"HttpEndpoint": "disabled"}})
    template("template-hops-only", {"MetadataOptions": {"HttpPutResponseHopLimit": 1}})
    template("template-mended", optional, required, default=2)
    template("template-mended-not-default", optional, required)
    template("template-middle-was-bad", required, optional, required, default=3)
    template("template-public", face(True))
    template("template-private", face(False))
    template("template-secret", data(f"export AWS_ACCESS_KEY_ID={KEY}\n"))
    template("template-harmless", data("yum update -y\n"))
    ec2.create_launch_template(LaunchTemplateName="template-deleted", LaunchTemplateData=optional)
    ec2.delete_launch_template(LaunchTemplateName="template-deleted")


def disks() -> None:
    def volume(situation: str, **more) -> str:
        return ec2.create_volume(
            AvailabilityZone=HOME + "a", Size=1, TagSpecifications=tags(situation, "volume"), **more
        )["VolumeId"]

    def snapshot(situation: str, volume: str, *grants: dict) -> str:
        made = ec2.create_snapshot(VolumeId=volume, TagSpecifications=tags(situation, "snapshot"))["SnapshotId"]
        for grant in grants:
            ec2.modify_snapshot_attribute(
                SnapshotId=made, Attribute="createVolumePermission", OperationType="add", **grant
            )
        return made

    key = boto3.client("kms", region_name=HOME).create_key(Description="disks")["KeyMetadata"]["Arn"]
    plain = volume("disk-plain")
    encrypted = volume("disk-encrypted", Encrypted=True)
    own = volume("disk-own-key", Encrypted=True, KmsKeyId=key)
    snapshot("snapshot-plain", plain)
    snapshot("snapshot-encrypted", encrypted)
    snapshot("snapshot-own-key", own)
    snapshot("snapshot-public", plain, {"GroupNames": ["all"]})
    snapshot("snapshot-shared", plain, {"UserIds": ["111122223333"]})
    ec2.delete_snapshot(SnapshotId=snapshot("snapshot-deleted", plain, {"GroupNames": ["all"]}))
    ec2.delete_volume(VolumeId=volume("disk-deleted"))
    away = boto3.client("ec2", region_name=AWAY)
    away.create_volume(AvailabilityZone=AWAY + "a", Size=1, TagSpecifications=tags("disk-away", "volume"))


def addresses(net: dict) -> None:
    ec2.allocate_address(Domain="vpc", TagSpecifications=tags("address-free", "elastic-ip"))
    gone = ec2.allocate_address(Domain="vpc", TagSpecifications=tags("address-released", "elastic-ip"))["AllocationId"]
    ec2.release_address(AllocationId=gone)
    gate = ec2.allocate_address(Domain="vpc", TagSpecifications=tags("address-of-nat", "elastic-ip"))["AllocationId"]
    ec2.create_nat_gateway(SubnetId=net["public"], AllocationId=gate)


def flow_logs() -> None:
    s3 = boto3.client("s3", region_name=HOME)

    def logged(situation: str, traffic: str, *ids: str, kind: str = "VPC") -> None:
        s3.create_bucket(Bucket="flow-logs-" + situation)
        ec2.create_flow_logs(
            ResourceIds=list(ids),
            ResourceType=kind,
            TrafficType=traffic,
            LogDestinationType="s3",
            LogDestination="arn:aws:s3:::flow-logs-" + situation,
        )

    for situation, traffic in (("logs-all", "ALL"), ("logs-reject", "REJECT"), ("logs-accept", "ACCEPT")):
        logged(situation, traffic, vpc(situation, "10.20.0.0/16"))
    both = vpc("logs-accept-and-reject", "10.20.0.0/16")
    logged("accept-too", "ACCEPT", both)
    logged("reject-too", "REJECT", both)
    vpc("logs-none", "10.20.0.0/16")
    off = vpc("logs-deleted", "10.20.0.0/16")
    logged("deleted", "ALL", off)
    ids = [f["FlowLogId"] for f in ec2.describe_flow_logs()["FlowLogs"] if f["ResourceId"] == off]
    ec2.delete_flow_logs(FlowLogIds=ids)
    failing = vpc("logs-not-delivered", "10.20.0.0/16")
    logged("failing", "ALL", failing)
    for log in ec2_backends[ACCOUNT][HOME].flow_logs.values():
        if log.resource_id == failing:
            log.deliver_logs_status = "FAILED"
    # All of the network's subnets are logged instead of the network.
    parts = vpc("logs-by-subnets", "10.20.0.0/16")
    subnets = [ec2.create_subnet(VpcId=parts, CidrBlock=f"10.20.{i}.0/24")["Subnet"]["SubnetId"] for i in range(2)]
    logged("subnets", "ALL", *subnets, kind="Subnet")
    part = vpc("logs-by-one-subnet", "10.20.0.0/16")
    subnets = [ec2.create_subnet(VpcId=part, CidrBlock=f"10.20.{i}.0/24")["Subnet"]["SubnetId"] for i in range(2)]
    logged("one-subnet", "ALL", subnets[0], kind="Subnet")


def peering() -> None:
    def peer(situation: str, number: int, *destinations: str, accept: bool = True) -> None:
        ours, theirs = (
            vpc(situation + "-ours", f"10.{number}.0.0/16"),
            vpc(situation + "-theirs", f"10.{number + 1}.0.0/16"),
        )
        link = ec2.create_vpc_peering_connection(VpcId=ours, PeerVpcId=theirs)["VpcPeeringConnection"][
            "VpcPeeringConnectionId"
        ]
        tag(situation, link)
        if accept:
            ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=link)
        table = ec2.create_route_table(VpcId=ours)["RouteTable"]["RouteTableId"]
        for d in destinations:
            ec2.create_route(RouteTableId=table, DestinationCidrBlock=d, VpcPeeringConnectionId=link)

    peer("peering-narrow", 100, "10.101.4.0/24")
    peer("peering-host", 102, "10.103.4.7/32", "10.103.5.0/24")
    peer("peering-whole", 104, "10.105.0.0/16")
    peer("peering-wider", 106, "10.0.0.0/8")
    peer("peering-everything", 108, ANY)
    peer("peering-halves", 110, "10.111.0.0/17", "10.111.128.0/17")
    peer("peering-no-routes", 112)
    peer("peering-pending", 114, accept=False)


def endpoints(net: dict) -> None:
    def made(name: str, situation: str, service: str, kind: str = "Gateway", **more) -> None:
        ec2.create_vpc_endpoint(
            VpcId=net[name],
            ServiceName=f"com.amazonaws.{HOME}.{service}",
            VpcEndpointType=kind,
            TagSpecifications=tags(situation, "vpc-endpoint"),
            **more,
        )

    def policy(principal, **more) -> str:
        return json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*", **more}],
            }
        )

    bare = vpc("endpoints-none", "10.30.0.0/16")
    net["bare"] = ec2.create_subnet(VpcId=bare, CidrBlock="10.30.0.0/24")["Subnet"]["SubnetId"]
    ec2.create_network_interface(SubnetId=net["bare"])
    vpc("endpoints-not-needed", "10.31.0.0/16")
    net["main"] = net["vpc"]
    made("main", "endpoint-s3", "s3", PolicyDocument=policy("*"))
    made(
        "main",
        "endpoint-ec2",
        "ec2",
        "Interface",
        SubnetIds=[net["private"], net["private-b"]],
        PolicyDocument=policy("*"),
    )
    made(
        "main",
        "endpoint-one-zone",
        "kms",
        "Interface",
        SubnetIds=[net["private"]],
        PolicyDocument=policy("*", Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}),
    )


def defaults() -> None:
    ec2.enable_ebs_encryption_by_default()


def load_balancers(net: dict) -> None:
    elb = boto3.client("elbv2", region_name=HOME)
    s3 = boto3.client("s3", region_name=HOME)
    s3.create_bucket(Bucket="balancer-logs")
    owner = "arn:aws:iam::127311923021:root"  # of the vendor, which writes logs in this region
    s3.put_bucket_policy(
        Bucket="balancer-logs",
        Policy=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"AWS": owner},
                        "Action": "s3:PutObject",
                        "Resource": "arn:aws:s3:::balancer-logs/*",
                    }
                ],
            }
        ),
    )
    certificate = boto3.client("acm", region_name=HOME).request_certificate(DomainName="example.com")["CertificateArn"]
    target = elb.create_target_group(Name="target", Protocol="HTTP", Port=80, VpcId=net["vpc"])["TargetGroups"][0][
        "TargetGroupArn"
    ]
    forward = {"Type": "forward", "TargetGroupArn": target}

    def balancer(
        name: str,
        kind: str = "application",
        scheme: str = "internet-facing",
        subnets=("public", "public-b"),
        **attributes,
    ) -> str:
        made = elb.create_load_balancer(Name=name, Type=kind, Scheme=scheme, Subnets=[net[s] for s in subnets])[
            "LoadBalancers"
        ][0]["LoadBalancerArn"]
        if attributes:
            elb.modify_load_balancer_attributes(
                LoadBalancerArn=made,
                Attributes=[{"Key": k.replace("__", "."), "Value": v} for k, v in attributes.items()],
            )
        return made

    def listener(situation: str, of: str, protocol: str, port: int, *actions: dict, **more) -> str:
        if protocol in ("HTTPS", "TLS"):
            more["Certificates"] = [{"CertificateArn": certificate}]
        return elb.create_listener(
            LoadBalancerArn=of,
            Protocol=protocol,
            Port=port,
            DefaultActions=list(actions) or [forward],
            Tags=tags(situation),
            **more,
        )["Listeners"][0]["ListenerArn"]

    def redirect(protocol: str, code: str = "HTTP_301") -> dict:
        return {"Type": "redirect", "RedirectConfig": {"Protocol": protocol, "Port": "443", "StatusCode": code}}

    alb = balancer("alb-as-made")
    balancer(
        "alb-hardened",
        **{
            "deletion_protection__enabled": "true",
            "access_logs__s3__enabled": "true",
            "access_logs__s3__bucket": "balancer-logs",
            "routing__http__drop_invalid_header_fields__enabled": "true",
            "routing__http__desync_mitigation_mode": "strictest",
        },
    )
    balancer("alb-monitor", routing__http__desync_mitigation_mode="monitor")
    balancer(
        "alb-monitor-drops",
        routing__http__desync_mitigation_mode="monitor",
        routing__http__drop_invalid_header_fields__enabled="true",
    )
    balancer("alb-internal", scheme="internal", subnets=("private", "private-b"))
    balancer("nlb-as-made", "network")
    balancer("nlb-one-zone", "network", subnets=("public",))
    balancer("nlb-crosses", "network", load_balancing__cross_zone__enabled="true")
    balancer("gateway-as-made", "gateway", "internal", ("private", "private-b"))
    gone = balancer("alb-deleted")
    elb.delete_load_balancer(LoadBalancerArn=gone)

    listener("http-forwards", alb, "HTTP", 80)
    listener("http-redirects", alb, "HTTP", 81, redirect("HTTPS"))
    listener("http-redirects-302", alb, "HTTP", 82, redirect("HTTPS", "HTTP_302"))
    listener("http-redirects-to-http", alb, "HTTP", 83, redirect("HTTP"))
    mixed = listener("http-forwards-by-default", alb, "HTTP", 84)
    elb.create_rule(
        ListenerArn=mixed,
        Priority=1,
        Actions=[redirect("HTTPS")],
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/secure/*"]}}],
    )
    listener(
        "http-answers-404", alb, "HTTP", 85, {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    )
    for number, policy in enumerate(
        (
            "ELBSecurityPolicy-2016-08",
            "ELBSecurityPolicy-TLS-1-1-2017-01",
            "ELBSecurityPolicy-TLS-1-2-2017-01",
            "ELBSecurityPolicy-TLS-1-2-Ext-2018-06",
            "ELBSecurityPolicy-FS-2018-06",
            "ELBSecurityPolicy-FS-1-1-2019-08",
            "ELBSecurityPolicy-FS-1-2-Res-2020-10",
            "ELBSecurityPolicy-TLS13-1-0-2021-06",
            "ELBSecurityPolicy-TLS13-1-1-2021-06",
            "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "ELBSecurityPolicy-TLS13-1-2-Ext1-2021-06",
            "ELBSecurityPolicy-TLS13-1-3-2021-06",
            "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        )
    ):
        arn = listener(policy, alb, "HTTPS", 4430 + number, SslPolicy="ELBSecurityPolicy-2016-08")
        elbv2_backends[ACCOUNT][HOME].describe_listeners(None, [arn])[0].ssl_policy = policy
    nlb = balancer("nlb-tls", "network")
    over = elb.create_target_group(Name="over", Protocol="TCP", Port=80, VpcId=net["vpc"])["TargetGroups"][0][
        "TargetGroupArn"
    ]
    listener(
        "nlb-tls-old",
        nlb,
        "TLS",
        443,
        {"Type": "forward", "TargetGroupArn": over},
        SslPolicy="ELBSecurityPolicy-2016-08",
    )
    listener("nlb-tcp", nlb, "TCP", 80, {"Type": "forward", "TargetGroupArn": over})


def classic_load_balancers(net: dict) -> None:
    elb = boto3.client("elb", region_name=HOME)
    iam = boto3.client("iam")
    issued = boto3.client("acm", region_name=HOME).request_certificate(DomainName="classic.example.com")[
        "CertificateArn"
    ]
    brought = iam.upload_server_certificate(
        ServerCertificateName="brought",
        CertificateBody="-----BEGIN CERTIFICATE-----",
        PrivateKey="-----BEGIN PRIVATE KEY-----",
    )["ServerCertificateMetadata"]["Arn"]

    def listener(protocol: str, port: int, certificate: str = "") -> dict:
        more = {"SSLCertificateId": certificate} if certificate else {}
        return {"Protocol": protocol, "LoadBalancerPort": port, "InstanceProtocol": "HTTP", "InstancePort": 80, **more}

    def balancer(
        name: str, *listeners: dict, subnets=("public", "public-b"), scheme: str = "internet-facing", **attributes
    ) -> None:
        elb.create_load_balancer(
            LoadBalancerName=name,
            Listeners=list(listeners),
            Subnets=[net[s] for s in subnets],
            SecurityGroups=[net["web"]],
            Scheme=scheme,
        )
        if attributes:
            elb.modify_load_balancer_attributes(LoadBalancerName=name, LoadBalancerAttributes=attributes)

    balancer("clb-as-made", listener("HTTP", 80))
    balancer("clb-tcp", listener("TCP", 80))
    balancer("clb-https", listener("HTTPS", 443, issued))
    balancer("clb-https-brought", listener("HTTPS", 443, brought))
    balancer("clb-https-and-http", listener("HTTPS", 443, issued), listener("HTTP", 80))
    balancer("clb-internal", listener("HTTP", 80), subnets=("private", "private-b"), scheme="internal")
    balancer("clb-one-zone", listener("HTTP", 80), subnets=("public",))
    balancer(
        "clb-hardened",
        listener("SSL", 443, issued),
        CrossZoneLoadBalancing={"Enabled": True},
        ConnectionDraining={"Enabled": True, "Timeout": 300},
        AccessLog={"Enabled": True, "S3BucketName": "balancer-logs", "EmitInterval": 60},
    )
    balancer(
        "clb-unguarded",
        listener("HTTP", 80),
        CrossZoneLoadBalancing={"Enabled": False},
        ConnectionDraining={"Enabled": False},
    )
    balancer("clb-deleted", listener("HTTP", 80))
    elb.delete_load_balancer(LoadBalancerName="clb-deleted")

"""An account of many alike: what the figures of cost are taken on.

Usage: serve.py crowd BUCKETS ROLES GROUPS INSTANCES
"""

import json

import boto3


def make(buckets: str, roles: str, groups: str, instances: str) -> None:
    s3 = boto3.client("s3")
    for i in range(int(buckets)):
        name = f"crowd-{i:05}"
        s3.create_bucket(Bucket=name)
        if i % 2:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        if i % 5 == 0:
            statement = {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
            s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    iam = boto3.client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
    for i in range(int(roles)):
        name = f"crowd-{i:05}"
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        read = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": f"arn:aws:s3:::crowd-{i:05}*"}
        iam.put_role_policy(
            RoleName=name, PolicyName="read", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [read]})
        )

    ec2 = boto3.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    for i in range(int(groups)):
        group = ec2.create_security_group(GroupName=f"crowd-{i:05}", Description="crowd", VpcId=vpc)["GroupId"]
        source = "0.0.0.0/0" if i % 10 == 0 else "10.0.0.0/8"
        ec2.authorize_security_group_ingress(
            GroupId=group,
            IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": source}]}],
        )
    if int(instances):
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.0.0/20")["Subnet"]["SubnetId"]
        image = ec2.register_image(Name="crowd", RootDeviceName="/dev/sda1")["ImageId"]
        ec2.run_instances(ImageId=image, MinCount=int(instances), MaxCount=int(instances), SubnetId=subnet)

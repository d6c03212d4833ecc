"""Databases, files, functions, clusters and secrets: for each control the
situations that it tells apart.

What is made has its situation as its name, or carries it in a tag of that name;
cmd/stance/testdata/verdicts/data.txt says which verdicts are right. What the API
lets nobody make is set in moto's own memory.
"""

import datetime
import io
import json
import zipfile

import boto3
from moto.awslambda.models import lambda_backends
from moto.secretsmanager.models import secretsmanager_backends

ACCOUNT = "123456789012"
OTHER = "111122223333"
HOME = "us-east-1"
AWAY = "eu-west-1"
ANY = "0.0.0.0/0"
# Looks like the real thing, which the vendor's own example would not.
KEY = "AKIAQYLPMN5HJZ3K7TWX"


def make() -> None:
    net = network()
    own = boto3.client("kms", region_name=HOME).create_key(Description="own")["KeyMetadata"]["Arn"]
    databases(net, own)
    clusters(own)
    database_snapshots()
    subscriptions()
    tables(own)
    file_systems(net)
    repositories()
    kubernetes(net, own)
    functions(net, own)
    secrets()


def policy(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(principal, action: str, resource: str = "*", **condition) -> dict:
    out = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
    return {**out, "Condition": condition} if condition else out


def grants(action: str, resource: str = "*", delegate: str = "") -> dict:
    """Gives the policies that every kind of asset tells apart, by situation."""
    more = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    return {
        "open": policy(allow("*", action, resource)),
        "open-by-list": policy(allow({"AWS": ["*"]}, action, resource)),
        "open-but-denied": policy(allow("*", action, resource), {**allow("*", action, resource), "Effect": "Deny"}),
        "open-to-anything-but-one": policy(
            {
                "Effect": "Allow",
                "NotPrincipal": {"AWS": f"arn:aws:iam::{OTHER}:root"},
                "Action": action,
                "Resource": resource,
            }
        ),
        "organization": policy(allow("*", action, resource, StringEquals={"aws:PrincipalOrgID": "o-abcdefghij"})),
        "organization-wildcard": policy(allow("*", action, resource, StringLike={"aws:PrincipalOrgID": "*"})),
        "account-by-condition": policy(allow("*", action, resource, StringEquals={"aws:PrincipalAccount": ACCOUNT})),
        "anywhere-by-address": policy(
            allow("*", action, resource, IpAddress={"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]})
        ),
        "by-address": policy(allow("*", action, resource, IpAddress={"aws:SourceIp": "192.0.2.0/24"})),
        "anywhere-but-an-address": policy(allow("*", action, resource, NotIpAddress={"aws:SourceIp": "192.0.2.0/24"})),
        "anybody-in-network": policy(
            allow("*", action, resource, StringEquals={"aws:SourceVpce": "vpce-0123456789abcdef0"})
        ),
        "named-user-agent": policy(allow("*", action, resource, StringLike={"aws:UserAgent": "curl/*"})),
        "with-tls": policy(allow("*", action, resource, Bool={"aws:SecureTransport": "true"})),
        "organization-if-there": policy(
            allow("*", action, resource, StringEqualsIfExists={"aws:PrincipalOrgID": "o-abcdefghij"})
        ),
        "other-account-by-number": policy(allow({"AWS": OTHER}, action, resource)),
        "open-twice": policy(
            allow({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, action, resource), allow("*", action, resource)
        ),
        "other-account": policy(allow({"AWS": f"arn:aws:iam::{OTHER}:root"}, action, resource)),
        "own-account": policy(allow(more, action, resource)),
    }


def network() -> dict:
    ec2 = boto3.client("ec2", region_name=HOME)
    net = {"vpc": ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]}
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=net["vpc"])
    table = ec2.create_route_table(VpcId=net["vpc"])["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock=ANY, GatewayId=gateway)
    for number, (name, zone) in enumerate(
        (("public-a", "a"), ("public-b", "b"), ("private-a", "a"), ("private-b", "b"), ("private-a2", "a"))
    ):
        net[name] = ec2.create_subnet(VpcId=net["vpc"], CidrBlock=f"10.2.{number}.0/24", AvailabilityZone=HOME + zone)[
            "Subnet"
        ]["SubnetId"]
        if name.startswith("public"):
            ec2.associate_route_table(RouteTableId=table, SubnetId=net[name])
    for name, ports, source in (
        ("closed", 5432, "10.2.0.0/16"),
        ("open-postgres", 5432, ANY),
        ("open-mysql", 3306, ANY),
    ):
        net[name] = ec2.create_security_group(GroupName=name, Description=name, VpcId=net["vpc"])["GroupId"]
        ec2.authorize_security_group_ingress(
            GroupId=net[name],
            IpPermissions=[{"IpProtocol": "tcp", "FromPort": ports, "ToPort": ports, "IpRanges": [{"CidrIp": source}]}],
        )
    return net


def databases(net: dict, own: str) -> None:
    rds = boto3.client("rds", region_name=HOME)
    for name in ("public", "private"):
        rds.create_db_subnet_group(
            DBSubnetGroupName=name, DBSubnetGroupDescription=name, SubnetIds=[net[name + "-a"], net[name + "-b"]]
        )

    def parameters(name: str, family: str, **values: str) -> str:
        rds.create_db_parameter_group(DBParameterGroupName=name, DBParameterGroupFamily=family, Description=name)
        if values:
            rds.modify_db_parameter_group(
                DBParameterGroupName=name,
                Parameters=[
                    {"ParameterName": k.replace("__", "."), "ParameterValue": v, "ApplyMethod": "immediate"}
                    for k, v in values.items()
                ],
            )
        return name

    def instance(name: str, engine: str = "postgres", groups=("closed",), subnets: str = "private", **more) -> None:
        more.setdefault("MasterUsername", "owner")
        more.setdefault("AllocatedStorage", 20)
        more.setdefault("PubliclyAccessible", False)
        more.setdefault("EngineVersion", {"postgres": "16.4", "mysql": "8.0.39"}.get(engine, "1"))
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            Engine=engine,
            DBInstanceClass="db.t3.micro",
            MasterUserPassword="not-a-real-password",
            VpcSecurityGroupIds=[net[g] for g in groups],
            DBSubnetGroupName=subnets,
            **more,
        )

    instance("db-plain")
    instance(
        "db-hardened",
        StorageEncrypted=True,
        KmsKeyId=own,
        DeletionProtection=True,
        MultiAZ=True,
        BackupRetentionPeriod=30,
        Port=6000,
        AutoMinorVersionUpgrade=True,
        EnableIAMDatabaseAuthentication=True,
        CopyTagsToSnapshot=True,
        MonitoringInterval=60,
        EnableCloudwatchLogsExports=["postgresql"],
        PubliclyAccessible=False,
        DBParameterGroupName=parameters("tls", "postgres16", rds__force_ssl="1", ssl_min_protocol_version="TLSv1.2"),
    )
    instance("db-encrypted", StorageEncrypted=True)
    instance("db-no-upgrades", AutoMinorVersionUpgrade=False)
    instance("db-no-tls", DBParameterGroupName=parameters("no-tls", "postgres16", rds__force_ssl="0"))
    instance("db-postgres-12", EngineVersion="12.19")
    instance("db-mysql-5", "mysql", EngineVersion="5.7.44")
    instance(
        "db-mysql-old-tls",
        "mysql",
        DBParameterGroupName=parameters("mysql-old-tls", "mysql8.0", tls_version="TLSv1.1,TLSv1.2"),
    )
    instance("db-old-tls", DBParameterGroupName=parameters("old-tls", "postgres16", ssl_min_protocol_version="TLSv1"))
    instance("db-mysql", "mysql")
    instance(
        "db-mysql-tls", "mysql", DBParameterGroupName=parameters("mysql-tls", "mysql8.0", require_secure_transport="ON")
    )
    instance("db-mysql-own-port", "mysql", Port=3307)
    instance("db-sqlserver", "sqlserver-ex", MasterUsername="admin")
    instance("db-oracle", "oracle-se2", MasterUsername="admin", Port=1521)
    instance("db-user-admin", MasterUsername="admin")
    instance("db-user-postgres", MasterUsername="postgres")
    for days in (0, 1, 6, 7):
        instance(f"db-backup-{days}", BackupRetentionPeriod=days)
    # The internet needs an address, a route and an open port to reach it.
    instance("db-public-open", groups=("open-postgres",), subnets="public", PubliclyAccessible=True)
    instance("db-public-closed", groups=("closed",), subnets="public", PubliclyAccessible=True)
    instance("db-public-other-port", groups=("open-mysql",), subnets="public", PubliclyAccessible=True)
    instance("db-public-no-route", groups=("open-postgres",), subnets="private", PubliclyAccessible=True)
    instance("db-private-open", groups=("open-postgres",), subnets="public", PubliclyAccessible=False)
    rds.create_db_instance_read_replica(DBInstanceIdentifier="db-replica", SourceDBInstanceIdentifier="db-backup-7")
    instance("db-stopped")
    rds.stop_db_instance(DBInstanceIdentifier="db-stopped")
    instance("db-deleted")
    rds.delete_db_instance(DBInstanceIdentifier="db-deleted", SkipFinalSnapshot=True)


def clusters(own: str) -> None:
    rds = boto3.client("rds", region_name=HOME)

    def cluster(name: str, engine: str = "aurora-postgresql", **more) -> None:
        more.setdefault("MasterUsername", "owner")
        rds.create_db_cluster(DBClusterIdentifier=name, Engine=engine, MasterUserPassword="not-a-real-password", **more)

    def parameters(name: str, family: str, **values: str) -> dict:
        rds.create_db_cluster_parameter_group(
            DBClusterParameterGroupName=name, DBParameterGroupFamily=family, Description=name
        )
        rds.modify_db_cluster_parameter_group(
            DBClusterParameterGroupName=name,
            Parameters=[
                {"ParameterName": k.replace("__", "."), "ParameterValue": v, "ApplyMethod": "immediate"}
                for k, v in values.items()
            ],
        )
        return {"DBClusterParameterGroupName": name}

    cluster("cluster-tls", **parameters("cluster-tls", "aurora-postgresql16", rds__force_ssl="1"))
    cluster("cluster-no-tls", **parameters("cluster-no-tls", "aurora-postgresql16", rds__force_ssl="0"))
    cluster(
        "cluster-mysql-tls",
        "aurora-mysql",
        **parameters("cluster-mysql-tls", "aurora-mysql8.0", require_secure_transport="ON"),
    )
    cluster("cluster-plain")
    cluster(
        "cluster-hardened",
        StorageEncrypted=True,
        KmsKeyId=own,
        DeletionProtection=True,
        BackupRetentionPeriod=30,
        Port=6000,
        EnableIAMDatabaseAuthentication=True,
        CopyTagsToSnapshot=True,
        EnableCloudwatchLogsExports=["postgresql"],
        AvailabilityZones=[HOME + "a", HOME + "b"],
    )
    cluster("cluster-mysql", "aurora-mysql", MasterUsername="admin")
    cluster(
        "cluster-mysql-hardened", "aurora-mysql", BacktrackWindow=3600, EnableCloudwatchLogsExports=["audit", "error"]
    )
    cluster("cluster-backup-6", BackupRetentionPeriod=6)
    multi = {"DBClusterInstanceClass": "db.r5d.large", "AllocatedStorage": 100, "Iops": 1000, "StorageType": "io1"}
    cluster("cluster-multi", "mysql", AutoMinorVersionUpgrade=True, **multi)
    cluster("cluster-multi-no-upgrades", "mysql", AutoMinorVersionUpgrade=False, **multi)
    # Another product that answers at the same address is no concern of RDS.
    cluster("cluster-of-graphs", "neptune")
    cluster("cluster-deleted")
    rds.delete_db_cluster(DBClusterIdentifier="cluster-deleted", SkipFinalSnapshot=True)
    for name, zones in (("cluster-plain", "a"), ("cluster-hardened", "ab")):
        for zone in zones:
            rds.create_db_instance(
                DBInstanceIdentifier=f"{name}-member-{zone}",
                Engine="aurora-postgresql",
                DBInstanceClass="db.r5.large",
                DBClusterIdentifier=name,
                AvailabilityZone=HOME + zone,
                PubliclyAccessible=False,
            )


def database_snapshots() -> None:
    rds = boto3.client("rds", region_name=HOME)

    def snapshot(name: str, of: str, *accounts: str) -> None:
        rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=of)
        if accounts:
            rds.modify_db_snapshot_attribute(
                DBSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=list(accounts)
            )

    def cluster_snapshot(name: str, of: str, *accounts: str) -> None:
        rds.create_db_cluster_snapshot(DBClusterSnapshotIdentifier=name, DBClusterIdentifier=of)
        if accounts:
            rds.modify_db_cluster_snapshot_attribute(
                DBClusterSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=list(accounts)
            )

    snapshot("db-snapshot-plain", "db-plain")
    snapshot("db-snapshot-encrypted", "db-encrypted")
    snapshot("db-snapshot-shared", "db-plain", OTHER)
    snapshot("db-snapshot-public", "db-plain", "all")
    snapshot("db-snapshot-public-again-private", "db-plain", "all")
    rds.modify_db_snapshot_attribute(
        DBSnapshotIdentifier="db-snapshot-public-again-private", AttributeName="restore", ValuesToRemove=["all"]
    )
    cluster_snapshot("cluster-snapshot-plain", "cluster-plain")
    cluster_snapshot("cluster-snapshot-encrypted", "cluster-hardened")
    cluster_snapshot("cluster-snapshot-shared", "cluster-plain", OTHER)
    cluster_snapshot("cluster-snapshot-public", "cluster-plain", "all")


def subscriptions() -> None:
    """Makes a database in each of several regions; each region is a situation."""
    wanted = {
        "db-instance": ["maintenance", "configuration change", "failure"],
        "db-cluster": ["maintenance", "failure"],
        "db-parameter-group": ["configuration change"],
        "db-security-group": ["configuration change", "failure"],
    }
    every = [(kind, kinds, True, []) for kind, kinds in wanted.items()]
    for region, subscribed in (
        (HOME, every),
        ("us-east-2", []),
        ("us-west-1", [(kind, kinds, False, []) for kind, kinds, _, _ in every]),  # switched off
        (
            "us-west-2",
            [(kind, kinds[:-1] + ["backup"], True, []) for kind, kinds, _, _ in every],
        ),  # one kind is missing
        ("eu-central-1", [(kind, [], True, []) for kind in wanted]),  # all kinds
        (
            "eu-west-2",
            [
                ("db-instance", wanted["db-instance"][:1], True, []),
                ("db-instance", wanted["db-instance"][1:], True, []),
            ],
        ),  # together
        ("eu-west-3", [(kind, kinds, True, ["one"]) for kind, kinds, _, _ in every]),  # of one source
        ("eu-north-1", [("", [], True, [])]),  # of everything
    ):
        rds = boto3.client("rds", region_name=region)
        topic = boto3.client("sns", region_name=region).create_topic(Name="events")["TopicArn"]
        if region != HOME:
            rds.create_db_instance(
                DBInstanceIdentifier="one",
                Engine="postgres",
                DBInstanceClass="db.t3.micro",
                AllocatedStorage=20,
                PubliclyAccessible=False,
                MasterUsername="owner",
                MasterUserPassword="not-a-real-password",
            )
            rds.create_db_cluster(
                DBClusterIdentifier="one",
                Engine="aurora-postgresql",
                MasterUsername="owner",
                MasterUserPassword="not-a-real-password",
            )
        for i, (kind, kinds, on, of) in enumerate(subscribed):
            more = {"SourceType": kind} if kind else {}
            rds.create_event_subscription(
                SubscriptionName=f"events-{i}",
                SnsTopicArn=topic,
                EventCategories=kinds,
                Enabled=on,
                SourceIds=of,
                **more,
            )


def tables(own: str) -> None:
    dynamodb = boto3.client("dynamodb", region_name=HOME)

    def table(name: str, text: str = "", **more) -> None:
        dynamodb.create_table(
            TableName=name,
            BillingMode=more.pop("BillingMode", "PAY_PER_REQUEST"),
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            **more,
        )
        if text:
            dynamodb.put_resource_policy(ResourceArn=f"arn:aws:dynamodb:{HOME}:{ACCOUNT}:table/{name}", Policy=text)

    table("table-plain")
    table("table-restorable")
    dynamodb.update_continuous_backups(
        TableName="table-restorable", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    table("table-own-key", SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": own})
    table("table-aws-key", SSESpecification={"Enabled": True, "SSEType": "KMS"})
    table("table-service-key", SSESpecification={"Enabled": False})
    table("table-protected", DeletionProtectionEnabled=True)
    fixed = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}}
    table("table-fixed", **fixed)
    scaling = boto3.client("application-autoscaling", region_name=HOME)
    for situation, ways in (("scales", ("Read", "Write")), ("scales-for-reads", ("Read",))):
        table("table-" + situation, **fixed)
        for way in ways:
            of = {
                "ServiceNamespace": "dynamodb",
                "ResourceId": "table/table-" + situation,
                "ScalableDimension": f"dynamodb:table:{way}CapacityUnits",
            }
            scaling.register_scalable_target(MinCapacity=1, MaxCapacity=10, **of)
            scaling.put_scaling_policy(
                PolicyName=way,
                PolicyType="TargetTrackingScaling",
                **of,
                TargetTrackingScalingPolicyConfiguration={
                    "TargetValue": 70.0,
                    "PredefinedMetricSpecification": {"PredefinedMetricType": f"DynamoDB{way}CapacityUtilization"},
                },
            )
    for situation, text in grants("dynamodb:GetItem").items():
        table("table-" + situation, text)
    table("table-deleted")
    dynamodb.delete_table(TableName="table-deleted")


def file_systems(net: dict) -> None:
    efs = boto3.client("efs", region_name=HOME)

    def system(name: str, text: str = "", subnets=(), points=(), **more) -> str:
        made = efs.create_file_system(CreationToken=name, Tags=[{"Key": "Name", "Value": name}], **more)["FileSystemId"]
        if text:
            efs.put_file_system_policy(FileSystemId=made, Policy=text)
        for subnet in subnets:
            efs.create_mount_target(FileSystemId=made, SubnetId=net[subnet], SecurityGroups=[net["closed"]])
        for point, parts in points:
            efs.create_access_point(
                ClientToken=point, FileSystemId=made, Tags=[{"Key": "Name", "Value": point}], **parts
            )
        return made

    system("files-plain", Encrypted=False)
    system("files-encrypted", Encrypted=True, Backup=True)
    system("files-on-public-subnet", Encrypted=True, subnets=["public-a"])
    system("files-in-two-zones", Encrypted=True, subnets=["private-a", "private-b"])
    system("files-of-one-zone", Encrypted=True, AvailabilityZoneName=HOME + "a", subnets=["private-a"])
    system(
        "files-on-private-subnet",
        Encrypted=True,
        subnets=["private-a"],
        points=[
            ("point-bare", {}),
            ("point-root", {"RootDirectory": {"Path": "/"}}),
            ("point-pinned", {"RootDirectory": {"Path": "/data"}, "PosixUser": {"Uid": 1000, "Gid": 1000}}),
        ],
    )
    # A subnet that names no route table has the main one.
    ec2 = boto3.client("ec2", region_name=HOME)
    other = ec2.create_vpc(CidrBlock="10.3.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=other)
    main = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [other]}])["RouteTables"][0]["RouteTableId"]
    ec2.create_route(RouteTableId=main, DestinationCidrBlock=ANY, GatewayId=gateway)
    net["main-route"] = ec2.create_subnet(VpcId=other, CidrBlock="10.3.0.0/24")["Subnet"]["SubnetId"]
    made = system("files-on-main-route", Encrypted=True)
    efs.create_mount_target(FileSystemId=made, SubnetId=net["main-route"])
    for situation, text in grants("elasticfilesystem:ClientMount").items():
        system("files-" + situation, text, Encrypted=True)
    system(
        "files-by-mount-target",
        policy(allow("*", "elasticfilesystem:ClientMount", Bool={"elasticfilesystem:AccessedViaMountTarget": "true"})),
        Encrypted=True,
    )
    efs.delete_file_system(FileSystemId=system("files-deleted"))


def repositories() -> None:
    ecr = boto3.client("ecr", region_name=HOME)

    def repository(name: str, text: str = "", scan: bool = False, tags: str = "MUTABLE") -> None:
        ecr.create_repository(
            repositoryName=name, imageTagMutability=tags, imageScanningConfiguration={"scanOnPush": scan}
        )
        if text:
            ecr.set_repository_policy(repositoryName=name, policyText=text)

    repository("images-plain")
    repository("team/images.of_a-team", scan=True)
    repository("images-hardened", scan=True, tags="IMMUTABLE")
    ecr.put_lifecycle_policy(
        repositoryName="images-hardened",
        lifecyclePolicyText=json.dumps(
            {
                "rules": [
                    {
                        "rulePriority": 1,
                        "selection": {
                            "tagStatus": "untagged",
                            "countType": "sinceImagePushed",
                            "countUnit": "days",
                            "countNumber": 14,
                        },
                        "action": {"type": "expire"},
                    }
                ]
            }
        ),
    )
    for situation, text in grants("ecr:BatchGetImage").items():
        repository("images-" + situation, text)
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "size": 1,
            "digest": "sha256:" + "0" * 64,
        },
        "layers": [],
    }
    repository("images-not-scanned")
    ecr.put_image(repositoryName="images-not-scanned", imageTag="one", imageManifest=json.dumps(manifest))
    repository("images-with-findings")
    ecr.put_image(repositoryName="images-with-findings", imageTag="one", imageManifest=json.dumps(manifest))
    ecr.start_image_scan(repositoryName="images-with-findings", imageId={"imageTag": "one"})
    repository("images-deleted")
    ecr.delete_repository(repositoryName="images-deleted")
    away = boto3.client("ecr", region_name=AWAY)
    for name in ("scanned-by-registry", "left-out"):
        away.create_repository(repositoryName=name)
    away.put_registry_scanning_configuration(
        scanType="BASIC",
        rules=[
            {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "scanned-*", "filterType": "WILDCARD"}]},
        ],
    )


def kubernetes(net: dict, own: str) -> None:
    eks = boto3.client("eks", region_name=HOME)
    role = f"arn:aws:iam::{ACCOUNT}:role/cluster"

    def cluster(name: str, logs=(), **more) -> None:
        where = {"subnetIds": [net["private-a"], net["private-b"]], **more.pop("where", {})}
        if logs:
            more["logging"] = {"clusterLogging": [{"types": list(logs), "enabled": True}]}
        more.setdefault("version", "1.33")
        eks.create_cluster(name=name, roleArn=role, resourcesVpcConfig=where, **more)

    everything = ("api", "audit", "authenticator", "controllerManager", "scheduler")
    cluster("eks-plain")
    cluster(
        "eks-hardened",
        everything,
        where={"endpointPublicAccess": False, "endpointPrivateAccess": True},
        encryptionConfig=[{"resources": ["secrets"], "provider": {"keyArn": own}}],
        deletionProtection=True,
    )
    cluster(
        "eks-limited",
        ("audit",),
        where={"endpointPublicAccess": True, "endpointPrivateAccess": True, "publicAccessCidrs": ["192.0.2.0/24"]},
    )
    cluster("eks-open", where={"endpointPublicAccess": True, "endpointPrivateAccess": True, "publicAccessCidrs": [ANY]})
    cluster(
        "eks-open-by-halves",
        where={
            "endpointPublicAccess": True,
            "endpointPrivateAccess": False,
            "publicAccessCidrs": ["0.0.0.0/1", "128.0.0.0/1"],
        },
    )
    cluster(
        "eks-open-among-others",
        where={"endpointPublicAccess": True, "endpointPrivateAccess": True, "publicAccessCidrs": ["192.0.2.0/24", ANY]},
    )
    cluster(
        "eks-logs-off",
        where={"endpointPublicAccess": False, "endpointPrivateAccess": True},
        logging={
            "clusterLogging": [
                {"types": ["audit"], "enabled": True},
                {"types": [t for t in everything if t != "audit"], "enabled": False},
            ]
        },
    )
    cluster("eks-old", version="1.21")
    eks.create_nodegroup(
        clusterName="eks-hardened", nodegroupName="nodes-plain", subnets=[net["private-a"]], nodeRole=role
    )
    eks.create_nodegroup(
        clusterName="eks-hardened",
        nodegroupName="nodes-ssh",
        subnets=[net["private-a"]],
        nodeRole=role,
        remoteAccess={"ec2SshKey": "key"},
    )
    eks.create_nodegroup(
        clusterName="eks-hardened",
        nodegroupName="nodes-ssh-limited",
        subnets=[net["private-a"]],
        nodeRole=role,
        remoteAccess={"ec2SshKey": "key", "sourceSecurityGroups": [net["closed"]]},
    )
    cluster("eks-deleted")
    eks.delete_cluster(name="eks-deleted")


def functions(net: dict, own: str) -> None:
    iam = boto3.client("iam")
    role = iam.create_role(
        RoleName="function",
        AssumeRolePolicyDocument=policy(
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ),
    )["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): return None\n")
    lam = boto3.client("lambda", region_name=HOME)

    def function(name: str, runtime: str = "python3.13", **more) -> str:
        if "PackageType" not in more:
            more |= {"Runtime": runtime, "Handler": "app.handler", "Code": {"ZipFile": code.getvalue()}}
        return lam.create_function(FunctionName=name, Role=role, **more)["FunctionArn"]

    def permit(name: str, principal: str, sid: str = "one", action: str = "lambda:InvokeFunction", **more) -> None:
        lam.add_permission(FunctionName=name, StatementId=sid, Action=action, Principal=principal, **more)
        # moto writes some of it down as it was given, the vendor never does.
        for statement in lambda_backends[ACCOUNT][HOME].get_function(name).policy.statements:
            given = statement["Principal"]
            if given == OTHER:
                statement["Principal"] = {"AWS": f"arn:aws:iam::{OTHER}:root"}
            elif isinstance(given, str) and given != "*":
                statement["Principal"] = {"Service": given}
            if way := statement.pop("FunctionUrlAuthType", None):
                statement["Condition"] = {"StringEquals": {"lambda:FunctionUrlAuthType": way}}
            if token := more.get("EventSourceToken"):
                statement["Condition"] = {"StringEquals": {"lambda:EventSourceToken": token}}

    function("function-plain")
    function("function-open")
    permit("function-open", "*")
    function("function-organization")
    permit("function-organization", "*", PrincipalOrgID="o-abcdefghij")
    function("function-other-account")
    permit("function-other-account", OTHER)
    # What a function's address without sign-in needs, and what one with it has.
    for sign_in in ("NONE", "AWS_IAM"):
        function("function-url-granted-" + sign_in)
        permit("function-url-granted-" + sign_in, "*", action="lambda:InvokeFunctionUrl", FunctionUrlAuthType=sign_in)
    function("function-alexa")
    permit("function-alexa", "alexa-appkit.amazon.com", EventSourceToken="amzn1.ask.skill.0123")
    function("function-alexa-any")
    permit("function-alexa-any", "alexa-appkit.amazon.com")
    function("function-open-once")
    permit("function-open-once", "s3.amazonaws.com", SourceArn="arn:aws:s3:::one", SourceAccount=ACCOUNT)
    permit("function-open-once", "*", sid="two")
    function("function-open-no-more")
    permit("function-open-no-more", "*")
    lam.remove_permission(FunctionName="function-open-no-more", StatementId="one")
    function("function-service-bound")
    permit("function-service-bound", "s3.amazonaws.com", SourceArn="arn:aws:s3:::one", SourceAccount=ACCOUNT)
    function("function-service-by-account")
    permit("function-service-by-account", "sns.amazonaws.com", SourceAccount=ACCOUNT)
    function("function-service-any")
    permit("function-service-any", "s3.amazonaws.com")
    function("function-bucket-without-account")
    permit("function-bucket-without-account", "s3.amazonaws.com", SourceArn="arn:aws:s3:::one")
    function("function-gateway")
    permit(
        "function-gateway",
        "apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{HOME}:{ACCOUNT}:abcdef1234/*/GET/",
    )
    for situation, variables in (
        ("secret-id", {"AWS_KEY": KEY}),
        ("secret-password", {"DB_PASSWORD": "kT9#vQ2m!xL7"}),
        ("secret-url", {"DATABASE_URL": "postgres://owner:kT9-vQ2m-xL7@db.example.com/app"}),
        ("stage", {"STAGE": "production", "LOG_LEVEL": "info"}),
        (
            "reference",
            {"DB_PASSWORD_SECRET_ARN": f"arn:aws:secretsmanager:{HOME}:{ACCOUNT}:secret:db-AbCdEf", "TABLE": "orders"},
        ),
        ("empty", {}),
    ):
        function("function-variables-" + situation, Environment={"Variables": variables})
    function("function-variables-own-key", Environment={"Variables": {"STAGE": "production"}}, KMSKeyArn=own)
    for runtime in (
        "python3.8",
        "nodejs16.x",
        "java8",
        "go1.x",
        "dotnet6",
        "ruby2.7",
        "python3.13",
        "nodejs22.x",
        "java21",
        "provided.al2023",
    ):
        function("function-" + runtime.replace(".", "-"), runtime)
    repository = boto3.client("ecr", region_name=HOME).create_repository(repositoryName="images-of-function")[
        "repository"
    ]["repositoryUri"]
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "size": 1,
            "digest": "sha256:" + "1" * 64,
        },
        "layers": [],
    }
    boto3.client("ecr", region_name=HOME).put_image(
        repositoryName="images-of-function", imageTag="one", imageManifest=json.dumps(manifest)
    )
    function("function-image", PackageType="Image", Code={"ImageUri": repository + ":one"})
    for situation, subnets in (
        ("one-zone", ("private-a",)),
        ("two-subnets-one-zone", ("private-a", "private-a2")),
        ("two-zones", ("private-a", "private-b")),
    ):
        function(
            "function-" + situation,
            VpcConfig={"SubnetIds": [net[s] for s in subnets], "SecurityGroupIds": [net["closed"]]},
        )
    queue = boto3.client("sqs", region_name=HOME).create_queue(QueueName="failed")["QueueUrl"]
    function(
        "function-dead-letters",
        DeadLetterConfig={"TargetArn": f"arn:aws:sqs:{HOME}:{ACCOUNT}:" + queue.rsplit("/", 1)[1]},
    )
    function("function-traced", TracingConfig={"Mode": "Active"})
    for situation, sign_in, origins in (
        ("none", "NONE", None),
        ("iam", "AWS_IAM", None),
        ("iam-any-origin", "AWS_IAM", ["*"]),
        ("iam-one-origin", "AWS_IAM", ["https://example.com"]),
        ("none-any-origin", "NONE", ["https://example.com", "*"]),
    ):
        function("function-url-" + situation)
        more = {"Cors": {"AllowOrigins": origins, "AllowMethods": ["GET"]}} if origins else {}
        lam.create_function_url_config(FunctionName="function-url-" + situation, AuthType=sign_in, **more)
    layer = lam.publish_layer_version(
        LayerName="layer", Content={"ZipFile": code.getvalue()}, CompatibleRuntimes=["python3.13"]
    )["LayerVersionArn"]
    function("function-own-layer", Layers=[layer])
    function("function-alias-open")
    version = lam.publish_version(FunctionName="function-alias-open")["Version"]
    lam.create_alias(FunctionName="function-alias-open", Name="live", FunctionVersion=version)
    permit("function-alias-open", "*", Qualifier="live")
    function("function-deleted")
    permit("function-deleted", "*")
    lam.delete_function(FunctionName="function-deleted")


def secrets() -> None:
    manager = boto3.client("secretsmanager", region_name=HOME)

    def secret(name: str, text: str = "", rotates: bool = False) -> None:
        manager.create_secret(Name=name, SecretString="not-a-real-secret")
        if text:
            manager.put_resource_policy(SecretId=name, ResourcePolicy=text)
        if rotates:
            manager.rotate_secret(SecretId=name, RotationRules={"AutomaticallyAfterDays": 30})

    def change(name: str, **values) -> None:
        found = secretsmanager_backends[ACCOUNT][HOME].secrets[name]
        for key, days in values.items():
            setattr(
                found,
                key,
                None
                if days is None
                else (datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=days)).timestamp(),
            )

    secret("secret-plain")
    secret("team/orders/database")
    secret("secret-rotates", rotates=True)
    secret("secret-old")
    change("secret-old", created_date=100, last_changed_date=100, last_accessed_date=None)
    secret("secret-old-but-used")
    change("secret-old-but-used", created_date=100, last_changed_date=91, last_accessed_date=1)
    secret("secret-changed-lately")
    change("secret-changed-lately", created_date=400, last_changed_date=89, last_accessed_date=91)
    secret("secret-rotation-overdue", rotates=True)
    change("secret-rotation-overdue", next_rotation_date=10)
    secret("secret-rotation-late-by-a-day", rotates=True)
    change("secret-rotation-late-by-a-day", next_rotation_date=1)
    for situation, text in grants("secretsmanager:GetSecretValue").items():
        secret("secret-" + situation, text)
    secret("secret-deleted", grants("secretsmanager:GetSecretValue")["open"])
    manager.delete_secret(SecretId="secret-deleted")

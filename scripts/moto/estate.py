"""A small company's account: what the whole-run test asks questions about.

Each thing is named for what is right or wrong with it.
"""

import io
import json
import zipfile

import boto3

ACCOUNT = "123456789012"
HOME = "us-east-1"
AWAY = "eu-west-1"


def make() -> None:
    buckets()
    identity()
    network()
    logging()
    data()
    messages()
    functions()
    keys()


def policy(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def buckets() -> None:
    s3 = boto3.client("s3", region_name=HOME)

    def bucket(name: str, *statements: dict, region: str = HOME) -> None:
        place = {} if region == HOME else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=name, **place)
        if statements:
            s3.put_bucket_policy(Bucket=name, Policy=policy(*statements))

    def read(name: str, **more) -> dict:
        return {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{name}/*",
            **more,
        }

    bucket("plain")
    bucket("public-read", read("public-read"))
    s3.put_public_access_block(
        Bucket="public-read",
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": False,
            "IgnorePublicAcls": False,
            "BlockPublicPolicy": False,
            "RestrictPublicBuckets": False,
        },
    )
    bucket(
        "organization-only",
        read("organization-only", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}),
    )
    # A wildcard as the value of an operator that knows wildcards limits nothing.
    bucket("wildcard-organization", read("wildcard-organization", Condition={"StringLike": {"aws:PrincipalOrgID": "*"}}))
    tls = {
        "Sid": "OnlyTLS",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::tls-only", "arn:aws:s3:::tls-only/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    bucket("tls-only", tls)
    bucket("versioned", region=AWAY)
    s3.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(Bucket="versioned", Tagging={"TagSet": [{"Key": "team", "Value": "data"}]})
    s3.put_public_access_block(
        Bucket="versioned",
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )
    bucket("trail-logs")


def identity() -> None:
    iam = boto3.client("iam")
    iam.create_user(UserName="admin-without-mfa")
    iam.create_login_profile(UserName="admin-without-mfa", Password="Not-a-real-password-1")
    # A statement may be an object where a list is usual.
    iam.put_user_policy(
        UserName="admin-without-mfa",
        PolicyName="everything",
        PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
        ),
    )
    iam.create_user(UserName="machine")
    iam.create_access_key(UserName="machine")
    iam.create_user(UserName="with-mfa")
    iam.create_login_profile(UserName="with-mfa", Password="Not-a-real-password-2")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="with-mfa")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="with-mfa", SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
    iam.put_user_policy(
        UserName="with-mfa",
        PolicyName="reports",
        PolicyDocument=policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::plain/reports/*"}),
    )
    url = "token.actions.githubusercontent.com"
    provider = iam.create_open_id_connect_provider(
        Url=f"https://{url}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["6938fd4d98bab03faadb97b34396831e3780aea1"]
    )["OpenIDConnectProviderArn"]

    def github(name: str, **conditions) -> None:
        iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=policy(
                {
                    "Effect": "Allow",
                    "Principal": {"Federated": provider},
                    "Action": "sts:AssumeRoleWithWebIdentity",
                    "Condition": {"StringEquals": {f"{url}:{key}": value for key, value in conditions.items()}},
                }
            ),
        )

    github("github-any-repository", aud="sts.amazonaws.com")
    github("github-one-repository", aud="sts.amazonaws.com", sub="repo:example/app:ref:refs/heads/main")
    iam.create_role(
        RoleName="function",
        AssumeRolePolicyDocument=policy(
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ),
    )
    iam.update_account_password_policy(MinimumPasswordLength=8)


def network() -> None:
    ec2 = boto3.client("ec2", region_name=HOME)
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]

    def group(name: str, protocol: str, ports: tuple[int, int] | None, v4: list[str], v6: list[str]) -> None:
        made = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        rule = {
            "IpProtocol": protocol,
            "IpRanges": [{"CidrIp": r} for r in v4],
            "Ipv6Ranges": [{"CidrIpv6": r} for r in v6],
        }
        if ports:
            rule["FromPort"], rule["ToPort"] = ports
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[rule])

    group("ssh-from-anywhere", "tcp", (22, 22), ["0.0.0.0/0"], [])
    group("ssh-from-two-halves", "tcp", (20, 25), ["0.0.0.0/1", "128.0.0.0/1"], [])
    group("ssh-from-anywhere-v6", "tcp", (22, 22), [], ["::/0"])
    group("everything-from-anywhere", "-1", None, ["0.0.0.0/0"], [])
    group("ssh-from-inside", "tcp", (22, 22), ["10.0.0.0/8"], [])
    group("web-from-anywhere", "tcp", (443, 443), ["0.0.0.0/0"], [])


def logging() -> None:
    sns = boto3.client("sns", region_name=HOME)
    logs = boto3.client("logs", region_name=HOME)
    alarms = boto3.client("cloudwatch", region_name=HOME)
    trails = boto3.client("cloudtrail", region_name=HOME)
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="security@example.com")
    logs.create_log_group(logGroupName="trail")
    logs.put_metric_filter(
        logGroupName="trail",
        filterName="root",
        filterPattern='{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }',
        metricTransformations=[{"metricName": "root", "metricNamespace": "trail", "metricValue": "1"}],
    )
    alarms.put_metric_alarm(
        AlarmName="root",
        MetricName="root",
        Namespace="trail",
        Statistic="Sum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        ActionsEnabled=True,
        AlarmActions=[topic],
    )
    for name, started in (("started", True), ("stopped", False)):
        trails.create_trail(
            Name=name,
            S3BucketName="trail-logs",
            IsMultiRegionTrail=started,
            EnableLogFileValidation=started,
            CloudWatchLogsLogGroupArn=f"arn:aws:logs:{HOME}:{ACCOUNT}:log-group:trail:*",
            CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT}:role/function",
        )
        if started:
            trails.start_logging(Name=name)


def data() -> None:
    rds = boto3.client("rds", region_name=HOME)
    for name, safe in (("exposed", False), ("guarded", True)):
        rds.create_db_instance(
            DBInstanceIdentifier=name,
            Engine="postgres",
            DBInstanceClass="db.t3.micro",
            AllocatedStorage=20,
            MasterUsername="owner",
            MasterUserPassword="not-a-real-password",
            PubliclyAccessible=not safe,
            StorageEncrypted=safe,
            DeletionProtection=safe,
            MultiAZ=safe,
        )


def messages() -> None:
    sqs = boto3.client("sqs", region_name=AWAY)
    sns = boto3.client("sns", region_name=AWAY)
    for name, limits in (
        ("public", {}),
        ("own-account", {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT, "aws:PrincipalAccount": ACCOUNT}}}),
    ):
        queue = sqs.create_queue(QueueName=f"{name}-queue")["QueueUrl"]
        sqs.set_queue_attributes(
            QueueUrl=queue,
            Attributes={
                "Policy": policy(
                    {
                        "Effect": "Allow",
                        "Principal": "*",
                        "Action": "sqs:SendMessage",
                        "Resource": f"arn:aws:sqs:{AWAY}:{ACCOUNT}:{name}-queue",
                        **limits,
                    }
                )
            },
        )
        topic = sns.create_topic(Name=f"{name}-topic")["TopicArn"]
        sns.set_topic_attributes(
            TopicArn=topic,
            AttributeName="Policy",
            AttributeValue=policy(
                {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sns:Publish", "Resource": topic, **limits}
            ),
        )


def functions() -> None:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): return None\n")
    lam = boto3.client("lambda", region_name=HOME)
    for name, variables in (
        ("with-secret", {"AWS_KEY": "AKIAQYLPMN5HJZ3K7TWX", "DB_PASSWORD": "kT9#vQ2m!xL7"}),
        ("without-secret", {"STAGE": "production"}),
    ):
        lam.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=f"arn:aws:iam::{ACCOUNT}:role/function",
            Handler="app.handler",
            Code={"ZipFile": code.getvalue()},
            Environment={"Variables": variables},
        )


def keys() -> None:
    kms = boto3.client("kms", region_name=HOME)
    rotated = kms.create_key(Description="rotated", KeyUsage="ENCRYPT_DECRYPT", MultiRegion=False)["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=rotated)
    kms.create_key(Description="not-rotated", KeyUsage="ENCRYPT_DECRYPT", MultiRegion=False)
    kms.create_key(Description="signing", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY", MultiRegion=False)
    for key in kms.list_keys()["Keys"]:
        name = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["Description"]
        kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key["KeyId"])

"""Trails, the buckets and log groups that they write to, and the alarms on what they record."""

import time

from moto.cloudtrail.models import cloudtrail_backends
from moto.sns.models import sns_backends

from situations.account import AWAY, HOME, Account, document

EVERY_OBJECT = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]


class Trails:
    """Makes trails of an account, and the buckets that they write to."""

    def __init__(self, account: Account) -> None:
        self.account, self.bucket = account, f"trails-of-{account.number}"
        self.trails = {region: account.client("cloudtrail", region) for region in (HOME, AWAY)}
        account.client("s3").create_bucket(Bucket=self.bucket)

    def make(
        self, name: str, region: str = HOME, *, bucket: str = "", all_regions: bool = True, started: bool = True, **more
    ) -> None:
        self.trails[region].create_trail(
            Name=name, S3BucketName=bucket or self.bucket, IsMultiRegionTrail=all_regions, **more
        )
        if started:
            self.trails[region].start_logging(Name=name)

    def select(self, name: str, *selectors: dict, region: str = HOME) -> None:
        self.trails[region].put_event_selectors(TrailName=name, EventSelectors=list(selectors))

    def select_advanced(self, name: str, *selectors: list[dict]) -> None:
        self.trails[HOME].put_event_selectors(
            TrailName=name,
            AdvancedEventSelectors=[{"Name": str(i), "FieldSelectors": s} for i, s in enumerate(selectors)],
        )

    def deliver(self, name: str, hours: float) -> None:
        """Say that the trail wrote to its log group so long ago; moto does not deliver."""
        status = cloudtrail_backends[self.account.number][HOME].trails[name].status
        told = status.description
        status.description = lambda: {**told(), "LatestCloudWatchLogsDeliveryTime": int(time.time() - hours * 3600)}


def field(name: str, *values: str, **more) -> dict:
    return {"Field": name, "Equals": list(values), **more} if values else {"Field": name, **more}


MANAGEMENT = field("eventCategory", "Management")
OBJECTS = [field("eventCategory", "Data"), field("resources.type", "AWS::S3::Object")]


def make() -> None:
    good()
    stopped()
    Account("300000000003")  # has no trail
    selectors()
    broken_alarms()


def good() -> None:
    account = Account("300000000001")
    t = Trails(account)
    s3, logs = account.client("s3"), account.client("logs")
    logs.create_log_group(logGroupName="trail")
    group = f"arn:aws:logs:{HOME}:{account.number}:log-group:trail:*"
    writes = {"CloudWatchLogsLogGroupArn": group, "CloudWatchLogsRoleArn": f"arn:aws:iam::{account.number}:role/trail"}

    for name in ("trails-public-by-list", "trails-public-by-policy", "trails-shut", "trails-logged", "trails-going"):
        s3.create_bucket(Bucket=name)
    s3.put_bucket_acl(Bucket="trails-public-by-list", ACL="public-read")
    s3.put_bucket_policy(
        Bucket="trails-public-by-policy",
        Policy=document(
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::trails-public-by-policy/*",
            }
        ),
    )
    s3.put_bucket_acl(Bucket="trails-shut", ACL="public-read")
    s3.put_public_access_block(
        Bucket="trails-shut",
        PublicAccessBlockConfiguration=dict.fromkeys(
            ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
        ),
    )
    s3.put_bucket_acl(Bucket=t.bucket, ACL="log-delivery-write")
    s3.put_bucket_logging(
        Bucket="trails-logged", BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": t.bucket, "TargetPrefix": "x/"}}
    )

    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    t.make("complete", bucket="trails-logged", EnableLogFileValidation=True, KmsKeyId=key, **writes)
    t.deliver("complete", 1)
    t.select("complete", {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": EVERY_OBJECT})
    t.trails[HOME].put_insight_selectors(TrailName="complete", InsightSelectors=[{"InsightType": "ApiCallRateInsight"}])
    t.make("late", **writes)
    t.deliver("late", 25)
    t.make("never-delivered", **writes)
    t.make("bare", started=False)
    t.make("away", AWAY, all_regions=False, EnableLogFileValidation=True)
    t.make("public-by-list", bucket="trails-public-by-list")
    t.make("public-by-policy", bucket="trails-public-by-policy")
    t.make("shut", bucket="trails-shut")
    t.make("bucket-gone", bucket="trails-going")
    s3.delete_bucket(Bucket="trails-going")
    alarms(account)


def stopped() -> None:
    """A trail of all regions that does not log, one in each region that does, and alarms on the former."""
    account = Account("300000000002")
    account.client("iam").create_role(
        RoleName="CloudWatch-CrossAccountSharingRole",
        AssumeRolePolicyDocument=document(
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999999999999:root"}, "Action": "sts:AssumeRole"}
        ),
    )
    t = Trails(account)
    account.client("logs").create_log_group(logGroupName="trail")
    t.make(
        "stopped",
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:{HOME}:{account.number}:log-group:trail:*",
        CloudWatchLogsRoleArn=f"arn:aws:iam::{account.number}:role/trail",
    )
    t.select("stopped", {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": EVERY_OBJECT})
    t.trails[HOME].stop_logging(Name="stopped")
    for region in (HOME, AWAY):
        t.make("of-" + region, region, all_regions=False)
        t.select(
            "of-" + region,
            {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": EVERY_OBJECT},
            region=region,
        )
    alarms(account)


def selectors() -> None:
    """One account for each way to select events: what it is named is which trails have what."""
    basic, advanced = Trails.select, Trails.select_advanced
    everything = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": EVERY_OBJECT}
    for number, way, wanted in (
        (
            "300000000011",
            basic,
            [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": EVERY_OBJECT}],
        ),
        (
            "300000000012",
            basic,
            [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True, "DataResources": EVERY_OBJECT}],
        ),
        (
            "300000000013",
            basic,
            [{"ReadWriteType": "All", "IncludeManagementEvents": False, "DataResources": EVERY_OBJECT}],
        ),
        ("300000000014", basic, [{**everything, "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]),
        (
            "300000000015",
            basic,
            [{**everything, "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::"]}]}],
        ),
        (
            "300000000016",
            basic,
            [{**everything, "DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::one/"]}]}],
        ),
        (
            "300000000017",
            basic,
            [{**everything, "DataResources": [{"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]}]}],
        ),
        ("300000000021", advanced, [[MANAGEMENT]]),
        ("300000000022", advanced, [[MANAGEMENT], OBJECTS]),
        ("300000000023", advanced, [[MANAGEMENT, field("readOnly", "true")], [*OBJECTS, field("readOnly", "true")]]),
        ("300000000024", advanced, [[MANAGEMENT, field("readOnly", "false")], [*OBJECTS, field("readOnly", "false")]]),
        ("300000000025", advanced, [[MANAGEMENT, field("readOnly", "false")], [MANAGEMENT, field("readOnly", "true")]]),
        ("300000000026", advanced, [[MANAGEMENT, field("eventSource", NotEquals=["kms.amazonaws.com"])]]),
        ("300000000027", advanced, [[MANAGEMENT], [*OBJECTS, field("resources.ARN", StartsWith=["arn:aws:s3:::"])]]),
        (
            "300000000028",
            advanced,
            [[MANAGEMENT], [*OBJECTS, field("resources.ARN", StartsWith=["arn:aws:s3:::one/"])]],
        ),
    ):
        t = Trails(Account(number))
        t.make("the-trail")
        way(t, "the-trail", *wanted)


def events(*names: str, source: str = "", spell: str = "($.eventName = {})") -> str:
    either = " || ".join(spell.format(n) for n in names)
    return f"{{ ($.eventSource = {source}) && ({either}) }}" if source else f"{{ {either} }}"


IAM = [verb + kind + "Policy" for verb in ("Delete", "Put") for kind in ("Group", "Role", "User")]
IAM += ["CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion"]
IAM += [verb + kind + "Policy" for kind in ("Role", "User", "Group") for verb in ("Attach", "Detach")]
TRAIL = ["CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"]
CONFIG = ["StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder"]
BUCKET = ["PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication"]
BUCKET += ["DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication"]
GROUP = [verb + "SecurityGroup" + way for verb in ("Authorize", "Revoke") for way in ("Ingress", "Egress")]
GROUP += ["CreateSecurityGroup", "DeleteSecurityGroup"]
ACL = ["CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry"]
ACL += ["ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation"]
GATEWAY = ["CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway", "CreateInternetGateway"]
GATEWAY += ["DeleteInternetGateway", "DetachInternetGateway"]
ROUTE = [
    "CreateRoute",
    "CreateRouteTable",
    "ReplaceRoute",
    "ReplaceRouteTableAssociation",
    "DeleteRouteTable",
    "DeleteRoute",
]
ROUTE += ["DisassociateRouteTable"]
VPC = ["CreateVpc", "DeleteVpc", "ModifyVpcAttribute"]
VPC += [verb + "VpcPeeringConnection" for verb in ("Accept", "Create", "Delete", "Reject")]
VPC += ["AttachClassicLinkVpc", "DetachClassicLinkVpc", "DisableVpcClassicLink", "EnableVpcClassicLink"]
ORGANIZATION = [
    "AcceptHandshake",
    "AttachPolicy",
    "CreateAccount",
    "CreateOrganizationalUnit",
    "CreatePolicy",
    "DeclineHandshake",
]
ORGANIZATION += ["DeleteOrganization", "DeleteOrganizationalUnit", "DeletePolicy", "DetachPolicy", "DisablePolicyType"]
ORGANIZATION += ["EnablePolicyType", "InviteAccountToOrganization", "LeaveOrganization", "MoveAccount"]
ORGANIZATION += ["RemoveAccountFromOrganization", "UpdatePolicy", "UpdateOrganizationalUnit"]

# The patterns of the benchmark and of Security Hub's documentation, in the
# spellings that people use.
PATTERNS = {
    "denied": '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
    "sign-in": '{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }',
    "root": '{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}',
    "iam": events(*IAM, source="iam.amazonaws.com"),
    "trail": events(*TRAIL),
    "failed": '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }',
    "key": "{($.eventSource = kms.amazonaws.com) && (($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion))}",
    "bucket": events(*BUCKET, source="s3.amazonaws.com"),
    "config": events(*CONFIG, source="config.amazonaws.com"),
    "group": events(*GROUP),
    "acl": events(*reversed(ACL), spell='$.eventName="{}"'),
    "gateway": events(*GATEWAY, "DeleteNatGateway"),
    "route": events(*ROUTE, source="ec2.amazonaws.com"),
    "vpc": events(*VPC),
    "organization": events(*ORGANIZATION, source="organizations.amazonaws.com", spell='($.eventName = "{}")'),
}


class Alarms:
    """Makes metric filters and alarms on them, good ones where nothing else is said."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.sns = {r: account.client("sns", r) for r in (HOME, AWAY)}
        self.cloudwatch = {r: account.client("cloudwatch", r) for r in (HOME, AWAY)}
        self.logs = account.client("logs")
        self.topic = self.make_topic("alarms")

    def make_topic(self, name: str, subscribed: bool = True, confirmed: bool = True, region: str = HOME) -> str:
        arn = self.sns[region].create_topic(Name=name)["TopicArn"]
        if subscribed:
            sub = self.sns[region].subscribe(
                TopicArn=arn, Protocol="email", Endpoint="security@example.com", ReturnSubscriptionArn=True
            )
            if not confirmed:
                kept = sns_backends[self.account.number][region].subscriptions[sub["SubscriptionArn"]]
                kept.arn, kept.confirmed = "PendingConfirmation", False
        return arn

    def filter(self, name: str, pattern: str, group: str = "trail", **more) -> None:
        transformation = {"metricName": name, "metricNamespace": "trail", "metricValue": "1"}
        self.logs.put_metric_filter(
            logGroupName=group,
            filterName=name,
            filterPattern=pattern,
            metricTransformations=[{**transformation, **more}],
        )

    def alarm(self, name: str, region: str = HOME, **more) -> None:
        settings = {
            "AlarmName": name,
            "MetricName": name,
            "Namespace": "trail",
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "ActionsEnabled": True,
            "AlarmActions": [self.topic],
        }
        self.cloudwatch[region].put_metric_alarm(**{k: v for k, v in {**settings, **more}.items() if v is not None})


def alarms(account: Account) -> None:
    a = Alarms(account)
    for name, pattern in PATTERNS.items():
        a.filter(name, pattern)
        a.alarm(name)


def broken_alarms() -> None:
    """Each event has its filter and alarm with another fault, or with none that matters."""
    account = Account("300000000004")
    t = Trails(account)
    logs = account.client("logs")
    for name in ("trail", "other"):
        logs.create_log_group(logGroupName=name)
    t.make(
        "main",
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:{HOME}:{account.number}:log-group:trail:*",
        CloudWatchLogsRoleArn=f"arn:aws:iam::{account.number}:role/trail",
    )
    a = Alarms(account)
    p = PATTERNS
    a.filter("denied", p["denied"])
    a.alarm("denied", AWAY)  # where the metric is not
    a.filter("sign-in", p["sign-in"], group="other")
    a.alarm("sign-in")
    a.filter("root", p["root"])
    a.alarm("root", ActionsEnabled=False)
    a.filter("iam", events(*IAM[1:]))
    a.alarm("iam")
    a.filter("trail", p["trail"])
    a.alarm("trail", AlarmActions=[])
    a.filter("failed", p["failed"])
    a.filter("key", p["key"])
    a.alarm("key", AlarmActions=[a.make_topic("pending", confirmed=False)])
    a.filter("bucket", p["bucket"])
    a.alarm("bucket", AlarmActions=[a.make_topic("nobody", subscribed=False)])
    a.filter("config", p["config"])
    a.alarm("config", Namespace="elsewhere")
    a.filter("group", p["group"])
    a.alarm("group", AlarmActions=[f"arn:aws:sns:{HOME}:{account.number}:deleted"])
    a.filter("acl", p["acl"], metricName="acl-events")
    a.alarm("acl")
    # In order:
    a.filter("gateway", p["gateway"])
    a.alarm("gateway-off", MetricName="gateway", ActionsEnabled=False)
    a.alarm("gateway-on", MetricName="gateway")
    a.filter("route", p["route"])
    a.alarm("route", AlarmActions=[f"arn:aws:lambda:{HOME}:{account.number}:function:tell"])
    a.filter("vpc", events(*VPC, source="ec2.amazonaws.com"))
    a.alarm(
        "vpc",
        MetricName=None,
        Namespace=None,
        Statistic=None,
        Period=None,
        Metrics=[
            {
                "Id": "m",
                "ReturnData": True,
                "MetricStat": {"Metric": {"Namespace": "trail", "MetricName": "vpc"}, "Period": 300, "Stat": "Sum"},
            }
        ],
    )
    a.filter("organization", p["organization"])
    a.alarm("organization", AlarmActions=[a.make_topic("nobody", subscribed=False), a.topic])

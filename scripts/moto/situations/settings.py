"""What is on or off for an account in a region: Config, Security Hub, GuardDuty, contacts, alarms."""

from moto.config.models import config_backends

from situations.account import AWAY, HOME, Account

FEATURES = (
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
    "RUNTIME_MONITORING",
)


def make() -> None:
    on = Account("500000000001")
    record(on, HOME)
    record(on, AWAY, globals_too=False)
    watch(on, HOME, True, *FEATURES)
    watch(on, AWAY, True)
    for region in (HOME, AWAY):
        on.client("securityhub", region).enable_security_hub()
    contact(on, phone="+15551234567")
    alarms(on)

    off = Account("500000000002")
    record(off, HOME, started=False)
    record(off, AWAY)
    config_backends[off.number][AWAY].recorders["recorder"].status.last_status = "FAILURE"
    watch(off, HOME, False, *FEATURES)
    hub = off.client("securityhub")
    hub.enable_security_hub()
    hub.disable_security_hub()
    off.client("account").put_alternate_contact(
        AlternateContactType="BILLING",
        Name="Billing",
        Title="Billing",
        EmailAddress="billing@example.com",
        PhoneNumber="+15551234567",
    )

    # In part: some types only, with a role of its own; the old name of a feature.
    part = Account("500000000003")
    part.client("guardduty", AWAY).create_detector(Enable=True)
    record(
        part,
        HOME,
        role=f"arn:aws:iam::{part.number}:role/config",
        group={"allSupported": False, "resourceTypes": ["AWS::EC2::Instance"]},
    )
    record(
        part,
        AWAY,
        group={
            "allSupported": False,
            "exclusionByResourceTypes": {"resourceTypes": ["AWS::EC2::Instance"]},
            "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
        },
    )
    watch(part, HOME, True, "EKS_RUNTIME_MONITORING")
    contact(part, phone="+15551234567")
    part.client("account").delete_alternate_contact(AlternateContactType="SECURITY")

    Account("500000000004")  # has nothing at all


def record(
    account: Account,
    region: str,
    *,
    started: bool = True,
    globals_too: bool = True,
    role: str = "",
    group: dict | None = None,
) -> None:
    config = account.client("config", region)
    config.put_configuration_recorder(
        ConfigurationRecorder={
            "name": "recorder",
            "roleARN": role
            or f"arn:aws:iam::{account.number}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig",
            "recordingGroup": group or {"allSupported": True, "includeGlobalResourceTypes": globals_too},
        }
    )
    bucket = f"config-of-{account.number}"
    account.client("s3").create_bucket(Bucket=bucket)
    config.put_delivery_channel(DeliveryChannel={"name": "channel", "s3BucketName": bucket})
    if started:
        config.start_configuration_recorder(ConfigurationRecorderName="recorder")


def watch(account: Account, region: str, enabled: bool, *features: str) -> None:
    account.client("guardduty", region).create_detector(
        Enable=enabled,
        Features=[
            {"Name": f, "Status": "ENABLED" if f in features else "DISABLED"}
            for f in dict.fromkeys((*FEATURES, *features))
        ],
    )


def contact(account: Account, phone: str) -> None:
    account.client("account").put_alternate_contact(
        AlternateContactType="SECURITY",
        Name="Security",
        Title="Security",
        EmailAddress="security@example.com",
        PhoneNumber=phone,
    )


def alarms(account: Account) -> None:
    cloudwatch = account.client("cloudwatch")
    topic = account.client("sns").create_topic(Name="alarms")["TopicArn"]
    for name, more in (
        ("alarm-complete", {"AlarmActions": [topic]}),
        ("alarm-switched-off", {"AlarmActions": [topic], "ActionsEnabled": False}),
        ("alarm-without-actions", {}),
        ("alarm-tells-only-when-over", {"OKActions": [topic]}),
    ):
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            MetricName="CPUUtilization",
            Namespace="AWS/EC2",
            Statistic="Average",
            Period=300,
            EvaluationPeriods=1,
            Threshold=90,
            ComparisonOperator="GreaterThanThreshold",
            **more,
        )

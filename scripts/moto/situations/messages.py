"""Topics, queues, keys and log groups."""

import json

from moto.sns.models import sns_backends
from moto.kms.models import kms_backends

from situations.account import AWAY, HOME, Account, document

ACCOUNT = "400000000001"
HERE = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
THERE = {"AWS": "arn:aws:iam::999999999999:root"}


def when(operator: str, key: str, value) -> dict:
    return {"Condition": {operator: {key: value}}}


# Who may send, as the policies of topics and queues say it.
SENDERS = {
    "everybody": {},
    "everybody-by-aws-star": {"Principal": {"AWS": "*"}},
    "everybody-in-a-list": {"Principal": {"AWS": [HERE["AWS"], "*"]}},
    "all-but-one": {"NotPrincipal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody"}},
    "every-action": {"Action": "*"},
    "own-account": {"Principal": HERE},
    "own-account-by-condition": when("StringEquals", "aws:PrincipalAccount", ACCOUNT),
    "other-account": {"Principal": THERE},
    "things-of-account": when("StringEquals", "aws:SourceAccount", ACCOUNT),
    "things-of-owner": when("StringEquals", "AWS:SourceOwner", ACCOUNT),
    "one-thing": when("ArnEquals", "aws:SourceArn", f"arn:aws:sns:us-east-1:{ACCOUNT}:one"),
    "one-bucket": when("ArnLike", "aws:SourceArn", "arn:aws:s3:::one"),
    "any-thing": when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:*"),
    "any-thing-by-star": when("StringLike", "aws:SourceArn", "*"),
    "organization": when("StringEquals", "aws:PrincipalOrgID", "o-abcdefghij"),
    "organization-any": when("StringLike", "aws:PrincipalOrgID", "o-*"),
    "organization-if-exists": when("StringEqualsIfExists", "aws:PrincipalOrgID", "o-abcdefghij"),
    "own-endpoint": when("StringEquals", "aws:SourceVpce", "vpce-0123456789abcdef0"),
    "office": when("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
    "everywhere": when("IpAddress", "aws:SourceIp", ["0.0.0.0/1", "128.0.0.0/1"]),
    "over-tls": when("Bool", "aws:SecureTransport", "true"),
    "a-service": {"Principal": {"Service": "s3.amazonaws.com"}, **when("StringEquals", "aws:SourceAccount", ACCOUNT)},
}


def make() -> None:
    account = Account(ACCOUNT)
    topics(account)
    queues(account)
    keys(account)
    groups(account)


def policy(name: str, arn: str, action: str, *more: dict) -> str:
    statement = {"Effect": "Allow", "Resource": arn, **SENDERS[name]}
    if "NotPrincipal" not in statement:
        statement.setdefault("Principal", "*")
    statement.setdefault("Action", action)
    return document(statement, *more)


def topics(account: Account) -> None:
    sns = account.client("sns", AWAY)
    known = sns_backends[account.number][AWAY]

    def topic(name: str, **attributes: str) -> str:
        return sns.create_topic(Name=name, Attributes=attributes)["TopicArn"]

    topic("topic-plain")
    topic("topic-encrypted", KmsMasterKeyId="alias/aws/sns")
    emptied = topic("topic-encrypted-no-more", KmsMasterKeyId="alias/aws/sns")
    sns.set_topic_attributes(TopicArn=emptied, AttributeName="KmsMasterKeyId", AttributeValue="")

    def subscribe(name: str, *endpoints: tuple[str, bool]) -> None:
        arn = topic(name)
        for endpoint, confirmed in endpoints:
            made = sns.subscribe(TopicArn=arn, Protocol=endpoint.split(":")[0], Endpoint=endpoint)["SubscriptionArn"]
            if not confirmed:
                known.subscriptions[made].arn, known.subscriptions[made].confirmed = "PendingConfirmation", False

    subscribe("tells-by-http", ("http://example.com/hook", True))
    subscribe("tells-by-http-soon", ("http://example.com/hook", False))
    subscribe("tells-by-https", ("https://example.com/hook", True))
    subscribe("tells-by-both", ("https://example.com/hook", True), ("http://example.com/hook", True))

    for name in SENDERS:
        arn = topic("from-" + name)
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy(name, arn, "sns:Publish"))
    for name, condition in (
        ("subscribers-of-company", when("StringLike", "SNS:Endpoint", "*@example.com")),
        ("subscribers-anywhere", when("StringLike", "SNS:Endpoint", "*")),
        ("subscribers-by-protocol", when("StringEquals", "SNS:Protocol", "https")),
    ):
        arn = topic(name)
        statement = {"Effect": "Allow", "Principal": "*", "Action": "sns:Subscribe", "Resource": arn, **condition}
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=document(statement))


def queues(account: Account) -> None:
    sqs = account.client("sqs", AWAY)

    def queue(name: str, **attributes: str) -> str:
        return sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    queue("queue-by-default")
    queue("queue-plain", SqsManagedSseEnabled="false")
    queue("queue-of-sqs", SqsManagedSseEnabled="true")
    queue("queue-of-kms", SqsManagedSseEnabled="false", KmsMasterKeyId="alias/aws/sqs")
    queue("queue-first-in.fifo", FifoQueue="true")

    arn = f"arn:aws:sqs:{AWAY}:{ACCOUNT}:"
    for name in SENDERS:
        queue("from-" + name, Policy=policy(name, arn + "from-" + name, "sqs:SendMessage"))
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": arn + "denied-again"}
    queue("denied-again", Policy=policy("everybody", arn + "denied-again", "sqs:SendMessage", deny))
    outside = {
        **deny,
        "Resource": arn + "denied-outside",
        **when("StringNotEquals", "aws:PrincipalOrgID", "o-abcdefghij"),
    }
    queue("denied-outside", Policy=policy("everybody", arn + "denied-outside", "sqs:SendMessage", outside))
    receives = {"Effect": "Allow", "Principal": "*", "Action": "sqs:ReceiveMessage", "Resource": arn + "for-everybody"}
    queue("for-everybody", Policy=document(receives))
    one = {"Version": "2012-10-17", "Statement": {**receives, "Resource": arn + "one-statement-object"}}
    queue("one-statement-object", Policy=json.dumps(one))


def keys(account: Account) -> None:
    kms = account.client("kms")
    known = kms_backends[account.number][HOME].keys

    def key(situation: str, *statements: dict, **more) -> str:
        settings = {"KeyUsage": "ENCRYPT_DECRYPT", "MultiRegion": False, **more}
        if statements:
            root = {"Effect": "Allow", "Principal": HERE, "Action": "kms:*", "Resource": "*"}
            settings["Policy"] = document(root, *statements)
        return kms.create_key(Tags=[{"TagKey": "situation", "TagValue": situation}], **settings)["KeyMetadata"]["KeyId"]

    kms.enable_key_rotation(KeyId=key("key-rotated"))
    kms.enable_key_rotation(KeyId=key("key-rotated-slowly"), RotationPeriodInDays=2560)
    key("key-not-rotated")
    kms.create_key(Tags=[{"TagKey": "situation", "TagValue": "key-by-default"}])
    rotated = kms.create_key(Tags=[{"TagKey": "situation", "TagValue": "key-by-default-rotated"}])
    kms.enable_key_rotation(KeyId=rotated["KeyMetadata"]["KeyId"])
    kms.disable_key(KeyId=key("key-disabled"))
    kms.schedule_key_deletion(KeyId=key("key-going"), PendingWindowInDays=7)
    cancelled = key("key-kept-after-all")
    kms.schedule_key_deletion(KeyId=cancelled, PendingWindowInDays=7)
    kms.cancel_key_deletion(KeyId=cancelled)
    key("key-of-many-regions", MultiRegion=True)
    key("key-signs", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    key("key-decrypts", KeySpec="RSA_4096")
    key("key-hmac", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    key("key-brought", Origin="EXTERNAL")
    of_aws = key("key-of-aws")
    known[of_aws].key_manager = "AWS"

    def used(situation: str, **statement) -> None:
        key(situation, {"Effect": "Allow", "Principal": "*", "Action": ["kms:Decrypt"], "Resource": "*", **statement})

    used("key-for-everybody")
    used("key-for-everybody-by-aws-star", Principal={"AWS": "*"})
    used("key-for-account-by-condition", **when("StringEquals", "kms:CallerAccount", ACCOUNT))
    used("key-for-any-account-by-condition", **when("StringLike", "kms:CallerAccount", "*"))
    used(
        "key-for-account-by-service",
        Condition={"StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": "s3.us-east-1.amazonaws.com"}},
    )
    used("key-by-service", **when("StringEquals", "kms:ViaService", "s3.us-east-1.amazonaws.com"))
    used("key-for-organization", **when("StringEquals", "aws:PrincipalOrgID", "o-abcdefghij"))
    used("key-for-other-account", Principal=THERE)
    used("key-for-context", **when("StringEquals", "kms:EncryptionContext:app", "x"))


def groups(account: Account) -> None:
    logs = account.client("logs")
    for name, days in (
        ("group-plain", None),
        ("group-of-a-month", 30),
        ("group-of-half-a-year", 180),
        ("group-of-a-year", 365),
        ("group-of-ten-years", 3653),
    ):
        logs.create_log_group(logGroupName=name)
        if days:
            logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    logs.create_log_group(logGroupName="group-encrypted", kmsKeyId=f"arn:aws:kms:{HOME}:{ACCOUNT}:key/1")
    logs.create_log_group(logGroupName="group-for-a-month-once")
    logs.put_retention_policy(logGroupName="group-for-a-month-once", retentionInDays=30)
    logs.delete_retention_policy(logGroupName="group-for-a-month-once")
    service = {
        "Effect": "Allow",
        "Principal": {"Service": "route53.amazonaws.com"},
        "Action": ["logs:PutLogEvents"],
        "Resource": "*",
    }
    logs.put_resource_policy(policyName="by-service", policyDocument=document(service))

    def group(name: str, region: str, number: str, resource: str, **more) -> None:
        other = Account(number).client("logs", region)
        other.create_log_group(logGroupName=name)
        other.create_log_group(logGroupName=f"beside-{name}")
        statement = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": resource,
        }
        other.put_resource_policy(policyName="open", policyDocument=document({**statement, **more}))

    group("open-all", HOME, "400000000002", "*")
    group("open-one", AWAY, "400000000002", f"arn:aws:logs:{AWAY}:400000000002:log-group:open-one:*")
    group("open-to-account", HOME, "400000000003", "*", **when("StringEquals", "aws:SourceAccount", "400000000003"))

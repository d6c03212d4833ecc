"""Buckets, access points, and what an account blocks for all of them."""

import json

from situations.account import AWAY, HOME, Account, document

NOTHING = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)
ALL = dict.fromkeys(NOTHING, True)


class Buckets:
    """Makes buckets whose names begin with a prefix: the names of all accounts are one space."""

    def __init__(self, account: Account) -> None:
        self.account, self.s3, self.away = account, account.client("s3"), account.client("s3", AWAY)

    def make(self, name: str, region: str = HOME, **more) -> str:
        if region == HOME:
            self.s3.create_bucket(Bucket=name, **more)
        else:
            self.away.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region}, **more)
        return name

    def block(self, name: str, **flags: bool) -> None:
        self.s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={**NOTHING, **flags})

    def policy(self, name: str, *statements: dict, region: str = HOME) -> str:
        self.make(name, region)
        self.s3.put_bucket_policy(Bucket=name, Policy=document(*statements))
        return name


def on(name: str, effect: str = "Allow", **more) -> dict:
    """A statement about a bucket and its objects; for everybody and of reading where nothing else is said."""
    statement = {"Effect": effect, "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"], **more}
    if "NotPrincipal" not in more:
        statement.setdefault("Principal", "*")
    if "NotAction" not in more:
        statement.setdefault("Action", "s3:GetObject")
    return statement


def when(operator: str, key: str, value) -> dict:
    return {"Condition": {operator: {key: value}}}


def make() -> None:
    open_account = Account("100000000001")
    b = Buckets(open_account)
    policies(b)
    lists(b)
    tls(b)
    settings(b)
    access_points(open_account)

    # Everything is blocked for the account: what a bucket says does not count.
    blocked = Account("100000000002")
    b = Buckets(blocked)
    blocked.client("s3control").put_public_access_block(AccountId=blocked.number, PublicAccessBlockConfiguration=ALL)
    b.policy("shut-read-by-policy", on("shut-read-by-policy"))
    b.make("shut-read-by-list")
    b.s3.put_bucket_acl(Bucket="shut-read-by-list", ACL="public-read")
    b.make("shut-plain")
    b.make("shut-unblocked")
    b.block("shut-unblocked")

    # Two of four flags, and two buckets of which one completes them.
    half = Account("100000000003")
    b = Buckets(half)
    half.client("s3control").put_public_access_block(
        AccountId=half.number,
        PublicAccessBlockConfiguration={**NOTHING, "IgnorePublicAcls": True, "RestrictPublicBuckets": True},
    )
    b.make("half-plain")
    b.make("half-completed")
    b.block("half-completed", BlockPublicAcls=True, BlockPublicPolicy=True)
    b.policy("half-read-by-policy", on("half-read-by-policy"))

    Account("100000000004")  # has nothing at all


def policies(b: Buckets) -> None:
    def public(name: str, *statements: dict) -> None:
        b.policy(name, *(on(name, **s) for s in statements))

    public("read-by-policy", {})
    public("list-by-policy", {"Action": "s3:ListBucket"})
    public("write-by-policy", {"Action": "s3:PutObject"})
    public("delete-by-policy", {"Action": ["s3:DeleteObject"]})
    public("control-by-policy", {"Action": "s3:PutBucketPolicy"})
    public("everything-by-policy", {"Action": "*"})
    public("all-of-service", {"Action": "s3:*"})
    public("wildcard-in-action", {"Action": "s3:?etObj*"})
    public("all-but-one-action", {"NotAction": "s3:DeleteBucket"})
    public("principal-aws-star", {"Principal": {"AWS": "*"}})
    public("principal-in-list", {"Principal": {"AWS": ["arn:aws:iam::100000000001:root", "*"]}})
    public("all-but-one-principal", {"NotPrincipal": {"AWS": "arn:aws:iam::100000000001:user/nobody"}})
    name = "one-statement-object"
    b.make(name)
    b.s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": on(name)}))

    public("own-organization", when("StringEquals", "aws:PrincipalOrgID", "o-abcdefghij"))
    public("any-organization", when("StringLike", "aws:PrincipalOrgID", "*"))
    public("organization-if-exists", when("StringEqualsIfExists", "aws:PrincipalOrgID", "o-abcdefghij"))
    public("own-account-by-condition", when("StringEquals", "aws:PrincipalAccount", "100000000001"))
    public("own-endpoint", when("StringEquals", "aws:SourceVpce", "vpce-0123456789abcdef0"))
    public("any-endpoint-but-one", when("StringNotEquals", "aws:SourceVpce", "vpce-0123456789abcdef0"))
    public("own-vpc", when("StringEquals", "AWS:sourcevpc", ["vpc-0123456789abcdef0"]))
    public("office-addresses", when("IpAddress", "aws:SourceIp", ["203.0.113.0/24", "198.51.100.7"]))
    public("private-addresses", when("IpAddress", "aws:SourceIp", "10.0.0.0/8"))
    public("every-address", when("IpAddress", "aws:SourceIp", "0.0.0.0/0"))
    public("every-address-in-halves", when("IpAddress", "aws:SourceIp", ["0.0.0.0/1", "128.0.0.0/1"]))
    public("all-but-some-addresses", when("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"))
    public("own-roles", when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::100000000001:role/*"))
    public("roles-of-any-account", when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/admin"))
    public("own-units", when("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-abcdefghij/*"))
    public("all-of-no-units", when("ForAllValues:StringLike", "aws:PrincipalOrgPaths", "o-abcdefghij/*"))
    public("until-a-day-gone-by", when("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"))
    public("since-a-day-gone-by", when("DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"))
    public("one-object", {"Resource": "arn:aws:s3:::one-object/index.html"})
    public("only-a-referer", when("StringLike", "aws:Referer", "https://www.example.com/*"))
    public("only-an-agent", when("StringEquals", "aws:UserAgent", "let-me-in"))
    public("only-over-tls", when("Bool", "aws:SecureTransport", "true"))
    public("by-service-for-account", {"Principal": {"Service": "cloudtrail.amazonaws.com"}})
    public(
        "cloudfront-of-distribution",
        {
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            **when("StringEquals", "AWS:SourceArn", "arn:aws:cloudfront::100000000001:distribution/E1"),
        },
    )
    public(
        "denied-elsewhere",
        {},
        {"Effect": "Deny", "Action": "s3:*", **when("NotIpAddress", "aws:SourceIp", "203.0.113.0/24")},
    )
    public(
        "denied-off-network",
        {},
        {"Effect": "Deny", "Action": "s3:*", **when("StringNotEquals", "aws:SourceVpce", "vpce-1")},
    )
    public("denied-to-write", {"Action": "s3:Get*"}, {"Effect": "Deny", "Action": ["s3:Put*", "s3:Delete*"]})
    public("denied-again", {}, {"Effect": "Deny", "Action": "s3:*"})
    public(
        "denied-outside",
        {},
        {"Effect": "Deny", "Action": "s3:*", **when("StringNotEquals", "aws:PrincipalOrgID", "o-abcdefghij")},
    )
    public(
        "denied-one-account",
        {},
        {"Effect": "Deny", "Action": "s3:*", "Principal": {"AWS": "arn:aws:iam::999999999999:root"}},
    )
    public("other-account-reads", {"Principal": {"AWS": "arn:aws:iam::999999999999:root"}})
    public("other-account-by-number", {"Principal": {"AWS": "999999999999"}})
    public(
        "other-account-controls",
        {"Principal": {"AWS": "arn:aws:iam::999999999999:role/x"}, "Action": "s3:PutBucketPolicy"},
    )
    public("own-account", {"Principal": {"AWS": "arn:aws:iam::100000000001:root"}, "Action": "s3:*"})

    # A block that was set after the policy: whether it counts depends on the flag.
    public("restricted-later", {})
    b.block("restricted-later", RestrictPublicBuckets=True)
    public("kept-out-too-late", {})
    b.block("kept-out-too-late", BlockPublicPolicy=True, BlockPublicAcls=True)


def lists(b: Buckets) -> None:
    """Access control lists."""
    everyone = 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'
    for name, acl in (
        ("list-private", "private"),
        ("list-public-read", "public-read"),
        ("list-public-read-write", "public-read-write"),
        ("list-authenticated-read", "authenticated-read"),
        ("list-log-delivery", "log-delivery-write"),
        ("list-ignored-by-block", "public-read"),
        ("list-switched-off", "public-read-write"),
        ("list-preferred-owner", "public-read-write"),
    ):
        b.make(name)
        b.s3.put_bucket_acl(Bucket=name, ACL=acl)
    b.block("list-ignored-by-block", IgnorePublicAcls=True)
    for name, ownership in (
        ("list-switched-off", "BucketOwnerEnforced"),
        ("list-preferred-owner", "BucketOwnerPreferred"),
        ("list-private", "ObjectWriter"),
    ):
        b.s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": ownership}]})
    for name, grant in (
        ("list-reads-the-list", "GrantReadACP"),
        ("list-writes-the-list", "GrantWriteACP"),
        ("list-full-control", "GrantFullControl"),
    ):
        b.make(name)
        b.s3.put_bucket_acl(Bucket=name, **{grant: everyone})


def tls(b: Buckets) -> None:
    plain = when("Bool", "aws:SecureTransport", "false")

    def deny(name: str, *statements: dict) -> None:
        b.policy(name, *(on(name, "Deny", **(s if "NotAction" in s else {"Action": "s3:*", **s})) for s in statements))

    deny("tls-required", plain)
    deny("tls-boolean", when("Bool", "aws:SecureTransport", False))
    deny("tls-in-a-list", when("Bool", "aws:securetransport", ["false"]))
    deny("tls-if-exists", when("BoolIfExists", "aws:SecureTransport", "false"))
    deny("tls-every-action", {"Action": "*", **plain})
    deny("tls-principal-aws-star", {"Principal": {"AWS": "*"}, **plain})
    deny(
        "tls-in-two-statements",
        {"Resource": "arn:aws:s3:::tls-in-two-statements", **plain},
        {"Resource": "arn:aws:s3:::tls-in-two-statements/*", **plain},
    )
    deny("tls-by-prefix", {"Resource": "arn:aws:s3:::tls-by-prefix*", **plain})
    deny("tls-for-objects-only", {"Resource": "arn:aws:s3:::tls-for-objects-only/*", **plain})
    deny("tls-for-bucket-only", {"Resource": "arn:aws:s3:::tls-for-bucket-only", **plain})
    deny("tls-for-writes-only", {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::tls-for-writes-only/*", **plain})
    deny("tls-for-one-principal", {"Principal": {"AWS": "arn:aws:iam::100000000001:role/x"}, **plain})
    deny("tls-the-wrong-way", when("Bool", "aws:SecureTransport", "true"))
    deny(
        "tls-and-an-address",
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}, "NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
    )
    deny("tls-in-two-sets-of-actions", {"Action": "s3:GetObject*", **plain}, {"NotAction": "s3:GetObject*", **plain})
    deny("tls-for-all-but-one", {"NotPrincipal": {"AWS": "arn:aws:iam::100000000001:root"}, **plain})
    deny("tls-by-version-only", when("NumericLessThan", "s3:TlsVersion", "1.2"))
    b.policy(
        "tls-by-allow",
        on(
            "tls-by-allow",
            Principal={"AWS": "arn:aws:iam::100000000001:root"},
            **when("Bool", "aws:SecureTransport", "true"),
        ),
    )


def settings(b: Buckets) -> None:
    s3 = b.s3
    b.make("plain")
    b.make("plain-away", AWAY)
    b.make("no-lists-from-birth", ObjectOwnership="BucketOwnerEnforced")
    b.make("logs-into-itself")
    s3.put_bucket_acl(Bucket="logs-into-itself", ACL="log-delivery-write")
    s3.put_bucket_logging(
        Bucket="logs-into-itself",
        BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "logs-into-itself", "TargetPrefix": ""}},
    )
    b.make("blocks-all")
    b.block("blocks-all", **ALL)
    b.make("blocks-three")
    b.block("blocks-three", **{**ALL, "RestrictPublicBuckets": False})

    def encrypt(name: str, **default: str) -> None:
        b.make(name)
        s3.put_bucket_encryption(
            Bucket=name, ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
        )

    key = "arn:aws:kms:us-east-1:100000000001:key/12345678-1234-1234-1234-123456789012"
    encrypt("encrypts-aes", SSEAlgorithm="AES256")
    encrypt("encrypts-kms", SSEAlgorithm="aws:kms", KMSMasterKeyID=key)
    encrypt("encrypts-kms-twice", SSEAlgorithm="aws:kms:dsse", KMSMasterKeyID=key)
    encrypt("encrypts-kms-of-aws", SSEAlgorithm="aws:kms")
    encrypt(
        "encrypts-kms-alias-of-aws",
        SSEAlgorithm="aws:kms",
        KMSMasterKeyID="arn:aws:kms:us-east-1:100000000001:alias/aws/s3",
    )

    for name, versioning in (("versions", {"Status": "Enabled"}), ("versions-suspended", {"Status": "Suspended"})):
        b.make(name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
    b.make("locks", ObjectLockEnabledForBucket=True)
    b.make("locks-for-a-year", ObjectLockEnabledForBucket=True)
    s3.put_object_lock_configuration(
        Bucket="locks-for-a-year",
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 365}},
        },
    )

    b.make("access-logs")
    s3.put_bucket_acl(Bucket="access-logs", ACL="log-delivery-write")
    b.make("logs-access")
    s3.put_bucket_logging(
        Bucket="logs-access",
        BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "access-logs", "TargetPrefix": "x/"}},
    )
    b.make("logged-once")
    s3.put_bucket_logging(
        Bucket="logged-once",
        BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "access-logs", "TargetPrefix": "y/"}},
    )
    s3.put_bucket_logging(Bucket="logged-once", BucketLoggingStatus={})

    def expire(name: str, *states: str) -> None:
        b.make(name)
        rules = [
            {"ID": str(i), "Status": state, "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}
            for i, state in enumerate(states)
        ]
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})

    expire("expires", "Enabled")
    expire("expires-by-second-rule", "Disabled", "Enabled")
    expire("expires-no-more", "Disabled")

    for name, region in (("copies-here", HOME), ("copies-away", AWAY)):
        b.make(name, region)
        b.s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})

    def copy(name: str, *rules: tuple[str, str]) -> None:
        b.make(name)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_replication(
            Bucket=name,
            ReplicationConfiguration={
                "Role": "arn:aws:iam::100000000001:role/copies",
                "Rules": [
                    {
                        "ID": str(i),
                        "Priority": i,
                        "Status": status,
                        "Filter": {"Prefix": ""},
                        "DeleteMarkerReplication": {"Status": "Disabled"},
                        "Destination": {"Bucket": f"arn:aws:s3:::{target}"},
                    }
                    for i, (status, target) in enumerate(rules)
                ],
            },
        )

    copy("copied-away", ("Enabled", "copies-away"))
    copy("copied-here", ("Enabled", "copies-here"))
    copy("copied-both-ways", ("Enabled", "copies-here"), ("Enabled", "copies-away"))
    copy("copied-no-more", ("Disabled", "copies-away"))
    copy("copied-to-a-stranger", ("Enabled", "bucket-of-somebody-else"))

    def tell(name: str, **configuration) -> None:
        b.make(name)
        s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=configuration)

    events = ["s3:ObjectCreated:*"]
    b.account.client("sns").create_topic(Name="told")
    b.account.client("sqs").create_queue(QueueName="told")
    tell("tells-topic", TopicConfigurations=[{"TopicArn": "arn:aws:sns:us-east-1:100000000001:told", "Events": events}])
    tell("tells-queue", QueueConfigurations=[{"QueueArn": "arn:aws:sqs:us-east-1:100000000001:told", "Events": events}])
    tell("tells-event-bridge", EventBridgeConfiguration={})
    tell("tells-nobody")


def access_points(account: Account) -> None:
    control = account.client("s3control")
    for name, more in (
        ("point-blocks-all", {"PublicAccessBlockConfiguration": ALL}),
        ("point-blocks-three", {"PublicAccessBlockConfiguration": {**ALL, "BlockPublicAcls": False}}),
        ("point-by-default", {}),
        (
            "point-in-network",
            {"VpcConfiguration": {"VpcId": "vpc-0123456789abcdef0"}, "PublicAccessBlockConfiguration": NOTHING},
        ),
    ):
        control.create_access_point(AccountId=account.number, Name=name, Bucket="plain", **more)
    regional = account.client("s3control", "us-west-2")
    for name, block in (
        ("everywhere-blocks-all", ALL),
        ("everywhere-blocks-three", {**ALL, "IgnorePublicAcls": False}),
    ):
        regional.create_multi_region_access_point(
            AccountId=account.number,
            ClientToken=name,
            Details={
                "Name": name,
                "PublicAccessBlock": block,
                "Regions": [{"Bucket": "plain"}, {"Bucket": "plain-away"}],
            },
        )

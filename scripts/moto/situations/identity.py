"""Users, groups, roles, policies, and the root user of an account."""

import json

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AccessKeyLastUsed, AWSManagedPolicy, IAMBackend, iam_backends

from situations.account import Account, allow, days_ago, document

DATA = json.loads(aws_managed_policies_data)
AWS = "arn:aws:iam::aws:policy/"
ADMIN = AWS + "AdministratorAccess"
EVERYTHING = allow("*")
ROOT_ROW = (
    "<root_account>,arn:aws:iam::{number}:root,2020-01-01T00:00:00+00:00,{password},{used},not_supported,not_supported,false,"
    "{active},2020-01-01T00:00:00+00:00,{key},N/A,N/A,false,N/A,{second},N/A,N/A,false,N/A,false,N/A\n"
)


# Moto knows all policies of AWS, and has a thousand of them in every account or none.
OF_AWS = (
    "AdministratorAccess",
    "AWSCloudShellFullAccess",
    "AWSSupportAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "SecurityAudit",
)


def make() -> None:
    report_root()
    for number in range(200000000001, 200000000006):
        backend = iam_backends[str(number)]["aws"]
        for name in OF_AWS:
            policy = AWSManagedPolicy.from_data(name, str(number), "us-east-1", DATA[name])
            backend.managed_policies[policy.arn] = policy
            backend.aws_managed_policies.append(policy)
    company = Account("200000000001")
    users(company)
    groups(company)
    policies(company)
    roles(company)
    root(company, used=days_ago(3))
    company.client("iam").upload_server_certificate(
        ServerCertificateName="expired", CertificateBody="x", PrivateKey="y"
    )

    # All that an account as a whole is asked for is there.
    tidy = Account("200000000002")
    iam = tidy.client("iam")
    iam.update_account_password_policy(
        MinimumPasswordLength=14,
        RequireSymbols=True,
        RequireNumbers=True,
        RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True,
        MaxPasswordAge=90,
        PasswordReusePrevention=24,
    )
    role(iam, "support", trust({"AWS": f"arn:aws:iam::{tidy.number}:root"}))
    iam.attach_role_policy(RoleName="support", PolicyArn=AWS + "AWSSupportAccess")
    role(iam, "audit", trust({"AWS": f"arn:aws:iam::{tidy.number}:root"}))
    iam.attach_role_policy(RoleName="audit", PolicyArn=AWS + "SecurityAudit")
    iam.create_saml_provider(Name="company", SAMLMetadataDocument="x" * 1024)
    root(tidy, used=days_ago(400), mfa=True)

    # All is there and falls short, or is with the wrong thing.
    lax = Account("200000000003")
    iam = lax.client("iam")
    iam.update_account_password_policy(MinimumPasswordLength=13, MaxPasswordAge=91, PasswordReusePrevention=23)
    iam.create_user(UserName="supporter")
    iam.attach_user_policy(UserName="supporter", PolicyArn=AWS + "AWSSupportAccess")
    iam.attach_user_policy(UserName="supporter", PolicyArn=AWS + "SecurityAudit")
    role(iam, "shell", trust({"Service": "ec2.amazonaws.com"}))
    iam.attach_role_policy(RoleName="shell", PolicyArn=AWS + "AWSCloudShellFullAccess")
    root(lax, used=None, key=days_ago(400), second=days_ago(2), keys=1)
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="root-account-mfa-device")["VirtualMFADevice"][
        "SerialNumber"
    ]
    backend = iam_backends[lax.number]["aws"]
    backend.account_summary._account_mfa_enabled = 1
    backend.virtual_mfa_devices[device].user = {
        "Path": "/",
        "UserName": None,
        "UserId": lax.number,
        "Arn": f"arn:aws:iam::{lax.number}:root",
        "CreateDate": days_ago(900),
    }
    backend.virtual_mfa_devices[device].enable_date = days_ago(900)

    # A policy without a limit of age, and a root user that was never used.
    endless = Account("200000000004")
    endless.client("iam").update_account_password_policy(MinimumPasswordLength=20, RequireNumbers=True)
    iam = endless.client("iam")
    iam.create_group(GroupName="shell")
    iam.attach_group_policy(GroupName="shell", PolicyArn=AWS + "AWSCloudShellFullAccess")
    root(endless, used=None)

    root(Account("200000000005"), used=None)  # has nothing at all


def report_root() -> None:
    """Moto leaves the root user out of the credential report."""
    whole = IAMBackend.get_credential_report

    def report(self) -> str:
        head, *rows = whole(self).splitlines(keepends=True)
        return "".join([head, self.root_row, *rows] if hasattr(self, "root_row") else [head, *rows])

    IAMBackend.get_credential_report = report


def root(account: Account, used, key=None, second=None, keys=0, mfa=False) -> None:
    def text(time, none: str = "N/A") -> str:
        return time.strftime("%Y-%m-%dT%H:%M:%S+00:00") if time else none

    backend = iam_backends[account.number]["aws"]
    backend.root_row = ROOT_ROW.format(
        number=account.number,
        password="true",
        used=text(used, "no_information"),
        active="true" if keys else "false",
        key=text(key),
        second=text(second),
    )
    backend.account_summary._account_access_keys_present = keys
    backend.account_summary._account_mfa_enabled = int(mfa)


def users(account: Account) -> None:
    iam = account.client("iam")
    known = iam_backends[account.number]["aws"].users

    def user(
        name: str,
        *,
        console: bool = False,
        days: float = 0,
        used: float | None = None,
        groups: tuple = (),
        attached: tuple = (),
    ) -> str:
        iam.create_user(UserName=name)
        if console:
            iam.create_login_profile(UserName=name, Password="Not-a-real-password-1")
        known[name].create_date = days_ago(days)
        known[name].password_last_used = None if used is None else days_ago(used)
        for arn in attached:
            iam.attach_user_policy(UserName=name, PolicyArn=arn)
        return name

    def key(name: str, *, days: float = 0, used: float | None = None, active: bool = True) -> None:
        """A key of the user, which is named for it."""
        made = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
        k = known[name].get_access_key_by_id(made)
        k.create_date = days_ago(days)
        if used is not None:
            k.last_used = AccessKeyLastUsed(timestamp=days_ago(used), service="s3", region="us-east-1")
        if not active:
            iam.update_access_key(UserName=name, AccessKeyId=made, Status="Inactive")

    def device(name: str, serial: str = "") -> None:
        if not serial:
            serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
        iam.enable_mfa_device(
            UserName=name, SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321"
        )

    user("console-without-mfa", console=True)
    user("console-with-virtual-mfa", console=True)
    device("console-with-virtual-mfa")
    user("console-with-hardware-mfa", console=True)
    device("console-with-hardware-mfa", "GAHT12345678")
    user("console-with-security-key", console=True)
    device("console-with-security-key", f"arn:aws:iam::{account.number}:u2f/user/console-with-security-key/a-KEY")
    user("console-with-both-mfa", console=True)
    device("console-with-both-mfa")
    device("console-with-both-mfa", f"arn:aws:iam::{account.number}:u2f/user/console-with-both-mfa/a-KEY")
    user("console-with-sms-mfa", console=True)
    device("console-with-sms-mfa", f"arn:aws:iam::{account.number}:sms-mfa/console-with-sms-mfa")
    user("machine-without-mfa")
    user("machine-with-hardware-mfa")
    device("machine-with-hardware-mfa", "GAHT87654321")
    user("console-taken-away", console=True, days=400)
    iam.delete_login_profile(UserName="console-taken-away")

    user("password-used", console=True, days=400, used=44)
    user("password-unused", console=True, days=400, used=46)
    user("password-never-used", console=True, days=400)
    user("password-new", console=True, days=10)

    for name, days, used, active in (
        ("key-used", 400, 44, True),
        ("key-unused", 400, 46, True),
        ("key-never-used", 46, None, True),
        ("key-new", 10, None, True),
        ("key-off", 400, 300, False),
        ("key-of-89-days", 89, 1, True),
        ("key-of-91-days", 91, 1, True),
    ):
        user(name, days=days)
        key(name, days=days, used=used, active=active)
    user("key-one-of-each", days=200)
    key("key-one-of-each", days=100, used=90, active=False)
    key("key-one-of-each", days=1, used=0.1)
    user("key-two", days=200)
    key("key-two", days=5, used=1)
    key("key-two", days=1, used=0.1)
    user("key-from-the-start", console=True, days=30)
    key("key-from-the-start", days=30)
    user("key-from-the-start-used", console=True, days=30)
    key("key-from-the-start-used", days=30, used=2)
    user("key-later", console=True, days=30)
    key("key-later", days=20)
    user("key-from-the-start-off", console=True, days=30)
    key("key-from-the-start-off", days=30, active=False)

    iam.create_group(GroupName="administrators")
    iam.attach_group_policy(GroupName="administrators", PolicyArn=ADMIN)
    user("admin-attached", attached=(ADMIN,))
    own = iam.create_policy(PolicyName="policy-of-administrators", PolicyDocument=document(EVERYTHING))["Policy"]["Arn"]
    user("admin-by-own-policy", attached=(own,))
    iam.create_group(GroupName="own-administrators")
    iam.put_group_policy(GroupName="own-administrators", PolicyName="own", PolicyDocument=document(EVERYTHING))
    user("admin-by-inline-policy-of-group")
    iam.add_user_to_group(GroupName="own-administrators", UserName="admin-by-inline-policy-of-group")
    for name in ("admin-by-group", "admin-by-group-with-mfa"):
        user(name)
        iam.add_user_to_group(GroupName="administrators", UserName=name)
    device("admin-by-group-with-mfa")
    user("power-user", attached=(AWS + "PowerUserAccess",))

    def inline(name: str, *statements: dict) -> None:
        iam.put_user_policy(UserName=user(name), PolicyName="own", PolicyDocument=document(*statements))

    inline("inline-reader", allow("s3:GetObject", "arn:aws:s3:::reports/*"))
    for name, statements in GRANTS.items():
        inline("inline-" + name, *statements)
    iam.put_user_policy(
        UserName=user("inline-one-object"),
        PolicyName="own",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": EVERYTHING}),
    )
    user("nothing")


DENIES_ALL = {"Effect": "Deny", "Action": "*", "Resource": "*"}
MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}

# What a policy may say: used as inline policies and as attached ones.
GRANTS = {
    "admin": [EVERYTHING],
    "admin-in-lists": [allow(["s3:GetObject", "*"], ["*"])],
    "admin-by-colon": [allow("*:*")],
    "admin-by-not-action": [{"Effect": "Allow", "NotAction": "support:*", "Resource": "*"}],
    "admin-by-not-resource": [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::one"}],
    "admin-in-halves": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, allow("iam:*")],
    "admin-with-mfa": [{**EVERYTHING, **MFA}],
    "admin-denied": [EVERYTHING, DENIES_ALL],
    "admin-denied-iam": [EVERYTHING, {"Effect": "Deny", "Action": "iam:*", "Resource": "*"}],
    "admin-of-one-thing": [allow("*", "arn:aws:s3:::reports/*")],
    "all-of-kms": [allow("kms:*")],
    "all-of-kms-upper-case": [allow("KMS:*")],
    "all-of-kms-of-one-key": [allow("kms:*", "arn:aws:kms:us-east-1:200000000001:key/1")],
    "all-of-kms-denied": [allow("kms:*"), {"Effect": "Deny", "Action": "kms:*", "Resource": "*"}],
    "all-of-kms-but-one": [allow("kms:*"), {"Effect": "Deny", "Action": "kms:ScheduleKeyDeletion", "Resource": "*"}],
    "all-of-cloudtrail": [allow(["cloudtrail:*"])],
    "reads-cloudtrail": [allow(["cloudtrail:Get*", "cloudtrail:List*", "cloudtrail:Describe*"])],
    "decrypts-all": [allow(["kms:Decrypt"])],
    "decrypts-all-keys-of-region": [allow("kms:Decrypt", "arn:aws:kms:us-east-1:200000000001:key/*")],
    "decrypts-one": [allow("kms:Decrypt", "arn:aws:kms:us-east-1:200000000001:key/1")],
    "decrypts-by-service": [
        allow("kms:Decrypt", Condition={"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}})
    ],
    "assumes-all": [allow("sts:AssumeRole")],
    "assumes-all-roles-of-accounts": [allow("sts:*", "arn:aws:iam::*:role/*")],
    "assumes-one": [allow("sts:AssumeRole", "arn:aws:iam::200000000001:role/one")],
    "passes-roles": [allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"])],
    "passes-one-role": [
        allow("iam:PassRole", "arn:aws:iam::200000000001:role/one"),
        allow(["lambda:CreateFunction", "lambda:InvokeFunction"]),
    ],
    "new-version": [allow("iam:CreatePolicyVersion")],
    "attaches-to-itself": [allow("iam:Attach*Policy")],
    "changes-key-of-others": [allow("iam:CreateAccessKey")],
    "subscribes": [allow("aws-marketplace:Subscribe")],
    "subscribes-by-star": [allow(["aws-marketplace:*", "s3:Get*"])],
    "subscribes-with-mfa": [{**allow("aws-marketplace:Subscribe"), **MFA}],
    "subscribes-denied": [
        allow("aws-marketplace:*"),
        {"Effect": "Deny", "Action": "aws-marketplace:Subscribe", "Resource": "*"},
    ],
    "subscribes-denied-with-mfa": [
        allow("aws-marketplace:*"),
        {"Effect": "Deny", "Action": "aws-marketplace:Subscribe", "Resource": "*", **MFA},
    ],
    "reads-marketplace": [allow("aws-marketplace:ViewSubscriptions")],
    "passes-nothing": [allow(["lambda:CreateFunction", "lambda:InvokeFunction"])],
}


def groups(account: Account) -> None:
    iam = account.client("iam")
    for name in (
        "admin",
        "admin-denied",
        "all-of-kms",
        "all-of-cloudtrail",
        "decrypts-all",
        "new-version",
        "reads-cloudtrail",
        "subscribes",
    ):
        iam.create_group(GroupName="group-" + name)
        iam.put_group_policy(GroupName="group-" + name, PolicyName="own", PolicyDocument=document(*GRANTS[name]))
    iam.create_group(GroupName="group-without")


def policies(account: Account) -> None:
    iam = account.client("iam")
    iam.create_group(GroupName="holders")
    for name, statements in GRANTS.items():
        for attached in (True, False):
            full = "policy-" + name if attached else "loose-" + name
            if not attached and name not in (
                "admin",
                "admin-by-not-action",
                "admin-denied",
                "new-version",
                "all-of-kms",
                "decrypts-all",
            ):
                continue
            arn = iam.create_policy(PolicyName=full, PolicyDocument=document(*statements))["Policy"]["Arn"]
            if attached:
                iam.attach_group_policy(GroupName="holders", PolicyArn=arn)
    # What counts is the version in force.
    was = iam.create_policy(PolicyName="policy-was-admin", PolicyDocument=document(EVERYTHING))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=was, PolicyDocument=document(allow("s3:GetObject")), SetAsDefault=True)
    iam.attach_group_policy(GroupName="holders", PolicyArn=was)
    drafted = iam.create_policy(PolicyName="policy-drafts-admin", PolicyDocument=document(allow("s3:GetObject")))[
        "Policy"
    ]["Arn"]
    iam.create_policy_version(PolicyArn=drafted, PolicyDocument=document(EVERYTHING), SetAsDefault=False)
    iam.attach_group_policy(GroupName="holders", PolicyArn=drafted)
    wild = iam.create_policy(
        PolicyName="policy-service-wildcard", PolicyDocument=document(allow("ec2:*", "arn:aws:ec2:*:*:instance/i-1"))
    )
    iam.attach_group_policy(GroupName="holders", PolicyArn=wild["Policy"]["Arn"])


def trust(principal, action: str = "sts:AssumeRole", **more) -> dict:
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def role(iam, name: str, *statements: dict, path: str = "/") -> str:
    iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=document(*statements))
    return name


def roles(account: Account) -> None:
    iam = account.client("iam")
    here, there = f"arn:aws:iam::{account.number}:root", "arn:aws:iam::999999999999:root"
    ec2 = trust({"Service": "ec2.amazonaws.com"})

    role(iam, "role-admin", ec2)
    iam.attach_role_policy(RoleName="role-admin", PolicyArn=ADMIN)
    role(iam, "role-admin-for-people", trust({"AWS": here}))
    iam.attach_role_policy(RoleName="role-admin-for-people", PolicyArn=ADMIN)
    limit = iam.create_policy(PolicyName="limit", PolicyDocument=document(allow("s3:GetObject")))["Policy"]["Arn"]
    iam.create_role(RoleName="role-admin-limited", AssumeRolePolicyDocument=document(ec2), PermissionsBoundary=limit)
    iam.attach_role_policy(RoleName="role-admin-limited", PolicyArn=ADMIN)
    role(iam, "role-plain", ec2)
    for name in (
        "admin",
        "admin-denied",
        "all-of-kms",
        "all-of-cloudtrail",
        "decrypts-all",
        "new-version",
        "passes-one-role",
        "subscribes",
    ):
        role(iam, "role-inline-" + name, ec2)
        iam.put_role_policy(RoleName="role-inline-" + name, PolicyName="own", PolicyDocument=document(*GRANTS[name]))

    for name, statement in {
        "reader-here": trust({"AWS": here}),
        "reader-there": trust({"AWS": there}),
        "reader-there-by-number": trust({"AWS": "999999999999"}),
        "reader-there-with-external-id": trust(
            {"AWS": there}, Condition={"StringEquals": {"sts:ExternalId": "secret"}}
        ),
        "reader-everybody": trust("*"),
        "reader-own-organization": trust(
            {"AWS": "*"}, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
        ),
        "reader-of-service": ec2,
    }.items():
        role(iam, name, statement)
        iam.attach_role_policy(RoleName=name, PolicyArn=AWS + "ReadOnlyAccess")
    role(iam, "trusts-there", trust({"AWS": there}))
    role(iam, "trusts-everybody", trust({"AWS": "*"}))
    role(
        iam,
        "trusts-everybody-with-external-id",
        trust({"AWS": "*"}, Condition={"StringEquals": {"sts:ExternalId": "secret"}}),
    )

    logs = {"Service": "delivery.logs.amazonaws.com"}
    role(iam, "service-unbound", trust(logs))
    role(iam, "service-of-account", trust(logs, Condition={"StringEquals": {"aws:SourceAccount": account.number}}))
    role(
        iam,
        "service-of-thing",
        trust(logs, Condition={"ArnLike": {"aws:SourceArn": f"arn:aws:logs:*:{account.number}:*"}}),
    )
    role(iam, "service-of-any-thing", trust(logs, Condition={"ArnLike": {"aws:SourceArn": "arn:aws:logs:*:*:*"}}))
    role(iam, "service-of-organization", trust(logs, Condition={"StringEquals": {"aws:SourceOrgID": "o-abcdefghij"}}))
    role(iam, "service-exempt", trust({"Service": "secretsmanager.amazonaws.com"}))
    role(iam, "service-one-of-two", trust({"Service": ["ec2.amazonaws.com", "delivery.logs.amazonaws.com"]}))
    iam.create_service_linked_role(AWSServiceName="guardduty.amazonaws.com")

    hub = iam.create_open_id_connect_provider(
        Url="https://token.actions.githubusercontent.com",
        ClientIDList=["sts.amazonaws.com"],
        ThumbprintList=["6938fd4d98bab03faadb97b34396831e3780aea1"],
    )["OpenIDConnectProviderArn"]

    def web(name: str, **conditions: dict) -> None:
        role(iam, name, trust({"Federated": hub}, "sts:AssumeRoleWithWebIdentity", Condition=conditions))

    sub, aud = "token.actions.githubusercontent.com:sub", "token.actions.githubusercontent.com:aud"
    web("web-any-repository", StringEquals={aud: "sts.amazonaws.com"})
    web("web-one-repository", StringEquals={aud: "sts.amazonaws.com", sub: "repo:example/app:ref:refs/heads/main"})
    web("web-by-pattern", StringEquals={aud: "sts.amazonaws.com"}, StringLike={sub: "repo:example/*"})
    web("web-by-wide-pattern", StringEquals={aud: "sts.amazonaws.com"}, StringLike={sub: "repo:*"})
    web(
        "web-if-exists",
        StringEqualsIfExists={sub: "repo:example/app:ref:refs/heads/main"},
        StringEquals={aud: "sts.amazonaws.com"},
    )

    known = iam_backends[account.number]["aws"]
    for name, created, used in (
        ("used-lately", 400, 5),
        ("used-long-ago", 400, 91),
        ("never-used", 91, None),
        ("new", 3, None),
    ):
        role(iam, "role-" + name, ec2)
        made = known.get_role("role-" + name)
        made.create_date, made.last_used = days_ago(created), None if used is None else days_ago(used)

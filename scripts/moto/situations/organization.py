"""Organizations, seen from their management account, from a member, and from outside."""

import itertools
import json

from moto.organizations import utils

from situations.account import Account

DENY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}],
}


def make() -> None:
    numbers = itertools.count(600000000011)
    random, utils.make_random_account_id = utils.make_random_account_id, lambda: str(next(numbers))
    try:
        organized()
        delegated()
    finally:
        utils.make_random_account_id = random
    Account("600000000003")  # is in no organization


def organized() -> None:
    """Guardrails on one account, on a unit and what is below it, and on none of the others."""
    org = Account("600000000001").client("organizations")
    org.create_organization(FeatureSet="ALL")
    root = org.list_roots()["Roots"][0]["Id"]
    org.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    org.enable_policy_type(RootId=root, PolicyType="TAG_POLICY")
    org.create_policy(Name="tags", Description="nowhere", Type="TAG_POLICY", Content=json.dumps({"tags": {}}))
    rail = org.create_policy(Name="rail", Description="rail", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(DENY))[
        "Policy"
    ]["PolicySummary"]["Id"]
    loose = org.create_policy(
        Name="loose", Description="nowhere", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(DENY)
    )
    unit = org.create_organizational_unit(ParentId=root, Name="railed")["OrganizationalUnit"]["Id"]
    below = org.create_organizational_unit(ParentId=unit, Name="below")["OrganizationalUnit"]["Id"]
    free = org.create_organizational_unit(ParentId=root, Name="free")["OrganizationalUnit"]["Id"]
    org.attach_policy(PolicyId=rail, TargetId=unit)
    for name, parent in (
        ("at-the-root", None),
        ("railed-itself", None),
        ("in-railed-unit", unit),
        ("below-railed-unit", below),
        ("in-free-unit", free),
    ):
        number = org.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]["AccountId"]
        if parent:
            org.move_account(AccountId=number, SourceParentId=root, DestinationParentId=parent)
        if name == "railed-itself":
            org.attach_policy(PolicyId=rail, TargetId=number)
    assert loose


def delegated() -> None:
    """An organization with a delegated administrator."""
    org = Account("600000000002").client("organizations")
    org.create_organization(FeatureSet="ALL")
    number = org.create_account(AccountName="security", Email="security@example.com")["CreateAccountStatus"][
        "AccountId"
    ]
    root = org.list_roots()["Roots"][0]["Id"]
    org.enable_policy_type(RootId=root, PolicyType="TAG_POLICY")
    tags = {"tags": {"team": {"tag_key": {"@@assign": "team"}}}}
    made = org.create_policy(Name="tags", Description="tags", Type="TAG_POLICY", Content=json.dumps(tags))["Policy"][
        "PolicySummary"
    ]["Id"]
    org.attach_policy(PolicyId=made, TargetId=root)
    org.enable_aws_service_access(ServicePrincipal="guardduty.amazonaws.com")
    org.register_delegated_administrator(AccountId=number, ServicePrincipal="guardduty.amazonaws.com")

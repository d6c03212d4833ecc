"""Write what commands of the AWS CLI print about the account of a moto server.

Usage: printed.py URL DIRECTORY REGION,… < operations

The operations come one a line, as "s3:GetBucketPolicy". Each is asked as a person
would who takes exports: where it needs no name, once in each region; where it
needs one, once for each thing that the account lists. A file is named by the
command, by what the command was asked about and by the region. It holds what the
command prints to both of its outputs, so that of a refused call it holds the
refusal. The first region is written as version 2 of the CLI writes times, the
others as version 1 does.
"""

import base64
import datetime
import json
import os
import pathlib
import sys
import urllib.parse

import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

# The SDK for Go and that for Python name some services differently.
SERVICES = {
    "applicationautoscaling": "application-autoscaling",
    "cloudwatchlogs": "logs",
    "configservice": "config",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "networkfirewall": "network-firewall",
}

# These answer in one region for all.
GLOBAL = ("account", "iam", "organizations", "s3", "s3control", "sts")


class Printer:
    def __init__(self, url: str, directory: str, regions: list[str]) -> None:
        self.url, self.directory, self.regions = url, pathlib.Path(directory), regions
        self.clients: dict = {}
        self.newer, self.older = botocore.session.Session(), botocore.session.Session()
        self.older.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=lambda x: x)

    def client(self, service: str, region: str):
        key = service, region
        if key not in self.clients:
            session = self.newer if region == self.regions[0] else self.older
            client = session.create_client(
                service, region_name=region, endpoint_url=self.url, config=Config(retries={"max_attempts": 0})
            )
            # Some calls have the account before the host's name, which has no address.
            client.meta.events.register("request-created", lambda request, **_: without_account(request))
            self.clients[key] = client
        return self.clients[key]

    def ask(self, service: str, operation: str, region: str, **parameters) -> dict:
        """Answers with all pages, as the CLI does by itself."""
        client = self.client(service, region)
        method = xform_name(operation)
        if client.can_paginate(method):
            answer = client.get_paginator(method).paginate(**parameters).build_full_result()
        else:
            answer = getattr(client, method)(**parameters)
        return {k: v for k, v in answer.items() if k != "ResponseMetadata"}

    def write(self, name: str, service: str, operation: str, region: str, **parameters) -> None:
        try:
            answer = self.ask(service, operation, region, **parameters)
            # The CLI prints nothing for an answer without members; who takes
            # exports writes it down, as docs/exports.md says.
            text = json.dumps(answer, indent=4, default=plain) + "\n"
        except (BotoCoreError, ClientError, ResponseParserError) as e:
            text = f"\n{e}\n"
        (self.directory / f"{name}.json").write_text(text)

    def print(self, name: str) -> None:
        service, operation = name.split(":")
        service = SERVICES.get(service, service)
        if operation == "BatchGetResourceConfig":
            return self.items()
        command = xform_name(operation, "-")
        if service == "elb":
            command = "elb." + command  # the commands of elbv2 have the same names
        everywhere = service in GLOBAL and operation != "ListAccessPoints"
        for region in self.regions[:1] if everywhere else self.regions:
            suffix = "" if everywhere else "@" + region
            rule = ASSETS.get((service, operation))
            shape = self.client(service, region).meta.service_model.operation_model(operation).input_shape
            required = [m for m in shape.required_members if m != "AccountId"] if shape else []
            always = ALWAYS.get((service, operation), {})
            if rule is None and required and not always:
                rule = MEMBERS.get((service, required[0]))
                if rule is None:
                    sys.exit(f"what is {name} asked about? say so in MEMBERS or ASSETS")
            if rule is None:
                account = {"AccountId": ACCOUNT} if service == "s3control" else {}
                self.write(command + suffix, service, operation, region, **account, **always)
                if operation == "ListWebACLs" and region == "us-east-1":
                    name = f"{service}.{command}.CLOUDFRONT{suffix}"
                    self.write(name, service, operation, region, Scope="CLOUDFRONT")
                continue
            for parameters in rule(self, region):
                of = next(iter(parameters.values()))
                of = urllib.parse.quote(of if isinstance(of, str) else of[0], safe=":")
                self.write(f"{service}.{command}.{of}{suffix}", service, operation, region, **parameters)


    def items(self) -> None:
        """Writes the configuration items that moto has, of few types."""
        for kind in ("AWS::S3::Bucket", "AWS::IAM::Role"):
            found = self.ask("config", "ListDiscoveredResources", self.regions[0], resourceType=kind)
            wanted = [{"resourceType": kind, "resourceId": r["resourceId"]} for r in found["resourceIdentifiers"]]
            name = "batch-get-resource-config." + kind.rpartition(":")[2]
            self.write(name, "config", "BatchGetResourceConfig", self.regions[0], resourceKeys=wanted)


ACCOUNT = "123456789012"


def without_account(request) -> None:
    request.url = request.url.replace(f"//{ACCOUNT}.", "//")


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(value)


def each(lister: str, members: str, key: str, parameter: str, **more):
    """Asks about each item of a list: one that is written Outer.Inner is nested."""
    service, operation = lister.split(":")

    def parameters(p: Printer, region: str):
        for item in p.ask(service, operation, region)[members]:
            name = item[key] if key else item
            yield {parameter: [name] if parameter.endswith("List") else name, **more}

    return parameters


def buckets(p: Printer, region: str):
    return each("s3:ListBuckets", "Buckets", "Name", "Bucket")(p, region)


def access_keys(p: Printer, region: str):
    for user in p.ask("iam", "ListUsers", region)["Users"]:
        for key in p.ask("iam", "ListAccessKeys", region, UserName=user["UserName"])["AccessKeyMetadata"]:
            yield {"AccessKeyId": key["AccessKeyId"]}


def homes(parameter: str):
    """Asks about trails where they are at home."""

    def parameters(p: Printer, region: str):
        for trail in p.ask("cloudtrail", "DescribeTrails", region)["trailList"]:
            if trail["HomeRegion"] == region:
                arn = trail["TrailARN"]
                yield {parameter: [arn] if parameter.endswith("List") else arn}

    return parameters


users = each("iam:ListUsers", "Users", "UserName", "UserName")
keys = each("kms:ListKeys", "Keys", "KeyId", "KeyId")
policies = each("kms:ListKeys", "Keys", "KeyId", "KeyId", PolicyName="default")
topics = each("sns:ListTopics", "Topics", "TopicArn", "TopicArn")


def queues(**more):
    def parameters(p: Printer, region: str):
        for url in p.ask("sqs", "ListQueues", region).get("QueueUrls", []):
            yield {"QueueUrl": url, **more}

    return parameters


def contacts(p: Printer, region: str):
    return ({"AlternateContactType": t} for t in ("BILLING", "OPERATIONS", "SECURITY"))


functions = each("lambda:ListFunctions", "Functions", "FunctionName", "FunctionName")


def tables(p: Printer, region: str):
    yield {"ServiceNamespace": "dynamodb"}


# What operations are asked about, by the member that they require, and those that
# need more than that.
# What a listing of everything has to be told.
ALWAYS = {("wafv2", "ListWebACLs"): {"Scope": "REGIONAL"}}
MEMBERS = {
    ("s3", "Bucket"): buckets,
    ("iam", "UserName"): users,
    ("kms", "KeyId"): keys,
    ("lambda", "FunctionName"): functions,
    ("sns", "TopicArn"): topics,
    ("cloudtrail", "TrailName"): homes("TrailName"),
}
ASSETS = {
    ("account", "GetAlternateContact"): contacts,
    ("application-autoscaling", "DescribeScalableTargets"): tables,
    ("application-autoscaling", "DescribeScalingPolicies"): tables,
    ("cloudtrail", "GetEventSelectors"): homes("TrailName"),
    ("cloudtrail", "GetTrailStatus"): homes("Name"),
    ("cloudtrail", "ListTags"): homes("ResourceIdList"),
    ("ec2", "GetManagedPrefixListEntries"): each(
        "ec2:DescribeManagedPrefixLists", "PrefixLists", "PrefixListId", "PrefixListId"
    ),
    ("iam", "GetAccessKeyLastUsed"): access_keys,
    ("iam", "GetLoginProfile"): users,
    ("iam", "ListAccessKeys"): users,
    ("iam", "ListMFADevices"): users,
    ("iam", "GetOpenIDConnectProvider"): each(
        "iam:ListOpenIDConnectProviders", "OpenIDConnectProviderList", "Arn", "OpenIDConnectProviderArn"
    ),
    ("kms", "GetKeyPolicy"): policies,
    ("lambda", "ListTags"): each("lambda:ListFunctions", "Functions", "FunctionArn", "Resource"),
    ("logs", "ListTagsForResource"): each("logs:DescribeLogGroups", "logGroups", "logGroupArn", "resourceArn"),
    ("rds", "DescribeDBParameters"): each(
        "rds:DescribeDBParameterGroups", "DBParameterGroups", "DBParameterGroupName", "DBParameterGroupName"
    ),
    ("sns", "ListTagsForResource"): each("sns:ListTopics", "Topics", "TopicArn", "ResourceArn"),
    ("sqs", "GetQueueAttributes"): queues(AttributeNames=["All"]),
    ("sqs", "ListQueueTags"): queues(),
}


def main() -> None:
    os.environ.update(AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="example")
    printer = Printer(sys.argv[1], sys.argv[2], sys.argv[3].split(","))
    for line in sys.stdin:
        printer.print(line.strip())


if __name__ == "__main__":
    main()

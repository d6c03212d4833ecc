"""What the modules of situations share."""

import datetime
import functools
import json

import boto3

HOME = "us-east-1"
AWAY = "eu-west-1"


@functools.cache
def sts():
    return boto3.client("sts", region_name=HOME)


class Account:
    """An account of the server, by its number."""

    def __init__(self, number: str) -> None:
        self.number = number
        granted = sts().assume_role(RoleArn=f"arn:aws:iam::{number}:role/audit", RoleSessionName="make")["Credentials"]
        self.credentials = {
            "aws_access_key_id": granted["AccessKeyId"],
            "aws_secret_access_key": granted["SecretAccessKey"],
            "aws_session_token": granted["SessionToken"],
        }

    def client(self, service: str, region: str = HOME):
        # Clients of one session share what they read of the service's model.
        return boto3.client(service, region_name=region, **self.credentials)


def document(*statements: dict) -> str:
    """A policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more) -> dict:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def days_ago(days: float) -> datetime.datetime:
    """A time as moto keeps it: without a zone, in UTC."""
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None, microsecond=0) - datetime.timedelta(
        days=days
    )

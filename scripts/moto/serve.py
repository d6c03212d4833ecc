"""Serve an AWS account by moto until standard input ends.

Usage: serve.py ESTATE [ARGUMENT…]

ESTATE is a module beside this file whose make(*arguments) fills the account
through boto3. The address is printed on a line of its own once the server
answers, so the caller needs neither a free port nor a pause; when the caller
dies, its end of the pipe closes and the server goes too.
"""

import importlib
import logging
import os
import sys

os.environ.update(
    AWS_ACCESS_KEY_ID="AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY="example",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_EC2_METADATA_DISABLED="true",
    # The AMIs that moto brings along are no part of any estate.
    MOTO_EC2_LOAD_DEFAULT_AMIS="false",
)
for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN", "AWS_REGION"):
    os.environ.pop(name, None)

import boto3  # noqa: E402
from moto import mock_aws  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402


def main() -> None:
    # moto prints what it does not know; the address stands alone.
    out, sys.stdout = sys.stdout, sys.stderr
    # Inside of the process, boto3 reaches moto without HTTP; what it makes is
    # what the server then serves.
    account = mock_aws()
    account.start()
    importlib.import_module(sys.argv[1]).make(*sys.argv[2:])
    # The first answer of this kind makes a table of moto grow that answers on
    # other threads may be reading at that moment; they would end in an error.
    boto3.client("ec2").describe_key_pairs()
    account.stop(remove_data=False)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", file=out, flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()

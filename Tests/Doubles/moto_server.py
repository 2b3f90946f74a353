"""moto's server on a port of its own: Secrets Manager, Parameter Store and the Security Token Service."""

import json
import logging
import os
import sys

# What it would look up in EC2's metadata otherwise.
os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")

from moto.server import ThreadedMotoServer  # noqa: E402

logging.getLogger("werkzeug").setLevel(logging.ERROR)

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
_, port = server.get_host_and_port()
print(json.dumps({"port": str(port)}), flush=True)
sys.stdin.read()
server.stop()

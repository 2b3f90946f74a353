"""Random requests with the signatures that botocore gives them, one JSON object a line, and the hosts of all services.

Usage: aws_signatures.py SEED COUNT
"""

import datetime
import json
import random
import string
import sys
from urllib.parse import quote

import botocore.auth
import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

seed, count = int(sys.argv[1]), int(sys.argv[2])
chance = random.Random(seed)
moment = None
botocore.auth.get_current_datetime = lambda *_, **__: moment


def text(characters, least, most):
    return "".join(chance.choice(characters) for _ in range(chance.randint(least, most)))


def segment():
    word = text(string.ascii_letters + string.digits + "-_.~ !$&'()*+,;=:@/%äß€", 0, 8)
    return chance.choice([quote(word, safe="-_.~!$&'()*+,;=:@"), ".", "..", ""] if chance.random() < 0.3 else [quote(word)])


def query():
    pairs = []
    for _ in range(chance.randint(0, 4)):
        name = quote(text(string.ascii_letters + "-_ä ", 1, 5), safe="")
        value = quote(text(string.ascii_letters + string.digits + "-_.~ /+=&ü", 0, 6), safe="")
        pairs.append(f"{name}={value}")
    return "?" + "&".join(pairs) if pairs else ""


def headers():
    all = [("Content-Type", chance.choice(["application/x-amz-json-1.1", "application/x-www-form-urlencoded; charset=utf-8"]))]
    if chance.random() < 0.8:
        all.append(("X-Amz-Target", text(string.ascii_letters, 3, 10) + "." + text(string.ascii_letters, 3, 20)))
    for _ in range(chance.randint(0, 3)):
        name = chance.choice(["X-Amz-" + text(string.ascii_letters, 1, 6), "My-Header", "Zz", "a", "User-Agent"])
        all.append((name, text(string.ascii_letters + string.digits + "   ,;=\"", 1, 20).strip() or "x"))
    return all


for _ in range(count):
    moment = datetime.datetime.fromtimestamp(chance.randint(0, 4102444800), datetime.timezone.utc)
    port = chance.choice(["", ":443", ":80", f":{chance.randint(1024, 65535)}"])
    scheme = chance.choice(["https", "http"])
    target = chance.choice(["/", "/" + "/".join(segment() for _ in range(chance.randint(1, 5)))]) + query()
    origin = f"{scheme}://{text(string.ascii_lowercase + string.digits, 1, 10)}.example.com{port}"
    region, service = text(string.ascii_lowercase + "-0123456789", 3, 14), text(string.ascii_lowercase, 2, 14)
    keys = Credentials(
        text(string.ascii_uppercase + string.digits, 16, 20),
        text(string.ascii_letters + string.digits + "/+", 1, 80),
        text(string.ascii_letters + string.digits + "/+=", 10, 400) if chance.random() < 0.5 else None,
    )
    body = text(string.printable + "äß€😀", 0, 300).encode()
    method = chance.choice(["POST", "POST", "POST", "GET", "PUT", "DELETE"])
    request = AWSRequest(method=method, url=origin + target, data=body)
    sent = headers()
    for name, value in sent:
        request.headers.add_header(name, value)
    botocore.auth.SigV4Auth(keys, service, region).add_auth(request)
    print(json.dumps({
        "milliseconds": int(moment.timestamp()) * 1000, "origin": origin, "target": target, "method": method,
        "region": region, "service": service, "headers": [list(pair) for pair in sent], "body": body.decode(),
        "key": keys.access_key, "secret": keys.secret_key, "token": keys.token or "",
        "authorization": request.headers["Authorization"],
    }))

session = botocore.session.get_session()
partitions = session.get_component("data_loader").load_data("partitions")["partitions"]
regions = [region for partition in partitions for region in partition["regions"] if not region.endswith("-global")]
from botocore.config import Config  # noqa: E402

for service in ["secretsmanager", "ssm", "sts"]:
    for uses_fips in [False, True]:
        for uses_dual_stack in [False, True]:
            client = session.create_client(
                service, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x",
                config=Config(use_fips_endpoint=uses_fips, use_dualstack_endpoint=uses_dual_stack),
            )
            resolver = client._ruleset_resolver._provider
            for region in regions:
                endpoint = resolver.resolve_endpoint(
                    Region=region, UseFIPS=uses_fips, UseDualStack=uses_dual_stack,
                    **({"UseGlobalEndpoint": False} if service == "sts" else {}))
                print(json.dumps({
                    "host": endpoint.url, "service": service, "region": region, "fips": uses_fips, "dual": uses_dual_stack}))

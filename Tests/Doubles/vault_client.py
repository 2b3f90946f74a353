"""Lets hvac use the double, as it is used everywhere.

Arguments: the port for HTTP, the port for HTTPS, and a file with what the double said of itself.
"""

import json
import os
import sys
import tempfile
import urllib.parse

import hvac
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest

port, secure = int(sys.argv[1]), int(sys.argv[2])
with open(sys.argv[3]) as file:
    told = json.load(file)
address = f"http://127.0.0.1:{port}"


def expect(condition, *what):
    if not condition:
        raise SystemExit(f"hvac finds something else than it should: {what}")


def fails(kind, call, *arguments, **options):
    try:
        call(*arguments, **options)
    except kind as error:
        return error
    raise SystemExit(f"{call} should fail with {kind}")


root = hvac.Client(url=address, token="root")
expect(root.is_authenticated())

# An engine of version 2.
v2 = root.secrets.kv.v2
first = v2.create_or_update_secret("official/one", {"value": "p", "n": 1}, cas=0)
expect(first["data"]["version"] == 1, first)
fails(InvalidRequest, v2.create_or_update_secret, "official/one", {"value": "x"}, cas=0)
v2.patch("official/one", {"value": "q"})
read = v2.read_secret_version("official/one", raise_on_deleted_version=True)
expect(read["data"]["data"] == {"value": "q", "n": 1}, read)
expect(read["data"]["metadata"]["version"] == 2, read)
old = v2.read_secret_version("official/one", version=1, raise_on_deleted_version=True)
expect(old["data"]["data"]["value"] == "p", old)
expect(v2.list_secrets("official")["data"]["keys"] == ["one"])
expect("official/" in v2.list_secrets("")["data"]["keys"])
fails(InvalidPath, v2.list_secrets, "nothing")
v2.delete_latest_version_of_secret("official/one")
gone = fails(InvalidPath, v2.read_secret_version, "official/one", raise_on_deleted_version=True)
expect(gone.json["data"]["metadata"]["deletion_time"], gone.json)
gone = v2.read_secret_version("official/one", raise_on_deleted_version=False)
expect(gone["data"]["data"] is None, gone)
v2.undelete_secret_versions("official/one", [2])
expect(v2.read_secret_version("official/one", raise_on_deleted_version=True)["data"]["data"]["value"] == "q")
v2.destroy_secret_versions("official/one", [1])
expect(v2.read_secret_metadata("official/one")["data"]["versions"]["1"]["destroyed"])
missing = fails(InvalidPath, v2.read_secret_version, "official/none", raise_on_deleted_version=True)
expect(missing.errors == [] or missing.json == {"errors": []}, missing.json)
v2.delete_metadata_and_all_versions("official/one")
fails(InvalidPath, v2.read_secret_metadata, "official/one")

# An engine of version 1.
v1 = root.secrets.kv.v1
v1.create_or_update_secret("official/one", {"value": "p"}, mount_point="kv")
expect(v1.read_secret("official/one", mount_point="kv")["data"] == {"value": "p"})
expect(v1.list_secrets("official", mount_point="kv")["data"]["keys"] == ["one"])
v1.delete_secret("official/one", mount_point="kv")
fails(InvalidPath, v1.read_secret, "official/one", mount_point="kv")

# Tokens.
made = root.auth.token.create(policies=["default"], ttl="100s")["auth"]["client_token"]
other = hvac.Client(url=address, token=made)
expect(0 < other.auth.token.lookup_self()["data"]["ttl"] <= 100)
expect(other.auth.token.renew_self(increment="200s")["auth"]["lease_duration"] == 200)
fails(Forbidden, other.secrets.kv.v2.read_secret_version, "official/one", raise_on_deleted_version=True)
other.auth.token.revoke_self()
fails(Forbidden, other.auth.token.lookup_self)

# Ways to log in.
for log_in in (
    lambda client: client.auth.approle.login(role_id="normal", secret_id="the-secret-id"),
    lambda client: client.auth.approle.login(role_id="unbound"),
    lambda client: client.auth.approle.login(role_id="normal", secret_id="the-secret-id", mount_point="team/approle"),
    lambda client: client.auth.kubernetes.login(role="normal", jwt="the-kubernetes-token"),
    lambda client: client.auth.jwt.jwt_login(role="normal", jwt="the-jwt-token"),
):
    client = hvac.Client(url=address)
    log_in(client)
    expect(client.is_authenticated())
fails(InvalidRequest, hvac.Client(url=address).auth.approle.login, role_id="normal", secret_id="wrong")
with tempfile.TemporaryDirectory() as directory:
    paths = {}
    for name in ("authority", "client"):
        paths[name] = os.path.join(directory, name)
        with open(paths[name], "w") as file:
            file.write(told[name])
    client = hvac.Client(url=f"https://127.0.0.1:{secure}", verify=paths["authority"], cert=(paths["client"], paths["client"]))
    client.login("/v1/auth/cert/login", json={"name": "web"})
    expect(client.is_authenticated())

# Wrapping.
wrapped = root.auth.approle.generate_secret_id("normal", wrap_ttl="60s")["wrap_info"]
expect(wrapped["creation_path"] == "auth/approle/role/normal/secret-id", wrapped)
client = hvac.Client(url=address, token=wrapped["token"])
secret = client.sys.unwrap()["data"]["secret_id"]
fails(InvalidRequest, hvac.Client(url=address, token=wrapped["token"]).sys.unwrap)
client.auth.approle.login(role_id="normal", secret_id=secret)
expect(client.is_authenticated())

# Namespaces, and which engine a path belongs to.
spaced = hvac.Client(url=address, token="root", namespace="team/a")
spaced.secrets.kv.v2.create_or_update_secret("official/two", {"value": "n"})
fails(InvalidPath, v2.read_secret_version, "official/two", raise_on_deleted_version=True)
found = root.read("sys/internal/ui/mounts/team/kv/app/x")["data"]
expect(found["path"] == "team/kv/" and found["options"]["version"] == "2", found)
print("hvac agrees")

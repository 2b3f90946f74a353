"""Lets Databricks' own client use the double.

Argument: a file with what the double said of itself.
"""

import base64
import json
import os
import sys

with open(sys.argv[1]) as file:
    told = json.load(file)

for variable in list(os.environ):
    if variable.startswith("DATABRICKS_") or variable.upper() in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
        del os.environ[variable]
os.environ["DATABRICKS_CONFIG_FILE"] = os.devnull

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import (
    BadRequest, DeadlineExceeded, InternalError, InvalidParameterValue, NotFound, PermissionDenied, ResourceAlreadyExists,
    ResourceConflict, Unauthenticated,
)

HOST = f"http://127.0.0.1:{told['port']}"


def refused(kind, work):
    try:
        work()
    except kind as error:
        return str(error)
    raise AssertionError(f"nothing was refused with {kind.__name__}")


def value(workspace, key, scope="app"):
    return base64.b64decode(workspace.secrets.get_secret(scope, key).value)


with_token = WorkspaceClient(host=HOST, token=told["token"], auth_type="pat")
with_secret = WorkspaceClient(
    host=HOST, client_id=told["client"], client_secret=told["secret"], auth_type="oauth-m2m")
for workspace in (with_token, with_secret):
    assert value(workspace, "db-password") == b"behind db-password"
assert value(with_token, "MIXED-case") == b"\x00\xff"
assert value(with_token, "throttled-1") == b"behind throttled-1"

secrets = with_token.secrets
scopes = {scope.name: scope.backend_type.value for scope in secrets.list_scopes()}
assert scopes == {"app": "DATABRICKS", "azure": "AZURE_KEYVAULT", "empty": "DATABRICKS"}, scopes
assert list(secrets.list_secrets("empty")) == []
secrets.create_scope("of-the-client")
refused(ResourceAlreadyExists, lambda: secrets.create_scope("OF-the-client"))
secrets.put_secret("of-the-client", "text", string_value="é")
secrets.put_secret("of-the-client", "bytes", bytes_value=base64.b64encode(b"\x00").decode())
assert value(with_token, "text", "of-the-client") == "é".encode() and value(with_token, "bytes", "of-the-client") == b"\x00"
assert sorted(one.key for one in secrets.list_secrets("of-the-client")) == ["bytes", "text"]
secrets.delete_secret("of-the-client", "TEXT")
assert "Secret does not exist" in refused(NotFound, lambda: secrets.get_secret("of-the-client", "text"))
assert "Scope nothing does not exist" in refused(NotFound, lambda: secrets.list_secrets("nothing"))
refused(InvalidParameterValue, lambda: secrets.put_secret("of-the-client", "a b", string_value="x"))
assert "Cannot write secrets" in refused(BadRequest, lambda: secrets.put_secret("azure", "new", string_value="x"))
assert "Cannot delete secrets" in refused(BadRequest, lambda: secrets.delete_secret("azure", "db-password"))
for key, kind in [
    ("forbidden", PermissionDenied), ("blocked", PermissionDenied), ("in-clusters-only", BadRequest),
    ("unauthorized", Unauthenticated), ("internal", InternalError), ("late", DeadlineExceeded), ("racing", ResourceConflict),
]:
    refused(kind, lambda: secrets.get_secret("app", key))
wrong = WorkspaceClient(host=HOST, token="wrong", auth_type="pat")
refused(Unauthenticated, lambda: wrong.secrets.get_secret("app", "db-password"))
refused(Exception, lambda: WorkspaceClient(
    host=HOST, client_id=told["client"], client_secret="wrong", auth_type="oauth-m2m"
).secrets.get_secret("app", "db-password"))
print("ok")

"""Uses every secrets call of databricks-sdk as an administrator, and checks what comes back.

Arguments: host, token, the name of a user that exists. Ends with a status other than 0 when something is wrong.
"""

import base64
import sys

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, NotFound, ResourceAlreadyExists, ResourceDoesNotExist
from databricks.sdk.service.workspace import AclPermission, ScopeBackendType

host, token, user = sys.argv[1:]
workspace = WorkspaceClient(host=host, token=token, auth_type="pat")
secrets = workspace.secrets


def refusal(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


me = workspace.current_user.me()
assert me.active and me.emails[0].value == me.user_name
assert workspace.get_workspace_id() > 0

assert list(secrets.list_scopes()) == []
assert secrets.create_scope("Team/A", scope_backend_type=ScopeBackendType.DATABRICKS) is None
[scope] = secrets.list_scopes()
assert scope.name == "Team/A" and scope.backend_type == ScopeBackendType.DATABRICKS
error = refusal(ResourceAlreadyExists, lambda: secrets.create_scope("team/a"))
assert error.error_code == "RESOURCE_ALREADY_EXISTS" and str(error) == "Scope team/a already exists!", str(error)
[grant] = secrets.list_acls("Team/A")
assert (grant.principal, grant.permission) == (me.user_name, AclPermission.MANAGE)

text = 'line\n"quoted" \\ ümläut 😀 \x00\x1f'
secrets.put_secret("Team/A", "text", string_value=text)
secrets.put_secret("Team/A", "bytes", bytes_value=base64.b64encode(bytes(range(256))).decode())
secrets.put_secret("Team/A", "empty", string_value="")
assert workspace.dbutils.secrets.get("Team/A", "text") == text
assert workspace.dbutils.secrets.getBytes("Team/A", "bytes") == bytes(range(256))
assert workspace.dbutils.secrets.get("team/a", "EMPTY") == ""
listed = {secret.key: secret.last_updated_timestamp for secret in secrets.list_secrets("Team/A")}
assert sorted(listed) == ["bytes", "empty", "text"] and all(time > 1_600_000_000_000 for time in listed.values())

error = refusal(ResourceDoesNotExist, lambda: workspace.dbutils.secrets.get("Team/A", "nothing"))
assert str(error) == "Secret does not exist with scope: Team/A and key: nothing", str(error)
both = {"scope": "Team/A", "key": "k", "string_value": "x", "bytes_value": "eA=="}
error = refusal(BadRequest, lambda: workspace.api_client.do("POST", "/api/2.0/secrets/put", body=both))
assert error.error_code == "MALFORMED_REQUEST"
error = refusal(BadRequest, lambda: secrets.put_secret("Team/A", "a b", string_value="x"))
assert error.error_code == "INVALID_PARAMETER_VALUE"
error = refusal(NotFound, lambda: workspace.api_client.do("GET", "/api/2.0/secrets/nothing"))
assert error.error_code == "ENDPOINT_NOT_FOUND"

secrets.put_acl("Team/A", user, AclPermission.WRITE)
secrets.put_acl("Team/A", user, AclPermission.READ)
assert secrets.get_acl("Team/A", user).permission == AclPermission.READ
assert sorted(item.principal for item in secrets.list_acls("Team/A")) == sorted([user, me.user_name])
secrets.delete_acl("Team/A", user)
refusal(ResourceDoesNotExist, lambda: secrets.get_acl("Team/A", user))

secrets.delete_secret("Team/A", "text")
refusal(ResourceDoesNotExist, lambda: secrets.delete_secret("Team/A", "text"))
secrets.delete_scope("Team/A")
refusal(ResourceDoesNotExist, lambda: secrets.list_secrets("Team/A"))
assert list(secrets.list_scopes()) == []
print("all as expected")

"""What a program inside a run sees of its workspace through databricks-sdk, as `name: result` lines.

The client takes everything from the environment, as a program in a run does.
"""

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import DatabricksError
from databricks.sdk.service.workspace import AclPermission

workspace = WorkspaceClient()
secrets = workspace.secrets
utilities = workspace.dbutils.secrets


def show(name, call):
    try:
        print(f"{name}: {call()!r}")
    except DatabricksError as error:
        # Behind its first sentence the client adds its own configuration.
        print(f"{name}: {type(error).__name__} {error.error_code}")


show("auth type", lambda: workspace.config.auth_type)
show("me", lambda: workspace.current_user.me().user_name)
show("get_secret", lambda: secrets.get_secret("payments", "api-key").value)
show("get", lambda: utilities.get("payments", "api-key"))
show("get again", lambda: utilities.get(scope="PAYMENTS", key="API-KEY"))
show("getBytes", lambda: utilities.getBytes("payments", "api-key") == utilities.get("payments", "api-key").encode())
show("list", lambda: utilities.list("payments"))
show("listScopes", lambda: utilities.listScopes())
show("list_secrets", lambda: [secret.key for secret in secrets.list_secrets("payments")])
show("list_scopes", lambda: [(scope.name, scope.backend_type.value) for scope in secrets.list_scopes()])
show("missing", lambda: utilities.get("payments", "nothing"))
show("missing scope", lambda: utilities.list("nothing"))
show("create_scope", lambda: secrets.create_scope("new"))
show("delete_scope", lambda: secrets.delete_scope("payments"))
show("put_secret", lambda: secrets.put_secret("payments", "new", string_value="x"))
show("delete_secret", lambda: secrets.delete_secret("payments", "api-key"))
show("put_acl", lambda: secrets.put_acl("payments", "users", AclPermission.READ))
show("delete_acl", lambda: secrets.delete_acl("payments", "users"))
show("get_acl", lambda: secrets.get_acl("payments", "users"))
show("list_acls", lambda: list(secrets.list_acls("payments")))
other = WorkspaceClient(host=workspace.config.host, token="dapi0", auth_type="pat")
show("another token", lambda: other.dbutils.secrets.get("payments", "api-key"))

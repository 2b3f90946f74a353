"""A job as it is written for Databricks, which finds everything that it needs by itself."""

import os

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import DatabricksError

workspace = WorkspaceClient()
secrets = workspace.dbutils.secrets
key = secrets.get("payments", "api-key")

print("auth type:", workspace.config.auth_type, flush=True)
print("me:", workspace.current_user.me().user_name, flush=True)
print("value:", key, flush=True)
print("length:", len(key), flush=True)
print("bytes:", secrets.getBytes("payments", "api-key") == key.encode(), flush=True)
print("keys:", [secret.key for secret in secrets.list("payments")], flush=True)
print("stray:", os.environ.get("DATABRICKS_CLIENT_ID"), os.environ.get("DATABRICKS_CLIENT_SECRET"), flush=True)
print("proxy:", os.environ.get("HTTP_PROXY"), flush=True)
try:
    secrets.get("payments", "nothing")
except DatabricksError as error:
    print("missing:", error.error_code, flush=True)
try:
    workspace.secrets.put_secret("payments", "new", string_value="x")
except DatabricksError as error:
    print("writing:", error.error_code, flush=True)

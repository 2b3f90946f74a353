"""Shows one row of the checklist with databricks-sdk.

Arguments: the row's number, the server's address, and what the row needs. Ends with a status other than 0 when something
is not as the row has it.
"""

import base64
import sys
import time

import requests
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import BadRequest, NotFound, PermissionDenied, ResourceDoesNotExist, Unauthenticated

row, host, *rest = sys.argv[1:]
sent = []
send = requests.Session.send


def recording(self, request, **options):
    sent.append(request)
    return send(self, request, **options)


requests.Session.send = recording


def client(token):
    return WorkspaceClient(host=host, token=token, auth_type="pat")


def refusal(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def row_71(token):
    error = refusal(Unauthenticated, lambda: list(client(token).secrets.list_scopes()))
    assert error.error_code == "UNAUTHENTICATED", error.error_code


def row_72(token):
    error = refusal(NotFound, lambda: client(token).api_client.do("GET", "/api/2.0/secrets/nothing"))
    assert error.error_code == "ENDPOINT_NOT_FOUND", error.error_code


def row_73(token):
    config = client(token).config
    assert sent[0].url == f"{host}/.well-known/databricks-config", sent[0].url
    assert "Authorization" not in sent[0].headers
    assert config.workspace_id.isdigit(), config.workspace_id
    assert config.discovery_url == f"{host}/oidc/.well-known/oauth-authorization-server", config.discovery_url


def row_74(client_id, client_secret):
    workspace = WorkspaceClient(host=host, client_id=client_id, client_secret=client_secret)
    assert workspace.config.auth_type == "oauth-m2m", workspace.config.auth_type
    assert workspace.current_user.me().user_name == client_id
    assert workspace.dbutils.secrets.get("payments", "api-key") == "tok_live_5f2a"
    refusal(PermissionDenied, lambda: workspace.secrets.put_secret("payments", "api-key", string_value="x"))
    wrong = WorkspaceClient(host=host, client_id=client_id, client_secret="dose0")
    error = refusal(Exception, lambda: wrong.current_user.me())
    assert "invalid_client" in str(error), str(error)


def row_77(token, user):
    workspace = client(token)
    assert workspace.current_user.me().user_name == user
    assert workspace.get_workspace_id() > 0


def row_78(token, *users):
    workspace = client(token)
    # Asks for page after page until one is empty.
    assert sorted(user.user_name for user in workspace.users.list(count=2)) == sorted(users)
    pages = [request for request in sent if "/Users" in request.url]
    assert len(pages) == (len(users) + 1) // 2 + 1, [request.url for request in pages]
    assert [user.user_name for user in workspace.users.list(filter=f'userName eq "{users[0]}"')] == [users[0]]


def row_80(token):
    start = time.monotonic()
    assert list(client(token).secrets.list_scopes()) == []
    tries = [request for request in sent if "/secrets/" in request.url]
    assert len(tries) == 2, [request.url for request in tries]
    assert time.monotonic() - start >= 1


def row_81(token):
    workspace = client(token)
    calls = [
        lambda: workspace.secrets.create_scope("a b"),
        lambda: workspace.secrets.list_secrets("nothing"),
        lambda: workspace.secrets.put_secret("nothing", "k", string_value="v"),
        lambda: workspace.secrets.delete_acl("nothing", "nobody"),
        lambda: workspace.users.get("nothing"),
        lambda: workspace.tokens.delete("nothing"),
        lambda: workspace.api_client.do("GET", "/api/2.0/secrets/nothing"),
        lambda: workspace.api_client.do("POST", "/api/2.0/secrets/put", body={"scope": 1}),
    ]
    for call in calls:
        before = len(sent)
        refusal((BadRequest, NotFound), lambda: list(call() or []))
        assert len(sent) == before + 1, [request.url for request in sent[before:]]


def row_82(token):
    workspace = client(token)
    workspace.secrets.create_scope("s")
    for _ in range(3):
        workspace.secrets.put_secret("s", "k", string_value="v")
    [secret] = workspace.secrets.list_secrets("s")
    assert secret.key == "k" and workspace.dbutils.secrets.get("s", "k") == "v"


def row_83(token):
    utilities = client(token).dbutils.secrets
    sent.clear()
    assert utilities.get("payments", "api-key") == "tok_live_5f2a"
    assert utilities.getBytes("payments", "api-key") == b"tok_live_5f2a"
    assert [(request.method, request.url) for request in sent] == 2 * [
        ("GET", f"{host}/api/2.0/secrets/get?scope=payments&key=api-key")
    ], [request.url for request in sent]
    assert all("X-Databricks-Workspace-Id" not in request.headers for request in sent)
    assert all("dbutils/remote" in request.headers["User-Agent"] for request in sent)


def row_84(token):
    utilities = client(token).dbutils.secrets
    [scope] = utilities.listScopes()
    [secret] = utilities.list("payments")
    assert type(scope).__name__ == "SecretScope" and scope._fields == ("name",), scope
    assert type(secret).__name__ == "SecretMetadata" and secret._fields == ("key",), secret
    assert scope.name == "payments" and secret.key == "api-key"


def row_85(token):
    utilities = client(token).dbutils.secrets
    error = refusal(ResourceDoesNotExist, lambda: utilities.get("payments", "nothing"))
    assert str(error) == "Secret does not exist with scope: payments and key: nothing", str(error)


def tokens(token):
    workspace = client(token)
    made = workspace.tokens.create(comment="laptop", lifetime_seconds=3600)
    assert made.token_value.startswith("dapi") and made.token_info.comment == "laptop"
    assert made.token_info.expiry_time == made.token_info.creation_time + 3_600_000
    endless = workspace.tokens.create()
    assert endless.token_info.expiry_time == -1
    assert {info.token_id for info in workspace.tokens.list()} >= {
        made.token_info.token_id,
        endless.token_info.token_id,
    }
    assert client(made.token_value).current_user.me().active
    workspace.tokens.delete(made.token_info.token_id)
    refusal(Unauthenticated, lambda: client(made.token_value).current_user.me())
    refusal(ResourceDoesNotExist, lambda: workspace.tokens.delete(made.token_info.token_id))

    principal = workspace.service_principals.create(display_name="nightly")
    behalf = workspace.token_management.create_obo_token(principal.application_id, comment="job")
    assert client(behalf.token_value).current_user.me().user_name == principal.application_id
    [managed] = [info for info in workspace.token_management.list() if info.comment == "job"]
    assert workspace.token_management.get(managed.token_id).token_info.comment == "job"
    workspace.token_management.delete(managed.token_id)
    refusal(Unauthenticated, lambda: client(behalf.token_value).current_user.me())
    refusal(PermissionDenied, lambda: list(client(rest[1]).token_management.list()))


def directory(token):
    from databricks.sdk.service.iam import ComplexValue, Patch, PatchOp, PatchSchema

    workspace = client(token)
    user = workspace.users.create(user_name="eva@example.com", display_name="Eva")
    assert user.user_name == "eva@example.com" and user.active and user.id
    assert workspace.users.get(user.id).emails[0].value == "eva@example.com"
    group = workspace.groups.create(display_name="analysts", members=[ComplexValue(value=user.id)])
    assert [member.value for member in group.members] == [user.id]
    assert [group.display for group in workspace.users.get(user.id).groups] == ["analysts"]
    principal = workspace.service_principals.create(display_name="nightly")
    assert principal.application_id and principal.display_name == "nightly"
    schemas = [PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP]
    add = Patch(op=PatchOp.ADD, path="members", value=[{"value": principal.id}])
    workspace.groups.patch(group.id, operations=[add], schemas=schemas)
    assert len(workspace.groups.get(group.id).members) == 2
    remove = Patch(op=PatchOp.REMOVE, path=f'members[value eq "{user.id}"]')
    workspace.groups.patch(group.id, operations=[remove], schemas=schemas)
    assert [member.value for member in workspace.groups.get(group.id).members] == [principal.id]
    assert [found.id for found in workspace.groups.list(filter='displayName eq "analysts"')] == [group.id]
    by_application = f'applicationId eq "{principal.application_id}"'
    assert [found.id for found in workspace.service_principals.list(filter=by_application)] == [principal.id]
    error = refusal(Exception, lambda: workspace.users.create(user_name="eva@example.com"))
    assert "There is a user eva@example.com already" in str(error), str(error)
    refusal(NotFound, lambda: workspace.groups.get(user.id))
    # The client leaves out a value that is False itself.
    off = Patch(op=PatchOp.REPLACE, value={"active": False})
    workspace.users.patch(user.id, operations=[off], schemas=schemas)
    assert workspace.users.get(user.id).active is False
    on = Patch(op=PatchOp.REPLACE, value={"active": True})
    workspace.users.patch(user.id, operations=[on], schemas=schemas)
    assert workspace.users.get(user.id).active is True
    workspace.groups.delete(group.id)
    workspace.service_principals.delete(principal.id)
    workspace.users.delete(user.id)
    refusal(NotFound, lambda: workspace.users.get(user.id))
    refusal(PermissionDenied, lambda: list(client(rest[1]).users.list()))


{name: call for name, call in globals().items() if callable(call)}[row if row.isalpha() else f"row_{row}"](
    *(rest[:1] if row.isalpha() else rest)
)
print("as expected")

"""Lets Google's own clients use the double.

Arguments: the double's port, and a file with what it said of itself.
"""

import json
import os
import sys
import tempfile

port, path = int(sys.argv[1]), sys.argv[2]
with open(path) as file:
    told = json.load(file)
for variable in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
    os.environ.pop(variable, None)
base = f"http://127.0.0.1:{port}"
os.environ["GCE_METADATA_HOST"] = f"127.0.0.1:{port}"

import google.auth.compute_engine
import google.auth.identity_pool
import google.auth.impersonated_credentials
import google.oauth2.credentials
from google.api_core.exceptions import BadRequest, Conflict, Forbidden, NotFound
from google.auth.transport.requests import Request
from google.cloud import secretmanager
from google.oauth2 import service_account

SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]


def client(credentials):
    return secretmanager.SecretManagerServiceClient(
        credentials=credentials, transport="rest", client_options={"api_endpoint": base}
    )


def refused(kind, work):
    try:
        work()
    except kind:
        return
    raise AssertionError(f"nothing was refused with {kind.__name__}")


account = service_account.Credentials.from_service_account_info(json.loads(told["account"]), scopes=SCOPES)

# The client signs a token for the service itself, without asking the token endpoint.
own = client(account)
answer = own.access_secret_version(name="projects/p/secrets/db/versions/latest")
assert answer.payload.data == b"hunter2" and answer.name == "projects/123456/secrets/db/versions/2", answer
assert answer.payload.data_crc32c == 1736498283
assert own.access_secret_version(name="projects/p/secrets/db/versions/stable").payload.data == b"hunter1"
names = [one.name for one in own.list_secrets(parent="projects/small-pages")]
assert [one for one in names if "/page_" in one] == [f"projects/123456/secrets/page_{number:02}" for number in range(20)]
found = own.list_secrets(request={"parent": "projects/p", "filter": "name:page_0"})
assert len(list(found)) == 11
refused(BadRequest, lambda: own.access_secret_version(name="projects/p/secrets/disabled/versions/latest"))
refused(NotFound, lambda: own.access_secret_version(name="projects/p/secrets/absent/versions/latest"))
refused(Forbidden, lambda: own.access_secret_version(name="projects/p/secrets/forbidden/versions/latest"))

created = own.create_secret(
    parent="projects/p", secret_id="of-the-client", secret={"replication": {"automatic": {}}}
)
refused(
    Conflict,
    lambda: own.create_secret(parent="projects/p", secret_id="of-the-client", secret={"replication": {"automatic": {}}}),
)
data, checksum = b"123456789", 3808858755
parent = "projects/p/secrets/of-the-client"
version = own.add_secret_version(parent=parent, payload={"data": data, "data_crc32c": checksum})
assert version.client_specified_payload_checksum and version.name.endswith("/versions/1"), version
assert own.access_secret_version(name=f"{parent}/versions/1").payload.data == data
own.disable_secret_version(name=f"{parent}/versions/1")
refused(BadRequest, lambda: own.access_secret_version(name=f"{parent}/versions/latest"))
assert [one.state.name for one in own.list_secret_versions(parent=parent)] == ["DISABLED"]
own.destroy_secret_version(name=f"{parent}/versions/1")
refused(BadRequest, lambda: own.access_secret_version(name=f"{parent}/versions/latest"))
own.delete_secret(name=parent)
refused(NotFound, lambda: own.get_secret(name=parent))


def reads_with(credentials):
    credentials.refresh(Request())
    plain = google.oauth2.credentials.Credentials(token=credentials.token)
    assert client(plain).access_secret_version(name="projects/p/secrets/db/versions/latest").payload.data == b"hunter2"


# The token endpoints, each with what Google's library sends there.
reads_with(account)
user = json.loads(told["user"])


def person(secret):
    return google.oauth2.credentials.Credentials(
        None, refresh_token=user["refresh_token"], token_uri=f"{base}/token", client_id=user["client_id"],
        client_secret=secret, scopes=SCOPES,
    )


reads_with(person(user["client_secret"]))
refused(google.auth.exceptions.RefreshError, lambda: person("another").refresh(Request()))
reads_with(google.auth.compute_engine.Credentials(scopes=SCOPES))
with tempfile.TemporaryDirectory() as directory:
    subject = os.path.join(directory, "token")
    with open(subject, "w") as file:
        file.write(told["subject"])
    reads_with(
        google.auth.identity_pool.Credentials(
            audience=told["pool"], subject_token_type="urn:ietf:params:oauth:token-type:jwt",
            token_url=f"{base}/v1/token", credential_source={"file": subject}, scopes=SCOPES,
        )
    )
lent = google.auth.impersonated_credentials.Credentials(
    source_credentials=account, target_principal=told["lent"], target_scopes=SCOPES,
    iam_endpoint_override=f"{base}/v1/projects/-/serviceAccounts/{told['lent']}:generateAccessToken",
)
reads_with(lent)
print("ok")

"""Lets Azure's own clients use the double, unaltered but for where names lead.

Arguments: the port of the cloud, the port of the machine's services, and a file with what the double said of itself.
"""

import json
import os
import socket
import sys
import tempfile

port, machine, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
with open(path) as file:
    told = json.load(file)

look_up = socket.getaddrinfo


def look_up_here(host, service, *arguments, **options):
    name = host.decode() if isinstance(host, bytes) else host
    if name in ("kv1.vault.azure.net", "login.microsoftonline.com"):
        return look_up("127.0.0.1", port, *arguments, **options)
    return look_up(host, service, *arguments, **options)


socket.getaddrinfo = look_up_here
for variable in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
    os.environ.pop(variable, None)
os.environ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = f"http://127.0.0.1:{machine}"

from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.identity import (
    CertificateCredential, ClientSecretCredential, ManagedIdentityCredential, WorkloadIdentityCredential,
)
from azure.keyvault.secrets import SecretClient

TENANT, SECRET = told["tenant"], told["secret"]
CLIENT = "00000000-0000-0000-0000-000000000001"
directory = tempfile.TemporaryDirectory()


def stored(name, text):
    path = os.path.join(directory.name, name)
    with open(path, "w") as file:
        file.write(text)
    return path


authority = stored("authority.pem", told["authority"])
trust = {"connection_verify": authority}


def client(credential):
    return SecretClient("https://kv1.vault.azure.net", credential, retry_total=2, **trust)


def refused(kind, work):
    try:
        work()
    except kind as error:
        return error
    raise AssertionError(f"nothing was refused with {kind.__name__}")


with_secret = client(ClientSecretCredential(TENANT, CLIENT, SECRET, **trust))
# Before the vault's own challenge is known.
assert "does not match" in str(refused(ValueError, lambda: with_secret.get_secret("foreign-resource")))
assert with_secret.get_secret("db-password").value == "hunter3"
names = [one.name for one in with_secret.list_properties_of_secrets()]
assert [one for one in names if one.startswith("page-")] == [f"page-{number:02}" for number in range(60)], names
assert with_secret.get_secret("claims").value == "behind claims"
assert with_secret.get_secret("throttled-1").value == "behind throttled-1"

stored_secret = with_secret.set_secret("of-the-client", "first", content_type="text/plain", tags={"a": "b"})
second = with_secret.set_secret("of-the-client", "second")
assert with_secret.get_secret("of-the-client", stored_secret.properties.version).value == "first"
assert with_secret.get_secret("of-the-client").properties.version == second.properties.version
with_secret.update_secret_properties("of-the-client", second.properties.version, enabled=False)
refusal = refused(HttpResponseError, lambda: with_secret.get_secret("of-the-client"))
assert refusal.status_code == 403 and refusal.error.innererror["code"] == "SecretDisabled", refusal
with_secret.begin_delete_secret("of-the-client").wait()
refused(ResourceNotFoundError, lambda: with_secret.get_secret("of-the-client"))
refusal = refused(ResourceExistsError, lambda: with_secret.set_secret("of-the-client", "third"))
assert refusal.error.innererror["code"] == "ObjectIsDeletedButRecoverable", refusal
with_secret.purge_deleted_secret("of-the-client")
with_secret.set_secret("of-the-client", "third")
refused(HttpResponseError, lambda: with_secret.get_secret("forbidden"))

wrong = client(ClientSecretCredential(TENANT, CLIENT, "wrong", **trust))
assert "AADSTS7000215" in str(refused(ClientAuthenticationError, lambda: wrong.get_secret("db-password")))

certificate = stored("application.pem", told["certificate"])
with_certificate = client(CertificateCredential(TENANT, CLIENT, certificate, **trust))
assert with_certificate.get_secret("db-password").value == "hunter3"

projected = stored("projected", told["federated"] + "1")
federated = WorkloadIdentityCredential(tenant_id=TENANT, client_id=CLIENT, token_file_path=projected, **trust)
assert client(federated).get_secret("db-password").value == "hunter3"

assert client(ManagedIdentityCredential()).get_secret("db-password").value == "hunter3"
print("ok")

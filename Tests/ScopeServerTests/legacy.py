"""Uses every secrets command of the legacy databricks-cli, and checks what it prints.

Arguments: host (on port 443, since the command line drops the port), token, the certificate authority's file, the name of
a user that exists. Ends with a status other than 0 when something is not as it should be.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

host, token, authority, user = sys.argv[1:]
program = pathlib.Path(sys.prefix) / "bin" / "databricks"
home = tempfile.mkdtemp()


def databricks(*arguments, token=token):
    done = subprocess.run(
        [sys.executable, "-I", program, "secrets", *arguments],
        env={
            "HOME": home,
            "PATH": os.environ.get("PATH", ""),
            "LC_ALL": "C.UTF-8",
            "DATABRICKS_HOST": host,
            "DATABRICKS_TOKEN": token,
            "DATABRICKS_CONFIG_FILE": os.path.join(home, "none"),
            "REQUESTS_CA_BUNDLE": authority,
            "NO_PROXY": "*",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


def shows(expected, *arguments):
    status, output, errors = databricks(*arguments)
    lines = "\n".join(line.rstrip() for line in output.splitlines())
    assert (status, lines) == (0, expected), (arguments, status, output, errors)


def fails(text, *arguments, **options):
    status, output, errors = databricks(*arguments, **options)
    assert status == 1 and text in output + errors, (arguments, status, output, errors)


shows("Scope    Backend    KeyVault URL\n-------  ---------  --------------", "list-scopes")
shows("", "create-scope", "--scope", "payments")
fails("RESOURCE_ALREADY_EXISTS", "create-scope", "--scope", "payments")
shows(
    "Scope     Backend     KeyVault URL\n--------  ----------  --------------\npayments  DATABRICKS  N/A",
    "list-scopes",
)
shows("Key name    Last updated\n----------  --------------", "list", "--scope", "payments")
shows("", "put", "--scope", "payments", "--key", "api-key", "--string-value", "tok_live_5f2a")
binary = pathlib.Path(home) / "value"
binary.write_bytes(bytes(range(256)))
shows("", "write", "--scope", "payments", "--key", "bytes", "--binary-file", str(binary))
status, output, errors = databricks("list", "--scope", "payments", "--output", "JSON")
secrets = {secret["key"]: secret["last_updated_timestamp"] for secret in json.loads(output)["secrets"]}
assert sorted(secrets) == ["api-key", "bytes"] and all(isinstance(time, int) for time in secrets.values()), output
shows(
    "Key name      Last updated\n----------  --------------\n"
    f"api-key      {secrets['api-key']}\nbytes        {secrets['bytes']}",
    "list",
    "--scope",
    "payments",
)
shows("", "delete", "--scope", "payments", "--key", "bytes")
fails("RESOURCE_DOES_NOT_EXIST", "delete", "--scope", "payments", "--key", "bytes")
shows("", "put-acl", "--scope", "payments", "--principal", user, "--permission", "READ")
shows("", "write-acl", "--scope", "payments", "--principal", user, "--permission", "WRITE")
row = f"Principal{' ' * (len(user) - 9)}  Permission\n{'-' * len(user)}  ------------\n{user}  WRITE"
shows(row, "get-acl", "--scope", "payments", "--principal", user)
status, output, errors = databricks("list-acls", "--scope", "payments", "--output", "JSON")
assert {item["principal"]: item["permission"] for item in json.loads(output)["items"]}[user] == "WRITE", output
shows("", "delete-acl", "--scope", "payments", "--principal", user)
fails("RESOURCE_DOES_NOT_EXIST", "get-acl", "--scope", "payments", "--principal", user)
fails("Your authentication information may be incorrect", "list-scopes", token="dapi0")
shows("", "delete-scope", "--scope", "payments")
shows("Scope    Backend    KeyVault URL\n-------  ---------  --------------", "list-scopes")
print("as expected")

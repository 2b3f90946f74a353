"""Works on a server from 32 threads at once, and checks what each of them saw against what was acknowledged when.

Arguments: host, an administrator's token, and a token for each of eight users, whose names are the numbers from 0 with
@example.com. There is a scope for each of them, user-0 and so on, with the secret k, and a scope "shared". Prints how many
reads were refused. Ends with a status other than 0 when a change was not in force after its acknowledgement.
"""

import base64
import sys
import threading
import time

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import PermissionDenied
from databricks.sdk.service.workspace import AclPermission

host, administrator, *users = sys.argv[1:]
ROUNDS = 12
failures = []
refused = []


def client(token):
    return WorkspaceClient(host=host, token=token, auth_type="pat")


def write(number):
    """Puts values under names of its own, and finds the last one that was acknowledged."""
    workspace = client(administrator)
    for turn in range(ROUNDS):
        workspace.secrets.put_secret("shared", f"k{number}", string_value=f"{number} {turn}")
        assert workspace.dbutils.secrets.get("shared", f"k{number}") == f"{number} {turn}"


def toggle(number, changes, done):
    """Grants and takes back the permission to read, and notes when."""
    workspace = client(administrator)
    for _ in range(ROUNDS):
        begin = time.monotonic()
        workspace.secrets.put_acl(f"user-{number}", f"{number}@example.com", AclPermission.READ)
        changes.append((begin, time.monotonic(), True))
        begin = time.monotonic()
        workspace.secrets.delete_acl(f"user-{number}", f"{number}@example.com")
        changes.append((begin, time.monotonic(), False))
    done.set()


def read(number, reads, done):
    """Reads as a user for as long as its permission changes, and once more."""
    workspace = client(users[number])
    is_last = False
    while not is_last:
        is_last = done.is_set()
        begin = time.monotonic()
        try:
            assert workspace.secrets.get_secret(f"user-{number}", "k").value == base64.b64encode(b"v").decode()
            reads.append((begin, time.monotonic(), True))
        except PermissionDenied:
            reads.append((begin, time.monotonic(), False))
            refused.append(number)


def check(changes, reads):
    """Every read that lies wholly between two changes is as the first of them has it."""
    bounds = [(float("-inf"), float("-inf"), False), *changes, (float("inf"), float("inf"), False)]
    for (_, acknowledged, is_allowed), (begun, _, _) in zip(bounds, bounds[1:]):
        for begin, end, succeeded in reads:
            if acknowledged < begin and end < begun:
                assert succeeded == is_allowed, (acknowledged, begin, end, begun, succeeded)


def guarded(call, *arguments):
    try:
        call(*arguments)
    except BaseException as error:
        failures.append(f"{call.__name__}{arguments[:1]}: {type(error).__name__}: {error}")
        for argument in arguments:
            if isinstance(argument, threading.Event):
                argument.set()


threads = []
pairs = []
for number in range(8):
    changes, reads, done = [], [], threading.Event()
    pairs.append((changes, reads))
    threads.append(threading.Thread(target=guarded, args=(toggle, number, changes, done)))
    threads.append(threading.Thread(target=guarded, args=(read, number, reads, done)))
threads += [threading.Thread(target=guarded, args=(write, number)) for number in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert not failures, failures
for changes, reads in pairs:
    check(changes, reads)
    assert not reads[-1][2]
print(len(refused))

"""Puts and gets a value of its own making, and tells, masked, what to look for in the server's memory.

Arguments: host, token, scope. Prints a piece of the value and of its base64, every bit inverted, in hexadecimal, and
waits for the end of its standard input. The value reaches the server's process through its HTTP connections alone.
"""

import base64
import http.client
import json
import secrets
import sys

host, token, scope = sys.argv[1:]
value = secrets.token_hex(300)
# As the answer carries it. The middle of it does not depend on where in a larger text it stands.
encoded = base64.b64encode(value.encode())


def call(connection, method, target, body=None, bearer=token, status=200):
    connection.request(method, target, body, {"Authorization": f"Bearer {bearer}"})
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status == status, content
    return json.loads(content)


# Many times in one body, in a field that the server does not know, so that it reaches every buffer on the way.
put = json.dumps({"scope": scope, "key": "k", "string_value": value, "ignored": [value] * 200})
for _ in range(3):
    connection = http.client.HTTPConnection(host)
    call(connection, "POST", "/api/2.0/secrets/put", put)
    answer = call(connection, "GET", f"/api/2.0/secrets/get?scope={scope}&key=k")
    assert answer["value"].encode() == encoded
    connection.close()
    # A body that nobody reads, since the token is wrong.
    stranger = http.client.HTTPConnection(host)
    call(stranger, "POST", "/api/2.0/secrets/put", put, bearer="dapi0", status=401)
    stranger.close()
# This one stays open, with the buffers that belong to it.
connection = http.client.HTTPConnection(host)
call(connection, "POST", "/api/2.0/secrets/put", put)
call(connection, "GET", f"/api/2.0/secrets/get?scope={scope}&key=k")
# Once more, so that the server has noticed the end of the other connections before.
for _ in range(3):
    last = http.client.HTTPConnection(host)
    call(last, "GET", "/api/2.0/secrets/scopes/list")
    last.close()

# Masked, so that what is searched for does not get into the server's process by this way.
print(*(bytes(byte ^ 0xFF for byte in text[100:140]).hex() for text in (value.encode(), encoded)), flush=True)
sys.stdin.read()

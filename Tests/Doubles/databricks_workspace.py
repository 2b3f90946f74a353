"""Stands in for the Secrets API of a Databricks workspace, for what a Hush server cannot be made to do.

Keys say how to fail. What is checked is what a workspace checks: tokens, client secrets, parameters, names, base64.
"""

import base64
import binascii
import os
import re
import secrets as randomness
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from serving import Counts, Exchange, Service, run_until_told_to_end

TOKEN = "dapi" + randomness.token_hex(16)
CLIENT, SECRET = "11111111-2222-3333-4444-555555555555", "dose" + randomness.token_hex(16)
# What the last digit of an application's id says of it.
THROTTLED_CLIENT, DOWN_CLIENT = CLIENT[:-1] + "6", CLIENT[:-1] + "7"
GRAMMAR = re.compile(r"[A-Za-z0-9\-_@./]{1,128}")

counts = Counts()
lock = threading.RLock()
tokens = {TOKEN}
# By scope: key -> (bytes, milliseconds), both in the case they were made with.
scopes = {}
key_vaults = {"azure"}

# Keys that are refused, and with what.
REFUSALS = {
    "forbidden": (403, "PERMISSION_DENIED", "User does not have permission with scope: app and key: forbidden."),
    "blocked": (403, "PERMISSION_DENIED", "Source IP address: 203.0.113.9 is blocked by Databricks IP ACL for workspace: 1"),
    "in-clusters-only": (400, "BAD_REQUEST", "Secrets can only be read in a notebook."),
    "invalid": (400, "INVALID_PARAMETER_VALUE", "The double says no."),
    "malformed": (400, "MALFORMED_REQUEST", "The double says no."),
    "state": (400, "INVALID_STATE", "The double says no."),
    "teapot": (418, "TEAPOT", "The double says no."),
    "full": (400, "RESOURCE_LIMIT_EXCEEDED", "The double says no."),
    "taken": (409, "RESOURCE_ALREADY_EXISTS", "The double says no."),
    "racing": (409, "ABORTED", "The double says no."),
    "kept": (409, "RESOURCE_CONFLICT", "The double says no."),
    "internal": (500, "INTERNAL_ERROR", "The double says no."),
    "lost": (500, "DATA_LOSS", "The double says no."),
    "unavailable-always": (503, "TEMPORARILY_UNAVAILABLE", "The double says no."),
    "late": (504, "DEADLINE_EXCEEDED", "The double says no."),
    "no-api": (404, "ENDPOINT_NOT_FOUND", "No API found for the path."),
    "unauthorized": (401, "UNAUTHENTICATED", "The double says no."),
}


class Refused(Exception):
    def __init__(self, status, code, message, **headers):
        self.status, self.code, self.message = status, code, message
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Workspace(Exchange):
    def respond(self):
        try:
            self.serve()
        except Refused as refused:
            self.answer(
                refused.status, {"error_code": refused.code, "message": refused.message}, refused.headers.items())

    def serve(self):
        if self.route == "/__double/counts":
            return self.answer(200, counts.values)
        if self.route == "/__double/revoke":
            with lock:
                tokens.intersection_update({TOKEN})
            return self.answer(200, {})
        base = f"http://127.0.0.1:{self.server.port}/oidc"
        if self.route == "/.well-known/databricks-config":
            return self.answer(200, {"oidc_endpoint": base})
        if self.route == "/oidc/.well-known/oauth-authorization-server":
            return self.answer(
                200, {"issuer": base, "token_endpoint": f"{base}/v1/token", "authorization_endpoint": f"{base}/v1/authorize"})
        if self.route == "/oidc/v1/token" and self.command == "POST":
            return self.issue()
        method, work = {
            "/api/2.0/secrets/get": ("GET", self.get),
            "/api/2.0/secrets/list": ("GET", self.list),
            "/api/2.0/secrets/put": ("POST", self.put),
            "/api/2.0/secrets/delete": ("POST", self.delete),
            "/api/2.0/secrets/scopes/list": ("GET", self.list_scopes),
            "/api/2.0/secrets/scopes/create": ("POST", self.create_scope),
        }.get(self.route, (None, None))
        if method != self.command:
            raise Refused(404, "ENDPOINT_NOT_FOUND", "No API found for '" + self.command + " " + self.route + "'")
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or token not in tokens:
            raise Refused(401, "UNAUTHENTICATED", "Credential was not sent or was of an unsupported type for this API.")
        self.parameters = self.query if method == "GET" else self.json_body()
        with lock:
            self.answer_with(work)

    def answer_with(self, work):
        key = self.parameters.get("key", "")
        counts.next(f"{self.command} {self.route.rsplit('/', 1)[1]} {key}".rstrip())
        refusal = REFUSALS.get(key)
        if refusal:
            raise Refused(*refusal)
        again = re.fullmatch(r"(throttled|unavailable)-([12])", key)
        if again and counts.next("tries of " + key) <= int(again[2]):
            status, code = (429, "REQUEST_LIMIT_EXCEEDED") if again[1] == "throttled" else (503, "TEMPORARILY_UNAVAILABLE")
            raise Refused(status, code, "The double says no.", Retry_After="0")
        if key == "throttled-later":
            raise Refused(429, "RESOURCE_EXHAUSTED", "The double says no.", Retry_After="60")
        if key == "unavailable-later":
            raise Refused(503, "TEMPORARILY_UNAVAILABLE", "The double says no.", Retry_After="45")
        if self.misbehave(key):
            return
        result = work()
        if result is not None:
            self.answer(*result)

    def issue(self):
        counts.next("token requests")
        form = self.form()
        kind, _, pair = self.headers.get("Authorization", "").partition(" ")
        try:
            given = base64.b64decode(pair, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            given = ""
        client, _, secret = given.partition(":")
        client, secret = urllib.parse.unquote(client), urllib.parse.unquote(secret)
        if form.get("grant_type") != "client_credentials" or form.get("scope") != "all-apis":
            return self.answer(400, {"error": "invalid_request"})
        if client == DOWN_CLIENT:
            return self.answer(503, {"error": "temporarily_unavailable"})
        if client == THROTTLED_CLIENT and counts.next("issuer throttles") == 1:
            return self.answer(429, {"error": "temporarily_unavailable"}, {"Retry-After": "0"})
        if kind != "Basic" or client not in (CLIENT, THROTTLED_CLIENT) or secret != SECRET:
            return self.answer(401, {"error": "invalid_client", "error_description": "Client authentication failed"})
        token = "eyJ" + randomness.token_urlsafe(300)
        tokens.add(token)
        self.answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600, "scope": "all-apis"})

    # Secrets

    def scope(self):
        name = self.parameters.get("scope") or ""
        found = next((kept for kept in scopes if kept.lower() == name.lower()), None)
        if found is None:
            raise Refused(404, "RESOURCE_DOES_NOT_EXIST", f"Scope {name} does not exist!")
        return found

    def found(self, scope, key):
        return next((kept for kept in scopes[scope] if kept.lower() == key.lower()), None)

    def get(self):
        scope, key = self.scope(), self.parameters.get("key") or ""
        found = self.found(scope, key)
        if found is None:
            raise Refused(404, "RESOURCE_DOES_NOT_EXIST", f"Secret does not exist with scope: {scope} and key: {key}")
        value = base64.b64encode(scopes[scope][found][0]).decode()
        headers = {"X-Hush-Minimum-Redaction": key[10:]} if key.startswith("redaction-") else {}
        if key == "not-base64":
            value = "%%%"
        answer = {"key": found} if key == "no-value" else {"key": found, "value": value}
        return 200, answer, headers

    def list(self):
        scope = self.scope()
        # As numbers and as texts: clients take both. Without secrets there is no list.
        entries = [
            {"key": key, "last_updated_timestamp": time if number % 2 else str(time)}
            for number, (key, (_, time)) in enumerate(sorted(scopes[scope].items()))
        ]
        return 200, {"secrets": entries} if entries else {}

    def put(self):
        scope, key = self.scope(), self.parameters.get("key") or ""
        if scope in key_vaults:
            raise Refused(400, "BAD_REQUEST", f"Cannot write secrets to Azure KeyVault-backed scope {scope}")
        if not GRAMMAR.fullmatch(key):
            raise Refused(400, "INVALID_PARAMETER_VALUE", "The key is not valid.")
        text, encoded = self.parameters.get("string_value"), self.parameters.get("bytes_value")
        if (text is None) == (encoded is None):
            raise Refused(400, "INVALID_PARAMETER_VALUE", "Exactly one of string_value and bytes_value must be given.")
        try:
            value = text.encode() if encoded is None else base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise Refused(400, "MALFORMED_REQUEST", "bytes_value is not base64.")
        if len(value) > 128 * 1024:
            raise Refused(400, "INVALID_PARAMETER_VALUE", "The value is too long.")
        scopes[scope][self.found(scope, key) or key] = (value, int(time.time() * 1000))
        return 200, {}

    def delete(self):
        scope, key = self.scope(), self.parameters.get("key") or ""
        if scope in key_vaults:
            raise Refused(400, "BAD_REQUEST", f"Cannot delete secrets from Azure KeyVault-backed scope {scope}")
        found = self.found(scope, key)
        if found is None:
            raise Refused(404, "RESOURCE_DOES_NOT_EXIST", f"Secret does not exist with scope: {scope} and key: {key}")
        del scopes[scope][found]
        return 200, {}

    def list_scopes(self):
        return 200, {"scopes": [
            {"name": name, "backend_type": "AZURE_KEYVAULT" if name in key_vaults else "DATABRICKS"} for name in scopes]}

    def create_scope(self):
        name = self.parameters.get("scope") or ""
        if any(name.lower() == kept.lower() for kept in scopes):
            raise Refused(400, "RESOURCE_ALREADY_EXISTS", f"Scope {name} already exists!")
        scopes[name] = {}
        return 200, {}


def main():
    names = ["db-password", "throttled-1", "unavailable-2", "not-base64", "no-value"]
    names += [f"redaction-{level}" for level in ("literal", "encoded", "strict", "of-tomorrow")]
    scopes["app"] = {name: (f"behind {name}".encode(), 1_700_000_000_000) for name in names}
    scopes["app"]["Mixed-Case"] = (b"\x00\xff", 1_700_000_000_001)
    scopes["azure"] = {"db-password": (b"of a vault", 1_700_000_000_002)}
    scopes["empty"] = {}
    workspace = Service(Workspace)
    run_until_told_to_end(
        {
            "port": workspace.port, "token": TOKEN, "client": CLIENT, "secret": SECRET,
            "throttled-client": THROTTLED_CLIENT, "down-client": DOWN_CLIENT,
        }
    )


main()

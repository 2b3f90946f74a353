"""Stands in for Google's token endpoints, its metadata service and Secret Manager, all on one server.

What is checked is what Google checks: signatures, audiences, scopes, checksums, paging tokens. Names of secrets and projects
say how to fail.
"""

import base64
import json
import os
import re
import secrets as randomness
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from serving import Counts, Exchange, Service, run_until_told_to_end

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
# Enough to be lent another account, and for nothing else.
LENDING_SCOPE = "https://www.googleapis.com/auth/iam"
EMAIL = "reader@project.iam.gserviceaccount.com"
LENT = "lent@project.iam.gserviceaccount.com"
KEY_ID = "0123456789abcdef"
POOL = "//iam.googleapis.com/projects/123456/locations/global/workloadIdentityPools/pool/providers/provider"
SUBJECT = "subject.token.of-another-issuer"
REFRESH = "1//refresh-token"
PROJECT_NUMBER = "123456"

counts = Counts()
lock = threading.RLock()
tokens = {}
vault = {}
key = rsa.generate_private_key(65537, 2048)


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 3808858755


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verified_claims(token):
    """The claims of a token that the service account's key signed; None for any other."""
    try:
        header, claims, signature = token.split(".")
        head = json.loads(decode(header))
        if head["alg"] != "RS256" or head.get("kid", KEY_ID) != KEY_ID:
            return None
        key.public_key().verify(decode(signature), f"{header}.{claims}".encode(), padding.PKCS1v15(), hashes.SHA256())
        body = json.loads(decode(claims))
    except Exception:
        return None
    now = time.time()
    is_timely = body["iat"] - 300 <= now <= body["exp"] and body["exp"] - body["iat"] <= 3600
    return body if body["iss"] == EMAIL and is_timely else None


class Token:
    def __init__(self, owner, scopes=(SCOPE,)):
        self.owner = owner
        self.scopes = scopes
        self.is_revoked = False
        self.text = "ya29." + randomness.token_urlsafe(300)
        tokens[self.text] = self


class Version:
    def __init__(self, data, state="ENABLED"):
        self.data = data
        self.state = state


class Secret:
    def __init__(self, *versions, aliases=None, resource=None):
        self.versions = list(versions)
        self.aliases = aliases or {}
        self.resource = resource or {"replication": {"automatic": {}}}


def error(code, status, message="The double says no.", details=()):
    return {"error": {"code": code, "status": status, "message": message, "details": list(details)}}


class Cloud(Exchange):
    has_flavor = True

    def respond(self):
        if self.route == "/__double/counts":
            return self.answer(200, counts.values)
        if self.route.startswith("/computeMetadata/") or (self.route == "/" and "Metadata-Flavor" in self.headers):
            return self.metadata()
        if self.route == "/token" and self.command == "POST":
            return self.token()
        if self.route == "/v1/token" and self.command == "POST":
            return self.exchange()
        if self.route == "/subject":
            return self.subject()
        lent = re.fullmatch(r"/v1/projects/-/serviceAccounts/([^/]+):generateAccessToken", self.route)
        if lent and self.command == "POST":
            return self.lend(urllib.parse.unquote(lent[1]))
        self.secret_manager()

    # Tokens

    def issue(self, owner, scopes=(SCOPE,)):
        self.answer(200, {"access_token": Token(owner, scopes).text, "expires_in": 3599, "token_type": "Bearer"})

    def token(self):
        form = self.form()
        counts.next("token requests")
        if form.get("grant_type") == "refresh_token":
            wanted = {"client_id": "client", "client_secret": "client/secret", "refresh_token": REFRESH}
            if any(form.get(name) != value for name, value in wanted.items()):
                return self.answer(400, {"error": "invalid_grant", "error_description": "Bad Request"})
            return self.issue("user")
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return self.answer(400, {"error": "unsupported_grant_type"})
        claims = verified_claims(form.get("assertion", ""))
        if claims is None or claims.get("aud") != "https://oauth2.googleapis.com/token":
            return self.answer(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
        scopes = claims.get("scope", "").split()
        if not scopes or not set(scopes) <= {SCOPE, LENDING_SCOPE}:
            return self.answer(400, {"error": "invalid_scope"})
        self.issue(EMAIL, scopes)

    def exchange(self):
        form = self.form()
        counts.next("exchanges")
        if (
            form.get("grant_type") != "urn:ietf:params:oauth:grant-type:token-exchange"
            or form.get("requested_token_type") != "urn:ietf:params:oauth:token-type:access_token"
            or SCOPE not in form.get("scope", "").split()
            or "" in form.values()
        ):
            return self.answer(400, {"error": "invalid_request"})
        if form.get("audience") != POOL:
            return self.answer(400, {"error": "invalid_target"})
        kind = form.get("subject_token_type")
        if kind == "urn:ietf:params:aws:token-type:aws4_request":
            is_good = self.is_caller_identity(form["subject_token"])
        else:
            is_good = kind == "urn:ietf:params:oauth:token-type:jwt" and form["subject_token"] == SUBJECT
        if not is_good:
            return self.answer(400, {"error": "invalid_grant"})
        self.answer(
            200,
            {
                "access_token": Token("federated").text, "expires_in": 3599, "token_type": "Bearer",
                "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
            },
        )

    def is_caller_identity(self, text):
        request = json.loads(urllib.parse.unquote(text))
        headers = {one["key"].lower(): one["value"] for one in request["headers"]}
        authorization = headers.get("authorization", "")
        signed = re.search(r"SignedHeaders=([^,]+)", authorization)
        return (
            list(request) == ["headers", "method", "url"]
            and request["method"] == "POST"
            and request["url"] == "https://sts.eu-west-1.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"
            and headers["x-goog-cloud-target-resource"] == POOL
            and headers["host"] == "sts.eu-west-1.amazonaws.com"
            and "Credential=AKIDEXAMPLE/" in authorization
            and "/eu-west-1/sts/aws4_request" in authorization
            and signed is not None
        )

    def subject(self):
        if self.headers.get("X-Wanted") != "yes" or self.query != {"audience": "a"}:
            return self.answer(403, {})
        self.answer(200, {"value": SUBJECT})

    def lend(self, email):
        body = self.json_body()
        holder = tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
        counts.next("loans")
        if holder is None:
            return self.answer(401, error(401, "UNAUTHENTICATED"))
        if email != LENT or body.get("scope") != [SCOPE] or not re.fullmatch(r"\d+s", body.get("lifetime", "")):
            return self.answer(403, error(403, "PERMISSION_DENIED"))
        end = time.gmtime(time.time() + int(body["lifetime"][:-1]))
        self.answer(
            200, {"accessToken": Token(email).text, "expireTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", end)}
        )

    def metadata(self):
        headers = {"Metadata-Flavor": "Google"} if self.has_flavor else {}
        if self.headers.get("Metadata-Flavor") != "Google":
            return self.answer(403, {}, headers)
        if self.route.endswith("/service-accounts/default/token"):
            if SCOPE not in self.query.get("scopes", ""):
                return self.answer(400, {}, headers)
            body = {"access_token": Token("machine").text, "expires_in": 3599, "token_type": "Bearer"}
            return self.answer(200, body, headers)
        if self.route.endswith("/service-accounts/default/"):
            return self.answer(200, {"email": EMAIL, "scopes": [SCOPE], "aliases": ["default"]}, headers)
        if self.route.endswith("/universe/universe-domain"):
            return self.answer(404, {}, headers)
        self.answer(200, b"project", headers)

    # Secret Manager

    def secret_manager(self):
        text = self.headers.get("Authorization", "").removeprefix("Bearer ")
        token = tokens.get(text)
        if token and SCOPE not in token.scopes:
            return self.answer(403, error(403, "PERMISSION_DENIED", "insufficient authentication scopes"))
        if token is None or token.is_revoked:
            claims = verified_claims(text)
            audience = (claims or {}).get("aud", "")
            hosts = ("https://secretmanager.googleapis.com/", "https://secretmanager.universe.example/")
            if claims is None or (audience not in hosts and SCOPE not in claims.get("scope", "").split()):
                return self.answer(401, error(401, "UNAUTHENTICATED"))
        pattern = r"/v1/(projects/([^/]+)(?:/locations/([^/]+))?)/secrets(?:/([^/:]+)(?:/versions(?:/([^/:]+))?)?)?(?::(\w+))?"
        match = re.fullmatch(pattern, urllib.parse.unquote(self.route))
        if not match:
            return self.answer(404, error(404, "NOT_FOUND"))
        parent, project, location, name, version, verb = match.groups()
        if name == "unauthenticated" or (name == "revoked-once" and counts.next("revoked-once") == 1):
            if token:
                token.is_revoked = True
            return self.answer(401, error(401, "UNAUTHENTICATED"))
        if name and self.fail(name):
            return
        with lock:
            self.serve(parent, project, location, name, version, verb)

    def fail(self, name):
        if self.misbehave(name):
            return True
        kind, _, number = name.rpartition("-")
        if kind in ("throttled", "unavailable") and number.isdigit():
            if counts.next(name) > int(number):
                return False
            status = 429 if kind == "throttled" else 503
            headers = {"Retry-After": "0"} if kind == "throttled" else {}
            self.answer(status, error(status, "RESOURCE_EXHAUSTED" if status == 429 else "UNAVAILABLE"), headers)
            return True
        perimeter = {"@type": "type.googleapis.com/google.rpc.PreconditionFailure", "violations": [{"type": "VPC_SERVICE_CONTROLS"}]}
        disabled = {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "SERVICE_DISABLED"}
        quota = {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []}
        failures = {
            "forbidden": (403, "PERMISSION_DENIED", "Permission denied", ()),
            "perimeter": (403, "PERMISSION_DENIED", "Request is prohibited by organization's policy.", (perimeter,)),
            "api-disabled": (403, "PERMISSION_DENIED", "not been used in project", (disabled,)),
            "kms-denied": (403, "PERMISSION_DENIED", "Permission 'cloudkms.cryptoKeyVersions.useToDecrypt' denied", ()),
            "kms-disabled": (400, "FAILED_PRECONDITION", "KMS key is not usable: projects/p/cryptoKeys/k", ()),
            "invalid": (400, "INVALID_ARGUMENT", "no", ()),
            "precondition": (400, "FAILED_PRECONDITION", "no", ()),
            "aborted": (409, "ABORTED", "etag", ()),
            "internal": (500, "INTERNAL", "no", ()),
            "late": (504, "DEADLINE_EXCEEDED", "no", ()),
            "throttled-later": (429, "RESOURCE_EXHAUSTED", "Quota exceeded for quota metric", (quota,)),
            "teapot": (418, "UNKNOWN", "no", ()),
        }
        if name in failures:
            code, status, message, details = failures[name]
            headers = {"Retry-After": "30"} if code == 429 else {}
            self.answer(code, error(code, status, message, details), headers)
            return True
        return False

    def serve(self, parent, project, location, name, version, verb):
        named = parent.replace(f"projects/{project}", f"projects/{PROJECT_NUMBER}", 1)
        place = (location, name)
        secret = vault.get(place)
        if name is None:
            return self.list(named, project, location) if self.command == "GET" else self.create(named, location)
        if secret is None:
            return self.answer(404, error(404, "NOT_FOUND", f"Secret [{named}/secrets/{name}] not found."))
        full = f"{named}/secrets/{name}"
        is_versions = "/versions" in self.route
        match (self.command, version, verb):
            case ("GET", None, None) if is_versions:
                self.versions(full, secret)
            case ("GET", None, None):
                self.answer(200, {"name": full, **secret.resource})
            case ("DELETE", None, None):
                del vault[place]
                self.answer(200, {})
            case ("PATCH", None, None):
                secret.resource.update(self.json_body())
                self.answer(200, {"name": full, **secret.resource})
            case ("POST", None, "addVersion"):
                self.add(full, name, secret)
            case (_, str(), _):
                self.version(full, name, secret, version, verb)
            case _:
                self.answer(404, error(404, "NOT_FOUND"))

    def list(self, named, project, location):
        size = min(int(self.query.get("pageSize") or 25000), 25000)
        if project in ("small-pages", "repeats"):
            size = 7
        wanted = self.query.get("filter", "").removeprefix("name:")
        names = [one for place, one in vault if place == location and wanted in f"{named}/secrets/{one}"]
        token = self.query.get("pageToken", "")
        counts.next("list pages")
        start, is_after_empty = 0, False
        if token:
            start, is_after_empty = json.loads(decode(token))
        page, following = names[start : start + size], [start + size, False]
        if start > 0 and not is_after_empty:
            page, following = [], [start, True]
        body = {"totalSize": len(names)}
        if page:
            body["secrets"] = [{"name": f"{named}/secrets/{one}", "createTime": "2026-01-01T00:00:00Z"} for one in page]
        if following[0] < len(names):
            body["nextPageToken"] = base64.urlsafe_b64encode(json.dumps(following).encode()).decode()
            if project == "repeats":
                body["nextPageToken"] = "again"
        if project == "repeats" and token == "again":
            body = {"nextPageToken": "again"}
        self.answer(200, body)

    def create(self, named, location):
        name = self.query.get("secretId", "")
        body = self.json_body()
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", name) or ("replication" in body) != (location is None):
            return self.answer(400, error(400, "INVALID_ARGUMENT"))
        if (location, name) in vault:
            return self.answer(409, error(409, "ALREADY_EXISTS"))
        if name == "full":
            quota = {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []}
            return self.answer(429, error(429, "RESOURCE_EXHAUSTED", "Quota exceeded", [quota]), {"Retry-After": "30"})
        vault[(location, name)] = Secret(resource=body)
        if name == "raced":
            # Somebody else was faster.
            vault[(location, name)].versions.append(Version(b"of somebody else"))
            return self.answer(409, error(409, "ALREADY_EXISTS"))
        self.answer(200, {"name": f"{named}/secrets/{name}", "createTime": "2026-01-01T00:00:00Z", **body})

    def add(self, full, name, secret):
        payload = self.json_body().get("payload") or {}
        data = base64.b64decode(payload.get("data", ""), validate=True)
        if len(data) > 65536:
            return self.answer(400, error(400, "INVALID_ARGUMENT"))
        given = payload.get("dataCrc32c")
        if given is not None and int(given) != crc32c(data):
            return self.answer(400, error(400, "INVALID_ARGUMENT", "The checksum does not match."))
        secret.versions.append(Version(data))
        body = {
            "name": f"{full}/versions/{len(secret.versions)}", "createTime": "2026-01-01T00:00:00Z", "state": "ENABLED",
            "etag": '"1"',
        }
        if given is not None and name != "unverified":
            body["clientSpecifiedPayloadChecksum"] = True
        self.answer(200, body)

    def versions(self, full, secret):
        numbers = range(len(secret.versions), 0, -1)
        if self.query.get("filter"):
            state = self.query["filter"].removeprefix("state:")
            numbers = [one for one in numbers if secret.versions[one - 1].state == state]
        if full.endswith("/late-page") and not self.query.get("pageToken"):
            return self.answer(200, {"nextPageToken": "2"})
        self.answer(
            200,
            {
                "versions": [
                    {"name": f"{full}/versions/{one}", "state": secret.versions[one - 1].state} for one in numbers
                ]
            },
        )

    def version(self, full, name, secret, selected, verb):
        number = len(secret.versions) if selected == "latest" else int(secret.aliases.get(selected, 0) or 0)
        if selected.isdigit():
            number = int(selected)
        if not 1 <= number <= len(secret.versions):
            return self.answer(404, error(404, "NOT_FOUND"))
        found = secret.versions[number - 1]
        path = f"{full}/versions/{number}"
        if verb in ("enable", "disable", "destroy"):
            found.state = {"enable": "ENABLED", "disable": "DISABLED", "destroy": "DESTROYED"}[verb]
            return self.answer(200, {"name": path, "state": found.state})
        if verb is None:
            return self.answer(200, {"name": path, "state": found.state, "createTime": "2026-01-01T00:00:00Z"})
        if found.state != "ENABLED":
            message = f"Secret Version [{path}] is in {found.state} state."
            return self.answer(400, error(400, "FAILED_PRECONDITION", message))
        checksum = crc32c(found.data)
        kind, _, times = name.rpartition("-")
        if kind == "wrong-crc" and counts.next(name) <= int(times):
            checksum ^= 1
        payload = {"data": base64.b64encode(found.data).decode(), "dataCrc32c": str(checksum)}
        if name == "no-crc":
            del payload["dataCrc32c"]
        if name == "not-base64":
            payload["data"] = "***"
        if not found.data:
            payload = {"dataCrc32c": "0"}
        self.answer(200, {"name": path, "payload": payload})


class Impostor(Cloud):
    """A server in the place of the metadata service that is not it."""

    has_flavor = False


def fill():
    def put(name, *versions, location=None, **options):
        vault[(location, name)] = Secret(*versions, **options)

    put("db", Version(b"hunter1"), Version(b"hunter2"), aliases={"stable": "1"})
    put("regional", Version(b"in one place"), location="europe-west4")
    put("bytes", Version(b"\xff\x00\xfe"))
    put("nul", Version(b"a\0b"))
    put("empty", Version(b""))
    put("disabled", Version(b"old"), Version(b"off", "DISABLED"), Version(b"gone", "DESTROYED"), Version(b"off", "DISABLED"))
    put("destroyed", Version(b"gone", "DESTROYED"))
    put("late-page", Version(b"one"), Version(b"two", "DISABLED"))
    put("versionless")
    for name in (
        "no-crc", "not-base64", "wrong-crc-2", "wrong-crc-99", "throttled-1", "unavailable-2", "revoked-once", "unverified",
        "unauthenticated",
    ):
        put(name, Version(b"behind " + name.encode()))
    for number in range(20):
        put(f"page_{number:02}", Version(b"x"))
    put("other_page_00", Version(b"x"))


def main():
    fill()
    service, impostor = Service(Cloud), Service(Impostor)
    base = f"http://127.0.0.1:{service.port}"
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    account = {
        "type": "service_account", "client_email": EMAIL, "private_key": pem, "private_key_id": KEY_ID,
        "token_uri": f"{base}/token", "project_id": "project", "client_id": "1", "universe_domain": "googleapis.com",
    }
    user = {
        "type": "authorized_user", "client_id": "client", "client_secret": "client/secret", "refresh_token": REFRESH,
        "quota_project_id": "charged",
    }
    run_until_told_to_end(
        {
            "port": service.port, "impostor": impostor.port, "account": json.dumps(account), "user": json.dumps(user),
            "pool": POOL, "subject": SUBJECT, "lent": LENT,
        }
    )


main()

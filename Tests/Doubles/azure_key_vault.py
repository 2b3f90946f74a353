"""Stands in for Microsoft Entra, Azure Key Vault (secrets) and the services for managed identities.

One server speaks TLS for Entra and the vault, with a certificate of an authority that is made anew each time; another one
speaks HTTP for the machine's own services. What is checked is what Azure checks. Names of secrets, and ids of applications,
say how to fail.
"""

import base64
import datetime
import json
import os
import re
import secrets as randomness
import ssl
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from serving import Counts, Exchange, Service, run_until_told_to_end

TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
OTHER_TENANT = "11111111-2222-3333-4444-555555555555"
VAULT = "kv1.vault.azure.net"
AUTHORITY = "login.microsoftonline.com"
SECRET = "s3cr3t~of/the+application=&"
FEDERATED = "eyJhbGciOiJub25lIn0.projected.token-"
VERSIONS = {"7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6", "2025-07-01", "2026-04-01"}
# What the last digit of an application's id says of it.
MODES = {
    "1": "", "2": "next-elsewhere", "3": "next-repeats", "4": "issuer-throttles-once", "5": "issuer-down",
    "6": "secret-expired", "7": "issuer-not-json", "8": "issuer-redirects", "9": "list-forbidden",
}

counts = Counts()
lock = threading.RLock()
tokens = {}
assertions = set()
vault = {}
deleted = {}
certificate = None


class Token:
    def __init__(self, client, resource, claims):
        self.client = client
        self.resource = resource
        self.claims = claims
        self.is_revoked = False
        self.text = "eyJ0eXAiOiJKV1QifQ." + randomness.token_urlsafe(600)
        tokens[self.text] = self

    @property
    def mode(self):
        return MODES.get(self.client[-1], "")


class Version:
    def __init__(self, value, content_type=None, attributes=None, tags=None, managed=False):
        self.id = randomness.token_hex(16)
        self.value = value
        self.content_type = content_type
        self.attributes = {"enabled": True, "recoveryLevel": "Recoverable+Purgeable", "recoverableDays": 90}
        self.attributes.update(attributes or {})
        self.attributes["created"] = self.attributes["updated"] = 1_700_000_000
        self.tags = tags
        self.managed = managed

    def bundle(self, name, with_value=True, with_version=True):
        bundle = {"id": f"https://{VAULT}/secrets/{name}" + (f"/{self.id}" if with_version else "")}
        bundle["attributes"] = self.attributes
        if with_value:
            bundle["value"] = self.value
        if self.content_type:
            bundle["contentType"] = self.content_type
        if self.tags:
            bundle["tags"] = self.tags
        if self.managed:
            bundle["managed"] = True
        return bundle


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def error(code, inner=None, message="The double says no."):
    body = {"error": {"code": code, "message": message}}
    if inner:
        body["error"]["innererror"] = {"code": inner}
    return body


class Cloud(Exchange):
    """Entra and the vault, by path."""

    def respond(self):
        if self.route == "/__double/counts":
            return self.answer(200, counts.values)
        issuer = re.fullmatch(r"/([^/]+)/oauth2/v2\.0/token", self.route)
        if issuer and self.command == "POST":
            return self.issue(issuer[1])
        discovery = re.fullmatch(r"/([^/]+)/v2\.0/\.well-known/openid-configuration", self.route)
        if discovery:
            base = f"https://{AUTHORITY}/{discovery[1]}"
            return self.answer(
                200,
                {
                    "issuer": f"{base}/v2.0", "token_endpoint": f"{base}/oauth2/v2.0/token",
                    "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                },
            )
        if self.route == "/common/discovery/instance":
            aliases = [AUTHORITY, "login.windows.net", "login.microsoft.com", "sts.windows.net"]
            group = {"preferred_network": AUTHORITY, "preferred_cache": "login.windows.net", "aliases": aliases}
            return self.answer(200, {"api-version": "1.1", "metadata": [group]})
        self.guard_vault()

    # Entra

    def issue(self, tenant):
        form = self.form()
        counts.next("token requests")
        client = form.get("client_id", "")
        mode = MODES.get(client[-1:], None)
        if tenant != TENANT:
            return self.refuse(400, "invalid_request", 90002)
        if mode is None or form.get("grant_type") != "client_credentials":
            return self.refuse(400, "unauthorized_client", 700016)
        if mode == "issuer-throttles-once" and counts.next("issuer throttles " + client) == 1:
            return self.answer(429, {"error": "temporarily_unavailable"}, {"Retry-After": "0"})
        if mode == "issuer-down":
            return self.answer(503, {"error": "temporarily_unavailable"})
        if mode == "secret-expired":
            return self.refuse(401, "invalid_client", 7000222)
        if mode == "issuer-not-json":
            return self.misbehave("not-json")
        if mode == "issuer-redirects":
            return self.misbehave("redirect")
        if "client_assertion" in form:
            if form.get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
                return self.refuse(400, "invalid_request", 900144)
            code = self.check_assertion(form["client_assertion"], client)
            if code:
                return self.refuse(401, "invalid_client", code)
        elif form.get("client_secret") != SECRET:
            return self.refuse(401, "invalid_client", 7000215)
        scopes = [one for one in form.get("scope", "").split() if one not in ("openid", "profile", "offline_access")]
        if scopes != ["https://vault.azure.net/.default"]:
            return self.refuse(400, "invalid_scope", 70011)
        claims = json.loads(form.get("claims", "{}"))
        if claims.get("access_token", {}).get("xms_cc", {}).get("values") != ["CP1"]:
            return self.refuse(400, "invalid_request", 0)
        token = Token(client, "https://vault.azure.net", claims)
        self.answer(
            200,
            {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599, "access_token": token.text},
        )

    def refuse(self, status, name, code):
        self.answer(
            status,
            {"error": name, "error_description": f"AADSTS{code}: no.", "error_codes": [code], "trace_id": "t"},
        )

    def check_assertion(self, assertion, client):
        if assertion.startswith(FEDERATED):
            return None
        try:
            header, claims, signature = assertion.split(".")
            head, body = json.loads(decode(header)), json.loads(decode(claims))
            padded = padding.PSS(padding.MGF1(hashes.SHA256()), 32) if head.get("alg") == "PS256" else padding.PKCS1v15()
            names = {"x5t#S256": hashes.SHA256(), "x5t": hashes.SHA1()}
            given = {name: head[name] for name in names if name in head}
            if head.get("alg") not in ("PS256", "RS256") or not given:
                return 700027
            for name, text in given.items():
                if decode(text) != certificate.fingerprint(names[name]):
                    return 700027
            certificate.public_key().verify(
                decode(signature), f"{header}.{claims}".encode(), padded, hashes.SHA256()
            )
        except Exception:
            return 700021
        now = time.time()
        begin = body.get("nbf", body.get("iat", now))
        if not begin - 300 <= now <= body["exp"] or body["exp"] - begin > 3600:
            return 700024
        if body["aud"] != f"https://{self.headers['Host']}{self.route}" or not body["iss"] == body["sub"] == client:
            return 50027
        with lock:
            if body["jti"] in assertions:
                return 50027
            assertions.add(body["jti"])
        return None

    # The vault

    def guard_vault(self):
        parts = self.route.strip("/").split("/")
        name = parts[1] if len(parts) > 1 else ""
        header = self.headers.get("Authorization", "")
        if not header:
            counts.next("challenges")
            if self.body:
                return self.answer(400, error("BadParameter", message="a body came before a token"))
            return self.challenge(name)
        token = tokens.get(header.removeprefix("Bearer "))
        if token is None or token.is_revoked or token.resource != "https://vault.azure.net":
            return self.challenge("")
        if self.query.get("api-version") not in VERSIONS:
            return self.answer(400, error("BadParameter", message="The specified version is not recognized."))
        if name == "unauthorized" or (name == "revoked-once" and counts.next("revoked-once") == 1):
            token.is_revoked = True
            return self.challenge("")
        if name in ("claims", "claims-never") and (name == "claims-never" or "nbf" not in token.claims["access_token"]):
            wanted = json.dumps({"access_token": {"nbf": {"essential": True, "value": "1700000000"}}})
            text = base64.urlsafe_b64encode(wanted.encode()).decode()
            return self.challenge("", f', error="insufficient_claims", claims="{text}"')
        if self.fail(name):
            return
        with lock:
            self.serve_vault(token, parts, name)

    def challenge(self, name, more=""):
        resource, authority, tenant = "https://vault.azure.net", AUTHORITY, TENANT
        if name == "foreign-resource":
            resource = "https://management.azure.com"
        elif name == "longer-resource":
            resource = "https://vault.azure.net.evil.example"
        elif name == "half-resource":
            resource = "https://ault.azure.net"
        elif name == "plain-resource":
            resource = "http://vault.azure.net"
        elif name == "foreign-authority":
            authority = "login.evil.example"
        elif name == "foreign-tenant":
            tenant = OTHER_TENANT
        text = f'Bearer authorization="https://{authority}/{tenant}", resource="{resource}"' + more
        if name == "scope-form":
            text = f'Bearer authorization_uri="https://{authority}/{tenant}", scope="{resource}/.default"'
        if name == "plain-authority":
            text = f'Bearer authorization="http://{authority}/{tenant}", resource="{resource}"'
        headers = {} if name == "no-challenge" else {"WWW-Authenticate": text}
        self.answer(401, error("Unauthorized", message="AKV10000: Request is missing a Bearer or PoP token."), headers)

    def serve_vault(self, token, parts, name):
        match (self.command, parts):
            case ("GET", ["secrets"]):
                self.list(token)
            case ("GET", ["secrets", name]) | ("GET", ["secrets", name, _]):
                self.get(name, parts[2] if len(parts) > 2 else None)
            case ("PUT", ["secrets", name]):
                self.put(name)
            case ("PATCH", ["secrets", name, version]):
                found = next(one for one in vault[name] if one.id == version)
                found.attributes.update(self.json_body().get("attributes") or {})
                self.answer(200, found.bundle(name, with_value=False))
            case ("DELETE", ["secrets", name]):
                self.delete(name)
            case ("GET", ["deletedsecrets", name]):
                self.answer(200, self.deleted(name)) if name in deleted else self.missing(name)
            case ("POST", ["deletedsecrets", name, "recover"]):
                self.recover(name)
            case ("DELETE", ["deletedsecrets", name]):
                self.answer(204) if deleted.pop(name, None) else self.missing(name)
            case _:
                self.answer(404, error("NotFound"))

    def fail(self, name):
        """Fails as a secret's name says."""
        if self.misbehave(name):
            return True
        kind, _, number = name.rpartition("-")
        if kind in ("throttled", "unavailable") and number.isdigit() and counts.next(name) <= int(number):
            status = 429 if kind == "throttled" else 503
            self.answer(status, error("Throttled" if status == 429 else "ServiceUnavailable"), {"retry-after-ms": "1"})
            return True
        if (kind, number) in (("throttled", "bare"), ("throttled", "later"), ("unavailable", "always")):
            headers = {"Retry-After": "30"} if number == "later" else {}
            self.answer(503 if kind == "unavailable" else 429, error("Throttled"), headers)
            return True
        inner = {
            "forbidden": "AccessDenied", "forbidden-policy": "ForbiddenByPolicy", "forbidden-rbac": "ForbiddenByRbac",
            "forbidden-firewall": "ForbiddenByFirewall", "forbidden-connection": "ForbiddenByConnection",
        }.get(name)
        if inner:
            self.answer(403, error("Forbidden", inner))
            return True
        if name == "teapot":
            self.answer(418, error("Teapot"))
            return True
        if name == "being-deleted" and self.command == "PUT":
            self.answer(409, error("Conflict", "ObjectIsBeingDeleted"))
            return True
        return False

    def missing(self, name):
        self.answer(404, error("SecretNotFound", message=f"A secret with (name/id) {name} was not found in this vault."))

    def get(self, name, version):
        versions = vault.get(name.lower())
        found = versions and (
            versions[-1] if version in (None, "") else next((one for one in versions if one.id == version), None)
        )
        if not found or found.attributes.pop("recovering", None):
            return self.missing(name)
        if not found.attributes["enabled"]:
            return self.answer(403, error("Forbidden", "SecretDisabled"))
        self.answer(200, found.bundle(name))

    def put(self, name):
        body = self.json_body()
        if not re.fullmatch(r"[0-9A-Za-z-]{1,127}", name) or not isinstance(body.get("value"), str):
            return self.answer(400, error("BadParameter"))
        if len(body["value"].encode()) > 25600 or len(body.get("contentType") or "") > 255:
            return self.answer(400, error("BadParameter", message="too long"))
        name = name.lower()
        if name in deleted:
            return self.answer(409, error("Conflict", "ObjectIsDeletedButRecoverable"))
        if name in vault and vault[name][-1].managed:
            return self.answer(403, error("Forbidden", "AccessDenied"))
        version = Version(body["value"], body.get("contentType"), body.get("attributes"), body.get("tags"))
        vault.setdefault(name, []).append(version)
        self.answer(200, version.bundle(name))

    def deleted(self, name):
        bundle = deleted[name][-1].bundle(name, with_value=False)
        bundle["recoveryId"] = f"https://{VAULT}/deletedsecrets/{name}"
        bundle["deletedDate"], bundle["scheduledPurgeDate"] = 1_700_000_100, 1_707_776_100
        return bundle

    def delete(self, name):
        if name.lower() not in vault:
            return self.missing(name)
        deleted[name.lower()] = vault.pop(name.lower())
        self.answer(200, self.deleted(name.lower()))

    def recover(self, name):
        if name not in deleted:
            return self.missing(name)
        vault[name] = deleted.pop(name)
        # It takes a while until it can be read.
        vault[name][-1].attributes["recovering"] = True
        bundle = vault[name][-1].bundle(name, with_value=False)
        bundle["attributes"] = {key: value for key, value in bundle["attributes"].items() if key != "recovering"}
        self.answer(200, bundle)

    def list(self, token):
        size = int(self.query.get("maxresults", 25))
        if not 1 <= size <= 25:
            return self.answer(400, error("BadParameter"))
        if token.mode == "list-forbidden":
            return self.answer(403, error("Forbidden", "ForbiddenByRbac"))
        names = sorted(vault)
        start = int(self.query.get("$skiptoken", "0"))
        counts.next("list pages")
        page = names[start : start + size]
        # The second page is empty, which says nothing about what comes.
        skip = start + size
        if start == 25 and "empty" not in self.query:
            page, skip = [], start
        following = None
        if start + size < len(names):
            marker = "&empty=1" if start == 25 and skip == start else ""
            host = f"https://{VAULT}"
            if token.mode == "next-elsewhere":
                host = "https://elsewhere.example"
            following = f"{host}/secrets?api-version={self.query['api-version']}&$skiptoken={skip}&maxresults={size}{marker}"
            if token.mode == "next-repeats":
                following = f"{host}{self.path}"
        self.answer(
            200,
            {
                "value": [vault[name][-1].bundle(name, with_value=False, with_version=False) for name in page],
                "nextLink": following,
            },
        )


class Machine(Exchange):
    """The services for managed identities."""

    directory = None
    arc_file = None

    def respond(self):
        counts.next("machine requests")
        resource = self.query.get("resource")
        version = self.query.get("api-version")
        if resource != "https://vault.azure.net":
            return self.answer(400, {"error": "invalid_resource"})
        if self.route == "/metadata/identity/oauth2/token":
            if self.headers.get("Metadata") != "true" or version != "2018-02-01":
                return self.answer(400, {"error": "invalid_request"})
            if self.query.get("client_id", "").endswith("0"):
                return self.answer(400, {"error": "invalid_request", "error_description": "Identity not found"})
            if self.query.get("client_id", "").endswith("4") and counts.next("metadata is updated") == 1:
                return self.answer(410, {})
            token = Token("managed-1", resource, {"access_token": {}})
            return self.answer(
                200,
                {
                    "access_token": token.text, "expires_in": "86399", "expires_on": str(int(time.time()) + 86399),
                    "resource": resource, "token_type": "Bearer",
                },
            )
        if self.route == "/msi/token":
            if self.headers.get("X-IDENTITY-HEADER") != "header of the app" or version != "2019-08-01":
                return self.answer(403, {})
            token = Token("managed-1", resource, {"access_token": {}})
            return self.answer(
                200,
                {"access_token": token.text, "expires_on": str(int(time.time()) + 3600), "token_type": "Bearer"},
            )
        if self.route == "/arc/token" and self.headers.get("Metadata") == "true" and version == "2020-06-01":
            return self.arc(resource)
        self.answer(404, {})

    def arc(self, resource):
        path = os.path.join(self.directory, "one.key")
        if self.query.get("client_id", "").endswith("2"):
            path = "/etc/hostname"
        if "Authorization" not in self.headers:
            with open(os.path.join(self.directory, "one.key"), "w") as file:
                file.write("key of the agent")
            return self.answer(401, {}, {"WWW-Authenticate": f"Basic realm={path}"})
        if self.headers["Authorization"] != "Basic key of the agent":
            return self.answer(401, {})
        token = Token("managed-1", resource, {"access_token": {}})
        answer = {"access_token": token.text, "expires_in": 3600, "token_type": "Bearer"}
        if self.query.get("client_id", "").endswith("1"):
            answer["client_id"] = self.query["client_id"]
        self.answer(200, answer)


def fill():
    """What is in the vault from the beginning."""
    now = int(time.time())
    vault["db-password"] = [Version("hunter2"), Version("hunter3")]
    vault["expired"] = [Version("old", attributes={"exp": now - 3600})]
    vault["not-yet"] = [Version("new", attributes={"nbf": now + 3600})]
    vault["disabled"] = [Version("on"), Version("off", attributes={"enabled": False})]
    vault["binary"] = [Version(base64.b64encode(b"\xff\x00\xfe").decode(), "application/octet-stream;base64")]
    vault["not-base64"] = [Version("***", "application/octet-stream;base64")]
    vault["nul"] = [Version("a\0b\n\"\\\u00e9")]
    vault["certificate"] = [Version("MIIK", "application/x-pkcs12", managed=True)]
    for name in ("unauthorized", "revoked-once", "claims", "claims-never", "scope-form", "throttled-1", "unavailable-2"):
        vault[name] = [Version("behind " + name)]
    for number in range(60):
        vault[f"page-{number:02}"] = [Version(str(number))]
    deleted["soft-deleted"] = [Version("gone")]


def issue_certificate(subject, key, issuer, issuer_key, names=(), is_authority=False):
    now = datetime.datetime.now(datetime.timezone.utc)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(names)), critical=False)
    if is_authority:
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def key_pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def main():
    global certificate
    import ipaddress

    Machine.directory = sys.argv[1] if len(sys.argv) > 1 else tempfile.gettempdir()
    root_key = ec.generate_private_key(ec.SECP256R1())
    root = issue_certificate("authority of the double", root_key, None, root_key, is_authority=True)
    server_key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName(one) for one in (VAULT, AUTHORITY, "localhost")]
    names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    server = issue_certificate("double", server_key, root, root_key, names)
    application_key = rsa.generate_private_key(65537, 2048)
    certificate = issue_certificate("application", application_key, None, application_key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(key_pem(server_key) + pem(server))
        file.flush()
        context.load_cert_chain(file.name)
    fill()
    cloud, machine = Service(Cloud, context), Service(Machine)
    run_until_told_to_end(
        {
            "port": cloud.port, "machine": machine.port, "authority": pem(root), "tenant": TENANT, "secret": SECRET,
            "federated": FEDERATED, "certificate": pem(certificate) + key_pem(application_key),
        }
    )


main()

"""A double of HashiCorp Vault and OpenBao: tokens, ways to log in, wrapping, and key-value engines of both versions.

It serves HTTP at `port` and HTTPS at `secure`, where it knows the certificate `client`. What it was asked is told at
`/__double/log`, and `/__double/faults` makes answers fail.
"""

import datetime
import fnmatch
import ipaddress
import json
import os
import secrets
import ssl
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import serving

lock = threading.RLock()
log = []
faults = []
tokens = {}
wrapped = {}
secret_ids = {}
# By namespace and mount.
MOUNTS = {"secret": 2, "kv": 1, "team/kv": 2, "transit": None}
stores = {}

POLICIES = {
    "root": {"*": "create read update patch delete list sudo"},
    "default": {
        "auth/token/lookup-self": "read", "auth/token/renew-self": "update", "auth/token/revoke-self": "update",
        "sys/internal/ui/mounts/*": "read",
    },
    "app": {
        "secret/*": "create read update patch delete list", "kv/*": "create read update delete list",
        "team/kv/*": "create read update patch delete list", "secret/data/forbidden/*": "deny",
    },
    "no-patch": {"secret/*": "create read update delete list"},
    "read-only": {"secret/data/*": "read"},
    "blind": {"secret/data/*": "delete create"},
}

# Roles by what their tokens are like.
ROLES = {
    "normal": {}, "short": {"ttl": 60, "max_ttl": 1000}, "capped": {"ttl": 60, "max_ttl": 60}, "batch": {"type": "batch"},
    "burning": {"num_uses": 3}, "unbound": {"bind_secret_id": False}, "no-renewal": {"ttl": 60, "renewable": False},
}


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")


def new_token(policies=("app", "default"), ttl=3600, max_ttl=2764800, renewable=True, num_uses=0, type="service"):
    token = ("hvs." if type == "service" else "hvb.") + secrets.token_urlsafe(24)
    tokens[token] = {
        "policies": list(policies), "ttl": ttl, "max_ttl": max_ttl, "renewable": renewable and type == "service" and ttl > 0,
        "num_uses": num_uses, "type": type, "made": time.monotonic(), "end": time.monotonic() + ttl if ttl else None,
        "accessor": secrets.token_hex(12),
    }
    return token


tokens["root"] = {
    "policies": ["root"], "ttl": 0, "max_ttl": 0, "renewable": False, "num_uses": 0, "type": "service",
    "made": time.monotonic(), "end": None, "accessor": "root",
}


class Refused(Exception):
    def __init__(self, status, *errors, **more):
        self.status, self.body = status, {"errors": list(errors), **more}


def capabilities(policies, path):
    """The longest path of all policies counts, as in Vault; `*` stands for any ending, `+` for one segment."""
    best, found = -1, set()
    for policy in policies:
        for pattern, words in POLICIES.get(policy, {}).items():
            exact = pattern.rstrip("*")
            matches = path.startswith(exact) if pattern.endswith("*") else path == pattern
            if matches and len(exact) >= best:
                found = set(words.split()) if len(exact) > best else found | set(words.split())
                best = len(exact)
    return set() if "deny" in found else found


class KV:
    """One engine's secrets: by path a list of versions, or a map for version 1."""

    def __init__(self, version):
        self.version = version
        self.secrets = {}
        self.cas_required = set()

    def names(self, folder):
        beginning = folder.rstrip("/") + "/" if folder.strip("/") else ""
        names = set()
        for path in self.secrets:
            if path.startswith(beginning):
                head, slash, _ = path[len(beginning):].partition("/")
                names.add(head + slash)
        return sorted(names)


def store(namespace, mount):
    return stores.setdefault((namespace, mount), KV(MOUNTS[mount]))


class Handler(serving.Exchange):
    def respond(self):
        if self.route.startswith("/__double/"):
            return self.control(self.route[len("/__double/"):])
        with lock:
            log.append(f"{self.command} {self.route}" + ("?" + self.path.split("?", 1)[1] if "?" in self.path else ""))
            fault = next((f for f in faults if fnmatch.fnmatch(self.route, f["path"]) and f.get("method") in (None, self.command)), None)
            if fault:
                fault["times"] = fault.get("times", 1) - 1
                if fault["times"] <= 0:
                    faults.remove(fault)
        if fault:
            if fault.get("after"):
                # The request is done, and its answer lost.
                try:
                    self.serve()
                except Refused:
                    pass
            if "act" in fault:
                return self.misbehave(fault["act"])
            return self.answer(fault["status"], fault.get("body", {"errors": []}), fault.get("headers", {}))
        try:
            result = self.serve()
            if result is None:
                self.answer(204, b"")
            else:
                self.answer(200, result)
        except Refused as refusal:
            self.answer(refusal.status, refusal.body)

    do_LIST = serving.Exchange.handle_any

    def answer(self, status, body=None, headers=()):
        # The official client knows this type only when it is written exactly so.
        if not isinstance(body, bytes):
            body, headers = json.dumps(body).encode(), {"Content-Type": "application/json", **dict(headers)}
        super().answer(status, body, headers)

    def control(self, what):
        if what == "log":
            with lock:
                self.answer(200, log)
        elif what == "faults":
            with lock:
                faults.extend(self.json_body()["faults"])
            self.answer(200, {})
        elif what == "revoke-all":
            with lock:
                for token in [token for token in tokens if token != "root"]:
                    del tokens[token]
            self.answer(200, {})
        elif what == "tokens":
            with lock:
                self.answer(200, {"count": len(tokens) - 1})
        elif what == "new-token":
            with lock:
                self.answer(200, {"token": new_token(**self.json_body())})
        elif what == "seen":
            self.answer(200, self.json_body())

    # Requests

    def serve(self):
        with lock:
            if self.headers.get("X-Vault-Request") != "true":
                raise Refused(412, "missing 'X-Vault-Request' header")
            if not self.route.startswith("/v1/"):
                raise Refused(404)
            path = serving.urllib.parse.unquote(self.route[4:]).strip("/")
            if path.endswith(".") or ".." in path.split("/"):
                raise Refused(404, "unsupported path")
            self.namespace = (self.headers.get("X-Vault-Namespace") or "").strip("/")
            self.operation = self.command
            if self.command == "GET" and self.query.get("list") == "true":
                self.operation = "LIST"
            if self.command == "PUT":
                self.operation = "POST"
            content = self.headers.get("Content-Type", "")
            if self.command == "PATCH" and content != "application/merge-patch+json":
                raise Refused(415, "PATCH requires Content-Type of application/merge-patch+json, provided " + content)
            try:
                self.data = self.json_body()
            except ValueError:
                raise Refused(400, "failed to parse JSON input: invalid character") from None
            result = self.unauthenticated(path)
            if result is None:
                self.authorise(path)
                result = self.authenticated(path)
            ttl = self.headers.get("X-Vault-Wrap-TTL")
            return self.wrap(result, path, ttl) if ttl else result or None

    def unauthenticated(self, path):
        if path.startswith("auth/") and path.endswith("/login") and self.operation == "POST":
            return self.login(path[len("auth/"):-len("/login")])
        if path == "sys/wrapping/lookup":
            found = wrapped.get(self.data.get("token") or self.headers.get("X-Vault-Token"))
            if not found:
                raise Refused(400, "wrapping token is not valid or does not exist")
            return self.envelope({"creation_path": found["path"], "creation_time": now(), "creation_ttl": 60})
        if path == "sys/wrapping/unwrap":
            header, body = self.headers.get("X-Vault-Token"), self.data.get("token")
            if header and body and header == body:
                raise Refused(400, "token in both the header and the body")
            found = wrapped.pop(body or header, None)
            if not found:
                raise Refused(400, "wrapping token is not valid or does not exist")
            return found["answer"]
        if path == "sys/health":
            return {"initialized": True, "sealed": False, "standby": False, "version": "1.20.0"}
        return None

    def authorise(self, path):
        shown = self.headers.get("X-Vault-Token")
        if not shown and self.headers.get("Authorization", "").startswith("Bearer "):
            shown = self.headers["Authorization"][len("Bearer "):]
        if not shown:
            raise Refused(400, "missing client token")
        token = tokens.get(shown)
        if not token or (token["end"] and token["end"] < time.monotonic()):
            tokens.pop(shown, None)
            raise Refused(403, "permission denied", "invalid token")
        if token["num_uses"]:
            token["num_uses"] -= 1
            if token["num_uses"] == 0:
                del tokens[shown]
        self.token, self.shown = token, shown
        need = {"GET": "read", "POST": "update", "PATCH": "patch", "DELETE": "delete", "LIST": "list"}.get(self.operation)
        allowed = capabilities(token["policies"], path)
        if need == "update":
            if not allowed & {"update", "create"}:
                raise Refused(403, "1 error occurred:\n\t* permission denied\n\n")
        elif need not in allowed:
            raise Refused(403, "1 error occurred:\n\t* permission denied\n\n")

    def authenticated(self, path):
        if path.startswith("auth/token/"):
            return self.token_operation(path[len("auth/token/"):])
        if path.startswith("auth/approle/role/"):
            return self.role_operation(path.split("/")[3:])
        if path.startswith("sys/internal/ui/mounts/"):
            return self.mount_of(path[len("sys/internal/ui/mounts/"):])
        mount = next((m for m in sorted(MOUNTS, key=len, reverse=True) if path == m or path.startswith(m + "/")), None)
        if mount is None or MOUNTS[mount] is None:
            raise Refused(404, f"no handler for route \"{path}\". route entry not found.")
        rest = path[len(mount):].strip("/")
        engine = store(self.namespace, mount)
        return self.versioned(engine, rest) if engine.version == 2 else self.plain(engine, rest)

    def envelope(self, data, **more):
        return {
            "request_id": secrets.token_hex(16), "lease_id": "", "renewable": False, "lease_duration": 0, "data": data,
            "wrap_info": None, "warnings": None, "auth": None, **more,
        }

    def wrap(self, result, path, ttl):
        token = "hvs." + secrets.token_urlsafe(24)
        wrapped[token] = {"answer": result, "path": path}
        return self.envelope(None, wrap_info={
            "token": token, "accessor": secrets.token_hex(12), "ttl": int(ttl.rstrip("s")), "creation_time": now(),
            "creation_path": path,
        })

    # Tokens

    def auth(self, shown):
        token = tokens[shown]
        return self.envelope(None, auth={
            "client_token": shown, "accessor": token["accessor"], "policies": token["policies"],
            "token_policies": token["policies"], "metadata": None, "lease_duration": token["ttl"],
            "renewable": token["renewable"], "entity_id": "", "token_type": token["type"], "orphan": True,
            "mfa_requirement": None, "num_uses": token["num_uses"],
        })

    def token_operation(self, name):
        left = self.token["ttl"] - int(time.monotonic() - self.token["made"])
        left = max(1, left) if self.token["ttl"] else 0
        if name == "lookup-self":
            return self.envelope({
                "id": self.shown, "accessor": self.token["accessor"], "policies": self.token["policies"], "ttl": left,
                "creation_ttl": self.token["ttl"], "renewable": self.token["renewable"], "num_uses": self.token["num_uses"],
                "type": self.token["type"], "orphan": True, "path": "auth/token/create", "meta": None, "display_name": "token",
            })
        if name == "renew-self":
            if not self.token["renewable"]:
                raise Refused(400, "lease is not renewable")
            wanted = int(str(self.data.get("increment", self.token["ttl"])).rstrip("s"))
            # Once the longest life is over, nothing is added to it.
            longest = self.token["max_ttl"] - int(time.monotonic() - self.token["made"])
            self.token["ttl"] = 0 if longest <= self.token["ttl"] else min(wanted, longest)
            self.token["made"], self.token["max_ttl"] = time.monotonic(), longest
            self.token["end"] = time.monotonic() + max(self.token["ttl"], 1)
            return self.auth(self.shown)
        if name == "revoke-self":
            if self.token["type"] == "batch":
                raise Refused(400, "batch tokens cannot be revoked")
            tokens.pop(self.shown, None)
            return None
        if name == "create":
            return self.auth(new_token(
                self.data.get("policies") or ["default"], int(str(self.data.get("ttl") or "3600").rstrip("s")),
                num_uses=int(self.data.get("num_uses") or 0)))
        raise Refused(404)

    # Logging in

    def login(self, mount):
        if mount in ("approle", "team/approle"):
            role_name = self.data.get("role_id", "")
            if role_name not in ROLES:
                raise Refused(400, "invalid role or secret ID")
            role = ROLES[role_name]
            if role.get("bind_secret_id", True):
                given = self.data.get("secret_id")
                if given is None:
                    raise Refused(400, "missing secret_id")
                uses = secret_ids.get(given)
                if given != "the-secret-id" and uses is None:
                    raise Refused(400, "invalid role or secret ID")
                if uses == 1:
                    del secret_ids[given]
                elif uses:
                    secret_ids[given] = uses - 1
            return self.auth(self.token_of(role))
        if mount in ("kubernetes", "jwt"):
            role = self.data.get("role", "normal" if mount == "jwt" else "")
            if role not in ROLES:
                raise Refused(400, f"invalid role name \"{role}\"")
            if self.data.get("jwt") != f"the-{mount}-token":
                raise Refused(403 if mount == "kubernetes" else 400, "error verifying token: token is unauthorized")
            return self.auth(self.token_of(ROLES[role]))
        if mount == "cert":
            certificate = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
            if not certificate:
                raise Refused(400, "client certificate must be supplied" if certificate is None else "no certificate")
            if self.data.get("name") not in (None, "web"):
                raise Refused(400, "no certificate found with the name")
            return self.auth(new_token())
        raise Refused(404, f"no handler for route \"auth/{mount}/login\". route entry not found.")

    def token_of(self, role):
        settings = {name: role[name] for name in ("ttl", "max_ttl", "renewable", "num_uses", "type") if name in role}
        return new_token(**settings)

    def role_operation(self, parts):
        if len(parts) == 2 and parts[1] == "role-id" and self.operation == "GET":
            if parts[0] not in ROLES:
                raise Refused(404)
            return self.envelope({"role_id": parts[0]})
        if len(parts) == 2 and parts[1] in ("secret-id", "custom-secret-id") and self.operation == "POST":
            made = self.data.get("secret_id") or secrets.token_hex(16)
            uses = int(self.data.get("num_uses") or 0)
            secret_ids[made] = uses
            return self.envelope({
                "secret_id": made, "secret_id_accessor": secrets.token_hex(12), "secret_id_ttl": 0, "secret_id_num_uses": uses,
            })
        raise Refused(404)

    # Engines

    def mount_of(self, path):
        mount = next((m for m in sorted(MOUNTS, key=len, reverse=True) if path == m or path.startswith(m + "/")), None)
        # Without any right below a mount, the vault does not tell that it is there.
        below = any(
            pattern == "*" or pattern.startswith((mount or "?") + "/")
            for policy in self.token["policies"] for pattern in POLICIES.get(policy, {}))
        if mount is None or not below:
            raise Refused(403, "preflight capability check returned 403, please ensure client's policies grant access to path \"" + path + "/\"")
        version = MOUNTS[mount]
        return self.envelope({
            "path": mount + "/", "type": "kv" if version else "transit", "description": "", "local": False,
            "options": {"version": "2"} if version == 2 else None, "config": {},
        })

    def plain(self, engine, path):
        if self.operation == "LIST":
            names = engine.names(path)
            if not names:
                raise Refused(404)
            return self.envelope({"keys": names})
        if self.operation == "GET":
            if path not in engine.secrets:
                raise Refused(404)
            return self.envelope(engine.secrets[path], lease_duration=2764800)
        if self.operation == "POST":
            if not self.data:
                raise Refused(400, "missing data fields")
            engine.secrets[path] = self.data
            return None
        if self.operation == "DELETE":
            engine.secrets.pop(path, None)
            return None
        raise Refused(405, "1 error occurred:\n\t* unsupported operation\n\n")

    def versioned(self, engine, path):
        kind, _, name = path.partition("/")
        if self.operation == "LIST" and kind == "metadata":
            names = engine.names(name)
            if not names:
                raise Refused(404)
            return self.envelope({"keys": names})
        if kind == "config" and not name:
            return self.envelope({"max_versions": 0, "cas_required": False, "delete_version_after": "0s"})
        if kind not in ("data", "metadata", "delete", "undelete", "destroy") or not name:
            raise Refused(404, data=None, warnings=[
                "Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use."
            ])
        versions = engine.secrets.get(name)
        if kind == "data":
            return self.value(engine, name, versions)
        if kind == "metadata":
            if self.operation == "POST":
                if self.data.get("cas_required"):
                    engine.cas_required.add(name)
                engine.secrets.setdefault(name, [])
                return None
            if versions is None:
                raise Refused(404)
            if self.operation == "DELETE":
                del engine.secrets[name]
                return None
            return self.envelope({
                "current_version": len(versions), "oldest_version": max(1, len(versions) - 9), "created_time": now(),
                "updated_time": now(), "max_versions": 0, "cas_required": name in engine.cas_required,
                "delete_version_after": "0s", "custom_metadata": None,
                "versions": {
                    str(number + 1): {key: version["metadata"][key] for key in ("created_time", "deletion_time", "destroyed")}
                    for number, version in enumerate(versions)
                },
            })
        if versions is None:
            raise Refused(404)
        for number in self.data.get("versions", []):
            version = versions[number - 1]
            if kind == "delete":
                version["metadata"]["deletion_time"] = now()
            elif kind == "undelete":
                version["metadata"]["deletion_time"] = ""
            else:
                version["metadata"]["destroyed"] = True
                version["data"] = None
        return None

    def value(self, engine, name, versions):
        if self.operation == "GET":
            if not versions:
                raise Refused(404)
            number = int(self.query.get("version") or 0) or len(versions)
            if number > len(versions) or number <= len(versions) - 10:
                raise Refused(404)
            version = versions[number - 1]
            gone = version["metadata"]["destroyed"] or 0 < len(version["metadata"]["deletion_time"]) and version["metadata"]["deletion_time"] <= now()
            body = self.envelope({"data": None if gone else version["data"], "metadata": version["metadata"]})
            if gone:
                refusal = Refused(404)
                refusal.body = body
                raise refusal
            return body
        if self.operation == "DELETE":
            if versions:
                versions[-1]["metadata"]["deletion_time"] = now()
            return None
        if self.operation not in ("POST", "PATCH"):
            raise Refused(405, "1 error occurred:\n\t* unsupported operation\n\n")
        options, data = self.data.get("options") or {}, self.data.get("data")
        if data is None:
            raise Refused(400, "no data provided")
        current = len(versions or [])
        if "cas" in options and options["cas"] != current:
            raise Refused(400, "check-and-set parameter did not match the current version")
        if "cas" not in options and name in engine.cas_required:
            raise Refused(400, "check-and-set parameter required for this call")
        if self.operation == "PATCH":
            if not versions or versions[-1]["data"] is None or versions[-1]["metadata"]["deletion_time"]:
                raise Refused(404)
            merged = dict(versions[-1]["data"])
            for field, value in data.items():
                merged.pop(field, None) if value is None else merged.__setitem__(field, value)
            data = merged
        metadata = {
            "version": current + 1, "created_time": now(), "deletion_time": options.get("deletion_time", ""),
            "destroyed": False, "custom_metadata": None,
        }
        engine.secrets.setdefault(name, []).append({"data": data, "metadata": metadata})
        return self.envelope(dict(metadata))


def certificate(name, issuer=None, names=None):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    moment = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(moment - datetime.timedelta(days=1)).not_valid_after(moment + datetime.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256()), key


def pem(pair):
    certificate, key = pair
    return (
        certificate.public_bytes(serialization.Encoding.PEM).decode(),
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode(),
    )


authority = certificate("Double's authority")
client, stranger = certificate("web", authority), certificate("stranger")
name, address = x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


def encryption(*names):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("".join(pem(certificate("localhost", authority, names))))
        file.flush()
        context.load_cert_chain(file.name)
    context.load_verify_locations(cadata=pem(authority)[0])
    context.verify_mode = ssl.CERT_OPTIONAL
    return context


plain, secure = serving.Service(Handler), serving.Service(Handler, encryption(name, address))
# Whoever owns an address has a certificate for it, and nothing else.
address_only = serving.Service(Handler, encryption(address))
serving.run_until_told_to_end({
    "port": plain.port, "secure": secure.port, "address-only": address_only.port, "authority": pem(authority)[0], "client": "".join(pem(client)),
    "stranger": "".join(pem(stranger)),
})

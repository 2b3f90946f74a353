"""A double of AWS Secrets Manager, Parameter Store and the Security Token Service, of the metadata service of EC2 and of
the credential services of containers. It checks what AWS checks and moto does not: signatures, limits, names, tokens of
requests. Names of secrets say how requests for them fare; see `fate`.

What it says of itself: port (AWS), metadata (EC2), container, wrong (a port with a certificate that nobody trusts),
closed (a port where nobody listens), and keys.
"""

import base64
import binascii
import datetime
import email.utils
import json
import re
import socket
import sys
import threading
import time
import urllib.parse
import uuid
from pathlib import Path

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

sys.path.insert(0, str(Path(__file__).parent))
from serving import Counts, Exchange, Service, run_until_told_to_end  # noqa: E402

LIFETIME = 3600
# Each caller's key, its secret part, and the token that goes with it.
KEYS = {
    "AKIADOUBLE": ("double/secret+key", None),
    "AKIASKEWED": ("double/secret+key", None),
    "AKIANOROLE": ("double/secret+key", None),
    "ASIACONTAINER": ("container/secret", "container-token"),
    "ASIAINSTANCE": ("instance/secret", "instance-token"),
    "AKIAPROCESS": ("process/secret", None),
}
ROLE = "arn:aws:iam::111122223333:role/reader"
EXTERNAL_ID = "external&id=1"
WEB_TOKEN = "web.identity+token/="
SKEW = 15 * 60
counts = Counts()
secrets = {}
parameters = {}
drops = set()
signing = threading.local()
botocore.auth.get_current_datetime = lambda *_, **__: signing.moment


class Refusal(Exception):
    def __init__(self, code, message="", status=400, headers=()):
        self.code, self.message, self.status, self.headers = code, message, status, headers


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def stamp(seconds):
    return (now() + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def verify(exchange, service):
    """Checks the signature by making it once more, with botocore; returns the name of the key."""
    header = exchange.headers.get("Authorization", "")
    match = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)",
        header)
    if not match:
        raise Refusal("MissingAuthenticationToken" if not header else "IncompleteSignature", status=403)
    key, _, region, signed_service, names, signature = match.groups()
    if key not in KEYS:
        raise Refusal("UnrecognizedClientException" if service != "sts" else "InvalidClientTokenId", "no such key")
    secret, token = KEYS[key]
    if (token or "") != exchange.headers.get("X-Amz-Security-Token", ""):
        raise Refusal("UnrecognizedClientException", "the token is not the key's")
    if token in drops:
        drops.discard(token)
        raise Refusal("ExpiredTokenException", "the token has expired")
    if signed_service != service or region != "eu-west-1":
        raise Refusal("SignatureDoesNotMatch", "Credential should be scoped to a valid region.")
    names = names.split(";")
    for name in ["host", "x-amz-date"] + (["x-amz-target"] if service != "sts" else []):
        if name not in names:
            raise Refusal("IncompleteSignature", "a header is not signed")
    moment = datetime.datetime.strptime(exchange.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    signing.moment = moment
    request = AWSRequest("POST", f"http://{exchange.headers['Host']}{exchange.path}", data=exchange.body)
    for name in names:
        if name not in ("host", "x-amz-date", "x-amz-security-token"):
            request.headers.add_header(name, exchange.headers[name])
    botocore.auth.SigV4Auth(Credentials(key, secret, token), service, region).add_auth(request)
    if request.headers["Authorization"].split("Signature=")[1] != signature:
        raise Refusal("SignatureDoesNotMatch" if service == "sts" else "InvalidSignatureException", "it does not match")
    ahead = SKEW if key == "AKIASKEWED" else 0
    if abs((now() - moment).total_seconds() + ahead) > 300:
        raise Refusal("InvalidSignatureException", "Signature expired: 20150830T123600Z is now earlier than ...")
    return key


def fate(exchange, operation, name):
    """Fails as the last part of a name says."""
    word = name.rsplit("/", 1)[-1].split(":")[0]
    match = re.fullmatch(r"(throttled|unavailable|expired-token)-(\d+)", word)
    if match and counts.next(f"fate {operation} {name}") <= int(match[2]):
        if match[1] == "throttled":
            raise Refusal("ThrottlingException", "Rate exceeded")
        if match[1] == "unavailable":
            raise Refusal("InternalServiceError", status=503)
        raise Refusal("ExpiredTokenException", "The security token included in the request is expired")
    codes = {
        "throttled": "ThrottlingException", "denied": "com.amazon.coral.service#AccessDeniedException",
        "decryption": "DecryptionFailure", "key-id": "InvalidKeyId:https://internal.amazon.com/coral/",
        "invalid": "InvalidParameterException", "validation": "ValidationException", "quota": "LimitExceededException",
        "full": "ParameterLimitExceeded", "updates": "TooManyUpdates", "unknown": "SomethingNewException",
        "service-managed": "InvalidRequestException",
    }
    if word in codes:
        raise Refusal(codes[word], "the words of " + word)
    if word == "denied-kms":
        raise Refusal("AccessDeniedException", "Access to KMS is not allowed")
    if word == "denied-endpoint":
        raise Refusal("AccessDeniedException", "... with an explicit deny in a VPC endpoint policy")
    if word == "broken":
        raise Refusal("InternalServiceError", status=500)
    # As a proxy in between would answer, or moto for what IAM forbids.
    for status in (401, 403, 404, 413, 429, 502):
        if word == f"status-{status}":
            exchange.answer(status, b"<html>no code</html>")
            return True
    if word == "slow":
        time.sleep(3)
    return exchange.misbehave(word)


def check_name(name, characters, longest):
    if not 1 <= len(name) <= longest or not re.fullmatch(characters, name):
        raise Refusal("ValidationException", "the name")


class AWS(Exchange):
    def handle_any(self):
        if self.path.startswith("/__double/"):
            return self.control()
        super().handle_any()

    do_POST = do_GET = do_PUT = handle_any

    def control(self):
        if self.path == "/__double/counts":
            self.answer(200, counts.values)
        else:
            drops.add(urllib.parse.unquote(self.path.rsplit("/", 1)[-1]))
            self.answer(200, {})

    def date_time_string(self, timestamp=None):
        ahead = SKEW if "AKIASKEWED" in self.headers.get("Authorization", "") else 0
        return email.utils.formatdate((timestamp or time.time()) + ahead, usegmt=True)

    def respond(self):
        target = self.headers.get("X-Amz-Target", "")
        try:
            if not target:
                return self.respond_as_sts()
            if self.command != "POST" or self.path != "/" or self.headers["Content-Type"] != "application/x-amz-json-1.1":
                raise Refusal("SerializationException")
            prefix, operation = target.split(".")
            services = {"secretsmanager": (SecretsManager, "secretsmanager"), "AmazonSSM": (ParameterStore, "ssm")}
            operations, service = services[prefix]
            counts.next(operation)
            key = verify(self, service)
            counts.next(f"by {key}")
            body = self.json_body()
            name = body.get("SecretId") or body.get("Name") or ""
            if isinstance(name, str) and fate(self, operation, name):
                return None
            handler = getattr(operations, operation, None)
            if handler is None:
                raise Refusal("UnknownOperationException")
            result = handler(body)
            self.answer(200, result, {"x-amzn-RequestId": str(uuid.uuid4())})
        except Refusal as refusal:
            body = {"__type": refusal.code, "Message" if target.startswith("s") else "message": refusal.message}
            self.answer(refusal.status, body, refusal.headers)

    def respond_as_sts(self):
        form = self.form()
        try:
            action = form.get("Action")
            counts.next(str(action))
            if form.get("Version") != "2011-06-15" or not re.fullmatch(r"[\w+=,.@-]{2,64}", form.get("RoleSessionName", "")):
                raise Refusal("ValidationError")
            if action == "AssumeRole":
                key = verify(self, "sts")
                if key == "AKIANOROLE" or form["RoleArn"] != ROLE or form.get("ExternalId") not in (None, EXTERNAL_ID):
                    raise Refusal("AccessDenied", "not authorized to perform: sts:AssumeRole", 403)
            elif action == "AssumeRoleWithWebIdentity":
                if "Authorization" in self.headers:
                    raise Refusal("ValidationError", "this request is not signed")
                if form["WebIdentityToken"] != WEB_TOKEN:
                    raise Refusal("ExpiredTokenException", "Token expired")
            else:
                raise Refusal("InvalidAction")
        except Refusal as refusal:
            text = (f"<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>"
                    f"<Code>{refusal.code}</Code><Message>{refusal.message}</Message></Error><RequestId>1</RequestId></ErrorResponse>")
            return self.answer(refusal.status, text.encode(), {"Content-Type": "text/xml"})
        key, secret, token = f"ASIA{uuid.uuid4().hex[:12].upper()}", f"role/{uuid.uuid4()}", f"session+{uuid.uuid4()}/=="
        KEYS[key] = (secret, token)
        counts.values["last token"] = token
        ends = stamp(int(form.get("DurationSeconds", LIFETIME)))
        self.answer(200, f"""<?xml version="1.0"?>
<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <{action}Result>
    <AssumedRoleUser><Arn>{form["RoleArn"]}</Arn></AssumedRoleUser>
    <Credentials>
      <AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{secret.replace("/", "&#x2F;")}</SecretAccessKey>
      <SessionToken>{token.replace("=", "&#61;")}</SessionToken><Expiration>{ends}</Expiration>
    </Credentials>
  </{action}Result>
</{action}Response>""".encode(), {"Content-Type": "text/xml"})


class SecretsManager:
    @staticmethod
    def find(body, action="read"):
        secret = secrets.get(body["SecretId"])
        if secret is None:
            raise Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        if secret["deleted"] and action != "restore":
            raise Refusal(
                "InvalidRequestException",
                "You can't perform this operation on the secret because it was marked for deletion.")
        return secret

    @staticmethod
    def GetSecretValue(body):
        name = body["SecretId"].rsplit("/", 1)[-1]
        if name == "both":
            return {"Name": name, "VersionId": "v", "SecretString": "a", "SecretBinary": "YQ=="}
        if name == "bad-base64":
            return {"Name": name, "VersionId": "v", "SecretBinary": "YQ=x"}
        if name == "no-value":
            return {"Name": name, "VersionId": "v"}
        if name == "nul":
            return {"Name": name, "VersionId": "v" * 32, "SecretString": "a\0b", "VersionStages": ["AWSCURRENT"]}
        secret = SecretsManager.find(body)
        stage, id = body.get("VersionStage"), body.get("VersionId")
        if id is None:
            id = secret["stages"].get(stage or "AWSCURRENT")
        version = secret["versions"].get(id)
        if version is None or stage and secret["stages"].get(stage) != id:
            raise Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret value")
        return {
            "ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:" + body["SecretId"] + "-AbCdEf",
            "Name": body["SecretId"], "VersionId": id, "CreatedDate": version["created"],
            "VersionStages": [name for name, of in secret["stages"].items() if of == id], **version["value"]}

    @staticmethod
    def value(body):
        text, binary = body.get("SecretString"), body.get("SecretBinary")
        if (text is None) == (binary is None):
            raise Refusal("InvalidParameterException", "You must provide either SecretString or SecretBinary.")
        try:
            size = len(text.encode()) if text is not None else len(base64.b64decode(binary, validate=True))
        except binascii.Error:
            raise Refusal("SerializationException") from None
        if not 1 <= size <= 65536:
            raise Refusal("ValidationException", "the value is too long or empty")
        if not 32 <= len(body.get("ClientRequestToken") or "") <= 64:
            raise Refusal("InvalidParameterException", "You must provide a ClientRequestToken value.")
        return {"SecretString": text} if text is not None else {"SecretBinary": binary}

    @staticmethod
    def add(secret, body):
        value, token = SecretsManager.value(body), body["ClientRequestToken"]
        if token in secret["versions"]:
            if secret["versions"][token]["value"] != value:
                raise Refusal("ResourceExistsException", "You can't use ClientRequestToken because that value is taken.")
        else:
            secret["versions"][token] = {"value": value, "created": time.time()}
            if "AWSCURRENT" in secret["stages"]:
                secret["stages"]["AWSPREVIOUS"] = secret["stages"]["AWSCURRENT"]
            secret["stages"]["AWSCURRENT"] = token
        return {"Name": body.get("SecretId") or body.get("Name"), "VersionId": token, "VersionStages": ["AWSCURRENT"]}

    @staticmethod
    def PutSecretValue(body):
        secret = SecretsManager.find(body)
        answer = SecretsManager.add(secret, body)
        if body["SecretId"].endswith("/lost-answer") and counts.next("lost answers") == 1:
            raise Refusal("InternalServiceError", status=500)
        return answer

    @staticmethod
    def CreateSecret(body):
        check_name(body["Name"], r"[A-Za-z0-9/_+=.@-]+", 512)
        secret = secrets.get(body["Name"])
        if secret and secret["deleted"]:
            raise Refusal(
                "InvalidRequestException",
                "You can't create this secret because a secret with this name is already scheduled for deletion.")
        if secret and body["ClientRequestToken"] not in secret["versions"]:
            raise Refusal("ResourceExistsException", "The operation failed because the secret already exists.")
        if not secret:
            secret = {"versions": {}, "stages": {}, "deleted": None, "created": time.time(), "key": body.get("KmsKeyId")}
        answer = SecretsManager.add(secret, body)
        secrets[body["Name"]] = secret
        return answer

    @staticmethod
    def DeleteSecret(body):
        secret = SecretsManager.find(body)
        days = body.get("RecoveryWindowInDays", 30)
        if not 7 <= days <= 30:
            raise Refusal("InvalidParameterException")
        secret["deleted"] = time.time() + days * 86400
        return {"Name": body["SecretId"], "DeletionDate": secret["deleted"]}

    @staticmethod
    def RestoreSecret(body):
        SecretsManager.find(body, "restore")["deleted"] = None
        return {"Name": body["SecretId"]}

    @staticmethod
    def DescribeSecret(body):
        secret = SecretsManager.find(body, "restore")
        ids = {}
        for stage, id in secret["stages"].items():
            ids.setdefault(id, []).append(stage)
        return {"Name": body["SecretId"], "VersionIdsToStages": ids, "KmsKeyId": secret["key"]}

    @staticmethod
    def ListSecrets(body):
        prefix = ""
        for filter in body.get("Filters", []):
            if filter["Key"] != "name" or len(filter["Values"]) != 1:
                raise Refusal("InvalidParameterException", "Filters")
            prefix = filter["Values"][0]
        if not 1 <= body.get("MaxResults", 100) <= 100:
            raise Refusal("InvalidParameterException", "MaxResults")
        token = body.get("NextToken")
        if prefix == "pages/":
            # An empty page with a next one, and then the rest.
            return {"SecretList": [], "NextToken": "t1"} if token is None else {"SecretList": [{"Name": "pages/a"}]}
        if prefix == "repeats/":
            return {"SecretList": [{"Name": "repeats/a"}], "NextToken": "again"}
        if prefix == "ended-token/":
            if token is not None and counts.next("ended tokens") == 1:
                raise Refusal("InvalidNextTokenException")
            names = ["ended-token/a"] if token is None else ["ended-token/b"]
            return {"SecretList": [{"Name": name} for name in names], **({"NextToken": "t"} if token is None else {})}
        if prefix == "denied/":
            raise Refusal("AccessDeniedException", "not authorized to perform: secretsmanager:ListSecrets")
        names = sorted(name for name, secret in secrets.items() if name.startswith(prefix) and not secret["deleted"])
        start = int(token or 0)
        page = names[start:start + body.get("MaxResults", 100)]
        answer = {"SecretList": [{"Name": name, "LastChangedDate": secrets[name]["created"]} for name in page]}
        if start + len(page) < len(names):
            answer["NextToken"] = str(start + len(page))
        return answer


class ParameterStore:
    @staticmethod
    def find(name):
        parameter = parameters.get(name)
        if parameter is None:
            raise Refusal("ParameterNotFound")
        return parameter

    @staticmethod
    def GetParameter(body):
        name, _, selector = body["Name"].partition(":")
        parameter = ParameterStore.find(name)
        number = len(parameter["versions"])
        if selector:
            number = int(selector) if selector.isdigit() else parameter["labels"].get(selector, 0)
        if not 1 <= number <= len(parameter["versions"]):
            raise Refusal("ParameterVersionNotFound")
        version = parameter["versions"][number - 1]
        is_hidden = parameter["type"] == "SecureString" and not body.get("WithDecryption")
        return {"Parameter": {
            "Name": name, "Type": parameter["type"], "Version": number, "LastModifiedDate": version["created"],
            "DataType": "text", "Value": "AQICAHh-ciphertext" if is_hidden else version["value"]}}

    @staticmethod
    def PutParameter(body):
        name = body["Name"]
        words = name.lstrip("/").split("/")
        check_name(name, r"/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*", 936)
        if len(words) > 15:
            raise Refusal("HierarchyLevelLimitExceededException")
        if re.match(r"(?i)aws|ssm", words[0]):
            raise Refusal("ValidationException", "Parameter name: can't be prefixed with")
        size, tier = len(body["Value"].encode()), body.get("Tier", "Standard")
        if not 1 <= size <= (4096 if tier == "Standard" else 8192):
            raise Refusal("ValidationException", f"{tier} tier parameters support a maximum parameter value of ...")
        if "{{" in body["Value"]:
            raise Refusal("ValidationException", "Parameter value can't nest another parameter")
        parameter = parameters.get(name)
        if parameter is None:
            if body.get("Type") not in ("String", "StringList", "SecureString"):
                raise Refusal("ValidationException", "A parameter type is required when you create a parameter.")
            parameter = parameters[name] = {
                "type": body["Type"], "versions": [], "labels": {}, "tags": {}, "key": None}
            parameter["tags"] = {tag["Key"]: tag["Value"] for tag in body.get("Tags", [])}
        elif not body.get("Overwrite"):
            raise Refusal("ParameterAlreadyExists")
        elif "Tags" in body:
            raise Refusal("ValidationException", "tags and overwrite can't be used together")
        elif body.get("Type", parameter["type"]) != parameter["type"]:
            raise Refusal("HierarchyTypeMismatchException")
        if parameter["type"] == "SecureString":
            parameter["key"] = body.get("KeyId", "alias/aws/ssm")
        parameter["versions"].append({"value": body["Value"], "created": time.time()})
        return {"Version": len(parameter["versions"]), "Tier": tier}

    @staticmethod
    def DescribeParameters(body):
        (filter,) = body["ParameterFilters"]
        if filter["Key"] != "Name" or filter.get("Option", "Equals") != "Equals":
            raise Refusal("InvalidFilterKey")
        if not body.get("NextToken"):
            # Pages are best effort.
            return {"Parameters": [], "NextToken": "t"}
        found = [(name, parameters[name]) for name in filter["Values"] if name in parameters]
        return {"Parameters": [
            {"Name": name, "Type": parameter["type"], **({"KeyId": parameter["key"]} if parameter["key"] else {})}
            for name, parameter in found]}

    @staticmethod
    def GetParametersByPath(body):
        path, token = body["Path"], body.get("NextToken")
        if not 1 <= body.get("MaxResults", 10) <= 10 or not path.startswith("/"):
            raise Refusal("ValidationException")
        if path == "/denied":
            raise Refusal("AccessDeniedException", "not authorized to perform: ssm:GetParametersByPath")
        if path == "/pages":
            return {"Parameters": [], "NextToken": "t1"} if token is None else {
                "Parameters": [{"Name": "/pages/a", "Version": 1}]}
        if path == "/repeats":
            return {"Parameters": [], "NextToken": "again"}
        labels = [filter["Values"][0] for filter in body.get("ParameterFilters", []) if filter["Key"] == "Label"]
        start = path.rstrip("/") + "/"
        names = sorted(
            name for name, parameter in parameters.items()
            if ("/" + name.lstrip("/")).startswith(start) and "/" not in ("/" + name.lstrip("/"))[len(start):]
            and all(label in parameter["labels"] for label in labels))
        first = int(token or 0)
        page = names[first:first + body.get("MaxResults", 10)]
        answer = {"Parameters": [
            {"Name": name, "Value": "AQICAHh-ciphertext", "LastModifiedDate": parameters[name]["versions"][-1]["created"]}
            for name in page]}
        if first + len(page) < len(names):
            answer["NextToken"] = str(first + len(page))
        return answer

    @staticmethod
    def LabelParameterVersion(body):
        parameter = ParameterStore.find(body["Name"])
        for label in body["Labels"]:
            parameter["labels"][label] = body.get("ParameterVersion", len(parameter["versions"]))
        return {"InvalidLabels": []}

    @staticmethod
    def ListTagsForResource(body):
        tags = ParameterStore.find(body["ResourceId"])["tags"]
        return {"TagList": [{"Key": key, "Value": value} for key, value in tags.items()]}

    @staticmethod
    def AddTagsToResource(body):
        ParameterStore.find(body["ResourceId"])["tags"].update({tag["Key"]: tag["Value"] for tag in body["Tags"]})
        return {}

    @staticmethod
    def RemoveTagsFromResource(body):
        for key in body["TagKeys"]:
            ParameterStore.find(body["ResourceId"])["tags"].pop(key, None)
        return {}

    @staticmethod
    def DeleteParameter(body):
        ParameterStore.find(body["Name"])
        del parameters[body["Name"]]
        return {}


class Metadata(Exchange):
    """EC2's metadata service, version 2 alone."""

    path_of_roles = "/latest/meta-data/iam/security-credentials/"

    def respond(self):
        if counts.next(f"metadata {self.command} {self.path}") == 1 and flaky_metadata:
            return self.answer(500, b"")
        if self.command == "PUT" and self.path == "/latest/api/token":
            if not 1 <= int(self.headers.get("x-aws-ec2-metadata-token-ttl-seconds", 0)) <= 21600:
                return self.answer(400, b"")
            return self.answer(200, b"metadata-token==")
        if self.headers.get("x-aws-ec2-metadata-token") != "metadata-token==":
            return self.answer(401, b"")
        if self.path == self.path_of_roles:
            return self.answer(200, b"the-role\n")
        if self.path == self.path_of_roles + "the-role":
            # The first ones are near their end, and the service has no fresher ones.
            secret, token = KEYS["ASIAINSTANCE"]
            return self.answer(200, {
                "Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "ASIAINSTANCE", "SecretAccessKey": secret,
                "Token": token, "Expiration": stamp(-60 if near_end else LIFETIME)})
        self.answer(404, b"")


class Container(Exchange):
    """The credential services of containers. The path says how it fares."""

    def respond(self):
        counts.next(f"container {self.path}")
        if self.path.startswith("/broken"):
            return self.answer(500, b"")
        if self.headers.get("Authorization") != "container authorization":
            return self.answer(403, {"message": "no"})
        if self.path.startswith("/odd"):
            return self.answer(200, {"AccessKeyId": "ASIACONTAINER"})
        secret, token = KEYS["ASIACONTAINER"]
        self.answer(200, {
            "AccessKeyId": "ASIACONTAINER", "SecretAccessKey": secret, "Token": token, "Expiration": stamp(LIFETIME)})


class OldMetadata(Exchange):
    """An EC2 metadata service that offers version 1 alone: it must not be used."""

    def respond(self):
        counts.next("metadata of version 1")
        if self.command == "PUT":
            return self.answer(405, b"")
        self.answer(200, {"Code": "Success", "AccessKeyId": "ASIAINSTANCE", "SecretAccessKey": "x", "Token": "y"})


def untrusted():
    """A context with a certificate that nobody trusts."""
    import ssl
    import tempfile
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now() - datetime.timedelta(days=1)).not_valid_after(now() + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(certificate.public_bytes(serialization.Encoding.PEM))
        file.write(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        file.flush()
        context.load_cert_chain(file.name)
    return context


near_end, flaky_metadata = "near-end" in sys.argv[1:], "flaky-metadata" in sys.argv[1:]
closed = socket.socket()
closed.bind(("127.0.0.1", 0))
run_until_told_to_end({
    "port": Service(AWS).port, "metadata": Service(Metadata).port, "container": Service(Container).port,
    "old": Service(OldMetadata).port, "wrong": Service(AWS, untrusted()).port, "closed": closed.getsockname()[1],
    "key": "AKIADOUBLE", "secret": KEYS["AKIADOUBLE"][0], "role": ROLE, "external": EXTERNAL_ID, "web": WEB_TOKEN,
})

"""Lets AWS' own client talk to the double, which must be as AWS is.

Usage: aws_client.py ANNOUNCEMENT, the line of JSON that the double writes.
"""

import json
import os
import sys

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import ContainerProvider, InstanceMetadataProvider
from botocore.exceptions import ClientError
from botocore.utils import InstanceMetadataFetcher

double = json.loads(sys.argv[1])
url = f"http://127.0.0.1:{double['port']}"


def client(service, key=double["key"], secret=double["secret"], token=None):
    return boto3.client(
        service, region_name="eu-west-1", endpoint_url=url, aws_access_key_id=key, aws_secret_access_key=secret,
        aws_session_token=token, config=Config(retries={"total_max_attempts": 1}))


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, (error.response, code)
    else:
        raise AssertionError(f"{code} was expected")


secrets = client("secretsmanager")
first = secrets.create_secret(Name="client/a", SecretString="one")["VersionId"]
answer = secrets.get_secret_value(SecretId="client/a")
assert answer["SecretString"] == "one" and answer["VersionId"] == first and answer["VersionStages"] == ["AWSCURRENT"]
second = secrets.put_secret_value(SecretId="client/a", SecretBinary=b"\xff\0")["VersionId"]
assert secrets.get_secret_value(SecretId="client/a")["SecretBinary"] == b"\xff\0"
assert secrets.get_secret_value(SecretId="client/a", VersionStage="AWSPREVIOUS")["VersionId"] == first
assert secrets.get_secret_value(SecretId="client/a", VersionId=first)["SecretString"] == "one"
assert set(secrets.describe_secret(SecretId="client/a")["VersionIdsToStages"]) == {first, second}
secrets.put_secret_value(SecretId="client/a", SecretString="same", ClientRequestToken="t" * 32)
secrets.put_secret_value(SecretId="client/a", SecretString="same", ClientRequestToken="t" * 32)
refused("ResourceExistsException", secrets.put_secret_value, SecretId="client/a", SecretString="x", ClientRequestToken="t" * 32)
refused("ResourceExistsException", secrets.create_secret, Name="client/a", SecretString="x")
refused("ResourceNotFoundException", secrets.get_secret_value, SecretId="client/none")
refused("ValidationException", secrets.create_secret, Name="client/b", SecretString="x" * 65537)
refused("AccessDeniedException", secrets.get_secret_value, SecretId="client/denied")
refused("ThrottlingException", secrets.get_secret_value, SecretId="client/throttled")
for number in range(101):
    secrets.create_secret(Name=f"client/many-{number}", SecretString="x")
filters = [{"Key": "name", "Values": ["client/many-"]}]
pages = list(secrets.get_paginator("list_secrets").paginate(Filters=filters))
assert [len(page["SecretList"]) for page in pages] == [100, 1]
assert pages[0]["SecretList"][0]["LastChangedDate"].year > 2000
secrets.delete_secret(SecretId="client/a", RecoveryWindowInDays=7)
refused("InvalidRequestException", secrets.get_secret_value, SecretId="client/a")
refused("InvalidRequestException", secrets.create_secret, Name="client/a", SecretString="x")
secrets.restore_secret(SecretId="client/a")
assert secrets.get_secret_value(SecretId="client/a")["SecretString"] == "same"

store = client("ssm")
assert store.put_parameter(Name="/client/a", Value="one", Type="SecureString")["Version"] == 1
refused("ParameterAlreadyExists", store.put_parameter, Name="/client/a", Value="two", Type="SecureString")
refused("HierarchyTypeMismatchException", store.put_parameter, Name="/client/a", Value="2", Type="String", Overwrite=True)
assert store.put_parameter(Name="/client/a", Value="two", Overwrite=True)["Version"] == 2
assert store.get_parameter(Name="/client/a", WithDecryption=True)["Parameter"]["Value"] == "two"
assert store.get_parameter(Name="/client/a")["Parameter"]["Value"] != "two"
assert store.get_parameter(Name="/client/a:1", WithDecryption=True)["Parameter"]["Value"] == "one"
store.label_parameter_version(Name="/client/a", ParameterVersion=1, Labels=["stable"])
assert store.get_parameter(Name="/client/a:stable", WithDecryption=True)["Parameter"]["Version"] == 1
refused("ParameterVersionNotFound", store.get_parameter, Name="/client/a:9")
refused("ParameterNotFound", store.get_parameter, Name="/client/none")
refused("ValidationException", store.put_parameter, Name="/client/b", Value="x" * 4097, Type="String")
refused("ValidationException", store.put_parameter, Name="/aws/b", Value="x", Type="String")
for number in range(11):
    store.put_parameter(Name=f"/client/many/{number}", Value="x", Type="String")
pages = list(store.get_paginator("get_parameters_by_path").paginate(Path="/client/many"))
assert [len(page["Parameters"]) for page in pages] == [10, 1]
filters = [{"Key": "Name", "Option": "Equals", "Values": ["/client/a"]}]
found = [one for page in store.get_paginator("describe_parameters").paginate(ParameterFilters=filters) for one in page["Parameters"]]
assert found[0]["Type"] == "SecureString" and found[0]["KeyId"] == "alias/aws/ssm"
store.add_tags_to_resource(ResourceType="Parameter", ResourceId="/client/a", Tags=[{"Key": "k", "Value": "v"}])
assert store.list_tags_for_resource(ResourceType="Parameter", ResourceId="/client/a")["TagList"] == [{"Key": "k", "Value": "v"}]
store.remove_tags_from_resource(ResourceType="Parameter", ResourceId="/client/a", TagKeys=["k"])
store.delete_parameter(Name="/client/a")
refused("ParameterNotFound", store.delete_parameter, Name="/client/a")

refused("UnrecognizedClientException", client("ssm", key="AKIAUNKNOWN").get_parameter, Name="/client/many/1")
refused("InvalidSignatureException", client("ssm", secret="wrong").get_parameter, Name="/client/many/1")
tokens = client("sts")
keys = tokens.assume_role(RoleArn=double["role"], RoleSessionName="client", ExternalId=double["external"])["Credentials"]
assumed = client("ssm", keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
assert assumed.get_parameter(Name="/client/many/1")["Parameter"]["Value"] == "x"
refused("AccessDenied", tokens.assume_role, RoleArn=double["role"] + "x", RoleSessionName="client")
keys = tokens.assume_role_with_web_identity(
    RoleArn=double["role"], RoleSessionName="client", WebIdentityToken=double["web"])["Credentials"]
assert client("ssm", keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"]).get_parameter(Name="/client/many/1")

environment = {
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{double['container']}/credentials?id=1",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "container authorization",
}
loaded = ContainerProvider(environ=environment).load().get_frozen_credentials()
assert client("ssm", *loaded[:3]).get_parameter(Name="/client/many/1")
fetcher = InstanceMetadataFetcher(base_url=f"http://127.0.0.1:{double['metadata']}/", env={})
loaded = InstanceMetadataProvider(iam_role_fetcher=fetcher).load().get_frozen_credentials()
assert client("ssm", *loaded[:3]).get_parameter(Name="/client/many/1")
print("passed")

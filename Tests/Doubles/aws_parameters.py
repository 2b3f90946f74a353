"""Shows type and key of parameters, or puts a label on one: what the vaults themselves do not tell or do.

Usage: aws_parameters.py PORT KEY SECRET (NAME… | label NAME LABEL)
"""

import sys

import boto3

port, key, secret, *names = sys.argv[1:]
store = boto3.client(
    "ssm", region_name="eu-west-1", endpoint_url=f"http://127.0.0.1:{port}", aws_access_key_id=key,
    aws_secret_access_key=secret)
if names[0] == "label":
    store.label_parameter_version(Name=names[1], Labels=[names[2]])
else:
    for name in names:
        filters = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
        pages = store.get_paginator("describe_parameters").paginate(ParameterFilters=filters)
        (found,) = [one for page in pages for one in page["Parameters"]]
        print(found["Type"], found.get("KeyId"))

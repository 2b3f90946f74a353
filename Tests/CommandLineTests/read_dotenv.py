"""Reads a .env file by python-dotenv and writes its values as one JSON object, in hexadecimal."""

import json
import sys

import dotenv

values = dotenv.dotenv_values(sys.argv[1], encoding="utf-8")
print(json.dumps({name: value.encode().hex() if value is not None else None for name, value in values.items()}))

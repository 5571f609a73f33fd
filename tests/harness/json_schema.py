"""What a JSON value has that its schema does not say: the part of JSON Schema that src/server/openapi.json uses."""

import re

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
KNOWN = {"$ref", "additionalProperties", "anyOf", "enum", "items", "pattern", "properties", "required", "type"}


def is_of(value, name):
    if name in ("integer", "number"):
        return isinstance(value, int if name == "integer" else (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def mistakes(value, schema, document, at=""):
    """One line for each; none when it is as the schema says."""
    assert schema.keys() <= KNOWN, schema
    if "$ref" in schema:
        return mistakes(value, document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], document, at)
    if "anyOf" in schema:
        found = [mistakes(value, one, document, at) for one in schema["anyOf"]]
        return [] if [] in found else min(found, key=len)
    if "enum" in schema and value not in schema["enum"]:
        return [f"{at}: {value!r} is none of {schema['enum']}"]
    names = schema.get("type", [])
    names = [names] if isinstance(names, str) else names
    if names and not any(is_of(value, name) for name in names):
        return [f"{at}: {value!r} is no {' or '.join(names)}"]
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        return [f"{at}: {value!r} does not match {schema['pattern']}"]
    if isinstance(value, list):
        return [line for i, item in enumerate(value) for line in mistakes(item, schema.get("items", {}), document, f"{at}/{i}")]
    if not isinstance(value, dict):
        return []
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    lines = [f"{at}: {name} is missing" for name in schema.get("required", []) if name not in value]
    for name, item in value.items():
        if name in properties:
            lines += mistakes(item, properties[name], document, f"{at}/{name}")
        elif isinstance(others, dict):
            lines += mistakes(item, others, document, f"{at}/{name}")
        elif not others:
            lines.append(f"{at}: {name} is not in the schema")
    return lines

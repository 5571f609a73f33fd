#!/usr/bin/python3
"""Makes the program's price table of the data package genai-prices: usage: convert_prices.py WHEEL OUT.cc

The package's data is a Python module of constructor calls. It is read as a syntax tree and never run. What the table keeps,
as JSON in a C++ string literal, is what src/pricing/internal/price_table.h reads: providers, their models, how names match, and
rates in US dollars: per request, else per million tokens.
"""

import ast
import json
import pathlib
import re
import sys
import zipfile
from typing import Any

# Rates by our names. A price has "uncounted" units when spans do not tell how many of them a call used.
RATES = {
    "input_mtok": "input",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write",
    "cache_write_1h_mtok": "cache_write_1h",
    "input_audio_mtok": "input_audio",
    "input_image_mtok": "input_image",
    "output_mtok": "output",
    "output_audio_mtok": "output_audio",
    "output_reasoning_mtok": "output_reasoning",
    "requests_kcount": "request",
}
# Fees for searches, beside the tokens; and parts of parts, which are not priced (pricing/price_book.h).
LEFT_OUT = {"web_searches_kcount", "storage_searches_kcount", "cache_audio_read_mtok", "cache_image_read_mtok"}
LITERAL_BYTES = 8000  # of one piece of the literal; compilers need only take 64 KiB


class Call(dict[str, Any]):
    """A constructor call: its keyword arguments, and its name and positional arguments."""

    name: str
    arguments: list[Any]


def evaluate(node: ast.expr) -> Any:
    match node:
        case ast.Constant():
            return node.value
        case ast.List():
            return [evaluate(item) for item in node.elts]
        case ast.Dict():
            return {evaluate(key): evaluate(value) for key, value in zip(node.keys, node.values, strict=True) if key}
        case ast.Attribute() | ast.Name():
            return ast.unparse(node)
        case ast.Call():
            call = Call({keyword.arg: evaluate(keyword.value) for keyword in node.keywords})
            call.name = ast.unparse(node.func)
            call.arguments = [evaluate(argument) for argument in node.args]
            return call
    raise ValueError(f"line {node.lineno}: {ast.unparse(node)[:80]} is not data")


def assigned(module: ast.Module, name: str) -> Any:
    for statement in module.body:
        if isinstance(statement, ast.AnnAssign) and ast.unparse(statement.target) == name and statement.value:
            return evaluate(statement.value)
    raise ValueError(f"the package's data has no {name}")


def number(decimal: Call) -> float:
    if decimal.name != "Decimal":
        raise ValueError(f"{decimal.name} where a number was expected")
    value = float(decimal.arguments[0])
    if not 0 <= value < 1e9:
        raise ValueError(f"the price {value} is impossible")
    return value


def clause(call: Call) -> Any:
    """{"equals": …}, {"or": […]} and so on. RE2 has no lookahead: a leading negative one becomes {"not": …}."""
    [(key, value)] = call.items()
    if key in ("or_", "and_"):
        return {key.rstrip("_"): [clause(item) for item in value]}
    if key != "regex":
        return {key: value.lower()}
    lookahead = leading_negative_lookahead(value)
    if not lookahead:
        return {"regex": value}
    without, rest = lookahead
    return {"and": [{"not": {"regex": "^" + without}}, {"regex": "^" + rest}]}


def leading_negative_lookahead(regex: str) -> tuple[str, str] | None:
    if not regex.startswith("^(?!"):
        return None
    depth = 0
    for at, character in enumerate(regex):
        depth += (character == "(") - (character == ")")
        if character == ")" and depth == 0:
            return regex[4:at], regex[at + 1 :]
    raise ValueError(f"unbalanced brackets in {regex}")


def rates(price: Call) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in price.items():
        if key in LEFT_OUT or value is None:
            continue
        if key not in RATES:
            out.setdefault("uncounted", []).append(key)
        elif value.name == "TieredPrices":
            tiers = [{"above": tier["start"], "rate": number(tier["price"])} for tier in value["tiers"]]
            out[RATES[key]] = {"base": number(value["base"]), "tiers": sorted(tiers, key=lambda tier: tier["above"])}
        else:
            out[RATES[key]] = number(value) / (1000 if key == "requests_kcount" else 1)
    return out


def validity(constraint: Call | None) -> dict[str, Any]:
    match constraint:
        case None:
            return {}
        case Call(name="StartDateConstraint"):
            year, month, day = constraint["start_date"].arguments
            return {"from": f"{year:04}-{month:02}-{day:02}"}
        case Call(name="TimeOfDateConstraint"):
            return {"daily": [seconds(constraint["start_time"]), seconds(constraint["end_time"])]}
    raise ValueError(f"unknown constraint {constraint.name}")


def seconds(time: Call) -> int:
    """Since midnight, UTC."""
    if time.get("tzinfo") not in (None, "datetime.UTC", "datetime.timezone.utc"):
        raise ValueError(f"time of day in {time['tzinfo']}")
    hour, minute, second = (time.arguments + [0, 0, 0])[:3]
    return hour * 3600 + minute * 60 + second


def prices(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, Call):
        return [rates(value)]
    return [
        validity(price.get("constraint") or (price.arguments[0] if price.arguments else None)) | rates(price["prices"])
        for price in value
    ]


def model(call: Call) -> dict[str, Any]:
    out = {"id": call["id"], "match": clause(call["match"]), "prices": prices(call["prices"])}
    variants = [
        {"when": variant["when"]} | validity(variant.get("constraint")) | rates(variant["prices"])
        for variant in call.get("price_variants") or []
    ]
    return out | ({"variants": variants} if variants else {})


def provider(call: Call) -> dict[str, Any]:
    out: dict[str, Any] = {"id": call["id"]}
    for key in ("provider_match", "model_match"):
        if call.get(key):
            out[key] = clause(call[key])
    if call.get("fallback_model_providers"):
        out["fallback"] = call["fallback_model_providers"]
    return out | {"models": [model(item) for item in call["models"]]}


def table(wheel: pathlib.Path) -> dict[str, Any]:
    with zipfile.ZipFile(wheel) as archive:
        module = ast.parse(archive.read("genai_prices/data.py"))
    found = re.fullmatch(r"genai_prices-([\w.]+)-py3-none-any\.whl", wheel.name)
    if not found:
        raise ValueError(f"{wheel.name} is not a wheel of genai-prices")
    providers = [provider(item) for item in assigned(module, "providers")]
    return {"source": f"genai-prices {found[1]}", "providers": providers}


def cpp_source(text: str) -> str:
    pieces = [text[at : at + LITERAL_BYTES] for at in range(0, len(text), LITERAL_BYTES)]
    literals = "\n".join(f'R"price({piece})price"' for piece in pieces)
    return (
        "// Made by tools/convert_prices.py from genai-prices (MIT, Copyright Pydantic Services Inc.).\n"
        '#include "pricing/internal/package_text.h"\n\n'
        "namespace nightjar::pricing::internal {\n\n"
        f"std::string_view PackageText() {{\n  return\n{literals};\n}}\n\n"
        "}  // namespace nightjar::pricing::internal\n"
    )


def main() -> None:
    wheel, out = map(pathlib.Path, sys.argv[1:])
    text = json.dumps(table(wheel), separators=(",", ":"), ensure_ascii=True)
    out.write_text(cpp_source(text))


if __name__ == "__main__":
    main()

"""Compares JSON values with their types: 1, 1.0 and true are three different things, and so are 0.0 and -0.0."""

import json
import struct

ANY_MORE = "..."  # in an expected list: other elements may stand around the named ones


def loads(text):
    """JSON whose objects may not repeat a key."""

    def unique(pairs):
        keys = [key for key, _ in pairs]
        if len(set(keys)) != len(keys):
            raise ValueError(f"an object repeats a key: {sorted(key for key in set(keys) if keys.count(key) > 1)}")
        return dict(pairs)

    return json.loads(text, object_pairs_hook=unique)


def _same_scalar(expected, actual):
    if type(expected) is not type(actual):
        return False
    if isinstance(expected, float):
        return struct.pack("<d", expected) == struct.pack("<d", actual)
    return expected == actual


def _short(value):
    text = f"{type(value).__name__} {value!r}"
    return text if len(text) <= 300 else f"{text[:140]} … {text[-140:]} ({len(text)} characters)"


def _text_difference(expected, actual):
    at = next((i for i, (a, b) in enumerate(zip(expected, actual)) if a != b), min(len(expected), len(actual)))
    lo = max(0, at - 20)
    return f"differs at character {at}: {expected[lo:at + 40]!r} became {actual[lo:at + 40]!r}"


def differences(expected, actual, *, subset=False, path="$"):
    """One line for each place where `actual` is not `expected`. With `subset`, objects may hold further keys and a list
    that contains "..." may hold further elements."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        lines = [f"{path}.{key}: missing, want {_short(expected[key])}" for key in expected if key not in actual]
        if not subset:
            lines += [f"{path}.{key}: unexpected {_short(actual[key])}" for key in actual if key not in expected]
        for key in expected:
            if key in actual:
                lines += differences(expected[key], actual[key], subset=subset, path=f"{path}.{key}")
        return lines
    if isinstance(expected, list) and isinstance(actual, list):
        if subset and ANY_MORE in expected:
            return _missing_elements([item for item in expected if item != ANY_MORE], actual, path)
        lines = []
        if len(expected) != len(actual):
            lines.append(f"{path}: {len(actual)} elements, want {len(expected)}: {_short(actual)}")
        for i, (want, have) in enumerate(zip(expected, actual)):
            lines += differences(want, have, subset=subset, path=f"{path}[{i}]")
        return lines
    if _same_scalar(expected, actual):
        return []
    if isinstance(expected, str) and isinstance(actual, str) and len(expected) > 60:
        return [f"{path}: {_text_difference(expected, actual)}"]
    return [f"{path}: {_short(actual)}, want {_short(expected)}"]


def _missing_elements(wanted, actual, path):
    """Each wanted element must match one of the actual ones, in this order."""
    start = 0
    for want in wanted:
        found = next((i for i in range(start, len(actual)) if not differences(want, actual[i], subset=True)), None)
        if found is None:
            return [f"{path}: no element from [{start}] on matches {_short(want)} in {_short(actual)}"]
        start = found + 1
    return []


def raw_differences(expected_spans, actual_spans):
    """Compares {span id: Span JSON} in the keys that the oracle knows: the raw half of a span."""
    lines = []
    for span_id in sorted(expected_spans.keys() | actual_spans.keys()):
        if span_id not in actual_spans or span_id not in expected_spans:
            lines.append(f"span {span_id}: {'unexpected' if span_id in actual_spans else 'missing'}")
            continue
        expected = expected_spans[span_id]
        actual = {key: value for key, value in actual_spans[span_id].items() if key in expected}
        lines += differences(expected, actual, path=f"{span_id} {expected['name']!r:.40}")
    return lines

"""Decodes OTLP with Google's protobuf library and says what the server must show of it: the raw half of the Span JSON
(docs: "Span JSON"), with Python ints, floats and the server's markers for what JSON has no form for."""

import base64
import functools
import importlib.util
import json
import math
import pathlib
import subprocess
import tempfile

from google.protobuf import json_format

PROTO_FOLDER = pathlib.Path(__file__).resolve().parent.parent / "oracle"
KINDS = {0: "UNSPECIFIED", 1: "INTERNAL", 2: "SERVER", 3: "CLIENT", 4: "PRODUCER", 5: "CONSUMER"}
STATUS_CODES = {0: "UNSET", 1: "OK", 2: "ERROR"}


@functools.cache
def messages():
    """The Python module that protoc makes of oracle/otlp.proto."""
    with tempfile.TemporaryDirectory() as out:
        command = ["protoc", f"--proto_path={PROTO_FOLDER}", f"--python_out={out}", "otlp.proto"]
        subprocess.run(command, check=True)
        spec = importlib.util.spec_from_file_location("otlp_pb2", f"{out}/otlp_pb2.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


def decode_request(body):
    return messages().ExportTraceServiceRequest.FromString(body)


def decode_logs_request(body):
    return messages().ExportLogsServiceRequest.FromString(body)


def decode_response(body):
    """(rejected, error_message) of an export response of any signal: the numbers of the fields are the same."""
    partial = messages().ExportTraceServiceResponse.FromString(body).partial_success
    return partial.rejected_spans, partial.error_message


def decode_status(body):
    """(code, message) of a google.rpc.Status."""
    status = messages().RpcStatus.FromString(body)
    return status.code, status.message


def decode_json_request(text):
    """OTLP/JSON differs from protobuf's JSON in one thing: ids are hex, not base64."""

    def ids_to_base64(node):
        if isinstance(node, list):
            return [ids_to_base64(item) for item in node]
        if not isinstance(node, dict):
            return node
        return {
            key: base64.b64encode(bytes.fromhex(value)).decode()
            if key in ("traceId", "spanId", "parentSpanId")
            else ids_to_base64(value)
            for key, value in node.items()
        }

    request = messages().ExportTraceServiceRequest()
    return json_format.ParseDict(ids_to_base64(json.loads(text)), request, ignore_unknown_fields=True)


def value_of(any_value):
    """An AnyValue in the server's JSON form."""
    which = any_value.WhichOneof("value")
    if which is None:
        return None
    content = getattr(any_value, which)
    if which == "double_value" and not math.isfinite(content):
        return {"$double": "NaN" if math.isnan(content) else "Infinity" if content > 0 else "-Infinity"}
    if which == "bytes_value":
        return {"$bytes": base64.b64encode(content).decode()}
    if which == "array_value":
        return [value_of(item) for item in content.values]
    if which == "kvlist_value":
        return {("$" * pair.key.startswith("$")) + pair.key: value_of(pair.value) for pair in content.values}
    return content


def attributes_of(pairs):
    """Of keys that repeat the last wins."""
    return {pair.key: value_of(pair.value) for pair in pairs}


def _text(text):
    """Text that OTLP leaves empty when it is not set."""
    return text or None


def _dropped(count):
    return {"dropped_attributes": count} if count else {}


def _event(event):
    return {
        "name": event.name,
        "time_unix_ns": str(event.time_unix_nano),
        "attributes": attributes_of(event.attributes),
    } | _dropped(event.dropped_attributes_count)


def _link(link):
    return {
        "trace_id": link.trace_id.hex(),
        "span_id": link.span_id.hex(),
        "trace_state": _text(link.trace_state),
        "flags": link.flags,
        "attributes": attributes_of(link.attributes),
    } | _dropped(link.dropped_attributes_count)


def _origin(of_resource, of_scope):
    resource, scope = of_resource.resource, of_scope.scope
    return {
        "resource": attributes_of(resource.attributes),
        "resource_dropped_attributes": resource.dropped_attributes_count,
        "resource_schema_url": _text(of_resource.schema_url),
        "scope": {
            "name": scope.name,
            "version": _text(scope.version),
            "attributes": attributes_of(scope.attributes),
            "dropped_attributes": scope.dropped_attributes_count,
            "schema_url": _text(of_scope.schema_url),
        },
    }


def log_json(record, resource_logs, scope_logs):
    return {
        "trace_id": record.trace_id.hex() if any(record.trace_id) else None,
        "span_id": record.span_id.hex() if any(record.span_id) else None,
        "time_unix_ns": str(record.time_unix_nano) if record.time_unix_nano else None,
        "observed_time_unix_ns": str(record.observed_time_unix_nano) if record.observed_time_unix_nano else None,
        "severity_number": record.severity_number or None,
        "severity_text": _text(record.severity_text),
        "event_name": _text(record.event_name),
        "body": value_of(record.body),
        "attributes": attributes_of(record.attributes),
        "dropped_attributes": record.dropped_attributes_count,
        "flags": record.flags,
    } | _origin(resource_logs, scope_logs)


def span_json(span, resource_spans, scope_spans):
    status = span.status
    return {
        "trace_id": span.trace_id.hex(),
        "span_id": span.span_id.hex(),
        "parent_span_id": span.parent_span_id.hex() if any(span.parent_span_id) else None,
        "name": span.name,
        "otel_kind": KINDS.get(span.kind, str(span.kind)),
        "start_unix_ns": str(span.start_time_unix_nano),
        "end_unix_ns": str(span.end_time_unix_nano),
        "duration_ns": span.end_time_unix_nano - span.start_time_unix_nano,
        "status": {"code": STATUS_CODES.get(status.code, str(status.code)), "message": _text(status.message)},
        "trace_state": _text(span.trace_state),
        "flags": span.flags,
        "dropped": {
            "attributes": span.dropped_attributes_count,
            "events": span.dropped_events_count,
            "links": span.dropped_links_count,
        },
        "attributes": attributes_of(span.attributes),
        "events": [_event(event) for event in span.events],
        "links": [_link(link) for link in span.links],
    } | _origin(resource_spans, scope_spans)


def logs_of(request):
    """The Log JSON of each record of a decoded request, in order."""
    return [
        log_json(record, resource_logs, scope_logs)
        for resource_logs in request.resource_logs
        for scope_logs in resource_logs.scope_logs
        for record in scope_logs.log_records
    ]


def traces_of(requests):
    """{trace id: {span id: Span JSON}} of decoded requests; of a span that arrives twice the later one counts."""
    traces = {}
    for request in requests:
        for resource_spans in request.resource_spans:
            for scope_spans in resource_spans.scope_spans:
                for span in scope_spans.spans:
                    shown = span_json(span, resource_spans, scope_spans)
                    traces.setdefault(shown["trace_id"], {})[shown["span_id"]] = shown
    return traces

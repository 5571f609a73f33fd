"""A service in Python that asks the chat server and is asked by it, traced by the OpenTelemetry SDK for Python.

usage: python_service.py MODEL_ADDRESS, with OTEL_EXPORTER_OTLP_ENDPOINT set

It is the chat server's model: it passes what it is asked on to MODEL_ADDRESS. It writes its own address to stdout, waits
for the chat server's on stdin, asks a question, and writes what it learnt as JSON.
"""

import http.client
import http.server
import json
import sys
import threading

from opentelemetry import trace
from opentelemetry.propagate import extract, inject
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter


def post(address, path, body, headers):
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
    response = connection.getresponse()
    answer = response.status, response.headers, response.read()
    connection.close()
    return answer


def gateway(tracer, model):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with tracer.start_as_current_span("gateway", context=extract(self.headers), kind=trace.SpanKind.SERVER):
                status, _, answer = post(model, self.path, body, {})
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    return http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def main(model):
    provider = TracerProvider(resource=Resource.create({"service.name": "python-service"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer("tests")
    server = gateway(tracer, model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"127.0.0.1:{server.server_port}", flush=True)
    chat = sys.stdin.readline().strip()
    with tracer.start_as_current_span("ask the chat server") as span:
        headers = {}
        inject(headers)
        status, told, answer = post(chat, "/chat", json.dumps({"message": "What is WAL?"}), headers)
    server.shutdown()
    provider.shutdown()
    print(json.dumps({
        "trace_id": f"{span.get_span_context().trace_id:032x}",
        "status": status, "told": told["X-Trace-Id"], "reply": json.loads(answer).get("reply"),
    }))


main(sys.argv[1])

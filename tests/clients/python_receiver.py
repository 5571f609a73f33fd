"""An OTLP/HTTP receiver of OpenTelemetry's own Python package of the protocol. It answers one request.

usage: python_receiver.py; it writes its address to stdout, then the request it got as protobuf's JSON
"""

import http.server

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.request = trace_service_pb2.ExportTraceServiceRequest.FromString(body)
        answer = trace_service_pb2.ExportTraceServiceResponse().SerializeToString()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def main():
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        print(f"127.0.0.1:{server.server_port}", flush=True)
        server.handle_request()
        print(json_format.MessageToJson(server.request, use_integers_for_enums=True, indent=None))


main()

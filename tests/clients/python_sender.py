"""Sends spans, log records and metrics with the OpenTelemetry SDK for Python, and says what it sent.

usage: python_sender.py grpc|http/protobuf none|gzip SPANS, with OTEL_EXPORTER_OTLP_ENDPOINT set
"""

import json
import logging
import sys

from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def exporters(protocol, compression):
    if protocol == "grpc":
        import grpc
        from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
        from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        compression = {"none": grpc.Compression.NoCompression, "gzip": grpc.Compression.Gzip}[compression]
        return [kind(insecure=True, compression=compression) for kind in (OTLPSpanExporter, OTLPLogExporter, OTLPMetricExporter)]
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return [kind(compression=Compression(compression)) for kind in (OTLPSpanExporter, OTLPLogExporter, OTLPMetricExporter)]


class Outcomes:
    """What an exporter returned for each batch."""

    def __init__(self, exporter):
        self.names = []
        export = exporter.export

        def watched(*arguments, **options):
            result = export(*arguments, **options)
            self.names.append(result.name)
            return result

        exporter.export = watched


def main(protocol, compression, count):
    resource = Resource.create({"service.name": "python-sender"})
    span_exporter, log_exporter, metric_exporter = exporters(protocol, compression)
    outcomes = {
        "traces": Outcomes(span_exporter),
        "logs": Outcomes(log_exporter),
        "metrics": Outcomes(metric_exporter),
    }
    traces = TracerProvider(resource=resource)
    traces.add_span_processor(BatchSpanProcessor(span_exporter))
    logs = LoggerProvider(resource=resource)
    logs.add_log_record_processor(BatchLogRecordProcessor(log_exporter))
    metrics = MeterProvider([PeriodicExportingMetricReader(metric_exporter, 3_600_000)], resource=resource)

    tracer, counter = traces.get_tracer("tests"), metrics.get_meter("tests").create_counter("owls")
    logger = logging.getLogger("owls")
    logger.addHandler(LoggingHandler(logger_provider=logs))
    with tracer.start_as_current_span("root") as root:
        spans = [f"{root.get_span_context().span_id:016x}"]
        for number in range(count - 1):
            with tracer.start_as_current_span(f"child {number}", attributes={"number": number, "text": "owl"}) as child:
                spans.append(f"{child.get_span_context().span_id:016x}")
                logger.warning("owl %d", number)
                counter.add(1, {"kind": "barn"})
        trace = f"{root.get_span_context().trace_id:032x}"
    for provider in (traces, logs, metrics):
        provider.shutdown()
    results = {signal: outcome.names for signal, outcome in outcomes.items()}
    print(json.dumps({"trace_id": trace, "span_ids": spans, "results": results}))


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

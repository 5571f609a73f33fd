"""gRPC's own Python clients for health and reflection, and the published OTLP definition as the truth about ours."""

import json
import os
import subprocess
import sys

import packages

PROBE = """
import json, sys, grpc
from google.protobuf import descriptor_pb2, descriptor_pool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

channel = grpc.insecure_channel(sys.argv[1])
database = ProtoReflectionDescriptorDatabase(channel)
pool = descriptor_pool.DescriptorPool(database)  # fails on a description that is not sound
compared, differences = [], []

def plain(file):
    message = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(message)
    message.ClearField("options")
    def clean(types):
        for kind in types:
            kind.ClearField("reserved_range")
            kind.ClearField("reserved_name")
            for field in kind.field:
                field.ClearField("json_name")
                field.ClearField("options")
            clean(kind.nested_type)
    clean(message.message_type)
    for kind in message.message_type:
        for field in kind.field:
            field.ClearField("json_name")
    for service in message.service:
        for method in service.method:
            method.ClearField("options")
    return message

def compare(theirs):
    if theirs.name in compared:
        return
    compared.append(theirs.name)
    if plain(pool.FindFileByName(theirs.name)) != plain(theirs):
        differences.append(theirs.name)
    for dependency in theirs.dependencies:
        compare(dependency)

for module in (trace_service_pb2, logs_service_pb2, metrics_service_pb2):
    compare(module.DESCRIPTOR)
stub = health_pb2_grpc.HealthStub(channel)
check = stub.Check(health_pb2.HealthCheckRequest(service="opentelemetry.proto.collector.trace.v1.TraceService"))
watch = next(iter(stub.Watch(health_pb2.HealthCheckRequest())))
print(json.dumps({
    "services": sorted(database.get_services()), "compared": sorted(compared), "differences": differences,
    "check": check.status, "watch": watch.status, "SERVING": health_pb2.HealthCheckResponse.SERVING,
}))
"""


def test_health_and_reflection(server):
    environment = {**os.environ, "PYTHONPATH": str(packages.python())}
    command = [sys.executable, "-c", PROBE, server.ready["grpc"]]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["check"] == told["watch"] == told["SERVING"]
    assert "opentelemetry.proto.collector.logs.v1.LogsService" in told["services"]
    assert told["differences"] == []
    assert len(told["compared"]) == 8

# Decodes OTLP requests with the messages generated from the official protocol definition (package opentelemetry-proto), for the test beside
# it: a line "signal base64" in, one JSON document a line out. Exits with 3 where the package is not installed.
import base64
import sys

try:
    from google.protobuf.json_format import MessageToJson
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
except ImportError:
    sys.exit(3)

MESSAGES = {
    "traces": ExportTraceServiceRequest,
    "metrics": ExportMetricsServiceRequest,
    "logs": ExportLogsServiceRequest,
}

for line in sys.stdin:
    signal, body = line.split()
    message = MESSAGES[signal]()
    message.ParseFromString(base64.b64decode(body))
    print(MessageToJson(message, indent=None))

"""Unary calls through the gateway over TLS: one that succeeds, one that ends with an error in its trailers."""
import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

port, certificate = sys.argv[1], open(sys.argv[2], "rb").read()
channel = grpc.secure_channel(f"localhost:{port}", grpc.ssl_channel_credentials(certificate))
stub = health_pb2_grpc.HealthStub(channel)
answer, call = stub.Check.with_call(health_pb2.HealthCheckRequest(service="orders"), timeout=10)
assert answer.status == health_pb2.HealthCheckResponse.SERVING, answer
assert call.code() == grpc.StatusCode.OK
try:
    stub.Check(health_pb2.HealthCheckRequest(service="unknown"), timeout=10)
    raise SystemExit("an unknown service was found")
except grpc.RpcError as error:
    assert error.code() == grpc.StatusCode.NOT_FOUND, error
try:
    channel.unary_unary("/grpc.health.v1.Health/Nothing")(b"", timeout=10)
    raise SystemExit("a method outside of the contract was forwarded")
except grpc.RpcError as error:
    assert error.code() == grpc.StatusCode.UNIMPLEMENTED, error
print("ok")

"""Echo through the gateway over TLS, text and binary, small and large; and a place that is no WebSocket."""
import ssl
import sys

from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

port, certificate = sys.argv[1], sys.argv[2]
context = ssl.create_default_context(cafile=certificate)
with connect(f"wss://localhost:{port}/echo", ssl=context, max_size=None) as connection:
    for message in ["hello", "", "x" * 200_000, b"\x00\x01", bytes(1_000_000)]:
        connection.send(message)
        assert connection.recv() == message
try:
    connect(f"wss://localhost:{port}/plain", ssl=context)
    raise SystemExit("a WebSocket where the policy has none")
except InvalidStatus as error:
    assert error.response.status_code == 400, error.response
print("ok")

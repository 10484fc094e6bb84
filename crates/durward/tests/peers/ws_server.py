"""A WebSocket echo server by others; prints its port, and ends when its input ends."""
import sys
import threading

from websockets.sync.server import serve


def echo(connection):
    for message in connection:
        connection.send(message)


server = serve(echo, "127.0.0.1", 0)
print(server.socket.getsockname()[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
server.shutdown()

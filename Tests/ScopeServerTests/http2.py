"""Speaks HTTP/2 to a server, well and badly.

Arguments: port, authority's certificate, token, and what to do: `streams` sends many requests at once over one
connection; `body` never ends a request's body, `headers` never ends its headers, `silent` asks for nothing. The latter
three end when the server ends the stream or the connection.
"""

import socket
import ssl
import sys

import h2.config
import h2.connection
import h2.events
import h2.exceptions

port, authority, token, task = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]


def headers(method, path):
    return [
        (":method", method),
        (":path", path),
        (":scheme", "https"),
        (":authority", f"127.0.0.1:{port}"),
        ("authorization", f"Bearer {token}"),
    ]


context = ssl.create_default_context(cafile=authority)
context.set_alpn_protocols(["h2"])
channel = context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname="127.0.0.1")
assert channel.selected_alpn_protocol() == "h2"
connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
connection.initiate_connection()


def send(data):
    try:
        channel.sendall(data)
    except OSError:
        # On a busy machine the server may have cut off the connection before.
        if task != "streams":
            sys.exit(0)
        raise


send(connection.data_to_send())


def receive():
    """The next events; None when the server has closed the connection."""
    try:
        data = channel.recv(65536)
        if not data:
            return None
        events = connection.receive_data(data)
        send(connection.data_to_send())
        return events
    except (ConnectionError, ssl.SSLError):
        return None


def receive_until(kind):
    """Receives until an event of the kind, or until the server has closed the connection."""
    while (events := receive()) is not None:
        if any(isinstance(event, kind) for event in events):
            return


def receive_to_the_end():
    """Takes what the server sends without an answer, until it has closed the connection."""
    try:
        while channel.recv(65536):
            pass
    except (ConnectionError, ssl.SSLError):
        pass


receive_until(h2.events.RemoteSettingsChanged)
if task == "streams":
    limit = connection.remote_settings.max_concurrent_streams
    assert limit == 100, limit
    waiting, statuses, bodies = 300, {}, {}
    while waiting or len(bodies) < 300:
        while waiting and connection.open_outbound_streams < limit:
            stream = connection.get_next_available_stream_id()
            connection.send_headers(stream, headers("GET", "/api/2.0/secrets/scopes/list"), end_stream=True)
            waiting -= 1
        send(connection.data_to_send())
        for event in receive():
            if isinstance(event, h2.events.ResponseReceived):
                statuses[event.stream_id] = dict(event.headers)[b":status"]
            elif isinstance(event, h2.events.DataReceived):
                connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                bodies[event.stream_id] = True
            elif isinstance(event, h2.events.StreamReset):
                sys.exit(f"stream {event.stream_id} was reset")
    assert set(statuses.values()) == {b"200"} and len(statuses) == 300, statuses
elif task == "body":
    stream = connection.get_next_available_stream_id()
    connection.send_headers(stream, headers("POST", "/api/2.0/secrets/put"))
    connection.send_data(stream, b'{"scope":')
    send(connection.data_to_send())
    receive_until(h2.events.StreamReset)
else:
    if task == "headers":
        # A HEADERS frame of stream 1 without its end, and no CONTINUATION.
        send(b"\x00\x00\x01\x01\x01\x00\x00\x00\x01\x82")
    # Neither a request nor an answer to the server's own frames.
    receive_to_the_end()

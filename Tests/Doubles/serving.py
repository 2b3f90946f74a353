"""What the doubles of cloud services share: an HTTP server, how it fails on demand, and how it begins and ends."""

import http.server
import json
import os
import socket
import struct
import sys
import threading
import time
import urllib.parse


class Service(http.server.ThreadingHTTPServer):
    """Serves on loopback, each connection in a thread of its own."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, handler, tls=None):
        self.tls = tls
        super().__init__(("127.0.0.1", 0), handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, request, client_address):
        # The handshake belongs into the connection's own thread.
        if self.tls:
            request.settimeout(30)
            request = self.tls.wrap_socket(request, server_side=True)
        try:
            super().finish_request(request, client_address)
        finally:
            if self.tls:
                request.close()

    def handle_error(self, request, client_address):
        # Clients that go away are part of the tests; anything else is a fault of the double.
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    @property
    def port(self):
        return self.server_address[1]


class Exchange(http.server.BaseHTTPRequestHandler):
    """One request and its answer."""

    protocol_version = "HTTP/1.1"
    # Head and body are written one after the other; without it the second waits 40 ms for the first to be acknowledged.
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        pass

    def respond(self):
        """Answers the request; for subclasses."""
        raise NotImplementedError

    def handle_any(self):
        url = urllib.parse.urlsplit(self.path)
        self.route = url.path
        self.query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.respond()

    do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = handle_any

    def json_body(self):
        return json.loads(self.body) if self.body else {}

    def form(self):
        if self.headers.get("Content-Type", "").split(";")[0] != "application/x-www-form-urlencoded":
            return {}
        return dict(urllib.parse.parse_qsl(self.body.decode(), keep_blank_values=True))

    def answer(self, status, body=None, headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        if not isinstance(body, bytes):
            self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def misbehave(self, name):
        """Fails below HTTP, or in the form of the answer, as `name` says; False when it says nothing of that kind."""
        if name == "reset":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"value":')
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
        elif name == "drip":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            for _ in range(1000):
                self.wfile.write(b" ")
                time.sleep(0.1)
        elif name == "huge":
            self.send_response(200)
            self.send_header("Content-Length", str(100 * 1024 * 1024))
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b" " * 1024 * 1024)
        elif name == "endless":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            for _ in range(100):
                self.wfile.write(b" " * 1024 * 1024)
            self.close_connection = True
        elif name == "not-json":
            self.answer(200, b"<html><body>Sign in</body></html>")
        elif name == "redirect":
            self.answer(302, {}, {"Location": "https://elsewhere.example/"})
        else:
            return False
        return True


class Counts:
    """How often something happened."""

    def __init__(self):
        self.lock = threading.Lock()
        self.values = {}

    def next(self, name):
        with self.lock:
            self.values[name] = self.values.get(name, 0) + 1
            return self.values[name]


def run_until_told_to_end(announcement):
    """Says where the service is, and ends the process with its standard input."""
    print(json.dumps({name: str(value) for name, value in announcement.items()}), flush=True)
    sys.stdin.read()
    os._exit(0)

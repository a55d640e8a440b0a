"""Stands where the hub's console listens: python3 console.py PORT. Answers with the head that came, and on /events with an
event at once and another never: whoever sees the first sees that nothing on the way waits for more."""

import http.server
import sys
import threading


class Console(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        if self.path == "/events":
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"d\r\ndata: first\n\n\r\n")
            self.wfile.flush()
            threading.Event().wait()
        body = f"{self.path}\n{self.headers}".encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Console).serve_forever()

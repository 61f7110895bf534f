#!/usr/bin/python3
"""An issuer's OCSP responder and CRL server on loopback, for tests. Every answer is made by the real `openssl ocsp` or `openssl ca -gencrl`; this
only speaks HTTP, which the command does on all interfaces and not on loopback alone.

usage: status_desk.py FOLDER      prints its port; FOLDER/mode says how to answer, FOLDER/asked counts
  FOLDER holds issuing.pem issuing.key index.txt, and signer.pem signer.key: who signs OCSP answers
  modes: answer · no-nonce · other-nonce (the answer to a request that was made again) · large · slow · broken · error
"""
import http.server
import pathlib
import subprocess
import sys
import time

FOLDER = pathlib.Path(sys.argv[1])


def run(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, cwd=FOLDER, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ocsp(request, mode):
    (FOLDER / "request.der").write_bytes(request)
    command = ["ocsp", "-index", "index.txt", "-CA", "issuing.pem", "-rsigner", "signer.pem", "-rkey", "signer.key", "-nmin", "60",
               "-respout", "response.der"]
    if mode in ("no-nonce", "other-nonce"):
        certificate = FOLDER / "subject.pem"
        run("ocsp", "-issuer", "issuing.pem", "-cert", certificate, "-no_nonce" if mode == "no-nonce" else "-nonce", "-reqout", "request.der")
    run(*command, "-reqin", "request.der")
    return (FOLDER / "response.der").read_bytes()


class Desk(http.server.BaseHTTPRequestHandler):
    def answer(self):
        mode = (FOLDER / "mode").read_text().strip()
        with open(FOLDER / "asked", "a", encoding="ascii") as asked:
            asked.write(self.command + " " + self.path + "\n")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if mode == "slow":
            time.sleep(15)
        if mode == "error":
            return self.send_error(503)
        if mode == "large":
            content = b"0" * (20 << 20)
        elif mode == "broken":
            content = b"\x30\x82\xff\xff\x0a\x01\x00"
        elif self.command == "GET":
            content = (FOLDER / "crl.der").read_bytes()
        else:
            content = ocsp(body, mode)
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        try:
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            pass

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Desk)
server.daemon_threads = True
print(f"port {server.server_port}", flush=True)
server.serve_forever()

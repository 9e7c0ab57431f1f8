"""tls_server.py CERTIFICATE KEY CLIENT_CA [--max 1.2] [--optional] [--patience 60]: an HTTPS server that asks for a certificate
and serves only whom it knows, or, with --optional, anybody. It hangs up on who says nothing for --patience seconds. First it
prints its port; then a line for every connection, in JSON: the version, the peer's certificate (SHA-256 of its DER), or the
error."""
import argparse
import hashlib
import json
import os
import socket
import ssl
import threading

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
PAGE = b"<!doctype html><title>in</title><body>come in</body>"


def say(**fields):
    """In one write: print makes two, and connections talk at the same time."""
    os.write(1, json.dumps(fields).encode() + b"\n")


def serve(context, connection, patience):
    try:
        connection.settimeout(patience)
        with context.wrap_socket(connection, server_side=True) as link:
            peer = link.getpeercert(True)
            say(version=link.version(), **({"peer": hashlib.sha256(peer).hexdigest()} if peer else {}))
            request = b""
            while b"\r\n\r\n" not in request:
                more = link.recv(4096)
                if not more:
                    return
                request += more
            head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(PAGE)}\r\nConnection: close\r\n\r\n"
            link.sendall(head.encode() + PAGE)
    except (OSError, ValueError) as error:
        say(error=str(error))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("certificate")
    parser.add_argument("key")
    parser.add_argument("ca")
    parser.add_argument("--max", default="1.3", choices=VERSIONS)
    parser.add_argument("--optional", action="store_true")
    parser.add_argument("--patience", type=float, default=60)
    options = parser.parse_args()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.certificate, options.key)
    context.load_verify_locations(options.ca)
    context.verify_mode = ssl.CERT_OPTIONAL if options.optional else ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.maximum_version = VERSIONS[options.max]
    context.num_tickets = 0  # a resumed session would not ask the token
    context.options |= ssl.OP_NO_TICKET
    with socket.create_server(("127.0.0.1", 0), backlog=16) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            connection, _ = server.accept()
            threading.Thread(target=serve, args=(context, connection, options.patience), daemon=True).start()


if __name__ == "__main__":
    main()

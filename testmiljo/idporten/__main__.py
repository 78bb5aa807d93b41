"""Run the double alone, on the clients and test users of a JSON file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from werkzeug.serving import make_server

from testmiljo.idporten import Brukerliste, Klient, Testbruker, create_idporten


def read_clients(path: Path) -> tuple[dict[str, Klient], Brukerliste]:
    """Read `{"clients": [{client_id, jwks, redirect_uris, …}], "brukere": [{pid, navn, rolle, gruppe}]}`."""
    content = json.loads(path.read_text(encoding="utf-8"))
    clients = {item["client_id"]: Klient(**item) for item in content["clients"]}
    return clients, Brukerliste([Testbruker(**item) for item in content.get("brukere", [])])


def main() -> None:
    """Run the double alone."""
    parser = argparse.ArgumentParser(prog="python -m testmiljo.idporten", description="ID-porten double")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--clients", type=Path, required=True, help="JSON file with clients and test users")
    options = parser.parse_args()
    clients, users = read_clients(options.clients)
    app = create_idporten(f"http://127.0.0.1:{options.port}", clients, users)
    make_server("127.0.0.1", options.port, app, threaded=True).serve_forever()


if __name__ == "__main__":
    main()

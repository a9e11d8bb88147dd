"""Recompute the chain of one service's event log, and check signed heads against it.

entente events --service contract --json | python check-chain.py [HEADS]
"""

import hashlib
import json
import sys
from pathlib import Path

heads = [json.loads(line) for file in sys.argv[1:] for line in Path(file).read_text().splitlines()]
digest, link, service = "0" * 64, 0, ""
for link, line in enumerate(sys.stdin, 1):
    event = json.loads(line)
    service = event["source"].strip("/")
    type_, version = event["type"].rsplit(".v", 1)
    metadata = {key: event.get(f"{key}id") for key in ("actor", "causation", "correlation")}
    metadata["traceparent"] = event.get("traceparent")
    content = [digest, event["id"], event["subject"], event["subjectsequence"], type_]
    content += [int(version), event["data"], metadata, event["time"]]
    written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(written.encode()).hexdigest()
    for head in heads:
        if (head["service"], head["link"]) == (service, link) and head["hash"] != digest:
            sys.exit(f"{service}: link {link} is not what was signed on {head['signed_at']}")
for head in heads:
    if head["service"] == service and head["link"] > link:
        sys.exit(f"{service}: ends at link {link}, but link {head['link']} was signed")
if not service:
    sys.exit("there is no event to check")
sys.stdout.write(f"{service}: {link} links, the last one {digest}\n")

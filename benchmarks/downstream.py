"""A connected system for the benchmark: takes batches by webhook, answers each line, remembers what it was told and when.

`python benchmarks/downstream.py PORT SECONDS-PER-BATCH`; GET answers what was wrong: early cannot be seen here, twice and stale can.
"""

import asyncio
import json
import sys
from typing import Any

states: dict[tuple[str, str], tuple[str, int]] = {}
keys: set[tuple[str, str]] = set()
counted = {"requests": 0, "told": 0, "twice": 0, "stale": 0}


def applied(system: str, change: dict[str, Any]) -> dict[str, Any]:
    """What a careful receiver does with one change; what it should never see is counted."""
    key, who = (system, change["key"]), (system, change["account"])
    counted["told"] += 1
    counted["twice"] += key in keys
    counted["stale"] += states.get(who, ("", 0))[1] > change["revision"]
    keys.add(key)
    states[who] = change["state"], change["revision"]
    return change


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One request; the connection is closed after it."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    path = head.split(" ", 2)[1]
    length = next((int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length")), 0)
    if length:
        changes = json.loads(await reader.readexactly(length))["data"]["changes"]
        counted["requests"] += 1
        await asyncio.sleep(float(sys.argv[2]))
        said: dict[str, Any] = {"changes": [applied(path, change) for change in changes]}
    else:
        said = counted | {"effects": len(keys)}
    body = json.dumps(said).encode()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    await writer.drain()
    writer.close()


async def main() -> None:
    """Listen until killed."""
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())

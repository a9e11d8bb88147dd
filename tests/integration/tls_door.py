"""A server's TLS side for tests: `python tls_door.py TARGET_PORT CERTIFICATE KEY CLIENTS_CA`.

Takes TLS on a port of its own, which it prints, and passes what comes on to TARGET_PORT as it is.
Speaks PostgreSQL's way too, where the client first asks whether TLS is to be had. CLIENTS_CA: who
vouches for clients; without it anybody is let in.
"""

import asyncio
import ssl
import sys

_ASKS_FOR_TLS = bytes.fromhex("0000000804d2162f")


async def main(target: int, certificate: str, key: str, clients: str = "") -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=clients or None)
    context.verify_mode = ssl.CERT_REQUIRED if clients else ssl.CERT_NONE
    context.load_cert_chain(certificate, key)

    async def for_postgresql(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.readexactly(len(_ASKS_FOR_TLS)) == _ASKS_FOR_TLS:
            writer.write(b"S")
            await writer.drain()
            await writer.start_tls(context)
            await passed_on(reader, writer)
        writer.close()

    async def passed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", target)
        await asyncio.gather(_copy(reader, back), _copy(there, writer), return_exceptions=True)

    plain = await asyncio.start_server(for_postgresql, "127.0.0.1", 0)
    at_once = await asyncio.start_server(passed_on, "127.0.0.1", 0, ssl=context)
    ports = [str(each.sockets[0].getsockname()[1]) for each in (plain, at_once)]
    sys.stdout.write(" ".join(ports) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while content := await reader.read(65_536):
        writer.write(content)
        await writer.drain()
    writer.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), *sys.argv[2:]))

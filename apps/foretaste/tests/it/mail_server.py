"""A real mail server on the loopback: `mail_server.py MODE [CERT KEY]`. Prints its port, then each mail as a line of JSON."""
import asyncio
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

mode = sys.argv[1]


class Taker:
    async def handle_DATA(self, server, session, envelope):
        mail = {
            "tls": session.ssl is not None or mode == "tls",
            "user": (session.auth_data.login.decode() if session.auth_data else None),
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "text": envelope.content.decode(),
        }
        print(json.dumps(mail), flush=True)
        return "250 taken"


def known(server, session, envelope, mechanism, data):
    right = (data.login, data.password) == (b"sec", b"open sesame")
    # a refusal that is not handled here is said by the server
    return AuthResult(success=right, handled=right, auth_data=data)


def serve():
    if mode == "plain":
        return SMTP(Taker())
    return SMTP(
        Taker(),
        tls_context=context if mode == "starttls" else None,
        require_starttls=mode == "starttls",
        authenticator=known,
        auth_required=True,
        auth_require_tls=mode == "starttls",
    )


context = None
if mode != "plain":
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[2], sys.argv[3])


async def main():
    outer = context if mode == "tls" else None
    server = await asyncio.get_running_loop().create_server(serve, "127.0.0.1", 0, ssl=outer)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())

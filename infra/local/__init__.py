"""Real servers for development and tests: a RabbitMQ and a PostgreSQL that need no administrator.

Everything a server writes lies in one folder, its processes are ended by their own pid, and a
server can be taken up again from its folder by another process.
"""

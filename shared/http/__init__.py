"""An HTTP/1.1 server for one WSGI application: strict framing, and limits on everything.

Messages are read and written by h11. What is ours is around it: taking connections, their number,
their time, and what goes to the application. Plain sockets and threads, so that it runs patched by
eventlet (each thread is then a green one) and without it alike.
"""

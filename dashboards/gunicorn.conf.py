"""How Superset is served: one process, since the cache of answers lies in its memory, and a few threads."""

workers = 1
worker_class = "gthread"
threads = 4
# Seconds an answer may take, and an idle browser keeps its connection.
timeout = 320
keepalive = 75
# When it is told to stop, open pages do not hold it up.
graceful_timeout = 5
control_socket_disable = True

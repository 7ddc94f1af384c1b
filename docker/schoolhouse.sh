#!/bin/sh
# The command in a container: `docker-compose exec worker-warehouse schoolhouse status`.
exec with-secrets python -m cli.main "$@"

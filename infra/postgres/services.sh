#!/bin/bash
# A database and a role for each service that has a password in ENTENTE_<SERVICE>_DATABASE_PASSWORD.
# The role owns its database and enters no other. The image runs this once, on an empty volume; run
# again it adds services and changes passwords:
#     docker compose exec postgres bash /docker-entrypoint-initdb.d/services.sh
set -euo pipefail

run_sql() {
    psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" \
        --dbname postgres "$@"
}

run_sql <<'SQL'
REVOKE CONNECT, TEMPORARY ON DATABASE postgres, template1 FROM PUBLIC;
SQL

for variable in $(compgen -e ENTENTE_ | grep '_DATABASE_PASSWORD$'); do
    service=${variable#ENTENTE_}
    service=${service%_DATABASE_PASSWORD}
    # psql reads the password from its environment: an argument could be seen by every process.
    SERVICE=${service,,} PASSWORD=${!variable} run_sql <<'SQL'
\getenv service SERVICE
\getenv password PASSWORD
SELECT format('CREATE ROLE %I LOGIN', :'service')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'service') \gexec
ALTER ROLE :"service" PASSWORD :'password';
SELECT format('CREATE DATABASE %I OWNER %I', :'service', :'service')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'service') \gexec
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done

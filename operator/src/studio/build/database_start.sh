#!/bin/sh
# Starts the managed PostgreSQL. It works in any image that has PostgreSQL's own programs and its account, and does
# not rely on the image's entry point. The superuser can only be reached inside the container.
set -eu
for directory in /usr/lib/postgresql/*/bin; do PATH="$directory:$PATH"; done
export PATH PGDATA=/var/lib/postgresql/data/pgdata PGHOST=/run/postgresql PGUSER=postgres
temporary=$PGDATA.new

# A pod that is deleted by force may overlap with the next one: PostgreSQL's own lock does not see across containers.
# The lock is inherited by PostgreSQL and goes with its last process.
exec 9> /var/lib/postgresql/data/lock
flock 9

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  # Moved into place only when it is whole: a start that was cut off begins anew.
  rm -rf "$temporary"
  initdb --pgdata="$temporary" --username=postgres --auth=trust --data-checksums --encoding=UTF8 --locale=C
  mv "$temporary" "$PGDATA"
fi

cat > "$PGDATA/pg_hba.conf" <<RULES
local all postgres trust
host "$DATABASE_NAME" "$DATABASE_USER" all scram-sha-256
RULES
cat > "$PGDATA/postgresql.auto.conf" <<SETTINGS
listen_addresses = '*'
max_connections = 200
password_encryption = 'scram-sha-256'
unix_socket_directories = '/run/postgresql'
shared_buffers = '${SHARED_BUFFERS:-128MB}'
SETTINGS

# The role and its password, before anybody can connect; a changed Secret changes the password here.
pg_ctl start -w -t 300 -o "-c listen_addresses=''" > /dev/null
psql --quiet --set=ON_ERROR_STOP=1 --set=role="$DATABASE_USER" --set=password="$DATABASE_PASSWORD" \
  --set=database="$DATABASE_NAME" <<'COMMANDS'
select format('create role %I login', :'role') where not exists (select from pg_roles where rolname = :'role') \gexec
select format('alter role %I login nosuperuser password %L', :'role', :'password') \gexec
select format('create database %I owner %I', :'database', :'role')
  where not exists (select from pg_database where datname = :'database') \gexec
COMMANDS
pg_ctl stop -w -m fast > /dev/null

# SIGTERM would make PostgreSQL wait for its clients, SIGINT ends their sessions: they come back by themselves.
postgres &
server=$!
trap 'kill -INT "$server"' TERM INT
code=0
wait "$server" || code=$?
while kill -0 "$server" 2> /dev/null; do
  code=0
  wait "$server" || code=$?
done
exit "$code"

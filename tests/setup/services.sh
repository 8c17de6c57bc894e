# Sourced by tests/run: the Postgres and the studio of one test run, both private and stopped at its end. Bash.

work=$(mktemp -d "${TMPDIR:-/tmp}/invoke-test.XXXXXX")
chmod 755 "$work"
postgres_pid=
studio_pid=
studio_url=

clean_up() {
  local status=$?
  trap - EXIT
  if [ -n "$studio_pid" ]; then stop_studio || true; fi
  if [ -n "$postgres_pid" ]; then
    kill -INT "$postgres_pid" 2>/dev/null || true
    wait "$postgres_pid" 2>/dev/null || true
  fi
  rm -rf "$work"
  exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# postgres_program NAME: the path of a program of the newest installed server.
postgres_program() {
  local directory
  directory=$(ls -1d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
  if [ -n "$directory" ]; then echo "$directory/$1"; else command -v "$1"; fi
}

# Postgres refuses to run as root, so root runs it as the account `postgres`.
as_postgres=()
if [ "$(id -u)" = 0 ]; then
  as_postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups env HOME=/tmp)
fi

# start_postgres: a fresh cluster on a Unix socket only, without fsync; sets postgres_url.
start_postgres() {
  if [ -n "$postgres_pid" ]; then return; fi
  local directory=$work/pg
  mkdir "$directory"
  say "starting a private Postgres"
  if [ "$(id -u)" = 0 ]; then chown postgres: "$directory"; fi
  "${as_postgres[@]}" "$(postgres_program initdb)" -D "$directory/data" -U postgres --auth=trust -E UTF8 --locale=C >/dev/null
  "${as_postgres[@]}" "$(postgres_program postgres)" -D "$directory/data" -k "$directory" -c listen_addresses= -c fsync=off \
    -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 >"$work/postgres.log" 2>&1 &
  postgres_pid=$!
  for _ in $(seq 150); do
    if [ -S "$directory/.s.PGSQL.5432" ] && [ -n "$(sed -n '8s/ready.*/yes/p' "$directory/data/postmaster.pid" 2>/dev/null)" ]; then
      postgres_url="postgres://postgres@localhost/postgres?host=$directory"
      return
    fi
    sleep 0.2
  done
  cat "$work/postgres.log" >&2
  return 1
}

# start_studio UI: `invoke up` on a free port with an empty root; sets studio_url, studio_pid.
start_studio() {
  local port log=$work/studio.log
  port=$(free_port)
  studio_url=http://127.0.0.1:$port
  "$CARGO_TARGET_DIR/debug/invoke" up --root "$work/studio" --host 127.0.0.1 --port "$port" --ui-dir "$1" >"$log" 2>&1 &
  studio_pid=$!
  for _ in $(seq 300); do
    if python3 -c 'import sys, urllib.request as u; u.urlopen(sys.argv[1], timeout=2)' "$studio_url/readyz" 2>/dev/null; then
      say "the studio answers at $studio_url"
      return
    fi
    kill -0 "$studio_pid" 2>/dev/null || break
    sleep 0.2
  done
  say "the studio did not start; its log:"
  cat "$log" >&2
  return 1
}

# stop_studio: asks it to stop as a service manager would; fails when it does not end well within half a minute.
stop_studio() {
  local pid=$studio_pid
  studio_pid=
  kill -TERM "$pid"
  for _ in $(seq 150); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.2
  done
  if kill -0 "$pid" 2>/dev/null; then
    say "the studio did not stop in time; its log ends:"
    tail -20 "$work/studio.log" >&2
    kill -KILL "$pid"
    return 1
  fi
  wait "$pid" || { say "the studio ended with an error; its log ends:"; tail -20 "$work/studio.log" >&2; return 1; }
}

# write_query_descriptions: compiles the store against a freshly migrated database and writes .sqlx.
write_query_descriptions() {
  start_postgres
  local file psql
  psql=$(command -v psql || postgres_program psql)
  for file in migrations/*.sql; do
    "$psql" -q -v ON_ERROR_STOP=1 -1 -f "$file" "$postgres_url"
  done
  mkdir -p "$work/sqlx"
  touch store/src/lib.rs
  SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$work/sqlx DATABASE_URL=$postgres_url cargo check -p store --all-targets
  mkdir -p .sqlx
  find .sqlx -name 'query-*.json' -delete
  find "$work/sqlx" -name 'query-*.json' -exec cp {} .sqlx/ \;
  say "$(ls .sqlx | wc -l) queries are described in .sqlx"
}

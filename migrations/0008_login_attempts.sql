-- Failed logins, counted by account and by address for all replicas together. The keys are digests: people type
-- passwords into the wrong field. Unlogged: after a crash of the database the counts start anew.
create unlogged table login_attempts (
    key text primary key,
    count integer not null,
    since timestamptz not null
);

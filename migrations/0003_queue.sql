-- The work queue, and the events that replicas relay to browsers.
-- The hot table stays narrow; graphs and results sit beside it.

create table queue_items (
    item_id bigint generated always as identity primary key,
    queue_id text not null,
    batch_id text not null,
    session_id text not null unique,
    user_id text not null,
    status text not null default 'pending'
        check (status in ('pending', 'in_progress', 'waiting', 'completed', 'failed', 'canceled')),
    -- Raised with every change of status.
    status_sequence bigint not null default 0,
    priority integer not null default 0,
    origin text,
    destination text,
    error_type text,
    error_message text,
    error_traceback text,
    retried_from_item_id bigint,
    device text,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    started_at timestamptz,
    completed_at timestamptz,
    -- Raised with every claim: a write of a worker counts only under the number it was given.
    fence bigint not null default 0,
    attempt integer not null default 0,
    worker_id text,
    lease_until timestamptz
);
create index queue_items_pending on queue_items (priority desc, item_id) where status = 'pending';
create index queue_items_pending_of_user on queue_items (user_id, priority desc, item_id) where status = 'pending';
create index queue_items_leases on queue_items (lease_until) where status = 'in_progress';
create index queue_items_by_status on queue_items (queue_id, status);
create index queue_items_by_user on queue_items (queue_id, user_id, status);
create index queue_items_served on queue_items (user_id, started_at);
create index queue_items_by_batch on queue_items (batch_id);
create index queue_items_by_destination on queue_items (queue_id, destination);

create table queue_sessions (
    item_id bigint primary key references queue_items (item_id) on delete cascade,
    session json not null,
    workflow json,
    field_values json
);

-- One row: an administrator may pause the workers.
create table queue_processor (
    only_row boolean primary key default true check (only_row),
    paused boolean not null default false
);
insert into queue_processor default values;

-- Durable events, read in the order in which their transactions became visible to all.
create table events (
    id bigint generated always as identity,
    xact xid8 not null default pg_current_xact_id(),
    name text not null,
    queue_id text,
    user_id text,
    payload json not null,
    created_at timestamptz not null default clock_timestamp(),
    primary key (xact, id)
);
create index events_by_age on events (created_at);

-- The latest progress of each running item; may be lost in a crash.
create unlogged table queue_progress (
    item_id bigint primary key,
    payload json not null
);

-- Workers as they tell of themselves. Nothing depends on these rows: claims stand in queue_items, under leases.
create table workers (
    worker_id text primary key,
    pool text not null,
    -- What computes: cpu or cuda.
    device text not null,
    version text not null,
    -- It finishes its item and takes no other.
    is_draining boolean not null default false,
    started_at timestamptz not null default clock_timestamp(),
    seen_at timestamptz not null default clock_timestamp()
);

-- What administrators ask of the caches of all workers. Workers read it at a notice and now and then besides.
create table cache_control (
    only_row boolean primary key default true check (only_row),
    node_cache_enabled boolean not null default true,
    -- These rise with every request to empty the cache.
    node_cache_cleared bigint not null default 0,
    model_cache_cleared bigint not null default 0
);
insert into cache_control default values;

-- What each worker's cache of node outputs held when it last told.
create unlogged table worker_caches (
    worker_id text primary key,
    entries bigint not null,
    max_entries bigint not null,
    hits bigint not null,
    misses bigint not null,
    seen_at timestamptz not null default clock_timestamp()
);

-- A worker tells of its cache of node outputs together with all else that it tells of itself. The release before this
-- one still writes worker_caches, which a later migration removes.
alter table workers
    add column cache_entries bigint not null default 0,
    add column cache_max_entries bigint not null default 0,
    add column cache_hits bigint not null default 0,
    add column cache_misses bigint not null default 0;

-- How many items each account has in each status, kept as differences: every statement that changes items adds
-- its own, and what they sum up to is the count. Writers never wait for each other, and a status of 50,000 items
-- is read from a handful of rows. `store::queue::claim` now and then replaces the differences by their sum.

create table queue_counts (
    queue_id text not null,
    user_id text not null,
    status text not null,
    items bigint not null
);
insert into queue_counts
select queue_id, user_id, status, count(*) from queue_items group by queue_id, user_id, status;
create index queue_counts_by_queue on queue_counts (queue_id);

create function count_added_queue_items() returns trigger language plpgsql as $$
begin
    insert into queue_counts
    select queue_id, user_id, status, count(*) from added group by queue_id, user_id, status;
    return null;
end $$;

create function count_removed_queue_items() returns trigger language plpgsql as $$
begin
    insert into queue_counts
    select queue_id, user_id, status, -count(*) from removed group by queue_id, user_id, status;
    return null;
end $$;

create function count_changed_queue_items() returns trigger language plpgsql as $$
begin
    insert into queue_counts
    select queue_id, user_id, status, sum(items) from (
        select queue_id, user_id, status, 1 as items from added
        union all
        select queue_id, user_id, status, -1 from removed
    ) as changed
    group by queue_id, user_id, status having sum(items) <> 0;
    return null;
end $$;

create function count_no_queue_items() returns trigger language plpgsql as $$
begin
    delete from queue_counts;
    return null;
end $$;

create trigger count_added after insert on queue_items
    referencing new table as added for each statement execute function count_added_queue_items();
create trigger count_removed after delete on queue_items
    referencing old table as removed for each statement execute function count_removed_queue_items();
create trigger count_changed after update on queue_items
    referencing old table as removed new table as added
    for each statement execute function count_changed_queue_items();
create trigger count_truncated after truncate on queue_items
    for each statement execute function count_no_queue_items();

-- The order of the queue list.
create index queue_items_by_age on queue_items (queue_id, item_id);

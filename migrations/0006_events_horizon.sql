-- Up to which transaction events can be read without being overtaken: the oldest that is open in this database.
-- Transaction numbers are shared by all databases of a server, but a long transaction of another one must not hold
-- up our events. A transaction whose database cannot be told counts as ours.
create function events_horizon() returns xid8 language sql stable as $$
    select coalesce(
        (
            select open from pg_snapshot_xip(pg_current_snapshot()) as open
            where not exists (
                select from pg_stat_activity as other
                where other.datname <> current_database()
                    and other.backend_xid::text::bigint = (open::text::bigint & 4294967295)
            ) and not exists (
                select from pg_prepared_xacts as other
                where other.database <> current_database()
                    and other.transaction::text::bigint = (open::text::bigint & 4294967295)
            )
            order by open limit 1
        ),
        pg_snapshot_xmax(pg_current_snapshot())
    )
$$;

-- People, their preferences, and what the service itself must remember.

create table users (
    user_id text primary key,
    email text not null,
    display_name text,
    -- argon2id in PHC form; null: nobody can sign in with a password.
    password_hash text,
    is_admin boolean not null default false,
    is_active boolean not null default true,
    -- Raised to end every session of the account.
    token_epoch bigint not null default 0,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    last_login_at timestamptz
);
create unique index users_by_email on users (lower(email));

-- Owns everything in single-user mode; nobody signs in as it.
insert into users (user_id, email, display_name, is_admin)
values ('system', 'system@system.invokeai', 'System', true);

create table client_state (
    user_id text not null references users (user_id) on delete cascade,
    key text not null,
    value text not null,
    updated_at timestamptz not null default clock_timestamp(),
    primary key (user_id, key)
);

-- Small secrets and switches of the installation, e.g. the key that signs sessions.
create table settings (
    key text primary key,
    value text not null
);

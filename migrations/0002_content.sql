-- What people make and work with: boards, images, workflows, presets, prompts, models.
-- JSON that clients round-trip is text or json, never jsonb: key order is part of it.

create table boards (
    board_id text primary key,
    board_name text not null,
    user_id text not null,
    cover_image_name text,
    archived boolean not null default false,
    board_visibility text not null default 'private'
        check (board_visibility in ('private', 'shared', 'public')),
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz
);
create index boards_by_owner on boards (user_id);

create table images (
    image_name text primary key,
    image_origin text not null check (image_origin in ('internal', 'external')),
    image_category text not null check (image_category in ('general', 'mask', 'control', 'user', 'other')),
    width integer not null,
    height integer not null,
    session_id text,
    node_id text,
    metadata text,
    has_workflow boolean not null default false,
    is_intermediate boolean not null default false,
    starred boolean not null default false,
    user_id text not null,
    -- An image is on one board or on none; deleting the board leaves it uncategorized.
    board_id text references boards (board_id) on delete set null,
    image_subfolder text not null default '',
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    deleted_at timestamptz
);
create index images_by_owner on images (user_id, is_intermediate, starred desc, created_at desc);
create index images_by_board on images (board_id, is_intermediate, starred desc, created_at desc);
create index images_by_age on images (is_intermediate, starred desc, created_at desc);

alter table boards add constraint boards_cover_image
    foreign key (cover_image_name) references images (image_name) on delete set null;
create index boards_by_cover on boards (cover_image_name) where cover_image_name is not null;

-- The workflow and graph an image came from: large, rarely read, so beside the listed table.
create table image_sources (
    image_name text primary key references images (image_name) on delete cascade,
    workflow text,
    graph text
);

-- Zips are written while they are fetched; this is what goes into them.
create table image_downloads (
    name text primary key,
    user_id text not null,
    image_names text[] not null,
    created_at timestamptz not null default now()
);

create table workflows (
    workflow_id text primary key,
    user_id text not null,
    name text not null,
    description text not null default '',
    category text not null check (category in ('user', 'default')),
    tags text not null default '',
    is_public boolean not null default false,
    has_thumbnail boolean not null default false,
    workflow text not null,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    opened_at timestamptz
);
create index workflows_by_owner on workflows (user_id, category);

create table style_presets (
    id text primary key,
    user_id text not null,
    name text not null,
    positive_prompt text not null,
    negative_prompt text not null,
    type text not null check (type in ('user', 'default')),
    is_public boolean not null default false,
    has_image boolean not null default false,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp()
);
create index style_presets_by_owner on style_presets (user_id);

create table system_prompts (
    id text primary key,
    user_id text not null,
    name text not null,
    content text not null,
    is_public boolean not null default false,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp()
);
create index system_prompts_by_owner on system_prompts (user_id);

create table models (
    key text primary key,
    hash text not null,
    base text not null,
    type text not null,
    format text not null,
    name text not null,
    path text not null unique,
    -- The whole configuration as clients see it, in upstream's shape.
    config json not null,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    unique (base, type, name)
);
create index models_by_hash on models (hash);

create table model_relationships (
    model_key_1 text not null references models (key) on delete cascade,
    model_key_2 text not null references models (key) on delete cascade,
    created_at timestamptz not null default now(),
    primary key (model_key_1, model_key_2),
    check (model_key_1 < model_key_2)
);
create index model_relationships_reversed on model_relationships (model_key_2);

create table model_installs (
    id bigint generated always as identity primary key,
    status text not null,
    job json not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

-- What every service of the suite keeps besides its own records. The tables are the same in each; libs/common reads and writes them.

-- The heads of the shards, and how often each was written: a change counts only if nobody has written to its shard since it
-- looked here, so that the writes of a shard are serial and its numbers have no gaps. Updated in place all the time: the free room keeps those updates on the page.
create table rewards.shard (
    shard            smallint    primary key constraint shard_exists check (shard between 0 and 63),
    last_seq         bigint      not null default 0,
    last_recorded_at timestamptz not null default 'epoch',
    writes           bigint      not null default 0
) with (fillfactor = 50);

insert into rewards.shard (shard) select generate_series(0, 63);

-- The journal: each row is an event of the feed and, where a caller asked for the change, what is remembered of the
-- request. It is only ever appended to.
create table rewards.journal (
    seq         bigint      not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    program_id  uuid        not null,
    member_id   uuid        not null,  -- nil for what concerns the whole program
    request_key uuid,                  -- a hash of whose request it was and of its id
    shard       smallint    not null,
    method      smallint,
    request_id  text,
    fingerprint bytea,
    answer      bytea,
    event       bytea       not null,  -- empty when the request changed nothing
    constraint journal_pkey primary key (shard, seq)
);
-- Nothing is ever looked for by what is in these: there is nothing about them that the planner should know, and to gather it costs more than any statement here.
alter table rewards.journal alter fingerprint set statistics 0, alter answer set statistics 0, alter event set statistics 0;

-- A request id takes effect at most once with each method, for ever.
create unique index journal_request on rewards.journal (shard, request_key, method) where request_key is not null;

-- How far the feeds of other services are taken in. Moves in the transaction of what an event caused.
create table rewards.cursor (
    source text     not null,
    shard  smallint not null,
    seq    bigint   not null,
    constraint cursor_pkey primary key (source, shard)
) with (fillfactor = 50);

-- The programs, as the member service reports them.
create table rewards.program (
    program_id     uuid   constraint program_pkey primary key,
    zone           text   not null,
    currency_code  text   not null,
    clock_at       timestamptz,               -- a sandbox's clock; null in a live program
    config_version bigint not null default 0  -- counts the versions published here, so that every replica notices them
);

-- The versions of rewards, each as it was published. Never updated.
create table rewards.config (
    program_id     uuid        not null,
    kind           text        not null,
    code           text        not null,
    version        integer     not null,
    effective_from timestamptz not null,
    definition     bytea       not null,
    constraint config_pkey primary key (program_id, kind, code, version)
);

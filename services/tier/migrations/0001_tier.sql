-- The tier service: the plumbing that every service has, what members did, and where they stand.
--
-- Every change of a level is in the journal and nowhere else. A member's row is the sum of what they did, and a standing is what their changes come
-- to, kept so that the next decision needs two rows instead of a history.

-- Where each shard stands, and how often it was written: a change counts only if nobody has written to its shard since it looked here. So writes of
-- a shard are serial, its numbers have no gaps and are in the order of the commits. Who changes records of members by hand raises `writes` too.
create table tier.shard (
    shard            smallint    primary key check (shard between 0 and 63),
    last_seq         bigint      not null default 0,
    last_recorded_at timestamptz not null default 'epoch',
    writes           bigint      not null default 0
) with (fillfactor = 50);
insert into tier.shard (shard) select generate_series(0, 63);

-- One row is an event of the feed and, for what a caller asked for, the record of the request.
create table tier.journal (
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
alter table tier.journal alter fingerprint set statistics 0, alter answer set statistics 0, alter event set statistics 0;
create unique index journal_request on tier.journal (shard, request_key, method) where request_key is not null;
-- For a member's changes, the newest first.
create index journal_member on tier.journal (shard, uuid_hash(member_id), seq);

-- How far the feeds of other services are taken in.
create table tier.cursor (
    source text     not null,
    shard  smallint not null,
    seq    bigint   not null,
    primary key (source, shard)
) with (fillfactor = 50);

-- The programs, as the member service reports them.
create table tier.program (
    program_id     uuid   primary key,
    zone           text   not null,
    currency_code  text   not null,
    clock_at       timestamptz,
    config_version bigint not null default 0
);

-- The ladders, version by version. A version never changes.
create table tier.config (
    program_id     uuid        not null,
    kind           text        not null,
    code           text        not null,
    version        integer     not null,
    effective_from timestamptz not null,
    definition     bytea       not null,
    primary key (program_id, kind, code, version)
);

-- The members. `activity` holds what they did, summed by day, and the levels that were given to somebody who cannot be judged yet. A row may be there before the member service has reported the member, because feeds
-- run apart: then there is no time of enrolment, and nobody is judged.
create table tier.member (
    shard          smallint not null,
    program_id     uuid     not null,
    member_id      uuid     not null,
    enrolled_at    timestamptz,
    closed         boolean  not null,
    -- Up to which change of the program's ladders the member has been judged.
    config_version bigint   not null,
    -- When the member must be judged again although they do nothing.
    due_at         timestamptz,
    activity       bytea    not null,
    primary key (shard, program_id, member_id)
) with (fillfactor = 70);
alter table tier.member alter activity set statistics 0;
-- For the worker that brings members up to their program's clock, and up to new versions of its ladders.
create index member_due on tier.member (program_id, due_at) where due_at is not null;
create index member_config on tier.member (program_id, config_version) where enrolled_at is not null and not closed;

-- Where a member stands on a ladder.
create table tier.standing (
    shard          smallint    not null,
    program_id     uuid        not null,
    member_id      uuid        not null,
    ladder         text        not null,
    -- The level that is their own, since when it is, and when it is reviewed.
    level          text        not null,
    since          timestamptz not null,
    valid_until    timestamptz,
    ladder_version integer     not null,
    -- The levels that campaigns gave them.
    grants         bytea       not null,
    -- The level on which they stand: their own, or a higher one that was given.
    stands_on      text        not null,
    -- Whether the member has left, as in their own row: only others are counted.
    closed         boolean     not null,
    primary key (shard, program_id, member_id, ladder),
    constraint standing_ends_after_it_began check (valid_until > since)
) with (fillfactor = 70);
-- For counting the members of each level without reading their rows.
create index standing_level on tier.standing (program_id, ladder, stands_on) where not closed;

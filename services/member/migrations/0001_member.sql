-- The member service: the plumbing that every service has, programs with their clocks, members, and the people behind them.
--
-- Nothing outside `profile` says anything of a person but the day of the year on which the birthday is, and nothing in it can be read without a key that is not in the
-- database. The journal is kept for ever: its events and answers carry no profile, and its fingerprints know one only through a keyed hash.

-- Where each shard stands, and how often it was written: a change counts only if nobody has written to its shard since it looked here. So writes of
-- a shard are serial, its numbers have no gaps and are in the order of the commits. Who changes records of members by hand raises `writes` too.
create table member.shard (
    shard            smallint    primary key check (shard between 0 and 63),
    last_seq         bigint      not null default 0,
    last_recorded_at timestamptz not null default 'epoch',
    writes           bigint      not null default 0
) with (fillfactor = 50);
insert into member.shard (shard) select generate_series(0, 63);

-- One row is an event of the feed and, for what a caller asked for, the record of the request.
create table member.journal (
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
alter table member.journal alter fingerprint set statistics 0, alter answer set statistics 0, alter event set statistics 0;
create unique index journal_request on member.journal (shard, request_key, method) where request_key is not null;

-- How far the feeds of other services are taken in. This service follows none; the table is here because every service has it.
create table member.cursor (
    source text     not null,
    shard  smallint not null,
    seq    bigint   not null,
    primary key (source, shard)
) with (fillfactor = 50);

-- The programs. The first five columns are what every service knows of a program; here they are the record. A program with a clock is a sandbox.
create table member.program (
    program_id     uuid   primary key,
    zone           text   not null,
    currency_code  text   not null,
    clock_at       timestamptz,
    config_version bigint not null default 0,
    name           text   not null default '',
    leap_day       text   not null default 'mar_1' constraint program_leap_day_is_known check (leap_day in ('feb_28', 'mar_1')),
    revision       bigint not null default 1 constraint program_revision_is_positive check (revision >= 1)
);

-- Versioned configuration. The member service has none yet; the table is here because every service has it.
create table member.config (
    program_id     uuid        not null,
    kind           text        not null,
    code           text        not null,
    version        integer     not null,
    effective_from timestamptz not null,
    definition     bytea       not null,
    primary key (program_id, kind, code, version)
);

-- The members, and the prospects, who have not enrolled. A frozen member keeps the standing that unfreezing gives back.
create table member.member (
    shard       smallint    not null,
    program_id  uuid        not null,
    member_id   uuid        not null,
    status      text        not null constraint member_status_is_known
                            check (status in ('prospect', 'registered', 'activated', 'frozen_prospect', 'frozen_registered', 'frozen_activated', 'closed')),
    channel     text        not null,
    enrolled_at timestamptz,
    revision    bigint      not null constraint member_revision_is_positive check (revision >= 1),
    constraint member_has_enrolled check (status = 'closed' or (enrolled_at is null) = (status in ('prospect', 'frozen_prospect'))),
    constraint member_pkey primary key (shard, program_id, member_id)
);

-- Each member's own key, wrapped under a master key. It stands apart from what it opens, so that its backups can live shorter than any other: who
-- destroys a row here, and the backups of it, has destroyed the person, whatever copies there are of the rest.
create table member.profile_key (
    shard       smallint not null,
    program_id  uuid     not null,
    member_id   uuid     not null,
    version     integer  not null constraint profile_key_version_is_positive check (version >= 1),
    master_key  text     not null,
    wrapped     bytea    not null,
    constraint profile_key_pkey primary key (shard, program_id, member_id)
);

-- The people, each column encrypted for itself. Bytes that were moved to another row or column do not open.
create table member.profile (
    shard       smallint not null,
    program_id  uuid     not null,
    member_id   uuid     not null,
    name        bytea,
    phone       bytea,
    email       bytea,
    card_number bytea,
    attributes  bytea,
    birth_date  bytea,
    constraint profile_pkey primary key (shard, program_id, member_id)
);

-- The days on which members have their birthdays, without the year of birth: only so that it can be found whose is near. What is removed leaves the years in which it was changed
-- and told. A birthday is told at `due_at`; nothing is due where the member is frozen or closed.
create table member.birthday (
    shard      smallint not null,
    program_id uuid     not null,
    member_id  uuid     not null,
    month      smallint,
    day        smallint,
    changed_in smallint,  -- the year in which it was changed last; null while it is the first
    told_for   smallint,  -- the year of the birthday that was told last
    next_on    date,      -- the birthday that is told next
    due_at     timestamptz,
    constraint birthday_pkey primary key (shard, program_id, member_id),
    constraint birthday_has_both check ((month is null) = (day is null)),
    constraint birthday_is_due_for_a_day check ((next_on is null) = (due_at is null) and (next_on is null or month is not null))
) with (fillfactor = 70);
create index birthday_due on member.birthday (program_id, due_at) where due_at is not null;

-- Who an identifier belongs to: one member of the program at most, which holds across shards. Members are looked up here before their shard is
-- known, so the shard does not lead the key; spread over several machines, this is a reference table.
create table member.identifier (
    program_id  uuid  not null,
    kind        text  not null constraint identifier_kind_is_known check (kind in ('phone', 'email', 'card_number')),
    blind_index bytea not null constraint identifier_blind_index_has_16_bytes check (length(blind_index) = 16),
    member_id   uuid  not null,
    constraint identifier_pkey primary key (program_id, kind, blind_index)
);

-- What members said to being written to, by channel and purpose (numbers of loyalty.value.v1): all of it, for ever. What holds is what was said last, which is what has the highest
-- place in the journal.
create table member.consent (
    shard      smallint    not null,
    program_id uuid        not null,
    member_id  uuid        not null,
    seq        bigint      not null,
    channel    smallint    not null,
    purpose    smallint    not null,
    granted    boolean     not null,
    source     text        not null,
    told_at    timestamptz not null,
    constraint consent_pkey primary key (shard, program_id, member_id, channel, purpose, seq)
);

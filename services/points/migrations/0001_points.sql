-- The points service: the plumbing that every service has, and the accounts of its members.
--
-- What moved is in the journal and nowhere else: an entry is the event of a journal row. An account row is the fold of its entries, kept so that
-- the next decision needs one row instead of a history.

-- Where each shard stands, and how often it was written: a change counts only if nobody has written to its shard since it looked here. So writes of
-- a shard are serial, its numbers have no gaps and are in the order of the commits. Who changes records of members by hand raises `writes` too.
create table points.shard (
    shard            smallint    primary key check (shard between 0 and 63),
    last_seq         bigint      not null default 0,
    last_recorded_at timestamptz not null default 'epoch',
    writes           bigint      not null default 0
) with (fillfactor = 50);
insert into points.shard (shard) select generate_series(0, 63);

-- One row is an event of the feed and, for what a caller asked for, the record of the request.
create table points.journal (
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
alter table points.journal alter fingerprint set statistics 0, alter answer set statistics 0, alter event set statistics 0;
create unique index journal_request on points.journal (shard, request_key, method) where request_key is not null;
-- For a member's entries, the newest first, and for what became of one of them later.
create index journal_member on points.journal (shard, uuid_hash(member_id), seq);

-- How far the feeds of other services are taken in, how far the mirror was seen to be, and how far the journal is in the totals of days.
create table points.cursor (
    source text     not null,
    shard  smallint not null,
    seq    bigint   not null,
    primary key (source, shard)
) with (fillfactor = 50);

-- The programs, as the member service reports them.
create table points.program (
    program_id     uuid   primary key,
    zone           text   not null,
    currency_code  text   not null,
    clock_at       timestamptz,
    config_version bigint not null default 0
);

-- The wallets, version by version. A version never changes.
create table points.config (
    program_id     uuid        not null,
    kind           text        not null,
    code           text        not null,
    version        integer     not null,
    effective_from timestamptz not null,
    definition     bytea       not null,
    primary key (program_id, kind, code, version)
);

-- The members, as the member service reports them; the status is a loyalty.member.v1.MemberStatus.
create table points.member (
    shard      smallint not null,
    program_id uuid     not null,
    member_id  uuid     not null,
    status     smallint not null,
    primary key (shard, program_id, member_id)
);

-- What a member has in a wallet. `state` holds the open lots, the holds and what was taken back; the sums beside it are there so that the database
-- itself refuses a balance below zero, and for counting without decoding.
create table points.account (
    shard       smallint not null,
    program_id  uuid     not null,
    member_id   uuid     not null,
    wallet      text     not null,
    last_seq    bigint   not null,
    next_due_at timestamptz,
    available   bigint   not null constraint account_available_is_not_negative check (available >= 0),
    pending     bigint   not null constraint account_pending_is_not_negative check (pending >= 0),
    held        bigint   not null constraint account_held_is_not_negative check (held >= 0),
    debt        bigint   not null constraint account_debt_is_not_negative check (debt >= 0),
    state       bytea    not null,
    primary key (shard, program_id, member_id, wallet)
) with (fillfactor = 60);
alter table points.account alter state set statistics 0;
-- For the worker that settles what falls due: entries, and what members are to be told.
create index account_due on points.account (program_id, next_due_at) where next_due_at is not null;

-- Wallets that have another rule of when members are told of points that lapse: up to which account all follow it that lie still. It is usually empty.
create table points.notice_plan (
    program_id     uuid        not null,
    wallet         text        not null,
    effective_from timestamptz not null,
    shard          smallint    not null default 0,
    after_member   uuid        not null default '00000000-0000-0000-0000-000000000000',
    primary key (program_id, wallet, effective_from)
);

-- Points that left for another member and may not have arrived yet. The one who asked sees to it; what a crash leaves undone is finished by a worker.
-- It is usually empty.
create table points.transfer (
    shard      smallint    not null,
    seq        bigint      not null,
    program_id uuid        not null,
    entry_id   uuid        not null,
    left_at    timestamptz not null,
    primary key (shard, seq)
);

-- What members paid in advance: a loyalty.points.v1.TopUp. A payment is credited once in its program, whoever asks.
create table points.top_up (
    program_id uuid     not null,
    payment_id text     not null,
    shard      smallint not null,
    member_id  uuid     not null,
    seq        bigint   not null,
    -- Whether something came with it of which it is not settled yet what becomes of it.
    has_gifts  boolean  not null,
    body       bytea    not null,
    primary key (program_id, payment_id)
);
-- For a member's, the newest first.
create index top_up_member on points.top_up (shard, program_id, member_id, seq);

-- What was proposed to be given or taken by hand, and what became of it: a loyalty.points.v1.Adjustment, whose state stands beside it.
create table points.adjustment (
    shard         smallint not null,
    program_id    uuid     not null,
    member_id     uuid     not null,
    adjustment_id uuid     not null,
    state         smallint not null,
    body          bytea    not null,
    primary key (shard, program_id, member_id, adjustment_id)
);
-- For lists of a program, the newest first.
create index adjustment_newest on points.adjustment (program_id, adjustment_id);

-- What the entries of a shard changed, by the day on which they occurred and the day on which they were recorded, in the program's zone, and by who pays.
-- A worker adds entries up behind the writers and moves a cursor in the same transaction; with nothing running it can be emptied together with the
-- cursors, and is made anew. What the columns count stands in loyalty.points.v1.LiabilityService.
create table points.daily_total (
    shard           smallint not null,
    program_id      uuid     not null,
    wallet          text     not null,
    occurred_day    date     not null,
    recorded_day    date     not null,
    funder          text     not null,
    issued          bigint   not null,
    transferred_in  bigint   not null,
    restored        bigint   not null,
    redeemed        bigint   not null,
    transferred_out bigint   not null,
    expired         bigint   not null,
    reversed        bigint   not null,
    paid_out        bigint   not null,
    forfeited       bigint   not null,
    settled         bigint   not null,
    debt_made       bigint   not null,
    written_off     bigint   not null,
    taken_back      bigint   not null,
    primary key (shard, program_id, wallet, occurred_day, recorded_day, funder)
) with (fillfactor = 70);

-- How many points of a wallet a person proposed (1) or approved (2) in a day of the program's zone. It concerns no member and lies under no shard's
-- head: who changes a row locks the person, and says what it was.
create table points.operator_day (
    program_id uuid     not null,
    operator   text     not null,
    wallet     text     not null,
    day        date     not null,
    act        smallint not null,
    points     bigint   not null,
    primary key (program_id, operator, day, wallet, act)
);

-- Evidence that nobody changed the journal afterwards. A segment is some rows of a shard that follow one another, sealed by their Merkle root and linked to
-- the segment before; a checkpoint signs where all chains end, with a key that is not here.
create table points.seal (
    shard      smallint not null,
    number     bigint   not null,
    first_seq  bigint   not null,
    last_seq   bigint   not null,
    root       bytea    not null,
    chain      bytea    not null,
    checkpoint bigint   not null,
    primary key (shard, number)
);
create index seal_checkpoint on points.seal (checkpoint, shard);
-- Where a shard stood at a checkpoint.
create unique index seal_at on points.seal (shard, checkpoint);
create index seal_place on points.seal (shard, last_seq);

create table points.checkpoint (
    number    bigint      primary key,
    sealed_at timestamptz not null,
    previous  bytea       not null,
    root      bytea       not null,
    signature text        not null
);

-- The campaign service: the plumbing that every service has, what it knows of members, and how far their orders and awards are.
--
-- Activities are in the journal and nowhere else: what was answered to the request that recorded one is the activity with its decision receipt.
-- An order's state is two of these receipts, that of the purchase and that of the latest return, so the rows below only say where they are.

-- Where each shard stands, and how often it was written: a change counts only if nobody has written to its shard since it looked here. So writes of
-- a shard are serial, its numbers have no gaps and are in the order of the commits. Who changes records of members by hand raises `writes` too.
create table campaign.shard (
    shard            smallint    primary key check (shard between 0 and 63),
    last_seq         bigint      not null default 0,
    last_recorded_at timestamptz not null default 'epoch',
    writes           bigint      not null default 0
) with (fillfactor = 50);
insert into campaign.shard (shard) select generate_series(0, 63);

-- One row is an event of the feed and, for what a caller asked for, the record of the request.
create table campaign.journal (
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
alter table campaign.journal alter fingerprint set statistics 0, alter answer set statistics 0, alter event set statistics 0;
create unique index journal_request on campaign.journal (shard, request_key, method) where request_key is not null;
-- For a member's activities, the newest first.
create index journal_member on campaign.journal (shard, uuid_hash(member_id), seq);

-- How far the feeds of other services are taken in.
create table campaign.cursor (
    source text     not null,
    shard  smallint not null,
    seq    bigint   not null,
    primary key (source, shard)
) with (fillfactor = 50);

-- The programs, as the member service reports them.
create table campaign.program (
    program_id     uuid   primary key,
    zone           text   not null,
    currency_code  text   not null,
    clock_at       timestamptz,
    config_version bigint not null default 0
);

-- The accruals and campaigns, version by version. A version never changes.
create table campaign.config (
    program_id     uuid        not null,
    kind           text        not null,
    code           text        not null,
    version        integer     not null,
    effective_from timestamptz not null,
    definition     bytea       not null,
    primary key (program_id, kind, code, version)
);

-- The drafts of campaigns, by name: each as it stands (a loyalty.campaign.v1.Draft with its campaign), its state (a DraftState) and how often something was done with it.
create table campaign.draft (
    program_id uuid     not null,
    draft      text     not null,
    state      smallint not null constraint draft_state_is_known check (state between 1 and 3),
    changes    integer  not null,
    definition bytea    not null,
    constraint draft_pkey primary key (program_id, draft)
);
create index draft_state on campaign.draft (program_id, state, draft);

-- What was done with drafts, one after another: a loyalty.campaign.v1.DraftChange, and for one that made a revision the draft as it was then. Never changed.
create table campaign.draft_change (
    program_id uuid    not null,
    draft      text    not null,
    number     integer not null,
    change     bytea   not null,
    revision   integer,  -- the revision that it made
    definition bytea,
    constraint draft_change_pkey primary key (program_id, draft, number)
);
create unique index draft_change_revision on campaign.draft_change (program_id, draft, revision) where revision is not null;

-- The ladders, version by version, as the tier service reports them: what its levels multiply by.
create table campaign.ladder (
    program_id     uuid        not null,
    ladder         text        not null,
    version        integer     not null,
    effective_from timestamptz not null,
    definition     bytea       not null,
    primary key (program_id, ladder, version)
);

-- The members, as the member service reports them, and how many purchases each has made; the status is a loyalty.member.v1.MemberStatus.
create table campaign.member (
    shard      smallint not null,
    program_id uuid     not null,
    member_id  uuid     not null,
    status     smallint not null,
    purchases  bigint   not null default 0,
    enrolled_at timestamptz,
    birthday_on date,  -- the birthday that was told last
    was_prospect boolean not null default false,
    referral_open boolean not null default false,  -- whether an order of the member may qualify whoever brought them
    primary key (shard, program_id, member_id)
) with (fillfactor = 70);

-- How often campaigns with limits or streaks applied for members and how many points they brought, and what members did on each day, as far as campaigns ask about it: by the month in the program's
-- zone in which that began. What came back is taken off. What a row says is made and read by the service alone (store/tallies.rs).
create table campaign.member_month (
    shard      smallint not null,
    program_id uuid     not null,
    member_id  uuid     not null,
    month      date     not null,
    tallies    bytea    not null,
    primary key (shard, program_id, member_id, month)
) with (fillfactor = 50);
alter table campaign.member_month alter tallies set statistics 0;

-- What of a budget's money for a time is given out: leased to the shards, for what its campaigns cost and for what those of its parts do. The sum of the leases is never
-- above the cap, however many replicas take leases at once.
create table campaign.budget_bucket (
    program_id uuid   not null,
    budget     text   not null,
    starts_on  date   not null,
    cap        bigint not null,
    granted    bigint not null default 0,
    primary key (program_id, budget, starts_on),
    constraint budget_bucket_is_never_overdrawn check (granted between 0 and cap)
) with (fillfactor = 50);

-- What each shard may spend of a budget's money for a time, and what it did: its writer charges activities here, and touches nothing that is shared. Whoever changes what
-- is granted raises the shard's `writes` too.
create table campaign.budget_lease (
    shard      smallint not null,
    program_id uuid     not null,
    budget     text     not null,
    starts_on  date     not null,
    granted    bigint   not null,
    granted_at timestamptz not null default clock_timestamp(),
    spent      bigint   not null default 0,
    over       bigint   not null default 0 constraint budget_lease_over_is_counted check (over >= 0),
    primary key (shard, program_id, budget, starts_on),
    constraint budget_lease_is_never_overdrawn check (spent between 0 and granted)
) with (fillfactor = 50);
create index budget_lease_budget on campaign.budget_lease (program_id, budget, starts_on);

-- How far what campaigns bring about is counted, from the journal.
create table campaign.counted (
    shard smallint primary key,
    seq   bigint   not null default 0
) with (fillfactor = 50);
insert into campaign.counted (shard) select generate_series(0, 63);

-- What campaigns brought about, by the day of the purchase in the program's zone.
create table campaign.campaign_day (
    program_id uuid   not null,
    campaign   text   not null,
    day        date   not null,
    times      bigint not null,
    points     bigint not null,
    cost       bigint not null,
    sales      bigint not null,
    primary key (program_id, campaign, day)
) with (fillfactor = 50);

-- What the members in each of the thousand places of a sample did, whether its campaigns applied to them or not.
create table campaign.sample_place (
    program_id uuid     not null,
    sample     text     not null,
    place      smallint not null check (place between 0 and 999),
    orders     bigint   not null,
    spend      bigint   not null,
    points     bigint   not null,
    primary key (program_id, sample, place)
) with (fillfactor = 50);

-- What members of a program did, and who joined and left, by day in the program's zone: of an activity, the day for which it counts.
create table campaign.program_day (
    program_id uuid   not null,
    day        date   not null,
    orders     bigint not null,
    spend      bigint not null,
    points     bigint not null,
    joined     bigint not null,
    gone       bigint not null,
    primary key (program_id, day)
) with (fillfactor = 50);

-- Who joined and who left, as the member service reports it under a number of its feed, until it is counted.
create table campaign.membership_change (
    shard      smallint    not null,
    seq        bigint      not null,
    program_id uuid        not null,
    at         timestamptz not null,
    joined     boolean     not null,
    primary key (shard, seq)
);

-- In which months of a year members did something, a bit for each, so that who did something in a month, a quarter or a year is counted once.
create table campaign.member_year (
    shard      smallint not null,
    program_id uuid     not null,
    member_id  uuid     not null,
    year       smallint not null,
    months     smallint not null,
    primary key (shard, program_id, member_id, year)
) with (fillfactor = 70);

-- How many members did something in a period: by kind (a loyalty.campaign.v1.CalendarPeriod) and the day on which it began.
create table campaign.active_count (
    program_id uuid     not null,
    period     smallint not null,
    starts_on  date     not null,
    members    bigint   not null,
    primary key (program_id, period, starts_on)
) with (fillfactor = 50);

-- What other services reported that is to be recorded as an activity, once the program's clock is at the time of that: by whose report it was, and its number there. Gone with
-- the activity's own commit.
create table campaign.report (
    shard      smallint not null,
    source     text     not null,
    seq        bigint   not null,
    program_id uuid     not null,
    member_id  uuid     not null,
    input      bytea    not null,
    due_at     timestamptz not null,
    primary key (shard, source, seq)
) with (fillfactor = 70);
create index report_due on campaign.report (program_id, due_at);

-- The levels of members, as the tier service reports them. Its feed may be ahead of the member feed, so a level may be known before its member.
create table campaign.member_level (
    shard      smallint not null,
    program_id uuid     not null,
    member_id  uuid     not null,
    ladder     text     not null,
    level      text     not null,
    factor_num bigint   not null,
    factor_den bigint   not null constraint member_level_factor_is_a_ratio check (factor_den > 0),
    primary key (shard, program_id, member_id, ladder)
) with (fillfactor = 70);

-- The orders of members: where in the journal the receipt of the purchase is, and that of the latest activity about the order.
create table campaign.purchase (
    shard        smallint not null,
    program_id   uuid     not null,
    member_id    uuid     not null,
    order_id     text     not null,
    activity_id  uuid     not null,
    purchase_seq bigint   not null,
    latest_seq   bigint   not null,
    primary key (shard, program_id, member_id, order_id)
);

-- Returns that came before their orders, with the request as it came: 1 for one that waits, 2 for one that its order does not allow for, 3 for one whose order did not come in time, as in
-- loyalty.campaign.v1.ParkedReturnState. One that is recorded has no row, a moment later. The table is nearly always empty.
create table campaign.parked_return (
    shard       smallint    not null,
    program_id  uuid        not null,
    member_id   uuid        not null,
    request_id  text        not null,
    order_id    text        not null,
    request     bytea       not null,
    parked_at   timestamptz not null,
    gives_up_at timestamptz not null,
    state       smallint    not null default 1 constraint parked_return_state check (state in (1, 2, 3)),
    reason      text,
    primary key (shard, program_id, member_id, request_id)
);
create index parked_return_listed on campaign.parked_return (program_id, state, parked_at, member_id, request_id);
create index parked_return_gives_up on campaign.parked_return (program_id, gives_up_at) where state = 1;

-- The awards that are not known to be posted: 3 for one that is to be, 4 for one that the points service refused for good, as in
-- loyalty.campaign.v1.AwardState. An award that is posted has no row, a moment later.
create table campaign.award (
    shard  smallint not null,
    seq    bigint   not null,
    state  smallint not null constraint award_is_pending_or_refused check (state in (3, 4)),
    reason text,
    primary key (shard, seq)
);

-- The messages that campaigns give, told apart by the activity's place in the journal, the campaign and its grant: so none is there twice. What they say is written from the receipt when they are
-- sent, and where they go is asked of the member service then: nothing here says who somebody is. The state is a loyalty.campaign.v1.MessageState. Of times, `intended_at` and
-- `deadline_at` are by the program's clock, the others by the database's.
create table campaign.message (
    shard            smallint    not null,
    seq              bigint      not null,
    campaign         text        not null,
    grant_at         smallint    not null,
    program_id       uuid        not null,
    member_id        uuid        not null,
    activity_id      uuid        not null,
    template         text        not null,
    template_version integer     not null,
    state            smallint    not null constraint message_state_is_known check (state between 1 and 7),
    intended_at      timestamptz not null,
    deadline_at      timestamptz,
    reason           text,
    channel          smallint,
    attempts         integer     not null default 0,  -- whoever tries it holds it by this number
    uncounted        integer     not null default 0,  -- how many of these do not count: what only waited, and what was before a replay
    retry_at         timestamptz not null default clock_timestamp(),  -- not before this; while somebody tries it, until when they hold it
    counted_on       date,                            -- the day for which it counts among those that a policy caps
    recorded_at      timestamptz not null default clock_timestamp(),
    sent_at          timestamptz,
    constraint message_pkey primary key (shard, seq, campaign, grant_at)
) with (fillfactor = 70);
create index message_due on campaign.message (program_id, retry_at) where state = 1;
create index message_state on campaign.message (program_id, state, shard, seq, campaign, grant_at);
create index message_counted on campaign.message (shard, program_id, member_id, counted_on) where counted_on is not null;

-- The codes by which members invite friends. Each is made when it is first asked for, of the member's id, so that whoever makes it makes the same.
create table campaign.invite_code (
    program_id uuid not null,
    code       text not null,
    member_id  uuid not null,
    primary key (program_id, code),
    constraint invite_code_member unique (program_id, member_id)
);

-- Who brought whom: a row of the friend, who is brought once, and how far that is. The state is a loyalty.campaign.v1.ReferralState, the reasons are bits by the numbers of a
-- loyalty.campaign.v1.ReferralReason. Times are by the program's clock.
create table campaign.referral (
    shard       smallint    not null,
    program_id  uuid        not null,
    member_id   uuid        not null,
    referrer    uuid        not null,
    invite_code text        not null,
    state       smallint    not null constraint referral_state_is_known check (state between 1 and 6),
    reasons     integer     not null,
    bound_at    timestamptz not null,
    changed_at  timestamptz not null,
    gives_up_at timestamptz,
    order_id    text,    -- what qualifies it, or would
    reported    bigint,  -- the number under which both sides are told of it
    primary key (shard, program_id, member_id),
    constraint referral_is_of_two check (referrer <> member_id)
) with (fillfactor = 70);
create index referral_referrer on campaign.referral (program_id, referrer, bound_at, member_id);
create index referral_state on campaign.referral (program_id, state, bound_at, member_id);
create index referral_of_open on campaign.referral (program_id, referrer) where state in (1, 2, 3);
create index referral_gives_up on campaign.referral (program_id, gives_up_at) where state = 1;

-- Everything that happened to a referral, by its place in the journal.
create table campaign.referral_move (
    shard       smallint    not null,
    seq         bigint      not null,
    program_id  uuid        not null,
    member_id   uuid        not null,
    referrer    uuid        not null,
    state       smallint    not null,
    reasons     integer     not null,
    at          timestamptz not null,
    order_id    text,
    reviewed_by text,
    comment     text,
    primary key (shard, program_id, member_id, seq)
);

-- Orders of friends that may qualify a referral, and when to look at each: at once, to see whether it may, and when its return window is over. Gone when it is decided.
create table campaign.referral_order (
    shard      smallint    not null,
    program_id uuid        not null,
    member_id  uuid        not null,
    order_id   text        not null,
    ordered_at timestamptz not null,
    due_at     timestamptz not null,
    waits      boolean     not null,
    primary key (shard, program_id, member_id, order_id)
) with (fillfactor = 70);
create index referral_order_due on campaign.referral_order (program_id, due_at);

-- What members have in common who may be one: hashes of devices, payment means and addresses, made for the program, so that they say nothing elsewhere.
create table campaign.referral_mark (
    shard      smallint not null,
    program_id uuid     not null,
    member_id  uuid     not null,
    mark       uuid     not null,
    primary key (shard, program_id, member_id, mark)
);
create index referral_mark_shared on campaign.referral_mark (program_id, mark);

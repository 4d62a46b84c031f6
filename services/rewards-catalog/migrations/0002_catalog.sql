-- The members, as the member service reports them: only whether they may redeem.
create table rewards.member (
    shard      smallint not null,
    program_id uuid     not null,
    member_id  uuid     not null,
    status     smallint not null,  -- as loyalty.member.v1.MemberStatus numbers them
    constraint member_pkey primary key (shard, program_id, member_id)
) with (fillfactor = 80);

-- The levels of the members, as the tier service reports them.
create table rewards.level (
    shard      smallint not null,
    program_id uuid     not null,
    member_id  uuid     not null,
    ladder     text     not null,
    level      text     not null,
    constraint level_pkey primary key (shard, program_id, member_id, ladder)
) with (fillfactor = 80);

-- How many of each reward are left. The members of a program are on all shards and take from one stock, so a stock is
-- saved only if it still is what it was. The check is the last word: nothing is sold below zero.
create table rewards.stock (
    program_id uuid   not null,
    reward     text   not null,
    stock      bigint not null constraint stock_not_below_zero check (stock >= 0),
    constraint stock_pkey primary key (program_id, reward)
) with (fillfactor = 50);

-- The redemptions: each row is the log of a saga. It has one of the reward's stock unless it is rejected or cancelled, or was won by a ticket.
create table rewards.redemption (
    shard            smallint    not null,
    program_id       uuid        not null,
    member_id        uuid        not null,
    redemption_id    uuid        not null,
    seq              bigint      not null,  -- where it began in the journal: the order of the member's list
    reward           text        not null,
    reward_version   integer     not null,
    wallet           text        not null,
    points           bigint      not null,
    refundable       boolean     not null,
    redeemed_at      timestamptz not null,
    state            smallint    not null,  -- as loyalty.rewards_catalog.v1.RedemptionState numbers them
    hold_id          uuid,                  -- once rejected: a hold that came too late and is to be released
    capture_entry_id uuid,
    rejection        smallint,              -- as UnavailableReason numbers them; while POINTS_HELD: why the hold is being released
    missing_points   bigint,
    initiator        smallint,              -- as loyalty.value.v1.Initiator numbers them
    cancelled_at     timestamptz,
    ticket_id        uuid,                  -- what won it; null where it was bought
    at_rest          boolean     not null,  -- whether there is nothing left to do
    changed_at       timestamptz not null,  -- by the database's clock, also in a sandbox
    constraint redemption_pkey primary key (shard, program_id, member_id, redemption_id),
    constraint redemption_price check ((ticket_id is null and points > 0) or (ticket_id is not null and points = 0)),
    constraint redemption_won check (ticket_id is null or (state = 3 and at_rest)),
    constraint redemption_held check (state <> 2 or hold_id is not null),
    constraint redemption_spent check ((state in (3, 5, 6) and ticket_id is null) = (capture_entry_id is not null)),
    constraint redemption_rejected check (state <> 4 or rejection is not null),
    constraint redemption_cancelled check ((state in (5, 6)) = (initiator is not null and cancelled_at is not null))
) with (fillfactor = 70);

create index redemption_newest on rewards.redemption (shard, program_id, member_id, seq);

-- What the sweeper resumes: empty while all is well.
create index redemption_under_way on rewards.redemption (changed_at) where not at_rest;

-- The lotteries: their rules, and what is left of their prizes. The members of a program are on all shards and draw from one lottery, so a lottery is saved
-- only if it still is what it was, as a stock is.
create table rewards.lottery (
    program_id    uuid        not null,
    lottery       text        not null,
    lottery_id    uuid        not null,
    revision      integer     not null,
    definition    bytea       not null,            -- a loyalty.rewards_catalog.v1.Lottery
    commitment    bytea       not null,
    closes_at     timestamptz not null,
    tickets_sold  bigint      not null,            -- those that are being paid for among them
    tickets_drawn bigint      not null,
    prizes_left   bigint[]    not null,            -- in the order of the prizes
    revealed_at   timestamptz,
    writes        bigint      not null,            -- counts its changes, so that nobody writes over what they have not seen
    constraint lottery_pkey primary key (program_id, lottery),
    constraint lottery_draws_what_is_sold check (tickets_drawn between 0 and tickets_sold),
    constraint lottery_left_not_below_zero check (0 <= all (prizes_left)),
    constraint lottery_revealed_once_drawn check (revealed_at is null or tickets_drawn = tickets_sold)
) with (fillfactor = 50);

-- Where tickets may be left to be drawn.
create index lottery_not_revealed on rewards.lottery (closes_at) where revealed_at is null;

-- The seeds, apart from what is read all the time: only a draw, its verification and the revelation ask for one. Never updated.
create table rewards.lottery_seed (
    program_id uuid  not null,
    lottery    text  not null,
    seed       bytea not null constraint lottery_seed_length check (length(seed) = 32),
    constraint lottery_seed_pkey primary key (program_id, lottery)
);

-- The tickets: each row is the log of its payment, and what it drew.
create table rewards.ticket (
    shard            smallint    not null,
    program_id       uuid        not null,
    member_id        uuid        not null,
    ticket_id        uuid        not null,
    seq              bigint      not null,  -- where it was asked for in the journal: the order of the member's list
    lottery          text        not null,
    source           smallint    not null,  -- as loyalty.rewards_catalog.v1.TicketSource numbers them
    wallet           text        not null,
    points           bigint      not null constraint ticket_price check (points > 0),
    bought_at        timestamptz not null,
    state            smallint    not null,  -- of the payment, as a redemption's
    hold_id          uuid,
    capture_entry_id uuid,
    rejection        smallint,
    missing_points   bigint,
    draw_number      bigint,                -- null before it is drawn
    prize            text,                  -- what was given, by its code; empty for nothing
    draw             bytea,                 -- a loyalty.rewards_catalog.v1.Draw
    at_rest          boolean     not null,  -- whether the payment has nothing left to do
    changed_at       timestamptz not null,  -- by the database's clock, also in a sandbox
    constraint ticket_pkey primary key (shard, program_id, member_id, ticket_id),
    constraint ticket_held check (state <> 2 or hold_id is not null),
    constraint ticket_spent check ((state = 3) = (capture_entry_id is not null)),
    constraint ticket_rejected check (state <> 4 or rejection is not null),
    constraint ticket_drawn check ((draw_number is null) = (draw is null) and (draw_number is null) = (prize is null)),
    constraint ticket_drawn_once_issued check (draw_number is null or state = 3)
) with (fillfactor = 70);

create index ticket_newest on rewards.ticket (shard, program_id, member_id, seq);

-- What the sweeper resumes, and what is drawn when a lottery has closed: both empty while nothing is left over.
create index ticket_under_way on rewards.ticket (changed_at) where not at_rest;
create index ticket_undrawn on rewards.ticket (program_id, lottery) where state = 3 and draw_number is null;

-- The draws of a lottery in their order, for whoever verifies one.
create index ticket_draws on rewards.ticket (program_id, lottery, draw_number) where draw_number is not null;

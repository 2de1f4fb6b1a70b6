-- What was written and what was found to agree, newest first: the pair that holds now, unless it ended.
-- A new record whose creation got no answer, and cannot be read back yet, may be there: it is a pair as well.
with events as (
    select
        *,
        -- A first contact that was taken back is no pair any more.
        operation = 'delete' or {{ is_undone('agreement') }} as is_end,
        coalesce(finished_at, sent_at) as seen_at,
        write_id as event_id
    from {{ source('ledger', 'writes') }}
    where
        (operation in ('create', 'update', 'delete') and status in ('acknowledged', 'verified'))
        or (operation = 'create' and status in ('sent', 'unresolved'))
    union all by name
    select
        *,
        ended_at is not null as is_end,
        coalesce(ended_at, changed_at) as seen_at,
        link_id as event_id
    from {{ source('ledger', 'links') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by system, flow, entity_set, source_key order by seen_at desc, is_end, event_id desc
        ) as newest
    from events
)

select
    system,
    flow,
    entity_set,
    source_key,
    record_key,
    record_id,
    key_values,
    seen_at
from ranked
where newest = 1 and not is_end

{{ config(post_hook="{{ remember_standings() }}") }}
-- A row for each source record and target of a flow, and one for each record that only a target has.
with judged as (
    {{ judged_records() }}
),

sorted as (
    select *, {{ record_status() }} as status from judged
),

standing as (
    select
        flow,
        target,
        company as data_area_id,
        source_key,
        record_key,
        status,
        {{ standing_reason() }} as reason,
        case when not is_gone then 1 else 0 end as source_records,
        case when is_there and not is_anothers then 1 else 0 end as target_records,
        case when {{ is_compared() }} then differing_columns end as differing_columns
    from sorted
    union all by name
    select
        flows as flow,
        target,
        data_area_id,
        record_key,
        'only_target' as status,
        'unmatched' as reason,
        0 as source_records,
        1 as target_records
    from {{ ref('unmatched_records') }}
)

select
    standing.*,
    case when standing.status in ('differ', 'only_source', 'only_target') then coalesce(known.since, now()) end as since
from standing
left join {{ source('ledger', 'standings') }} as known
    on
        standing.flow = known.flow and standing.target = known.target
        and standing.source_key is not distinct from known.source_key
        and standing.record_key is not distinct from known.record_key
        and standing.status = known.status and standing.reason = known.reason

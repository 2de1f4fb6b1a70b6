{{ config(post_hook="{{ remember_differences() }}") }}
with entries as (
    {{ differing_columns() }}
),

told as (
    select
        flow,
        target,
        source_key,
        record_key,
        fate,
        {{ json_text('entry', 'column') }} as column_name,
        {{ json_text('entry', 'kind') }} as kind,
        {{ json_text('entry', 'policy') }} as policy,
        {{ json_text('entry', 'action') }} as action,
        {{ json_text('entry', 'agreed') }} as agreed_value,
        {{ json_text('entry', 'source') }} as source_value,
        {{ json_text('entry', 'target') }} as target_value
    from entries
)

select
    told.*,
    coalesce(seen.first_seen, current_timestamp) as since
from told
left join {{ source('ledger', 'differences') }} as seen
    on
        told.flow = seen.flow
        and told.target = seen.target
        and told.source_key = seen.source_key
        and told.column_name = seen.column_name

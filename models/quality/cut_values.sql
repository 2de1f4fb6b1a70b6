with entries as (
    {{ entries_of('p2c_cuts') }}
)

select
    flow,
    target,
    source_key,
    record_key,
    {{ json_text('entry', 'column') }} as column_name,
    {{ json_text('entry', 'value') }} as value,
    {{ json_text('entry', 'message') }} as message
from entries

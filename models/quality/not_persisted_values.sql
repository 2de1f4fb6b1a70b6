with found as (
    {{ not_persisted_writes('true') }}
)

select
    flow,
    system || '.' || entity_set as target,
    record_key,
    column_name,
    json_extract_string(written, '$') as written,
    json_extract_string(held, '$') as held,
    finished_at as written_at,
    error_message as message
from found

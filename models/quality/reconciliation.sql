select
    flow,
    target,
    data_area_id,
    status,
    reason,
    count(*) as records,
    cast(sum(source_records) as bigint) as source_records,
    cast(sum(target_records) as bigint) as target_records,
    min(since) as oldest_since
from {{ ref('record_standings') }}
group by flow, target, data_area_id, status, reason

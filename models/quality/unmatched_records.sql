with found as (
    select * from {{ ref('only_in_target') }}
),

-- What is itself a source record, as an order that F&O sends to Sales, has its fate there.
sources as (
    select distinct source_key from {{ ref('record_fates') }}
)

select
    found.flows,
    found.target,
    found.data_area_id,
    found.record_key,
    found.record_name
from found
left join sources on found.record_key = sources.source_key
where sources.source_key is null

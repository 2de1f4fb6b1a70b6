with compared as (
    select flow, target, data_area_id, differing_columns
    from {{ ref('record_standings') }}
    where differing_columns is not null
),

records as (
    select flow, target, data_area_id, count(*) as records
    from compared
    group by flow, target, data_area_id
),

compared_columns as (
    {{ compared_columns() }}
),

differing as (
    select flow, target, data_area_id, column_name, count(*) as differ
    from (
        select flow, target, data_area_id, {{ json_strings('differing_columns') }} as column_name
        from compared
        where differing_columns <> '[]'
    ) as named
    group by flow, target, data_area_id, column_name
)

select
    records.flow,
    records.target,
    records.data_area_id,
    compared_columns.column_name,
    records.records - coalesce(differing.differ, 0) as agree,
    coalesce(differing.differ, 0) as differ
from records
inner join compared_columns on records.flow = compared_columns.flow and records.target = compared_columns.target
left join differing
    on
        records.flow = differing.flow and records.target = differing.target
        and records.data_area_id is not distinct from differing.data_area_id
        and compared_columns.column_name = differing.column_name

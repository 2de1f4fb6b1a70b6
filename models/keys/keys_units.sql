with schedules as (
    select * from {{ ref('stg_sales__uomschedules') }}
    where deleted_at is null and lower(name) = lower({{ text_var('unit_group') }})
),

units as (
    select * from {{ ref('stg_sales__uoms') }} where deleted_at is null
)

-- Unit names are unique only within a group: a look-up by name must fix the group as well.
select
    map.finops_symbol,
    map.sales_unit,
    map.is_preferred,
    units.uomid as unit_id,
    units.uomscheduleid as unit_group_id
from {{ ref('stg_seeds__value_map_units') }} as map
left join schedules on true
left join units
    on lower(map.sales_unit) = lower(units.name) and schedules.uomscheduleid = units.uomscheduleid

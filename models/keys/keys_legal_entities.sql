with units as (
    select * from {{ ref('stg_sales__businessunits') }}
),

entities as (
    select * from {{ ref('stg_seeds__legal_entities') }}
),

matched as (
    select
        units.businessunitid as business_unit_id,
        units.name as business_unit,
        coalesce(entities.data_area_id, defaults.data_area_id) as data_area_id,
        entities.data_area_id is null as is_by_default,
        coalesce(entities.data_area_id, defaults.data_area_id) = defaults.data_area_id
            as is_default_entity
    from units
    left join entities on lower(units.name) = lower(entities.business_unit)
    cross join (select data_area_id from {{ ref('stg_seeds__legal_entities') }} where is_default) as defaults
)

-- A record that belongs to one entity only, such as an order, takes the first of its unit's.
select
    *,
    row_number() over (
        partition by business_unit_id order by is_default_entity desc, data_area_id
    ) as preference
from matched

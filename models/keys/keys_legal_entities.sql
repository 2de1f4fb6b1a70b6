with units as (
    select * from {{ ref('stg_sales__businessunits') }}
),

entities as (
    select * from {{ ref('legal_entities') }}
),

matched as (
    select
        units.businessunitid as business_unit_id,
        units.name as business_unit,
        coalesce(entities.data_area_id, defaults.data_area_id) as data_area_id,
        entities.data_area_id is null as is_by_default
    from units
    left join entities on lower(units.name) = lower(entities.business_unit)
    cross join (select data_area_id from entities where is_default) as defaults
)

select * from matched

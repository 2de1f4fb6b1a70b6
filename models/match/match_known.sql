{{ config(materialized="table") }}

with pairs as (
    select
        *,
        1 as strength,
        'override' as known_by
    from ({{ known_by_override() }}) as overrides
    union all
    select
        *,
        2 as strength,
        'link' as known_by
    from ({{ known_by_link() }}) as links
    union all
    select
        *,
        3 as strength,
        'natural_key' as known_by
    from ({{ known_by_number() }}) as numbers
),

-- Of a record of Sales that is gone F&O's may be a pair anew.
alive as (
    select
        'customers' as entity,
        accountid as sales_id
    from {{ ref('stg_sales__accounts') }}
    where deleted_at is null
    union all
    select
        'contacts' as entity,
        contactid as sales_id
    from {{ ref('stg_sales__contacts') }}
    where deleted_at is null
    union all
    select
        'products' as entity,
        productid as sales_id
    from {{ ref('stg_sales__products') }}
    where deleted_at is null
),

created as (
    {{ crosswalk_events() }}
),

ranked as (
    select
        pairs.*,
        -- A record that was made for another one is nobody else's: whoever looks like both is a duplicate at the source.
        pairs.entity <> 'products' and (
            max(pairs.strength) over (
                partition by pairs.entity, pairs.record_table, pairs.data_area_id, pairs.sales_id, lower(pairs.finops_key)
            ) = 3
            or coalesce(created.is_created, false)
        ) as is_copy,
        min(pairs.strength) over (
            partition by pairs.entity, pairs.record_table, pairs.data_area_id, pairs.sales_id
        ) as strongest_of_sales,
        min(pairs.strength) over (
            partition by pairs.entity, pairs.record_table, pairs.data_area_id, lower(pairs.finops_key)
        ) as strongest_of_finops
    from pairs
    inner join alive on pairs.entity = alive.entity and pairs.sales_id = alive.sales_id
    left join created
        on
            pairs.entity = created.entity
            and pairs.record_table = created.finops_table
            and pairs.data_area_id || '/' || pairs.sales_id = created.source_key
            and lower(pairs.data_area_id || '/' || pairs.finops_key) = created.record_key
    where
        pairs.strength = 1
        or not {{ decided_different('pairs.entity', 'pairs.sales_id', 'pairs.data_area_id', 'pairs.finops_key') }}
)

select
    entity,
    record_table,
    data_area_id,
    sales_id,
    finops_key,
    known_by,
    is_copy
from ranked
where strength = strongest_of_sales and strength = strongest_of_finops

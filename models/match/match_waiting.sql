{{ config(materialized="table") }}

with candidates as (
    select
        *,
        'customers' as entity
    from {{ ref('match_customers') }}
    where is_waiting
    union all
    select
        *,
        'contacts' as entity
    from {{ ref('match_contacts') }}
    where is_waiting
    union all
    select
        *,
        'products' as entity
    from {{ ref('match_products') }}
    where is_waiting
),

-- What is looked for is a record of F&O, of products one of Sales.
told as (
    select
        entity,
        coalesce(data_area_id, '') as data_area_id,
        case entity when 'products' then finops_key else sales_id end as source_key,
        case entity when 'products' then sales_id else finops_key end
        || ' (' || coalesce(case entity when 'products' then sales_name else finops_name end, 'no name')
        || ', rule ' || rule || ', score ' || score
        || case review_reason when 'taken' then ', taken by another' when 'tie' then ', not alone' else '' end
        || ')' as candidate,
        row_number() over (
            partition by entity, data_area_id, case entity when 'products' then finops_key else sales_id end
            order by score desc, finops_key, sales_id
        ) as place
    from candidates
)

select
    entity,
    data_area_id,
    source_key,
    count(*) as candidates,
    'it may be ' || string_agg(candidate, ' or ' order by place)
    || ': p2c keys list shows both, p2c keys accept or reject decides' as question
from told
group by entity, data_area_id, source_key

with released as (
    select distinct product_number from {{ ref('stg_finops__sellable_released_products') }}
),

products as (
    select
        productid,
        lower(productnumber) as product_number,
        count(*) over (partition by lower(productnumber)) as products_alike
    from {{ ref('stg_sales__products') }}
    where deleted_at is null
),

linked as (
    {{ written_links('sales', 'products', 'products') }}
),

matched as (
    select
        released.product_number,
        case when overrides.problem is null then overrides.product_id end as override_id,
        'row ' || overrides.seed_row || ' below the header of the seed key_overrides ' || overrides.problem as override_problem,
        case when by_link.productid is not null then linked.record_id end as linked_id,
        by_number.productid as number_id
    from released
    left join {{ ref('keys_product_overrides') }} as overrides
        on lower(released.product_number) = overrides.product_key
    left join linked on released.product_number = linked.source_key
    left join products as by_link on linked.record_id = by_link.productid
    left join products as by_number
        on lower(released.product_number) = by_number.product_number and by_number.products_alike = 1
),

-- A product of Sales that is known to be another one is not found by its number once more.
taken as (
    select coalesce(override_id, linked_id) as product_id
    from matched
    where override_id is not null or linked_id is not null
),

settled as (
    select
        matched.product_number,
        matched.override_id,
        matched.override_problem,
        case when matched.override_problem is null then matched.linked_id end as linked_id,
        case
            when taken.product_id is null and matched.override_problem is null then matched.number_id
        end as number_id
    from matched
    left join (select distinct product_id from taken) as taken on matched.number_id = taken.product_id
)

select
    product_number,
    coalesce(
        override_id, linked_id, number_id, {{ uuid5('products', 'lower(product_number)') }}
    ) as product_id,
    case
        when override_problem is not null then 'wrong override'
        when override_id is not null then 'override'
        when linked_id is not null then 'link'
        when number_id is not null then 'product number'
        else 'new'
    end as matched_by,
    override_problem
from settled

{% set denied_link = decided_different("'products'", 'linked.record_id', "''", 'released.product_number') %}
{% set denied = decided_different("'products'", 'by_number.productid', "''", 'released.product_number') %}

with released as (
    select
        product_number,
        {{ fit('min(product_name)', 100) }} as product_name
    from {{ ref('stg_finops__sellable_released_products') }}
    group by product_number
),

products as (
    select
        productid,
        lower(productnumber) as product_number,
        lower(name) as product_name,
        coalesce(msdynce_ismaintainedexternally, false) as is_finops_owned,
        count(*) over (partition by lower(productnumber)) as products_alike
    from {{ ref('stg_sales__products') }}
    where deleted_at is null
),

linked as (
    {{ written_links('sales', 'products', 'products') }}
),

sure as (
    select * from {{ ref('match_candidates') }} where entity = 'products' and status = 'linked'
),

waiting as (
    select * from {{ ref('match_waiting') }} where entity = 'products'
),

matched as (
    select
        released.product_number,
        lower(released.product_name) as product_name,
        case when overrides.problem is null then overrides.product_id end as override_id,
        'row ' || overrides.seed_row || ' below the header of the seed key_overrides ' || overrides.problem as override_problem,
        case when by_link.productid is not null and not {{ denied_link }} then linked.record_id end as linked_id,
        sure.sales_id as rule_id,
        'rule:' || sure.rule as rule,
        waiting.question,
        case when not {{ denied }} then by_number.productid end as number_id,
        by_number.productid is not null and {{ denied }} as is_denied
    from released
    left join {{ ref('keys_product_overrides') }} as overrides
        on lower(released.product_number) = overrides.product_key
    left join linked on released.product_number = linked.source_key
    left join products as by_link on linked.record_id = by_link.productid
    left join products as by_number
        on lower(released.product_number) = by_number.product_number and by_number.products_alike = 1
    left join sure on lower(released.product_number) = lower(sure.finops_key)
    left join waiting on lower(released.product_number) = lower(waiting.source_key)
),

-- A product of Sales that is known to be another one is not found by its number once more.
taken as (
    select coalesce(override_id, linked_id, rule_id) as product_id
    from matched
    where override_id is not null or linked_id is not null or rule_id is not null
),

decided as (
    select
        matched.product_number,
        matched.product_name,
        matched.override_id,
        matched.override_problem,
        matched.rule,
        matched.question,
        matched.is_denied,
        case when matched.override_problem is null then matched.linked_id end as linked_id,
        case when matched.override_problem is null then matched.rule_id end as rule_id,
        case
            when taken.product_id is null and matched.override_problem is null then matched.number_id
        end as number_id
    from matched
    left join (select distinct product_id from taken) as taken on matched.number_id = taken.product_id
),

-- Products that came from F&O and that no number leads to any more (lookalikes.sql).
lost as (
    select
        products.product_name,
        min(products.productid) as product_id
    from products
    left join released on products.product_number = lower(released.product_number)
    left join (
        select coalesce(override_id, linked_id, rule_id, number_id) as product_id from decided
    ) as known on products.productid = known.product_id
    where products.is_finops_owned and released.product_number is null and known.product_id is null
    group by products.product_name
),

judged as (
    select
        *,
        coalesce(override_id, linked_id, rule_id, number_id) as known_id,
        case
            when override_problem is not null then 'wrong override'
            when override_id is not null then 'override'
            when linked_id is not null then 'link'
            when rule_id is not null then rule
            when number_id is not null then 'product number'
            when is_denied then 'denied'
            when question is not null then 'to review'
            else 'new'
        end as matched_by
    from decided
)

select
    judged.product_number,
    coalesce(judged.known_id, {{ uuid5('products', 'lower(judged.product_number)') }}) as product_id,
    judged.matched_by,
    judged.override_problem,
    case when judged.matched_by = 'to review' then judged.question end as to_review,
    case when judged.matched_by = 'new' then lost.product_id end as might_be
from judged
left join lost on judged.product_name = lost.product_name

with overrides as (
    select
        *,
        lower(finops_key) as product_key,
        bool_or(decision = 'different') over (partition by sales_id, lower(finops_key)) as is_denied
    from {{ ref('stg_seeds__key_overrides') }}
    where entity = 'products'
),

products as (
    select productid from {{ ref('stg_sales__products') }} where deleted_at is null
),

judged as (
    select
        overrides.*,
        products.productid,
        min(overrides.sales_id) over (partition by overrides.product_key) as first_id,
        max(overrides.sales_id) over (partition by overrides.product_key) as last_id,
        min(overrides.product_key) over (partition by overrides.sales_id) as first_key,
        max(overrides.product_key) over (partition by overrides.sales_id) as last_key
    from overrides
    left join products on overrides.sales_id = products.productid
    where overrides.decision = 'pair'
)

select
    product_key,
    min(seed_row) as seed_row,
    min(productid) as product_id,
    min(case
        when is_denied then 'pairs it with ' || sales_id || ', and another row says that the two are different: leave one'
        when first_id <> last_id then 'pairs it with several products of Sales, ' || first_id || ' and ' || last_id || ': leave one'
        when first_key <> last_key then 'pairs the product ' || sales_id || ' also with ' || case when product_key = first_key then last_key else first_key end || ': leave one'
        when productid is null then 'pairs it with ' || sales_id || ', which is the id of no product in Sales: correct sales_id, or take the row out'
    end) as problem
from judged
group by product_key

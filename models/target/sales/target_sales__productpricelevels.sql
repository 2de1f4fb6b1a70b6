{% set leftovers = choice_var('price_list_leftovers', ['delete', 'keep']) %}
{% set kept = 'its product has left this price list, unit or currency (price_list_leftovers: keep)' %}

with prices as (
    select * from {{ ref('product_prices') }}
),

keys as (
    select * from {{ ref('keys_product_prices') }}
),

followed_by_solution as (
    {{ products_about_to_be_written() }}
),

organization as (
    select max(pricingdecimalprecision) as price_decimals from {{ ref('stg_sales__organizations') }}
)

select
    keys.price_list_item_id as productpricelevelid,
    keys.price_list_id as pricelevelid,
    keys.product_id as productid,
    keys.unit_id as uomid,
    cast({{ round_to('prices.sales_price', 'organization.price_decimals') }} as decimal(19, 4)) as amount,
    cast(1 as integer) as pricingmethodcode,
    cast(1 as integer) as quantitysellingcode,
    cast(1 as integer) as roundingpolicycode,
    currencies.currency_id as transactioncurrencyid,

    prices.product_number || '/' || coalesce(prices.currency_code, '') as p2c_source_key,
    prices.product_number || '/' || coalesce(prices.currency_code, '') as p2c_record_key,
    keys.price_list_item_id as p2c_record_id,
    {{ json_array([parent('sales.products', 'prices.product_number')]) }} as p2c_parents,
    prices.is_deleted as p2c_deleted,
    case
        when prices.is_deleted and parents.p2c_deleted then 'its product is gone: it stays with it'
        when prices.is_deleted and {{ leftovers }} = 'keep' then '{{ kept }}'
        when followed.product_number is not null
            then 'the solution sets it with the price of the product'
    end as p2c_filtered,
    case
        when parents.p2c_reasons <> '[]'
            then 'the product ' || prices.product_number || ' is rejected'
        when parents.p2c_blocked is not null
            then 'the product ' || prices.product_number || ' waits for a decision (p2c keys list)'
    end as p2c_blocked,
    {{ reasons([
        reason('no_price_list', 'CurrencyCode', 'prices.currency_code',
            "'Sales has no active price list in ' || coalesce(prices.currency_code, '(blank)')
            || ': add one there.'",
            'lists.price_list_id is null'),
    ]) }} as p2c_reasons,
    '[]' as p2c_cuts
from prices
cross join organization
inner join keys
    on
        prices.product_number = keys.product_number
        and prices.currency_code is not distinct from keys.currency_code
inner join {{ ref('target_sales__products') }} as parents
    on prices.product_number = parents.p2c_source_key
left join {{ ref('keys_currencies') }} as currencies
    on prices.currency_code = currencies.currency_code
left join {{ ref('keys_price_lists') }} as lists on prices.currency_code = lists.currency_code
left join followed_by_solution as followed
    on
        prices.product_number = followed.product_number
        and parents.transactioncurrencyid = currencies.currency_id
        and (not followed.is_new or lists.price_list_id = lists.first_list_id)

union all by name

select
    leftovers.price_list_item_id as productpricelevelid,
    leftovers.price_list_id as pricelevelid,
    leftovers.product_id as productid,
    leftovers.unit_id as uomid,
    cast(1 as integer) as pricingmethodcode,
    cast(1 as integer) as quantitysellingcode,
    cast(1 as integer) as roundingpolicycode,

    leftovers.product_number || '/' || coalesce(leftovers.currency_code, '') || '/' || leftovers.price_list_item_id
        as p2c_source_key,
    leftovers.product_number || '/' || coalesce(leftovers.currency_code, '') || '/' || leftovers.price_list_item_id
        as p2c_record_key,
    leftovers.price_list_item_id as p2c_record_id,
    {{ json_array([parent('sales.products', 'leftovers.product_number')]) }} as p2c_parents,
    true as p2c_deleted,
    case when {{ leftovers }} = 'keep' then '{{ kept }}' end as p2c_filtered,
    case
        when parents.p2c_reasons <> '[]'
            then 'the product ' || leftovers.product_number || ' is rejected'
    end as p2c_blocked,
    '[]' as p2c_reasons,
    '[]' as p2c_cuts
from {{ ref('keys_price_list_leftovers') }} as leftovers
inner join {{ ref('target_sales__products') }} as parents
    on leftovers.product_number = parents.p2c_source_key

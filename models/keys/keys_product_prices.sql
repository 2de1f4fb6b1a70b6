with wanted as (
    select
        prices.product_number,
        prices.currency_code,
        products.product_id,
        lists.price_list_id,
        units.unit_id
    from {{ ref('product_prices') }} as prices
    inner join {{ ref('keys_products') }} as products
        on prices.product_number = products.product_number
    left join {{ ref('keys_price_lists') }} as lists
        on prices.currency_code = lists.currency_code
    left join {{ ref('keys_units') }} as units
        on lower(prices.unit_symbol) = lower(units.finops_symbol) and units.is_preferred
),

items as (
    select
        pricelevelid,
        productid,
        uomid,
        min(productpricelevelid) as productpricelevelid
    from {{ ref('stg_sales__productpricelevels') }}
    where deleted_at is null
    group by pricelevelid, productid, uomid
)

select
    wanted.*,
    coalesce(
        items.productpricelevelid,
        {{ uuid5(
            'productpricelevels',
            "wanted.product_id || '/' || wanted.price_list_id || '/' || wanted.unit_id") }}
    ) as price_list_item_id,
    case when items.productpricelevelid is null then 'new' else 'list, product and unit' end
        as matched_by
from wanted
left join items
    on
        wanted.price_list_id = items.pricelevelid
        and wanted.product_id = items.productid
        and wanted.unit_id = items.uomid

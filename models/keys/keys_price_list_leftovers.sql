-- Price list items that a product has left, and that would stay sellable at their old price: on the list
-- where the solution's plug-in puts a new product though another is pinned (P3), in the unit that the
-- product had (P4), or where this project kept its price before.
with wanted as (
    select
        keys.*,
        keys.product_number || '/' || coalesce(keys.currency_code, '') as price_key,
        lists.first_list_id,
        held.defaultuomid as held_unit_id,
        held.transactioncurrencyid as held_currency_id
    from {{ ref('keys_product_prices') }} as keys
    left join {{ ref('keys_price_lists') }} as lists on keys.currency_code = lists.currency_code
    left join {{ ref('stg_sales__products') }} as held
        on keys.product_id = held.productid and held.deleted_at is null
    where keys.price_list_id is not null and keys.unit_id is not null
),

links as (
    {{ written_links('sales', 'products', 'productpricelevels') }}
),

items as (
    select * from {{ ref('stg_sales__productpricelevels') }} where deleted_at is null
),

found as (
    select
        wanted.product_number,
        wanted.currency_code,
        items.productpricelevelid as price_list_item_id,
        items.pricelevelid as price_list_id,
        items.productid as product_id,
        items.uomid as unit_id,
        row_number() over (
            partition by items.productpricelevelid order by wanted.price_key
        ) as choice
    from wanted
    inner join items on wanted.product_id = items.productid
    left join links
        on wanted.price_key = links.source_key and items.productpricelevelid = links.record_id
    where
        links.record_id is not null
        or (
            items.pricelevelid = wanted.price_list_id
            and items.uomid = wanted.held_unit_id
        )
        or (
            {{ choice_var('price_list_items', ['solution', 'p2c']) }} = 'solution'
            and wanted.first_list_id <> wanted.price_list_id
            and items.pricelevelid = wanted.first_list_id
            and items.transactioncurrencyid = wanted.held_currency_id
            and items.uomid in (wanted.unit_id, wanted.held_unit_id)
        )
)

select
    found.product_number,
    found.currency_code,
    found.price_list_item_id,
    found.price_list_id,
    found.product_id,
    found.unit_id
from found
left join wanted on found.price_list_item_id = wanted.price_list_item_id
where found.choice = 1 and wanted.price_list_item_id is null

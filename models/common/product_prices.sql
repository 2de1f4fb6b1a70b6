with released as (
    select
        products.*,
        upper(products.currency_code) as currency,
        coalesce(entities.is_default, false) as is_default_company
    from {{ ref('stg_finops__sellable_released_products') }} as products
    left join {{ ref('stg_seeds__legal_entities') }} as entities
        on products.data_area_id = entities.data_area_id and entities.is_default
),

-- A price for each currency the product is released in; companies that share a currency share it,
-- and the default company's price wins (P7).
ranked as (
    select
        *,
        row_number() over (
            partition by product_number, currency
            order by deleted_at is not null, is_default_company desc, data_area_id
        ) as choice
    from released
)

select
    {{ text_var('organization_id') }} as organization_id,
    ranked.product_number,
    ranked.currency as currency_code,
    ranked.data_area_id,
    'finops' as system_of_record,
    ranked.sales_price,
    products.unit_symbol,
    ranked.deleted_at is not null as is_deleted
from ranked
inner join {{ ref('products') }} as products on ranked.product_number = products.product_number
where ranked.choice = 1

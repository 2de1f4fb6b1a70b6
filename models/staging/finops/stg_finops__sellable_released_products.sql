with source as (
    select * from {{ source('finops', 'sellable_released_products') }}
),

renamed as (
    select
        -- ids
        lower(data_area_id) as data_area_id,
        {{ clean_text('product_number') }} as product_number,
        -- text
        {{ clean_text('product_name') }} as product_name,
        {{ clean_text('product_description') }} as product_description,
        {{ clean_text('currency_code') }} as currency_code,
        {{ clean_text('sales_unit_symbol') }} as sales_unit_symbol,
        {{ clean_text('inventory_unit_symbol') }} as inventory_unit_symbol,
        {{ clean_text('is_stocked_product') }} as is_stocked_product,
        {{ clean_text('is_sales_stopped') }} as is_sales_stopped,
        {{ clean_text('product_type') }} as product_type,
        {{ clean_text('field_service_product_type') }} as field_service_product_type,
        -- numbers
        sales_price,
        unit_cost,
        sales_unit_decimal_precision,
        inventory_unit_decimal_precision,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

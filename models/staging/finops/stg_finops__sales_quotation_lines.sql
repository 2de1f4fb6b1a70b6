with source as (
    select * from {{ source('finops', 'cds_sales_quotation_lines') }}
),

renamed as (
    select
        -- ids
        lower(data_area_id) as data_area_id,
        {{ clean_text('sales_quotation_number') }} as sales_quotation_number,
        line_creation_sequence_number,
        -- text
        {{ clean_text('product_number') }} as product_number,
        {{ clean_text('product_name') }} as product_name,
        {{ clean_text('line_description') }} as line_description,
        {{ clean_text('sales_unit_symbol') }} as sales_unit_symbol,
        {{ clean_text('currency_code') }} as currency_code,
        {{ clean_text('inventory_lot_id') }} as inventory_lot_id,
        {{ clean_text('sales_quotation_status') }} as sales_quotation_status,
        {{ clean_text('are_totals_calculated') }} as are_totals_calculated,
        {{ clean_text('shipping_site_id') }} as shipping_site_id,
        {{ clean_text('shipping_warehouse_id') }} as shipping_warehouse_id,
        -- numbers
        requested_sales_quantity,
        sales_price,
        sales_price_quantity,
        line_discount_amount,
        line_discount_percentage,
        fixed_price_charges,
        total_discount_amount,
        total_charges_amount,
        total_tax_amount,
        line_amount,
        -- dates and times
        {{ clean_date('requested_shipping_date') }} as requested_shipping_date,
        {{ clean_date('requested_receipt_date') }} as requested_receipt_date,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

with source as (
    select * from {{ source('finops', 'cds_sales_order_lines') }}
),

renamed as (
    select
        -- ids
        lower(data_area_id) as data_area_id,
        {{ clean_text('sales_order_number') }} as sales_order_number,
        line_creation_sequence_number,
        -- text
        {{ clean_text('product_number') }} as product_number,
        {{ clean_text('product_name') }} as product_name,
        {{ clean_text('line_description') }} as line_description,
        {{ clean_text('sales_unit_symbol') }} as sales_unit_symbol,
        {{ clean_text('currency_code') }} as currency_code,
        {{ clean_text('sales_order_line_status') }} as sales_order_line_status,
        {{ clean_text('sales_order_processing_status') }} as sales_order_processing_status,
        {{ clean_text('sales_order_origin_type') }} as sales_order_origin_type,
        {{ clean_text('are_totals_calculated') }} as are_totals_calculated,
        {{ clean_text('are_sales_order_totals_updated') }} as are_sales_order_totals_updated,
        {{ clean_text('ordering_customer_is_externally_maintained') }} as ordering_customer_is_externally_maintained,
        {{ clean_text('invoice_customer_is_externally_maintained') }} as invoice_customer_is_externally_maintained,
        {{ clean_text('shipping_site_id') }} as shipping_site_id,
        {{ clean_text('shipping_warehouse_id') }} as shipping_warehouse_id,
        {{ clean_text('delivery_address_name') }} as delivery_address_name,
        {{ clean_text('delivery_address_description') }} as delivery_address_description,
        {{ clean_text('delivery_address_street') }} as delivery_address_street,
        {{ clean_text('delivery_address_street_number') }} as delivery_address_street_number,
        {{ clean_text('delivery_address_city') }} as delivery_address_city,
        {{ clean_text('delivery_address_state_id') }} as delivery_address_state_id,
        {{ clean_text('delivery_address_zip_code') }} as delivery_address_zip_code,
        {{ clean_text('delivery_address_country_region_id') }} as delivery_address_country_region_id,
        {{ clean_text('delivery_address_country_region_iso_code') }} as delivery_address_country_region_iso_code,
        {{ clean_text('is_delivery_address_order_specific') }} as is_delivery_address_order_specific,
        -- numbers
        ordered_sales_quantity,
        picked_quantity,
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
        {{ clean_date('confirmed_shipping_date') }} as confirmed_shipping_date,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

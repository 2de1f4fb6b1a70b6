with source as (
    select * from {{ source('finops', 'cds_sales_quotation_headers') }}
),

renamed as (
    select
        -- ids
        lower(data_area_id) as data_area_id,
        {{ clean_text('sales_quotation_number') }} as sales_quotation_number,
        -- text
        {{ clean_text('sales_quotation_name') }} as sales_quotation_name,
        {{ clean_text('sales_quotation_status') }} as sales_quotation_status,
        {{ clean_text('sales_quotation_header_creation_method') }} as sales_quotation_header_creation_method,
        {{ clean_text('requesting_customer_account_number') }} as requesting_customer_account_number,
        {{ clean_text('invoice_customer_account_number') }} as invoice_customer_account_number,
        {{ clean_text('currency_code') }} as currency_code,
        {{ clean_text('customers_reference') }} as customers_reference,
        {{ clean_text('generated_sales_order_number') }} as generated_sales_order_number,
        {{ clean_text('are_totals_calculated') }} as are_totals_calculated,
        {{ clean_text('sales_order_promising_method') }} as sales_order_promising_method,
        {{ clean_text('delivery_mode_code') }} as delivery_mode_code,
        {{ clean_text('delivery_terms_code') }} as delivery_terms_code,
        {{ clean_text('payment_terms_name') }} as payment_terms_name,
        {{ clean_text('default_shipping_site_id') }} as default_shipping_site_id,
        {{ clean_text('default_shipping_warehouse_id') }} as default_shipping_warehouse_id,
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
        quotation_total_amount,
        quotation_total_discount_amount,
        quotation_total_charges_amount,
        quotation_total_tax_amount,
        quotation_header_tax_amount,
        total_discount_amount,
        -- dates and times
        {{ clean_date('requested_shipping_date') }} as requested_shipping_date,
        {{ clean_date('receipt_date_requested') }} as receipt_date_requested,
        {{ clean_date('sales_quotation_expiry_date') }} as sales_quotation_expiry_date,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

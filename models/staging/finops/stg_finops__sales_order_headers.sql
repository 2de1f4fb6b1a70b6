with source as (
    select * from {{ source('finops', 'cds_sales_order_headers') }}
),

renamed as (
    select
        -- ids
        lower(data_area_id) as data_area_id,
        {{ clean_text('sales_order_number') }} as sales_order_number,
        -- text
        {{ clean_text('sales_order_name') }} as sales_order_name,
        {{ clean_text('customers_order_reference') }} as customers_order_reference,
        {{ clean_text('quotation_number') }} as quotation_number,
        {{ clean_text('ordering_customer_account_number') }} as ordering_customer_account_number,
        {{ clean_text('invoice_customer_account_number') }} as invoice_customer_account_number,
        {{ clean_text('ordering_customer_is_externally_maintained') }} as ordering_customer_is_externally_maintained,
        {{ clean_text('invoice_customer_is_externally_maintained') }} as invoice_customer_is_externally_maintained,
        {{ clean_text('currency_code') }} as currency_code,
        {{ clean_text('sales_order_processing_status') }} as sales_order_processing_status,
        {{ clean_text('sales_order_status') }} as sales_order_status,
        {{ clean_text('sales_order_origin_code') }} as sales_order_origin_code,
        {{ clean_text('sales_order_origin_type') }} as sales_order_origin_type,
        {{ clean_text('are_totals_updated') }} as are_totals_updated,
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
        {{ clean_text('invoice_address_street') }} as invoice_address_street,
        {{ clean_text('invoice_address_street_number') }} as invoice_address_street_number,
        {{ clean_text('invoice_address_city') }} as invoice_address_city,
        {{ clean_text('invoice_address_state_id') }} as invoice_address_state_id,
        {{ clean_text('invoice_address_zip_code') }} as invoice_address_zip_code,
        {{ clean_text('invoice_address_country_region_id') }} as invoice_address_country_region_id,
        {{ clean_text('invoice_address_country_region_iso_code') }} as invoice_address_country_region_iso_code,
        -- numbers
        order_total_amount,
        total_discount_amount,
        order_total_discount_amount,
        order_total_tax_amount,
        order_total_charges_amount,
        order_header_tax_amount,
        -- dates and times
        {{ clean_timestamp('order_creation_date_time') }} as order_creation_date_time,
        {{ clean_date('requested_shipping_date') }} as requested_shipping_date,
        {{ clean_date('requested_receipt_date') }} as requested_receipt_date,
        {{ clean_date('confirmed_shipping_date') }} as confirmed_shipping_date,
        {{ clean_date('confirmed_receipt_date') }} as confirmed_receipt_date,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

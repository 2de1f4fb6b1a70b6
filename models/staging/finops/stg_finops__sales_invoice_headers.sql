with source as (
    select * from {{ source('finops', 'externally_maintained_customer_sales_invoice_headers') }}
),

renamed as (
    select
        -- ids
        lower(data_area_id) as data_area_id,
        {{ clean_text('invoice_number') }} as invoice_number,
        {{ clean_date('invoice_date') }} as invoice_date,
        {{ clean_text('ledger_voucher') }} as ledger_voucher,
        -- text
        {{ clean_text('invoice_customer_account_number') }} as invoice_customer_account_number,
        {{ clean_text('sales_order_number') }} as sales_order_number,
        {{ clean_text('sales_order_origin_type') }} as sales_order_origin_type,
        {{ clean_text('customers_order_reference') }} as customers_order_reference,
        {{ clean_text('currency_code') }} as currency_code,
        {{ clean_text('invoice_address_street') }} as invoice_address_street,
        {{ clean_text('invoice_address_street_number') }} as invoice_address_street_number,
        {{ clean_text('invoice_address_city') }} as invoice_address_city,
        {{ clean_text('invoice_address_state') }} as invoice_address_state,
        {{ clean_text('invoice_address_zip_code') }} as invoice_address_zip_code,
        {{ clean_text('invoice_address_country_region_id') }} as invoice_address_country_region_id,
        {{ clean_text('invoice_address_country_region_iso_code') }} as invoice_address_country_region_iso_code,
        {{ clean_text('payment_terms_name') }} as payment_terms_name,
        {{ clean_text('delivery_mode_code') }} as delivery_mode_code,
        {{ clean_text('delivery_terms_code') }} as delivery_terms_code,
        {{ clean_text('contact_person_id') }} as contact_person_id,
        {{ clean_text('sales_order_responsible_personnel_number') }} as sales_order_responsible_personnel_number,
        -- numbers
        total_invoice_amount,
        total_discount_amount,
        total_discount_customer_group_code,
        total_charge_amount,
        total_tax_amount,
        invoice_header_tax_amount,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

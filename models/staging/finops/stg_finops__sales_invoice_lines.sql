with source as (
    select * from {{ source('finops', 'externally_maintained_customer_sales_invoice_lines') }}
),

renamed as (
    select
        -- ids
        lower(data_area_id) as data_area_id,
        {{ clean_text('invoice_number') }} as invoice_number,
        {{ clean_date('invoice_date') }} as invoice_date,
        line_creation_sequence_number,
        {{ clean_text('ledger_voucher') }} as ledger_voucher,
        -- text
        {{ clean_text('product_number') }} as product_number,
        {{ clean_text('product_name') }} as product_name,
        {{ clean_text('product_description') }} as product_description,
        {{ clean_text('sales_unit_symbol') }} as sales_unit_symbol,
        {{ clean_text('currency_code') }} as currency_code,
        -- numbers
        invoiced_quantity,
        sales_price,
        line_amount,
        line_total_discount_amount,
        line_total_charge_amount,
        line_total_tax_amount,
        -- dates and times
        {{ clean_date('confirmed_shipping_date') }} as confirmed_shipping_date,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

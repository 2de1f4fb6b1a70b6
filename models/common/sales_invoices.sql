with headers as (
    select * from {{ ref('stg_finops__sales_invoice_headers') }}
),

orders as (
    select * from {{ ref('sales_orders_processed') }}
),

countries as (
    select * from {{ ref('stg_seeds__value_map_countries') }}
)

select
    {{ text_var('organization_id') }} as organization_id,
    headers.data_area_id,
    headers.invoice_number,
    headers.invoice_date,
    headers.ledger_voucher,
    keys.invoice_id,
    keys.number_in_sales,
    keys.matched_by,
    keys.is_collision,
    keys.first_company,
    keys.other_invoice_id,
    'finops' as system_of_record,
    headers.invoice_customer_account_number as customer_account,
    parties.party_id as customer_id,
    parties.party_type as customer_type,
    coalesce(parties.is_externally_maintained, false) as is_customer_externally_maintained,
    headers.sales_order_number,
    orders.order_id,
    orders.order_number,
    coalesce(orders.are_customers_externally_maintained, true) as is_order_externally_maintained,
    upper(headers.currency_code) as currency_code,
    currencies.currency_id,
    currencies.currency_precision,
    headers.customers_order_reference as customer_reference,
    headers.total_invoice_amount as total_amount,
    headers.total_discount_customer_group_code as header_discount_amount,
    headers.total_discount_amount as discount_amount,
    headers.total_charge_amount as charges_amount,
    headers.total_tax_amount as tax_amount,
    headers.invoice_header_tax_amount as header_tax_amount,
    headers.invoice_address_street as billing_street,
    headers.invoice_address_street_number as billing_street_number,
    headers.invoice_address_city as billing_city,
    headers.invoice_address_state as billing_state,
    headers.invoice_address_zip_code as billing_postal_code,
    headers.invoice_address_country_region_iso_code as billing_country,
    countries.iso2 as billing_country_iso2,
    headers.sales_order_origin_type as origin_type,
    headers.deleted_at is not null as is_deleted
from headers
inner join {{ ref('keys_invoices') }} as keys
    on
        headers.data_area_id = keys.data_area_id
        and headers.invoice_number = keys.invoice_number
        and headers.invoice_date = keys.invoice_date
        and headers.ledger_voucher = keys.ledger_voucher
left join {{ ref('keys_parties') }} as parties
    on
        headers.data_area_id = parties.data_area_id
        and headers.invoice_customer_account_number = parties.customer_account
left join orders
    on
        headers.data_area_id = orders.data_area_id
        and headers.sales_order_number = orders.sales_order_number
left join {{ ref('keys_currencies') }} as currencies
    on upper(headers.currency_code) = currencies.currency_code
left join countries
    on lower(headers.invoice_address_country_region_iso_code) = countries.sales_text

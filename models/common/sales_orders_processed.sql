with headers as (
    select * from {{ ref('stg_finops__sales_order_headers') }}
),

countries as (
    select * from {{ ref('stg_seeds__value_map_countries') }}
)

select
    {{ text_var('organization_id') }} as organization_id,
    headers.data_area_id,
    headers.sales_order_number,
    keys.order_id,
    keys.order_number,
    keys.matched_by,
    keys.is_collision,
    keys.first_company,
    keys.other_order_id,
    keys.other_order_name,
    'finops' as system_of_record,
    coalesce(headers.sales_order_name, headers.customers_order_reference, keys.order_number) as order_name,
    headers.customers_order_reference as customer_reference,
    headers.ordering_customer_account_number as customer_account,
    parties.party_id as customer_id,
    parties.party_type as customer_type,
    upper(headers.currency_code) as currency_code,
    currencies.currency_id,
    currencies.currency_precision,
    headers.order_total_amount as total_amount,
    headers.total_discount_amount as discount_amount,
    headers.order_total_tax_amount as tax_amount,
    headers.order_total_charges_amount as charges_amount,
    headers.order_header_tax_amount as header_tax_amount,
    headers.delivery_address_street as delivery_street,
    headers.delivery_address_street_number as delivery_street_number,
    headers.delivery_address_city as delivery_city,
    headers.delivery_address_state_id as delivery_state,
    headers.delivery_address_zip_code as delivery_postal_code,
    headers.delivery_address_country_region_iso_code as delivery_country_iso2,
    headers.invoice_address_street as billing_street,
    headers.invoice_address_street_number as billing_street_number,
    headers.invoice_address_city as billing_city,
    headers.invoice_address_state_id as billing_state,
    headers.invoice_address_zip_code as billing_postal_code,
    headers.invoice_address_country_region_id as billing_country,
    countries.iso2 as billing_country_iso2,
    headers.sales_order_processing_status as processing_status,
    headers.sales_order_origin_type as origin_type,
    coalesce(headers.are_totals_updated = 'Yes', false) as are_totals_updated,
    coalesce(headers.ordering_customer_is_externally_maintained = 'Yes', false)
    and coalesce(headers.invoice_customer_is_externally_maintained = 'Yes', false)
        as are_customers_externally_maintained,
    headers.deleted_at is not null as is_deleted
from headers
inner join {{ ref('keys_orders') }} as keys
    on
        headers.data_area_id = keys.data_area_id
        and headers.sales_order_number = keys.sales_order_number
left join {{ ref('keys_parties') }} as parties
    on
        headers.data_area_id = parties.data_area_id
        and headers.ordering_customer_account_number = parties.customer_account
left join {{ ref('keys_currencies') }} as currencies
    on upper(headers.currency_code) = currencies.currency_code
left join countries
    on lower(headers.invoice_address_country_region_id) = countries.sales_text

with source as (
    select * from {{ source('finops', 'customers') }}
),

renamed as (
    select
        -- ids
        lower(data_area_id) as data_area_id,
        {{ clean_text('customer_account') }} as customer_account,
        -- text
        {{ clean_text('party_number') }} as party_number,
        {{ clean_text('party_type') }} as party_type,
        {{ clean_text('organization_name') }} as organization_name,
        {{ clean_text('name_alias') }} as name_alias,
        {{ clean_text('person_first_name') }} as person_first_name,
        {{ clean_text('person_middle_name') }} as person_middle_name,
        {{ clean_text('person_last_name') }} as person_last_name,
        {{ clean_text('customer_group_id') }} as customer_group_id,
        {{ clean_text('sales_currency_code') }} as sales_currency_code,
        {{ clean_text('sales_memo') }} as sales_memo,
        {{ clean_text('language_id') }} as language_id,
        {{ clean_text('site_id') }} as site_id,
        {{ clean_text('warehouse_id') }} as warehouse_id,
        {{ clean_text('invoice_account') }} as invoice_account,
        {{ clean_text('on_hold_status') }} as on_hold_status,
        {{ clean_text('payment_terms') }} as payment_terms,
        {{ clean_text('delivery_terms') }} as delivery_terms,
        {{ clean_text('delivery_mode') }} as delivery_mode,
        {{ clean_text('primary_contact_phone') }} as primary_contact_phone,
        {{ clean_text('primary_contact_fax') }} as primary_contact_fax,
        {{ clean_text('primary_contact_email') }} as primary_contact_email,
        {{ clean_text('primary_contact_url') }} as primary_contact_url,
        {{ clean_text('address_description') }} as address_description,
        {{ clean_text('address_location_roles') }} as address_location_roles,
        {{ clean_text('address_street') }} as address_street,
        {{ clean_text('address_city') }} as address_city,
        {{ clean_text('address_state') }} as address_state,
        {{ clean_text('address_zip_code') }} as address_zip_code,
        {{ clean_text('address_country_region_id') }} as address_country_region_id,
        {{ clean_text('address_country_region_iso_code') }} as address_country_region_iso_code,
        {{ clean_text('delivery_address_description') }} as delivery_address_description,
        {{ clean_text('delivery_address_street') }} as delivery_address_street,
        {{ clean_text('delivery_address_city') }} as delivery_address_city,
        {{ clean_text('delivery_address_state') }} as delivery_address_state,
        {{ clean_text('delivery_address_zip_code') }} as delivery_address_zip_code,
        {{ clean_text('delivery_address_country_region_id') }} as delivery_address_country_region_id,
        {{ clean_text('delivery_address_country_region_iso_code') }} as delivery_address_country_region_iso_code,
        {{ clean_text('is_externally_maintained') }} as is_externally_maintained,
        -- numbers
        credit_limit,
        organization_number_of_employees,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

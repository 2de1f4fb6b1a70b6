with source as (
    select * from {{ source('finops', 'cds_contact_persons') }}
),

renamed as (
    select
        -- ids
        lower(data_area_id) as data_area_id,
        {{ clean_text('contact_person_party_number') }} as contact_person_party_number,
        {{ clean_text('associated_party_number') }} as associated_party_number,
        -- text
        {{ clean_text('contact_person_party_type') }} as contact_person_party_type,
        {{ clean_text('first_name') }} as first_name,
        {{ clean_text('middle_name') }} as middle_name,
        {{ clean_text('last_name') }} as last_name,
        {{ clean_text('gender') }} as gender,
        {{ clean_text('marital_status') }} as marital_status,
        {{ clean_text('government_identification_number') }} as government_identification_number,
        {{ clean_text('employment_profession') }} as employment_profession,
        {{ clean_text('employment_department') }} as employment_department,
        {{ clean_text('decision_making_role_code') }} as decision_making_role_code,
        {{ clean_text('notes') }} as notes,
        {{ clean_text('primary_email_address') }} as primary_email_address,
        {{ clean_text('primary_phone_number') }} as primary_phone_number,
        {{ clean_text('primary_fax_number') }} as primary_fax_number,
        {{ clean_text('primary_url') }} as primary_url,
        {{ clean_text('primary_address_description') }} as primary_address_description,
        {{ clean_text('primary_address_street') }} as primary_address_street,
        {{ clean_text('primary_address_street_number') }} as primary_address_street_number,
        {{ clean_text('primary_address_city') }} as primary_address_city,
        {{ clean_text('primary_address_state_id') }} as primary_address_state_id,
        {{ clean_text('primary_address_zip_code') }} as primary_address_zip_code,
        {{ clean_text('primary_address_country_region_id') }} as primary_address_country_region_id,
        {{ clean_text('primary_address_country_region_iso_code') }} as primary_address_country_region_iso_code,
        {{ clean_text('is_receiving_direct_mail') }} as is_receiving_direct_mail,
        {{ clean_text('is_inactive') }} as is_inactive,
        {{ clean_text('is_contact_person_externally_maintained') }} as is_contact_person_externally_maintained,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

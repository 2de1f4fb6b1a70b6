with known as (
    {{ match_known_keys('lower(finops_key)', 'sales_id') }}
),

customers as (
    select
        *,
        coalesce(party_type = 'Person', false) as is_person
    from {{ ref('stg_finops__customers') }}
    where deleted_at is null
),

employers as (
    select
        data_area_id,
        party_number,
        min(organization_name) as name
    from customers
    where party_number is not null
    group by data_area_id, party_number
),

-- A contact person of several parties has a row for each.
people as (
    select
        *,
        row_number() over (
            partition by data_area_id, contact_person_party_number
            order by is_inactive, associated_party_number
        ) as choice
    from {{ ref('stg_finops__contact_persons') }}
    where deleted_at is null
),

records as (
    -- A person who is a customer is a contact in Sales (C5).
    select
        case when is_person then 'contacts' else 'customers' end as entity,
        'customers' as record_table,
        data_area_id,
        customer_account as record_key,
        customer_account as number,
        coalesce(
            case when is_person then nullif(concat_ws(' ', person_first_name, person_last_name), '') end,
            organization_name
        ) as name,
        null as parent_name,
        primary_contact_email as email,
        primary_contact_phone as phone,
        null as tax_number,
        address_zip_code as postal_code,
        address_street as street,
        address_city as town
    from customers
    union all
    select
        'contacts' as entity,
        'contact_persons' as record_table,
        people.data_area_id,
        people.contact_person_party_number as record_key,
        people.contact_person_party_number as number,
        concat_ws(' ', people.first_name, people.last_name) as name,
        employers.name as parent_name,
        people.primary_email_address as email,
        people.primary_phone_number as phone,
        people.government_identification_number as tax_number,
        people.primary_address_zip_code as postal_code,
        concat_ws(' ', people.primary_address_street, people.primary_address_street_number) as street,
        people.primary_address_city as town
    from people
    left join employers
        on
            people.data_area_id = employers.data_area_id
            and people.associated_party_number = employers.party_number
    where people.choice = 1
    union all
    select
        'products' as entity,
        'products' as record_table,
        '' as data_area_id,
        product_number as record_key,
        product_number as number,
        min(product_name) as name,
        null as parent_name,
        null as email,
        null as phone,
        null as tax_number,
        null as postal_code,
        null as street,
        null as town
    from {{ ref('stg_finops__sellable_released_products') }}
    where deleted_at is null
    group by product_number
)

select
    'finops' as side,
    records.entity,
    records.record_table,
    records.data_area_id,
    records.record_key,
    records.record_table as written_to,
    known.other_key as known_key,
    records.entity = 'products' and known.other_key is null as is_to_match,
    records.number,
    records.name,
    records.parent_name,
    records.email,
    records.phone,
    records.tax_number,
    records.postal_code,
    records.street,
    records.town
from records
left join known
    on
        records.entity = known.entity
        and records.record_table = known.record_table
        and records.data_area_id = known.data_area_id
        and lower(records.record_key) = known.record_key

with contacts as (
    select * from {{ ref('stg_sales__contacts') }}
),

countries as (
    select * from {{ ref('stg_seeds__value_map_countries') }}
),

parents as (
    select
        account_id,
        data_area_id,
        max(customer_account) as customer_account,
        max(party_number) as party_number
    from {{ ref('keys_customers') }}
    group by account_id, data_area_id
)

select
    {{ text_var('organization_id') }} as organization_id,
    keys.contact_id,
    keys.data_area_id,
    keys.contact_number,
    keys.party_number,
    keys.matched_by,
    keys.other_contact_id,
    keys.other_type,
    keys.might_be,
    keys.override_problem,
    keys.to_review,
    keys.customer_party_number,
    'sales' as system_of_record,
    contacts.parentcustomerid as parent_id,
    parents.customer_account as parent_customer_account,
    parents.party_number as parent_party_number,
    coalesce(contacts.msdynce_isactivecustomer, false) as is_active_customer,
    coalesce(contacts.msdynce_iscompanyanaccount, false) as is_company_an_account,
    contacts.firstname as first_name,
    contacts.middlename as middle_name,
    contacts.lastname as last_name,
    contacts.fullname as full_name,
    contacts.gendercode as gender_code,
    contacts.familystatuscode as family_status_code,
    contacts.governmentid as government_id,
    contacts.jobtitle as job_title,
    contacts.department,
    contacts.description,
    contacts.emailaddress1 as email,
    contacts.telephone1 as phone,
    contacts.fax,
    contacts.websiteurl as website,
    contacts.transactioncurrencyid as currency_id,
    currencies.currency_code,
    contacts.creditlimit as credit_limit,
    contacts.paymenttermscode as payment_terms_code,
    contacts.address1_freighttermscode as freight_terms_code,
    contacts.address1_shippingmethodcode as shipping_method_code,
    contacts.donotemail as do_not_email,
    contacts.accountrolecode as role_code,
    contacts.address1_line1 as street,
    contacts.address1_city as city,
    contacts.address1_stateorprovince as state,
    contacts.address1_postalcode as postal_code,
    contacts.address1_country as country,
    {{ country_code('contacts.address1_country', 'country', 'iso2') }} as country_iso2,
    {{ country_code('contacts.address1_country', 'country', 'iso3') }} as country_iso3,
    contacts.statecode = 1 as is_inactive,
    contacts.deleted_at is not null as is_deleted
from {{ ref('keys_contacts') }} as keys
inner join contacts on keys.contact_id = contacts.contactid
left join parents
    on contacts.parentcustomerid = parents.account_id and keys.data_area_id = parents.data_area_id
left join {{ ref('keys_currencies') }} as currencies
    on contacts.transactioncurrencyid = currencies.currency_id
left join countries as country_map on lower(contacts.address1_country) = country_map.sales_text
left join ({{ default_country() }}) as default_country on true

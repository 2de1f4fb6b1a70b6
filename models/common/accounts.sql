with accounts as (
    select * from {{ ref('stg_sales__accounts') }}
),

keys as (
    select * from {{ ref('keys_customers') }}
),

currencies as (
    select * from {{ ref('keys_currencies') }}
),

countries as (
    select * from {{ ref('stg_seeds__value_map_countries') }}
),

conformed as (
    select
        {{ text_var('organization_id') }} as organization_id,
        keys.account_id,
        keys.data_area_id,
        keys.account_number,
        keys.customer_account,
        keys.matched_by,
        keys.other_account_id,
        keys.other_type,
        keys.might_be,
        keys.override_problem,
        keys.to_review,
        keys.party_number,
        'sales' as system_of_record,
        accounts.name as account_name,
        accounts.transactioncurrencyid as currency_id,
        currencies.currency_code,
        accounts.description,
        accounts.telephone1 as phone,
        accounts.fax,
        accounts.emailaddress1 as email,
        accounts.websiteurl as website,
        accounts.creditlimit as credit_limit,
        accounts.numberofemployees as number_of_employees,
        accounts.paymenttermscode as payment_terms_code,
        accounts.address1_freighttermscode as freight_terms_code,
        accounts.address1_shippingmethodcode as shipping_method_code,
        accounts.address1_line1 as street,
        accounts.address1_city as city,
        accounts.address1_stateorprovince as state,
        accounts.address1_postalcode as postal_code,
        accounts.address1_country as country,
        accounts.address2_line1 as delivery_street,
        accounts.address2_city as delivery_city,
        accounts.address2_stateorprovince as delivery_state,
        accounts.address2_postalcode as delivery_postal_code,
        accounts.address2_country as delivery_country,
        accounts.statecode = 1 as is_inactive,
        accounts.deleted_at is not null as is_deleted,
        accounts.modifiedon as modified_at
    from keys
    inner join accounts on keys.account_id = accounts.accountid
    left join currencies on accounts.transactioncurrencyid = currencies.currency_id
)

select
    conformed.*,
    {{ country_code('conformed.country', 'country', 'iso2') }} as country_iso2,
    {{ country_code('conformed.country', 'country', 'iso3') }} as country_iso3,
    {{ country_code('conformed.delivery_country', 'delivery', 'iso2') }} as delivery_country_iso2,
    {{ country_code('conformed.delivery_country', 'delivery', 'iso3') }} as delivery_country_iso3
from conformed
left join countries as country_map on lower(conformed.country) = country_map.sales_text
left join countries as delivery_map on lower(conformed.delivery_country) = delivery_map.sales_text
left join ({{ default_country() }}) as default_country on true

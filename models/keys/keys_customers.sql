with claims as (
    {{ party_claims() }}
),

names as (
    select
        accountid,
        {{ fit('name', 100) }} as name
    from {{ ref('stg_sales__accounts') }}
),

customers as (
    select * from {{ ref('stg_finops__customers') }} where deleted_at is null
),

lost as (
    {{ lost_records("select data_area_id, customer_account as number, organization_name as name"
        " from customers where is_externally_maintained = 'Yes'") }}
)

select
    claims.party_id as account_id,
    claims.data_area_id,
    claims.number as account_number,
    coalesce(customers.customer_account, claims.claimed) as customer_account,
    -- A customer that F&O made itself has a party number of its own.
    coalesce(customers.party_number, customers.customer_account, claims.claimed) as party_number,
    claims.matched_by,
    customers.customer_account is not null as is_in_finops,
    claims.is_alive,
    claims.other_id as other_account_id,
    claims.other_type,
    claims.override_problem,
    claims.to_review,
    case when claims.matched_by = 'account number' and customers.customer_account is null then lost.number end
        as might_be
from claims
left join names on claims.party_id = names.accountid
left join customers
    on
        claims.data_area_id = customers.data_area_id
        and lower(claims.claimed) = lower(customers.customer_account)
left join lost on claims.data_area_id = lost.data_area_id and lower(names.name) = lost.name
where claims.party_type = 'account'

with claims as (
    {{ party_claims() }}
),

customers as (
    select * from {{ ref('stg_finops__customers') }} where deleted_at is null
)

select
    claims.party_id as account_id,
    claims.data_area_id,
    claims.number as account_number,
    coalesce(customers.customer_account, claims.claimed) as customer_account,
    claims.matched_by,
    customers.customer_account is not null as is_in_finops,
    claims.is_alive,
    claims.other_id as other_account_id,
    claims.other_type,
    claims.override_problem
from claims
left join customers
    on
        claims.data_area_id = customers.data_area_id
        and lower(claims.claimed) = lower(customers.customer_account)
where claims.party_type = 'account'

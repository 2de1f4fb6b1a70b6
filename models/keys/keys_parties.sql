with customers as (
    select * from {{ ref('stg_finops__customers') }} where deleted_at is null
),

-- Whoever can be the customer of a document in Sales: an account, or a contact (customerid).
parties as (
    select
        account_id as party_id,
        'account' as party_type,
        data_area_id,
        customer_account
    from {{ ref('keys_customers') }}
    where customer_account is not null and is_alive
    union all
    select
        contact_id as party_id,
        'contact' as party_type,
        data_area_id,
        party_number as customer_account
    from {{ ref('keys_contacts') }}
    where party_number is not null and is_alive
)

select
    parties.*,
    customers.customer_account is not null as is_in_finops,
    coalesce(customers.is_externally_maintained = 'Yes', false) as is_externally_maintained
from parties
left join customers
    on
        parties.data_area_id = customers.data_area_id
        and lower(parties.customer_account) = lower(customers.customer_account)

with pairs as (
    {{ account_companies() }}
),

overrides as (
    select * from {{ ref('stg_seeds__key_overrides') }} where entity = 'customers'
),

customers as (
    select * from {{ ref('stg_finops__customers') }} where deleted_at is null
),

-- An account's number in place of its id still says which account was meant.
named as (
    select distinct
        overrides.*,
        coalesce(pairs.account_id, overrides.sales_id) as account_id
    from overrides
    left join pairs on lower(overrides.sales_id) = lower(pairs.account_number)
),

-- A row for one legal entity goes before one for all.
meant as (
    select
        pairs.account_id,
        pairs.data_area_id,
        overrides.sales_id,
        overrides.finops_key,
        overrides.seed_row,
        customers.customer_account,
        rank() over (
            partition by pairs.account_id, pairs.data_area_id
            order by overrides.data_area_id is null
        ) as choice
    from pairs
    inner join named as overrides
        on
            pairs.account_id = overrides.account_id
            and pairs.data_area_id = coalesce(overrides.data_area_id, pairs.data_area_id)
    left join customers
        on
            pairs.data_area_id = customers.data_area_id
            and lower(overrides.finops_key) = lower(customers.customer_account)
    where pairs.is_alive
),

-- One account is one customer, and one number belongs to one account in whatever companies (A1).
judged as (
    select
        *,
        min(lower(finops_key)) over (partition by account_id, data_area_id) as first_key,
        max(lower(finops_key)) over (partition by account_id, data_area_id) as last_key,
        min(account_id) over (partition by lower(finops_key)) as first_account,
        max(account_id) over (partition by lower(finops_key)) as last_account
    from meant
    where choice = 1
)

select
    account_id,
    data_area_id,
    min(seed_row) as seed_row,
    min(customer_account) as customer_account,
    min(case
        when first_key <> last_key then 'pairs it with several customers, ' || first_key || ' and ' || last_key || ': leave one'
        when account_id <> sales_id then 'has the number ' || sales_id || ' where its id belongs: write ' || account_id
        when first_account <> last_account then 'pairs ' || finops_key || ' also with the account ' || case when account_id = first_account then last_account else first_account end || ': leave one'
        when customer_account is null then 'pairs it with ' || finops_key || ', which is no customer in ' || data_area_id || ': correct finops_key, or take the row out'
    end) as problem
from judged
group by account_id, data_area_id

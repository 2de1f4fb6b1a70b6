with accounts as (
    select * from {{ ref('stg_sales__accounts') }}
),

highest as (
    select coalesce(max({{ running_number('accountnumber', 'ACC') }}), 999) as number from accounts
),

numbered as (
    select
        accounts.accountid,
        highest.number + row_number() over (order by accounts.createdon, accounts.accountid) as number
    from accounts
    cross join highest
    where accounts.accountnumber is null and accounts.deleted_at is null
)

select
    accounts.accountid,
    coalesce(
        accounts.accountnumber, {{ new_number('ACC', 'numbered.number', 'accounts.accountid') }}
    ) as accountnumber,

    accounts.accountid as p2c_source_key,
    accounts.accountid as p2c_record_key,
    accounts.accountid as p2c_record_id,
    '[]' as p2c_parents,
    accounts.deleted_at is not null as p2c_deleted,
    cast(null as varchar) as p2c_filtered,
    cast(null as varchar) as p2c_blocked,
    '[]' as p2c_reasons,
    '[]' as p2c_cuts
from accounts
left join numbered on accounts.accountid = numbered.accountid

with pairs as (
    select
        accounts.accountid as account_id,
        coalesce(entities.data_area_id, defaults.data_area_id) as data_area_id,
        accounts.accountnumber as account_number,
        accounts.deleted_at is null as is_alive
    from {{ ref('stg_sales__accounts') }} as accounts
    left join {{ ref('keys_legal_entities') }} as entities
        on accounts.owningbusinessunit = entities.business_unit_id
    cross join (select data_area_id from {{ ref('stg_seeds__legal_entities') }} where is_default) as defaults
),

customers as (
    select * from {{ ref('stg_finops__customers') }} where deleted_at is null
),

linked as (
    {{ written_links('finops', 'accounts') }}
),

chosen as (
    select
        pairs.*,
        case
            when overrides.finops_key is not null then 'override'
            when linked.record_key is not null then 'link'
            when pairs.account_number is not null then 'account number'
        end as matched_by,
        coalesce(
            overrides.finops_key,
            substring(linked.record_key, length(pairs.data_area_id) + 2),
            pairs.account_number
        ) as wanted_account
    from pairs
    left join {{ ref('stg_seeds__key_overrides') }} as overrides
        on
            overrides.entity = 'customers'
            and pairs.account_id = overrides.sales_id
            and pairs.data_area_id = overrides.data_area_id
    left join linked
        on pairs.data_area_id || '/' || pairs.account_id = linked.source_key
),

-- One number, one account, in whatever companies: the party in F&O has that number too (A1).
counted as (
    select
        *,
        min(account_id) over (partition by is_alive, lower(wanted_account)) as first_alike,
        max(account_id) over (partition by is_alive, lower(wanted_account)) as last_alike
    from chosen
)

select
    counted.account_id,
    counted.data_area_id,
    counted.account_number,
    case
        when counted.first_alike = counted.last_alike
            then coalesce(customers.customer_account, counted.wanted_account)
    end as customer_account,
    case
        when counted.wanted_account is null then 'no number'
        when counted.first_alike <> counted.last_alike then 'ambiguous'
        else counted.matched_by
    end as matched_by,
    customers.customer_account is not null and counted.first_alike = counted.last_alike as is_in_finops,
    case
        when counted.wanted_account is not null and counted.first_alike <> counted.last_alike
            then case
                when counted.account_id = counted.first_alike
                    then counted.last_alike
                else counted.first_alike
            end
    end as other_account_id
from counted
left join customers
    on
        counted.data_area_id = customers.data_area_id
        and lower(counted.wanted_account) = lower(customers.customer_account)

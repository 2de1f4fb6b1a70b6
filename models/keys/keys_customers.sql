with pairs as (
    {{ account_companies() }}
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
        overrides.problem as override_problem,
        overrides.seed_row as override_row,
        case
            when overrides.problem is not null then 'wrong override'
            when overrides.account_id is not null then 'override'
            when linked.record_key is not null then 'link'
            when pairs.account_number is not null then 'account number'
        end as matched_by,
        case when overrides.problem is null then coalesce(
            overrides.customer_account,
            substring(linked.record_key, length(pairs.data_area_id) + 2),
            pairs.account_number
        ) end as wanted_account
    from pairs
    left join {{ ref('keys_customer_overrides') }} as overrides
        on pairs.account_id = overrides.account_id and pairs.data_area_id = overrides.data_area_id
    left join linked
        on pairs.data_area_id || '/' || pairs.account_id = linked.source_key
),

-- One number, one account, in whatever companies: the party in F&O has that number too (A1). Of several
-- a person's word decides.
counted as (
    select
        *,
        max(case when matched_by = 'override' then account_id end)
            over (partition by is_alive, lower(wanted_account)) as chosen_id,
        min(account_id) over (partition by is_alive, lower(wanted_account)) as first_alike,
        max(account_id) over (partition by is_alive, lower(wanted_account)) as last_alike
    from chosen
),

judged as (
    select
        *,
        first_alike <> last_alike and account_id is distinct from chosen_id as is_ambiguous
    from counted
)

select
    judged.account_id,
    judged.data_area_id,
    judged.account_number,
    case
        when not judged.is_ambiguous then coalesce(customers.customer_account, judged.wanted_account)
    end as customer_account,
    case
        when judged.matched_by = 'wrong override' then judged.matched_by
        when judged.wanted_account is null then 'no number'
        when judged.is_ambiguous then 'ambiguous'
        else judged.matched_by
    end as matched_by,
    customers.customer_account is not null and not judged.is_ambiguous as is_in_finops,
    case
        when judged.wanted_account is not null and judged.is_ambiguous
            then coalesce(
                judged.chosen_id,
                case when judged.account_id = judged.first_alike then judged.last_alike else judged.first_alike end
            )
    end as other_account_id,
    'row ' || judged.override_row || ' of the seed key_overrides ' || judged.override_problem as override_problem
from judged
left join customers
    on
        judged.data_area_id = customers.data_area_id
        and lower(judged.wanted_account) = lower(customers.customer_account)

{# What a person says of accounts or contacts in `key_overrides`, one row per record and legal entity, and
   what is wrong with that. `pairs` (party_id, data_area_id, number, is_alive) are the records of Sales in their
   legal entities, `targets` (data_area_id, number) those that F&O has. #}
{% macro party_overrides(entity, noun, record, pairs, targets) -%}
with pairs as (
    {{ pairs }}
),

overrides as (
    select * from {{ ref('stg_seeds__key_overrides') }} where entity = '{{ entity }}'
),

targets as (
    {{ targets }}
),

-- A record's number in place of its id still says which one was meant.
named as (
    select distinct
        overrides.*,
        coalesce(pairs.party_id, overrides.sales_id) as party_id
    from overrides
    left join pairs on lower(overrides.sales_id) = lower(pairs.number)
),

-- A row for one legal entity goes before one for all.
meant as (
    select
        pairs.party_id,
        pairs.data_area_id,
        overrides.sales_id,
        overrides.finops_key,
        overrides.decision,
        overrides.seed_row,
        targets.number,
        rank() over (
            partition by pairs.party_id, pairs.data_area_id, lower(overrides.finops_key)
            order by overrides.data_area_id is null
        ) as word,
        rank() over (
            partition by pairs.party_id, pairs.data_area_id, overrides.decision
            order by overrides.data_area_id is null
        ) as choice
    from pairs
    inner join named as overrides
        on
            pairs.party_id = overrides.party_id
            and pairs.data_area_id = coalesce(overrides.data_area_id, pairs.data_area_id)
    left join targets
        on pairs.data_area_id = targets.data_area_id and lower(overrides.finops_key) = lower(targets.number)
    where pairs.is_alive
),

spoken as (
    select
        *,
        case when decision = 'pair' then lower(finops_key) end as paired_key,
        bool_or(decision = 'different') over (partition by party_id, data_area_id, lower(finops_key)) as is_denied
    from meant
    where word = 1 and (choice = 1 or decision = 'different')
),

-- One record is one customer or person, and that one's number belongs to one record in each company.
judged as (
    select
        *,
        min(paired_key) over (partition by party_id, data_area_id) as first_key,
        max(paired_key) over (partition by party_id, data_area_id) as last_key,
        min(party_id) over (partition by data_area_id, paired_key) as first_party,
        max(party_id) over (partition by data_area_id, paired_key) as last_party
    from spoken
)

select
    party_id,
    data_area_id,
    min(seed_row) as seed_row,
    min(number) as number,
    min(case
        when is_denied and decision = 'pair' then 'pairs it with ' || finops_key || ', and another row says that the two are different: leave one'
        when party_id <> sales_id then 'has the number ' || sales_id || ' where its id belongs: write ' || party_id
        when decision = 'different' then null
        when first_key <> last_key then 'pairs it with several {{ record }}s, ' || first_key || ' and ' || last_key || ': leave one'
        when first_party <> last_party then 'pairs ' || finops_key || ' also with the {{ noun }} ' || case when party_id = first_party then last_party else first_party end || ': leave one'
        when number is null then 'pairs it with ' || finops_key || ', which is no {{ record }} in ' || data_area_id || ': correct finops_key, or take the row out'
    end) as problem
from judged
where decision = 'pair' or party_id <> sales_id
group by party_id, data_area_id
{%- endmacro %}

{# What a person says of accounts and of contacts, with the number that each is paired with. #}
{% macro said_of_parties() -%}
    select
        'account' as party_type,
        account_id as party_id,
        data_area_id,
        seed_row,
        customer_account as number,
        problem
    from {{ ref('keys_customer_overrides') }}
    union all
    select
        'contact' as party_type,
        contact_id as party_id,
        data_area_id,
        seed_row,
        party_number as number,
        problem
    from {{ ref('keys_contact_overrides') }}
{%- endmacro %}

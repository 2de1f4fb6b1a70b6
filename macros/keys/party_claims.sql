{# Which number in F&O each account and contact claims there, by company, and how that is known: a person's
   word (`key_overrides`), a pair that was known before, or its own number, in that order.

   One number is one party (A1, C3): whoever claims it with the stronger reason has it. Two with an equally
   strong one have neither; nor have two of Sales that carry the same number, unless a person said which
   is which. A deleted record claims nothing that a living one claims. #}
{% macro party_claims() -%}
with numbers as (
    {{ party_numbers() }}
),

links as (
    {{ party_links() }}
),

overrides as (
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
),

claims as (
    select
        numbers.* exclude (owningbusinessunit),
        coalesce(entities.data_area_id, defaults.data_area_id) as data_area_id,
        overrides.problem,
        overrides.seed_row,
        case
            when overrides.party_id is not null then 1
            when links.number is not null then 2
            else 3
        end as strength,
        case when overrides.problem is null
            then coalesce(overrides.number, links.number, numbers.number)
        end as claimed
    from numbers
    left join {{ ref('keys_legal_entities') }} as entities
        on numbers.owningbusinessunit = entities.business_unit_id
    cross join (select data_area_id from {{ ref('stg_seeds__legal_entities') }} where is_default) as defaults
    left join overrides
        on
            numbers.party_type = overrides.party_type
            and numbers.party_id = overrides.party_id
            and coalesce(entities.data_area_id, defaults.data_area_id) = overrides.data_area_id
    left join links
        on
            numbers.party_type = links.party_type
            and coalesce(entities.data_area_id, defaults.data_area_id) || '/' || numbers.party_id
            = links.source_key
),

rivals as (
    {{ party_rivals() }}
)

select
    rivals.party_type,
    rivals.party_id,
    rivals.data_area_id,
    rivals.number,
    rivals.is_alive,
    case
        when rivals.other_id is null and (rivals.is_alive or not coalesce(rivals.is_wanted, false))
            then rivals.claimed
    end as claimed,
    case
        when rivals.problem is not null then 'wrong override'
        when rivals.claimed is null then 'no number'
        when rivals.other_id is not null then 'ambiguous'
        when not rivals.is_alive and rivals.is_wanted then 'gone'
        when rivals.strength = 1 then 'override'
        when rivals.strength = 2 then 'link'
        else rivals.party_type || ' number'
    end as matched_by,
    rivals.other_id,
    others.party_type as other_type,
    'row ' || rivals.seed_row || ' below the header of the seed key_overrides ' || rivals.problem as override_problem
from rivals
left join (select distinct party_type, party_id from numbers) as others on rivals.other_id = others.party_id
{%- endmacro %}

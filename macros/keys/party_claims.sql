{# Which number in F&O each account and contact claims there, by company, and how that is known: a person's
   word (`key_overrides`), a pair that was known before, a rule that is sure of it, or its own number, in that
   order. While a candidate waits for a decision it claims none by its number (K2); nor that of a record which a
   person said is another.

   One number is one party (A1, C3): whoever claims it with the stronger reason has it. Two with an equally
   strong one have neither; nor have two of Sales that carry the same number, unless a person said which
   is which. A deleted record claims nothing that a living one claims. #}
{% macro party_claims() -%}
with numbers as (
    {{ party_numbers() }}
),

links as (
    {{ newest_party_links('numbers') }}
),

overrides as (
    {{ said_of_parties() }}
),

matches as (
    {{ matched_parties() }}
),

placed as (
    select
        numbers.* exclude (owningbusinessunit),
        coalesce(entities.data_area_id, defaults.data_area_id) as data_area_id
    from numbers
    left join {{ ref('keys_legal_entities') }} as entities
        on numbers.owningbusinessunit = entities.business_unit_id
    cross join (select data_area_id from {{ ref('stg_seeds__legal_entities') }} where is_default) as defaults
),

claims as (
    select
        placed.*,
        overrides.problem,
        overrides.seed_row,
        matches.rule,
        matches.question,
        case
            when overrides.party_id is not null then 1
            when links.is_here then 2
            when matches.rule is not null then 3
            when links.number is not null then 4
            else 5
        end as strength,
        case when overrides.problem is null then coalesce(
            overrides.number, case when links.is_here then links.number end, matches.number, links.number,
            placed.number
        ) end as claimed
    from placed
    left join overrides
        on
            placed.party_type = overrides.party_type
            and placed.party_id = overrides.party_id
            and placed.data_area_id = overrides.data_area_id
    left join links
        on
            placed.party_type = links.party_type
            and placed.data_area_id || '/' || placed.party_id = links.source_key
    left join matches
        on
            placed.party_type = matches.party_type
            and placed.party_id = matches.party_id
            and placed.data_area_id = matches.data_area_id
),

rivals as (
    {{ party_rivals() }}
),

judged as (
    select
        *,
        case
            when problem is not null then 'wrong override'
            when claimed is null then 'no number'
            when other_id is not null then 'ambiguous'
            when not is_alive and is_wanted then 'gone'
            when strength = 1 then 'override'
            when strength = 2 then 'link'
            when strength = 3 then 'rule:' || rule
            when question is not null then 'to review'
            when {{ decided_different("case party_type when 'account' then 'customers' else 'contacts' end",
                'rivals.party_id', 'rivals.data_area_id', 'rivals.claimed') }} then 'denied'
            when strength = 4 then 'link'
            else party_type || ' number'
        end as matched_by
    from rivals
)

select
    judged.party_type,
    judged.party_id,
    judged.data_area_id,
    judged.number,
    judged.is_alive,
    case when judged.matched_by not in ('ambiguous', 'gone', 'to review', 'denied') then judged.claimed end as claimed,
    judged.matched_by,
    case when judged.matched_by = 'to review' then judged.question end as to_review,
    judged.other_id,
    others.party_type as other_type,
    'row ' || judged.seed_row || ' below the header of the seed key_overrides ' || judged.problem as override_problem
from judged
left join (select distinct party_type, party_id from numbers) as others on judged.other_id = others.party_id
{%- endmacro %}

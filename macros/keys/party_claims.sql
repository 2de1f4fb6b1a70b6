{# Which number in F&O each account and contact claims there, by company, and how that is known: a person's
   word (`key_overrides`), a pair that was known before, or its own number, in that order.

   One number is one party (A1, C3): whoever claims it with the stronger reason has it. Two with an equally
   strong one have neither; nor have two of Sales that carry the same number, unless a person said which
   is which. A deleted record claims nothing that a living one claims. #}
{% macro party_claims() -%}
with numbers as (
    select
        'account' as party_type,
        accountid as party_id,
        owningbusinessunit,
        accountnumber as number,
        deleted_at is null as is_alive
    from {{ ref('stg_sales__accounts') }}
    union all
    select
        'contact' as party_type,
        contactid as party_id,
        owningbusinessunit,
        msdynce_contactnumber as number,
        deleted_at is null as is_alive
    from {{ ref('stg_sales__contacts') }}
),

links as (
    {{ party_links() }}
),

claims as (
    select
        numbers.* exclude (owningbusinessunit),
        coalesce(entities.data_area_id, defaults.data_area_id) as data_area_id,
        overrides.problem,
        overrides.seed_row,
        case
            when overrides.account_id is not null then 1
            when links.number is not null then 2
            else 3
        end as strength,
        case when overrides.problem is null
            then coalesce(overrides.customer_account, links.number, numbers.number)
        end as claimed
    from numbers
    left join {{ ref('keys_legal_entities') }} as entities
        on numbers.owningbusinessunit = entities.business_unit_id
    cross join (select data_area_id from {{ ref('stg_seeds__legal_entities') }} where is_default) as defaults
    left join {{ ref('keys_customer_overrides') }} as overrides
        on
            numbers.party_type = 'account'
            and numbers.party_id = overrides.account_id
            and coalesce(entities.data_area_id, defaults.data_area_id) = overrides.data_area_id
    left join links
        on
            numbers.party_type = links.party_type
            and coalesce(entities.data_area_id, defaults.data_area_id) || '/' || numbers.party_id
            = links.source_key
),

compared as (
    select
        *,
        min(strength) over (partition by is_alive, lower(claimed)) as strongest,
        bool_or(is_alive) over (partition by lower(claimed)) as is_wanted
    from claims
),

alike as (
    select
        *,
        min(case when strength = strongest then party_id end)
            over (partition by is_alive, lower(claimed)) as first_claiming,
        max(case when strength = strongest then party_id end)
            over (partition by is_alive, lower(claimed)) as last_claiming,
        min(case when strength > 1 then party_id end)
            over (partition by is_alive, lower(number)) as first_numbered,
        max(case when strength > 1 then party_id end)
            over (partition by is_alive, lower(number)) as last_numbered
    from compared
),

rivals as (
    select
        *,
        case
            when claimed is null then null
            when first_claiming <> last_claiming or party_id <> first_claiming
                then case when party_id = first_claiming then last_claiming else first_claiming end
            when strength > 1 and number is not null and first_numbered <> last_numbered
                then case when party_id = first_numbered then last_numbered else first_numbered end
        end as other_id
    from alike
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

{# The number of each party's record in F&O where a pair is known: the newest word of all its flows. #}
{% macro party_links() -%}
    select
        party_type,
        source_key,
        number
    from (
        select
            *,
            row_number() over (partition by party_type, source_key order by seen_at desc, number) as newest
        from (
            select
                'account' as party_type,
                source_key,
                substring(record_key, position('/' in record_key) + 1) as number,
                seen_at
            from ({{ written_links('finops', 'accounts') }}) as accounts
            union all
            select
                'contact' as party_type,
                source_key,
                {{ json_text('key_values', 'ContactPersonPartyNumber') }} as number,
                seen_at
            from ({{ written_links('finops', 'contacts') }}) as persons
            union all
            select
                'contact' as party_type,
                source_key,
                substring(record_key, position('/' in record_key) + 1) as number,
                seen_at
            from ({{ written_links('finops', 'contacts_to_customers') }}) as customers
        ) as links
        where number is not null
    ) as links
    where newest = 1
{%- endmacro %}

{# What the ledger says of first contacts: those that were taken back, and pairs that it knows although nothing
   is agreed. #}

{# True of a write that took a first contact back: the pair never agreed on anything, again. #}
{% macro is_undone(agreement) -%}
    coalesce({{ json_has(agreement, 'undone') }}, false)
{%- endmacro %}

{# Records whose first contact was taken back, and when. #}
{% macro undone_contacts(of_this_flow) -%}
    select record_key, max(finished_at) as undone_at
    from {{ source('ledger', 'writes') }}
    where
        {{ of_this_flow }} and status in ('acknowledged', 'verified')
        and agreement is not null and {{ is_undone('agreement') }}
    group by record_key
{%- endmacro %}

{# Before comparing: what was agreed before a first contact was taken back is not agreed. #}
{% macro forget_undone(agreed, of_this_flow) -%}
delete from {{ agreed }} as agreed using ({{ undone_contacts(of_this_flow) }}) as undone
where agreed.record_key = undone.record_key and undone.undone_at > agreed.agreed_at;
{%- endmacro %}

{# Before comparing: records of which nothing is agreed, and whose pair the ledger knows all the same (the
   warehouse was lost, or the pair was made by another flow in the other direction), are no first contact. #}
{% macro remember_linked(agreed, of_this_flow) -%}
{%- set target_model = model.name | replace('compare_', 'target_', 1) -%}
{%- set found -%}
with unagreed as materialized (
    select p2c_source_key, p2c_record_key, p2c_record_id
    from {{ ref(target_model) }}
    where
        p2c_record_key is not null
        and {{ row_hash(['p2c_record_key']) }} not in (
            select {{ row_hash(['record_key']) }} from {{ agreed }} where agreed_at is not null
        )
)

select unagreed.p2c_record_key as record_key, min(unagreed.p2c_source_key) as value
from unagreed
inner join (
    {{ _known_pairs(of_this_flow, 'source_key', 'record_key') }}
    union all
    {{ _known_pairs('not (' ~ of_this_flow ~ ')', 'record_key', 'source_key') }}
) as known
    on
        unagreed.p2c_source_key = known.from_key
        and known.to_key in (unagreed.p2c_record_key, unagreed.p2c_record_id)
group by unagreed.p2c_record_key
{%- endset -%}
{{ note_beside(agreed, 'p2c_linked', found) }}
{%- endmacro %}

{# Pairs of the records in `unagreed`, as (from_key, to_key); those that were deleted or taken back left out. #}
{% macro _known_pairs(condition, from_key, to_key) -%}
    select {{ from_key }} as from_key, {{ to_key }} as to_key
    from (
        select
            *,
            row_number() over (partition by source_key, record_key, flow order by seen_at desc, is_end desc) as newest
        from (
            select
                system, entity_set, flow, source_key, record_key, finished_at as seen_at,
                operation = 'delete' or {{ is_undone('agreement') }} as is_end
            from {{ source('ledger', 'writes') }}
            where
                operation in ('create', 'update', 'delete') and status in ('acknowledged', 'verified')
                and {{ from_key }} in (select p2c_source_key from unagreed)
            union all
            select
                system, entity_set, flow, source_key, record_key, coalesce(ended_at, changed_at),
                ended_at is not null
            from ledger.links
            where {{ from_key }} in (select p2c_source_key from unagreed)
        ) as events
        where {{ condition }}
    ) as pairs
    where newest = 1 and not is_end
{%- endmacro %}

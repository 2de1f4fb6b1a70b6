{# First contact: two linked records that never agreed on anything. Nothing is remembered of them, and no
   link and no acknowledged write knows the pair. What the policy leaves as it is counts as equal until the
   value at the source changes: then it is an ordinary update. #}

{# A record that is its own source is no pair. #}
{% macro is_first_contact() -%}
    (
        agreed.agreed_at is null
        and agreed.p2c_linked is distinct from desired.p2c_source_key
        and desired.p2c_source_key <> coalesce(desired.p2c_record_id, desired.p2c_record_key)
    )
{%- endmacro %}

{# Whether the target has no value: null, and in F&O, whose columns are never null, 0 and an enum's first
   member (`empty`). #}
{% macro holds_nothing(column, writes) -%}
    {%- set held = _held_value(column) -%}
    ({{ held }} is null
    {%- if writes.system == 'finops' and column.empty is not none %} or cast({{ held }} as varchar) = '{{ column.empty }}'
    {%- elif writes.system == 'finops' and column.type.startswith(('decimal', 'integer', 'bigint', 'double')) %} or {{ held }} = 0
    {%- endif -%}
    )
{%- endmacro %}

{# Whether `fill` may write a column: the target has nothing there, and in what belongs with it (`filled_with`)
   nothing or the same. Half of one address and half of another would be none. #}
{% macro _is_free(column, writes) -%}
    ("nothing__{{ column.name }}"{{ ' and "free__' ~ column.filled_with ~ '"' if column.filled_with }})
{%- endmacro %}

{# {name: condition}: in all columns that belong together the target has nothing, or the same. #}
{% macro _free_groups(columns, writes) -%}
    {%- set found = {} -%}
    {%- for column in columns if column.filled_with -%}
        {%- set desired = _comparable('desired."' ~ column.name ~ '"', column) -%}
        {%- set held = _comparable(_held_value(column), column) -%}
        {%- do found.setdefault(column.filled_with, []).append(
            '(' ~ holds_nothing(column, writes) ~ ' or ' ~ desired ~ ' is not distinct from ' ~ held ~ ')') -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# Whether the policy writes a column on which the two never agreed. #}
{% macro _first_contact_writes(column, writes) -%}
    {%- set policy = column_policy('on_first_contact', column, writes) -%}
    {{ _is_free(column, writes) if policy == 'fill' else policy == 'overwrite' }}
{%- endmacro %}

{# Columns whose policy may leave them as they are. #}
{% macro may_be_kept(columns, writes) -%}
    {%- set found = [] -%}
    {%- for column in columns if column_policy('on_first_contact', column, writes) != 'overwrite' -%}
        {%- do found.append(column) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# Whether an earlier first contact left it as it was, and nothing moved since. #}
{% macro _is_kept(column, writes) -%}
    ("kept__{{ column.name }}"
    and desired."{{ column.name }}" is not distinct from cast({{ json_text('desired.p2c_kept', column.name) }} as {{ column.type }})
    and not {{ _first_contact_writes(column, writes) }})
{%- endmacro %}

{# True where what is kept is no longer what is remembered as kept. #}
{% macro _kept_moved(columns) -%}
    {%- set conditions = [] -%}
    {%- for column in columns -%}
        {%- do conditions.append('("state__' ~ column.name ~ '" = 5) <> "kept__' ~ column.name ~ '"') -%}
    {%- endfor -%}
    {{ _any(conditions) }}
{%- endmacro %}

{# What the ledger keeps of a record, beside what is written, so that both systems' agreement can be told from
   it alone: {"first_contact": …, "held": all columns as they are there, "kept": what the source has in those
   that are left}. Null where nothing is left and nothing begins. #}
{% macro _agreement(columns, keeping, writes) -%}
    {%- set kept = {} -%}
    {%- for column in keeping -%}
        {%- do kept.update({column.name: '"state__' ~ column.name ~ '" = 5 and not ' ~ _is_sent(column, columns, writes)}) -%}
    {%- endfor -%}
    case
        when p2c_is_there and (is_first_contact or has_kept or has_kept_moved) and {{ 'update' in writes.operations }}
            then '{"first_contact":' || {{ json_value('is_first_contact') }}
                || ',"held":' || {{ json_object(_held_values(columns)) }}
                || ',"kept":' || {{ json_object(_desired_values(keeping), kept) }} || '}'
    end
{%- endmacro %}

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

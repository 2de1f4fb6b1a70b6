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

{# The state of a column (see compare_records.sql), and whether it is written. #}

{% macro _held_value(column) -%}desired."held__{{ column.name }}"{%- endmacro %}

{% macro _comparable(expression, column) -%}
    {{- 'lower(' ~ expression ~ ')' if column.compare == 'lower' else expression -}}
{%- endmacro %}

{% macro _column_state(column, writes) -%}
    {%- set first_policy = column_policy('on_first_contact', column, writes) -%}
    {%- set desired = _comparable('desired."' ~ column.name ~ '"', column) -%}
    {%- set held = _comparable(_held_value(column), column) -%}
    {%- set agreed = _comparable('"agreed__' ~ column.name ~ '"', column) -%}
    case
        {%- if column.null_means == 'keep' %}
        when {{ desired }} is null then 0
        {%- endif %}
        when {{ desired }} is not distinct from {{ held }} then 0
        when {{ is_not_persisted(column) }}
            then case when desired."{{ column.name }}" is not distinct from {{ not_persisted_value(column) }} then 6 else 1 end
        {%- if first_policy != 'overwrite' %}
        when {{ _is_kept(column, writes) }} then 5
        {%- endif %}
        when p2c_is_new_pair
            then {% if first_policy == 'hold' %}7{% elif first_policy == 'overwrite' %}4{% else %}case when {{ _first_contact_writes(column, writes) }} then 4 else 5 end{% endif %}
        when not p2c_is_agreed or {{ is_unknown(column, 'desired') }} or {{ held }} is not distinct from {{ agreed }} then 1
        when {{ desired }} is not distinct from {{ agreed }} then 2
        else 3
    end
{%- endmacro %}

{% macro _is_written(column, writes) -%}
    {%- set states = [1, 4] -%}
    {%- if column_policy('on_drift', column, writes) != 'keep' %}{% do states.append(2) %}{% endif -%}
    {%- if column_policy('on_conflict', column, writes) != 'keep' %}{% do states.append(3) %}{% endif -%}
    "state__{{ column.name }}" in ({{ states | join(', ') }})
{%- endmacro %}

{# Written itself, or sent along with the column that makes the target fill it anew. #}
{% macro _is_sent(column, columns, writes) -%}
    {%- if not column.sent_with -%}
        {{ return(_is_written(column, writes)) }}
    {%- endif -%}
    {%- set leading = columns | selectattr('name', 'equalto', column.sent_with) | list -%}
    {%- if not leading -%}
        {{ exceptions.raise_compiler_error(model.name ~ ': ' ~ column.name ~ ' is `sent_with: '
            ~ column.sent_with ~ '`, which is no column that is compared.') }}
    {%- endif -%}
    {%- set keeps = ' and "' ~ column.name ~ '" is not null' if column.null_means == 'keep' else '' -%}
    {{ return('(' ~ _is_written(column, writes) ~ ' or (' ~ _is_written(leading[0], writes) ~ keeps ~ '))') }}
{%- endmacro %}

{% macro _any(conditions) -%}
    ({%- for condition in conditions %}{{ ' or ' if not loop.first }}{{ condition }}{% else %}false{% endfor -%})
{%- endmacro %}

{% macro _any_state(columns, states) -%}
    {%- set conditions = [] -%}
    {%- for column in columns %}{% do conditions.append('"state__' ~ column.name ~ '" in (' ~ states | join(', ') ~ ')') %}{% endfor -%}
    {{ _any(conditions) }}
{%- endmacro %}

{% macro _any_written(columns, writes) -%}
    {%- set conditions = [] -%}
    {%- for column in columns %}{% do conditions.append(_is_written(column, writes)) %}{% endfor -%}
    {{ _any(conditions) }}
{%- endmacro %}

{# Whether a column's value is another one than was agreed: the target's where it is kept, else the source's. #}
{% macro _any_moved(columns, keeping) -%}
    {%- set conditions = [] -%}
    {%- for column in columns -%}
        {%- set value = '"' ~ column.name ~ '"' -%}
        {%- if column in keeping -%}
            {%- set value = 'case when "state__' ~ column.name ~ '" = 5 then "held__' ~ column.name ~ '" else ' ~ value ~ ' end' -%}
        {%- endif -%}
        {%- do conditions.append('"agreed__' ~ column.name ~ '" is distinct from ' ~ value) -%}
    {%- endfor -%}
    {{ _any(conditions) }}
{%- endmacro %}

{# Columns in which both systems differ other than by a plain change at the source, for `quality.drift`: a JSON
   array of {column, kind, policy, action, agreed, source, target}; `[]` for most records. #}
{% macro _differences(columns, writes) -%}
    {%- set value = json_value('@@') -%}
    {%- if 'update' not in writes.operations -%}
        '[]'
    {%- else -%}
    case
        when p2c_is_there and not p2c_deleted and p2c_filtered is null and p2c_reasons = '[]'
            then '[' || concat_ws(','
            {%- for column in columns %}, case when "state__{{ column.name }}" > 1 then {{ _difference(column, writes, value) }} end
            {%- endfor %}) || ']'
        else '[]'
    end
    {%- endif -%}
{%- endmacro %}

{% macro _difference(column, writes, value) -%}
    {%- set drift = column_policy('on_drift', column, writes) -%}
    {%- set conflict = column_policy('on_conflict', column, writes) -%}
    {%- set first = column_policy('on_first_contact', column, writes) -%}
    {%- set as_first = '"kind":"first_contact","policy":"' ~ first ~ '","action":' -%}
    '{"column":"{{ column.name }}",' || case "state__{{ column.name }}"
        when 2 then '"kind":"drift","policy":"{{ drift }}","action":"{{ drift }}"'
        when 3 then '"kind":"conflict","policy":"{{ conflict }}","action":"{{ conflict }}"'
        when 4 then '{{ as_first }}' || case when "nothing__{{ column.name }}" then '"fill"' else '"overwrite"' end
        {%- if first != 'overwrite' %}
        when 5 then case when is_first_contact then '{{ as_first }}"keep"' else '"kind":"kept","policy":"{{ first }}","action":"keep"' end
        when 7 then '{{ as_first }}"hold"'
        {%- endif %}
        else '"kind":"not_persisted","policy":null,"action":"keep"'
    end || ',"agreed":' || {{ value | replace('@@', '"agreed__' ~ column.name ~ '"') }}
    || ',"source":' || {{ value | replace('@@', '"' ~ column.name ~ '"') }}
    || ',"target":' || {{ value | replace('@@', '"held__' ~ column.name ~ '"') }} || '}'
{%- endmacro %}

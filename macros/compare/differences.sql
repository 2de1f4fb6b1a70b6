{# Columns in which both systems differ other than by a plain change at the source, for `quality.drift`: a JSON
   array of {column, kind, policy, action, agreed, source, target}; `[]` for most records. #}
{% macro _differences(columns, writes) -%}
    {%- if 'update' not in writes.operations -%}
        '[]'
    {%- else -%}
    case
        when p2c_is_there and not p2c_deleted and p2c_filtered is null and p2c_reasons = '[]'
            then '[' || concat_ws(','
            {%- for column in columns %}, case when "state__{{ column.name }}" > 1 then {{ _difference(column, writes) }} end
            {%- endfor %}) || ']'
        else '[]'
    end
    {%- endif -%}
{%- endmacro %}

{% macro _difference(column, writes) -%}
    {%- set drift = column_policy('on_drift', column, writes) -%}
    {%- set conflict = column_policy('on_conflict', column, writes) -%}
    {%- set first = column_policy('on_first_contact', column, writes) -%}
    {%- set as_first = '"kind":"first_contact","policy":"' ~ first ~ '","action":' -%}
    '{"column":"{{ column.name }}",' || case "state__{{ column.name }}"
        when 2 then '"kind":"drift","policy":"{{ drift }}","action":"{{ drift }}"'
        when 3 then '"kind":"conflict","policy":"{{ conflict }}","action":"{{ conflict }}"'
        when 4 then '{{ as_first }}' || case when "nothing__{{ column.name }}" then '"fill"' else '"overwrite"' end
        when 5 then case when is_first_contact then '{{ as_first }}"keep"' else '"kind":"kept","policy":"{{ first }}","action":"keep"' end
        when 6 then '"kind":"not_persisted","policy":null,"action":"keep"'
        else '{{ as_first }}"hold"'
    end || ',"agreed":' || case when "state__{{ column.name }}" in (4, 7) then 'null' else {{ json_value('"agreed__' ~ column.name ~ '"') }} end
    || ',"source":' || {{ json_value('"' ~ column.name ~ '"') }} || ',"target":' || {{ json_value('"held__' ~ column.name ~ '"') }} || '}'
{%- endmacro %}

{# Why a row cannot be written: a JSON object {code, column, value, message}, or null when it can.
   `message` is an SQL expression: it names what is missing and the seed or setting to mend. #}
{% macro reason(code, column, value, message, when) -%}
    case
        when {{ when }}
            then {{ json_object({
                'code': "'" ~ code ~ "'",
                'column': "'" ~ column ~ "'",
                'value': 'cast(' ~ value ~ ' as varchar)',
                'message': message,
            }) }}
    end
{%- endmacro %}

{# All reasons of a row as a JSON array; '[]' means it can be written. #}
{% macro reasons(items) -%}
    {{ json_array(items) }}
{%- endmacro %}

{# What was cut to fit the target: [{column, value, message}] for {column: (source, length)}. #}
{% macro cuts(columns) -%}
    {%- set items = [] -%}
    {%- for column, (source, length) in columns.items() -%}
        {%- do items.append(reason(
            'text_cut', column, source,
            "'" ~ column ~ " holds " ~ length ~ " characters; the rest of the text was cut.'",
            'length(' ~ source ~ ') > ' ~ length)) -%}
    {%- endfor -%}
    {{ json_array(items) }}
{%- endmacro %}

{# `system.EntitySet/record key`, the name under which other rows refer to a record. #}
{% macro parent(entity, key) -%}
    {{ json_value("'" ~ entity ~ "/' || " ~ key) }}
{%- endmacro %}

{# A default by setting, or by a value map on another column of the row (A4). #}
{% macro mapped_or_default(seed, setting, columns, company) -%}
    coalesce({{ mapped_by_columns(seed, columns, company) }}, nullif({{ text_var(setting) }}, ''))
{%- endmacro %}

{# The value that a map gives to a row: the seed's rows name the column (`country`, `city`, …) and its
   value; `columns` says where the model has them. Of several rows that fit, the one for the fewest
   records wins, and a legal entity's own before that for all. #}
{% macro mapped_by_columns(seed, columns, company) -%}
    (
        select arg_min(map.target_value, case map.source_column
            {%- for name in ['product_number', 'account_number', 'delivery_city', 'city', 'delivery_state', 'state', 'delivery_country', 'country'] %}
            when '{{ name }}' then {{ loop.index0 * 2 }}
            {%- endfor %}
        end + case when map.data_area_id is null then 1 else 0 end)
        from {{ ref('stg_seeds__' ~ seed) }} as map
        where
            coalesce(map.data_area_id, {{ company }}) = {{ company }}
            and lower(map.source_value) = lower(
                case map.source_column
                    {%- for name, expression in columns.items() %}
                    when '{{ name }}' then {{ expression }}
                    {%- endfor %}
                end
            )
    )
{%- endmacro %}

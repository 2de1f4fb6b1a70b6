{# What is compared, in the order in which evidence is listed. #}
{% macro match_columns() -%}
    {{ return(['number', 'name', 'parent_name', 'email', 'domain', 'phone', 'tax_number', 'postal_code',
        'street', 'town']) }}
{%- endmacro %}

{# How many records of one side share each value of a column, where it is more than one: on the side that
   has more of them. A number of a switchboard says less than one of a desk. #}
{% macro match_value_counts(records, column) -%}
    select
        entity,
        data_area_id,
        {{ column }},
        max(records) as records
    from (
        select
            entity,
            data_area_id,
            {{ column }},
            count(*) as records
        from {{ records }}
        where {{ column }} is not null
        group by entity, data_area_id, side, {{ column }}
        having count(*) > 1
    ) as shared
    group by entity, data_area_id, {{ column }}
{%- endmacro %}

{# All columns of `records`, and for each compared one how many records share its value. #}
{% macro match_counted(records) -%}
select
    {{ records }}.*
    {%- for column in match_columns() %},
    coalesce({{ column }}s.records, 1) as {{ column }}_records
    {%- endfor %}
from {{ records }}
{%- for column in match_columns() %}
left join ({{ match_value_counts(records, column) }}) as {{ column }}s
    on
        {{ records }}.entity = {{ column }}s.entity
        and {{ records }}.data_area_id = {{ column }}s.data_area_id
        and {{ records }}.{{ column }} = {{ column }}s.{{ column }}
{%- endfor %}
{%- endmacro %}

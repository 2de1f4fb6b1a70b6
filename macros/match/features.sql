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

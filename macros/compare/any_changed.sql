{# True when a JSON array of column names holds one of the given ones. #}
{% macro any_changed(changed_columns, names) -%}
    (
    {%- for name in names %}
        {{ 'or ' if not loop.first }}{{ changed_columns }} like '%"{{ name }}"%'
    {%- endfor %}
    )
{%- endmacro %}

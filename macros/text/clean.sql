{# Both systems have their own way of saying "empty": staging makes all of them null. #}
{% macro clean_text(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}

{# F&O sends 1900-01-01 for "no date", and date-only columns at noon (protocols B6). #}
{% macro clean_date(column) -%}
    nullif(cast({{ column }} as date), date '1900-01-01')
{%- endmacro %}

{% macro clean_timestamp(column) -%}
    case when cast({{ column }} as date) <> date '1900-01-01' then {{ column }} end
{%- endmacro %}

{# F&O's NoYes as a boolean. #}
{% macro clean_no_yes(column) -%}
    ({{ column }} = 'Yes')
{%- endmacro %}

{# Cut to the length the target keeps; `cuts` reports what was lost. #}
{% macro fit(column, length) -%}
    trim(substring({{ column }}, 1, {{ length }}))
{%- endmacro %}

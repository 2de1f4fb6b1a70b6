{# The place of a text among others as people of a language sort them: Äpfel before Zulu in English. #}
{% macro sorted_as_people_do(expression) -%}
    {{ return(adapter.dispatch('sorted_as_people_do', 'prospect_to_cash')(expression)) }}
{%- endmacro %}

{% macro default__sorted_as_people_do(expression) -%}
    icu_sort_key({{ expression }}, {{ text_var('sort_language') }})
{%- endmacro %}

{# The value of the row that comes last by another column; rows without a value are left out. #}
{% macro last_of(expression, by) -%}
    {{ return(adapter.dispatch('last_of', 'prospect_to_cash')(expression, by)) }}
{%- endmacro %}

{% macro default__last_of(expression, by) -%}
    arg_max({{ expression }}, {{ by }})
{%- endmacro %}

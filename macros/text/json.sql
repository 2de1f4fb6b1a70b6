{# JSON as text, built in SQL: the form in which changes, reasons and parents reach the loaders. #}

{# One value as a JSON literal: 'a' is "a", 1.10 is 1.1, null is null. #}
{% macro json_value(expression) -%}
    {{ return(adapter.dispatch('json_value', 'prospect_to_cash')(expression)) }}
{%- endmacro %}

{% macro default__json_value(expression) -%}
    coalesce(cast(to_json({{ expression }}) as varchar), 'null')
{%- endmacro %}

{# An object of the given {name: expression}; with `only_if`, {name: condition} of what is in it. #}
{% macro json_object(members, only_if=none) -%}
    {%- set value = json_value('@@') -%}
    '{' || concat_ws(',', cast(null as varchar)
    {%- for name, expression in members.items() %},
        {% if only_if -%} case when {{ only_if[name] }} then {% endif -%}
        '"{{ name }}":' || {{ value | replace('@@', expression) }}
        {%- if only_if %} end{% endif %}
    {%- endfor %}
    ) || '}'
{%- endmacro %}

{# An array of expressions that are JSON already (or null: left out). #}
{% macro json_array(items) -%}
    '[' || concat_ws(','
    {%- for item in items %}, {{ item }}{% endfor -%}
    ) || ']'
{%- endmacro %}

{# The elements of a JSON array of objects in a text column, one row each, as JSON text. #}
{% macro json_elements(column) -%}
    {{ return(adapter.dispatch('json_elements', 'prospect_to_cash')(column)) }}
{%- endmacro %}

{% macro default__json_elements(column) -%}
    unnest(from_json({{ column }}, '["JSON"]'))
{%- endmacro %}

{# The elements of a JSON array of texts, one row each. #}
{% macro json_strings(column) -%}
    {{ return(adapter.dispatch('json_strings', 'prospect_to_cash')(column)) }}
{%- endmacro %}

{% macro default__json_strings(column) -%}
    unnest(from_json({{ column }}, '["VARCHAR"]'))
{%- endmacro %}

{% macro json_text(document, name) -%}
    {{ return(adapter.dispatch('json_text', 'prospect_to_cash')(document, name)) }}
{%- endmacro %}

{% macro default__json_text(document, name) -%}
    json_extract_string({{ document }}, '$.{{ name }}')
{%- endmacro %}

{# A member as JSON, to be a member of another document. #}
{% macro json_member(document, name) -%}
    {{ return(adapter.dispatch('json_member', 'prospect_to_cash')(document, name)) }}
{%- endmacro %}

{% macro default__json_member(document, name) -%}
    json_extract({{ document }}, '$.{{ name }}')
{%- endmacro %}

{# A value as JSON, of one type with `json_member`. #}
{% macro json_typed(expression) -%}
    {{ return(adapter.dispatch('json_typed', 'prospect_to_cash')(expression)) }}
{%- endmacro %}

{% macro default__json_typed(expression) -%}
    to_json({{ expression }})
{%- endmacro %}

{# A member that is an object or an array, as text. #}
{% macro json_part(document, name) -%}
    {{ return(adapter.dispatch('json_part', 'prospect_to_cash')(document, name)) }}
{%- endmacro %}

{% macro default__json_part(document, name) -%}
    cast(json_extract({{ document }}, '$.{{ name }}') as varchar)
{%- endmacro %}

{% macro json_has(document, name) -%}
    {{ return(adapter.dispatch('json_has', 'prospect_to_cash')(document, name)) }}
{%- endmacro %}

{% macro default__json_has(document, name) -%}
    json_exists({{ document }}, '$.{{ name }}')
{%- endmacro %}

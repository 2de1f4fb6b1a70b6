{# Settings (`vars` in dbt_project.yml) as SQL literals. No model reads one in another way: a quote in a
   name must not end the literal, and a word that YAML takes for something else must be said. #}

{% macro text_var(name) -%}
    {%- set value = var(name) -%}
    {%- if value is sameas true or value is sameas false -%}
        {{ exceptions.raise_compiler_error(
            'The setting ' ~ name ~ ' is ' ~ value ~ ', not a text: put it in quotes in dbt_project.yml'
            ~ ' (YAML takes no, yes, on and off without quotes for true and false).') }}
    {%- endif -%}
    '{{ ('' if value is none else value) | string | trim | replace("'", "''") }}'
{%- endmacro %}

{# One of the given words. #}
{% macro choice_var(name, words) -%}
    {%- set value = var(name) | string | trim | lower -%}
    {%- if value not in words -%}
        {{ exceptions.raise_compiler_error(
            'The setting ' ~ name ~ ' is ' ~ var(name) ~ ': write ' ~ words | join(' or ')
            ~ ' in dbt_project.yml.') }}
    {%- endif -%}
    '{{ value }}'
{%- endmacro %}

{% macro flag_var(name) -%}
    {{- choice_var(name, ['true', 'false']) | replace("'", '') -}}
{%- endmacro %}

{% macro date_var(name) -%}
    {%- set value = var(name) | string | trim -%}
    {%- if not modules.re.fullmatch('\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])', value) -%}
        {{ exceptions.raise_compiler_error(
            'The setting ' ~ name ~ ' is ' ~ var(name) ~ ', not a day: write it as 2020-01-31 in'
            ~ ' dbt_project.yml.') }}
    {%- endif -%}
    date '{{ value }}'
{%- endmacro %}

{% macro number_var(name) -%}
    {%- set value = var(name) | string | trim -%}
    {%- if not modules.re.fullmatch('\d+(\.\d+)?', value) -%}
        {{ exceptions.raise_compiler_error(
            'The setting ' ~ name ~ ' is ' ~ var(name) ~ ', not a number: write it as 90 in'
            ~ ' dbt_project.yml.') }}
    {%- endif -%}
    {{ value }}
{%- endmacro %}

{# A setting that is one value, or several by flow: for those who check each. #}
{% macro by_flow_var(name) -%}
    {{ return(var(name)) }}
{%- endmacro %}

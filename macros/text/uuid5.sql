{# A UUIDv5 (RFC 9562) over a table and a natural key: the id of a row that does not exist yet, the
   same at every plan, so that a create that is sent twice cannot double. #}
{% macro uuid5(table_name, key) -%}
    {{ return(adapter.dispatch('uuid5', 'prospect_to_cash')(table_name, key)) }}
{%- endmacro %}

{% macro default__uuid5(table_name, key) -%}
    {%- set digest -%}
        sha1(unhex('1f0a4c1e6a5b5d0f9c3e2b7d8a9f0e11') || encode('{{ table_name }}/' || {{ key }}))
    {%- endset -%}
    lower(
        substr({{ digest }}, 1, 8) || '-' || substr({{ digest }}, 9, 4) || '-5'
        || substr({{ digest }}, 14, 3) || '-'
        || substr('89ab89ab89ab89ab', instr('0123456789abcdef', substr({{ digest }}, 17, 1)), 1)
        || substr({{ digest }}, 18, 3) || '-' || substr({{ digest }}, 21, 12)
    )
{%- endmacro %}

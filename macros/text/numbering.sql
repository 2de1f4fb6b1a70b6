{# Numbers for records that were there before the solution (A2, C3): the prefix, a running number of at
   least five digits, six capitals, as ACC-01000-BVRCPS. The capitals come from the record's id, so
   that planning twice gives one number. #}

{# The running number inside a number of ours; null when it has another form. #}
{% macro running_number(column, prefix) -%}
    {{ return(adapter.dispatch('running_number', 'prospect_to_cash')(column, prefix)) }}
{%- endmacro %}

{% macro default__running_number(column, prefix) -%}
    cast(nullif(regexp_extract({{ column }}, '^{{ prefix }}-([0-9]{5,9})-', 1), '') as integer)
{%- endmacro %}

{% macro new_number(prefix, number, id) -%}
    '{{ prefix }}-' || lpad(cast({{ number }} as varchar), cast(greatest(5, length(cast({{ number }} as varchar))) as integer), '0')
    || '-' || translate(substring(md5({{ id }}), 1, 6), '0123456789abcdef', 'BCDFGHJKLMNPQRST')
{%- endmacro %}

{# The reason for a currency that is none of those read from Sales: a default would change the amounts'
   meaning (G3). #}
{% macro currency_reason(id, code) -%}
    {{ reason(
        'no_currency', 'transactioncurrencyid', id,
        "'Sales has no active currency with the id ' || " ~ id ~ " || ': choose another currency for the"
        " record in Sales.'",
        id ~ ' is not null and ' ~ code ~ ' is null') }}
{%- endmacro %}

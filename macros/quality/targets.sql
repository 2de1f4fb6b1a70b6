{# Every target that a compare model judges. Written by `p2c new flow`, `make docs`. #}
{% macro write_targets() -%}
    {{ return([
        'finops__contact_customers',
        'finops__contact_persons',
        'finops__customers',
        'finops__sales_order_headers',
        'finops__sales_order_lines',
        'finops__sales_quotation_headers',
        'finops__sales_quotation_lines',
        'sales__account_numbers',
        'sales__contact_numbers',
        'sales__invoicedetails',
        'sales__invoices',
        'sales__productpricelevels',
        'sales__products',
        'sales__salesorderdetails',
        'sales__salesorders',
    ]) }}
{%- endmacro %}

{% set compared = [
    ref('compare_sales__products'),
    ref('compare_sales__productpricelevels'),
    ref('compare_finops__customers'),
    ref('compare_finops__contact_persons'),
    ref('compare_finops__contact_customers'),
    ref('compare_finops__sales_quotation_headers'),
    ref('compare_finops__sales_quotation_lines'),
    ref('compare_finops__sales_order_headers'),
    ref('compare_finops__sales_order_lines'),
    ref('compare_sales__salesorders'),
    ref('compare_sales__salesorderdetails'),
    ref('compare_sales__invoices'),
    ref('compare_sales__invoicedetails'),
    ref('compare_sales__account_numbers'),
    ref('compare_sales__contact_numbers'),
] %}

{% for relation in compared %}
    select
        flow,
        target,
        source_key,
        record_key,
        fate,
        is_drift,
        detail,
        cast('{{ run_started_at }}' as timestamptz) as built_at
    from {{ relation }}
    {{ 'union all' if not loop.last }}
{% endfor %}

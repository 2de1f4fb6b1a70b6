with entries as (
    {{ entries_of({
        'sales__products': ref('target_sales__products'),
        'finops__customers': ref('target_finops__customers'),
        'finops__contact_persons': ref('target_finops__contact_persons'),
        'finops__contact_customers': ref('target_finops__contact_customers'),
        'finops__sales_quotation_headers': ref('target_finops__sales_quotation_headers'),
        'finops__sales_order_headers': ref('target_finops__sales_order_headers'),
        'sales__salesorders': ref('target_sales__salesorders'),
        'sales__salesorderdetails': ref('target_sales__salesorderdetails'),
        'sales__invoicedetails': ref('target_sales__invoicedetails'),
    }, 'p2c_cuts') }}
)

select
    flow,
    target,
    source_key,
    record_key,
    {{ json_text('entry', 'column') }} as column_name,
    {{ json_text('entry', 'value') }} as value,
    {{ json_text('entry', 'message') }} as message
from entries

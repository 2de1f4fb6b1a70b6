with lines as (
    select * from {{ ref('stg_finops__sales_invoice_lines') }}
),

headers as (
    select * from {{ ref('sales_invoices') }}
)

select
    {{ text_var('organization_id') }} as organization_id,
    lines.data_area_id,
    lines.invoice_number,
    lines.invoice_date,
    lines.ledger_voucher,
    keys.line_number,
    keys.line_id,
    'finops' as system_of_record,
    headers.invoice_id,
    headers.number_in_sales,
    headers.currency_id,
    headers.currency_precision,
    lines.product_number,
    lines.product_name,
    lines.invoiced_quantity as quantity,
    lines.sales_unit_symbol as unit_symbol,
    lines.sales_price as price,
    lines.line_total_discount_amount as discount_amount,
    lines.line_total_tax_amount as tax_amount,
    lines.line_amount,
    products.product_id,
    units.unit_id,
    lines.deleted_at is not null as is_deleted,
    {{ cannot_be_received(
        'keys.line_number', 'lines.line_total_discount_amount', 'lines.deleted_at is not null') }}
        as cannot_be_received
from lines
inner join {{ ref('keys_invoice_lines') }} as keys
    on
        lines.data_area_id = keys.data_area_id
        and lines.invoice_number = keys.invoice_number
        and lines.invoice_date = keys.invoice_date
        and lines.ledger_voucher = keys.ledger_voucher
        and lines.line_creation_sequence_number = keys.line_number
left join headers
    on
        lines.data_area_id = headers.data_area_id
        and lines.invoice_number = headers.invoice_number
        and lines.invoice_date = headers.invoice_date
        and lines.ledger_voucher = headers.ledger_voucher
left join ({{ products_in_sales() }}) as products on lines.product_number = products.product_number
left join {{ ref('keys_units') }} as units
    on lower(lines.sales_unit_symbol) = lower(units.finops_symbol) and units.is_preferred

with wanted as (
    select
        lines.data_area_id,
        lines.invoice_number,
        lines.invoice_date,
        lines.ledger_voucher,
        lines.line_creation_sequence_number as line_number,
        headers.invoice_id
    from {{ ref('stg_finops__sales_invoice_lines') }} as lines
    left join {{ ref('keys_invoices') }} as headers
        on
            lines.data_area_id = headers.data_area_id
            and lines.invoice_number = headers.invoice_number
            and lines.invoice_date = headers.invoice_date
            and lines.ledger_voucher = headers.ledger_voucher
),

details as (
    select
        invoiceid,
        sequencenumber,
        min(invoicedetailid) as invoicedetailid
    from {{ ref('stg_sales__invoicedetails') }}
    where deleted_at is null and not coalesce(msdynce_ismisctax, false)
    group by invoiceid, sequencenumber
)

select
    wanted.*,
    coalesce(
        details.invoicedetailid,
        {{ uuid5('invoicedetails', "wanted.invoice_id || '/' || wanted.line_number") }}
    ) as line_id,
    case when details.invoicedetailid is null then 'new' else 'invoice and sequence number' end
        as matched_by
from wanted
left join details
    on wanted.invoice_id = details.invoiceid and wanted.line_number = details.sequencenumber

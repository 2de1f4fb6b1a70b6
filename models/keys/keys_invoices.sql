with headers as (
    select
        headers.data_area_id,
        headers.invoice_number,
        headers.invoice_date,
        headers.ledger_voucher,
        headers.deleted_at is null as is_alive,
        coalesce(prefixes.number_prefix, '') || headers.invoice_number as number_in_sales
    from {{ ref('stg_finops__sales_invoice_headers') }} as headers
    left join ({{ number_prefixes() }}) as prefixes on headers.data_area_id = prefixes.data_area_id
),

invoices as (
    select
        invoicenumber,
        min(invoiceid) as invoiceid
    from {{ ref('stg_sales__invoices') }}
    where deleted_at is null
    group by invoicenumber
),

received as (
    {{ written_links('sales', 'invoices', 'invoices') }}
),

matched as (
    select
        headers.*,
        received.record_id as linked_id,
        invoices.invoiceid as number_id,
        row_number() over (
            partition by headers.is_alive, headers.number_in_sales
            order by
                received.record_id is null, headers.data_area_id, headers.invoice_date,
                headers.ledger_voucher
        ) as choice,
        min(headers.data_area_id) over (partition by headers.is_alive, headers.number_in_sales)
            as first_company
    from headers
    left join received
        on
            headers.data_area_id || '/' || headers.invoice_number || '/' || headers.ledger_voucher
            = received.source_key
    left join invoices on headers.number_in_sales = invoices.invoicenumber
)

select
    data_area_id,
    invoice_number,
    invoice_date,
    ledger_voucher,
    number_in_sales,
    choice > 1 as is_collision,
    first_company,
    case
        when choice > 1 then null
        else coalesce(linked_id, number_id, {{ uuid5('invoices', 'lower(number_in_sales)') }})
    end as invoice_id,
    case
        when choice > 1 then 'collision'
        when linked_id is not null then 'link'
        when number_id is not null then 'invoice number'
        else 'new'
    end as matched_by
from matched

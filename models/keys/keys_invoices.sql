with headers as (
    select
        headers.data_area_id,
        headers.invoice_number,
        headers.invoice_date,
        headers.ledger_voucher,
        headers.invoice_customer_account_number,
        headers.customers_order_reference,
        headers.deleted_at is null as is_alive,
        coalesce(prefixes.number_prefix, '') || headers.invoice_number as prefixed_number,
        coalesce(prefixes.is_default, false) as is_default_company
    from {{ ref('stg_finops__sales_invoice_headers') }} as headers
    left join ({{ number_prefixes() }}) as prefixes on headers.data_area_id = prefixes.data_area_id
),

invoices as (
    select * from {{ ref('stg_sales__invoices') }} where deleted_at is null
),

received as (
    {{ written_links('sales', 'invoices', 'invoices') }}
),

-- What has a number in Sales; an invoice that came from F&O before belongs to its pair alone.
holders as (
    select
        invoices.invoicenumber,
        min(case when received.record_id is null then invoices.invoiceid end) as unpaired_id,
        min(received.source_key) as pair_key
    from invoices
    left join received on invoices.invoiceid = received.record_id
    group by invoices.invoicenumber
),

-- An invoice that is in Sales keeps the number it came with.
numbered as (
    select
        headers.*,
        received.record_id as linked_id,
        coalesce(invoices.invoicenumber, headers.prefixed_number) as number_in_sales
    from headers
    left join received
        on
            headers.data_area_id || '/' || headers.invoice_number || '/' || headers.ledger_voucher
            = received.source_key
    left join invoices on received.record_id = invoices.invoiceid
),

matched as (
    select
        numbered.*,
        holders.unpaired_id as holder_id,
        holders.pair_key,
        -- Its number alone does not show that an invoice of Sales is this one (O9).
        case
            when
                unpaired.msdynce_ismaintainedexternally and parties.party_id is not null
                then unpaired.invoiceid
            when
                unpaired.msdynce_invoicedate = numbered.invoice_date
                and unpaired.description = numbered.customers_order_reference
                then unpaired.invoiceid
        end as number_id,
        row_number() over (
            partition by numbered.is_alive, numbered.number_in_sales
            order by
                case when numbered.linked_id is null then 1 else 0 end,
                numbered.is_default_company desc, numbered.data_area_id,
                numbered.invoice_date, numbered.ledger_voucher
        ) as choice
    from numbered
    left join holders on numbered.number_in_sales = holders.invoicenumber
    left join invoices as unpaired on holders.unpaired_id = unpaired.invoiceid
    left join {{ ref('keys_parties') }} as parties
        on
            numbered.data_area_id = parties.data_area_id
            and numbered.invoice_customer_account_number = parties.customer_account
            and unpaired.customerid = parties.party_id
),

judged as (
    select
        *,
        choice > 1
        or (linked_id is null and number_id is null and (pair_key is not null or holder_id is not null))
            as is_collision,
        choice = 1 and linked_id is null and number_id is null and holder_id is not null as is_taken,
        case
            when choice = 1 and linked_id is null and number_id is null and pair_key is not null
                then substring(pair_key, 1, position('/' in pair_key) - 1)
            else min(case when choice = 1 then data_area_id end) over (
                partition by is_alive, number_in_sales
            )
        end as first_company
    from matched
)

select
    data_area_id,
    invoice_number,
    invoice_date,
    ledger_voucher,
    number_in_sales,
    is_collision,
    first_company,
    case when is_taken then holder_id end as other_invoice_id,
    case
        when is_collision then null
        else coalesce(linked_id, number_id, {{ uuid5('invoices', 'lower(number_in_sales)') }})
    end as invoice_id,
    case
        when is_collision then 'collision'
        when linked_id is not null then 'link'
        when number_id is not null then 'invoice number'
        else 'new'
    end as matched_by
from judged

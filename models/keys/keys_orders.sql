with headers as (
    select
        headers.data_area_id,
        headers.sales_order_number,
        headers.deleted_at is null as is_alive,
        coalesce(prefixes.number_prefix, '') || headers.sales_order_number as prefixed_number
    from {{ ref('stg_finops__sales_order_headers') }} as headers
    left join ({{ number_prefixes() }}) as prefixes on headers.data_area_id = prefixes.data_area_id
),

orders as (
    select
        orders.salesorderid,
        orders.ordernumber,
        companies.data_area_id,
        coalesce(orders.msdynce_processingstatus, 647390011) = 647390011 as is_draft,
        coalesce(orders.msdynce_ismaintainedexternally, false) as is_maintained_externally
    from {{ ref('stg_sales__salesorders') }} as orders
    left join {{ ref('keys_document_companies') }} as companies
        on orders.owningbusinessunit = companies.business_unit_id
    where orders.deleted_at is null
),

sent as (
    {{ written_links('finops', 'orders_out', 'CDSSalesOrderHeaders') }}
),

received as (
    {{ written_links('sales', 'orders_back', 'salesorders') }}
),

-- Orders of Sales that are the pair of no known order of F&O: their number decides.
unpaired as (
    select orders.*
    from orders
    left join sent on orders.salesorderid = sent.source_key
    left join received on orders.salesorderid = received.record_id
    where sent.source_key is null and received.record_id is null
),

holders as (
    select
        ordernumber,
        min(salesorderid) as salesorderid,
        min(data_area_id) as data_area_id
    from orders
    group by ordernumber
),

-- Known pairs first; then an order of the same number and company, which Sales sent; then the number
-- with the company's prefix, under which F&O's own orders come.
matched as (
    select
        headers.*,
        coalesce(by_sent.salesorderid, by_received.salesorderid) as linked_id,
        coalesce(by_sent.ordernumber, by_received.ordernumber) as linked_number,
        by_company.salesorderid as company_id,
        by_prefix.salesorderid as prefix_id,
        holders.salesorderid as holder_id,
        holders.data_area_id as holder_company
    from headers
    left join sent on headers.data_area_id || '/' || headers.sales_order_number = sent.record_key
    left join orders as by_sent on sent.source_key = by_sent.salesorderid
    left join received
        on headers.data_area_id || '/' || headers.sales_order_number = received.source_key
    left join orders as by_received on received.record_id = by_received.salesorderid
    left join unpaired as by_company
        on
            headers.sales_order_number = by_company.ordernumber
            and headers.data_area_id = by_company.data_area_id
            and not by_company.is_draft
    left join unpaired as by_prefix
        on headers.prefixed_number = by_prefix.ordernumber and by_prefix.is_maintained_externally
    left join holders on headers.prefixed_number = holders.ordernumber
),

numbered as (
    select
        *,
        coalesce(linked_id, company_id, prefix_id) as known_id,
        case
            when linked_id is not null then coalesce(linked_number, sales_order_number)
            when company_id is not null then sales_order_number
            else prefixed_number
        end as order_number
    from matched
),

-- Where two companies want one number, the order that Sales knows already has it, else the first.
ranked as (
    select
        *,
        row_number() over (
            partition by is_alive, order_number
            order by
                case
                    when linked_id is not null then 0
                    when company_id is not null then 1
                    else 2
                end,
                data_area_id
        ) as choice
    from numbered
),

judged as (
    select
        *,
        -- Another order of Sales has the number: one that was entered there, or another company's.
        choice > 1 or (known_id is null and holder_id is not null) as is_collision,
        case
            when choice = 1 and known_id is null then coalesce(holder_company, data_area_id)
            else min(case when choice = 1 then data_area_id end) over (partition by is_alive, order_number)
        end as first_company
    from ranked
)

select
    data_area_id,
    sales_order_number,
    order_number,
    is_collision,
    first_company,
    case
        when is_collision then null
        else coalesce(known_id, {{ uuid5('salesorders', 'lower(order_number)') }})
    end as order_id,
    case
        when is_collision then 'collision'
        when linked_id is not null then 'link'
        when company_id is not null then 'order number and company'
        when prefix_id is not null then 'order number'
        else 'new'
    end as matched_by
from judged

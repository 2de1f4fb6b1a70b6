with headers as (
    select
        headers.data_area_id,
        headers.sales_order_number,
        headers.deleted_at is null as is_alive,
        coalesce(prefixes.number_prefix, '') || headers.sales_order_number as prefixed_number,
        coalesce(prefixes.is_default, false) as is_default_company
    from {{ ref('stg_finops__sales_order_headers') }} as headers
    left join ({{ number_prefixes() }}) as prefixes on headers.data_area_id = prefixes.data_area_id
),

orders as (
    select
        orders.salesorderid,
        orders.ordernumber,
        orders.name,
        companies.data_area_id
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

-- Orders of Sales that are the pair of no known order of F&O: their number finds those that
-- something else shows to be the same (O9).
shown as (
    select evidence.*
    from {{ ref('keys_order_evidence') }} as evidence
    left join sent on evidence.order_id = sent.source_key
    left join received on evidence.order_id = received.record_id
    where sent.source_key is null and received.record_id is null
),

holders as (
    select
        ordernumber,
        min(salesorderid) as salesorderid,
        min(data_area_id) as data_area_id,
        min(name) as order_name
    from orders
    group by ordernumber
),

-- Known pairs first; then those that their number and something else show to be one.
matched as (
    select
        headers.*,
        coalesce(by_sent.salesorderid, by_received.salesorderid) as linked_id,
        coalesce(by_sent.ordernumber, by_received.ordernumber) as linked_number,
        case when shown.matched_by = 'order number and company' then shown.order_id end as company_id,
        case when shown.matched_by = 'order number' then shown.order_id end as prefix_id,
        shown.order_number as shown_number,
        holders.salesorderid as holder_id,
        holders.data_area_id as holder_company,
        holders.order_name as holder_name
    from headers
    left join sent on headers.data_area_id || '/' || headers.sales_order_number = sent.record_key
    left join orders as by_sent on sent.source_key = by_sent.salesorderid
    left join received
        on headers.data_area_id || '/' || headers.sales_order_number = received.source_key
    left join orders as by_received on received.record_id = by_received.salesorderid
    left join shown
        on
            headers.data_area_id = shown.data_area_id
            and headers.sales_order_number = shown.sales_order_number
    left join holders on headers.prefixed_number = holders.ordernumber
),

numbered as (
    select
        *,
        coalesce(linked_id, company_id, prefix_id) as known_id,
        case
            when linked_id is not null then coalesce(linked_number, sales_order_number)
            when company_id is not null or prefix_id is not null then shown_number
            else prefixed_number
        end as order_number
    from matched
),

-- Where two companies want one number, the order that Sales knows already has it, else that of the
-- default company, whatever the alphabet; then the first.
ranked as (
    select
        *,
        row_number() over (
            partition by is_alive, order_number
            order by
                case
                    when linked_id is not null then 0
                    when company_id is not null then 1
                    when prefix_id is not null then 2
                    else 3
                end,
                is_default_company desc, data_area_id
        ) as choice
    from numbered
),

judged as (
    select
        *,
        -- Another order of Sales has the number: one that was entered there, or another company's.
        choice > 1 or (known_id is null and holder_id is not null) as is_collision,
        choice = 1 and known_id is null and holder_company = data_area_id as is_taken,
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
    case when is_taken then holder_id end as other_order_id,
    case when is_taken then holder_name end as other_order_name,
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

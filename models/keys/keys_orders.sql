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

matched as (
    {{ matched_orders() }}
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

judged as (
    {{ order_collisions() }}
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

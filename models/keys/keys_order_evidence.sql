-- The order of Sales that an order of F&O is by its number, where something else shows it too (O9):
-- the name that went out as the customer's reference (O2b), the reference that came back as the
-- description, or the same customer where Sales knows that F&O owns its order.
with headers as (
    select
        headers.*,
        coalesce(prefixes.number_prefix, '') || headers.sales_order_number as prefixed_number
    from {{ ref('stg_finops__sales_order_headers') }} as headers
    left join ({{ number_prefixes() }}) as prefixes on headers.data_area_id = prefixes.data_area_id
),

orders as (
    select
        orders.*,
        companies.data_area_id,
        coalesce(orders.msdynce_processingstatus, 647390011) = 647390011 as is_draft,
        coalesce(orders.msdynce_ismaintainedexternally, false) as is_finops_owned
    from {{ ref('stg_sales__salesorders') }} as orders
    left join {{ ref('keys_document_companies') }} as companies
        on orders.owningbusinessunit = companies.business_unit_id
    where orders.deleted_at is null
),

compared as (
    select
        headers.data_area_id,
        headers.sales_order_number,
        headers.deleted_at is not null as is_deleted,
        orders.salesorderid as order_id,
        orders.ordernumber as order_number,
        -- Sales sent it; it came under this number; it came before its company had a prefix.
        case
            when
                orders.ordernumber = headers.sales_order_number
                and orders.data_area_id = headers.data_area_id and not orders.is_draft
                then 1
            when not orders.is_finops_owned then null
            when orders.ordernumber = headers.prefixed_number then 2
            else 3
        end as way,
        case
            when {{ fit('orders.name', 60) }} = headers.customers_order_reference then 'name'
            when orders.description = headers.customers_order_reference then 'reference'
            when orders.is_finops_owned and parties.party_id is not null then 'customer'
        end as evidence
    from headers
    inner join orders
        on headers.sales_order_number = orders.ordernumber or headers.prefixed_number = orders.ordernumber
    left join {{ ref('keys_parties') }} as parties
        on
            headers.data_area_id = parties.data_area_id
            and headers.ordering_customer_account_number = parties.customer_account
            and orders.customerid = parties.party_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by order_id order by is_deleted, way, evidence <> 'name', data_area_id
        ) as place_of_order,
        row_number() over (
            partition by data_area_id, sales_order_number order by way, evidence <> 'name', order_id
        ) as place_of_header
    from compared
    where way is not null and evidence is not null
)

select
    data_area_id,
    sales_order_number,
    order_id,
    order_number,
    evidence,
    case way when 1 then 'order number and company' else 'order number' end as matched_by
from ranked
where place_of_order = 1 and place_of_header = 1

with wanted as (
    select
        lines.data_area_id,
        lines.sales_order_number,
        lines.line_creation_sequence_number as line_number,
        headers.order_id
    from {{ ref('stg_finops__sales_order_lines') }} as lines
    left join {{ ref('keys_orders') }} as headers
        on
            lines.data_area_id = headers.data_area_id
            and lines.sales_order_number = headers.sales_order_number
),

-- A line that the solution made for header tax is no line of F&O (O6).
details as (
    select
        salesorderid,
        sequencenumber,
        min(salesorderdetailid) as salesorderdetailid
    from {{ ref('stg_sales__salesorderdetails') }}
    where deleted_at is null and not coalesce(msdynce_ismisctax, false)
    group by salesorderid, sequencenumber
)

select
    wanted.*,
    coalesce(
        details.salesorderdetailid,
        {{ uuid5('salesorderdetails', "wanted.order_id || '/' || wanted.line_number") }}
    ) as line_id,
    case when details.salesorderdetailid is null then 'new' else 'order and sequence number' end
        as matched_by
from wanted
left join details
    on wanted.order_id = details.salesorderid and wanted.line_number = details.sequencenumber

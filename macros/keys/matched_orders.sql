{# Orders of F&O with the order of Sales that each is: known pairs first, then those that their number and
   something else show to be one (O9). Reads the relations headers, orders, sent, received, shown, holders. #}
{% macro matched_orders() -%}
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
{%- endmacro %}

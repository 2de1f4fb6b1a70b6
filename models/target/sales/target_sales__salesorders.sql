with documents as (
    select
        *,
        discount_amount as header_discount
    from {{ ref('sales_orders_processed') }}
),

lines as (
    {{ receiving_problems(ref('sales_order_lines_processed'), 'order_id') }}
),

price_lists as (
    {{ mapped_price_lists() }}
),

statuses as (
    select * from {{ ref('stg_seeds__value_map_processing_statuses') }}
)

select
    documents.order_id as salesorderid,
    documents.order_number as ordernumber,
    {{ fit('documents.order_name', 300) }} as name,
    documents.customer_reference as description,
    case when documents.customer_type = 'account' then documents.customer_id end as customerid_account,
    case when documents.customer_type = 'contact' then documents.customer_id end as customerid_contact,
    documents.currency_id as transactioncurrencyid,
    price_lists.price_list_id as pricelevelid,
    {{ money('documents.total_amount', 'documents.currency_precision') }} as totalamount,
    {{ money('documents.discount_amount', 'documents.currency_precision') }} as discountamount,
    {{ money('documents.tax_amount', 'documents.currency_precision') }} as totaltax,
    {{ money('documents.charges_amount', 'documents.currency_precision') }} as freightamount,
    {{ money('documents.header_tax_amount', 'documents.currency_precision') }} as msdynce_misctax,
    documents.delivery_street as shipto_line1,
    documents.delivery_street_number as shipto_line2,
    documents.delivery_city as shipto_city,
    documents.delivery_state as shipto_stateorprovince,
    documents.delivery_postal_code as shipto_postalcode,
    documents.delivery_country_iso2 as shipto_country,
    documents.billing_street as billto_line1,
    documents.billing_street_number as billto_line2,
    documents.billing_city as billto_city,
    documents.billing_state as billto_stateorprovince,
    documents.billing_postal_code as billto_postalcode,
    documents.billing_country_iso2 as billto_country,
    statuses.sales_code as msdynce_processingstatus,
    {{ flag_var('orders_price_locked') }} as ispricelocked,
    cast(0 as integer) as statecode,
    cast(1 as integer) as statuscode,
    true as msdynce_ismaintainedexternally,

    documents.data_area_id || '/' || documents.sales_order_number as p2c_source_key,
    documents.order_number as p2c_record_key,
    documents.order_id as p2c_record_id,
    '[]' as p2c_parents,
    documents.is_deleted as p2c_deleted,
    case
        when not documents.are_customers_externally_maintained then 'its customer is not externally maintained'
        when documents.processing_status = 'Active' then 'it is not confirmed'
        when not documents.are_totals_updated then 'its totals are not calculated'
        when documents.origin_type = 'WorkOrderIntegration' then 'it comes from a work order'
    end as p2c_filtered,
    case
        when lines.broken_line is not null and documents.matched_by = 'new'
            then 'its line ' || lines.broken_line || ' cannot be received'
    end as p2c_blocked,
    {{ processed_header_reasons('SalesOrderNumber', 'order', [
        reason('number_taken', 'SalesOrderNumber', 'documents.sales_order_number',
            "'Sales has an order with this number, ' || coalesce(documents.other_order_name, '(no name)') || ' ('"
            " || documents.other_order_id || '), and nothing shows that the two are one: both are left alone."
            " Give one of them another number; if they are one, write the name of the order in Sales as the"
            " customer reference of the order in F&O.'",
            'documents.other_order_id is not null'),
        reason('no_value_map', 'SalesOrderProcessingStatus', 'documents.processing_status',
            "'The processing status ' || coalesce(documents.processing_status, '(blank)') || ' is not in"
            " the seed value_map_processing_statuses: add a row for it (finops_status, sales_code).'",
            'statuses.finops_status is null'),
    ]) }} as p2c_reasons,
    {{ cuts({'name': ('documents.order_name', 300)}) }} as p2c_cuts
from documents
left join lines on documents.order_id = lines.document_id
left join price_lists on documents.currency_code = price_lists.currency_code
left join statuses on lower(documents.processing_status) = lower(statuses.finops_status)

with documents as (
    select
        *,
        header_discount_amount as header_discount
    from {{ ref('sales_invoices') }}
),

orders as (
    select * from {{ ref('target_sales__salesorders') }}
),

held_orders as (
    select * from {{ ref('stg_sales__salesorders') }} where deleted_at is null
),

lines as (
    {{ receiving_problems(ref('sales_invoice_lines'), 'invoice_id') }}
),

price_lists as (
    {{ mapped_price_lists() }}
)

select
    documents.invoice_id as invoiceid,
    documents.number_in_sales as invoicenumber,
    documents.number_in_sales as name,
    documents.invoice_date as msdynce_invoicedate,
    case when documents.customer_type = 'account' then documents.customer_id end as customerid_account,
    case when documents.customer_type = 'contact' then documents.customer_id end as customerid_contact,
    documents.order_id as salesorderid,
    documents.currency_id as transactioncurrencyid,
    price_lists.price_list_id as pricelevelid,
    documents.customer_reference as description,
    {{ money('documents.total_amount', 'documents.currency_precision') }} as totalamount,
    {{ money('documents.header_discount', 'documents.currency_precision') }} as discountamount,
    {{ money('documents.discount_amount', 'documents.currency_precision') }} as totaldiscountamount,
    {{ money('documents.charges_amount', 'documents.currency_precision') }} as freightamount,
    {{ money('documents.tax_amount', 'documents.currency_precision') }} as totaltax,
    case
        when {{ flag_var('invoice_misc_tax') }}
            then {{ money('documents.header_tax_amount', 'documents.currency_precision') }}
    end as msdynce_misctax,
    documents.billing_street as billto_line1,
    documents.billing_street_number as billto_line2,
    documents.billing_city as billto_city,
    documents.billing_state as billto_stateorprovince,
    documents.billing_postal_code as billto_postalcode,
    documents.billing_country_iso2 as billto_country,
    {{ flag_var('invoices_price_locked') }} as ispricelocked,
    cast(4 as integer) as statuscode,
    true as msdynce_ismaintainedexternally,

    documents.data_area_id || '/' || documents.invoice_number || '/' || documents.ledger_voucher
        as p2c_source_key,
    documents.number_in_sales as p2c_record_key,
    documents.invoice_id as p2c_record_id,
    {{ json_array([parent('sales.salesorders', "coalesce(documents.order_number, '')")]) }} as p2c_parents,
    documents.is_deleted as p2c_deleted,
    case
        when documents.sales_order_number is null then 'it has no sales order'
        when documents.origin_type = 'WorkOrderIntegration' then 'it comes from a work order'
        when documents.customer_id is not null and not documents.is_customer_externally_maintained
            then 'its customer is not externally maintained'
        when not documents.is_order_externally_maintained
            then 'a customer of its order is not externally maintained'
    end as p2c_filtered,
    case
        when held_orders.salesorderid is null and (orders.p2c_source_key is null or orders.p2c_deleted)
            then 'its order ' || documents.sales_order_number || ' is not in Sales'
        when held_orders.salesorderid is null and orders.p2c_filtered is not null
            then 'its order ' || documents.sales_order_number || ' is not in Sales: ' || orders.p2c_filtered
        when held_orders.salesorderid is null and (orders.p2c_reasons <> '[]' or orders.p2c_blocked is not null)
            then 'its order ' || documents.sales_order_number || ' is rejected or blocked'
        when lines.broken_line is not null and documents.matched_by = 'new'
            then 'its line ' || lines.broken_line || ' cannot be received'
    end as p2c_blocked,
    {{ processed_header_reasons('InvoiceNumber', 'invoice', [
        reason('number_taken', 'InvoiceNumber', 'documents.invoice_number',
            "'Sales has an invoice with this number (' || documents.other_invoice_id || '), and nothing shows"
            " that the two are one: both are left alone. Give the one in Sales another number; if they are"
            " one, set its Is Maintained Externally to Yes.'",
            'documents.other_invoice_id is not null'),
    ]) }} as p2c_reasons,
    '[]' as p2c_cuts
from documents
left join orders
    on documents.data_area_id || '/' || documents.sales_order_number = orders.p2c_source_key
left join held_orders on documents.order_id = held_orders.salesorderid
left join lines on documents.invoice_id = lines.document_id
left join price_lists on documents.currency_code = price_lists.currency_code

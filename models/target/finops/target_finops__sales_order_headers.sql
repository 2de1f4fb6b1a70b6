{% set cut = {
    'CustomersOrderReference': ('documents.document_name', 60),
    'DeliveryAddressStreetNumber': ('documents.delivery_street_2', 20),
    'DeliveryAddressCity': ('documents.delivery_city', 60),
    'DeliveryAddressStateId': ('documents.delivery_state', 10),
    'DeliveryAddressZipCode': ('documents.delivery_postal_code', 10),
} %}

with documents as (
    {{ with_terms(ref('sales_orders_entered')) }}
),

customers as (
    {{ customer_targets() }}
),

lines as (
    {{ line_problems(ref('sales_order_lines_entered')) }}
),

sent as (
    {{ written_links('finops', 'orders_out', 'CDSSalesOrderHeaders') }}
),

held as (
    select * from {{ ref('stg_finops__sales_order_headers') }} where deleted_at is null
)

select
    documents.data_area_id as "dataAreaId",
    documents.document_number as "SalesOrderNumber",
    {{ fit('documents.document_name', 60) }} as "CustomersOrderReference",
    documents.customer_account as "OrderingCustomerAccountNumber",
    documents.currency_code as "CurrencyCode",
    cast(documents.total_amount as decimal(32, 6)) as "OrderTotalAmount",
    documents.payment_terms as "PaymentTermsName",
    documents.delivery_terms as "DeliveryTermsCode",
    documents.delivery_mode as "DeliveryModeCode",
    documents.delivery_street as "DeliveryAddressStreet",
    {{ fit('documents.delivery_street_2', 20) }} as "DeliveryAddressStreetNumber",
    {{ fit('documents.delivery_city', 60) }} as "DeliveryAddressCity",
    {{ fit('documents.delivery_state', 10) }} as "DeliveryAddressStateId",
    {{ fit('documents.delivery_postal_code', 10) }} as "DeliveryAddressZipCode",
    documents.delivery_country_iso2 as "DeliveryAddressCountryRegionISOCode",
    cast({{ text_var('delivery_address_name') }} as varchar) as "DeliveryAddressName",
    cast({{ text_var('delivery_address_name') }} as varchar) as "DeliveryAddressDescription",
    cast('Yes' as varchar) as "IsDeliveryAddressOrderSpecific",

    documents.document_id as p2c_source_key,
    documents.data_area_id || '/' || documents.document_number as p2c_record_key,
    cast(null as varchar) as p2c_record_id,
    {{ json_array([
        parent(target_label('changes_finops__customers'),
               "documents.data_area_id || '/' || coalesce(documents.customer_account, '')")
    ]) }} as p2c_parents,
    documents.is_deleted as p2c_deleted,
    case
        when documents.is_maintained_externally then 'F&O owns it'
        when documents.state_code <> 0 then 'it is closed'
        when coalesce(documents.msdynce_processingstatus, 647390011) = 647390011 then 'it is a draft'
        -- The lines of an order that is gone are gone with it.
        when coalesce(lines.line_count, 0) = 0 and not documents.is_deleted then 'it has no line'
        when not documents.has_external_products_only then 'not all of its products come from F&O'
        when sent.source_key is not null and held.sales_order_number is null
            then 'it was sent before, and F&O, which owns it since, has it no longer'
    end as p2c_filtered,
    {{ entered_header_blocked() }} as p2c_blocked,
    {{ entered_header_reasons('ordernumber', 'sales order', [
        number_taken_reason('ordernumber', 'an order', 'held.ordering_customer_account_number',
            "write the name of this order as the customer reference of the order in F&O",
            'held.sales_order_number is not null and sent.source_key is null'
            ' and pairs.order_id is distinct from documents.document_id'),
    ]) }} as p2c_reasons,
    {{ cuts(cut) }} as p2c_cuts
from documents
left join customers
    on
        documents.data_area_id = customers."dataAreaId"
        and documents.customer_account = customers."CustomerAccount"
left join lines on documents.document_id = lines.document_id
left join sent on documents.document_id = sent.source_key
left join held
    on
        documents.data_area_id = held.data_area_id
        and documents.document_number = held.sales_order_number
left join {{ ref('keys_orders') }} as pairs
    on held.data_area_id = pairs.data_area_id and held.sales_order_number = pairs.sales_order_number

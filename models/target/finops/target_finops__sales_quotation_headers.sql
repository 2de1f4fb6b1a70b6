{% set cut = {
    'SalesQuotationName': ('documents.document_name', 60),
    'DeliveryAddressStreetNumber': ('documents.billing_street_2', 20),
    'DeliveryAddressCity': ('documents.delivery_city', 60),
    'DeliveryAddressStateId': ('documents.delivery_state', 10),
    'DeliveryAddressZipCode': ('documents.billing_postal_code', 10),
} %}

with documents as (
    {{ with_terms(ref('quotations')) }}
),

customers as (
    {{ customer_targets() }}
),

lines as (
    {{ line_problems(ref('quotation_lines')) }}
),

-- One line whose product is not F&O's keeps the whole quote back, whatever its header says (Q1).
kept_back as (
    select distinct document_id
    from {{ ref('quotation_lines') }}
    where not is_deleted and not has_external_products_only
)

select
    documents.data_area_id as "dataAreaId",
    documents.document_number as "SalesQuotationNumber",
    {{ fit('documents.document_name', 60) }} as "SalesQuotationName",
    documents.customer_account as "RequestingCustomerAccountNumber",
    documents.currency_code as "CurrencyCode",
    cast(documents.total_amount as decimal(32, 6)) as "QuotationTotalAmount",
    coalesce(documents.requested_delivery_date, {{ date_var('requested_delivery_date') }})
        as "RequestedShippingDate",
    coalesce(documents.requested_delivery_date, {{ date_var('requested_delivery_date') }})
        as "ReceiptDateRequested",
    documents.payment_terms as "PaymentTermsName",
    documents.delivery_terms as "DeliveryTermsCode",
    documents.delivery_mode as "DeliveryModeCode",
    documents.delivery_street as "DeliveryAddressStreet",
    -- Street number and postal code come from the bill-to address, as in the template (Q0).
    {{ fit('documents.billing_street_2', 20) }} as "DeliveryAddressStreetNumber",
    {{ fit('documents.delivery_city', 60) }} as "DeliveryAddressCity",
    {{ fit('documents.delivery_state', 10) }} as "DeliveryAddressStateId",
    {{ fit('documents.billing_postal_code', 10) }} as "DeliveryAddressZipCode",
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
        when documents.state_code = 0 then 'it is a draft'
        when documents.state_code <> 1 then 'it is closed'
        when not documents.has_external_products_only or kept_back.document_id is not null
            then 'not all of its products come from F&O'
    end as p2c_filtered,
    {{ entered_header_blocked() }} as p2c_blocked,
    {{ entered_header_reasons('quotenumber', 'sales quotation', [
        number_taken_reason('quotenumber', 'a quotation', 'held.customer_account',
            "give the quotation in F&O the name of this quote", 'not held.is_pair'),
    ]) }} as p2c_reasons,
    {{ cuts(cut) }} as p2c_cuts
from documents
left join customers
    on
        documents.data_area_id = customers."dataAreaId"
        and documents.customer_account = customers."CustomerAccount"
left join lines on documents.document_id = lines.document_id
left join kept_back on documents.document_id = kept_back.document_id
left join {{ ref('keys_quotations') }} as held
    on
        documents.data_area_id = held.data_area_id
        and documents.document_number = held.sales_quotation_number

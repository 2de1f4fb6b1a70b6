with source as (
    select * from {{ source('sales', 'invoicedetails') }}
),

renamed as (
    select
        -- ids
        invoicedetailid,
        invoiceid,
        productid,
        uomid,
        transactioncurrencyid,
        -- text
        {{ clean_text('invoicedetailname') }} as invoicedetailname,
        {{ clean_text('productdescription') }} as productdescription,
        {{ clean_text('description') }} as description,
        {{ clean_text('msdynce_invoicenumber') }} as msdynce_invoicenumber,
        -- numbers
        sequencenumber,
        producttypecode,
        propertyconfigurationstatus,
        quantity,
        priceperunit,
        baseamount,
        manualdiscountamount,
        tax,
        extendedamount,
        -- booleans
        isproductoverridden,
        ispriceoverridden,
        msdynce_ismaintainedexternally,
        msdynce_ismisctax,
        -- dates and times
        msdynce_invoicedate,
        createdon,
        modifiedon,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

with source as (
    select * from {{ source('sales', 'quotedetails') }}
),

renamed as (
    select
        -- ids
        quotedetailid,
        quoteid,
        productid,
        uomid,
        transactioncurrencyid,
        -- text
        {{ clean_text('quotedetailname') }} as quotedetailname,
        {{ clean_text('productdescription') }} as productdescription,
        {{ clean_text('description') }} as description,
        -- numbers
        sequencenumber,
        producttypecode,
        quantity,
        priceperunit,
        baseamount,
        manualdiscountamount,
        tax,
        extendedamount,
        msdynce_quoterevisionnumber,
        -- booleans
        isproductoverridden,
        ispriceoverridden,
        msdynce_quotehasexternalmaintainedproductsonly,
        msdynce_ismaintainedexternally,
        -- dates and times
        requestdeliveryby,
        createdon,
        modifiedon,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

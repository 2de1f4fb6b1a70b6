with source as (
    select * from {{ source('sales', 'salesorderdetails') }}
),

renamed as (
    select
        -- ids
        salesorderdetailid,
        salesorderid,
        productid,
        uomid,
        transactioncurrencyid,
        -- text
        {{ clean_text('salesorderdetailname') }} as salesorderdetailname,
        {{ clean_text('productdescription') }} as productdescription,
        {{ clean_text('description') }} as description,
        {{ clean_text('shipto_line1') }} as shipto_line1,
        {{ clean_text('shipto_line2') }} as shipto_line2,
        {{ clean_text('shipto_city') }} as shipto_city,
        {{ clean_text('shipto_stateorprovince') }} as shipto_stateorprovince,
        {{ clean_text('shipto_postalcode') }} as shipto_postalcode,
        {{ clean_text('shipto_country') }} as shipto_country,
        {{ clean_text('msdynce_ordernumber') }} as msdynce_ordernumber,
        -- numbers
        sequencenumber,
        producttypecode,
        quantity,
        priceperunit,
        baseamount,
        manualdiscountamount,
        tax,
        extendedamount,
        -- booleans
        isproductoverridden,
        ispriceoverridden,
        msdynce_orderhasexternalmaintainedproductsonly,
        msdynce_orderissubmitted,
        msdynce_ismaintainedexternally,
        msdynce_ismisctax,
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

with source as (
    select * from {{ source('sales', 'salesorders') }}
),

renamed as (
    select
        -- ids
        salesorderid,
        customerid,
        accountid,
        accountid as customerid_account,
        contactid,
        contactid as customerid_contact,
        quoteid,
        transactioncurrencyid,
        pricelevelid,
        ownerid,
        owningbusinessunit,
        -- text
        {{ clean_text('ordernumber') }} as ordernumber,
        {{ clean_text('name') }} as name,
        {{ clean_text('description') }} as description,
        {{ clean_text('billto_line1') }} as billto_line1,
        {{ clean_text('billto_line2') }} as billto_line2,
        {{ clean_text('billto_city') }} as billto_city,
        {{ clean_text('billto_stateorprovince') }} as billto_stateorprovince,
        {{ clean_text('billto_postalcode') }} as billto_postalcode,
        {{ clean_text('billto_country') }} as billto_country,
        {{ clean_text('shipto_line1') }} as shipto_line1,
        {{ clean_text('shipto_line2') }} as shipto_line2,
        {{ clean_text('shipto_city') }} as shipto_city,
        {{ clean_text('shipto_stateorprovince') }} as shipto_stateorprovince,
        {{ clean_text('shipto_postalcode') }} as shipto_postalcode,
        {{ clean_text('shipto_country') }} as shipto_country,
        -- numbers
        totalamount,
        totallineitemamount,
        totaldiscountamount,
        totaltax,
        discountamount,
        discountpercentage,
        freightamount,
        paymenttermscode,
        freighttermscode,
        shippingmethodcode,
        msdynce_processingstatus,
        msdynce_misctax,
        statecode,
        statuscode,
        -- booleans
        ispricelocked,
        msdynce_hasexternallymaintainedproductsonly,
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

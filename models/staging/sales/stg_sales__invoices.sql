with source as (
    select * from {{ source('sales', 'invoices') }}
),

renamed as (
    select
        -- ids
        invoiceid,
        customerid,
        accountid,
        accountid as customerid_account,
        contactid,
        contactid as customerid_contact,
        salesorderid,
        transactioncurrencyid,
        pricelevelid,
        ownerid,
        owningbusinessunit,
        -- text
        {{ clean_text('invoicenumber') }} as invoicenumber,
        {{ clean_text('name') }} as name,
        {{ clean_text('description') }} as description,
        {{ clean_text('billto_line1') }} as billto_line1,
        {{ clean_text('billto_line2') }} as billto_line2,
        {{ clean_text('billto_city') }} as billto_city,
        {{ clean_text('billto_stateorprovince') }} as billto_stateorprovince,
        {{ clean_text('billto_postalcode') }} as billto_postalcode,
        {{ clean_text('billto_country') }} as billto_country,
        -- numbers
        totalamount,
        totallineitemamount,
        totaldiscountamount,
        totaltax,
        discountamount,
        discountpercentage,
        freightamount,
        paymenttermscode,
        shippingmethodcode,
        msdynce_misctax,
        statecode,
        statuscode,
        -- booleans
        ispricelocked,
        msdynce_hasexternallymaintainedproductsonly,
        msdynce_ismaintainedexternally,
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

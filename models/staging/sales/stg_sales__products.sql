with source as (
    select * from {{ source('sales', 'products') }}
),

renamed as (
    select
        -- ids
        productid,
        transactioncurrencyid,
        defaultuomid,
        defaultuomscheduleid,
        pricelevelid,
        -- text
        {{ clean_text('productnumber') }} as productnumber,
        {{ clean_text('name') }} as name,
        {{ clean_text('description') }} as description,
        -- numbers
        price,
        currentcost,
        quantitydecimal,
        producttypecode,
        productstructure,
        statecode,
        statuscode,
        -- booleans
        isstockitem,
        msdynce_ismaintainedexternally,
        -- dates and times
        createdon,
        modifiedon,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

with source as (
    select * from {{ source('sales', 'pricelevels') }}
),

renamed as (
    select
        -- ids
        pricelevelid,
        transactioncurrencyid,
        -- text
        {{ clean_text('name') }} as name,
        -- numbers
        statecode,
        statuscode,
        -- dates and times
        begindate,
        enddate,
        createdon,
        modifiedon,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

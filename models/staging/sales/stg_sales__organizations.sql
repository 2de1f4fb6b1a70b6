with source as (
    select * from {{ source('sales', 'organizations') }}
),

renamed as (
    select
        -- ids
        organizationid,
        basecurrencyid,
        -- text
        {{ clean_text('name') }} as name,
        -- numbers
        pricingdecimalprecision,
        discountcalculationmethod,
        -- booleans
        oobpricecalculationenabled,
        issopintegrationenabled,
        createproductswithoutparentinactivestate,
        -- dates and times
        createdon,
        modifiedon,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

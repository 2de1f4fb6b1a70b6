with source as (
    select * from {{ source('sales', 'productpricelevels') }}
),

renamed as (
    select
        -- ids
        productpricelevelid,
        pricelevelid,
        productid,
        uomid,
        transactioncurrencyid,
        -- numbers
        amount,
        pricingmethodcode,
        quantitysellingcode,
        roundingpolicycode,
        -- dates and times
        createdon,
        modifiedon,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

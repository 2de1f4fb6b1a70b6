with source as (
    select * from {{ source('sales', 'transactioncurrencies') }}
),

renamed as (
    select
        -- ids
        transactioncurrencyid,
        -- text
        {{ clean_text('isocurrencycode') }} as isocurrencycode,
        {{ clean_text('currencyname') }} as currencyname,
        {{ clean_text('currencysymbol') }} as currencysymbol,
        -- numbers
        currencyprecision,
        exchangerate,
        statecode,
        statuscode,
        -- dates and times
        createdon,
        modifiedon,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

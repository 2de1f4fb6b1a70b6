with source as (
    select * from {{ source('sales', 'uoms') }}
),

renamed as (
    select
        -- ids
        uomid,
        uomscheduleid,
        baseuom,
        -- text
        {{ clean_text('name') }} as name,
        -- numbers
        quantity,
        -- booleans
        isschedulebaseuom,
        -- dates and times
        createdon,
        modifiedon,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

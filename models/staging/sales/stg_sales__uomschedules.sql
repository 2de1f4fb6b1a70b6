with source as (
    select * from {{ source('sales', 'uomschedules') }}
),

renamed as (
    select
        -- ids
        uomscheduleid,
        -- text
        {{ clean_text('name') }} as name,
        {{ clean_text('baseuomname') }} as baseuomname,
        -- numbers
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

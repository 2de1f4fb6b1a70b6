with source as (
    select * from {{ source('sales', 'businessunits') }}
),

renamed as (
    select
        -- ids
        businessunitid,
        parentbusinessunitid,
        -- text
        {{ clean_text('name') }} as name,
        -- booleans
        isdisabled,
        -- dates and times
        createdon,
        modifiedon,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

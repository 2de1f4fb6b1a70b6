with source as (
    select * from {{ source('[[ side.system ]]', '[[ side.table ]]') }}
),

renamed as (
    select
[% for column in side.columns %]
        [[ column.staged ]],
[% endfor %]
        etag,
        deleted_at
    from source
)

select * from renamed

with source as (
    select * from {{ source('sales', 'accounts') }}
),

renamed as (
    select
        -- ids
        accountid,
        transactioncurrencyid,
        parentaccountid,
        ownerid,
        owningbusinessunit,
        -- text
        {{ clean_text('accountnumber') }} as accountnumber,
        {{ clean_text('name') }} as name,
        {{ clean_text('description') }} as description,
        {{ clean_text('telephone1') }} as telephone1,
        {{ clean_text('fax') }} as fax,
        {{ clean_text('emailaddress1') }} as emailaddress1,
        {{ clean_text('websiteurl') }} as websiteurl,
        {{ clean_text('address1_line1') }} as address1_line1,
        {{ clean_text('address1_line2') }} as address1_line2,
        {{ clean_text('address1_city') }} as address1_city,
        {{ clean_text('address1_stateorprovince') }} as address1_stateorprovince,
        {{ clean_text('address1_postalcode') }} as address1_postalcode,
        {{ clean_text('address1_country') }} as address1_country,
        {{ clean_text('address2_line1') }} as address2_line1,
        {{ clean_text('address2_line2') }} as address2_line2,
        {{ clean_text('address2_city') }} as address2_city,
        {{ clean_text('address2_stateorprovince') }} as address2_stateorprovince,
        {{ clean_text('address2_postalcode') }} as address2_postalcode,
        {{ clean_text('address2_country') }} as address2_country,
        -- numbers
        creditlimit,
        numberofemployees,
        customertypecode,
        address1_freighttermscode,
        address1_shippingmethodcode,
        paymenttermscode,
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

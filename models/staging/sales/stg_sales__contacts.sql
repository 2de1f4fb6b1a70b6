with source as (
    select * from {{ source('sales', 'contacts') }}
),

renamed as (
    select
        -- ids
        contactid,
        parentcustomerid,
        transactioncurrencyid,
        ownerid,
        owningbusinessunit,
        -- text
        {{ clean_text('msdynce_contactnumber') }} as msdynce_contactnumber,
        {{ clean_text('firstname') }} as firstname,
        {{ clean_text('middlename') }} as middlename,
        {{ clean_text('lastname') }} as lastname,
        {{ clean_text('fullname') }} as fullname,
        {{ clean_text('governmentid') }} as governmentid,
        {{ clean_text('jobtitle') }} as jobtitle,
        {{ clean_text('department') }} as department,
        {{ clean_text('description') }} as description,
        {{ clean_text('emailaddress1') }} as emailaddress1,
        {{ clean_text('telephone1') }} as telephone1,
        {{ clean_text('fax') }} as fax,
        {{ clean_text('websiteurl') }} as websiteurl,
        {{ clean_text('address1_line1') }} as address1_line1,
        {{ clean_text('address1_city') }} as address1_city,
        {{ clean_text('address1_stateorprovince') }} as address1_stateorprovince,
        {{ clean_text('address1_postalcode') }} as address1_postalcode,
        {{ clean_text('address1_country') }} as address1_country,
        -- numbers
        gendercode,
        familystatuscode,
        creditlimit,
        accountrolecode,
        paymenttermscode,
        address1_freighttermscode,
        address1_shippingmethodcode,
        statecode,
        statuscode,
        -- booleans
        msdynce_isactivecustomer,
        msdynce_iscompanyanaccount,
        donotemail,
        -- dates and times
        createdon,
        modifiedon,
        -- as read
        etag,
        deleted_at
    from source
)

select * from renamed

with companies as (
    {{ match_companies() }}
),

defaults as (
    select data_area_id from {{ ref('stg_seeds__legal_entities') }} where is_default
),

accounts as (
    select * from {{ ref('stg_sales__accounts') }} where deleted_at is null
),

parties as (
    select
        'customers' as entity,
        accountid as record_key,
        owningbusinessunit,
        accountnumber as number,
        name,
        cast(null as varchar) as parent_name,
        emailaddress1 as email,
        telephone1 as phone,
        cast(null as varchar) as tax_number,
        address1_postalcode as postal_code,
        address1_line1 as street,
        address1_city as town
    from accounts
    union all
    select
        'contacts' as entity,
        contacts.contactid as record_key,
        contacts.owningbusinessunit,
        contacts.msdynce_contactnumber as number,
        concat_ws(' ', contacts.firstname, contacts.lastname) as name,
        accounts.name as parent_name,
        contacts.emailaddress1 as email,
        contacts.telephone1 as phone,
        contacts.governmentid as tax_number,
        contacts.address1_postalcode as postal_code,
        contacts.address1_line1 as street,
        contacts.address1_city as town
    from {{ ref('stg_sales__contacts') }} as contacts
    left join accounts on contacts.parentcustomerid = accounts.accountid
    where contacts.deleted_at is null
)

select
    'sales' as side,
    parties.entity,
    parties.entity as record_table,
    coalesce(companies.data_area_id, defaults.data_area_id) as data_area_id,
    parties.record_key,
    parties.number,
    parties.name,
    parties.parent_name,
    parties.email,
    parties.phone,
    parties.tax_number,
    parties.postal_code,
    parties.street,
    parties.town
from parties
left join companies on parties.owningbusinessunit = companies.business_unit_id
cross join defaults
union all
-- A product is one in all legal entities, and the empty one stands for them.
select
    'sales' as side,
    'products' as entity,
    'products' as record_table,
    '' as data_area_id,
    productid as record_key,
    productnumber as number,
    name,
    null as parent_name,
    null as email,
    null as phone,
    null as tax_number,
    null as postal_code,
    null as street,
    null as town
from {{ ref('stg_sales__products') }}
where deleted_at is null

with known as (
    {{ match_known_keys('sales_id', 'finops_key') }}
),

companies as (
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
        'customers' as written_to,
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
        {{ contact_table('contacts') }} as written_to,
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
),

placed as (
    select
        parties.*,
        coalesce(companies.data_area_id, defaults.data_area_id) as data_area_id
    from parties
    left join companies on parties.owningbusinessunit = companies.business_unit_id
    cross join defaults
)

select
    'sales' as side,
    placed.entity,
    placed.entity as record_table,
    placed.data_area_id,
    placed.record_key,
    placed.written_to,
    known.other_key as known_key,
    placed.written_to is not null and known.other_key is null as is_to_match,
    placed.number,
    placed.name,
    placed.parent_name,
    placed.email,
    placed.phone,
    placed.tax_number,
    placed.postal_code,
    placed.street,
    placed.town
from placed
left join known
    on
        placed.entity = known.entity
        and placed.written_to = known.record_table
        and placed.data_area_id = known.data_area_id
        and placed.record_key = known.record_key
union all
-- A product is one in all legal entities, and the empty one stands for them.
select
    'sales' as side,
    'products' as entity,
    'products' as record_table,
    '' as data_area_id,
    products.productid as record_key,
    'products' as written_to,
    known.other_key as known_key,
    false as is_to_match,
    products.productnumber as number,
    products.name,
    null as parent_name,
    null as email,
    null as phone,
    null as tax_number,
    null as postal_code,
    null as street,
    null as town
from {{ ref('stg_sales__products') }} as products
left join known on known.entity = 'products' and products.productid = known.record_key
where products.deleted_at is null

with contacts as (
    select * from {{ ref('stg_sales__contacts') }}
),

accounts as (
    select accountid from {{ ref('stg_sales__accounts') }} where deleted_at is null
),

highest as (
    select coalesce(max({{ running_number('msdynce_contactnumber', 'CON') }}), 999) as number
    from contacts
),

numbered as (
    select
        contacts.contactid,
        highest.number + row_number() over (order by contacts.createdon, contacts.contactid) as number
    from contacts
    cross join highest
    where contacts.msdynce_contactnumber is null and contacts.deleted_at is null
),

customers as (
    {% for documents in ['stg_sales__quotes', 'stg_sales__salesorders', 'stg_sales__invoices'] %}
        select customerid from {{ ref(documents) }} where deleted_at is null
        {{ 'union' if not loop.last }}
    {% endfor %}
)

select
    contacts.contactid,
    coalesce(
        contacts.msdynce_contactnumber,
        {{ new_number('CON', 'numbered.number', 'contacts.contactid') }}
    ) as msdynce_contactnumber,
    -- Exactly those who have a quotation, order or invoice (C2).
    customers.customerid is not null as msdynce_isactivecustomer,
    accounts.accountid is not null as msdynce_iscompanyanaccount,

    contacts.contactid as p2c_source_key,
    contacts.contactid as p2c_record_key,
    contacts.contactid as p2c_record_id,
    '[]' as p2c_parents,
    contacts.deleted_at is not null as p2c_deleted,
    cast(null as varchar) as p2c_filtered,
    cast(null as varchar) as p2c_blocked,
    '[]' as p2c_reasons,
    '[]' as p2c_cuts
from contacts
left join numbered on contacts.contactid = numbered.contactid
left join customers on contacts.contactid = customers.customerid
left join accounts on contacts.parentcustomerid = accounts.accountid

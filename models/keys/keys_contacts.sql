with pairs as (
    select
        contacts.contactid as contact_id,
        coalesce(entities.data_area_id, defaults.data_area_id) as data_area_id,
        contacts.msdynce_contactnumber as contact_number,
        contacts.deleted_at is null as is_alive
    from {{ ref('stg_sales__contacts') }} as contacts
    left join {{ ref('keys_legal_entities') }} as entities
        on contacts.owningbusinessunit = entities.business_unit_id
    cross join (select data_area_id from {{ ref('legal_entities') }} where is_default) as defaults
),

counted as (
    select
        *,
        count(*) over (partition by is_alive, data_area_id, lower(contact_number)) as contacts_alike,
        min(contact_id) over (partition by is_alive, data_area_id, lower(contact_number))
            as first_alike,
        max(contact_id) over (partition by is_alive, data_area_id, lower(contact_number))
            as last_alike
    from pairs
)

select
    contact_id,
    data_area_id,
    contact_number,
    case when contacts_alike = 1 then contact_number end as party_number,
    case
        when contact_number is null then 'no number'
        when contacts_alike > 1 then 'ambiguous'
        else 'contact number'
    end as matched_by,
    case
        when contact_number is not null and contacts_alike > 1
            then case when contact_id = first_alike then last_alike else first_alike end
    end as other_contact_id
from counted

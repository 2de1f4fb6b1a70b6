with pairs as (
    select
        contacts.contactid as contact_id,
        coalesce(entities.data_area_id, defaults.data_area_id) as data_area_id,
        contacts.msdynce_contactnumber as contact_number,
        contacts.deleted_at is null as is_alive
    from {{ ref('stg_sales__contacts') }} as contacts
    left join {{ ref('keys_legal_entities') }} as entities
        on contacts.owningbusinessunit = entities.business_unit_id
    cross join (select data_area_id from {{ ref('stg_seeds__legal_entities') }} where is_default) as defaults
),

-- One number, one contact, in whatever companies: the party in F&O has that number too (C3).
counted as (
    select
        *,
        min(contact_id) over (partition by is_alive, lower(contact_number)) as first_alike,
        max(contact_id) over (partition by is_alive, lower(contact_number)) as last_alike
    from pairs
)

select
    contact_id,
    data_area_id,
    contact_number,
    case when first_alike = last_alike then contact_number end as party_number,
    case
        when contact_number is null then 'no number'
        when first_alike <> last_alike then 'ambiguous'
        else 'contact number'
    end as matched_by,
    case
        when contact_number is not null and first_alike <> last_alike
            then case when contact_id = first_alike then last_alike else first_alike end
    end as other_contact_id
from counted

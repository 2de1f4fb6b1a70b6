-- Contact persons of F&O whose contact has another customer now, or none (C6, C7): F&O's key has the
-- customer in it, so that a contact that moves becomes a contact person of the new one beside the old.
select
    persons.data_area_id,
    persons.contact_person_party_number as party_number,
    persons.associated_party_number as left_customer_account,
    contacts.contact_id,
    contacts.parent_customer_account as customer_account
from {{ ref('stg_finops__contact_persons') }} as persons
inner join {{ ref('contacts') }} as contacts
    on
        persons.data_area_id = contacts.data_area_id
        and persons.contact_person_party_number = contacts.party_number
where
    persons.deleted_at is null
    and persons.is_contact_person_externally_maintained = 'Yes'
    and not contacts.is_deleted
    and not contacts.is_active_customer
    and (
        contacts.parent_party_number <> persons.associated_party_number
        or (contacts.parent_customer_account is null and not contacts.is_company_an_account)
    )
